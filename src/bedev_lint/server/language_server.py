"""The protocol: what an editor says and asks, and what it is told."""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread, stack_size
from typing import NamedTuple, NoReturn

from lsprotocol import types
from pygls import uris
from pygls.lsp.server import LanguageServer
from pygls.workspace import PositionCodec

from bedev_lint import __version__
from bedev_lint.escaping import escape
from bedev_lint.files.discovery import SUFFIXES
from bedev_lint.model import Diagnostic
from bedev_lint.server.actions import actions
from bedev_lint.server.analysis import Analyser, Analysis, Checked, Loading
from bedev_lint.server.positions import Places
from bedev_lint.server.texts import as_diagnostic, as_hover
from bedev_lint.session.baseline import FILE as BASELINE
from bedev_lint.signals import end_at_once
from bedev_lint.streams import CLEAN, FAILED, crash, private

__all__ = ["serve"]

# How long nobody must have typed, in seconds, for a text to be checked.
_PAUSE = 0.2
# After how many seconds without a request there is time to collect garbage.
_IDLE = 2
# What the thread that talks needs to fix code that is deeply nested, in bytes.
_STACK = 64 * 2**20
_WATCHED = ("**/*.{py,pyi,toml}", f"**/{BASELINE}", "**/.gitignore")


class _Document(NamedTuple):
    uri: str
    path: str
    version: int | None
    text: str


class _Request(NamedTuple):
    """Documents to be checked, and the folders that are open.

    With `is_disk_same` nothing else has changed since the last request.
    """

    documents: Sequence[_Document]
    folders: Sequence[str]
    codec: PositionCodec
    is_disk_same: bool


class _Result(NamedTuple):
    """What was found in a text, and the same as the editor is told it."""

    text: str
    checked: Checked
    shown: list[types.Diagnostic]

    def overlapping(self, place: types.Range) -> Iterator[tuple[Diagnostic, types.Diagnostic]]:
        """Return the diagnostics that share a place with this one."""
        for diagnostic, shown in zip(self.checked.diagnostics, self.shown, strict=True):
            if shown.range.start <= place.end and place.start <= shown.range.end:
                yield diagnostic, shown


def serve(loading: Loading) -> NoReturn:
    """Talk with an editor over standard input and output, until it ends the process."""
    requests: SimpleQueue[_Request] = SimpleQueue()
    editor = _Editor(requests.put)
    stack_size(_STACK)
    Thread(target=editor.talk, daemon=True).start()
    analyser = Analyser(loading)
    while True:
        request = _latest(requests)
        try:
            results, problems = _answer(analyser, request)
        except Exception as error:  # a mistake of ours must not end the server
            results, problems = {}, [crash(error)]
        editor.tell(request, results, problems)


def _latest(requests: SimpleQueue[_Request]) -> _Request:
    """Wait for a request; return the latest one, which stands for all before it."""
    try:
        request = requests.get(timeout=_IDLE)
    except Empty:
        gc.collect()  # it is off otherwise, and this goes on for long
        request = requests.get()
    while not requests.empty():
        newer = requests.get()
        request = newer._replace(is_disk_same=request.is_disk_same and newer.is_disk_same)
    return request


def _answer(analyser: Analyser, request: _Request) -> tuple[dict[str, _Result], list[str]]:
    """Return what is found in the documents of a request, by path, and what went wrong."""
    texts = {document.path: document.text for document in request.documents}
    analysis: Analysis = analyser.check(texts, request.folders, is_disk_same=request.is_disk_same)
    places = Places(request.codec, texts)
    results = {
        path: _Result(
            texts[path],
            checked,
            [as_diagnostic(each, checked.rules[each.code], places) for each in checked.diagnostics],
        )
        for path, checked in analysis.documents.items()
    }
    return results, analysis.problems


