"""The templates of one blueprint, rendered in the sandbox; mistakes name file and line."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from jinja2 import BaseLoader, TemplateError, TemplateNotFound, TemplateSyntaxError

from lintkit import resources
from lintkit.errors import UsageError
from lintkit.generate.emit import scalar
from lintkit.generate.sandbox import LONGEST, Sandbox

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

    from jinja2 import Environment

_TRUE = frozenset({"true", "yes", "1"})
_SHOWN = 60


class _Loader(BaseLoader):
    """The blueprint's own templates by name; those of the package as `blueprint/file`."""

    def __init__(self, where: str, texts: Mapping[str, str]) -> None:
        self.where = where
        self.texts = texts

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        _ = environment
        text = self.texts.get(template)
        if text is not None:
            return text, f"{self.where}/{template}", lambda: True
        text = resources.read("templates", *template.split("/")) if template.count("/") == 1 else None
        if text is None:
            raise TemplateNotFound(template)
        return text, template, lambda: True


class Renderer:
    """Renders the templates of one blueprint.

    Args:
        where: Its folder, for messages.
        texts: File name -> template.
        values: What templates may use.
        is_own: Whether it is the repository's own, so that its steps are counted.
    """

    def __init__(
        self, where: str, texts: Mapping[str, str], values: Mapping[str, Any], *, is_own: bool = False
    ) -> None:
        self.where = where
        self._is_own = is_own
        self._values = dict(values)
        self._environment = Sandbox(_Loader(where, texts))
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
        place = f"{self.where}/{name}"
        if template is not None:
            shown = " ".join(template.split())
            place += f": `{shown if len(shown) <= _SHOWN else shown[:_SHOWN] + '...'}`"
        try:
            found = environment.get_template(name) if template is None else environment.from_string(template)
            environment.begin()
            with environment.limited() if self._is_own else nullcontext():
                text = found.render(self._values | dict(more))
        except TemplateSyntaxError as error:
            where = f"{error.filename or place}:{error.lineno}" if template is None else place
            message = f"{where}: {error.message}"
            raise UsageError(message) from error
        except TemplateNotFound as error:
            message = f"{_line(error.__traceback__) or place}: there is no template `{error.name}`"
            raise UsageError(message) from error
        except TemplateError as error:
            message = f"{_line(error.__traceback__) or place}: {error.message or type(error).__name__}"
            raise UsageError(message) from error
        except RecursionError as error:
            message = f"{_line(error.__traceback__) or place}: it calls itself without end"
            raise UsageError(message) from error
        except (ArithmeticError, LookupError, TypeError, ValueError, AttributeError, MemoryError) as error:
            message = f"{_line(error.__traceback__) or place}: {type(error).__name__}: {error}"
            raise UsageError(message) from error
        if len(text) > LONGEST:
            message = f"{place}: it makes more than {LONGEST:,} characters"
            raise UsageError(message)
        return text


def _line(traceback: TracebackType | None) -> str:
    """`file:line` of the innermost template in a traceback; empty when none is a file."""
    found = ""
    while traceback is not None:
        path = traceback.tb_frame.f_code.co_filename
        if path.endswith(".j2"):
            found = f"{path}:{traceback.tb_lineno}"
        traceback = traceback.tb_next
    return found
