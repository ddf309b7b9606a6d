"""What a session knows, in the words of the protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

from lsprotocol import types

from lintkit.finding import Applicability, Severity
from lintkit.model.resource import make, manifests
from lintkit.server import words
from lintkit.server.carry import Shift
from lintkit.server.lookup import rule_named_at
from lintkit.server.positions import offset_at, place_range, position, span_range
from lintkit.syntax.node import Place
from lintkit.text.edit import Span

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lintkit.finding import Finding
    from lintkit.server.session import Session
    from lintkit.text.edit import Edit

_LEVELS = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.INFO: types.DiagnosticSeverity.Information,
}
NAME = "lintkit"


def path_of(uri: str) -> str | None:
    """The path of a `file:` address; None for any other."""
    parts = urlsplit(uri)
    if parts.scheme != "file":
        return None
    path = unquote(parts.path)
    return path[1:] if len(path) > 2 and path[0] == "/" and path[2] == ":" else path


def uri_of(path: Path) -> str:
    """The `file:` address of a path."""
    text = path.as_posix()
    return "file://" + quote(text if text.startswith("/") else f"/{text}", safe="/~")


class Answers:
    """The answers to questions about one root.

    Args:
        session: What is known of it.
        encoding: Units of columns: `utf-8`, `utf-16` or `utf-32`.
        can_create: Whether the client can make files as part of an edit.
    """

    def __init__(self, session: Session, encoding: str, *, can_create: bool = False) -> None:
        self.session = session
        self.encoding = encoding
        self.can_create = can_create

    def uri(self, path: str) -> str:
        """The address of a file of the tree."""
        return uri_of(self.session.root / path)

    def diagnostics(self, path: str) -> list[types.Diagnostic]:
        """The findings of a file."""
        return [self._diagnostic(finding) for finding in self.session.findings(path)]

    def _diagnostic(self, finding: Finding) -> types.Diagnostic:
        rule = self.session.rule(finding.rule)
        where = words.address(rule) if rule is not None else None
        related = [
            types.DiagnosticRelatedInformation(
                types.Location(self.uri(one.place.source.path), place_range(one.place, self.encoding)), one.message
            )
            for one in finding.related
        ]
        return types.Diagnostic(
            range=place_range(finding.place, self.encoding),
            message=finding.message,
            severity=_LEVELS[finding.severity or Severity.ERROR],
            code=finding.rule,
            code_description=types.CodeDescription(where) if where else None,
            source=NAME,
            related_information=related or None,
        )

    def hover(self, path: str, at: types.Position) -> types.Hover | None:
        """The rules whose findings stand at a position, what the text there refers to, or the rule that it names."""
        source = self.session.source(path)
        if source is None:
            return None
        offset = offset_at(source, at, self.encoding)
        parts: list[str] = []
        span = None
        link = self.session.link_at(path, offset)
        if link is not None:
            parts.append(words.of_link(link))
            span = link.span
        named = rule_named_at(source, offset)
        rule = self.session.rule(named[0]) if named is not None else None
        if named is not None and rule is not None:
            parts.append(words.of_rule(rule, whole=True))
            span = named[1]
        for finding in self._findings_at(path, Span(offset, offset)):
            found = self.session.rule(finding.rule)
            if found is not None and (text := words.of_rule(found, whole=False)) not in parts:
                parts.append(text)
                span = span or finding.place.span
        if not parts or span is None:
            return None
        content = types.MarkupContent(types.MarkupKind.Markdown, "\n\n---\n\n".join(parts))
        return types.Hover(content, span_range(source, span, self.encoding))

    def _findings_at(self, path: str, span: Span) -> Iterator[Finding]:
        for finding in self.session.findings(path):
            at = finding.place.span
            if at.start <= span.end and span.start <= at.end:
                yield finding

    def definition(self, path: str, at: types.Position) -> list[types.Location]:
        """Where the text at a position leads."""
        source = self.session.source(path)
        link = self.session.link_at(path, offset_at(source, at, self.encoding)) if source is not None else None
        return [
            types.Location(self.uri(target.place.source.path), place_range(self._now(target.place), self.encoding))
            for target in (link.targets if link is not None else ())
        ]

    def _now(self, place: Place) -> Place:
        """A place of the last whole run in the text as it is now."""
        now = self.session.source(place.source.path)
        if now is None or now.text == place.source.text:
            return place
        shift = Shift.between(place.source.text, now.text)
        return Place(now, shift.span(place.span) or Span(min(shift.start, len(now.text)), shift.start))

    def actions(self, path: str, asked: types.Range) -> list[types.CodeAction]:
        """The fixes of the findings in a range, those that stand."""
        source = self.session.source(path)
        if source is None:
            return []
        span = Span(offset_at(source, asked.start, self.encoding), offset_at(source, asked.end, self.encoding))
        found: list[types.CodeAction] = []
        for finding in self.session.fixes(path, self._findings_at(path, span)):
            fix = finding.fix
            edit = self._workspace_edit(fix.edits) if fix is not None else None
            if fix is None or edit is None:
                continue
            is_safe = fix.applicability is Applicability.SAFE
            title = fix.title if is_safe else f"{fix.title} (may change what is meant)"
            found.append(
                types.CodeAction(
                    title=f"{title} [{finding.rule}]",
                    kind=types.CodeActionKind.QuickFix,
                    diagnostics=[self._diagnostic(finding)],
                    is_preferred=is_safe,
                    edit=edit,
                )
            )
        return found

    def _workspace_edit(self, edits: tuple[Edit, ...]) -> types.WorkspaceEdit | None:
        """Edits as the client applies them; None where it would have to make a file and cannot."""
        by_path: dict[str, list[types.TextEdit]] = {}
        new: list[str] = []
        for edit in edits:
            source = self.session.source(edit.path)
            if source is None:
                if edit.path not in new:
                    new.append(edit.path)
                start = types.Position(0, 0)
                changed = types.TextEdit(types.Range(start, start), edit.text)
            else:
                changed = types.TextEdit(span_range(source, edit.span, self.encoding), edit.text)
            by_path.setdefault(edit.path, []).append(changed)
        if not new:
            return types.WorkspaceEdit(changes={self.uri(path): changed for path, changed in by_path.items()})
        if not self.can_create:
            return None
        operations: list[types.TextDocumentEdit | types.CreateFile | types.RenameFile | types.DeleteFile] = []
        for path, texts in by_path.items():
            if path in new:
                operations.append(types.CreateFile(uri=self.uri(path)))
            document = types.OptionalVersionedTextDocumentIdentifier(uri=self.uri(path))
            operations.append(types.TextDocumentEdit(document, list(texts)))
        return types.WorkspaceEdit(document_changes=operations)

    def symbols(self, path: str) -> list[types.DocumentSymbol]:
        """The objects of an open file."""
        if path not in self.session.texts:
            return []
        stream = self.session.stream(path)
        found: list[types.DocumentSymbol] = []
        for root in manifests(stream):
            resource = make(root)
            name = f"{resource.namespace}/{resource.name}" if resource.namespace else resource.name
            whole = types.Range(
                position(stream.source, root.start, self.encoding), position(stream.source, root.end, self.encoding)
            )
            place = resource.name_place
            found.append(
                types.DocumentSymbol(
                    name=f"{resource.kind} {name}".strip() or "object",
                    kind=types.SymbolKind.Object,
                    range=whole,
                    selection_range=place_range(place, self.encoding),
                    detail=resource.api_version,
                )
            )
        return found
