"""What ends a run from outside: Ctrl-C, a CI that cancels, a terminal that closes.

Each ends it in order, as an error would: what is half written is removed, processes are ended. The
exit status is 128 and the number of the signal, as shells have it.
"""

from __future__ import annotations

import os
import signal
import sys
from functools import partial
from typing import NoReturn

__all__ = ["end_at_once", "obey"]

# Not every system has them all.
_SIGNALS = [number for number in signal.Signals if number.name in ("SIGINT", "SIGTERM", "SIGHUP")]
# How long the end in order may take, in seconds.
_PATIENCE = 0.5


def obey() -> None:
    """Let these signals raise SystemExit, save those that the caller wants to be ignored."""
    for number in _SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _end)


def _end(number: int, _frame: object) -> NoReturn:
    for other in _SIGNALS:
        signal.signal(other, signal.SIG_IGN)  # another one must not disturb the end
    status = 128 + number
    if hasattr(signal, "setitimer"):
        # Where it is raised in the wrong moment, an exception is lost.
        signal.signal(signal.SIGALRM, partial(_give_up, status))
        signal.setitimer(signal.ITIMER_REAL, _PATIENCE)
    raise SystemExit(status)


def _give_up(status: int, _number: int, _frame: object) -> NoReturn:
    end_at_once(status)


def end_at_once(status: int) -> NoReturn:
    """End this process and all that it has started, without tidying up."""
    if "multiprocessing" in sys.modules:
        from multiprocessing import active_children

        children = active_children()
        for child in children:
            child.kill()
        for child in children:
            child.join(_PATIENCE)
    os._exit(status)
