"""The command `bedev-lint`, and `python -m bedev_lint`.

Where the answer is known already, nothing else is imported than what it takes to say it.
"""

from __future__ import annotations

import os
import sys

from bedev_lint import __version__
from bedev_lint.cache.answer import recall

__all__ = ["main"]


# The statuses of a run that has not been broken off: no process of it is left.
_AT_ITS_END = (0, 1)
_INTERRUPTED = 130
# By this a shell asks what the next argument may be.
_COMPLETION = "_BEDEV_LINT_COMPLETE"
# Where errors go (`sys.stderr`), and what was read from and written to before it.
_STANDARD = (0, 1, 2)


def main() -> None:
    """Run the command line, and end with its exit status."""
    try:
        status = _status(sys.argv[1:])
    except KeyboardInterrupt:  # so early that nothing has begun
        status = _INTERRUPTED
    sys.exit(status)


def _status(arguments: list[str]) -> int:
    _open_what_is_closed()
    if arguments in (["--version"], ["-V"]):
        return _say(f"bedev-lint, version {__version__}\n", 0)
    remembered = None if _COMPLETION in os.environ else recall(arguments, __version__)
    if remembered is not None:
        status, text = remembered
        return _say(text, status)
    from bedev_lint import signals

    signals.obey()
    import gc

    # It would look, again and again, through what is imported, and stays until the end.
    gc.disable()
    from bedev_lint.cli import main as run

    try:
        status = run(arguments)
    except SystemExit as end:
        signals.end_at_once(end.code if isinstance(end.code, int) else 1)
    if status in _AT_ITS_END:
        _leave(status)
    return status


def _open_what_is_closed() -> None:
    """Give each standard stream that is closed to nobody: the next file would take its place."""
    for number in _STANDARD if None in (sys.stdin, sys.stdout, sys.stderr) else ():
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    # A closed standard input is not an empty one, and stays `None`.
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115  it stays open
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115


def _say(text: str, status: int) -> int:
    """Print text; return the exit status, which is another one if that is not possible."""
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        from bedev_lint.streams import FAILED, abandon, tell

        reason = abandon(sys.stdout, error)
        if reason:
            tell(f"bedev-lint: {reason}")
            return FAILED
    return status


def _leave(status: int) -> None:
    """End at once: on its way out Python would free, piece by piece, all that a run has made."""
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        return  # Python tells of what cannot be written
    os._exit(status)


if __name__ == "__main__":
    main()
