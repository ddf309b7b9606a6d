"""What a finding is known by when lines move and messages are reworded: its rule, its file, the text of its line.

A fingerprint may leave the machine (SARIF, a baseline in a public repository), so nothing secret goes into it, not even
into its hash: spans that are never shown are left out, and so is whatever follows a name that a secret could have.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from lintkit.finding import Finding
    from lintkit.text.edit import Span

LENGTH = 32
_MAY_BE_SECRET = re.compile(
    r"(?:pass(?:wd|word|phrase)?|pwd|token|secret|(?:api|secret|private|access|encryption|signing)[_-]?key|credentials?)"
    r"\d*[\"']?\s*[:=]|://[^\s/@]*:(?=[^\s@]*@)",
    re.IGNORECASE,
)
_NOT_READ = frozenset({"syntax-error", "undefined-alias"})
"""Rules about text that could not be read, so that nobody knows what is secret in it."""


def fingerprints(findings: Iterable[Finding], sensitive: Mapping[str, Sequence[Span]]) -> list[str]:
    """The fingerprint of each finding, in their order; all of them differ.

    Args:
        findings: The findings of a run, sorted; equal lines of a file are told apart by their order.
        sensitive: Path -> spans that are never shown.
    """
    from hashlib import sha256  # noqa: PLC0415 - it loads OpenSSL, and only some reports ask for this

    seen: Counter[str] = Counter()
    found: list[str] = []
    for finding in findings:
        text = "\0".join((finding.rule, finding.path, line_text(finding, sensitive.get(finding.path, ()))))
        seen[text] += 1
        found.append(sha256(f"{text}\0{seen[text]}".encode("utf-8", "surrogateescape")).hexdigest()[:LENGTH])
    return found


def line_text(finding: Finding, sensitive: Iterable[Span]) -> str:
    """The first line a finding is about, without secrets, and with one space where there are several."""
    if finding.rule in _NOT_READ:
        return ""
    source = finding.place.source
    at, end = source.line_span(source.position(finding.place.span.start)[0])
    parts: list[str] = []
    for span in sorted(one for one in sensitive if one.start < end and at < one.end):
        parts.append(source.text[at : max(at, span.start)])
        at = max(at, span.end)
    text = " ".join(("".join(parts) + source.text[at:end]).removeprefix("\ufeff").split())
    secret = _MAY_BE_SECRET.search(text)
    return text[: secret.end()] if secret else text