class _Editor:
    """The editor at the other end. All but `tell` runs in the thread that talks with it."""

    def __init__(self, request: Callable[[_Request], None]) -> None:
        self._request = request
        self._streams = private()
        self._server = LanguageServer("bedev-lint", __version__)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._is_disk_same = True  # since the last request
        self._is_shut_down = False
        self._deleted: set[str] = set()
        self._results: dict[str, _Result] = {}
        self._problems: list[str] = []
        kinds = types.CodeActionOptions([types.CodeActionKind.QuickFix])
        for method, handler in self._handlers().items():
            options = kinds if method == types.TEXT_DOCUMENT_CODE_ACTION else None
            # It is marked, which a method cannot be.
            self._server.feature(method, options)(partial(handler))

    def talk(self) -> None:
        """Talk with the editor; then end the process, whatever its other threads are at."""
        status = FAILED
        try:
            self._server.start_io(*self._streams)
            status = CLEAN if self._is_shut_down else FAILED
        finally:
            end_at_once(status)

    def tell(self, request: _Request, results: Mapping[str, _Result], problems: list[str]) -> None:
        """Tell the editor what was found; from another thread."""
        assert self._loop is not None, "it has been asked"
        self._loop.call_soon_threadsafe(self._publish, request, results, problems)

    def _handlers(self) -> dict[str, Callable[..., object]]:
        return {
            types.INITIALIZE: self._initialize,
            types.INITIALIZED: self._watch_files,
            types.SHUTDOWN: self._shut_down,
            types.TEXT_DOCUMENT_DID_OPEN: self._opened_or_saved,
            types.TEXT_DOCUMENT_DID_CHANGE: self._changed,
            types.TEXT_DOCUMENT_DID_SAVE: self._opened_or_saved,
            types.TEXT_DOCUMENT_DID_CLOSE: self._disk_changed,
            types.TEXT_DOCUMENT_CODE_ACTION: self._actions,
            types.TEXT_DOCUMENT_HOVER: self._hover,
            types.WORKSPACE_DID_CHANGE_WATCHED_FILES: self._files_changed,
            types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS: self._disk_changed,
        }

    # ------------------------------------------------------------------ life

    def _initialize(self, _params: types.InitializeParams) -> None:
        self._loop = asyncio.get_running_loop()

    def _watch_files(self, _params: types.InitializedParams) -> None:
        workspace = self._server.client_capabilities.workspace
        watched = workspace.did_change_watched_files if workspace is not None else None
        if watched is not None and watched.dynamic_registration:
            watchers = [types.FileSystemWatcher(glob) for glob in _WATCHED]
            options = types.DidChangeWatchedFilesRegistrationOptions(watchers)
            method = types.WORKSPACE_DID_CHANGE_WATCHED_FILES
            registration = types.Registration("watched-files", method, options)
            self._server.client_register_capability(types.RegistrationParams([registration]))

    def _shut_down(self, _params: None = None) -> None:
        self._is_shut_down = True

    # ------------------------------------------------------------------ what is to be checked

    def _opened_or_saved(
        self, params: types.DidOpenTextDocumentParams | types.DidSaveTextDocumentParams
    ) -> None:
        self._deleted.discard(_path(params.text_document.uri))
        self._check_after(0, is_disk_same=False)

    def _changed(self, params: types.DidChangeTextDocumentParams) -> None:
        self._deleted.discard(_path(params.text_document.uri))
        self._check_after(_PAUSE, is_disk_same=True)

    def _disk_changed(self, _params: object) -> None:
        self._check_after(0, is_disk_same=False)

    def _files_changed(self, params: types.DidChangeWatchedFilesParams) -> None:
        for change in params.changes:
            is_deleted = change.type == types.FileChangeType.Deleted
            (self._deleted.add if is_deleted else self._deleted.discard)(_path(change.uri))
        self._check_after(_PAUSE, is_disk_same=False)

    def _check_after(self, seconds: float, *, is_disk_same: bool) -> None:
        assert self._loop is not None, "an editor begins with `initialize`"
        self._is_disk_same = self._is_disk_same and is_disk_same
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_later(seconds, self._check)

    def _check(self) -> None:
        documents = list(self._documents())
        for uri in self._results.keys() - {document.uri for document in documents}:
            self._show(uri, None, [])
            del self._results[uri]
        self._request(_Request(documents, self._folders(), self._codec, self._is_disk_same))
        self._is_disk_same = True

    def _documents(self) -> Iterator[_Document]:
        """Return what is open of Python in the folders of the workspace, if it has any."""
        folders = self._folders()
        for document in self._server.workspace.text_documents.values():
            path = _path(document.uri)
            is_within = not folders or any(str(above) in folders for above in Path(path).parents)
            if path.endswith(SUFFIXES) and is_within and path not in self._deleted:
                yield _Document(document.uri, path, document.version, document.source)

    def _folders(self) -> list[str]:
        workspace = self._server.workspace
        paths = [uris.to_fs_path(uri) for uri in workspace.folders] or [workspace.root_path]
        return [_real(path) for path in paths if path]

    @property
    def _codec(self) -> PositionCodec:
        return self._server.workspace.position_codec

    # ------------------------------------------------------------------ what was found

    def _publish(
        self, request: _Request, results: Mapping[str, _Result], problems: list[str]
    ) -> None:
        current = {document.uri: document.version for document in self._documents()}
        for document in request.documents:
            uri, version = document.uri, document.version
            # What has changed meanwhile is being checked again.
            if uri in current and current[uri] == version:
                result = results.get(document.path)
                self._show(uri, version, result.shown if result is not None else [])
                if result is not None:
                    self._results[uri] = result
        if problems and problems != self._problems:
            text = "\n".join(escape(problem) for problem in dict.fromkeys(problems))
            message = types.ShowMessageParams(types.MessageType.Error, f"bedev-lint: {text}")
            self._server.window_show_message(message)
        self._problems = problems

    def _show(self, uri: str, version: int | None, diagnostics: list[types.Diagnostic]) -> None:
        params = types.PublishDiagnosticsParams(uri, diagnostics, version)
        self._server.text_document_publish_diagnostics(params)

    def _hover(self, params: types.HoverParams) -> types.Hover | None:
        result = self._results.get(params.text_document.uri)
        if result is None:
            return None
        place = types.Range(params.position, params.position)
        diagnostics = [diagnostic for diagnostic, _ in result.overlapping(place)]
        return as_hover(diagnostics, result.checked) if diagnostics else None

    def _actions(self, params: types.CodeActionParams) -> list[types.CodeAction]:
        uri, wanted = params.text_document.uri, params.context.only
        result = self._results.get(uri)
        current = self._server.workspace.get_text_document(uri).source
        is_wanted = wanted is None or types.CodeActionKind.QuickFix in wanted
        if result is None or result.text != current or not is_wanted:
            return []
        places = Places(self._codec, {_path(uri): current})
        return [
            action
            for diagnostic, shown in result.overlapping(params.range)
            for action in actions(uri, current, diagnostic, shown, result.checked, places)
        ]


def _path(uri: str) -> str:
    """Return the absolute path of a document, "" for one that is no file; a link is one itself."""
    folder, name = os.path.split(uris.to_fs_path(uri) or "")
    real = _real(folder)
    return os.path.join(real, name) if name and real else ""


def _real(folder: str) -> str:
    """Return the path of a folder without links, "" if there can be no such folder."""
    try:
        return os.path.realpath(folder)
    except ValueError:
        return ""
