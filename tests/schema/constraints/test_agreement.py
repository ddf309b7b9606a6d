"""The Python of a rule says what its CEL text says, and the text is that of the CRD."""

from __future__ import annotations

import json
from functools import cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from lintkit.schema.constraints import violated
from lintkit.schema.constraints.constraint import API_SERVER
from lintkit.schema.validation import plain
from tests.schema.constraints import cases

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.schema.constraints import Constraint

celpy = pytest.importorskip("celpy")
REFERENCE = Path(__file__).resolve().parents[4] / "shared" / "reference" / "crds"
RESERVED = frozenset(
    {"for", "namespace", "continue", "import", "in", "null", "true", "false", "package", "loop", "return"}
)
MOST_VARIANTS = 24
BUILT_IN = frozenset(
    {"", "apps", "autoscaling", "batch", "networking.k8s.io", "rbac.authorization.k8s.io", "scheduling.k8s.io"}
)
ONCE = {(module, one.rule, one.message): (module, one) for module, one in reversed(cases.CONSTRAINTS) if one.rule}
WITH_TEXT = [
    pytest.param(module, constraint, id=f"{module}-{constraint.kinds[0]}-{constraint.path}-{number}")
    for number, (module, constraint) in enumerate(ONCE.values())
]
OF_A_CRD = [
    pytest.param(constraint, kind, id=f"{kind}-{constraint.path}-{number}")
    for number, (_, constraint) in enumerate(cases.CONSTRAINTS)
    for kind in constraint.kinds
    if constraint.rule and constraint.by == API_SERVER and constraint.group not in BUILT_IN
]


@cache
def _program(rule: str) -> Any:  # noqa: ANN401 - the library has no types
    environment = celpy.Environment()
    return environment.program(environment.compile(rule))


def _escaped(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Names that CEL reserves, as the API server writes them."""
    if isinstance(value, dict):
        return {f"__{key}__" if key in RESERVED else key: _escaped(child) for key, child in value.items()}
    return [_escaped(child) for child in value] if isinstance(value, list) else value


def _holds(rule: str, value: Any) -> bool | None:  # noqa: ANN401 - any JSON value
    """Whether a value keeps a rule; None where CEL cannot tell."""
    try:
        return bool(_program(rule).evaluate({"self": celpy.json_to_cel(_escaped(value))}))
    except (celpy.CELEvalError, ValueError, TypeError):
        return None


def _schema(constraint: Constraint, kind: str) -> dict[str, Any] | None:
    """The schema in the CRD of what stands at the path of a rule."""
    file = REFERENCE / constraint.group / f"{kind.lower()}_{cases.version(constraint)}.json"
    if not file.exists():
        return None
    schema = json.loads(file.read_text("utf-8"))
    for step in constraint.path.replace("[]", ".[]").split("."):
        if step:
            schema = schema["items"] if step == "[]" else schema.get("properties", {}).get(step)
        if schema is None:
            return None
    return schema


def _defaulted(value: Any, schema: dict[str, Any] | None) -> Any:  # noqa: ANN401 - any JSON value
    """A value as the API server sees it: with its defaults."""
    if schema is None:
        return value
    if isinstance(value, dict):
        found = {key: _defaulted(child, schema.get("properties", {}).get(key)) for key, child in value.items()}
        for name, below in schema.get("properties", {}).items():
            if "default" in below and name not in found:
                found[name] = _defaulted(below["default"], below)
        return found
    return [_defaulted(child, schema.get("items")) for child in value] if isinstance(value, list) else value


def _variants(values: list[Any]) -> Iterator[Any]:
    """Each value, each without one of its fields, and each with a field of another one."""
    yield from values
    for value in values:
        yield from _smaller(value)
    for one in values:
        for other in values:
            if isinstance(one, dict) and isinstance(other, dict):
                yield {**one, **other}
                for name, child in other.items():
                    yield {**one, name: child}


def _smaller(value: Any) -> Iterator[Any]:  # noqa: ANN401 - any JSON value
    if isinstance(value, dict):
        for name, child in value.items():
            yield {key: below for key, below in value.items() if key != name}
            for less in _smaller(child):
                yield {**value, name: less}
    elif isinstance(value, list):
        for at, child in enumerate(value):
            yield [*value[:at], *value[at + 1 :]]
            for less in _smaller(child):
                yield [*value[:at], less, *value[at + 1 :]]


def _values(module: str, constraint: Constraint) -> list[Any]:
    found = cases.of(module, constraint)
    texts = [text.replace(cases.MARK, "") for text in (*found.breaks, *found.keeps) if "${" not in text]
    written = [cases.write(constraint, constraint.kinds[0], text) for text in texts]
    return [plain(cases.self_of(one.root, constraint.path)) for one in written]


@pytest.mark.parametrize(("module", "constraint"), WITH_TEXT)
def test_python_and_cel_agree(module: str, constraint: Constraint) -> None:
    kind = constraint.kinds[0]
    schema = _schema(constraint, kind)
    decided: set[bool] = set()
    for value in islice(_variants(_values(module, constraint)), MOST_VARIANTS):
        expected = _holds(constraint.rule, _defaulted(value, schema))
        if expected is None or (not constraint.path and not isinstance(value, dict)):
            continue
        if not constraint.path:
            value = {key: child for key, child in value.items() if key not in {"apiVersion", "kind"}}  # noqa: PLW2901
        text = yaml.safe_dump(value, default_flow_style=True, width=10_000).strip().removesuffix("\n...")
        written = cases.write(constraint, kind, text)
        found = violated(written.root, constraint.group, kind, cases.version(constraint))
        broken = [place for one, place, _ in found if (one.path, one.rule) == (constraint.path, constraint.rule)]
        assert bool(broken) is not expected, f"CEL says {expected} of {text}"
        decided.add(expected)
    needs_defaults = schema is None and not REFERENCE.exists()
    assert decided == {True, False} or needs_defaults, "the cases do not show both sides of the rule"


@pytest.mark.parametrize(("constraint", "kind"), OF_A_CRD)
def test_the_text_stands_in_the_crd(constraint: Constraint, kind: str) -> None:
    if not (REFERENCE / constraint.group).exists():
        pytest.skip("needs the reference CRDs")
    schema = _schema(constraint, kind)
    if schema is None:
        pytest.skip(f"the reference has no {kind} {cases.version(constraint)} with {constraint.path}")
    rules = {"".join(one["rule"].split()) for one in schema.get("x-kubernetes-validations", ())}
    assert "".join(constraint.rule.split()) in rules, constraint.rule
