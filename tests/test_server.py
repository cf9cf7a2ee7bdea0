"""The language server, driven by a client as an editor is."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
import pytest_lsp
from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient

import scratch

SERVICE = """\
from shop.rates import rate


async def place(order):
    name = "😀"; return rate(order)
"""
RATES = """\
import requests


def rate(order):
    return requests.get("https://rates.example", timeout=3)
"""
QUIET_RATES = """\
def rate(order):
    return order.rate
"""
SWALLOWED = """\
import logging

logger = logging.getLogger(__name__)


def pay(order):
    try:
        return order.pay("😀")  # bedev: ignore[BD301]
    except Exception: pass
"""
FIXED = """\
import logging

logger = logging.getLogger(__name__)


def pay(order):
    try:
        return order.pay("😀")
    except Exception:
        logger.exception("pay failed")
        raise
"""
LOG = "Log the error (unsafe)"
LARGE = f"# {'-' * 97}\n" * 2_100
PROJECT = {
    "pyproject.toml": "[tool.bedev-lint]\n",
    "shop/checkout.py": SERVICE,
    "shop/rates.py": RATES,
    "shop/quiet.py": "def pay(order):\n    return order.total\n",
    "shop/payment.py": SWALLOWED,
    # So much that it is shared out to processes, while another thread listens to the editor.
    "shop/first.py": LARGE,
    "shop/second.py": LARGE,
}
# How long an answer is waited for, on a machine that has other things to do.
PATIENCE = 60


@pytest_lsp.fixture(  # type: ignore[untyped-decorator]
    config=ClientServerConfig(
        server_command=[
            sys.executable,
            "-m",
            "bedev_lint",
            "server",
            "--stdio",
            "--no-cache",
            "-j2",
        ]
    )
)
async def editor(lsp_client: LanguageClient, tmp_path: Path) -> AsyncIterator[None]:
    lsp_client.feature(types.CLIENT_REGISTER_CAPABILITY)(lambda _params: None)
    folders = []
    for name in ("one", "two"):
        root = scratch.write(tmp_path / name, PROJECT)
        folders.append(types.WorkspaceFolder(f"{root.as_uri()}/", name))
    watched = types.DidChangeWatchedFilesClientCapabilities(dynamic_registration=True)
    await lsp_client.initialize_session(
        types.InitializeParams(
            capabilities=types.ClientCapabilities(
                workspace=types.WorkspaceClientCapabilities(did_change_watched_files=watched)
            ),
            workspace_folders=folders,
        )
    )
    yield
    await lsp_client.shutdown_session()


class Document:
    """A file that is open in the editor."""

    def __init__(self, client: LanguageClient, path: Path) -> None:
        self.client, self.path, self.uri = client, path, path.as_uri()
        self.text, self.version = path.read_text("utf-8"), 1
        item = types.TextDocumentItem(self.uri, "python", 1, self.text)
        client.text_document_did_open(types.DidOpenTextDocumentParams(item))

    @property
    def identifier(self) -> types.TextDocumentIdentifier:
        return types.TextDocumentIdentifier(self.uri)

    def edit(self, text: str) -> None:
        self.text, self.version = text, self.version + 1
        self.client.text_document_did_change(
            types.DidChangeTextDocumentParams(
                types.VersionedTextDocumentIdentifier(self.version, self.uri),
                [types.TextDocumentContentChangeWholeDocument(text)],
            )
        )

    def apply(self, edits: Sequence[types.TextEdit]) -> None:
        units = self.text.encode("utf-16-le")
        lengths = [len(row.encode("utf-16-le")) for row in self.text.splitlines(keepends=True)]

        def offset(position: types.Position) -> int:
            return sum(lengths[: position.line]) + 2 * position.character

        for edit in sorted(edits, key=lambda edit: edit.range.start, reverse=True):
            start, end = offset(edit.range.start), offset(edit.range.end)
            units = units[:start] + edit.new_text.encode("utf-16-le") + units[end:]
        self.edit(units.decode("utf-16-le"))

    def save(self) -> None:
        self.path.write_text(self.text, "utf-8")
        self.client.text_document_did_save(types.DidSaveTextDocumentParams(self.identifier))

    def close(self) -> None:
        self.client.text_document_did_close(types.DidCloseTextDocumentParams(self.identifier))

    async def codes(self, *expected: str) -> list[types.Diagnostic]:
        """Wait until these are the codes of its diagnostics; return those."""

        async def told() -> list[types.Diagnostic]:
            while True:
                diagnostics = list(self.client.diagnostics.get(self.uri, ()))
                if (
                    self.uri in self.client.diagnostics
                    and tuple(each.code for each in diagnostics) == expected
                ):
                    return diagnostics
                await asyncio.sleep(0.01)

        try:
            return await asyncio.wait_for(told(), PATIENCE)
        except asyncio.TimeoutError:
            pytest.fail(f"{expected}, not {self.client.diagnostics.get(self.uri)}")

    async def take(self, title: str, place: types.Range) -> None:
        """Take the action with this title."""
        [action] = [one for one in await self.actions(place) if one.title == title]
        assert action.kind == types.CodeActionKind.QuickFix and action.edit is not None
        self.apply((action.edit.changes or {})[self.uri])

    async def actions(self, place: types.Range) -> list[types.CodeAction]:
        found = await self.client.text_document_code_action_async(
            types.CodeActionParams(self.identifier, place, types.CodeActionContext([]))
        )
        return [action for action in found or () if isinstance(action, types.CodeAction)]

    async def hover(self, position: types.Position) -> str | None:
        found = await self.client.text_document_hover_async(
            types.HoverParams(self.identifier, position)
        )
        if found is None:
            return None
        assert isinstance(found.contents, types.MarkupContent)
        return found.contents.value


@pytest.mark.asyncio
async def test_a_text_is_opened_edited_suppressed_saved_and_closed(
    editor: LanguageClient, tmp_path: Path
) -> None:
    checkout = Document(editor, tmp_path / "one/shop/checkout.py")
    [blocking] = await checkout.codes("BD207")
    # Columns are UTF-16 code units: the emoji counts as two.
    row = SERVICE.splitlines()[4]
    assert blocking.range.start == types.Position(4, row.index("rate(") + 1)
    hops = {
        hop.location.uri: hop.location.range.start.line
        for hop in blocking.related_information or ()
    }
    assert hops == {checkout.uri: 4, (tmp_path / "one/shop/rates.py").as_uri(): 4}

    # What it calls no longer blocks, though it is not saved; half a statement changes nothing.
    rates = Document(editor, tmp_path / "one/shop/rates.py")
    rates.edit(QUIET_RATES)
    await checkout.codes()
    rates.edit(QUIET_RATES + "def tax(order:\n")
    await rates.codes("BD001")
    await checkout.codes()
    rates.edit(RATES)
    [blocking] = await checkout.codes("BD207")

    text = await checkout.hover(blocking.range.start)
    assert text is not None and "requests.get" in text and "shop/rates.py:5" in text
    assert await checkout.hover(types.Position(0, 0)) is None

    await checkout.take("Suppress BD207 (blocking-in-async) here", blocking.range)
    assert checkout.text.splitlines()[4] == f"{row}  # bedev: ignore[BD207] -- TODO: say why"
    await checkout.codes()
    checkout.save()
    checkout.edit(SERVICE)
    await checkout.codes("BD207")
    checkout.close()
    await checkout.codes()


@pytest.mark.asyncio
async def test_findings_are_fixed(editor: LanguageClient, tmp_path: Path) -> None:
    payment = Document(editor, tmp_path / "one/shop/payment.py")
    unused, swallowed = await payment.codes("BD002", "BD101")
    titles = [action.title for action in await payment.actions(swallowed.range)]
    assert titles == [LOG, "Suppress BD101 (swallowed-exception) here"]
    await payment.take("Remove the suppression", unused.range)
    [swallowed] = await payment.codes("BD101")
    await payment.take(LOG, swallowed.range)
    payment.save()
    assert await payment.codes() == []
    assert payment.text == FIXED


@pytest.mark.asyncio
async def test_folders_of_a_workspace_are_projects_that_are_configured_anew(
    editor: LanguageClient, tmp_path: Path
) -> None:
    documents = [Document(editor, tmp_path / name / "shop/checkout.py") for name in ("one", "two")]
    for document in documents:
        await document.codes("BD207")
    configuration = tmp_path / "one/pyproject.toml"
    change = types.FileEvent(configuration.as_uri(), types.FileChangeType.Changed)
    event = types.DidChangeWatchedFilesParams([change])

    configuration.write_text("[tool.bedev-lint]\nignore = ['BD207']\n")
    editor.workspace_did_change_watched_files(event)
    await documents[0].codes()
    await documents[1].codes("BD207")

    # What is wrong with it is told, and all goes on.
    configuration.write_text("[tool.bedev-lint]\nignroe = ['BD207']\n")
    editor.workspace_did_change_watched_files(event)
    documents[0].edit(QUIET_RATES)
    await editor.wait_for_notification(types.WINDOW_SHOW_MESSAGE)
    assert "ignroe" in editor.messages[0].message
    configuration.write_text("[tool.bedev-lint]\n")
    documents[0].edit(SERVICE)
    documents[0].save()
    await documents[0].codes("BD207")

    # A file that is deleted, and one of a folder that is gone, have nothing to be told of.
    gone = types.FileEvent(documents[0].uri, types.FileChangeType.Deleted)
    editor.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([gone]))
    await documents[0].codes()
    removed = types.WorkspaceFolder(f"{(tmp_path / 'two').as_uri()}/", "two")
    files = {name: text for name, text in PROJECT.items() if name != "pyproject.toml"}
    bare = scratch.write(tmp_path / "three", files)
    added = types.WorkspaceFolder(bare.as_uri(), "three")
    editor.workspace_did_change_workspace_folders(
        types.DidChangeWorkspaceFoldersParams(
            types.WorkspaceFoldersChangeEvent(added=[added], removed=[removed])
        )
    )
    await documents[1].codes()

    # Without any configuration it is the folder that makes a project.
    await Document(editor, bare / "shop/checkout.py").codes("BD207")


@pytest.mark.asyncio
async def test_bad_input_is_answered_and_the_server_lives(
    editor: LanguageClient, tmp_path: Path
) -> None:
    quiet = Document(editor, tmp_path / "one/shop/quiet.py")
    await quiet.codes()
    for text in ("\0", "def pay(:", "\ud800", "# coding: no-such\n", "(" * 5_000, "é\r\n\x0c\r"):
        quiet.edit(text)
        nowhere = types.Range(types.Position(99, 99), types.Position(1_000, 0))
        assert await quiet.actions(nowhere) == []
    unknown = types.TextDocumentIdentifier("untitled:one")
    position = types.Position(0, 0)
    assert await editor.text_document_hover_async(types.HoverParams(unknown, position)) is None
    for uri in ("untitled:one.py", "file:///a%00b.py", "file://[/one.py"):
        stray = types.TextDocumentItem(uri, "python", 1, SERVICE)
        editor.text_document_did_open(types.DidOpenTextDocumentParams(stray))
    writer = editor.protocol.writer
    assert writer is not None
    for body in (
        b"{",
        b'{"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {"no": 1}}',
    ):
        writer.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        await editor.wait_for_notification(types.WINDOW_SHOW_MESSAGE)
    quiet.edit("try:\n    pay()\nexcept Exception:\n    pass\n")
    await quiet.codes("BD101")


def test_without_the_extra_one_is_told_what_to_install() -> None:
    program = (
        "import sys; sys.modules['pygls'] = None; sys.argv = ['bedev-lint', 'server']\n"
        "from bedev_lint.__main__ import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr == "bedev-lint: the server needs more: pip install 'bedev-lint[lsp]'\n"
