"""Positions, carried findings, and what one file says at once, held against whole runs."""

from __future__ import annotations

import random
from threading import Event
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types

from lintkit.server import quick
from lintkit.server.carry import Shift
from lintkit.server.positions import offset_at, position
from lintkit.server.serve import root_for
from lintkit.server.session import CancelledError, Session
from lintkit.text.edit import Span
from lintkit.text.source import Source
from tests.corpus.trees import ABSENT, NAMES, unpacked

if TYPE_CHECKING:
    from pathlib import Path

TEXTS = st.text(alphabet="ab\n\r:é🐙\t", max_size=40)


@given(TEXTS, st.sampled_from(("utf-8", "utf-16", "utf-32")), st.integers(0, 40))
def test_positions_lead_back_to_their_offset(text: str, encoding: str, offset: int) -> None:
    source = Source("a.yaml", text)
    offset = min(offset, len(text))
    at = position(source, offset, encoding)
    line = text[source.line_starts[at.line] : offset]
    assert (
        at.character
        == len(line.encode({"utf-16": "utf-16-le", "utf-32": "utf-32-le"}.get(encoding, encoding)))
        // ({"utf-8": 1, "utf-16": 2, "utf-32": 4}[encoding])
    )
    if not line.endswith(("\r", "\n")):
        assert offset_at(source, at, encoding) == offset


def test_a_byte_order_mark_counts_as_nothing() -> None:
    source = Source("a.yaml", "\ufeffkind: x\n")
    assert position(source, 7) == types.Position(0, 6)
    assert offset_at(source, types.Position(0, 6)) == 7


def test_a_column_past_the_line_is_its_end() -> None:
    assert offset_at(Source("a.yaml", "é: 1\r\nb: 2\r\n"), types.Position(0, 99)) == 4
    assert offset_at(Source("a.yaml", "a"), types.Position(9, 0)) == 1


@given(TEXTS, TEXTS, TEXTS, TEXTS, st.data())
def test_a_span_is_carried_with_its_text_or_dropped(
    head: str, old: str, new: str, tail: str, data: st.DataObject
) -> None:
    before, after = head + old + tail, head + new + tail
    start = data.draw(st.integers(0, len(before)))
    span = Span(start, data.draw(st.integers(start, len(before))))
    shift = Shift.between(before, after)
    moved = shift.span(span)
    if moved is not None:
        assert after[moved.start : moved.end] == before[span.start : span.end]
    if before == after:
        assert moved == span
    for offset in range(len(after) + 1):
        back = shift.back(offset)
        assert back is None or 0 <= back <= len(before)


def test_a_file_is_served_with_the_root_that_the_command_line_finds(tmp_path: Path) -> None:
    inner = tmp_path / "repo" / "inner"
    (inner / "apps").mkdir(parents=True)
    assert root_for(inner / "apps" / "a.yaml", [tmp_path, inner]) == inner
    (tmp_path / "repo" / ".git").mkdir()
    assert root_for(inner / "apps" / "a.yaml", [inner]) == tmp_path / "repo"
    (inner / ".lintkit.yaml").write_text("", "utf-8")
    assert root_for(inner / "apps" / "a.yaml", []) == inner


def test_a_cancelled_run_ends_without_an_outcome(home: Path) -> None:
    cancelled = Event()
    cancelled.set()
    with pytest.raises(CancelledError):
        Session(home).run({}, None, cancelled)


def test_files_that_have_not_changed_are_not_parsed_again(home: Path) -> None:
    session = Session(home)
    first = session.run({}, None, Event())
    text = (home / "apps/web.yaml").read_text("utf-8")
    second = session.run({"apps/web.yaml": text + "\n"}, first, Event())
    assert first is not None
    assert second is not None
    old, new = first.index.tree.repository, second.index.tree.repository
    assert new.stream("apps/secret.yaml") is old.stream("apps/secret.yaml")
    assert new.stream("apps/web.yaml") is not old.stream("apps/web.yaml")


def test_secrets_are_masked_in_what_is_said_at_once(home: Path) -> None:
    session = Session(home)
    session.keep(session.run({}, None, Event()))
    text = (home / "apps/web.yaml").read_text("utf-8")
    session.texts["apps/web.yaml"] = text.replace(
        "value: ${GREETING}",
        "value: ${GREETING}\n            - name: DB_PASSWORD\n              value: hunter2-hunter2",
    )
    found = session.findings("apps/web.yaml")
    assert [(one.rule, one.position[0]) for one in found] == [("inline-password", 26)]
    assert "hunter2" not in found[0].message


def mutated(text: str, chance: random.Random) -> str:
    """A text with one small edit, as people make them."""
    lines = text.split("\n")
    index = chance.randrange(len(lines))
    line = lines[index]
    match chance.randrange(5):
        case 0:
            lines.insert(index, line)
        case 1:
            del lines[index]
        case 2:
            at = chance.randrange(len(line) + 1)
            lines[index] = line[:at] + chance.choice('ax: #-1"') + line[at:]
        case 3:
            at = chance.randrange(len(line) + 1)
            lines[index] = line[:at] + line[at + 1 :]
        case _:
            lines[index] = line.replace("e", "a", 1)
    return "\n".join(lines)


@pytest.mark.slow
@pytest.mark.corpus
@pytest.mark.skipif(not NAMES, reason=ABSENT)
@pytest.mark.parametrize("name", ["onedr0p-home-ops", "wcygan-anton", "fluxcd-flux2-kustomize-helm-example"])
def test_what_is_said_at_once_is_what_a_whole_run_says(name: str, tmp_path: Path) -> None:
    """On random edits, for the rules that are judged at once; a build that many share is judged by its first ones."""
    session = Session(unpacked(name, tmp_path))
    session.keep(session.run({}, None, Event()))
    assert session.known is not None
    chance = random.Random(8)  # noqa: S311 - a repeatable choice of edits
    streams = session.known.index.tree.streams
    wrong: list[str] = []
    for _ in range(25):
        source = chance.choice(streams).source
        text = mutated(source.text, chance)
        session.texts = {source.path: text}
        at_once = session.findings(source.path)
        whole = session.run({source.path: text}, session.known, Event())
        assert whole is not None
        names = {rule.name for rule in whole.rules if quick.is_quick(rule)}
        said = {(one.rule, *one.position, one.message) for one in at_once if one.rule in names}
        meant = {
            (one.rule, *one.position, one.message) for one in whole.findings.get(source.path, ()) if one.rule in names
        }
        if said != meant:
            wrong.append(f"{source.path}: too much {sorted(said - meant)}, too little {sorted(meant - said)}")
    assert wrong == []
