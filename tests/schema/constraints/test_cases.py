"""Every rule that spans fields finds what breaks it at its place, and is silent on what keeps it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lintkit.schema.constraints import Constraint, violated
from lintkit.schema.constraints.judge import FAMILIES, constraints_for
from lintkit.schema.constraints.places import POD_SPECS
from lintkit.syntax.node import Mapping
from lintkit.syntax.parser import parse
from lintkit.text.source import Source
from tests.schema.constraints import cases

VALUE = re.compile(rf'{cases.MARK}("[^"]*"|[^\s,{{}}\[\]"]+)(?=[,}}\]]|$)')
PARAMETERS = [
    pytest.param(module, constraint, kind, id=f"{module}-{kind}-{constraint.path}-{number}")
    for number, (module, constraint) in enumerate(cases.CONSTRAINTS)
    for kind in constraint.kinds
]


def _reported(constraint: Constraint, kind: str, written: cases.Written, *, is_whole: bool = True) -> list[int]:
    """Offsets that a rule reports for an object."""
    found = violated(written.root, constraint.group, kind, cases.version(constraint), is_whole=is_whole)
    same = (constraint.path, constraint.rule, constraint.message)
    return [place.span.start for one, place, _ in found if (one.path, one.rule, one.message) == same]


@pytest.mark.parametrize(("module", "constraint", "kind"), PARAMETERS)
def test_reports_what_breaks_it_and_nothing_else(module: str, constraint: Constraint, kind: str) -> None:
    found = cases.of(module, constraint)
    assert found.breaks, f"no case breaks the rule: {constraint.message}"
    assert found.keeps, f"no case keeps the rule: {constraint.message}"
    for value in found.breaks:
        written = cases.write(constraint, kind, value)
        assert _reported(constraint, kind, written) == [written.expected], value
    for value in found.keeps:
        assert _reported(constraint, kind, cases.write(constraint, kind, value)) == [], value


@pytest.mark.parametrize("module", sorted({name for names in FAMILIES.values() for name in names}))
def test_every_case_belongs_to_a_rule(module: str) -> None:
    known = {cases.heading(name, constraint) for name, constraint in cases.CONSTRAINTS if name == module}
    assert cases.headings(module) == known


@pytest.mark.parametrize(("module", "constraint", "kind"), PARAMETERS)
def test_says_nothing_where_another_tool_fills_values_in(module: str, constraint: Constraint, kind: str) -> None:
    for value in cases.of(module, constraint).breaks:
        plain = value.replace(cases.MARK, "")
        if value.startswith(cases.MARK + "{") and "[]" in value:
            continue  # what is empty stays empty
        if value.startswith(cases.MARK + "{"):
            hidden = plain.replace("{", '{"${FIELDS}": {}, ', 1).replace(", }", "}")
        else:
            hidden = VALUE.sub('"${VALUE}"', value, count=1)
        if cases.MARK not in hidden:
            assert _reported(constraint, kind, cases.write(constraint, kind, hidden)) == [], hidden


@pytest.mark.parametrize(("module", "constraint", "kind"), PARAMETERS)
def test_a_part_of_an_object_may_lack_fields(module: str, constraint: Constraint, kind: str) -> None:
    for value in cases.of(module, constraint).breaks:
        written = cases.write(constraint, kind, value)
        if constraint.whole or value.startswith(cases.MARK + "{"):
            assert _reported(constraint, kind, written, is_whole=False) == [], value


def test_an_object_that_flux_merges_may_lack_fields() -> None:
    text = """\
apiVersion: v1
kind: Service
metadata:
  name: a
  annotations:
    kustomize.toolkit.fluxcd.io/ssa: {}
spec:
  selector:
    app: a
"""
    for word, expected in (("Merge", []), ("Override", ["spec"])):
        source = Source("app/service.yaml", text.format(word))
        root = parse(source).documents[0].root
        assert isinstance(root, Mapping)
        found = [source.text[place.span.start : place.span.end] for _, place, _ in violated(root, "", "Service", "v1")]
        assert found == expected


def test_every_rule_says_where_its_fact_is_from() -> None:
    for _, constraint in cases.CONSTRAINTS:
        assert constraint.source, constraint.message
        assert constraint.message == constraint.message.rstrip("."), constraint.message


@pytest.mark.parametrize(("group", "kinds", "path"), POD_SPECS)
def test_pods_are_looked_at_in_every_kind_that_makes_them(group: str, kinds: tuple[str, ...], path: str) -> None:
    for kind in kinds:
        paths = {constraint.path for constraint in constraints_for(group, kind)}
        assert {f"{path}.volumes[]", f"{path}.containers[].env[]", f"{path}.initContainers[].env[]"} <= paths


def test_the_files_of_cases_are_those_of_the_modules() -> None:
    assert {path.stem for path in Path(cases.FOLDER).iterdir()} == {module for module, _ in cases.CONSTRAINTS}
