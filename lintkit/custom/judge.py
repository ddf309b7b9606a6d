"""Objects and the expressions of a rule -> findings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from lintkit.cel.budget import Budget
from lintkit.cel.compile import Program
from lintkit.cel.errors import BudgetError, CelError, EvaluationError
from lintkit.cel.values import LazyMap, kind_of
from lintkit.custom.places import elements, key_path, place_of
from lintkit.custom.spec import listed
from lintkit.errors import ConfigurationError
from lintkit.finding import Finding
from lintkit.model.cluster import is_archived
from lintkit.model.secrets import sensitive_spans
from lintkit.suppress import glob
from lintkit.syntax.node import Scalar, scalars

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lintkit.custom.spec import Match, Spec
    from lintkit.model.resource import Resource
    from lintkit.model.tree import Tree
    from lintkit.syntax.node import KeyPath, Mapping, Node, Place

STEPS = 1_000_000
"""What one expression may take for one object."""
_SHORTEST_SECRET = 4


class Target(NamedTuple):
    """What an expression judges: an object, or an element in it."""

    key: str | int
    node: Node
    place: Place


@dataclass(frozen=True)
class Group:
    """Objects that see each other: those of one cluster.

    Attributes:
        resources: The objects.
        is_whole: Whether they are all of a cluster, and no left-over files.
    """

    resources: tuple[Resource, ...]
    is_whole: bool


class Judge:
    """A rule that is ready to run.

    Args:
        spec: What its file says.
        node: The same with its places.
        steps: What it may take for all objects together.

    Raises:
        ConfigurationError: An expression or a path is wrong.
    """

    def __init__(self, spec: Spec, node: Mapping, steps: int) -> None:
        self.spec = spec
        self.steps = steps
        self.node = node
        self.at = self._path("at", spec.at)
        self.each = [self._path("each", one) for one in listed(spec.each)]
        names = ["object", "path", *(("item", "key") if self.each else ())]
        names += ["resources", "byKind", "byName"] if spec.scope == "tree" else []
        names += ["variables"] if spec.variables else []
        self.variables = {
            one.name: self._compile(one.expression, names, "variables", index, "expression")
            for index, one in enumerate(spec.variables)
        }
        self.expression = self._compile(spec.expression, names, "expression")
        self.message = (
            self._compile(spec.messageExpression, names, "messageExpression") if spec.messageExpression else None
        )

    def findings(self, tree: Tree) -> Iterator[Finding]:
        """What the rule finds in a tree."""
        total = Budget(self.steps)
        secrets = _Secrets(tree)
        for group in _groups(tree):
            if self.spec.scope == "tree" and not group.is_whole:
                continue
            judged = [resource for resource in group.resources if matches(self.spec.match, resource)]
            shared = _shared(group.resources) if judged and self.spec.scope == "tree" else {}
            for resource in judged:
                yield from self._judged(resource, shared, total, secrets, is_built=group.is_whole)

    def _judged(
        self, resource: Resource, shared: dict[str, Any], total: Budget, secrets: _Secrets, *, is_built: bool
    ) -> Iterator[Finding]:
        known = {"path": resource.path, "object": plain(resource), **shared}
        for target in self._targets(resource):
            given = {**known, "item": target.node.value, "key": target.key} if self.each else known
            budget = Budget(STEPS)
            if self.variables:
                given = {**given, "variables": self._variables(given, budget)}
            place, node = place_of(target.node, self.at, target.place)
            try:
                verdict = self.expression.run(given, budget)
                if verdict is not True and verdict is not False:
                    message = f"gives {kind_of(verdict)}; expected true or false"
                    raise EvaluationError(message)
                message = "" if verdict else self._message(given, budget)
            except CelError as error:
                if isinstance(error, EvaluationError) and (not is_built or _holds_variable(resource.root)):
                    continue  # what a build or a variable would add is not known
                self._fail(error, resource, secrets)
            try:
                total.spend(STEPS - budget.left)
            except BudgetError as error:
                self._fail(error, None, secrets)
            judged = node if self.at or isinstance(target.node, Scalar) else None
            if not verdict and not _holds_variable(judged):
                yield Finding.at(place, secrets.masked(message))

    def _targets(self, resource: Resource) -> Iterator[Target]:
        if not self.each:
            yield Target("", resource.root, resource.name_place)
        for path in self.each:
            for key, node, place in elements(resource.root, path):
                yield Target(key, node, place)

    def _variables(self, given: dict[str, Any], budget: Budget) -> LazyMap:
        def make(name: str) -> Any:  # noqa: ANN401 - a CEL value
            return self.variables[name].run({**given, "variables": lazy}, budget)

        lazy = LazyMap(self.variables, make)
        return lazy

    def _message(self, given: dict[str, Any], budget: Budget) -> str:
        if self.message is not None:
            try:
                made = self.message.run(given, budget)
            except EvaluationError:
                made = None  # as in Kubernetes, the plain message takes its place
            if isinstance(made, str) and made.strip():
                return " ".join(made.split())
        return self.spec.message or f"`{_short(self.spec.expression)}` is false"

    def _path(self, field: str, text: str) -> KeyPath:
        try:
            return key_path(text)
        except ValueError as error:
            reason = str(error)
            raise self._mistake(reason, field) from None

    def _compile(self, text: str, names: Iterable[str], *where: str | int) -> Program:
        try:
            return Program(text, names)
        except CelError as error:
            message = f"the expression: {error.message}"
            raise self._mistake(message, *where, offset=error.offset) from None

    def _fail(self, error: CelError, resource: Resource | None, secrets: _Secrets) -> NoReturn:
        of = ""
        if resource is not None:
            line = resource.source.position(resource.name_place.span.start)[0]
            of = f" for {resource.id} ({resource.path}:{line})"
        message = secrets.masked(_said(error))
        hint = (
            "; `has(...)` or `.?` asks whether it is there" if message.startswith("has no value: no such key") else ""
        )
        said = f"the rule `{self.spec.name}` {message}{of}{hint}"
        raise self._mistake(said, "expression")

    def _mistake(self, message: str, *where: str | int, offset: int = 0) -> ConfigurationError:
        node = self.node.at(*where) or self.node
        line, column = node.source.position(node.start)
        if isinstance(node, Scalar) and offset > 0:
            if node.style in {"|", ">"}:
                line, column = line + 1 + (node.text[:offset].count("\n") if node.style == "|" else 0), 0
            elif "\n" not in node.source.text[node.start : node.end]:
                column += offset + len(node.style)
        return ConfigurationError(message, node.source.path, line, column)


class _Secrets:
    """Texts that no message may repeat."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.texts: list[str] | None = None

    def masked(self, message: str) -> str:
        """A message without them."""
        if self.texts is None:
            found: set[str] = set()
            for path, spans in sensitive_spans(self.tree).items():
                source = self.tree.repository.source(path)
                for span in spans if source else ():
                    text = source.text[span.start : span.end].strip("\"' \n")  # type: ignore[union-attr]
                    found.update(part for part in (text, *text.split()) if len(part) >= _SHORTEST_SECRET)
            self.texts = sorted(found, key=len, reverse=True)
        for text in self.texts:
            if text in message:
                message = message.replace(text, "…")
        return message


