"""A difference for people who read a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.diff.compare import State

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lintkit.diff.compare import Change, Difference

MOST_LINES = 60
"""So many lines of one object are shown, unless all are asked for."""
_MARKS = {
    State.ADDED: "+", State.REMOVED: "-", State.CHANGED: "~", State.SAME: " ", State.UNKNOWN: "?", State.REFUSED: "!",
}  # fmt: skip
_COLORS = {"+": "32", "-": "31", "~": "33", "?": "35", "!": "31", "@": "36"}
_WORDS = (State.ADDED, State.CHANGED, State.REMOVED, State.REFUSED, State.UNKNOWN)


def render(difference: Difference, *, color: bool = False, full: bool = False) -> str:
    """The whole difference: a block for each Flux Kustomization, then the sum.

    Args:
        difference: What differs.
        color: Whether a terminal shows it.
        full: Whether every line of every object is shown.
    """
    paint = _Paint(on=color)
    lines: list[str] = []
    where = ""
    for change in difference.changes:
        if where_of(change) != where:
            where = where_of(change)
            lines += [paint.bold(_heading(change)), ""]
        lines += _block(change, paint, full=full)
        lines.append("")
    lines += [f"note: {note}" for note in difference.notes]
    lines.append(summary(difference))
    return "\n".join(lines) + "\n"


def where_of(change: Change) -> str:
    """Who applies an object."""
    return ", ".join(str(where) or "no Flux Kustomization" for where in change.wheres)


def _heading(change: Change) -> str:
    many = len(change.wheres) > 1
    return f"Kustomization{'s' if many else ''} {where_of(change)}" if change.wheres[0].owner else where_of(change)


def title(change: Change) -> str:
    """What an object is called: `HelmRelease media/plex`."""
    identity = change.id
    return f"{identity.kind} {identity.namespace}/{identity.name}" if identity.namespace else (
        f"{identity.kind} {identity.name}"
    )  # fmt: skip


def summary(difference: Difference) -> str:
    """One line: how many objects come, change and go."""
    between = f"from {difference.before} to {difference.after}"
    counts = [(difference.count(state), state.value) for state in _WORDS]
    parts = [f"{count} {word}" for count, word in counts if count]
    return f"{', '.join(parts)}, {between}" if parts else f"nothing changes {between}"


def body(change: Change) -> Iterator[tuple[str, str]]:
    """The lines of a change: mark and text; `@` marks a heading."""
    is_whole = change.state in {State.ADDED, State.REMOVED}
    for hunk in change.hunks:
        if not is_whole:
            yield "@", hunk.path
        yield from hunk.lines
    if change.keys:
        yield "@", "data: keys alone, values are never shown"
        for key, state in change.keys:
            yield _MARKS[state], f"{key}: {state.value}"


def shortened(lines: Iterable[tuple[str, str]], most: int) -> list[tuple[str, str]]:
    """The first lines, and how many there are more."""
    found = list(lines)
    if len(found) <= most + 1:
        return found
    return [*found[:most], ("@", f"… {len(found) - most} more lines")]


def _block(change: Change, paint: _Paint, *, full: bool) -> Iterator[str]:
    mark = _MARKS[change.state]
    place = f"{change.path}:{change.line}" if change.path else ""
    yield f"  {paint.mark(mark, f'{mark} {title(change)}')}  {paint.dim(place)}".rstrip()
    for note in change.notes:
        yield f"      {note}"
    lines = list(body(change))
    for sign, text in lines if full else shortened(lines, MOST_LINES):
        if sign == "@":
            yield f"    {paint.mark('@', f'@@ {text} @@' if text else '@@')}"
        else:
            yield f"    {paint.mark(sign, f'{sign} {text}'.rstrip())}"


class _Paint:
    """Colours, where they are wanted."""

    def __init__(self, *, on: bool) -> None:
        self.on = on

    def mark(self, mark: str, text: str) -> str:
        """A text in the colour of a mark."""
        return self._in(_COLORS.get(mark, ""), text)

    def bold(self, text: str) -> str:
        """A heading."""
        return self._in("1", text)

    def dim(self, text: str) -> str:
        """What is less important."""
        return self._in("2", text)

    def _in(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.on and code and text else text
