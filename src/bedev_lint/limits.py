"""A bound on the processor time that one file may take, to be read or to be linked."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from typing import TypeVar

__all__ = ["FILE_TIMEOUT", "TooLong", "within"]

# The seconds of processor time that one file may take where nothing else is configured.
FILE_TIMEOUT = 10

ResultT = TypeVar("ResultT")

# Told again and again, since a handler within a finaliser is not heard.
_AGAIN = 0.5
# So many times the limit, for what does not hear it.
_PATIENCE = 1.5


class TooLong(BaseException):
    """The time is over. No `Exception`: what takes those for a rule's mistake lets it pass."""


def within(
    seconds: float | None, work: Callable[[], ResultT], *, is_worker: bool = False
) -> ResultT:
    """Do work that may take so much processor time; None is no limit. Raises TooLong.

    That is heard between two steps of Python's, and in a regular expression. A native parser does
    not hear it: a worker process is ended then, and its parent finds out by which file. Systems
    without timers, and threads, know no limit.
    """
    is_main = threading.current_thread() is threading.main_thread()
    if seconds is None or not is_main or not hasattr(signal, "setitimer"):
        return work()
    before = signal.signal(signal.SIGPROF, _give_up)
    try:
        try:
            signal.setitimer(signal.ITIMER_PROF, seconds, _AGAIN)
            if is_worker:
                # What it does by default: to end the process.
                signal.setitimer(signal.ITIMER_VIRTUAL, seconds * _PATIENCE + _AGAIN)
            return work()
        finally:
            _stop()
    finally:
        _stop()  # also when the time was over just as the work was done
        signal.signal(signal.SIGPROF, before)


def _stop() -> None:
    signal.setitimer(signal.ITIMER_PROF, 0)
    signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def _give_up(_number: int, _frame: object) -> None:
    raise TooLong
