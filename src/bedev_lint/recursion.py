"""How deep functions may call each other, whoever has called the first of them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["CALLS", "room_for"]

# What the recursion over one file or one module is given. Python's own limit leaves too little
# for the deepest text that is read; a stack of 8 MB holds several times as many calls.
CALLS = 6_000


@contextmanager
def room_for(calls: int = CALLS) -> Iterator[None]:
    """Let so many calls stand in each other within the block, neither more nor fewer.

    Python's limit counts from the start of the process. Whether something is too deep would depend
    on where it was asked from: in this process, in a worker, in a copy.
    """
    before = sys.getrecursionlimit()
    frame, depth = sys._getframe(), 0
    while frame.f_back is not None:
        frame, depth = frame.f_back, depth + 1
    sys.setrecursionlimit(depth + calls)
    try:
        yield
    finally:
        sys.setrecursionlimit(before)
