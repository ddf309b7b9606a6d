"""A recording of what a cluster answered: JSON lines, sorted, without secrets; and a cluster that answers from one.

The first line says what it is; each line after it is an answer, or one object of a list, so that two recordings can be
compared with `diff`. What changes with every look (`resourceVersion`, times of conditions' last probes) is left out.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

from lintkit.errors import UsageError
from lintkit.verify.cluster import Log, NoAccess, NotInstalled, Output, Page, Served, Unanswered
from lintkit.verify.trim import clean_all

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lintkit.verify.cluster import Ask, Cluster

_T = TypeVar("_T")
FORM = "lintkit-verify/1"
_VOLATILE = frozenset({"resourceVersion", "lastProbeTime", "lastHeartbeatTime"})
_REFUSALS = {"no-access": NoAccess, "not-installed": NotInstalled, "unanswered": Unanswered}
_MISSING = "the recording does not hold the answer to this"


class Recorder:
    """A cluster that remembers what another one answers.

    Args:
        cluster: Who is asked.
    """

    def __init__(self, cluster: Cluster) -> None:
        self.name = cluster.name
        self._cluster = cluster
        self._lock = Lock()
        self._times: list[str] = []
        self._kept: dict[tuple[int, str], dict[str, Any]] = {}
        self._last: dict[str, int] = {}

    def begin(self) -> None:
        """A round of questions begins."""
        self._cluster.begin()
        self._times.append(self._cluster.now().isoformat(timespec="milliseconds"))

    def may_ask_again(self, seconds_left: float) -> bool:
        """Whether there is time."""
        return self._cluster.may_ask_again(seconds_left)

    def now(self) -> datetime:
        """The time at which the round began: that of the replay."""
        return datetime.fromisoformat(self._times[-1])

    def served(self, group: str) -> tuple[Served, ...]:
        """The kinds of an API group."""
        return self._told(f"kinds {group}", lambda: self._cluster.served(group), list)

    def objects(self, served: Served, namespace: str | None, name: str | None = None) -> list[dict[str, Any]]:
        """Objects of a kind."""
        found = self._told(
            _list_key(served, namespace, name),
            lambda: self._cluster.objects(served, namespace, name),
            _without_volatile,
        )
        return [dict(one) for one in found]

    def log(self, namespace: str, pod: str, container: str, pattern: str) -> Log:
        """The lines of a log in which a pattern is found."""
        key = f"log {namespace}/{pod}/{container} {pattern}"
        return self._told(key, lambda: self._cluster.log(namespace, pod, container, pattern), list)

    def execute(self, namespace: str, pod: str, container: str, command: tuple[str, ...]) -> Output:
        """Run a command in a container."""
        key = _exec_key(namespace, pod, container, command)
        return self._told(key, lambda: _clean_output(self._cluster.execute(namespace, pod, container, command)), list)

    def fetch(self, ask: Ask) -> Page:
        """GET over HTTP."""
        return self._told(_http_key(ask), lambda: _clean_page(self._cluster.fetch(ask)), list)

    def _told(self, key: str, ask: Callable[[], _T], form: Callable[[Any], Any]) -> _T:
        try:
            found = ask()
        except Unanswered as refusal:
            kind = next(name for name, one in _REFUSALS.items() if isinstance(refusal, one))
            self._keep(key, {"refused": kind, "reason": str(refusal)})
            raise
        self._keep(key, {"answer": form(found)})
        return found

    def _keep(self, key: str, entry: dict[str, Any]) -> None:
        number = len(self._times)
        with self._lock:
            before = self._last.get(key)
            if before is not None and self._kept[before, key] == entry:
                self._kept[number, key] = {"same": before}  # a run that waits asks for the same lists again and again
                return
            self._kept[number, key] = entry
            self._last[key] = number

    def write(self, path: Path, commit: str) -> None:
        """Write the recording.

        Raises:
            UsageError: The file cannot be written.
        """
        lines: list[dict[str, Any]] = [
            {"recording": FORM, "cluster": self.name, "commit": commit, "rounds": self._times}
        ]
        for (number, key), entry in sorted(self._kept.items(), key=lambda one: one[0]):
            answer = entry.get("answer")
            begin = {"ask": key, "round": number}
            if key.startswith("list ") and isinstance(answer, list):
                lines.append({**begin, "count": len(answer)})
                lines += [{**begin, "object": one} for one in sorted(answer, key=_identity)]
            else:
                lines.append({**begin, **entry})
        text = "".join(json.dumps(line, ensure_ascii=False, sort_keys=True) + "\n" for line in lines)
        try:
            path.write_text(text, "utf-8")
        except OSError as error:
            message = f"--record {path}: {error.strerror or error}"
            raise UsageError(message) from None


class Replay:
    """A cluster that answers from a recording, round by round.

    Args:
        path: The recording.

    Raises:
        UsageError: It cannot be read, or is none.
    """

    def __init__(self, path: Path) -> None:
        try:
            lines = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line]
            head = lines[0]
            if head["recording"] != FORM:
                message = f"--replay {path}: is of form `{head['recording']}`; this lintkit reads `{FORM}`"
                raise UsageError(message)
            self.name: str = head["cluster"]
            self.commit: str = head["commit"]
            self._times = [datetime.fromisoformat(one) for one in head["rounds"]]
            self._kept = _entries(lines[1:])
        except OSError as error:
            message = f"--replay {path}: {error.strerror or error}"
            raise UsageError(message) from None
        except (ValueError, KeyError, IndexError, TypeError) as error:
            message = f"--replay {path}: is no recording of `lintkit verify` ({type(error).__name__})"
            raise UsageError(message) from None
        self._round = 0

    def begin(self) -> None:
        """The next round begins."""
        self._round += 1

    def may_ask_again(self, seconds_left: float) -> bool:  # noqa: ARG002 - a recording has the rounds it has
        """Whether the recording has another round."""
        return self._round < len(self._times)

    def now(self) -> datetime:
        """When the round was recorded."""
        return self._times[self._round - 1] if self._times else datetime.now(UTC)

    def served(self, group: str) -> tuple[Served, ...]:
        """The kinds of an API group."""
        return tuple(Served(*one) for one in self._answer(f"kinds {group}"))

    def objects(self, served: Served, namespace: str | None, name: str | None = None) -> list[dict[str, Any]]:
        """Objects of a kind."""
        found: list[dict[str, Any]] = self._answer(_list_key(served, namespace, name))
        return found

    def log(self, namespace: str, pod: str, container: str, pattern: str) -> Log:
        """The lines of a log in which a pattern is found."""
        read, lines, newest = self._answer(f"log {namespace}/{pod}/{container} {pattern}")
        return Log(read, tuple(lines), newest)

    def execute(self, namespace: str, pod: str, container: str, command: tuple[str, ...]) -> Output:
        """What a command said."""
        return Output(*self._answer(_exec_key(namespace, pod, container, command)))

    def fetch(self, ask: Ask) -> Page:
        """What an HTTP server answered."""
        return Page(*self._answer(_http_key(ask)))

    def _answer(self, key: str) -> Any:  # noqa: ANN401 - JSON
        entry = self._kept.get((self._round, key))
        if entry is None:
            raise Unanswered(_MISSING)
        if "same" in entry:
            entry = self._kept[entry["same"], key]
        if "refused" in entry:
            raise _REFUSALS[entry["refused"]](entry["reason"])
        return entry["answer"]


def _entries(lines: list[dict[str, Any]]) -> dict[tuple[int, str], dict[str, Any]]:
    found: dict[tuple[int, str], dict[str, Any]] = {}
    for line in lines:
        key = (line["round"], line["ask"])
        if "count" in line:
            found[key] = {"answer": []}
        elif "object" in line:
            found[key]["answer"].append(line["object"])
        else:
            found[key] = line
    return found


def _list_key(served: Served, namespace: str | None, name: str | None) -> str:
    where = f" in {namespace}" if namespace else ""
    which = f" called {name}" if name is not None else ""
    return f"list {served.path}/{served.plural}{where}{which}"


def _exec_key(namespace: str, pod: str, container: str, command: tuple[str, ...]) -> str:
    return f"exec {namespace}/{pod}/{container} {json.dumps(command)}"


def _http_key(ask: Ask) -> str:
    return f"get {ask.name}"


def _clean_output(output: Output) -> Output:
    return Output(clean_all(output.stdout), clean_all(output.stderr), output.code)


def _clean_page(page: Page) -> Page:
    return Page(page.status, clean_all(page.text))


def _without_volatile(value: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, dict):
        return {key: _without_volatile(inner) for key, inner in value.items() if key not in _VOLATILE}
    return [_without_volatile(one) for one in value] if isinstance(value, list) else value


def _identity(one: dict[str, Any]) -> tuple[str, str]:
    metadata = one.get("metadata") or {}
    return metadata.get("namespace") or "", metadata.get("name") or ""
