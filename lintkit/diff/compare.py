"""What differs between two sides: objects that come, go and change, each once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from lintkit.diff.align import aligned
from lintkit.diff.fields import differences, token
from lintkit.diff.lines import Line, hunks, lines_of
from lintkit.diff.view import real

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lintkit.diff.fields import Field
    from lintkit.diff.lines import Hunk
    from lintkit.diff.side import Group, Member, Side
    from lintkit.diff.view import Secrets, Shown
    from lintkit.model.resource import Resource, ResourceId


class State(Enum):
    """What becomes of an object, or of a key of a Secret."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    SAME = "same"
    UNKNOWN = "unknown"
    REFUSED = "refused"


class Where(NamedTuple):
    """Who applies an object: a Flux Kustomization of a cluster; the cluster is empty where there is only one."""

    cluster: str
    owner: str

    def __str__(self) -> str:
        return f"{self.owner} ({self.cluster})" if self.cluster else self.owner


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one object.

    Attributes:
        state: Added, removed, changed; against a cluster also unknown or refused.
        id: Its identity.
        api_version: `group/version` that it has, or had.
        path: The file it is written in, now or before it was removed.
        line: 1-based line of its first character there.
        wheres: Who applies it; several where the same change is made in several clusters.
        hunks: The lines that differ.
        fields: The fields that differ; empty for what is new or gone.
        keys: Keys of a Secret and what becomes of each.
        notes: What else there is to know.
    """

    state: State
    id: ResourceId
    api_version: str
    path: str
    line: int
    wheres: tuple[Where, ...]
    hunks: tuple[Hunk, ...] = ()
    fields: tuple[Field, ...] = ()
    keys: tuple[tuple[str, State], ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """All that differs.

    Attributes:
        before: What the one side is called.
        after: What the other side is called.
        changes: The changes, by cluster, Flux Kustomization, kind, namespace and name.
        notes: What could not be seen.
    """

    before: str
    after: str
    changes: tuple[Change, ...]
    notes: tuple[str, ...] = ()

    def count(self, state: State) -> int:
        """The changes of one state."""
        return sum(one.state is state for one in self.changes)


def compared(before: Side, after: Side, names: tuple[str, str]) -> Difference:
    """What differs between two trees.

    Args:
        before: The earlier one.
        after: The later one.
        names: What they are called.
    """
    found: list[Change] = []
    pairs = list(_paired(before.groups, after.groups))
    for old, new in pairs:
        group = new or old
        cluster = group.label if group is not None and len(pairs) > 1 else ""
        for one, other in _matched(old.members if old else (), new.members if new else ()):
            change = changed(one, other, (before.secrets, after.secrets), cluster)
            if change is not None:
                found.append(change)
    return Difference(*names, merged(found), tuple(_unseen(before, after)))


def changed(
    before: Member | None, after: Member | None, secrets: tuple[Secrets, Secrets], cluster: str
) -> Change | None:
    """What became of an object; None when it is the same."""
    member = after or before
    if member is None:
        return None
    is_same = before is not None and after is not None and before.owner == after.owner
    if is_same and before is not None and _is_equal(before.resource, member.resource):
        return None
    old = secrets[0].show(before.resource) if before is not None else None
    new = secrets[1].show(after.resource) if after is not None else None
    state = State.ADDED if old is None else State.REMOVED if new is None else State.CHANGED
    keys = _keys(old, new)
    lines = hunks(*_lines(old, new))
    moved = before is not None and after is not None and before.owner != after.owner
    if state is State.CHANGED and not lines and not moved and all(one is State.SAME for _, one in keys):
        return None
    resource = member.resource
    return Change(
        state,
        _shown_id(resource.id, secrets),
        resource.api_version,
        resource.path,
        resource.source.position(resource.written.start)[0],
        (Where(cluster, member.owner),),
        lines,
        tuple(differences(old.fields, new.fields)) if old is not None and new is not None else (),
        keys,
        tuple(_notes(before, after)),
    )


def _shown_id(identity: ResourceId, secrets: tuple[Secrets, Secrets]) -> ResourceId:
    """An identity without what a secret variable has put into it."""
    name, namespace = identity.name, identity.namespace
    for one in secrets:
        name, namespace = one.without(name), one.without(namespace)
    return identity._replace(name=name, namespace=namespace)


def _is_equal(one: Resource, other: Resource) -> bool:
    return one.root is other.root or (one.api_version == other.api_version and real(one.root) == real(other.root))


def _notes(before: Member | None, after: Member | None) -> Iterator[str]:
    if before is not None and after is not None:
        if before.owner != after.owner:
            yield f"applied by `{after.owner}` from now on, by `{before.owner}` until now"
        if after.resource.hashed:
            yield "generated: its name gets a new hash, so what names it is rolled out again"
        was, now = ("sops" in one.resource.root.entries for one in (before, after))
        if was != now:
            yield "encrypted from now on" if now else "no longer encrypted"
    elif before is not None and before.is_kept:
        yield "stays in the cluster: nothing prunes it"


def _keys(old: Shown | None, new: Shown | None) -> tuple[tuple[str, State], ...]:
    before = (old.keys if old is not None else None) or {}
    after = (new.keys if new is not None else None) or {}
    return tuple((key, _state(before.get(key), after.get(key))) for key in sorted({*before, *after}))


def _state(before: str | None, after: str | None) -> State:
    if before is None:
        return State.ADDED
    if after is None:
        return State.REMOVED
    return State.SAME if before == after else State.CHANGED


def _lines(old: Shown | None, new: Shown | None) -> tuple[list[Line], list[Line]]:
    before, after = aligned(old.fields if old is not None else {}, new.fields if new is not None else {})
    return list(lines_of(before)), list(lines_of(after))


def _paired(before: tuple[Group, ...], after: tuple[Group, ...]) -> Iterator[tuple[Group | None, Group | None]]:
    """Clusters of both sides: those that start in the same folder, else those that share the most objects."""
    olds, news = list(before), list(after)
    scores = [
        (len(old.folders & new.folders), _shared(old, new), -index, -place, old, new)
        for index, old in enumerate(olds)
        for place, new in enumerate(news)
    ]
    for folders, shared, _, _, old, new in sorted(scores, key=lambda score: score[:4], reverse=True):
        if (folders or shared) and old in olds and new in news:
            olds.remove(old)
            news.remove(new)
            yield old, new
    yield from ((None, new) for new in news)
    yield from ((old, None) for old in olds)


def _shared(one: Group, other: Group) -> int:
    return len({member.resource.id for member in one.members} & {member.resource.id for member in other.members})


def _matched(before: Iterable[Member], after: Iterable[Member]) -> Iterator[tuple[Member | None, Member | None]]:
    """The objects of one identity on both sides: those of one owner first."""
    olds: dict[ResourceId, list[Member]] = {}
    for member in before:
        olds.setdefault(member.resource.id, []).append(member)
    rest: list[Member] = []
    for member in after:
        known = olds.get(member.resource.id, [])
        same = next((one for one in known if one.owner == member.owner), None)
        if same is None:
            rest.append(member)
        else:
            known.remove(same)
            yield same, member
    for member in rest:
        known = olds.get(member.resource.id, [])
        yield (known.pop(0) if known else None), member
    yield from ((member, None) for known in olds.values() for member in known)


def merged(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Changes in order; the same change of several clusters is one."""
    found: dict[object, Change] = {}
    for change in changes:
        key = (
            change.state,
            change.id,
            change.path,
            change.line,
            *map(_exact, change.fields),
            change.hunks,
            change.keys,
        )
        same = found.get(key)
        found[key] = change if same is None else replace(same, wheres=(*same.wheres, *change.wheres))
    ordered = [replace(one, wheres=tuple(sorted(set(one.wheres)))) for one in found.values()]
    return tuple(sorted(ordered, key=lambda one: (one.wheres[0], one.id.kind, one.id.namespace, one.id.name, one.id)))


def _exact(field: Field) -> tuple[object, ...]:
    return field.path, *(token(view) if view is not None else None for view in (field.before, field.after))


def _unseen(before: Side, after: Side) -> Iterator[str]:
    """What files do not show, where it is not the same on both sides."""
    for owner, reason in sorted(after.gaps - before.gaps):
        yield f"{owner or '.'}: not shown: {reason}"
    for owner, reason in sorted(before.gaps - after.gaps):
        yield f"{owner or '.'}: not shown before: {reason}"
