"""What changed since a commit, read from git's plumbing: nothing is checked out, fetched or run."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from lintkit.errors import ToolMissingError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_SECONDS = 120
_SAFE = (
    "--no-optional-locks", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null",
)  # fmt: skip
_FILE, _LINK, _ABSENT = "100", "120000", "000000"


@dataclass(frozen=True, slots=True)
class Changed:
    """What differs between a commit and the files on disk; all paths seen from the folder that was asked about.

    Attributes:
        commit: The commit: where the branch left the one that was asked for.
        files: Path -> content at the commit, None for a file that was not there.
        links: Paths that were symbolic links.
        renames: New path -> old path.
    """

    commit: str
    files: Mapping[str, bytes | None]
    links: frozenset[str]
    renames: Mapping[str, str]


def changed_since(root: Path, reference: str, *, asked: str = "--changed-since", is_exact: bool = False) -> Changed:
    """What changed below a folder since HEAD and a commit went different ways.

    Files that are staged, edited or untracked count as changed; what git ignores does not.

    Args:
        root: A folder of a work tree.
        reference: A commit, a branch or a tag.
        asked: What errors call the request.
        is_exact: Whether the commit itself is meant, not the last one that it shares with HEAD.

    Raises:
        ToolMissingError: There is no git.
        UsageError: The folder is in no work tree, git knows no such commit, or the clone has too little history.
    """
    git = _Git(root, asked)
    base = git.commit(reference) if is_exact else git.base(reference)
    files: dict[str, bytes | None] = {}
    blobs: dict[str, str] = {}
    links: set[str] = set()
    renames: dict[str, str] = {}
    for mode, new_mode, blob, path, new_path in git.differences(base):
        if new_path:
            renames[new_path] = path
            files[new_path] = None
        if mode == _LINK:
            links.add(path)
        elif mode.startswith(_FILE):
            blobs[path] = blob
        elif mode == _ABSENT and new_mode != "160000":
            files[path] = None
    for path in git.untracked():
        if path not in blobs and path not in links:
            files[path] = None
    contents = git.contents(sorted(set(blobs.values())))
    files.update({path: contents[blob] for path, blob in blobs.items()})
    renames.update(_moved(root, files))
    return Changed(base, files, frozenset(links), renames)


def default_branch(root: Path, *, asked: str) -> str:
    """The branch that changes are merged into: the remote's HEAD, else `main` or `master`, there or here.

    Args:
        root: A folder of a work tree.
        asked: What errors call the request.

    Raises:
        ToolMissingError: There is no git.
        UsageError: None of these is known here.
    """
    found = _Git(root, asked).default_branch()
    if not found:
        message = f"{asked}: no default branch is known here: name a REF, or `git remote set-head origin --auto`"
        raise UsageError(message)
    return found


def _moved(root: Path, files: Mapping[str, bytes | None]) -> dict[str, str]:
    """New path -> old path of files that were moved as they are, and of which git has not heard."""
    gone = {raw: path for path, raw in files.items() if raw and not (root / path).exists()}
    found: dict[str, str] = {}
    for path, raw in files.items() if gone else ():
        new = root / path
        if raw is None and new.is_file() and not new.is_symlink() and (old := gone.get(new.read_bytes())):
            found[path] = old
    return found


class _Git:
    """git in one folder."""

    def __init__(self, root: Path, asked: str) -> None:
        program = shutil.which("git")
        if program is None:
            message = f"{asked} needs git, and there is none on the PATH"
            raise ToolMissingError(message)
        self.asked = asked
        self.root = root
        self.program = program

    def commit(self, reference: str) -> str:
        """The commit that a reference names."""
        inside, why = self._tried("rev-parse", "--is-inside-work-tree")
        if inside is None or inside.strip() != "true":
            message = f"{self.asked} needs a git work tree, and {self.root} is in none: {why or 'it is bare'}"
            raise UsageError(message)
        is_option = reference.startswith("-")
        commit = None if is_option else self._tried("rev-parse", "--verify", "--quiet", f"{reference}^{{commit}}")[0]
        if commit is None:
            message = f"{self.asked} {reference}: git knows no such commit{self._hint(reference)}"
            raise UsageError(message)
        return commit.strip()

    def default_branch(self) -> str:
        """The branch that changes are merged into; empty when it is not known."""
        remotes = (self._tried("remote")[0] or "").split()
        remote = "origin" if "origin" in remotes or len(remotes) != 1 else remotes[0]
        head = self._tried("symbolic-ref", "--quiet", "--short", f"refs/remotes/{remote}/HEAD")[0]
        names = [f"{remote}/main", f"{remote}/master", "main", "master"]
        for name in (head.strip(), *names) if head else names:
            if self._tried("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")[0] is not None:
                return name
        return ""

    def base(self, reference: str) -> str:
        """The last commit that HEAD and a reference share."""
        commit = self.commit(reference)
        shared, why = self._tried("merge-base", commit, "HEAD")
        if shared is None:
            if self._is_shallow():
                why = f"the clone is shallow and ends before `{reference}` and HEAD meet; fetch with `fetch-depth: 0`"
                why += ", GIT_DEPTH: 0 or `git fetch --unshallow`"
            message = f"{self.asked} {reference}: {why or 'it shares no commit with HEAD'}"
            raise UsageError(message)
        return shared.strip()

    def differences(self, base: str) -> Iterator[tuple[str, str, str, str, str]]:
        """Old mode, new mode, old blob, path and, for a file that was renamed, its new path."""
        text = self._out(
            "diff", "--raw", "-z", "--no-abbrev", "--find-renames", "--no-ext-diff", "--no-textconv",
            "--ignore-submodules=dirty", "--relative", base, "--", ".",
        )  # fmt: skip
        fields = iter(os.fsdecode(text).split("\0"))
        for head in fields:
            if not head:
                continue
            mode, new_mode, blob, _, status = head.removeprefix(":").split(" ")
            path = next(fields)
            new_path = next(fields) if status[0] in "RC" else ""
            if status[0] != "U":
                yield mode, new_mode, blob, path, new_path

    def untracked(self) -> list[str]:
        """Files that git neither has nor ignores; what another repository inside of this one has is left alone."""
        text = self._out("ls-files", "-z", "--others", "--exclude-standard", "--", ".")
        return [path for path in os.fsdecode(text).split("\0") if path and not path.endswith("/")]

    def contents(self, blobs: list[str]) -> dict[str, bytes]:
        """The blobs of some names."""
        out = self._out("cat-file", "--batch", given="".join(f"{name}\n" for name in blobs).encode())
        found: dict[str, bytes] = {}
        at = 0
        while at < len(out):
            end = out.index(b"\n", at)
            name, *rest = out[at:end].decode("ascii", "replace").split(" ")
            if len(rest) != 2:
                message = f"{self.asked}: the clone has not all files of that commit; fetch without a filter"
                raise UsageError(message)
            size = int(rest[1])
            found[name] = out[end + 1 : end + 1 + size]
            at = end + size + 2
        return found

    def _is_shallow(self) -> bool:
        return (self._tried("rev-parse", "--is-shallow-repository")[0] or "").strip() == "true"

    def _hint(self, reference: str) -> str:
        names = (self._tried("for-each-ref", "--format=%(refname:short)")[0] or "").split()
        close = get_close_matches(reference, names, 1)
        if close:
            return f"; did you mean `{close[0]}`?"
        remote, _, branch = reference.partition("/")
        if branch and remote in (self._tried("remote")[0] or "").split():
            return f"; `git fetch {remote} {branch}` gets it"
        return "; the clone is shallow, and may lack it" if self._is_shallow() else ""

    def _tried(self, *arguments: str) -> tuple[str | None, str]:
        """What git prints, None when it fails; and the first line of its complaint."""
        code, out, err = self._run(arguments)
        complaint = (err.decode("utf-8", "replace").strip().splitlines() or [""])[0].removeprefix("fatal: ")
        return (os.fsdecode(out) if code == 0 else None), complaint

    def _out(self, *arguments: str, given: bytes = b"") -> bytes:
        code, out, err = self._run(arguments, given)
        if code:
            message = f"{self.asked}: git {arguments[0]} failed: {err.decode('utf-8', 'replace').strip()}"
            raise UsageError(message)
        return out

    def _run(self, arguments: tuple[str, ...], given: bytes = b"") -> tuple[int, bytes, bytes]:
        # a hook or an alias of git's sets variables that are about another folder; those of its configuration stay
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("GIT_") or name.startswith("GIT_CONFIG")
        }
        environment |= {"GIT_ALLOW_PROTOCOL": "none", "GIT_NO_LAZY_FETCH": "1", "LC_ALL": "C"}
        try:
            done = subprocess.run(  # noqa: S603 - a program of the user's PATH, no shell
                [self.program, *_SAFE, "-C", str(self.root), *arguments],
                input=given, capture_output=True, timeout=_SECONDS, check=False, env=environment,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as error:
            message = f"{self.asked}: git {arguments[0]} gave no answer: {error}"
            raise UsageError(message) from error
        return done.returncode, done.stdout, done.stderr