def plain(resource: Resource) -> dict[str, Any]:
    """An object as the cluster gets it."""
    made = resource.root.value
    metadata = made.get("metadata")
    if resource.namespace and isinstance(metadata, dict) and not resource.is_cluster_scoped:
        made["metadata"] = {**metadata, "namespace": resource.namespace}
    return made


def matches(match: Match, resource: Resource) -> bool:
    """Whether a rule is for an object."""
    kinds = (resource.kind, f"{resource.group}/{resource.kind}")
    if not any(glob(one).fullmatch(kind) for one in listed(match.kind) for kind in kinds):
        return False
    namespace = "" if resource.is_cluster_scoped else resource.namespace
    parts = ((match.group, resource.group), (match.namespace, namespace), (match.name, resource.name))
    if not all(glob(pattern).fullmatch(text) for pattern, text in parts):
        return False
    if not any(glob(one).fullmatch(resource.path) for one in listed(match.paths)):
        return False
    labels = match.labels or {}
    return all(
        (text := resource.label(name)) is not None and glob(pattern).fullmatch(text) for name, pattern in labels.items()
    )


def _groups(tree: Tree) -> Iterator[Group]:
    seen: set[int] = set()
    for cluster in (*tree.clusters, *tree.unattached):
        resources = tuple(cluster.resources)
        seen.update(id(resource.written) for resource in resources)
        yield Group(resources, is_whole=True)
    loose = (one for one in tree.written if id(one.root) not in seen and not is_archived(one.path))
    yield Group(tuple(loose), is_whole=False)


def _shared(resources: tuple[Resource, ...]) -> dict[str, Any]:
    """What expressions over the tree see: all objects, by kind, and by `Kind/namespace/name`."""
    objects = [plain(resource) for resource in resources]
    kinds: dict[str, list[dict[str, Any]]] = {}
    names: dict[str, dict[str, Any]] = {}
    for resource, made in zip(resources, objects, strict=True):
        kinds.setdefault(resource.kind, []).append(made)
        names[str(resource.id)] = made
    return {"resources": objects, "byKind": kinds, "byName": names}


def _holds_variable(node: Node | None) -> bool:
    """Whether a value, or one in it, holds a variable whose text is not known here."""
    return node is not None and any("${" in scalar.text for scalar in scalars(node))


def _said(error: CelError) -> str:
    return f"has no value: {error.message}" if isinstance(error, EvaluationError) else error.message


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 100 else f"{line[:100]}…"
