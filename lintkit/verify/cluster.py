"""What may be asked of a cluster, whoever answers: the real one, or a recording of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from datetime import datetime


class Unanswered(Exception):  # noqa: N818 - not an error: what was asked is not known
    """A question that got no answer; its text says why."""


class NoAccess(Unanswered):
    """The cluster refuses: the user has no right to ask this."""


class NotInstalled(Unanswered):
    """The cluster does not know the kind that was asked for."""


class Served(NamedTuple):
    """How a kind is served.

    Attributes:
        path: Of its API: `/apis/apps/v1`.
        plural: Name in URLs.
        kind: Its kind.
        is_namespaced: Whether it lives in namespaces.
    """

    path: str
    plural: str
    kind: str
    is_namespaced: bool


class Log(NamedTuple):
    """What a container wrote: the number of lines looked at, those that were asked for, and when it wrote the last."""

    read: int
    lines: tuple[str, ...]
    newest: str = ""


class Output(NamedTuple):
    """What a command in a container wrote; `code` is None where the status did not come through."""

    stdout: str
    stderr: str
    code: int | None


@dataclass(frozen=True, slots=True)
class Ask:
    """A GET over HTTP.

    Attributes:
        url: Where; without a `service`, a whole URL, else its path and query alone.
        service: (namespace, Service, port) to reach by port-forward.
        headers: What else is sent; never recorded.
        name: What a recording calls it: the question without times.
    """

    url: str
    service: tuple[str, str, str] | None = None
    headers: dict[str, str] = field(default_factory=dict, repr=False)
    name: str = ""


class Page(NamedTuple):
    """What an HTTP server answered."""

    status: int
    text: str


class Cluster(Protocol):
    """A cluster that can be asked. Every method raises Unanswered with the reason when there is no answer."""

    name: str

    def begin(self) -> None:
        """A round of questions begins."""

    def may_ask_again(self, seconds_left: float) -> bool:
        """Whether there is another round, with so much of the time left that may be waited."""

    def now(self) -> datetime:
        """The time at which answers are judged."""

    def served(self, group: str) -> tuple[Served, ...]:
        """The kinds of an API group; none when the cluster does not know the group."""

    def objects(self, served: Served, namespace: str | None, name: str | None = None) -> list[dict[str, Any]]:
        """Objects of a kind, without secret values; of all namespaces for None, or the one of a name."""

    def log(self, namespace: str, pod: str, container: str, pattern: str) -> Log:
        """How much a container wrote lately, and the lines in which a pattern is found; no other line is kept."""

    def execute(self, namespace: str, pod: str, container: str, command: tuple[str, ...]) -> Output:
        """Run a command in a container, without a terminal."""

    def fetch(self, ask: Ask) -> Page:
        """GET over HTTP."""
