"""The streams of the command: what is read, printed, told, and shown while one waits."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TextIO

import click

__all__ = ["FAILED", "Failure", "coloured", "emit", "is_terminal", "progress", "tell", "write"]

FAILED = 2
_SECONDS_BETWEEN_PROGRESS = 0.1


class Failure(click.ClickException):
    """Something that the user is told in a line or several, with exit status 2."""

    exit_code = FAILED

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))

    def show(self, file: Any = None) -> None:
        from bedev_lint.report.text import escape

        for problem in self.problems:
            click.echo(f"bedev-lint: {escape(problem)}", file=file, err=file is None)


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


def write(text: str, output_file: Path | None, colour: bool = False) -> None:
    """Write to a file, or else to standard output."""
    if output_file is None:
        emit(text, colour)
        return
    try:
        output_file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Failure([f"cannot write {output_file}: {error.strerror}"]) from error


def emit(text: str, colour: bool = False) -> None:
    """Write to standard output; what it cannot encode as an escape, and to nobody quietly."""
    _be_lenient(sys.stdout)
    try:
        click.echo(text, nl=False, color=colour)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has seen enough. Python would complain of it once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def tell(text: str) -> None:
    """Write lines to standard error."""
    from bedev_lint.report.text import escape

    _be_lenient(sys.stderr)
    for line in text.splitlines():
        click.echo(escape(line), err=True)


def _be_lenient(stream: TextIO) -> None:
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")


def progress(quiet: bool) -> Callable[[int, int], None] | None:
    """Return what shows progress on a terminal, `None` where there is none."""
    if quiet or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        return None
    shown_at = time.monotonic()

    def show(done: int, total: int) -> None:
        nonlocal shown_at
        now = time.monotonic()
        if done >= total:
            click.echo("\r\x1b[K", nl=False, err=True)
        elif now - shown_at > _SECONDS_BETWEEN_PROGRESS:
            shown_at = now
            click.echo(f"\r\x1b[K{done}/{total} files", nl=False, err=True)

    return show
