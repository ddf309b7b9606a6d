"""Templates in Jinja2's sandbox, with `[[ ]]`, `[% %]` and `[# #]`: Helm has `{{ }}` and Flux has `${ }`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jinja2 import DictLoader, StrictUndefined, TemplateError, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from lintkit.errors import UsageError
from lintkit.generate.emit import scalar

if TYPE_CHECKING:
    from collections.abc import Mapping

_LONGEST = 2_000_000
_TRUE = frozenset({"true", "yes", "1"})


class Renderer:
    """Renders the templates of one blueprint.

    Args:
        blueprint: Its name, for messages.
        texts: File name -> template.
        values: What templates may use.
    """

    def __init__(self, blueprint: str, texts: Mapping[str, str], values: Mapping[str, Any]) -> None:
        self.blueprint = blueprint
        self._values = dict(values)
        self._environment = ImmutableSandboxedEnvironment(
            block_start_string="[%",
            block_end_string="%]",
            variable_start_string="[[",
            variable_end_string="]]",
            comment_start_string="[#",
            comment_end_string="#]",
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            undefined=StrictUndefined,
            autoescape=False,
            loader=DictLoader(dict(texts)),
        )
        self._environment.filters["yaml"] = scalar

    def file(self, name: str, **more: object) -> str:
        """The text of a template file.

        Raises:
            UsageError: There is none, or it breaks.
        """
        return self._render(name, None, more)

    def text(self, template: str, **more: object) -> str:
        """A template that stands in `blueprint.yaml`."""
        return self._render("blueprint.yaml", template, more) if "[" in template else template

    def holds(self, condition: str, **more: object) -> bool:
        """Whether a condition (a Jinja2 expression) is true; an empty one is."""
        return not condition or self.text(f"[[ ({condition}) and true ]]", **more).strip().lower() in _TRUE

    def _render(self, name: str, template: str | None, more: Mapping[str, object]) -> str:
        environment = self._environment
        try:
            found = environment.get_template(name) if template is None else environment.from_string(template)
            text = found.render(self._values | dict(more))
        except TemplateSyntaxError as error:
            message = f"{self.blueprint}/{error.name or name}:{error.lineno}: {error.message}"
            raise UsageError(message) from error
        except TemplateError as error:
            message = f"{self.blueprint}/{name}: {error.message or type(error).__name__}"
            raise UsageError(message) from error
        except (ArithmeticError, LookupError, TypeError, ValueError, AttributeError, MemoryError) as error:
            message = f"{self.blueprint}/{name}: {type(error).__name__}: {error}"
            raise UsageError(message) from error
        except RecursionError as error:
            message = f"{self.blueprint}/{name}: it includes itself"
            raise UsageError(message) from error
        if len(text) > _LONGEST:
            message = f"{self.blueprint}/{name}: makes more than {_LONGEST} characters"
            raise UsageError(message)
        return text
