"""By what a file is known again from outside."""

from __future__ import annotations

import os
import time

__all__ = ["Stamp", "stamp", "trusted"]

# Size, time of change in nanoseconds, inode.
Stamp = tuple[int, int, int]

# A file that is changed twice within this time may look the same from outside.
_RECENT = 2_000_000_000


def stamp(stat: os.stat_result) -> Stamp:
    """Return what a file looks like from outside."""
    return stat.st_size, stat.st_mtime_ns, stat.st_ino


def trusted(current: Stamp, now: int | None = None) -> Stamp:
    """Return a stamp to be kept: one that equals no other, if the file has just changed.

    To be asked before the file is read, or with the time, in nanoseconds, at which that began.
    """
    began = time.time_ns() if now is None else now
    return current if current[1] < began - _RECENT else (current[0], 0, current[2])
