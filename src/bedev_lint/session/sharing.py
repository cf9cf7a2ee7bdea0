"""Work on what this process has in memory, shared with forked copies of it."""

from __future__ import annotations

import os
import signal
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

__all__ = ["can_fork", "shared"]

# What one process does in less time than a copy of it costs.
_SMALL = 600_000

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
    own, *others = _shares(items, sizes, jobs)
    copies = [(share, _copy(work, share)) for share in others]
    yield from ((item, work(item)) for item in own)
    for share, connection in copies:
        try:
            yield from zip(share, connection.recv(), strict=True)
        except EOFError:
            yield from ((item, work(item)) for item in share)


def _shares(items: Sequence[int], sizes: Sequence[int], jobs: int) -> list[list[int]]:
    """Return as many lists as there are jobs, with about as much work in each."""
    shares: list[list[int]] = [[] for _ in range(jobs)]
    held = [0] * jobs
    for size, item in sorted(zip(sizes, items, strict=True), reverse=True):
        least = held.index(min(held))
        shares[least].append(item)
        held[least] += size
    return [share for share in shares if share]


def _copy(work: Work, items: Sequence[int]) -> Connection:
    """Begin the work in a copy of this process; return what its results can be received from."""
    from multiprocessing import get_context

    context = get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(work, items, sender), daemon=True)
    with warnings.catch_warnings():
        # Python warns of threads that could hold a lock; ours only ever wait for processes.
        warnings.simplefilter("ignore", DeprecationWarning)
        process.start()
    sender.close()  # or the end of the copy would not be the end of its results
    return receiver


def _work(work: Work, items: Iterable[int], sender: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that was asked answers it
    sender.send([work(item) for item in items])
