"""Jinja2's sandbox with bounds: what a repository's own templates may take of time and memory."""

from __future__ import annotations

import re
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from jinja2 import StrictUndefined, nodes
from jinja2.compiler import CodeGenerator
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import FrameType

    from jinja2 import BaseLoader
    from jinja2.compiler import Frame
    from jinja2.runtime import Context

LONGEST = 2_000_000
"""Characters of a text, and of all that one template makes."""
STEPS = 1_000_000
"""Lines of templates that may run for one text."""
_LARGEST = 100_000
_WIDTH = re.compile(r"\d{6,}")
_BUILT_IN = (str, bytes, list, tuple, dict, int, float)


class TooMuchError(SecurityError):
    """A template wants more than it may have."""


class _Code(CodeGenerator):
    """Asks the environment to join texts, which looks at how long they become."""

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:  # noqa: N802 - jinja's name
        self.write("environment.joined((")
        for one in node.nodes:
            self.visit(one, frame)
            self.write(", ")
        self.write("))")


class Sandbox(ImmutableSandboxedEnvironment):
    """An environment for templates with `[[ ]]`, `[% %]` and `[# #]`: Helm has `{{ }}` and Flux has `${ }`."""

    code_generator_class = _Code
    intercepted_binops = frozenset({"*", "**", "%", "+"})

    def __init__(self, loader: BaseLoader) -> None:
        super().__init__(
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
            loader=loader,
            finalize=self._counted,
        )
        self._made = 0
        self.globals.pop("lipsum", None)
        self.filters = {name: self._bounded(name, one) for name, one in self.filters.items()}

    @contextmanager
    def limited(self) -> Iterator[None]:
        """Bounds what is rendered inside; one that goes too far ends with TooMuchError."""
        self._made = 0
        left = STEPS

        def step(frame: FrameType, event: str, _: object) -> Any:  # noqa: ANN401 - what Python expects
            nonlocal left
            if "__jinja_template__" not in frame.f_globals and not frame.f_code.co_filename.endswith(".j2"):
                return None
            if event == "line":
                left -= 1
                if left < 0:
                    message = f"it takes more than {STEPS:,} steps"
                    raise TooMuchError(message)
            return step

        before = sys.gettrace()
        sys.settrace(step)
        try:
            yield
        finally:
            sys.settrace(before)

    def joined(self, parts: Sequence[object]) -> str:
        """The texts of `a ~ b`."""
        texts = [str(one) for one in parts]
        _fits(sum(map(len, texts)))
        return "".join(texts)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:  # noqa: ANN401 - any value
        """Arithmetic, within bounds."""
        if operator == "**" or isinstance(left, int) or isinstance(right, int):
            for one in (left, right):
                if isinstance(one, int) and abs(one) > _LARGEST and operator in {"*", "**"}:
                    message = f"{one} is too large"
                    raise TooMuchError(message)
        if operator == "*":
            for text, times in ((left, right), (right, left)):
                if isinstance(times, int) and hasattr(text, "__len__"):
                    _fits(len(text) * max(times, 0))
        elif operator == "**":
            _fits(abs(right) * 20 if isinstance(right, int) else 0)
        elif operator == "+" and hasattr(left, "__len__") and hasattr(right, "__len__"):
            _fits(len(left) + len(right))
        elif operator == "%" and isinstance(left, str) and _WIDTH.search(left):
            message = "a width of more than five digits"
            raise TooMuchError(message)
        return super().call_binop(context, operator, left, right)

    def call(self, context: Context, obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - any value
        """A function or method, within bounds."""
        owner = getattr(obj, "__self__", None)
        if isinstance(owner, _BUILT_IN):
            _check(getattr(obj, "__name__", ""), (owner, *args), kwargs)
        return super().call(context, obj, *args, **kwargs)

    def wrap_str_format(self, value: Any) -> Callable[..., str] | None:  # noqa: ANN401 - any value
        """`str.format`, within bounds."""
        wrapped = super().wrap_str_format(value)
        if wrapped is None:
            return None
        inner = wrapped

        def bounded(*args: Any, **kwargs: Any) -> str:  # noqa: ANN401 - any value
            _check("format", (value.__self__, *args), kwargs)
            return inner(*args, **kwargs)

        return bounded

    def _bounded(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def bounded(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - any value
            _check(name, args, kwargs)
            found = function(*args, **kwargs)
            if isinstance(found, str):
                _fits(len(found))
            return found

        for mark in ("jinja_pass_arg",):  # what a filter wants besides the value
            if hasattr(function, mark):
                setattr(bounded, mark, getattr(function, mark))
        return bounded

    def _counted(self, value: Any) -> Any:  # noqa: ANN401 - any value
        if isinstance(value, str):
            self._made += len(value)
            _fits(self._made)
        return value


def _check(name: str, args: Sequence[Any], kwargs: dict[str, Any]) -> None:
    """Bounds the arguments of a method or filter; those that make short texts long have bounds of their own."""
    given = [*args, *kwargs.values()]
    for one in given:
        if isinstance(one, int) and abs(one) > _LARGEST and not isinstance(one, bool):
            message = f"{one} is too large for `{name}`"
            raise TooMuchError(message)
    texts = [one for one in given if isinstance(one, str)]
    if name == "replace" and len(texts) > 2:
        _fits(len(texts[0]) + texts[0].count(texts[1]) * len(texts[2]))
    elif name == "join":
        parts = next((one for one in given if isinstance(one, list | tuple)), ())
        _fits(len(parts) * max(map(len, texts), default=0) + sum(len(one) for one in parts if isinstance(one, str)))
    elif name == "indent" and texts:
        _fits(
            len(texts[0]) + (texts[0].count("\n") + 1) * max([one for one in given if isinstance(one, int)], default=4)
        )
    elif name in {"format", "format_map"} and texts and _WIDTH.search(texts[0]):
        message = "a width of more than five digits"
        raise TooMuchError(message)


def _fits(length: int) -> None:
    if length > LONGEST:
        message = f"it makes more than {LONGEST:,} characters"
        raise TooMuchError(message)
