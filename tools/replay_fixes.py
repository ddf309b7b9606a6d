#!/usr/bin/env python3
"""For how many real fix commits does `--fix --unsafe-fixes` on the tree before remove the finding?

Usage, from the project's root:

    python tools/replay_fixes.py                      # the classes that a fix is asked of
    python tools/replay_fixes.py --class orphan -v    # one class, with what was done
    python tools/replay_fixes.py --only e925f68 -v    # the cases whose id holds this text
    python tools/replay_fixes.py --record tests/corpus/repairs.yaml    # what docs/corpus.md is made from

A case counts as hit when a finding of `parent` that `fix` no longer has is about the defect (as `score.py` judges it).
It counts as removed when repairing the files of these findings leaves none of them, and as alike when every line that
the fixes of these rules take away or put in is one that the author took away or put in too. The cases stand beside the
project in ../shared/replay; without them the script says so and does nothing. What is recorded keeps the words that a
person has written about how the author's edit differs.
"""

from __future__ import annotations

import argparse
import collections
import difflib
import importlib.util
import sys
import tarfile
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from lintkit import configuration, engine
from lintkit.errors import LintkitError
from lintkit.fix.loop import fixed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.engine import Report
    from lintkit.finding import Finding
    from lintkit.fix.loop import Outcome

REPLAY = Path(__file__).resolve().parents[2] / "shared" / "replay"
CLASSES = ("missing-resource", "orphan", "schema", "yaml", "dangling-ref", "namespace")


class Result(NamedTuple):
    """What became of one case."""

    case: dict[str, Any]
    hit: bool
    removed: bool
    lines: tuple[str, ...]
    alike: bool = False
    rules: tuple[str, ...] = ()

    @property
    def word(self) -> str:
        """Alike, removed, left or missed."""
        return "alike" if self.alike else "removed" if self.removed else "left" if self.hit else "missed"


def main() -> int:
    """Print the table; 1 when a share below `--at-least` was reached."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--class", dest="kinds", action="append", help="only this class (may be repeated)")
    parser.add_argument("--only", default="", help="only the cases whose id holds this text")
    parser.add_argument("--at-least", type=float, default=0, help="exit 1 under this share, in per cent")
    parser.add_argument("--record", type=Path, metavar="FILE", help="write what became of each case to a YAML file")
    parser.add_argument("-v", "--verbose", action="store_true")
    arguments = parser.parse_args()
    if not REPLAY.is_dir():
        print(f"{REPLAY} is not there: nothing to measure")
        return 0
    score = _score()
    kinds = collections.defaultdict(list)
    for case in score.load(REPLAY / "cases.jsonl"):
        if case["class"] in (arguments.kinds or CLASSES) and arguments.only in case["id"]:
            result = replay(case, score)
            kinds[case["class"]].append(result)
            if arguments.verbose:
                print(f"{result.word.upper():8} {case['class']:16} {case['id']}: {case['defect']}", flush=True)
                for line in result.lines:
                    print(f"           {line}", flush=True)
    if arguments.record:
        _record(arguments.record, [result for results in kinds.values() for result in results])
    return _table(kinds, arguments.at_least)


def _record(file: Path, results: list[Result]) -> None:
    """Write what became of each hit case; `differs` is a person's word, and stays."""
    known = yaml.safe_load(file.read_text("utf-8"))["repairs"] if file.is_file() else {}
    counts = collections.Counter(str(one.case["class"]) for one in results)
    repairs: dict[str, dict[str, Any]] = {}
    for result in sorted(results, key=lambda one: str(one.case["id"])):
        if result.hit:
            entry = {"class": result.case["class"], "rules": list(result.rules), "repair": result.word}
            differs = known.get(result.case["id"], {}).get("differs")
            repairs[result.case["id"]] = {**entry, "differs": differs} if differs else entry
    made = {"cases": dict(sorted(counts.items())), "repairs": repairs}
    file.write_text(yaml.safe_dump(made, sort_keys=False, allow_unicode=True, width=120), "utf-8")


def _table(kinds: dict[str, list[Result]], at_least: float) -> int:
    for kind, results in sorted(kinds.items()):
        for result in sorted(results, key=lambda one: (one.word, str(one.case["id"]))):
            if result.hit:
                print(f"{result.word:8} {kind:16} {result.case['id']}: {', '.join(result.rules)}")
    everything = [result for results in kinds.values() for result in results]
    print(f"{'class':20} {'cases':>5} {'hit':>5} {'removed':>8} {'alike':>6}")
    for kind, results in [*sorted(kinds.items()), ("all", everything)]:
        hits, removed = sum(one.hit for one in results), sum(one.removed for one in results)
        print(f"{kind:20} {len(results):5} {hits:5} {removed:8} {sum(one.alike for one in results):6}")
    share = 100 * sum(one.removed for one in everything) / max(1, sum(one.hit for one in everything))
    print(f"removed in {share:.1f} % of the hit cases")
    return int(share < at_least)


