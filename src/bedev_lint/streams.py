"""The streams of the command: what is read, printed, told, and shown while one waits.

All that is printed goes through here, and nothing else may write to the standard streams: what
comes from the linted project can neither move a cursor nor tell a CI what to do.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, TextIO

import click

from bedev_lint.escaping import escape, harmless
from bedev_lint.output import How, write_text

__all__ = [
    "CLEAN",
    "FAILED",
    "FOUND",
    "Failure",
    "abandon",
    "clear",
    "coloured",
    "crash",
    "emit",
    "is_terminal",
    "private",
    "progress",
    "standard_input",
    "tell",
    "usage",
    "write",
]

CLEAN, FOUND, FAILED = 0, 1, 2
_SECONDS_BETWEEN_PROGRESS = 0.1


class Failure(click.ClickException):
    """Something that the user is told in a line or several, with exit status 2."""

    exit_code = FAILED

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))

    def show(self, file: Any = None) -> None:
        tell(*(f"bedev-lint: {problem}" for problem in self.problems))


def crash(error: Exception) -> str:
    """Return where bedev-lint itself failed.

    Not the text of the error, which may quote the linted project, secrets and all.
    """
    import traceback

    last = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{os.path.basename(last.filename)}:{last.lineno}"
    return f"bedev-lint failed with {type(error).__name__} at {where}"


def usage(error: click.ClickException) -> list[str]:
    """Return the lines that tell of a wrong use of the command line, which they quote."""
    context = getattr(error, "ctx", None)
    lines = [] if context is None else [*context.get_usage().splitlines()]
    if context is not None:
        lines += [f"Try '{context.command_path} --help' for help.", ""]
    return [*lines, f"Error: {error.format_message()}"]


def coloured(when: str, output_file: Path | None = None) -> bool:
    """Return whether to colour: `auto` heeds the environment, and who reads."""
    if when != "auto":
        return when == "always"
    if os.environ.get("NO_COLOR") or output_file is not None:
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return is_terminal() and os.environ.get("TERM") != "dumb"


def is_terminal() -> bool:
    """Return whether standard output is read by a person."""
    return sys.stdout.isatty()


def standard_input() -> bytes:
    """Return all that is read from standard input. Raises Failure."""
    if sys.stdin is None:
        raise Failure(["cannot read standard input: it is closed"])
    try:
        return sys.stdin.buffer.read()
    except OSError as error:
        raise Failure([f"cannot read standard input: {error.strerror}"]) from error


def private() -> tuple[BinaryIO, BinaryIO]:
    """Return standard input and output for one alone to use; nobody else reads or writes them now.

    A copy of this process closes its standard input, for which it would wait for ever if another
    thread is reading from it meanwhile. Raises Failure where standard input is closed.
    """
    if sys.stdin is None:
        raise Failure(["cannot read standard input: it is closed"])
    ours = os.fdopen(os.dup(sys.stdin.fileno()), "rb"), os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    sys.stdin = open(os.devnull)  # noqa: SIM115  they stay open
    sys.stdout = open(os.devnull, "w")  # noqa: SIM115
    return ours


def write(
    text: str,
    output_file: Path | None,
    colour: bool = False,
    *,
    annotations: bool = False,
    how: How = "replace",
) -> str:
    """Write to a file, or else to standard output; return what was written. Raises Failure.

    `annotations` says that a CI may obey those in the text, and `how` what becomes of a file that
    is there, see `output.write_text`.
    """
    if output_file is None:
        return emit(text, colour, annotations)
    text = harmless(text, colour, annotations)
    try:
        write_text(output_file, text, how)
    except FileNotFoundError as error:
        problem = f"cannot write {output_file}: there is no folder {output_file.parent}"
        raise Failure([problem]) from error
    except OSError as error:
        raise Failure([f"cannot write {output_file}: {error.strerror}"]) from error
    return text


def emit(text: str, colour: bool = False, annotations: bool = False) -> str:
    """Write to standard output, to nobody quietly; return what was written. Raises Failure.

    What cannot be encoded is written as an escape.
    """
    text = harmless(text, colour, annotations)
    try:
        _put(text, sys.stdout)
    except OSError as error:
        reason = abandon(sys.stdout, error)
        if reason:
            raise Failure([reason]) from error
    return text


def tell(*lines: str) -> None:
    """Write lines to standard error; what would end one of them is escaped."""
    text = "".join(f"{escape(line)}\n" for line in lines)
    try:
        _put(harmless(text), sys.stderr)
    except OSError as error:
        abandon(sys.stderr, error)  # of whom nobody could be told


def _put(text: str, stream: TextIO) -> None:
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")
    stream.write(text)
    stream.flush()


def abandon(stream: TextIO, error: OSError) -> str:
    """Write no more to this stream: Python would fail at it once more at exit.

    Return what is to be told of this error; nothing, if the reader has just seen enough.
    """
    with suppress(OSError, ValueError):  # a stream of a test has no number
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    if isinstance(error, BrokenPipeError):
        return ""
    return f"cannot write to standard output: {error.strerror}"


def progress(quiet: bool) -> Callable[[int, int], None] | None:
    """Return what shows progress on a terminal, `None` where there is none."""
    if quiet or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        return None
    shown_at = time.monotonic()

    def show(done: int, total: int) -> None:
        nonlocal shown_at
        now = time.monotonic()
        if done >= total:
            _show("\r\x1b[K")
        elif now - shown_at > _SECONDS_BETWEEN_PROGRESS:
            shown_at = now
            _show(f"\r\x1b[K{done}/{total} files")

    return show


def clear() -> None:
    """Clear the terminal that standard output goes to, if it does."""
    if is_terminal() and os.environ.get("TERM") != "dumb":
        try:
            _put("\x1b[2J\x1b[3J\x1b[H", sys.stdout)
        except OSError as error:
            abandon(sys.stdout, error)


def _show(text: str) -> None:
    try:
        _put(text, sys.stderr)
    except OSError as error:
        abandon(sys.stderr, error)
