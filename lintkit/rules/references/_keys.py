"""Keys that a Secret or ConfigMap lacks, as findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.finding import Applicability, Finding, Fix, Related
from lintkit.model.names import closest
from lintkit.syntax.node import Scalar
from lintkit.syntax.rewrite import replace_scalar

if TYPE_CHECKING:
    from lintkit.model.contracts import Answer

_SHOWN = 6


def missing_key(answer: Answer) -> Finding:
    """The finding for a key that no maker of an object gives it."""
    reference = answer.reference
    keys = sorted({key for producer in answer.producers for key in producer.keys})
    close = closest(reference.key or "", keys)
    have = ", ".join(f"`{key}`" for key in keys[:_SHOWN]) or "none"
    more = f" and {len(keys) - _SHOWN} more" if len(keys) > _SHOWN else ""
    hint = f"; did you mean `{close}`?" if close else f"; it has {have}{more}"
    message = f"{reference.kind} `{reference.name}` has no key `{reference.key}`{hint}"
    related = tuple(
        Related(producer.node.place, f"{producer.resource.kind} `{producer.resource.name}` makes it")
        for producer in answer.producers[:2]
    )
    node = reference.key_node or reference.node
    fix = None
    if close is not None and isinstance(node, Scalar) and node.text == reference.key:
        fix = Fix(f"rename to `{close}`", tuple(replace_scalar(node, close)), Applicability.UNSAFE)
    return Finding.at(node, message, related=related, fix=fix)
