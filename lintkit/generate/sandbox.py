"""Jinja2's sandbox with bounds: what a repository's own templates may take of time and memory."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any

from jinja2 import StrictUndefined, nodes
from jinja2.compiler import CodeGenerator
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from types import FrameType

    from jinja2 import BaseLoader
    from jinja2.compiler import Frame
    from jinja2.runtime import Context

LONGEST = 2_000_000
"""Characters of a text, and of all that one template makes."""
STEPS = 1_000_000
"""Lines of templates that may run for one text."""
_WORK = 20_000_000
"""Characters and elements that filters, methods and operators may go through for one text."""
_LARGEST = 10_000
_ELEMENT = 20
_SIZED = frozenset({"batch", "center", "indent", "ljust", "rjust", "slice", "tojson", "truncate", "wordwrap", "zfill"})
_NEVER = frozenset({"translate", "expandtabs"})
_WIDTH = re.compile(r"\d{6,}")
_BUILT_IN = (str, bytes, list, tuple, dict, range, int, float)


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
        self._made = self._work = 0
        self.globals.pop("lipsum", None)
        self.filters = {name: self._bounded(name, one) for name, one in self.filters.items()}

    @contextmanager
    def limited(self) -> Iterator[None]:
        """Bounds what is rendered inside; one that goes too far ends with TooMuchError."""
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

    def begin(self) -> None:
        """Count from nothing: another text begins."""
        self._made = self._work = 0

    def joined(self, parts: Sequence[object]) -> str:
        """The texts of `a ~ b`."""
        _fits(sum(map(self._weigh, parts)))
        return "".join(str(one) for one in parts)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:  # noqa: ANN401 - any value
        """Arithmetic, within bounds."""
        whole = [one for one in (left, right) if isinstance(one, int)]
        if operator == "*":
            for text, times in ((left, right), (right, left)):
                if isinstance(times, int) and hasattr(text, "__len__"):
                    _fits(self._weigh(text) * max(times, 0))
            _fits(sum(one.bit_length() for one in whole))
        elif operator == "**" and len(whole) == 2:
            _fits(abs(right) * max(abs(left).bit_length(), 1))
        elif operator == "+" and not whole:
            _fits(self._weigh(left) + self._weigh(right))
        elif operator == "%" and isinstance(left, str):
            self._check("format", (left, right), {})
        return super().call_binop(context, operator, left, right)

    def call(self, context: Context, obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - any value
        """A function or method, within bounds."""
        owner = getattr(obj, "__self__", None)
        if isinstance(owner, _BUILT_IN):
            args, kwargs = _read(args), dict(zip(kwargs, _read(kwargs.values()), strict=True))
            self._check(getattr(obj, "__name__", ""), (owner, *args), kwargs)
        return super().call(context, obj, *args, **kwargs)

    def wrap_str_format(self, value: Any) -> Callable[..., str] | None:  # noqa: ANN401 - any value
        """`str.format`, within bounds."""
        wrapped = super().wrap_str_format(value)
        if wrapped is None:
            return None
        inner = wrapped

        def bounded(*args: Any, **kwargs: Any) -> str:  # noqa: ANN401 - any value
            self._check("format", (value.__self__, *args), kwargs)
            return inner(*args, **kwargs)

        return bounded

    def _bounded(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def bounded(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - any value
            args = _read(args)
            self._check(name, args, kwargs)
            found = function(*args, **kwargs)
            if isinstance(found, str):
                _fits(len(found))
            return found

        if hasattr(function, "jinja_pass_arg"):  # what a filter wants besides the value
            bounded.jinja_pass_arg = function.jinja_pass_arg  # type: ignore[attr-defined]
        return bounded

    def _counted(self, value: Any) -> Any:  # noqa: ANN401 - any value
        self._made += self._weigh(value)
        _fits(self._made)
        return value

    def _weigh(self, value: object) -> int:
        """Characters and elements of a value; what is looked at counts as work."""
        total, stack = 0, [value]
        while stack:
            one = stack.pop()
            if isinstance(one, str | bytes | range):
                total += len(one)
            elif isinstance(one, list | tuple | set | frozenset):
                stack += one
            elif isinstance(one, Mapping):
                stack += [*one.keys(), *one.values()]
            total += _ELEMENT
            _fits(total + len(stack) * _ELEMENT)
        self._work += total
        if self._work > _WORK:
            message = f"it goes through more than {_WORK:,} characters"
            raise TooMuchError(message)
        return total

    def _check(self, name: str, args: Sequence[Any], kwargs: dict[str, Any]) -> None:
        """Bounds the arguments of a method or filter; those that make short texts long have bounds of their own."""
        if name in _NEVER:
            message = f"`{name}` may not be used"
            raise TooMuchError(message)
        given = [one for one in (*args, *kwargs.values()) if isinstance(one, _BUILT_IN)]
        for one in given:
            if name in _SIZED and isinstance(one, int) and abs(one) > _LARGEST:
                message = f"{one} is too large for `{name}`"
                raise TooMuchError(message)
        weight = sum(map(self._weigh, given))
        texts = [one for one in given if isinstance(one, str)]
        if name == "replace" and len(texts) > 2:
            _fits(len(texts[0]) + (texts[0].count(texts[1]) + 1) * len(texts[2]))
        elif name == "join":
            parts = max((len(one) for one in given if isinstance(one, list | tuple | dict)), default=0)
            _fits(weight + parts * max(map(len, texts), default=0))
        elif name == "wordwrap" and len(texts) > 1:
            _fits(len(texts[0]) * max(map(len, texts[1:])))
        elif name == "indent" and texts:
            width = max([one if isinstance(one, int) else len(str(one)) for one in given[1:]], default=4)
            _fits(len(texts[0]) + (texts[0].count("\n") + 1) * width)
        elif name in {"format", "format_map"} and texts:
            if _WIDTH.search(texts[0]):
                message = "a width of more than five digits"
                raise TooMuchError(message)
            _fits(texts[0].count("{") * weight + texts[0].count("%") * weight)


def _read(values: Iterable[Any]) -> tuple[Any, ...]:
    """Values with what is made one by one in a list, so that it can be counted."""
    return tuple(_whole(one) if isinstance(one, Iterator) else one for one in values)


def _whole(values: Iterator[Any]) -> list[Any]:
    found = list(islice(values, _LARGEST + 1))
    if len(found) > _LARGEST:
        message = f"more than {_LARGEST:,} elements"
        raise TooMuchError(message)
    return found


def _fits(length: int) -> None:
    if length > LONGEST:
        message = f"it makes more than {LONGEST:,} characters"
        raise TooMuchError(message)
