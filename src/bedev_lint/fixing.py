"""What is written into the files of a project when somebody asks for it: fixes, and comments.

With a comment the running Python reads the same program in a file; with a fix, it can still read
one. Otherwise the file stays as it is.
"""

from __future__ import annotations

import io
import os
import tokenize
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import msgspec

from bedev_lint import filesystem
from bedev_lint.applying import edited, fixed
from bedev_lint.inspection import suppressions
from bedev_lint.model import Diagnostic
from bedev_lint.output import write_bytes
from bedev_lint.report.diff import contents
from bedev_lint.session.run import Session
from bedev_lint.settings.config import Config
from bedev_lint.source import MAX_BYTES
from bedev_lint.source.edits import CommentEditor, NotEditable

__all__ = ["Change", "add_suppressions", "fixes", "save", "suppress", "with_edits"]


class Change(NamedTuple):
    """What a file held, and what it is to hold; so many `findings` are done with by that.

    So many fixes overlap these and have to wait, and so many are `dropped`, since the file could
    not be read with them.
    """

    path: str
    before: bytes
    after: bytes
    findings: int
    overlapping: int = 0
    dropped: int = 0


def suppress(diagnostics: Iterable[Diagnostic], reason: str) -> Iterator[Change]:
    """Return the changes that suppress these findings, as far as comments can stand there."""
    for path, of_file in _by_file(diagnostics):
        opened = _opened(path)
        if opened is None:
            continue
        data, encoding, editor = opened
        count = add_suppressions(editor, of_file, reason)
        yield from _change(path, data, encoding, editor, count)


def add_suppressions(editor: CommentEditor, diagnostics: Iterable[Diagnostic], reason: str) -> int:
    """Add the comments that suppress findings of a text, as far as they can stand there.

    Return how many findings that suppresses.
    """
    with_codes: dict[int, set[str]] = {}
    count = 0
    for diagnostic in diagnostics:
        first, *more = _comment_rows(diagnostic, editor)
        for row in (first, *more):
            if row:
                with_codes.setdefault(row, set()).add(diagnostic.code)
        count += bool(first)
    for row, codes in with_codes.items():
        line = suppressions.added(editor.line(row), editor.comment_at(row), codes, reason)
        editor.replace(row, line)
    return count


def _comment_rows(diagnostic: Diagnostic, editor: CommentEditor) -> Iterator[int]:
    """Return where a comment can suppress a finding, and each further place of it; else 0."""
    span = diagnostic.span
    yield next(filter(editor.takes_comment, range(span.start.row, span.end.row + 1)), 0)
    for place in diagnostic.also_at:
        yield place.row if editor.takes_comment(place.row) else 0


def fixes(
    diagnostics: Iterable[Diagnostic], session: Session, config: Config, *, unsafe: bool
) -> Iterator[Change]:
    """Return the changes that fix these findings of the session's last run, as far as possible.

    Unsafe fixes are made only if wanted. Left alone are files that the run was not asked about,
    that have changed since, or that stand outside of the project.
    """
    fixable = (d for d in diagnostics if d.fix is not None and (unsafe or not d.fix.is_unsafe))
    for path, of_file in _by_file(fixable):
        file = _fixable(path, session, config)
        if file is None:
            continue
        result = fixed(file.text, file.relative, of_file, session.rules)
        try:
            after = result.text.encode(file.encoding)
        except UnicodeError:
            continue
        if after != file.data or result.dropped:
            counts = (result.count, result.overlapping, result.dropped)
            yield Change(os.path.abspath(path), file.data, after, *counts)


def with_edits(
    diagnostics: Iterable[Diagnostic], session: Session, config: Config
) -> Iterator[Diagnostic]:
    """Return these findings of the session's last run, their fixes with edits, by file and place.

    Where `fixes` would leave a file alone there are no edits, nor where one would hold a secret
    that is reported.
    """
    for path, of_file in _by_file(diagnostics):
        is_any_fixable = any(diagnostic.fix for diagnostic in of_file)
        file = _fixable(path, session, config) if is_any_fixable else None
        if file is None:
            yield from of_file
            continue
        rules = session.rules
        secrets = (d.span for d in of_file if rules[d.code].finds_credentials)
        hidden = [*contents(file.text, secrets)]
        for diagnostic in edited(of_file, file.text, file.relative, rules):
            yield _without(hidden, diagnostic)


def _without(hidden: Sequence[str], diagnostic: Diagnostic) -> Diagnostic:
    """Return a diagnostic without edits that hold one of these texts."""
    fix = diagnostic.fix
    if fix is None or not any(text in edit.text for text in hidden for edit in fix.edits):
        return diagnostic
    return msgspec.structs.replace(diagnostic, fix=msgspec.structs.replace(fix, edits=()))


class _File(NamedTuple):
    """A file that may be fixed; `relative` is its path in the project."""

    relative: str
    data: bytes
    encoding: str
    text: str


def _fixable(path: str, session: Session, config: Config) -> _File | None:
    """Return a file that the session's last run has read, None if it is to be left alone."""
    if Path(os.path.realpath(config.within)) not in Path(os.path.realpath(path)).parents:
        return None
    try:
        data, encoding, text = _read(path)
    except (OSError, ValueError, LookupError, SyntaxError):
        return None
    relative = os.path.relpath(path, config.root).replace(os.sep, "/")
    return _File(relative, data, encoding, text) if session.is_as_read(path, data) else None


def save(change: Change) -> bool:
    """Write a file, unless it has changed meanwhile. Return whether it was. Raises OSError."""
    if filesystem.read(change.path, MAX_BYTES, follow=False)[0] != change.before:
        return False
    write_bytes(change.path, change.after)
    return True


def _by_file(diagnostics: Iterable[Diagnostic]) -> Iterator[tuple[str, list[Diagnostic]]]:
    ordered = sorted(diagnostics, key=lambda diagnostic: (diagnostic.filename, diagnostic.span))
    for path, of_file in groupby(ordered, key=lambda diagnostic: diagnostic.filename):
        yield path, list(of_file)


def _opened(path: str) -> tuple[bytes, str, CommentEditor] | None:
    """Return what a file holds, its encoding, and its text to be edited; None if it cannot be."""
    try:
        data, encoding, text = _read(path)
        return data, encoding, CommentEditor(text)
    except (OSError, ValueError, LookupError, SyntaxError, NotEditable):
        return None


def _read(path: str) -> tuple[bytes, str, str]:
    """Return what a file holds, its encoding, and its text; no link is followed."""
    data, _ = filesystem.read(path, MAX_BYTES, follow=False)
    encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    return data, encoding, data.decode(encoding)


def _change(
    path: str, data: bytes, encoding: str, editor: CommentEditor, count: int
) -> Iterator[Change]:
    try:
        after = editor.text().encode(encoding)
    except (UnicodeError, NotEditable):
        return  # it stays as it is, and its findings are reported as before
    if after != data:
        yield Change(os.path.abspath(path), data, after, count)