def replay(case: dict[str, Any], score: Any) -> Result:  # noqa: ANN401 - a script of its own, loaded by its path
    """Repair `parent` and see whether the findings about the defect are gone."""
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(REPLAY / "trees" / f"{case['id']}.tar.xz") as archive:
            archive.extractall(folder, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
        parent, after = Path(folder) / "parent", Path(folder) / "fix"
        try:
            old, new = _check(parent), _check(after)
        except LintkitError as error:
            return Result(case, hit=False, removed=False, lines=(str(error),))
        left = collections.Counter(_key(one) for one in new.findings)
        had = collections.Counter(_key(one) for one in old.findings)
        vanished = [one for one in old.findings if had[_key(one)] > left[_key(one)]]
        about = [one for one in vanished if _is_about(case, one, vanished, score)]
        if not about:
            return Result(case, hit=False, removed=False, lines=())
        rules = tuple(sorted({one.rule for one in about}))
        if not any(one.fix is not None and one.fix.edits for one in about):
            lines = [f"no fix: {_shown(one)}" for one in about[:3]]
            return Result(case, hit=True, removed=False, lines=tuple(lines), rules=rules)
        paths = sorted({parent / one.path for one in about})
        outcome = fixed(parent, configuration.load(parent), paths=paths, unsafe=True, report=old)
        keys = {_key(one) for one in about}
        removed = keys.isdisjoint(_key(one) for one in outcome.report.findings)
        narrow = replace(configuration.load(parent), select=tuple({one.rule for one in about}))
        alone = fixed(parent, narrow, paths=paths, unsafe=True) if removed else outcome
        differ = list(_not_the_authors(alone, parent, after)) if removed else []
        told = (*_told(outcome, keys), *(f"not the author's: {line}" for line in differ[:6]))
        return Result(case, hit=True, removed=removed, lines=told, alike=removed and not differ, rules=rules)


def _not_the_authors(outcome: Outcome, parent: Path, after: Path) -> Iterator[str]:
    """The lines that a repair changes and the author's commit does not."""
    for path, change in outcome.changes.items():
        before = (change.before or "").splitlines()
        old = (parent / path).read_text("utf-8").splitlines() if (parent / path).is_file() else []
        new = (after / path).read_text("utf-8").splitlines() if (after / path).is_file() else []
        own = {line.rstrip() for line in difflib.ndiff(old, new) if line[:1] in "+-"}
        for line in difflib.ndiff(before, change.after.splitlines()):
            if line[:1] in "+-" and line.rstrip() not in own:
                yield f"{path}: {line.rstrip()}"


def _told(outcome: Outcome, keys: set[tuple[str, str, str]]) -> Iterator[str]:
    for one in outcome.applied:
        if _key(one) in keys and one.fix is not None:
            yield f"{one.fix.title}: {_shown(one)}"
    for refused in outcome.refused:
        if _key(refused.finding) in keys:
            yield f"refused ({refused.reason}): {_shown(refused.finding)}"
    for one in outcome.report.findings:
        if _key(one) in keys and one.fix is None:
            yield f"no fix: {_shown(one)}"


def _shown(finding: Finding) -> str:
    return f"{finding.rule} {finding.path}:{finding.position[0]} {finding.message}"


def _key(finding: Finding) -> tuple[str, str, str]:
    return finding.rule, finding.path, finding.message


def _is_about(case: dict[str, Any], finding: Finding, vanished: list[Finding], score: Any) -> bool:  # noqa: ANN401 - as above
    key = _key(finding)
    lines = [one.position[0] for one in vanished if _key(one) == key]
    return bool(score.is_named(case, key) or score.is_exact(case, key, lines))


def _check(root: Path) -> Report:
    return engine.check(root, root=root, options=configuration.load(root))


def _score() -> Any:  # noqa: ANN401 - as above
    spec = importlib.util.spec_from_file_location("score", REPLAY / "score.py")
    if spec is None or spec.loader is None:
        message = f"{REPLAY / 'score.py'} cannot be loaded"
        raise ImportError(message)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    sys.exit(main())
