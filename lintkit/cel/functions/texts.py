"""Strings, `format`, regular expressions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lintkit.cel.budget import Budget, limited
from lintkit.cel.errors import EvaluationError
from lintkit.cel.functions._declare import function
from lintkit.cel.functions.standard import to_text
from lintkit.cel.values import NUMBERS, Value, key_of, keys, kind_of

if TYPE_CHECKING:
    from collections.abc import Callable

_LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
_UPPER = str.maketrans("abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_SPACE = " \t\n\v\f\r\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
_VERB = re.compile(r"%(?:\.(\d{1,3}))?(.?)", re.DOTALL)
_QUOTED = str.maketrans(
    {"\a": r"\a", "\b": r"\b", "\f": r"\f", "\n": r"\n", "\r": r"\r", "\t": r"\t", "\v": r"\v", "\\": r"\\", '"': r"\""}
)
_MAX_PATTERN = 1_000


def _char_at(text: str, at: int) -> str:
    if not 0 <= at <= len(text):
        raise _out_of_range(at)
    return text[at : at + 1]


def _index_of(text: str, part: str, start: int = 0) -> int:
    if not 0 <= start <= len(text):
        raise _out_of_range(start)
    return text.find(part, start)


def _last_index_of(text: str, part: str, start: int | None = None) -> int:
    if start is None:
        return text.rfind(part)
    if not 0 <= start <= len(text):
        raise _out_of_range(start)
    return text.rfind(part, 0, start + len(part))


def _out_of_range(at: int) -> EvaluationError:
    return EvaluationError(f"position {at} is outside of the text")


def _substring(text: str, start: int, end: int | None = None) -> str:
    end = len(text) if end is None else end
    if not 0 <= start <= end <= len(text):
        raise _out_of_range(start if not 0 <= start <= len(text) else end)
    return text[start:end]


def _replace(budget: Budget, text: str, old: str, new: str, count: int = -1) -> str:
    found = text.count(old) if count < 0 else min(count, text.count(old))
    size = len(text) + found * (len(new) - len(old))
    limited(size)
    budget.spend(size // 10)
    return text.replace(old, new, count)


def _split(text: str, by: str, count: int = -1) -> list[str]:
    if not count:
        return []
    if not by:
        return list(text) if count < 0 or count >= len(text) else [*text[: count - 1], text[count - 1 :]]
    return text.split(by, count - 1 if count > 0 else -1)


def _join(budget: Budget, parts: list[Value], by: str = "") -> str:
    for part in parts:
        if not isinstance(part, str):
            message = f"`join` takes a list of strings; one is a {kind_of(part)}"
            raise EvaluationError(message)
    size = sum(map(len, parts)) + len(by) * len(parts)
    limited(size)
    budget.spend(size // 10)
    return by.join(parts)


def _quote(text: str) -> str:
    return f'"{text.translate(_QUOTED)}"'


def _format(budget: Budget, text: str, arguments: list[Value]) -> str:
    left = list(arguments)

    def shown(found: re.Match[str]) -> str:
        precision, verb = found[1], found[2]
        if verb == "%" and precision is None:
            return "%"
        if verb not in {"s", *_VERBS}:
            message = f"`{found[0]}` is no verb of `format`"
            raise EvaluationError(message)
        if not left:
            message = f"`format` has no argument for `{found[0]}`"
            raise EvaluationError(message)
        value = left.pop(0)
        made = _shown(value, budget) if verb == "s" else _VERBS[verb](value, int(precision) if precision else 6)
        limited(len(made))
        budget.spend(1 + len(made) // 10)
        return made

    made = _VERB.sub(shown, text)
    limited(len(made))
    return made


def _wrong(verb: str, value: Value) -> EvaluationError:
    return EvaluationError(f"`%{verb}` does not take a {kind_of(value)}")


def _shown(value: Value, budget: Budget) -> str:
    budget.spend(1)
    kind = kind_of(value)
    if kind == "null":
        return "null"
    if kind == "list":
        return f"[{', '.join(_shown(one, budget) for one in value)}]"
    if kind == "map":
        pairs = sorted((_shown(key, budget), _shown(value[key_of(key)], budget)) for key in keys(value))
        return "{" + ", ".join(f"{key}: {one}" for key, one in pairs) + "}"
    if kind == "type":
        return str(value.name)
    return to_text(value)


def _decimal(value: Value, _: int) -> str:
    if kind_of(value) not in {"int", "uint"}:
        raise _wrong("d", value)
    return str(value)


def _fixed(value: Value, precision: int) -> str:
    if kind_of(value) not in NUMBERS:
        raise _wrong("f", value)
    return f"{value:.{precision}f}"


def _scientific(value: Value, precision: int) -> str:
    if kind_of(value) not in NUMBERS:
        raise _wrong("e", value)
    return f"{value:.{precision}e}"


def _in_base(verb: str) -> Callable[[Value, int], str]:
    def run(value: Value, _: int) -> str:
        kind = kind_of(value)
        if kind in {"int", "uint"} or (kind == "bool" and verb == "b"):
            return format(int(value), verb)
        if verb in "xX" and kind in {"string", "bytes"}:
            text = (value.encode() if kind == "string" else value).hex()
            return str(text.upper() if verb == "X" else text)
        raise _wrong(verb, value)

    return run


_VERBS: dict[str, Callable[[Value, int], str]] = {
    "d": _decimal,
    "f": _fixed,
    "e": _scientific,
    **{verb: _in_base(verb) for verb in "boxX"},
}


def _pattern(budget: Budget, text: str, pattern: str) -> str:
    if len(pattern) > _MAX_PATTERN:
        message = f"the regular expression is {len(pattern):,} characters long; the limit is {_MAX_PATTERN:,}"
        raise EvaluationError(message)
    budget.spend(1 + len(text) * len(pattern) // 100)
    return pattern


def _matches(budget: Budget, text: str, pattern: str) -> bool:
    return _regex(_pattern(budget, text, pattern)).search(text) is not None


def _find(budget: Budget, text: str, pattern: str) -> str:
    found = _regex(_pattern(budget, text, pattern)).search(text)
    return found[0] if found else ""


def _find_all(budget: Budget, text: str, pattern: str, count: int = -1) -> list[str]:
    made: list[str] = []
    for found in _regex(_pattern(budget, text, pattern)).finditer(text):
        if 0 <= count <= len(made):
            break
        made.append(found[0])
    return made


def _regex(pattern: str) -> re.Pattern[str]:
    """A regular expression of RE2, which takes time in proportion to the text whatever the expression."""
    import re2  # type: ignore[import-untyped]  # noqa: PLC0415 - slow, and few expressions need it

    try:
        options = re2.Options()
        options.log_errors = False
        compiled: re.Pattern[str] = re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0] if error.args else ""
        reason = reason.decode() if isinstance(reason, bytes) else str(reason)
        message = f"`{pattern[:60]}` is no regular expression: {reason}"
        raise EvaluationError(message) from None
    return compiled


FUNCTIONS = (
    function("string . contains(string)", lambda text, part: part in text),
    function("string . startsWith(string)", str.startswith),
    function("string . endsWith(string)", str.endswith),
    function("string . charAt(int)", _char_at),
    function("string . indexOf(string)", _index_of),
    function("string . indexOf(string, int)", _index_of),
    function("string . lastIndexOf(string)", _last_index_of),
    function("string . lastIndexOf(string, int)", _last_index_of),
    function("string . lowerAscii()", lambda text: text.translate(_LOWER)),
    function("string . upperAscii()", lambda text: text.translate(_UPPER)),
    function("string . replace(string, string)", _replace, budget=True),
    function("string . replace(string, string, int)", _replace, budget=True),
    function("string . split(string)", _split),
    function("string . split(string, int)", _split),
    function("string . substring(int)", _substring),
    function("string . substring(int, int)", _substring),
    function("string . trim()", lambda text: text.strip(_SPACE)),
    function("string . format(list)", _format, budget=True),
    function("strings.quote(string)", _quote),
    function("list . join()", _join, budget=True),
    function("list . join(string)", _join, budget=True),
    function("string . matches(string)", _matches, budget=True),
    function("matches(string, string)", _matches, budget=True),
    function("string . find(string)", _find, budget=True),
    function("string . findAll(string)", _find_all, budget=True),
    function("string . findAll(string, int)", _find_all, budget=True),
)
