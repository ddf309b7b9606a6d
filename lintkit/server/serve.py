"""The language server: what an editor says and asks, when the tree is read again, and what is published."""

from __future__ import annotations

import asyncio
import gc
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from lintkit import __version__
from lintkit.collect.repository import root_of
from lintkit.errors import LintkitError
from lintkit.server.answers import Answers, path_of
from lintkit.server.session import CancelledError, Session, settle

if TYPE_CHECKING:
    from collections.abc import Callable

SOON = 0.02
"""Seconds after an edit until the file alone is judged."""
LATER = 0.4
"""Seconds after an edit until the whole tree is."""
IDLE = 3.0
"""Seconds without an edit until memory is tidied up: nothing is answered meanwhile."""
MOST_UNTIDY = 5
"""Whole runs after which it is tidied up all the same."""
TURN = 0.0005
"""Seconds that a whole run may go on while a question waits."""
_WATCHED = "**/{*.yaml,*.yml,*.json,*.env,*.properties,kustomization,Kustomization,.lintkit*,.gitignore,.sourceignore}"


class Running:
    """One root that is served.

    Args:
        server: Where findings are published.
        root: The root.
        pool: One thread, in which whole runs follow each other.
    """

    def __init__(self, server: LanguageServer, root: Path, pool: ThreadPoolExecutor) -> None:
        self.server = server
        self.session = Session(root)
        self.pool = pool
        capabilities = server.client_capabilities
        edit = capabilities.workspace.workspace_edit if capabilities.workspace else None
        kinds = (edit.resource_operations or ()) if edit is not None and edit.document_changes else ()
        encoding = server.workspace.position_encoding or "utf-16"
        self.answers = Answers(
            self.session,
            str(getattr(encoding, "value", encoding)),
            can_create=types.ResourceOperationKind.Create in kinds,
        )
        self._published: dict[str, list[types.Diagnostic]] = {}
        self._cancelled = Event()
        self._soon: asyncio.TimerHandle | None = None
        self._later: asyncio.TimerHandle | None = None
        self._idle: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None
        self._told = ""
        self._runs = 0

    def path(self, file: Path) -> str:
        """A file as the tree names it."""
        return file.relative_to(self.session.root).as_posix()

    def changed(self, path: str, text: str | None) -> None:
        """Take over the text of an open file; None when it is closed."""
        if text is None:
            self.session.close(path)
        else:
            self.session.texts[path] = text
        self._soon = self._again(self._soon, SOON, self.publish)
        if not self.session.is_current():
            self.read_again()

    def read_again(self, after: float = LATER) -> None:
        """Read the whole tree again in a while; what runs now is not wanted any more."""
        self._cancelled.set()
        self._later = self._again(self._later, after, self._start)
        if self._idle is not None:
            self._idle.cancel()

    def stop(self) -> None:
        """End everything that is under way."""
        self._cancelled.set()
        for timer in (self._soon, self._later, self._idle):
            if timer is not None:
                timer.cancel()

    @staticmethod
    def _again(timer: asyncio.TimerHandle | None, after: float, call: Callable[[], None]) -> asyncio.TimerHandle:
        if timer is not None:
            timer.cancel()
        return asyncio.get_running_loop().call_later(after, call)

    def _start(self) -> None:
        self._cancelled = Event()
        self._task = asyncio.get_running_loop().create_task(self._run(self._cancelled))

    async def _run(self, cancelled: Event) -> None:
        loop = asyncio.get_running_loop()
        session = self.session
        try:
            known = await loop.run_in_executor(self.pool, session.run, dict(session.texts), session.known, cancelled)
            if cancelled.is_set():
                return
            session.keep(known)
            self._told = ""
            self._tidy_after_run()
            self.publish()
            if known is not None:
                standing = await loop.run_in_executor(
                    self.pool, session.try_fixes, known, tuple(session.texts), cancelled
                )
                if session.known is known:
                    session.keep_standing(standing)
            self._idle = self._again(self._idle, IDLE, self._tidy)
        except CancelledError:
            return
        except LintkitError as error:
            self._tell(str(error))

    def _tidy_after_run(self) -> None:
        """Take the first tree for lasting; later ones are garbage that waits until nobody types, but not for ever."""
        self._runs += 1
        if self._runs == 1:
            settle()
        elif self._runs > MOST_UNTIDY:
            self._tidy()

    def _tidy(self) -> None:
        self._runs = 1
        gc.collect()

    def _tell(self, message: str) -> None:
        """Show an error once."""
        if message != self._told:
            self._told = message
            self.server.window_show_message(types.ShowMessageParams(types.MessageType.Error, f"lintkit: {message}"))

    def publish(self) -> None:
        """Send the findings of every file where they are no longer what was sent."""
        session = self.session
        if session.known is None and not self._published:
            return
        findings = session.known.findings if session.known is not None else {}
        for path in {**self._published, **findings, **session.texts}:
            now = self.answers.diagnostics(path)
            if now != self._published.get(path, []):
                self.server.text_document_publish_diagnostics(
                    types.PublishDiagnosticsParams(uri=self.answers.uri(path), diagnostics=now)
                )
            if now:
                self._published[path] = now
            else:
                self._published.pop(path, None)


