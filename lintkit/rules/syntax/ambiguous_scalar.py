"""The rule `ambiguous-scalar`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lintkit.finding import Applicability, Finding, Fix, Severity
from lintkit.rules._rule import rule
from lintkit.syntax.node import Mapping, Node, Scalar, Sequence
from lintkit.syntax.plain import flux_value, kubectl_value, timestamp
from lintkit.text.edit import Edit, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.syntax.node import Document

_CANDIDATE = re.compile(
    r"(?:^|[:\-,\[{])[ \t]+(?:[yYnN]|yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF"
    r"|[-+]?0[xXoObB]?[0-9a-fA-F_]+|[-+]?[0-9][0-9_.]*(?:[eE_][-+0-9_]+)|\d{4}-\d{1,2}-\d{1,2}[^\n#]*"
    r"|[-+]?\.(?:inf|Inf|INF|nan|NaN|NAN))[ \t]*(?:#|$|[,\]}\r])",
    re.MULTILINE,
)
_BOOLS = re.compile(r"[yYnN]|yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF")
_NUMBERS = re.compile(
    r"[-+]?0[0-9_]+|[-+]?0[oObBxX][0-9a-fA-F_]+|[-+]?[0-9][0-9_.]*[eE][-+]?[0-9]+|[-+]?[0-9]+(?:_[0-9]+)+"
)
_INFINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF|nan|NaN|NAN)")
_TEXT_PARENTS = frozenset(
    {"annotations", "labels", "matchLabels", "nodeSelector", "stringData", "substitute", "commonLabels",
     "commonAnnotations", "pairs"}
)  # fmt: skip


@rule(severity=Severity.WARNING, since="0.1")
def ambiguous_scalar(document: Document) -> Iterator[Finding]:
    """A plain value does not mean to every reader what it looks like.

    Flux and kustomize read YAML in another way than `kubectl apply` and Helm do: `yes`, `no`, `on`, `off`, `y` and `n`
    are text to the former and booleans to the latter; a date is rewritten with a time by kustomize; `.inf` and `.nan`
    cannot be sent to the API server at all. Numbers in unusual forms (`0755`, `1e3`, `1_000`) are reported only where
    text is wanted. `12:30` is text for all.

    ## Why
    The value that arrives in the cluster is not the value in the file, and which one it is depends on who applies it.

    ## Bad
    ```yaml app/config.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: config
      namespace: default
      annotations:
        example.com/reviewed: 2024-01-15 # warning: kustomize rewrites the date
    data:
      answer: no # warning: text to Flux
      mode: 0755 # warning: is read as the number 493
    ```

    ## Good
    ```yaml app/config.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: config
      namespace: default
      annotations:
        example.com/reviewed: "2024-01-15"
    data:
      answer: "no"
      mode: "0755"
    ```
    """
    text = document.source.text
    if document.root is None or not _CANDIDATE.search(text, document.start, document.end):
        return
    is_config = isinstance(document.root, Mapping) and document.root.text("kind") in {"ConfigMap", "Secret"}
    stack: list[tuple[Node, str, bool]] = [(document.root, "", False)]
    while stack:
        node, parent, wants_text = stack.pop()
        if isinstance(node, Mapping):
            is_env = "name" in node.entries and set(node.entries) <= {"name", "value"}
            here = wants_text or parent in _TEXT_PARENTS or (is_config and parent in {"data", "stringData"})
            for key, value in reversed(node.pairs):
                name = key.text if isinstance(key, Scalar) else ""
                stack.append((value, name, here or (is_env and name == "value")))
        elif isinstance(node, Sequence):
            stack.extend((child, parent, wants_text) for child in reversed(node.children))
        elif isinstance(node, Scalar) and not node.style and node.tag is None:
            message = _message(node.text, wants_text=wants_text)
            if message:
                yield Finding.at(node, message[0], severity=message[1], fix=_quoted(node, message[1]))


def _message(text: str, *, wants_text: bool) -> tuple[str, Severity | None] | None:
    if not text or len(text) > 40:
        return None
    if _BOOLS.fullmatch(text):
        value = str(kubectl_value(text)).lower()
        return f"`{text}` is text to Flux and `{value}` to `kubectl apply` and Helm", None
    if _INFINITE.fullmatch(text):
        return f"`{text}` is a number that no API server takes", Severity.ERROR
    date = timestamp(text)
    if date is not None and date != text:
        return f"kustomize rewrites the date `{text}` to `{date}`", None
    if wants_text and _NUMBERS.fullmatch(text) and not isinstance(flux_value(text), str):
        return f"`{text}` is read as the number {_shown(flux_value(text))}, and text is wanted here", None
    return None


def _shown(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _quoted(node: Scalar, severity: Severity | None) -> Fix | None:
    if severity is Severity.ERROR:
        return None
    span = Span(node.start, node.end)
    edit = Edit(node.source.path, span, f'"{node.text}"')
    return Fix(f'quote it: `"{node.text}"`', (edit,), Applicability.SAFE)
