"""Work shared out among the machines of a Dask cluster, which is there already."""

from __future__ import annotations

import asyncio
import logging
import pickle
import platform
import queue
import warnings
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import ExitStack, contextmanager
from importlib.metadata import PackageNotFoundError, version
from itertools import islice
from typing import TYPE_CHECKING, Generic, NoReturn, TypeVar

from bedev_lint import __version__
from bedev_lint.inspection.cluster_worker import VERSIONS, results_of
from bedev_lint.inspection.parallel import ClusterError, Died

if TYPE_CHECKING:  # an extra, which most do without
    from distributed import Client, Future

__all__ = ["Cluster"]

# The seconds in which a cluster has to answer.
_ANSWER = 10
# The seconds of silence after which one asks whether there is still anybody.
_SILENCE = 60
# So many portions are given to each thread, so that it has one at hand when another is done.
_AHEAD = 2
# So many workers are told by their addresses.
_NAMED = 3
_EXTRA = ("dask", "distributed")

ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")


class Cluster(Generic[ItemT, ResultT]):
    """Does what a `Pool` does, on the cluster whose scheduler has this address.

    `set_up`, all items and what comes of them have to be picklable. One is connected from the
    first results on, until `close`.
    """

    def __init__(
        self, address: str, set_up: Callable[[], Callable[[ItemT], ResultT]], patience: float
    ) -> None:
        self._address, self._set_up, self._patience = address, set_up, patience
        self._client: Client | None = None
        self._until_closed = ExitStack()

    def close(self) -> None:
        """Leave the cluster; what it is still about is of no use to anybody."""
        self._client = None
        self._until_closed.close()

    def results(self, work: Iterable[Sequence[ItemT]]) -> Iterator[tuple[ItemT, ResultT | Died]]:
        """Return each item of these portions with what comes of it, in any order.

        Portions are taken one by one, when somebody is free to do them. One that ends the worker
        which does it is given to others; should it end those, its items are done at the end, each
        alone: only what ends workers again is to blame. Raises ClusterError.
        """
        client = self._client or self._connected()
        suspects: list[ItemT] = []
        for items, results in self._done(client, work, _AHEAD * sum(client.nthreads().values())):
            if results is None:
                suspects.extend(items)
            else:
                yield from zip(items, results, strict=True)
        for (item,), results in self._done(client, ([item] for item in suspects), 1):
            yield item, Died(0) if results is None else results[0]

    def _done(
        self, client: Client, work: Iterable[Sequence[ItemT]], most: int
    ) -> Iterator[tuple[Sequence[ItemT], Sequence[ResultT] | None]]:
        """Have portions done, so many at a time; return each with its results.

        There are none, but None, of what ends its workers, or is done where another portion does.
        """
        start = zlib.compress(pickle.dumps((self._set_up, self._patience)))
        given: dict[Future[bytes], Sequence[ItemT]] = {}
        done: queue.SimpleQueue[Future[bytes]] = queue.SimpleQueue()
        waiting = iter(work)
        while True:
            for items in islice(waiting, most - len(given)):
                task = (VERSIONS, start, pickle.dumps(items))
                future = client.submit(results_of, *task, pure=False, retries=0)
                given[future] = items
                future.add_done_callback(done.put)
            if not given:
                return
            future = self._next(client, done)
            yield given.pop(future), self._results_of(client, future)

    def _next(self, client: Client, done: queue.SimpleQueue[Future[bytes]]) -> Future[bytes]:
        """Wait for a portion that is done. Raises ClusterError if there is nobody who does it."""
        while True:
            try:
                return done.get(timeout=_SILENCE)
            except queue.Empty:
                if client.status != "running" or not client.nthreads():
                    self._fail("no worker is left")

    def _results_of(self, client: Client, future: Future[bytes]) -> Sequence[ResultT] | None:
        """Return what has come of a portion, None if that has ended those who worked on it."""
        from distributed import KilledWorker

        try:
            results: Sequence[ResultT] = pickle.loads(future.result())  # noqa: S301  its user's own
        except (KilledWorker, CancelledError, EOFError, OSError):
            if client.status != "running":
                self._fail("the connection to it is lost")
            return None
        except Exception as error:  # one who has come later may be another
            self._must_agree(client)
            self._fail(f"a worker failed with {type(error).__name__}")
        return results

    # ------------------------------------------------------------------ the connection

    def _connected(self) -> Client:
        try:
            from distributed import Client, Security
        except ModuleNotFoundError as error:
            if error.name is None or error.name.partition(".")[0] not in _EXTRA:
                raise
            needed = "--cluster needs more: pip install 'bedev-lint[distributed]'"
            raise ClusterError(needed) from error
        security = Security()
        is_encrypted = security.get_connection_args("client")["ssl_context"] is not None
        if self._address.startswith("tls:") and not is_encrypted:
            self._fail("TLS needs `distributed.comm.tls.client` in Dask's configuration")
        self._until_closed.enter_context(_silence())
        failure = f"nobody answers within {_ANSWER} s"
        try:
            client = Client(self._address, security=security, timeout=_ANSWER, set_as_default=False)
            self._until_closed.callback(client.close)
            failure = "it has no workers"
            client.wait_for_workers(1, timeout=_ANSWER)
        except (OSError, asyncio.TimeoutError):
            self._fail(failure)
        except RuntimeError as error:  # Dask's configuration wants TLS
            self._fail(str(error))
        self._must_agree(client)
        self._client = client
        return client

    def _must_agree(self, client: Client) -> None:
        """Raise ClusterError if workers have other versions than this machine.

        They are asked by nothing but functions of the standard library: all others may be others.
        """
        pythons = client.run(platform.python_version, on_error="return")
        tools = client.run(version, "bedev-lint", on_error="return")
        ours = _versions(platform.python_version(), __version__)
        others: defaultdict[str, list[str]] = defaultdict(list)
        for address, python in sorted(pythons.items()):
            theirs = _versions(python, tools.get(address))
            if theirs != ours:
                others[theirs].append(address)
        if others:
            told = "; ".join(f"{theirs} on {_named(on)}" for theirs, on in others.items())
            self._fail(f"this machine has {ours}, but there is {told}: install the same there")

    def _fail(self, problem: str) -> NoReturn:
        raise ClusterError(f"--cluster: {self._address}: {problem}") from None


def _versions(python: object, tool: object) -> str:
    minor = ".".join(str(python).split(".")[:2])
    own = "no bedev-lint" if isinstance(tool, PackageNotFoundError) else f"bedev-lint {tool}"
    return f"Python {minor} and {own}"


def _named(addresses: Sequence[str]) -> str:
    more = len(addresses) - _NAMED
    return ", ".join(addresses[:_NAMED]) + (f" and {more} more" if more > 0 else "")


@contextmanager
def _silence() -> Iterator[None]:
    """Let nobody else print, who would tell of all that goes otherwise than expected."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
