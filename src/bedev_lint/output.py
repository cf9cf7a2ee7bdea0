"""A file is written whole, or not at all."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import Literal

__all__ = ["How", "write_bytes", "write_text"]

How = Literal["replace", "append", "create"]

# What others hold open under these names is written to, not replaced.
_STREAMS = ("/dev/std", "/dev/fd/", "/proc/")
# Why there may be no other file beside one that itself may be written.
_ONLY_IN_PLACE = {errno.EACCES, errno.EPERM, errno.EBUSY, errno.EROFS}


def write_text(path: Path, text: str, how: How = "replace") -> None:
    """Write a text as `write_bytes` does; what is no UTF-8 is written as an escape."""
    write_bytes(path, text.encode("utf-8", "backslashreplace"), how)


def write_bytes(path: str | Path, data: bytes, how: How = "replace") -> None:
    """Write a file in one step, beside it first; into it what is no plain file. Raises OSError.

    A link stays one, and a file keeps its permissions. To `append` leaves what is there before the
    text, and to `create` writes where nothing is yet, not even a link.
    """
    if how == "append":
        _write(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666), data)
        return
    if how == "create" and os.path.lexists(path):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
    try:
        status = os.stat(path)
    except FileNotFoundError:
        status = None
    is_plain = status is None or stat.S_ISREG(status.st_mode)
    if not is_plain or os.path.abspath(path).startswith(_STREAMS):
        _write(os.open(path, os.O_WRONLY | os.O_TRUNC), data)
        return
    try:
        _replace(os.path.realpath(path), data, status)
    except OSError as error:
        if status is None or error.errno not in _ONLY_IN_PLACE:
            raise
        _write(os.open(path, os.O_WRONLY | os.O_TRUNC), data)


def _replace(path: str, data: bytes, status: os.stat_result | None) -> None:
    new = os.path.join(os.path.dirname(path), f".bedev-lint-{os.urandom(8).hex()}")
    try:
        handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        if status is not None and hasattr(os, "fchmod"):
            os.fchmod(handle, stat.S_IMODE(status.st_mode))
        _write(handle, data)
        os.replace(new, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(new)
        raise


def _write(handle: int, data: bytes) -> None:
    with open(handle, "wb") as file:
        file.write(data)
