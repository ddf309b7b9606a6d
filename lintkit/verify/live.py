"""One round of questions to a cluster: every list is fetched once, and every refusal is remembered."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from lintkit.verify.cluster import NoAccess, NotInstalled, Served, Unanswered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from lintkit.verify.cluster import Ask, Cluster, Log, Output, Page

_T = TypeVar("_T")
_FEW = 10
Found = dict[str, Any]
"""An object as the API server gives it, without secret values."""


class Live:
    """A cluster during one round; safe to ask from several threads.

    Args:
        cluster: Who answers.
        namespaces: Those that the expectations are about: what is listed where the whole cluster may not be.
    """

    def __init__(self, cluster: Cluster, namespaces: Iterable[str] = ()) -> None:
        self.cluster = cluster
        self.namespaces = tuple(sorted(set(namespaces) - {""}))
        self._lock = Lock()
        self._kept: dict[object, _Once[Any]] = {}
        self._refused: dict[tuple[Served, str], list[NoAccess]] = {}

    def again(self) -> Live:
        """The same cluster, asked anew."""
        return Live(self.cluster, self.namespaces)

    def now(self) -> datetime:
        """The time at which answers are judged."""
        return self.cluster.now()

    def all(self, group: str, kind: str, namespace: str | None = None) -> list[Found]:
        """All objects of a kind, in one namespace or in all.

        Raises:
            Unanswered: The cluster does not say; where only some namespaces may be read, those are all there is.
        """
        indexed = self._indexed(group, kind, namespace)
        if namespace is None:
            return [one for objects in indexed.values() for one in objects.values()]
        return list(indexed.get(namespace, {}).values())

    def sees_all(self, group: str, kind: str) -> bool:
        """Whether `all` gives the objects of every namespace, and not only of those that may be read."""
        try:
            self._listed(self._served(group, kind), None)
        except NoAccess:
            return False
        return True

    def find(self, group: str, kind: str, namespace: str, name: str) -> Found | None:
        """One object, or None when it is not there.

        Raises:
            Unanswered: The cluster does not say.
        """
        try:
            indexed = self._indexed(group, kind, namespace or None)
        except NoAccess:
            served = self._served(group, kind)
            found = self._once(("get", served, namespace, name), lambda: self._get(served, namespace, name))
            return found[0] if found else None
        return indexed.get(namespace, {}).get(name)

    def _get(self, served: Served, namespace: str, name: str) -> list[Found]:
        """One object by its name; where the first few were all refused, no other is asked for."""
        refused = self._refused.setdefault((served, namespace), [])
        if len(refused) >= _FEW:
            raise refused[0]
        try:
            found = self.cluster.objects(served, namespace or None, name)
        except NoAccess as refusal:
            refused.append(refusal)
            raise
        self._refused[served, namespace] = []
        return found

    def log(self, namespace: str, pod: str, container: str, pattern: str) -> Log:
        """How much a container wrote lately, and the lines in which a pattern is found."""
        key = ("log", namespace, pod, container, pattern)
        return self._once(key, lambda: self.cluster.log(namespace, pod, container, pattern))

    def execute(self, namespace: str, pod: str, container: str, *command: str) -> Output:
        """Run a command in a container."""
        return self._once(
            ("exec", namespace, pod, container, command),
            lambda: self.cluster.execute(namespace, pod, container, command),
        )

    def fetch(self, ask: Ask) -> Page:
        """GET over HTTP."""
        return self._once(("http", ask.url, ask.service), lambda: self.cluster.fetch(ask))

    def _served(self, group: str, kind: str) -> Served:
        for served in self._once(("api", group), lambda: self.cluster.served(group)):
            if served.kind == kind:
                return served
        message = f"not installed: the cluster knows no {kind}{f' ({group})' if group else ''}"
        raise NotInstalled(message)

    def _indexed(self, group: str, kind: str, namespace: str | None) -> dict[str, dict[str, Found]]:
        """Namespace -> name -> object; of the whole cluster where that may be listed, else of one namespace."""
        served = self._served(group, kind)
        try:
            return self._listed(served, None)
        except NoAccess:
            if not served.is_namespaced or served.kind == "Secret":  # those are asked for by name
                raise
            if namespace is not None:
                return self._listed(served, namespace)
        found: dict[str, dict[str, Found]] = {}
        refused: list[Unanswered] = []
        for one in self.namespaces:
            try:
                found.update(self._listed(served, one))
            except NoAccess as error:
                refused.append(error)
        if refused and not found:
            raise refused[0]
        return found

    def _listed(self, served: Served, namespace: str | None) -> dict[str, dict[str, Found]]:
        def fetched() -> dict[str, dict[str, Found]]:
            found: dict[str, dict[str, Found]] = {}
            for one in self.cluster.objects(served, namespace):
                metadata = one.get("metadata") or {}
                found.setdefault(metadata.get("namespace") or "", {})[metadata.get("name") or ""] = one
            return found

        return self._once(("list", served, namespace), fetched)

    def _once(self, key: object, ask: Callable[[], _T]) -> _T:
        with self._lock:
            kept = self._kept.setdefault(key, _Once())
        found: _T = kept.get(ask)
        return found


class _Once(Generic[_T]):
    """An answer that is fetched by whoever asks first, while the others wait for it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._answers: list[_T] = []
        self._refusal: Unanswered | None = None

    def get(self, ask: Callable[[], _T]) -> _T:
        with self._lock:
            if self._refusal is not None:
                raise self._refusal
            if not self._answers:
                try:
                    self._answers.append(ask())
                except Unanswered as refusal:
                    self._refusal = refusal
                    raise
            return self._answers[0]
