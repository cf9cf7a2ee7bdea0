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


def main() -> None:
    """Run the command line, and end with its exit status."""
    arguments = sys.argv[1:]
    if arguments in (["--version"], ["-V"]):
        _say(f"bedev-lint, version {__version__}\n")
        return
    known = recall(arguments, __version__)
    if known is None:
        import gc

        # It would look, again and again, through what is imported, and stays until the end.
        gc.disable()
        from bedev_lint.cli import main as run

        status = run(arguments)
        if status in _AT_ITS_END:
            _leave(status)
        sys.exit(status)
    status, text = known
    _say(text)
    sys.exit(status)


def _say(text: str) -> None:
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has seen enough. Python would complain of it once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


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
