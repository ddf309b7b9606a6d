"""Both sides of a change: the tree as it is, and as it was at a commit."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lintkit import engine
from lintkit.collect.past import Past
from lintkit.diff.compare import Difference, compared
from lintkit.diff.side import side_of
from lintkit.render.changed import changed_since, default_branch

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lintkit.options import Options

_SHORT = 9
_MOST = 5
ASKED = "`lintkit diff`"


def since(root: Path, options: Options, reference: str = "") -> Difference:
    """What the tree as it is changes in the cluster.

    Args:
        root: Root of the tree, resolved.
        options: Options for both sides.
        reference: A commit, a branch or a tag; empty for where the branch left the default branch.

    Raises:
        ToolMissingError: There is no git.
        UsageError: There is no such commit.
    """
    is_exact = bool(reference)
    reference = reference or default_branch(root, asked=ASKED)
    changed = changed_since(root, reference, asked=ASKED, is_exact=is_exact)
    short = changed.commit[:_SHORT]
    name = short if changed.commit.startswith(reference) else f"{reference} ({short})"
    names = (name, "the tree as it is")
    if not changed.files and not changed.links:
        return Difference(*names, ())
    now = engine.load_tree(root, options)
    then = engine.load_tree(root, options, earlier=now, past=Past(root, changed.files, changed.links))
    before, after = side_of(then), side_of(now)
    found = compared(before, after, names)
    manifests = {one.path for tree in (then, now) for one in tree.written}
    loose = sorted((changed.files.keys() & manifests) - before.files - after.files)
    return replace(found, notes=(*found.notes, *_not_applied(loose)))


def _not_applied(paths: list[str]) -> Iterator[str]:
    yield from (f"`{path}` differs, and Flux applies nothing of it" for path in paths[:_MOST])
    if len(paths) > _MOST:
        yield f"{len(paths) - _MOST} more files differ of which Flux applies nothing"
