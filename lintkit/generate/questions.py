"""Answers to a blueprint's questions: from the command line, a file, a person, or the defaults."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from lintkit.errors import UsageError
from lintkit.syntax.parser import parse
from lintkit.text.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from lintkit.generate.blueprint import Question

BUILT_IN = ("base",)
"""Answers that every blueprint takes: `base` is the folder of apps to add to, where a repository has several."""
_WORDS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


def pairs(texts: Iterable[str]) -> dict[str, str]:
    """`key=value` of `--set`.

    Raises:
        UsageError: One has no `=`.
    """
    found: dict[str, str] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not equals or not key:
            message = f"`--set {text}`: expected `key=value`"
            raise UsageError(message)
        found[key] = value
    return found


def read_answers(text: str, path: str) -> dict[str, Any]:
    """A YAML mapping from question to answer.

    Raises:
        UsageError: The file is no such mapping.
    """
    stream = parse(Source(path, text))
    if stream.error is not None:
        message = f"{path}:{stream.source.position(stream.error.place.span.start)[0]}: {stream.error.message}"
        raise UsageError(message)
    root = stream.documents[0].root if stream.documents else None
    value = root.value if root is not None else {}
    if value is None:
        return {}
    if not isinstance(value, dict):
        message = f"{path}: answers are a mapping from question to answer"
        raise UsageError(message)
    return value


def answered(
    questions: Iterable[Question],
    given: Mapping[str, Any],
    default: Callable[[Question, Mapping[str, Any]], Any],
    ask: Callable[[Question, Any], Any] | None = None,
    asks: Callable[[Question, Mapping[str, Any]], bool] | None = None,
) -> dict[str, Any]:
    """Question -> checked answer.

    Args:
        questions: The questions, in order: a default may use the answers before it.
        given: Answers that are known.
        default: The default of a question, given the answers so far.
        ask: Asks a person; None where there is nobody.
        asks: Whether a question is for a person, given the answers so far; all are where it is None.

    Raises:
        UsageError: An answer is wrong, or to a question that is not asked.
    """
    wanted = list(questions)
    known = {question.name for question in wanted} | set(BUILT_IN)
    for name in given:
        if name not in known:
            close = get_close_matches(name, known, 1)
            hint = f"; did you mean `{close[0]}`?" if close else f"; there are {', '.join(sorted(known))}"
            message = f"`{name}` is no question of this blueprint{hint}"
            raise UsageError(message)
    answers: dict[str, Any] = {}
    for question in wanted:
        if question.name in given:
            answers[question.name] = checked(question, given[question.name])
            continue
        value = checked(question, default(question, answers))
        is_asked = ask is not None and (asks is None or asks(question, answers))
        answers[question.name] = checked(question, ask(question, value)) if ask is not None and is_asked else value
    return answers


def shown(value: object) -> str:
    """An answer as a person types it."""
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def checked(question: Question, value: Any) -> Any:  # noqa: ANN401 - any YAML value
    """An answer as the type that the question wants.

    Raises:
        UsageError: It cannot be.
    """
    if question.type == "array":
        items = value if isinstance(value, list) else [one.strip() for one in str(value).split(",") if one.strip()]
        return [_one(question, item) for item in items]
    if question.type == "boolean":
        found = value if isinstance(value, bool) else _WORDS.get(str(value).strip().lower())
        if found is None:
            _fail(question, value, "true or false")
        return found
    if question.type == "integer":
        if isinstance(value, bool) or not re.fullmatch(r"-?\d{1,18}", str(value).strip()):
            _fail(question, value, "a whole number")
        return int(str(value))
    return _one(question, value)


def _one(question: Question, value: object) -> str:
    if isinstance(value, dict | list) or value is None:
        _fail(question, value, "a text")
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if question.enum and text not in question.enum:
        close = get_close_matches(text, question.enum, 1)
        _fail(question, text, f"one of {', '.join(question.enum)}" + (f" (`{close[0]}`?)" if close else ""))
    if question.pattern and not re.fullmatch(question.pattern, text):
        _fail(question, text, f"a text that matches `{question.pattern}`")
    if any(ord(char) < 32 or ord(char) == 127 for char in text):
        _fail(question, text, "a text on one line")
    return text


def _fail(question: Question, value: object, expected: str) -> None:
    message = f"`{question.name}`: expected {expected}, not `{value}`"
    raise UsageError(message)
