"""Code actions: what can be done about a diagnostic, as edits of the text."""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol import types
from pygls.workspace import PositionCodec

from bedev_lint.fixing import add_suppressions
from bedev_lint.model import Diagnostic
from bedev_lint.source.edits import CommentEditor, NotEditable
from bedev_lint.source.lines import lines

__all__ = ["suppression"]

# Whoever takes the action writes over it.
_REASON = "TODO: say why"


def suppression(text: str, diagnostic: Diagnostic, codec: PositionCodec) -> list[types.TextEdit]:
    """Return the edits of a text that suppress a diagnostic, none if no comment can."""
    try:
        editor = CommentEditor(text)
        add_suppressions(editor, [diagnostic], _REASON)
        return list(_changed_lines(text, editor.text(), codec))
    except NotEditable:
        return []


def _changed_lines(before: str, after: str, codec: PositionCodec) -> Iterator[types.TextEdit]:
    """Return the edits of lines of which the ends have changed."""
    for row, pair in enumerate(zip(lines(before), lines(after), strict=True)):
        old, new = (line.rstrip("\r\n") for line in pair)
        if old != new:
            kept = _common(old, new)
            start, end = codec.client_num_units(old[:kept]), codec.client_num_units(old)
            changed = types.Range(types.Position(row, start), types.Position(row, end))
            yield types.TextEdit(changed, new[kept:])


def _common(old: str, new: str) -> int:
    """Return how many characters two texts have in common at their beginning."""
    pairs = enumerate(zip(old, new, strict=False))
    return next((index for index, (a, b) in pairs if a != b), min(len(old), len(new)))
