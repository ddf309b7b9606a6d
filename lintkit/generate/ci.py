"""Hooks of pre-commit and jobs of CI, put into files that may be there already."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Literal

from lintkit import __version__
from lintkit.collect.remote import git_remote
from lintkit.errors import UsageError
from lintkit.generate.insert import appended, as_item
from lintkit.syntax.node import Mapping, Sequence
from lintkit.syntax.parser import parse
from lintkit.text.edit import apply
from lintkit.text.source import Source

if TYPE_CHECKING:
    from pathlib import Path

REPOSITORY = "https://github.com/lintkit/lintkit"
_RAW = "https://raw.githubusercontent.com/lintkit/lintkit"
_WORKFLOWS = ".github/workflows"
_PIPELINE = ".gitlab-ci.yml"
_CHECKOUT = re.compile(r"uses:[ \t]*(actions/checkout@\S+(?:[ \t]+#[^\n]*)?)")
_BRANCH = re.compile(r"ref: refs/heads/(\S+)")
_MOST = 200
_HOOK = f"""repo: {REPOSITORY}
rev: v{__version__}
hooks:
  - id: lintkit-secrets
  - id: lintkit
"""
_PIPELINE_TEXT = f"""# Merge requests fail by what they add.
include:
  - remote: {_RAW}/v{__version__}/ci/gitlab.yml
"""


def kind_of_ci(root: Path) -> Literal["github", "gitlab", ""]:
    """The CI of a repository, by its files, else by its remote; empty when neither shows it."""
    if (root / _PIPELINE).is_file():
        return "gitlab"
    remote = git_remote(root)
    if (root / ".github").is_dir() or "github.com" in remote:
        return "github"
    return "gitlab" if "gitlab" in remote else ""


def hook(text: str) -> str | None:
    """The text of a `.pre-commit-config.yaml` with the hooks of lintkit; None when it has some.

    Args:
        text: The file as it is; empty when there is none.

    Raises:
        UsageError: It is written in a way that leaves no certain place.
    """
    if "lintkit" in text:
        return None
    if not text.strip():
        return f"repos:\n{as_item(_HOOK)}\n"
    return _added(".pre-commit-config.yaml", text, "repos", as_item(_HOOK))


def job(root: Path, ci: str) -> tuple[str, str | None]:
    """Path and text of the file of the CI with the job of lintkit; None for the text when it has one."""
    return _workflow(root) if ci == "github" else _pipeline(root)


def _pipeline(root: Path) -> tuple[str, str | None]:
    path = root / _PIPELINE
    text = path.read_text("utf-8") if path.is_file() else ""
    if "lintkit" in text:
        return _PIPELINE, None
    if not text.strip():
        return _PIPELINE, _PIPELINE_TEXT
    return _PIPELINE, _added(_PIPELINE, text, "include", f"  - remote: {_RAW}/v{__version__}/ci/gitlab.yml")


def _workflow(root: Path) -> tuple[str, str | None]:
    folder = root / _WORKFLOWS
    texts = {
        path.name: path.read_text("utf-8", "replace")
        for path in sorted(folder.glob("*.y*ml"))[:_MOST]
        if path.is_file() and not path.is_symlink()
    }
    own = [name for name, text in texts.items() if "lintkit" in text]
    if own:
        return f"{_WORKFLOWS}/{own[0]}", None
    short = sum(name.endswith(".yml") for name in texts) * 2 > len(texts)
    pins = Counter(pin.strip() for text in texts.values() for pin in _CHECKOUT.findall(text))
    checkout = pins.most_common(1)[0][0] if pins else "actions/checkout@v4"
    marker = "---\n" if texts and sum(text.startswith("---") for text in texts.values()) * 2 > len(texts) else ""
    return (
        f"{_WORKFLOWS}/lintkit.{'yml' if short else 'yaml'}",
        f"""{marker}name: lintkit

on:
  pull_request:
  push:
    branches:
      - {_branch(root)}

permissions:
  contents: read

jobs:
  lintkit:
    runs-on: ubuntu-latest
    steps:
      - uses: {checkout}
        with:
          # The commit that a pull request began at is needed to tell what it adds.
          fetch-depth: 0
      - uses: lintkit/lintkit@v{__version__}
        with:
          # A pull request fails by what it adds; a push by whatever is wrong.
          changed-since: auto
""",
    )


def _branch(root: Path) -> str:
    """The branch that Flux or the remote calls the main one; else the one that is checked out."""
    for name in (".git/refs/remotes/origin/HEAD", ".git/HEAD"):
        path = root / name
        found = (
            _BRANCH.match(path.read_text("utf-8", "replace").replace("refs/remotes/origin/", "refs/heads/"))
            if (path.is_file())
            else None
        )
        if found:
            return found[1]
    return "main"


def _added(path: str, text: str, key: str, item: str) -> str:
    """A file with one element more in a list at its top."""
    stream = parse(Source(path, text))
    root = stream.documents[0].root if stream.documents and stream.error is None else None
    edits = None
    if isinstance(root, Mapping) and isinstance(root.get(key), Sequence | None):
        edits = appended(root, key, item.rstrip("\n"), is_indented=True)
    if edits is None:
        message = f"{path} is written in a way that leaves no certain place for lintkit; add it by hand:\n{item}"
        raise UsageError(message)
    return apply(text, edits)
