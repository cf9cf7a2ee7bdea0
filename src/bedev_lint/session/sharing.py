"""Work on what this process has in memory, shared with forked copies of it."""

from __future__ import annotations

import os
import signal
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

__all__ = ["can_fork", "shared"]

# What one process does in less time than a copy of it costs.
_SMALL = 600_000
# A pipe holds at least so many turns of two bytes (POSIX: at least 512 bytes, on Linux 64 KiB).
_MOST_TURNS = 250
_TURN = 2

Work = Callable[[int], bytes]


def can_fork() -> bool:
    """Return whether processes can be copied safely: some systems start threads of their own."""
    return os.uname().sysname == "Linux" if hasattr(os, "uname") else False


def shared(
    work: Work,
    items: Sequence[int],
    sizes: Sequence[int],
    jobs: int,
    ready: Callable[[], None] = lambda: None,
) -> Iterator[tuple[int, bytes]]:
    """Return each item with what `work` makes of it, in any order.

    `sizes` say how much work each of them is. What a copy of this process does to memory is
    lost; what it leaves undone, should it end, is done here. `ready` is called before this
    process is copied: files that are open for both must not be read by both.
    """
    if jobs < 2 or len(items) < 2 or sum(sizes) < _SMALL or not can_fork():
        yield from ((item, work(item)) for item in items)
        return
    ready()
    portions = _portions(items, sizes)
    turns, put = os.pipe()
    os.write(put, b"".join(turn.to_bytes(_TURN, "big") for turn in range(len(portions))))
    os.close(put)  # whoever finds the pipe empty is at the end of it
    copies = [_copy(work, portions, turns) for _ in range(min(jobs, len(portions)) - 1)]
    left = dict.fromkeys(items)
    for item, data in _taken(work, portions, turns):
        del left[item]
        yield item, data
    os.close(turns)
    for connection in copies:
        try:
            found = connection.recv()
        except (EOFError, OSError):
            continue  # it has ended, perhaps while it was sending
        for item, data in found:
            del left[item]
            yield item, data
    yield from ((item, work(item)) for item in left)


def _portions(items: Sequence[int], sizes: Sequence[int]) -> list[list[int]]:
    """Return the items in portions of about the same size, the largest items first."""
    most = sum(sizes) / _MOST_TURNS
    portions: list[list[int]] = [[]]
    held = 0
    for size, item in sorted(zip(sizes, items, strict=True), reverse=True):
        if held > most:
            portions.append([])
            held = 0
        portions[-1].append(item)
        held += size
    return portions


def _taken(work: Work, portions: Sequence[list[int]], turns: int) -> Iterator[tuple[int, bytes]]:
    """Do the work of one portion after the other, as long as there is one that nobody has taken."""
    while turn := os.read(turns, _TURN):
        for item in portions[int.from_bytes(turn, "big")]:
            yield item, work(item)


def _copy(work: Work, portions: Sequence[list[int]], turns: int) -> Connection:
    """Begin to work in a copy of this process; return what its results can be received from."""
    from multiprocessing import get_context

    context = get_context("fork")
    receiver, sender = ends = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(work, portions, turns, ends), daemon=True)
    with warnings.catch_warnings():
        # Python warns of threads that could hold a lock; ours only ever wait for processes.
        warnings.simplefilter("ignore", DeprecationWarning)
        process.start()
    sender.close()  # or the end of the copy would not be the end of its results
    return receiver


def _work(
    work: Work, portions: Sequence[list[int]], turns: int, ends: tuple[Connection, Connection]
) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that was asked answers it
    receiver, sender = ends
    receiver.close()  # or it would wait for itself if nobody else can receive any more
    with suppress(BrokenPipeError):
        sender.send(list(_taken(work, portions, turns)))
