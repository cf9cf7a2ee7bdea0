"""Whether git has files of a folder in its index, told without running git.

Git runs programs that the repository names (`core.fsmonitor`). The index is plain:
https://git-scm.com/docs/index-format. An index that cannot be read says nothing: what is kept
does not rest on it, but on its seals.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import islice

from bedev_lint.filesystem import read

__all__ = ["is_tracked"]

# The index of half a million files has less.
_MOST = 1 << 26
# The longest path, and line that tells one.
_LINE = 4096
_INDEXES = 4
# Before the digest of an entry stand ten numbers of four bytes, behind it its flags.
_NUMBERS = 40
_DIGESTS = (20, 32)  # SHA-1, SHA-256
_EXTENDED = 0x4000
_PREFIXED = 4  # the version in which a path is told by how it differs from the one before


def is_tracked(folder: str) -> bool:
    """Return whether something in a folder is in the index of the repository that it lies in."""
    above = os.path.dirname(os.path.abspath(folder))
    while not os.path.lexists(os.path.join(above, ".git")):
        above, below = os.path.dirname(above), above
        if above == below:
            return False
    prefix = os.fsencode(os.path.relpath(folder, above).replace(os.sep, "/")) + b"/"
    return any(_holds(data, prefix) for data in _indexes(os.path.join(above, ".git")))


def _indexes(place: str) -> Iterator[bytes]:
    """Return the index, and those that it may share with others."""
    try:
        if not os.path.isdir(place):  # a file that says where the repository is
            folder = (
                os.fsdecode(read(place, _LINE, follow=False)[0]).partition("gitdir:")[2].strip()
            )
            place = os.path.join(os.path.dirname(place), folder)
        names = sorted(os.listdir(place))
    except OSError:
        return  # where git keeps no index, it tracks nothing
    index_names = (name for name in names if name == "index" or name.startswith("sharedindex."))
    for name in islice(index_names, _INDEXES):
        try:
            yield read(os.path.join(place, name), _MOST, follow=False)[0]
        except OSError:
            continue


def _holds(index: bytes, prefix: bytes) -> bool:
    if index[:4] != b"DIRC":
        return False
    version = int.from_bytes(index[4:8], "big")
    if version < _PREFIXED and prefix not in index:
        return False
    return any(
        path.startswith(prefix)
        for size in _DIGESTS
        for path in _paths(index, version, _NUMBERS + size)
    )


def _paths(index: bytes, version: int, flags: int) -> Iterator[bytes]:
    """Return the paths of an index; `flags` is where in an entry these stand."""
    path, offset = b"", 12
    for _ in range(int.from_bytes(index[8:12], "big")):
        start, offset = offset, offset + flags + 2
        if int.from_bytes(index[offset - 2 : offset], "big") & _EXTENDED:
            offset += 2
        kept = 0
        if version == _PREFIXED:
            less, offset = _number(index, offset)
            kept = max(len(path) - less, 0)
        end = index.find(b"\0", offset)
        if not offset <= end <= offset + _LINE or kept > _LINE:
            return  # it is damaged, or not of this kind
        path = path[:kept] + index[offset:end]
        yield path
        offset = end + 1 if version == _PREFIXED else start + (end - start + 8) // 8 * 8


def _number(index: bytes, offset: int) -> tuple[int, int]:
    """Return the number at a place, seven bits in each byte, and where it ends."""
    value = 0
    while offset < len(index):
        byte = index[offset]
        offset += 1
        value = (value << 7) | (byte & 0x7F)
        if not byte & 0x80:
            break
        value += 1
    return value, offset
