"""Which objects the `target` of a patch, or the `select` of a replacement, means."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from lintkit.model.kustomize.expression import read_expression
from lintkit.model.kustomize.item import Gap, Problem
from lintkit.syntax.node import Mapping, Scalar

if TYPE_CHECKING:
    from lintkit.model.kustomize.item import BuildId, Item

_EXPRESSIONS = ("group", "version", "kind", "name", "namespace")
_LABELS = ("labelSelector", "annotationSelector")
_TERM = re.compile(
    r" ?(?:! ?(?P<absent_key>[^ ,!=()<>]+)"
    r"|(?P<set_key>[^ ,!=()<>]+) (?P<verb>in|notin) ?\((?P<values>[^()]*)\)"
    r"|(?P<key>[^ ,!=()<>]+) ?(?:(?P<operator>==|=|!=|<|>) ?(?P<value>[^ ,!=()<>]*))?) ?(?:,(?=.)|$)"
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
            and self.selects_metadata(item)
        )

    def selects_type(self, identity: BuildId) -> bool:
        """Whether a group, version and kind are meant."""
        return (
            _matches(self.kind, identity.kind)
            and _matches(self.group, identity.group)
            and _matches(self.version, identity.version)
        )

    def selects_metadata(self, item: Item) -> bool:
        """Whether the labels and annotations of an object are those that are meant."""
        return selects_labels(self.labels, item.root.mapping_at("metadata", "labels")) and selects_labels(
            self.annotations, item.root.mapping_at("metadata", "annotations")
        )

    def selects_id(self, identity: BuildId, namespace: str) -> bool:
        """Whether an identity is meant, whose namespace is written as `namespace`."""
        return (
            self.selects_type(identity) and _matches(self.name, identity.name) and _matches(self.namespace, namespace)
        )

    @property
    def is_by_id(self) -> bool:
        """Whether it says anything about an identity."""
        return bool(self.group or self.version or self.kind or self.name or self.namespace)

    @property
    def is_by_metadata(self) -> bool:
        """Whether it says anything about labels or annotations."""
        return bool(self.labels or self.annotations)


def read_selector(node: Mapping, problems: list[Problem], gaps: list[Gap]) -> Selector:
    """A selector as it is written, after noting what in it cannot be read."""
    for field in _EXPRESSIONS:
        text = node.get(field)
        if isinstance(text, Scalar):
            expression = read_expression(text.text)
            if expression.is_refused:
                message = f"`{text.text}` is no regular expression, which `{field}` is"
                problems.append(Problem("invalid-kustomization", message, text.place))
            elif expression.is_unknown:
                gaps.append(Gap(f"the regular expression `{text.text}` is not read", text.place))
    for field in _LABELS:
        text = node.get(field)
        if isinstance(text, Scalar) and _terms(text.text) is None:
            message = f"`{text.text}` is no selector such as `app=web,tier in (front,back)`"
            problems.append(Problem("invalid-kustomization", message, text.place))
    return Selector(*(node.text(field) or "" for field in (*_EXPRESSIONS, *_LABELS)))


def _matches(pattern: str, text: str) -> bool:
    return not pattern or pattern == text or read_expression(pattern).matches(text)


def selects_labels(selector: str, labels: Mapping | None) -> bool:
    """Whether labels (or annotations) satisfy a selector such as `a=b,c!=d,e in (f,g),!h`."""
    terms = _terms(selector)
    have = {key: labels.text(key) or "" for key in labels.entries} if labels is not None else {}
    return terms is not None and all(_term_holds(term, have) for term in terms)


@lru_cache(maxsize=512)
def _terms(selector: str) -> tuple[re.Match[str], ...] | None:
    """The terms of a selector, all of which have to hold; None when it cannot be read."""
    terms: list[re.Match[str]] = []
    selector = " ".join(selector.split())
    at = 0
    while at < len(selector):
        term = _TERM.match(selector, at)
        if not term:
            return None
        terms.append(term)
        at = term.end()
    return tuple(terms)


def _term_holds(term: re.Match[str], have: dict[str, str]) -> bool:
    if term["absent_key"]:
        return term["absent_key"] not in have
    if term["verb"]:
        values = {value.strip() for value in term["values"].split(",")}
        inside = term["set_key"] in have and have[term["set_key"]] in values
        return inside if term["verb"] == "in" else not inside
    value = have.get(term["key"])
    match term["operator"]:
        case None:
            return value is not None
        case "!=":
            return value != term["value"]
        case "<" | ">":
            if value is None or not (_is_number(value) and _is_number(term["value"])):
                return False
            return int(value) < int(term["value"]) if term["operator"] == "<" else int(value) > int(term["value"])
    return value == term["value"]


def _is_number(text: str) -> bool:
    return re.fullmatch(r"-?[0-9]{1,18}", text) is not None
