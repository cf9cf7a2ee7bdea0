"""Work shared out among processes, none of which outlives this one or the work."""

from __future__ import annotations

import os
import signal
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar, cast

if TYPE_CHECKING:  # a run in one process does without it
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

__all__ = ["ClusterError", "Died", "Pool", "can_fork", "portions", "shared"]

# What one process does in less time than a copy of it costs.
_SMALL = 600_000
# Into how many portions the work of one process is cut, so that all end at about the same time.
_PORTIONS_EACH = 16
# The seconds that a process which is killed has to be gone.
_DEATH = 5
# Not every system has them all.
_SIGNALS = {number for number in signal.Signals if number.name in ("SIGINT", "SIGTERM", "SIGHUP")}

ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")

Work = Callable[[int], bytes]


class ClusterError(Exception):
    """A cluster cannot do the work (see `cluster`). The text says why, and what to do."""


class Died(NamedTuple):
    """What comes of an item that ends the process which works on it: by which exit status."""

    status: int


class _Worker(NamedTuple):
    process: BaseProcess
    connection: Connection


@dataclass
class _Portion(Generic[ItemT]):
    """Items to be done, by one process; `is_again` says that the only one has ended another."""

    items: deque[ItemT]
    is_again: bool = False


class Pool(Generic[ItemT, ResultT]):
    """Up to `jobs` processes, each of which does what `set_up` returns when it has started.

    They are started when there is work for them, and killed by `close`: at the end, and on an
    error. One that has not answered for `patience` seconds is given up, as if it had died; None
    waits for ever. Where processes cannot be copied, `set_up` and all items have to be picklable.
    """

    def __init__(
        self,
        jobs: int,
        set_up: Callable[[], Callable[[ItemT], ResultT]],
        patience: float | None = None,
    ) -> None:
        self._jobs, self._set_up, self._patience = jobs, set_up, patience
        self._idle: list[_Worker] = []
        self._busy: dict[Connection, tuple[_Worker, _Portion[ItemT]]] = {}
        # When each of them was last heard of.
        self._heard: dict[Connection, float] = {}

    def __enter__(self) -> Pool[ItemT, ResultT]:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """End all processes; when this returns, none is left."""
        workers = [*self._idle, *(worker for worker, _ in self._busy.values())]
        self._idle, self._busy = [], {}
        for worker in workers:
            worker.process.kill()  # they hold nothing that is worth to be put in order
        for worker in workers:
            _reap(worker)

    def results(self, work: Iterable[Sequence[ItemT]]) -> Iterator[tuple[ItemT, ResultT | Died]]:
        """Return each item of these portions with what comes of it, in any order.

        A process is given a portion at a time. Should it die, the item that it was at is tried
        once more, alone: only what ends two processes is to blame.
        """
        waiting = deque(_Portion(deque(items)) for items in work)
        while waiting or self._busy:
            while waiting and len(self._busy) < self._jobs:
                self._give(waiting.popleft())
            for connection in self._answering():
                worker, portion = self._busy[connection]
                try:
                    result = self._received(connection)
                except (EOFError, OSError):
                    item, died = portion.items.popleft(), self._bury(worker)
                    if portion.items:
                        waiting.append(_Portion(portion.items))
                    if portion.is_again:
                        yield item, died
                    else:
                        waiting.append(_Portion(deque([item]), is_again=True))
                    continue
                item = portion.items.popleft()
                if not portion.items:
                    self._idle.append(self._busy.pop(connection)[0])
                    if waiting:  # before the result is looked at: nobody is to wait for that
                        self._give(waiting.popleft())
                yield item, result

    def _answering(self) -> list[Connection]:
        """Wait for processes that have something to say, have died, or are given up."""
        from multiprocessing.connection import wait

        if self._patience is None:
            return cast("list[Connection]", wait(list(self._busy)))
        last = min(self._heard[connection] for connection in self._busy)
        waiting = wait(list(self._busy), max(last + self._patience - time.monotonic(), 0))
        return cast("list[Connection]", waiting) or [
            connection for connection in self._busy if self._heard[connection] == last
        ]

    def _received(self, connection: Connection) -> ResultT:
        """Return what a process has to say. Raises EOFError or OSError if that is nothing."""
        if not connection.poll():
            raise EOFError
        self._heard[connection] = time.monotonic()
        result: ResultT = connection.recv()
        return result

    def _give(self, portion: _Portion[ItemT]) -> None:
        worker = self._idle.pop() if self._idle else _start(self._set_up)
        self._busy[worker.connection] = worker, portion
        self._heard[worker.connection] = time.monotonic()
        # What has died meanwhile is seen when its results are waited for.
        with suppress(BrokenPipeError, ConnectionResetError):
            worker.connection.send(list(portion.items))

    def _bury(self, worker: _Worker) -> Died:
        del self._busy[worker.connection]
        worker.process.kill()  # it may be the connection only that has ended
        return Died(_reap(worker))