class Host:
    """All roots that are served, and which file belongs to which.

    Args:
        server: The server.
    """

    def __init__(self, server: LanguageServer) -> None:
        self.server = server
        self.roots: dict[Path, Running] = {}
        self.pool = ThreadPoolExecutor(1, "lintkit")

    def folders(self) -> list[Path]:
        """The folders that are open in the editor."""
        found = (path_of(folder.uri) for folder in self.server.workspace.folders.values())
        return [Path(path) for path in found if path is not None]

    def open(self, root: Path) -> Running:
        """Serve a root, from now on."""
        if root not in self.roots:
            self.roots[root] = Running(self.server, root, self.pool)
            self.roots[root].read_again(0)
        return self.roots[root]

    def of(self, uri: str) -> tuple[Running, str] | None:
        """The root of a file, and the file as its tree names it; None for what is no file."""
        text = path_of(uri)
        if text is None:
            return None
        file = Path(text)
        running = self.open(root_for(file, self.folders()))
        return running, running.path(file)

    def changed(self, uri: str, *, is_open: bool = True) -> None:
        """Take over the text of a document."""
        found = self.of(uri)
        if found is not None:
            text = self.server.workspace.get_text_document(uri).source if is_open else None
            found[0].changed(found[1], text)

    def stop(self) -> None:
        """End everything that is under way."""
        for running in self.roots.values():
            running.stop()
        self.pool.shutdown(wait=False, cancel_futures=True)


def root_for(file: Path, folders: list[Path]) -> Path:
    """The root of the tree that a file is in: as on the command line, else the folder that is open in the editor."""
    for folder in file.parents:
        if (folder / ".git").exists() or (folder / ".lintkit.yaml").is_file():
            return folder
    inside = [folder for folder in folders if file.is_relative_to(folder)]
    found = max(inside, key=lambda folder: len(folder.parts), default=root_of(file))
    return found if file.is_relative_to(found) else file.parent


def make_server() -> LanguageServer:
    """A server that listens to nobody yet."""
    server = LanguageServer("lintkit", __version__)
    host = Host(server)
    _follow(server, host)
    _follow_folders(server, host)
    _answer(server, host)
    return server


def _follow(server: LanguageServer, host: Host) -> None:
    """What the editor says of texts."""

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: types.DidOpenTextDocumentParams) -> None:
        host.changed(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: types.DidChangeTextDocumentParams) -> None:
        host.changed(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: types.DidCloseTextDocumentParams) -> None:
        host.changed(params.text_document.uri, is_open=False)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def saved(params: types.DidSaveTextDocumentParams) -> None:
        found = host.of(params.text_document.uri)
        if found is not None:
            found[0].read_again()

    @server.feature(types.SHUTDOWN)
    def shut_down(_: None) -> None:
        host.stop()


def _follow_folders(server: LanguageServer, host: Host) -> None:
    """What the editor says of folders and of files on disk."""

    @server.feature(types.INITIALIZED)
    async def initialized(_: types.InitializedParams) -> None:
        for folder in host.folders():
            host.open(root_for(folder / "any", [folder]))
        capabilities = server.client_capabilities.workspace
        watched = capabilities.did_change_watched_files if capabilities else None
        if watched is not None and watched.dynamic_registration:
            options = types.DidChangeWatchedFilesRegistrationOptions([types.FileSystemWatcher(glob_pattern=_WATCHED)])
            registration = types.Registration("watched", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
            with suppress(Exception):  # an editor that refuses tells of saved files all the same
                await server.client_register_capability_async(types.RegistrationParams([registration]))

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def files_changed(params: types.DidChangeWatchedFilesParams) -> None:
        for change in params.changes:
            path = path_of(change.uri)
            for root, running in host.roots.items():
                if path is not None and Path(path).is_relative_to(root):
                    running.read_again()

    @server.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    def folders_changed(_: types.DidChangeWorkspaceFoldersParams) -> None:
        for folder in host.folders():
            host.open(root_for(folder / "any", [folder]))


def _answer(server: LanguageServer, host: Host) -> None:
    """What the editor asks."""

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def hover(params: types.HoverParams) -> types.Hover | None:
        found = host.of(params.text_document.uri)
        return found[0].answers.hover(found[1], params.position) if found is not None else None

    @server.feature(types.TEXT_DOCUMENT_DEFINITION)
    def definition(params: types.DefinitionParams) -> list[types.Location]:
        found = host.of(params.text_document.uri)
        return found[0].answers.definition(found[1], params.position) if found is not None else []

    @server.feature(
        types.TEXT_DOCUMENT_CODE_ACTION, types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix])
    )
    def actions(params: types.CodeActionParams) -> list[types.CodeAction]:
        found = host.of(params.text_document.uri)
        only = params.context.only
        if found is None or (only and types.CodeActionKind.QuickFix not in only):
            return []
        return found[0].answers.actions(found[1], params.range)

    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    def symbols(params: types.DocumentSymbolParams) -> list[types.DocumentSymbol]:
        found = host.of(params.text_document.uri)
        return found[0].answers.symbols(found[1]) if found is not None else []


def serve() -> None:
    """Serve one editor over standard input and output, until it says that it is done."""
    gc.disable()  # a collection would keep the editor waiting; it happens when nobody types
    sys.setswitchinterval(TURN)
    make_server().start_io()
