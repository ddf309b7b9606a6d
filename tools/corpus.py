"""Writes docs/corpus.md: what lintkit says of real repositories, and how it stands with their references.

    python tools/corpus.py FOLDER

FOLDER holds the repositories, unpacked, under their names. The verdicts stand in tests/corpus/verdicts.yaml.
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from lintkit import configuration, engine
from lintkit.finding import Severity
from lintkit.model.contracts import State

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
VERDICTS = ROOT / "tests" / "corpus" / "verdicts.yaml"
REPAIRS = ROOT / "tests" / "corpus" / "repairs.yaml"
PAGE = ROOT / "docs" / "corpus.md"
HEAD = """\
# Real repositories

Nine public, well-kept Flux repositories are linted with every default rule. Everything that lintkit calls an `error` or
a `warning` there is read by a person and must be a true statement about the tree; a test holds the list against what
`lintkit check` finds. This page is written by `tools/corpus.py`.
"""


def main(folder: Path) -> None:
    """Lint every repository of a folder and write the page."""
    known = yaml.safe_load(VERDICTS.read_text("utf-8"))
    roots = sorted(path for path in folder.iterdir() if path.is_dir())
    parts = [HEAD, *_summary(roots), *_findings(known), *_references(roots), *_repairs()]
    PAGE.write_text("\n".join(parts) + "\n", "utf-8")


def _summary(roots: list[Path]) -> Iterator[str]:
    yield "## Findings\n"
    yield "| repository | resources | errors | warnings | info |\n|---|---:|---:|---:|---:|"
    for root in roots:
        report = engine.check(root, root=root)
        counts = [report.count(severity) for severity in (Severity.ERROR, Severity.WARNING, Severity.INFO)]
        yield f"| {root.name} | {report.resources} | " + " | ".join(map(str, counts)) + " |"
    yield ""


def _findings(known: dict[str, dict[str, list[str]]]) -> Iterator[str]:
    yield "## Verdicts\n"
    total = Counter(line.split()[0] for lines in known["findings"].values() for line in lines)
    yield "| rule | findings | verdict |\n|---|---:|---|"
    for rule, verdict in known["verdicts"].items():
        yield f"| [{rule}](rules/{rule}.md) | {total[rule]} | {verdict} |"
    yield "\n| repository | place | rule |\n|---|---|---|"
    for name, lines in known["findings"].items():
        for line in lines:
            rule, severity, place = line.split(maxsplit=2)
            yield f"| {name} | `{place}` | {rule} ({severity}) |"
    yield ""


def _references(roots: list[Path]) -> Iterator[str]:
    states: dict[str, Counter[str]] = defaultdict(Counter)
    reasons: dict[str, Counter[str]] = defaultdict(Counter)
    for root in roots:
        tree = engine.load_tree(root, configuration.load(root))
        for contracts in tree.contracts:
            for answer in contracts.answers:
                kind = answer.reference.kind
                states[kind][answer.state.value] += 1
                if answer.state is State.UNDECIDED:
                    reasons[kind][_general(answer.reason)] += 1
    yield "## References\n"
    yield "Every reference of every object that Flux applies, by the kind it names. *Undecided* is what files alone"
    yield "cannot say; it is no finding. What is *dangling* and not optional has its verdict above, or is an `info`.\n"
    yield "| names a | resolved | undecided | dangling | why undecided |\n|---|---:|---:|---:|---|"
    for kind, counts in sorted(states.items(), key=lambda item: -item[1].total()):
        why = "; ".join(f"{reason} ({count})" for reason, count in reasons[kind].most_common(3))
        row = (counts[state.value] for state in (State.MET, State.UNDECIDED, State.UNMET))
        yield f"| {kind} | " + " | ".join(map(str, row)) + f" | {why} |"
    secrets = states["Secret"]
    share = 100 * secrets[State.MET.value] / secrets.total()
    yield f"\n{share:.0f} % of the references to Secrets are resolved, with their keys where those are known."


def _repairs() -> Iterator[str]:
    """What `--fix --unsafe-fixes` does before real fix commits, and where their authors did otherwise."""
    recorded = yaml.safe_load(REPAIRS.read_text("utf-8"))
    cases, repairs = recorded["cases"], recorded["repairs"]
    yield "\n## Repairs\n"
    yield "Real commits that fix a defect, and the tree before each. A case counts as *hit* when a finding that the"
    yield "commit takes away is about the defect; as *repaired* when `--fix --unsafe-fixes` takes it away too; and as"
    yield "*alike* when the fix changes no line that the author did not change. `tools/replay_fixes.py` measures it.\n"
    yield "| class | cases | hit | repaired | alike |\n|---|---:|---:|---:|---:|"
    rows = [(kind, [one for one in repairs.values() if one["class"] == kind], count) for kind, count in cases.items()]
    rows.append(("all", list(repairs.values()), sum(cases.values())))
    for kind, hits, count in rows:
        alike = sum(one["repair"] == "alike" for one in hits)
        removed = alike + sum(one["repair"] == "removed" for one in hits)
        yield f"| {kind} | {count} | {len(hits)} | {removed} | {alike} |"
    yield "\nWhere the author's edit differs from the fix:\n"
    yield "| case | rule | the author |\n|---|---|---|"
    for name, one in repairs.items():
        if one["repair"] == "removed":
            yield f"| {name} | {', '.join(one['rules'])} | {one.get('differs', '')} |"
    yield "\nHit and not repaired:\n"
    yield "| case | class | rule |\n|---|---|---|"
    for name, one in repairs.items():
        if one["repair"] == "left":
            yield f"| {name} | {one['class']} | {', '.join(one['rules'])} |"


def _general(reason: str) -> str:
    """A reason without the names in it."""
    parts = reason.split("`")
    return "…".join(part for index, part in enumerate(parts) if index % 2 == 0).strip()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
