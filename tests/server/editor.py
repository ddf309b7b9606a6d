"""An editor without a screen: a real client of the protocol, over the standard input and output of `lintkit server`."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.lsp.client import LanguageClient

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

PATIENCE = 60.0


class Editor:
    """One connection to a server."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.client = LanguageClient("editor", "1")
        self.found: dict[str, list[types.Diagnostic]] = {}
        self.published: dict[str, int] = {}
        self.messages: list[str] = []
        self.texts: dict[str, str] = {}
        self.capabilities: types.ServerCapabilities | None = None
        self._version = 0

        @self.client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def _(params: types.PublishDiagnosticsParams) -> None:
            self.found[params.uri] = list(params.diagnostics)
            self.published[params.uri] = self.published.get(params.uri, 0) + 1

        @self.client.feature(types.WINDOW_SHOW_MESSAGE)
        def _(params: types.ShowMessageParams) -> None:
            self.messages.append(params.message)

    def uri(self, path: str) -> str:
        return (self.root / path).as_uri()

    def open(self, path: str, text: str | None = None) -> None:
        text = (self.root / path).read_text("utf-8") if text is None else text
        self.texts[path] = text
        self.client.text_document_did_open(
            types.DidOpenTextDocumentParams(types.TextDocumentItem(self.uri(path), "yaml", self._next(), text))
        )

    def change(self, path: str, old: str, new: str) -> None:
        """Replace the first `old`, as an editor does: one changed range."""
        text = self.texts[path]
        at = text.index(old)
        line = text.count("\n", 0, at)
        start = len(text[text.rfind("\n", 0, at) + 1 : at].encode("utf-16-le")) // 2
        last = old.rfind("\n")
        end = start + len(old.encode("utf-16-le")) // 2 if last < 0 else len(old[last + 1 :].encode("utf-16-le")) // 2
        changed = types.Range(types.Position(line, start), types.Position(line + old.count("\n"), end))
        self.texts[path] = text.replace(old, new, 1)
        self.client.text_document_did_change(
            types.DidChangeTextDocumentParams(
                types.VersionedTextDocumentIdentifier(uri=self.uri(path), version=self._next()),
                [types.TextDocumentContentChangePartial(range=changed, text=new)],
            )
        )

    def close(self, path: str) -> None:
        identifier = types.TextDocumentIdentifier(self.uri(path))
        self.client.text_document_did_close(types.DidCloseTextDocumentParams(identifier))

    def save(self, path: str) -> None:
        (self.root / path).write_text(self.texts[path], "utf-8")
        identifier = types.TextDocumentIdentifier(self.uri(path))
        self.client.text_document_did_save(types.DidSaveTextDocumentParams(identifier))

    def messages_of(self, path: str) -> list[tuple[str, int, str]]:
        """Rule, 1-based line and message of what was last published for a file."""
        found = self.found.get(self.uri(path), [])
        return [(str(one.code), one.range.start.line + 1, one.message) for one in found]

    async def until(self, holds: Callable[[], bool]) -> float:
        """Wait until something holds; the seconds that took."""
        started = time.perf_counter()
        while not holds():
            assert time.perf_counter() - started < PATIENCE, (self.found, self.messages)
            await asyncio.sleep(0.002)
        return time.perf_counter() - started

    async def says(self, path: str, rule: str, *, is_there: bool = True) -> float:
        """Wait until a rule finds something in a file, or no longer does."""
        return await self.until(lambda: any(one[0] == rule for one in self.messages_of(path)) is is_there)

    def position(self, path: str, marked: str) -> types.Position:
        """The position of `|` in a part of a file: `na|me: web`."""
        before, after = marked.split("|")
        at = self.texts[path].index(before + after) + len(before)
        line = self.texts[path].count("\n", 0, at)
        start = self.texts[path].rfind("\n", 0, at) + 1
        return types.Position(line, len(self.texts[path][start:at].encode("utf-16-le")) // 2)

    async def hover(self, path: str, marked: str) -> str:
        found = await self.client.text_document_hover_async(
            types.HoverParams(types.TextDocumentIdentifier(self.uri(path)), self.position(path, marked))
        )
        if found is None:
            return ""
        assert isinstance(found.contents, types.MarkupContent)
        return found.contents.value

    async def definition(self, path: str, marked: str) -> list[tuple[str, int]]:
        """File and 1-based line of every place that a part of a file leads to."""
        found = await self.client.text_document_definition_async(
            types.DefinitionParams(types.TextDocumentIdentifier(self.uri(path)), self.position(path, marked))
        )
        assert isinstance(found, list)
        prefix = self.root.as_uri() + "/"
        return [(one.uri.removeprefix(prefix), one.range.start.line + 1) for one in found]  # type: ignore[union-attr]

    async def actions(self, path: str, marked: str) -> list[types.CodeAction]:
        at = self.position(path, marked)
        found = await self.client.text_document_code_action_async(
            types.CodeActionParams(
                types.TextDocumentIdentifier(self.uri(path)), types.Range(at, at), types.CodeActionContext([])
            )
        )
        return [one for one in found or [] if isinstance(one, types.CodeAction)]

    def applied(self, path: str, action: types.CodeAction) -> str:
        """The text of a file after an action."""
        assert action.edit is not None
        assert action.edit.changes is not None
        text = self.texts[path]
        starts = [0, *(index + 1 for index, char in enumerate(text) if char == "\n")]
        for edit in sorted(action.edit.changes[self.uri(path)], key=lambda one: -one.range.start.line):
            begin = starts[edit.range.start.line] + edit.range.start.character
            end = starts[edit.range.end.line] + edit.range.end.character
            text = text[:begin] + edit.new_text + text[end:]
        return text

    def _next(self) -> int:
        self._version += 1
        return self._version


@asynccontextmanager
async def connected(root: Path, *, folder: bool = True) -> AsyncIterator[Editor]:
    """An editor with a folder open, and its server."""
    editor = Editor(root)
    await editor.client.start_io(sys.executable, "-m", "lintkit", "server", env={**os.environ})
    folders = [types.WorkspaceFolder(uri=root.as_uri(), name=root.name)] if folder else None
    answer = await editor.client.initialize_async(
        types.InitializeParams(capabilities=types.ClientCapabilities(), workspace_folders=folders)
    )
    editor.capabilities = answer.capabilities
    editor.client.initialized(types.InitializedParams())
    try:
        yield editor
    finally:
        await editor.client.shutdown_async(None)
        editor.client.exit(None)
        await editor.client.stop()
