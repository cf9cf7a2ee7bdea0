"""A command that runs again whenever the code has changed."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from bedev_lint.streams import Failure, clear, tell

__all__ = ["watch"]

# How long one look for changes takes if there are none, in milliseconds.
_BETWEEN_LOOKS = 100


def watch(run: Callable[[], object], paths: Sequence[Path], options: Mapping[str, Any]) -> NoReturn:
    """Run, and again after each change of code or configuration in the projects of these paths.

    Only an interrupt ends this. Raises Failure where the extra `watch` is not installed.
    """
    try:
        import watchfiles
    except ModuleNotFoundError as error:
        raise Failure(["--watch needs more: pip install 'bedev-lint[watch]'"]) from error
    from bedev_lint.session.projects import by_project

    relevant = _relevant()
    is_of_project = watchfiles.DefaultFilter()
    roots = by_project(paths, options["explicit"], options["isolated"])
    changes = watchfiles.watch(
        *roots,
        watch_filter=lambda change, path: path.endswith(relevant) and is_of_project(change, path),
        rust_timeout=_BETWEEN_LOOKS,
        yield_on_timeout=True,
    )
    next(changes)  # it watches from now on, so that nothing is missed during a run
    while True:
        clear()
        try:
            run()
        except Failure as error:
            error.show()
        if not options["quiet"]:
            tell("Watching for changes")
        gc.collect()  # it is off otherwise, and this goes on for long
        while not next(changes):
            pass


def _relevant() -> tuple[str, ...]:
    """Return what the names of files end with that a run depends on."""
    from bedev_lint.files.discovery import SUFFIXES
    from bedev_lint.session.baseline import FILE

    return (*SUFFIXES, ".toml", ".gitignore", FILE)
