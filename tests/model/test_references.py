"""Every row of the table of references: right name, wrong name, wrong key, wrong namespace, optional.

The objects are made from the rows, so a new row is tested as soon as it is there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from lintkit import engine
from lintkit.options import Options
from lintkit.rules._rule import all_rules
from tests.model.reference_cases import Case, cases

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lintkit.finding import Finding

CASES = cases()
_TOGETHER = 80
RULES = tuple(
    rule
    for rule in all_rules()
    if rule.name.startswith("dangling-")
    or rule.name
    in {"cross-namespace-secret-ref", "missing-source", "missing-dependency", "missing-health-check-target"}
)
ENTRY = """\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: flux-system, namespace: flux-system}
spec:
  interval: 1h
  prune: true
  path: ./cluster
  sourceRef: {kind: GitRepository, name: flux-system}
"""


@dataclass
class Judged:
    """The findings of a tree that holds all cases in one form."""

    lines: dict[int, dict[str, tuple[str, int]]]
    findings: dict[str, list[tuple[str, int, str, str]]]

    def of(self, case: Case) -> list[tuple[str, int, str, str]]:
        """Rule, line, severity and message of what is said about a case."""
        return self.findings.get(f"cluster/cases/{case.number}.yaml", [])


def judge(folder: Path, chosen: list[Case], write: Callable[[Path, Case], None]) -> Judged:
    """Lint all cases, some in one tree; each has a namespace of its own."""
    found: dict[str, list[tuple[str, int, str, str]]] = {}
    for start in range(0, len(chosen), _TOGETHER):
        root = folder / str(start)
        (root / "cluster").mkdir(parents=True)
        (root / "cluster/flux-system.yaml").write_text(ENTRY, "utf-8")
        (root / ".git").mkdir()
        for case in chosen[start : start + _TOGETHER]:
            write(root, case)
        report = engine.check(root, root=root, options=Options(), rules=RULES)
        assert not report.failures
        for finding in report.findings:
            found.setdefault(finding.path, []).append(_short(finding))
    return Judged({case.number: dict(case.lines) for case in chosen}, found)


def _short(finding: Finding) -> tuple[str, int, str, str]:
    return finding.rule, finding.position[0], str(finding.severity), finding.message


def _ids(chosen: list[Case]) -> list[object]:
    return [pytest.param(case, id=case.id) for case in chosen]


def test_every_row_stands_once() -> None:
    seen: dict[str, Case] = {}
    for case in CASES:
        assert case.id not in seen, f"{case.row} and {seen[case.id].row}"
        seen[case.id] = case


@pytest.fixture(scope="module")
def right(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    return judge(tmp_path_factory.mktemp("right"), CASES, lambda folder, case: case.write(folder))


@pytest.mark.parametrize("case", _ids(CASES))
def test_a_right_name_and_key_is_silent(case: Case, right: Judged) -> None:
    assert right.of(case) == []


@pytest.fixture(scope="module")
def misnamed(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    return judge(tmp_path_factory.mktemp("misnamed"), CASES, lambda folder, case: case.write(folder, name=case.wrong))


@pytest.mark.parametrize("case", _ids(CASES))
def test_a_wrong_name(case: Case, misnamed: Judged) -> None:
    if case.is_silent:
        assert misnamed.of(case) == []
        return
    ((rule, line, severity, message),) = misnamed.of(case)
    assert (rule, line, severity) == (case.rule, misnamed.lines[case.number][case.wrong][1], "error")
    assert f"`{case.wrong}`" in message
    assert message.endswith(f"did you mean `{case.word}`?")


KEYED = [case for case in CASES if case.has_keys and case.kind in {"Secret", "ConfigMap"}]


@pytest.fixture(scope="module")
def miskeyed(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    return judge(tmp_path_factory.mktemp("miskeyed"), KEYED, lambda folder, case: case.write(folder, key="absent"))


@pytest.mark.parametrize("case", _ids(KEYED))
def test_a_wrong_key(case: Case, miskeyed: Judged) -> None:
    ((rule, line, severity, message),) = miskeyed.of(case)
    wanted = case.row.needs[0] if case.row.needs else "absent"
    written = case.word if case.row.needs else "absent"
    assert rule == f"dangling-{case.kind.lower()}-key"
    assert (line, severity) == (miskeyed.lines[case.number][written][1], "error")
    assert message == f"{case.kind} `{case.word}` has no key `{wanted}`; it has `good`, `values.yaml`"


NAMESPACED = [case for case in CASES if case.is_namespaced]


@pytest.fixture(scope="module")
def misplaced(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    return judge(
        tmp_path_factory.mktemp("misplaced"), NAMESPACED, lambda folder, case: case.write(folder, target_in="other")
    )


@pytest.mark.parametrize("case", _ids(NAMESPACED))
def test_a_right_name_in_the_wrong_namespace(case: Case, misplaced: Judged) -> None:
    found = misplaced.of(case)
    if case.is_silent:
        assert found == []
        return
    if case.rule == "dangling-object-ref" and not found:
        return  # the same name elsewhere does not make absence certain
    ((rule, line, _, message),) = found
    assert rule == (
        "cross-namespace-secret-ref" if case.kind == "Secret" and case.rule != "dangling-store-ref" else case.rule
    )
    assert line == misplaced.lines[case.number][case.word][1]
    assert f"`other-{case.number}`" in message


ELSEWHERE = [case for case in CASES if case.namespace_path]


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    return judge(
        tmp_path_factory.mktemp("elsewhere"),
        ELSEWHERE,
        lambda folder, case: case.write(folder, target_in="other", says="other"),
    )


@pytest.mark.parametrize("case", _ids(ELSEWHERE))
def test_a_namespace_that_is_written_is_the_one_that_is_looked_in(case: Case, elsewhere: Judged) -> None:
    assert elsewhere.of(case) == []


OPTIONAL = [case for case in CASES if case.kind in {"Secret", "ConfigMap"} and case.row.name]


@pytest.fixture(scope="module")
def optional(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    return judge(
        tmp_path_factory.mktemp("optional"),
        OPTIONAL,
        lambda folder, case: case.write(folder, name=case.wrong, optional=True),
    )


@pytest.mark.parametrize("case", _ids(OPTIONAL))
def test_what_is_optional_may_be_absent(case: Case, optional: Judged) -> None:
    assert optional.of(case) == []
