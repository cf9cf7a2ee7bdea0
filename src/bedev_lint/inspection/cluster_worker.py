"""What a worker of a cluster does: it has work done by a process of its own.

A worker runs its tasks in threads, where no limit of time is heard, has to outlive whatever ends a
process, and may not start any as a `Pool` does. So each of its threads starts one that may.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
import threading
import zlib
from contextlib import suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection

from bedev_lint import __version__
from bedev_lint.inspection.parallel import Pool

__all__ = ["VERSIONS", "results_of", "serve"]

# What must be the same on all machines.
VERSIONS = (sys.version_info[:2], __version__)

# The seconds for which a process waits for more to do: it takes memory meanwhile.
_IDLE = 60
# It looks for modules where the worker does, and not in the folder that it is started in.
_CODE = (
    "import sys; sys.path[:] = sys.argv[2:]\n"
    "from bedev_lint.inspection.cluster_worker import serve; serve(int(sys.argv[1]))"
)


def results_of(versions: object, start: bytes, items: bytes) -> bytes:
    """Have the items of a portion done as `start` says; all of it is pickled.

    Raises EOFError or OSError if this ends the process that does it, twice.
    """
    if versions != VERSIONS:
        raise ValueError(versions)
    process: _Process | None = getattr(_of_thread, "process", None)
    if process is not None and process.start == start:
        # It may have waited for long enough, or something may have ended it.
        with suppress(EOFError, OSError):
            return process.results_of(items)
    if process is not None:
        process.end()
    _of_thread.process = process = _Process(start)
    return process.results_of(items)


class _Process:
    """A process that does what `start` says."""

    def __init__(self, start: bytes) -> None:
        self.start = start
        self._connection, theirs = Pipe()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603  this same Python
                [sys.executable, "-c", _CODE, str(theirs.fileno()), *sys.path],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,  # a traceback could quote the linted project
            )
        self._connection.send_bytes(start)

    def results_of(self, items: bytes) -> bytes:
        self._connection.send_bytes(items)
        return self._connection.recv_bytes()

    def end(self) -> None:
        self._connection.close()
        self._process.kill()
        self._process.wait()


_of_thread = threading.local()


def serve(handle: int) -> None:
    """Do what is received there, until nobody sends any more."""
    with Connection(handle) as connection:
        set_up, patience = pickle.loads(zlib.decompress(connection.recv_bytes()))  # noqa: S301
        with Pool(1, set_up, patience) as pool:
            while connection.poll(_IDLE):
                items = connection.recv()
                results = {id(item): result for item, result in pool.results([items])}
                connection.send([results[id(item)] for item in items])