def _reap(worker: _Worker) -> int:
    """Return the exit status of a process that has ended, or that was killed."""
    worker.connection.close()
    worker.process.join(_DEATH)
    status = worker.process.exitcode
    if status is None:  # the system holds it, in a read that does not end, say
        return 0
    worker.process.close()
    return status


# ------------------------------------------------------------------ one process


def can_fork() -> bool:
    """Return whether processes can be copied safely: some systems start threads of their own."""
    return os.uname().sysname == "Linux" if hasattr(os, "uname") else False


def _start(set_up: Callable[[], Callable[[ItemT], ResultT]]) -> _Worker:
    from multiprocessing import get_context

    context = get_context("fork") if can_fork() else get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(set_up, theirs, ours), daemon=True)
    with _signals_held():
        process.start()
    theirs.close()  # or its end would not be the end of its results
    return _Worker(process, ours)


@contextmanager
def _signals_held() -> Iterator[None]:
    """Let no signal arrive while a process has two lives."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(
    set_up: Callable[[], Callable[[ItemT], ResultT]], connection: Connection, parents: Connection
) -> None:
    """Work on what is received until nobody sends any more."""
    from multiprocessing import parent_process
    from threading import Thread

    parents.close()
    _answer_no_signal()
    parent = parent_process()
    assert parent is not None

    def end_with_parent() -> None:
        parent.join()
        os._exit(1)

    Thread(target=end_with_parent, daemon=True).start()
    try:
        work = set_up()
        while True:
            for item in connection.recv():
                connection.send(work(item))
    except EOFError:
        return
    except Exception:
        # Whoever asked does it again, or tells; a traceback could quote the linted project.
        raise SystemExit(1) from None


def _answer_no_signal() -> None:
    """Leave Ctrl-C to the process that was asked; end at once at any other signal."""
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN if number is signal.SIGINT else signal.SIG_DFL)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)


# ------------------------------------------------------------------ what is in memory


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

    def work_on(portion: Sequence[int]) -> list[bytes]:
        return [work(item) for item in portion]

    most = sum(sizes) // (_PORTIONS_EACH * jobs)
    with Pool(jobs, lambda: work_on) as pool:
        for portion, results in pool.results([one] for one in _neighbours(items, sizes, most)):
            done = work_on(portion) if isinstance(results, Died) else results
            yield from zip(portion, done, strict=True)


def _neighbours(items: Sequence[int], sizes: Sequence[int], most: int) -> list[Sequence[int]]:
    """Share out items with those beside them, which are likely to ask for the same; see `portions`.

    The largest portions come first.
    """
    totals = [0]
    shared_out: list[list[int]] = [[]]
    for item, size in zip(items, sizes, strict=True):
        if totals[-1] > most:
            totals.append(0)
            shared_out.append([])
        totals[-1] += size
        shared_out[-1].append(item)
    by_size = sorted(range(len(totals)), key=totals.__getitem__, reverse=True)
    return [shared_out[number] for number in by_size]


def portions(items: Sequence[ItemT], sizes: Sequence[int], most: int) -> Iterator[list[ItemT]]:
    """Share out items in portions of little more than this size, the largest items first.

    What is begun last must not take long.
    """
    portion: list[ItemT] = []
    total = 0
    for size, index in sorted(zip(sizes, range(len(items)), strict=True), reverse=True):
        portion.append(items[index])
        total += size
        if total > most:
            yield portion
            portion, total = [], 0
    if portion:
        yield portion
