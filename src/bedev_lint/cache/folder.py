"""The folder of a cache: made where it may be, kept small, and removed."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from pathlib import Path

from bedev_lint.cache.answer import FOLDER, seal

__all__ = ["FOLDER", "clean", "is_free", "keep", "prepared", "tidy"]

_TAG = """Signature: 8a477f597d28d172789f06886806bc55
# This folder was made by bedev-lint. It may be deleted at any time.
# See https://bford.info/cachedir/
"""
_TAGGED = "CACHEDIR.TAG"
# What the names of all files in a cache begin with.
_OURS = (_TAGGED, ".gitignore", ".new-", "answer-", "project-")
# Whatever is asked of a project in turn (other rules, other options) is kept side by side.
_KEPT = {"answer": 32, "project": 6}
_JOURNAL = "-journal"  # SQLite's own, of a file that is being written


def prepared(folder: Path) -> bool:
    """Make the folder, and keep it out of repositories and backups. Return whether it is there."""
    if os.path.exists(folder / ".gitignore"):  # of what may not be asked Path would raise
        return True
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return _write(folder / _TAGGED, _TAG.encode()) and _write(folder / ".gitignore", b"*\n")


def keep(folder: Path, name: str, data: bytes) -> None:
    """Write a file, with its seal, if that is possible; of its kind only some are kept."""
    _write(folder / name, data, seal(data))
    tidy(folder, name.partition("-")[0])


def _write(path: Path, *pieces: bytes) -> bool:
    """Write a file in one step: whoever reads it meanwhile sees the old one or the new one."""
    import tempfile  # as costly to import as ten files are to read

    temporary = None
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new-")
        with os.fdopen(handle, "wb") as file:
            file.writelines(pieces)
        os.replace(temporary, path)
    except OSError:
        if temporary is not None:
            with suppress(OSError):
                os.unlink(temporary)
        return False
    return True


def tidy(folder: Path, kind: str) -> None:
    """Remove all but the latest files of a kind: `answer` or `project`."""
    try:
        with os.scandir(folder) as entries:
            files = [
                (entry.stat().st_mtime_ns, entry.path)
                for entry in entries
                if entry.name.startswith(f"{kind}-") and not entry.name.endswith(_JOURNAL)
            ]
    except OSError:
        return  # another run has just tidied up
    for _, path in sorted(files)[: -_KEPT[kind]]:
        for file in (path + _JOURNAL, path):
            with suppress(OSError):
                os.unlink(file)


def is_free(folder: Path) -> bool:
    """Return whether nothing but a cache is in a folder, if there is such a folder.

    In any other the cache's own `.gitignore` would hide what is there.
    """
    try:
        return all(name.startswith(_OURS) for name in os.listdir(folder))
    except OSError:
        return True  # it is still to be made; or it cannot be, which is no mistake


def clean(folder: Path) -> bool:
    """Remove a cache, and nothing else. Return whether one was there. Raises OSError."""
    if not (folder / _TAGGED).is_file():
        return False
    if not is_free(folder):
        raise OSError(errno.ENOTEMPTY, "there are other files in it")
    for entry in list(os.scandir(folder)):
        with suppress(FileNotFoundError):  # a run has just done with it
            os.unlink(entry.path)
    folder.rmdir()
    return True
