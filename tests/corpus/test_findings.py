"""What lintkit says of real, well-kept repositories: every error and warning has a verdict, and references resolve."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import yaml

from lintkit import configuration, engine
from lintkit.finding import Severity
from lintkit.model.contracts import State
from tests.corpus.trees import ABSENT, ARCHIVES, NAMES, unpacked

VERDICTS = yaml.safe_load((Path(__file__).parent / "verdicts.yaml").read_text("utf-8"))
pytestmark = [pytest.mark.corpus, pytest.mark.skipif(not ARCHIVES, reason=ABSENT)]


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("corpus-findings")


@pytest.mark.parametrize("name", NAMES)
def test_every_error_and_warning_is_known_and_true(name: str, base: Path) -> None:
    root = unpacked(name, base)
    report = engine.check(root, root=root)
    assert not report.failures
    found = {
        f"{one.rule} {one.severity} {one.path}:{one.position[0]}"
        for one in report.findings
        if (one.severity or Severity.ERROR) >= Severity.WARNING
    }
    assert found == set(VERDICTS["findings"].get(name, ()))


def test_every_verdict_says_true() -> None:
    rules = {one.split()[0] for found in VERDICTS["findings"].values() for one in found}
    assert rules == set(VERDICTS["verdicts"])
    assert all(verdict.startswith("true: ") for verdict in VERDICTS["verdicts"].values())


def test_references_to_secrets_lead_to_whoever_makes_them(base: Path) -> None:
    states: Counter[State] = Counter()
    for name in NAMES:
        root = unpacked(name, base)
        tree = engine.load_tree(root, configuration.load(root))
        states.update(
            answer.state
            for contracts in tree.contracts
            for answer in contracts.answers
            if answer.reference.kind == "Secret"
        )
    assert states[State.MET] >= 0.9 * states.total()
