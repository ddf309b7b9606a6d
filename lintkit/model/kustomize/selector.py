"""Which objects the `target` of a patch, or the `select` of a replacement, means."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from lintkit.syntax.node import Mapping

if TYPE_CHECKING:
    from lintkit.model.kustomize.item import BuildId, Item

_TERM = re.compile(
    r"\s*(?:(?P<absent>!)\s*(?P<absent_key>[^\s,!=()]+)"
    r"|(?P<set_key>[^\s,!=()]+)\s+(?P<verb>in|notin)\s*\((?P<values>[^)]*)\)"
    r"|(?P<key>[^\s,!=()]+)\s*(?:(?P<operator>==|=|!=)\s*(?P<value>[^\s,]*))?)\s*(?:,|$)"
)


@dataclass(frozen=True, slots=True)
class Selector:
    """A selector; `group`, `version`, `kind`, `name` and `namespace` are regular expressions, anchored at both ends."""

    group: str
    version: str
    kind: str
    name: str
    namespace: str
    labels: str
    annotations: str

    def selects(self, item: Item) -> bool:
        """Whether an object is meant; its first name and namespace count as well as its present ones."""
        now, first = item.id, item.original_id
        return (
            (_matches(self.namespace, first.selector_namespace) or _matches(self.namespace, now.selector_namespace))
            and (_matches(self.name, first.name) or _matches(self.name, now.name))
            and self.selects_type(now)
            and selects_labels(self.labels, item.root.mapping_at("metadata", "labels"))
            and selects_labels(self.annotations, item.root.mapping_at("metadata", "annotations"))
        )

    def selects_type(self, identity: BuildId) -> bool:
        """Whether a group, version and kind are meant."""
        return (
            _matches(self.kind, identity.kind)
            and _matches(self.group, identity.group)
            and _matches(self.version, identity.version)
        )

    def selects_id(self, identity: BuildId) -> bool:
        """Whether an identity is meant."""
        return (
            self.selects_type(identity)
            and _matches(self.name, identity.name)
            and _matches(self.namespace, identity.selector_namespace)
        )


def read_selector(node: Mapping) -> Selector:
    """A selector as it is written."""
    return Selector(
        node.text("group") or "",
        node.text("version") or "",
        node.text("kind") or "",
        node.text("name") or "",
        node.text("namespace") or "",
        node.text("labelSelector") or "",
        node.text("annotationSelector") or "",
    )


@lru_cache(maxsize=2048)
def _pattern(text: str) -> re.Pattern[str] | None:
    try:
        return re.compile(f"(?:{text})")
    except re.error:
        return None


def _matches(pattern: str, text: str) -> bool:
    if not pattern or pattern == text:
        return True
    expression = _pattern(pattern)
    return expression is not None and expression.fullmatch(text) is not None


def selects_labels(selector: str, labels: Mapping | None) -> bool:
    """Whether labels (or annotations) satisfy a selector such as `a=b,c!=d,e in (f,g),!h`."""
    if not selector.strip():
        return True
    have = {key: labels.text(key) or "" for key in labels.entries} if isinstance(labels, Mapping) else {}
    at = 0
    while at < len(selector):
        term = _TERM.match(selector, at)
        if not term or term.end() == at:
            return False
        at = term.end()
        if not _term_holds(term, have):
            return False
    return True


def _term_holds(term: re.Match[str], have: dict[str, str]) -> bool:
    if term["absent"]:
        return term["absent_key"] not in have
    if term["verb"]:
        values = {value.strip() for value in term["values"].split(",")}
        inside = term["set_key"] in have and have[term["set_key"]] in values
        return inside if term["verb"] == "in" else not inside
    if term["operator"] is None:
        return term["key"] in have
    equal = have.get(term["key"]) == term["value"]
    return not equal if term["operator"] == "!=" else equal
