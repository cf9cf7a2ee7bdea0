"""Reading files that others have written: regular ones only, without waiting, and not without end.

Whatever stands at a path (a pipe, a device, a link to one, put there a moment ago), it is opened
without being waited for, and looked at once it is open: nothing can be swapped in between.
"""

from __future__ import annotations

import errno
import os
import stat

__all__ = ["MAX_SETTINGS", "TooLarge", "head", "is_below", "read", "reason"]

# Longer than any configuration, list of ignored files or rule that people write.
MAX_SETTINGS = 1_000_000

_HOW = (
    os.O_RDONLY
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_NONBLOCK", 0)
)
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


class TooLarge(OSError):
    """A file is longer than what is wanted of it."""


def read(
    path: str | os.PathLike[str], limit: int, *, follow: bool = True
) -> tuple[bytes, os.stat_result]:
    """Return what a file holds, and what it looked like before it was read.

    `follow` says that the path may be a link. Raises TooLarge for more bytes than `limit`, and
    OSError, with its reason in `strerror`, for what cannot be read or is no regular file.
    """
    data, status = head(path, limit + 1, follow=follow)
    if len(data) > limit:
        size = f"{limit // 1_000_000} MB" if limit >= 1_000_000 else f"{limit} bytes"
        raise TooLarge(errno.EFBIG, f"larger than {size}")
    return data, status


def head(
    path: str | os.PathLike[str], size: int, *, follow: bool = True
) -> tuple[bytes, os.stat_result]:
    """Return the first bytes of a file, at most `size`, and what it looked like. Raises OSError."""
    handle = os.open(path, _HOW if follow else _HOW | _NO_LINK)
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, f"{_kind(status.st_mode)}, not a regular file")
        return _first(handle, size, status.st_size), status
    finally:
        os.close(handle)


def reason(error: OSError) -> str:
    """Return why something cannot be read, without its path."""
    return error.strerror or type(error).__name__


def _kind(mode: int) -> str:
    return next((kind for is_of, kind in _KINDS if is_of(mode)), "something else")


def _first(handle: int, size: int, expected: int) -> bytes:
    """Read until there is nothing more: `expected` bytes, or what has come to be there since."""
    pieces = []
    while size > 0:
        piece = os.read(handle, min(size, max(expected, 0) + 1))
        if not piece:
            break
        pieces.append(piece)
        size -= len(piece)
        expected = max(expected - len(piece), 65_536)
    return b"".join(pieces)


def is_below(path: str, folder: str) -> bool:
    """Return whether a path is a folder or lies in it; both are absolute and without links."""
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)
