"""A suppression without effect is removed; a mistake in one is left to people."""

from __future__ import annotations

from bedev_lint.fixer import Source, on_text
from bedev_lint.inspection import suppressions
from bedev_lint.model import Diagnostic, Options
from bedev_lint.source.edits import CommentEditor, NotEditable


@on_text("Remove the suppression", is_safe=True)
def fix(source: Source, diagnostic: Diagnostic, _options: Options) -> str | None:
    start = diagnostic.span.start
    try:
        editor = CommentEditor(source.text)
        line = suppressions.removed(editor.line(start.row), start.column - 1, source.codes)
        editor.replace(start.row, line)
        return editor.text()
    except NotEditable:
        return None
