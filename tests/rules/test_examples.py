"""Every rule's examples, and the cases beside this file, find exactly what they say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lintkit import configuration, engine
from lintkit.report import render
from lintkit.rules._rule import all_rules
from tests.rules import examples

if TYPE_CHECKING:
    from tests.rules.examples import Case

RULES = {rule.name: rule for rule in all_rules()}
HERE = Path(__file__).parent
CASES = [
    pytest.param(rule.name, case, id=case.name)
    for rule in RULES.values()
    for case in [
        *examples.of_rule(rule),
        *(examples.of_file(HERE / f"{rule.name}.md") if (HERE / f"{rule.name}.md").exists() else []),
    ]
]


def check(case: Case, name: str, folder: Path) -> engine.Report:
    """Lint a case with one rule."""
    case.write(folder)
    return checked(name, folder)


def checked(name: str, folder: Path) -> engine.Report:
    """Lint a folder with one rule."""
    (folder / ".git").mkdir(exist_ok=True)
    options = configuration.load(folder)
    options = replace(options, extend_select=(*options.extend_select, name))
    rules = tuple(rule for rule in RULES.values() if rule.name == name)
    return engine.check(folder, root=folder, options=options, rules=_with_suppressions(rules))


def _with_suppressions(rules: tuple) -> tuple:
    if rules[0].category != "suppression":
        return rules
    return (*rules, *(rule for rule in RULES.values() if rule.category == "syntax"))


@pytest.mark.parametrize(("name", "case"), CASES)
def test_a_case_finds_what_it_says(name: str, case: Case, tmp_path: Path) -> None:
    report = check(case, name, tmp_path)
    assert not report.failures
    found = [
        (finding.path, finding.position[0], str(finding.severity), finding.message)
        for finding in report.findings
        if finding.rule == name
    ]
    wanted = sorted(case.marks, key=lambda mark: (mark.path, mark.line))
    remaining = list(found)
    for mark in wanted:
        hit = next(
            (one for one in remaining if one[:3] == (mark.path, mark.line, mark.severity) and mark.text in one[3]), None
        )
        assert hit is not None, f"nothing like {mark}; found {found}"
        remaining.remove(hit)
    assert not remaining, f"not expected: {remaining}"
    assert render(report, "json")


@pytest.mark.slow
@pytest.mark.parametrize(("begin", "end"), [("", "\r\n"), ("\ufeff", "\n")])
@pytest.mark.parametrize(("name", "case"), CASES)
def test_line_ends_and_a_byte_order_mark_change_nothing(
    name: str, case: Case, begin: str, end: str, tmp_path: Path
) -> None:
    case.write(tmp_path)
    for path, text in case.files.items():
        if path.endswith((".yaml", ".yml")):
            (tmp_path / path).write_bytes((begin + text.replace("\n", end)).encode())
    found = [
        (one.path, one.position[0], str(one.severity)) for one in checked(name, tmp_path).findings if one.rule == name
    ]
    assert sorted(found) == sorted((mark.path, mark.line, mark.severity) for mark in case.marks)


@pytest.mark.parametrize("name", sorted(RULES))
def test_a_rule_has_docs_and_both_examples(name: str) -> None:
    rule = RULES[name]
    sections = rule.sections()
    assert rule.summary.endswith(".")
    assert len(rule.summary) < 120
    assert sections.get("Why")
    bad, good = examples.of_rule(rule)
    assert bad.marks, "the bad example shows no finding"
    assert not good.marks, "the good example shows a finding"


@pytest.mark.parametrize("path", sorted(HERE.glob("*.md")), ids=lambda path: path.stem)
def test_a_file_of_cases_belongs_to_a_rule(path: Path) -> None:
    assert path.stem in RULES
