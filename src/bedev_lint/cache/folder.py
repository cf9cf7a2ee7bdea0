"""The folder of a cache: made where it may be, kept small, and removed.

A linted project may bring it along. So neither it nor anything in it is reached by a link, and
only files are removed that look like ours in every way.
"""

from __future__ import annotations

import errno
import os
import re
from contextlib import suppress
from pathlib import Path
from stat import S_ISDIR

from bedev_lint.cache.answer import FOLDER
from bedev_lint.filesystem import read

__all__ = ["FOLDER", "clean", "is_free", "keep", "prepared", "tidy"]

_TAG = """Signature: 8a477f597d28d172789f06886806bc55
# This folder was made by bedev-lint. It may be deleted at any time.
# See https://bford.info/cachedir/
"""
_TAGGED = "CACHEDIR.TAG"
_MARKS = {_TAGGED: _TAG.encode(), ".gitignore": b"*\n"}
# The names of what is kept: the kind, whose it is (see `trust.file_name`), and a digest. What
# earlier versions wrote has no such name, and could be searched for what it was made from.
_KEPT_NAME = re.compile(
    r"(answer|catalog|project)(?:-([0-9a-f]{8}))?-[0-9a-f]{32}(?:\.sqlite)?|(answer)-[0-9a-f]{8}"
)
# What SQLite writes beside a file, while it is being written.
_BESIDE = ("-journal", "-wal", "-shm")
_OURS = re.compile(
    rf"CACHEDIR\.TAG|\.gitignore|\.new-\w{{8}}|(?:{_KEPT_NAME.pattern})(?:{'|'.join(_BESIDE)})?"
)
# Whatever is asked of a project in turn (other rules, other options) is kept side by side.
_KEPT = {"answer": 32, "catalog": 1, "project": 6}


def prepared(folder: Path) -> bool:
    """Make the folder, and keep it out of repositories and backups. Return whether it is there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return all(
        _holds(folder / name, text) or _write(folder / name, text) for name, text in _MARKS.items()
    )


def keep(folder: Path, name: str, *pieces: bytes) -> None:
    """Write a file, if that is possible; of its kind only some are kept."""
    _write(folder / name, *pieces)
    tidy(folder, name)


def _holds(path: Path, text: bytes) -> bool:
    try:
        return read(path, len(text), follow=False)[0] == text
    except OSError:
        return False


def _write(path: Path, *pieces: bytes) -> bool:
    """Write a file in one step: whoever reads it meanwhile sees the old one or the new one."""
    import tempfile  # as costly to import as ten files are to read

    temporary = None
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new-")
        with os.fdopen(handle, "wb") as file:
            file.writelines(pieces)
        os.replace(temporary, path)  # a link is replaced, not followed
        temporary = None
    except OSError:
        return False
    finally:  # also if this is interrupted
        if temporary is not None:
            with suppress(OSError):
                os.unlink(temporary)
    return True


def tidy(folder: Path, name: str) -> None:
    """Remove all but the latest files of the kind that this one is of, for each user.

    Nobody's files make those of another go.
    """
    kind, user, _ = name.split("-")
    own: list[tuple[int, str]] = []
    others: list[tuple[int, str]] = []
    old: list[tuple[int, str]] = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                match = _KEPT_NAME.fullmatch(entry.name)
                if match is None or not entry.is_file(follow_symlinks=False):
                    continue
                files = own if match[2] == user else others if match[2] else old
                if kind in (match[1], match[3]):
                    files.append((entry.stat(follow_symlinks=False).st_mtime_ns, entry.path))
    except OSError:
        return  # another run has just tidied up
    most = _KEPT[kind]
    for _, path in (*old, *sorted(own)[:-most], *sorted(others)[:-most]):
        for file in (*(path + suffix for suffix in _BESIDE), path):
            with suppress(OSError):
                os.unlink(file)


def is_free(folder: Path) -> bool:
    """Return whether nothing but a cache is in a folder, if there is such a folder.

    In any other the cache's own `.gitignore` would hide what is there.
    """
    try:
        return all(map(_OURS.fullmatch, os.listdir(folder)))
    except OSError:
        return True  # it is still to be made; or it cannot be, which is no mistake


def clean(folder: Path) -> bool:
    """Remove a cache, and nothing else. Return whether one was there. Raises OSError."""
    try:
        if not S_ISDIR(os.lstat(folder).st_mode):
            raise OSError(errno.ENOTDIR, "it is no folder, but leads elsewhere")
    except FileNotFoundError:
        return False
    if not _holds(folder / _TAGGED, _MARKS[_TAGGED]):
        return False
    entries = list(os.scandir(folder))
    if not all(map(_is_ours, entries)):
        raise OSError(errno.ENOTEMPTY, "there are other files in it")
    for entry in entries:
        with suppress(FileNotFoundError):  # a run has just done with it
            os.unlink(entry.path)
    folder.rmdir()
    return True


def _is_ours(entry: os.DirEntry[str]) -> bool:
    return bool(_OURS.fullmatch(entry.name)) and entry.is_file(follow_symlinks=False)
