"""Code actions: what can be done about a diagnostic, as edits of the text."""

from __future__ import annotations

import os
from collections.abc import Iterator

from lsprotocol import types

from bedev_lint.applying import fix_of
from bedev_lint.fixing import add_suppressions
from bedev_lint.model import Diagnostic, Location, Span
from bedev_lint.server.analysis import Checked
from bedev_lint.server.positions import Places
from bedev_lint.source.edits import CommentEditor, NotEditable
from bedev_lint.source.lines import lines

__all__ = ["actions"]

# Whoever takes the action writes over it.
_REASON = "TODO: say why"


def actions(
    uri: str,
    text: str,
    diagnostic: Diagnostic,
    shown: types.Diagnostic,
    checked: Checked,
    places: Places,
) -> Iterator[types.CodeAction]:
    """Return what can be done about a diagnostic of a text: what fixes it, and what suppresses it.

    `shown` is the diagnostic as the editor was told it.
    """
    path = os.path.relpath(diagnostic.filename, checked.root).replace(os.sep, "/")
    fix = fix_of(diagnostic, text, path, checked.rules) if diagnostic.fix is not None else None
    if fix is not None:
        edits = [
            types.TextEdit(places.whole(diagnostic.filename, edit.span), edit.text)
            for edit in fix.edits
        ]
        title = f"{fix.message} (unsafe)" if fix.is_unsafe else fix.message
        yield _action(title, shown, uri, edits, is_preferred=not fix.is_unsafe)
    if checked.rules[diagnostic.code].family != "linter":
        edits = [
            types.TextEdit(places.whole(diagnostic.filename, span), added)
            for span, added in _suppression(text, diagnostic)
        ]
        if edits:
            yield _action(f"Suppress {diagnostic.code} ({diagnostic.name}) here", shown, uri, edits)


def _action(
    title: str,
    shown: types.Diagnostic,
    uri: str,
    edits: list[types.TextEdit],
    *,
    is_preferred: bool | None = None,
) -> types.CodeAction:
    return types.CodeAction(
        title,
        types.CodeActionKind.QuickFix,
        [shown],
        is_preferred=is_preferred,
        edit=types.WorkspaceEdit({uri: edits}),
    )


def _suppression(text: str, diagnostic: Diagnostic) -> list[tuple[Span, str]]:
    """Return what is to stand where, to suppress a diagnostic; nothing if no comment can."""
    try:
        editor = CommentEditor(text)
        add_suppressions(editor, [diagnostic], _REASON)
        after = editor.text()
    except NotEditable:
        return []
    pairs = enumerate(zip(lines(text), lines(after), strict=True), start=1)
    return [_replaced(row, old, new) for row, (old, new) in pairs if old != new]


def _replaced(row: int, old: str, new: str) -> tuple[Span, str]:
    """Return what is to stand where, to make a line another one that begins like it."""
    old, new = old.rstrip("\r\n"), new.rstrip("\r\n")
    pairs = enumerate(zip(old, new, strict=False))
    kept = next((index for index, (a, b) in pairs if a != b), min(len(old), len(new)))
    return Span(Location(row, kept + 1), Location(row, len(old) + 1)), new[kept:]
