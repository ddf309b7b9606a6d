"""A tree as it was at a commit is what a checkout of that commit is."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lintkit.collect.discover import Listing, discover
from lintkit.collect.past import Past
from lintkit.collect.repository import Repository
from lintkit.render.changed import changed_since
from tests.git import git

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

NAMES = st.sampled_from(["a", "b", "c.yaml"])
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)
CONTENTS = st.sampled_from(["", "x: 1\n", "y: 2\n", "-> a", "-> nowhere"])
TREES = st.dictionaries(PATHS, CONTENTS, max_size=6)
IGNORES = st.sampled_from(["", "b/\n", "*.yaml\n!c.yaml\n", "/a\n"])


def write(folder: Path, tree: dict[str, str], ignore: str) -> None:
    """A tree in place of what stands in a folder; what would be both file and folder is left out."""
    for path in folder.iterdir():
        if path.name != ".git":
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    for path, content in {**tree, ".sourceignore": ignore}.items():
        where = folder / path
        if any(above.is_symlink() or above.is_file() for above in where.parents) or where.is_dir():
            continue
        where.parent.mkdir(parents=True, exist_ok=True)
        if content.startswith("-> "):
            where.symlink_to(content.removeprefix("-> "))
        else:
            where.write_text(content, "utf-8")


def plain(listing: Listing) -> tuple[object, ...]:
    return listing.files, listing.folders, listing.links, listing.hidden, sorted(listing.skipped, key=str)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(then=TREES, then_ignore=IGNORES, now=TREES, now_ignore=IGNORES, staged=st.booleans())
def test_it_is_what_a_checkout_has(
    tmp_path_factory: pytest.TempPathFactory,
    then: dict[str, str],
    then_ignore: str,
    now: dict[str, str],
    now_ignore: str,
    staged: bool,
) -> None:
    folder = tmp_path_factory.mktemp("tree")
    git(folder, "init", "--quiet")
    write(folder, then, then_ignore)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", "c")
    write(folder, now, now_ignore)
    if staged:
        git(folder, "add", "--all")
    changed = changed_since(folder, "HEAD")
    past = Past(folder, changed.files, changed.links)
    checkout = tmp_path_factory.mktemp("checkout")
    git(folder, f"--work-tree={checkout}", "checkout", "--quiet", "HEAD", "--", ".")
    expected = discover(checkout)
    assert plain(discover(folder, past=past)) == plain(expected)
    repository = Repository.open(folder, past=past)
    for path in expected.files:
        source = repository.source(path)
        assert source is not None
        assert source.text == (checkout / path).read_text("utf-8")
