"""Reading many files: in this process, or in as many as there are cores for."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast

import msgspec

from bedev_lint import filesystem
from bedev_lint.cache.stamps import Stamp, stamp, trusted
from bedev_lint.cache.trust import digest
from bedev_lint.catalog import Rule
from bedev_lint.inspection.parallel import Died, Pool, portions
from bedev_lint.inspection.plan import Plan, SourceFile
from bedev_lint.limits import TooLong, within
from bedev_lint.model import FileReport, Shown, Span
from bedev_lint.program import index_of
from bedev_lint.source import MAX_BYTES, Masks, Part, Statement, decode

if TYPE_CHECKING:  # a run that reads no file does without it
    from bedev_lint.inspection import inspect
    from bedev_lint.inspection.cluster import Cluster
    from bedev_lint.inspection.visitor_results import (
        ParsedFile,
        RunVisitors,
        ScheduledRule,
        VisitorResult,
    )

__all__ = ["Inspected", "Wanted", "Workers", "without_collector"]

# What one process reads in less time than others need to start.
_SMALL = 400_000
# What a process is given at once, so that asking for it costs little beside the work itself.
_PORTION = 200_000
# What another machine is given at once: it takes longer to ask for that.
_FAR_PORTION = 500_000
# How long a process may keep silent about one file: so many times the limit of processor time, and
# so many seconds more. Others may use the processors too.
_PATIENCE, _GRACE = 10, 30
# A tree is freed without the collector; now and then it looks for what is not.
_BETWEEN_COLLECTIONS = 50

ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")


class Inspected(NamedTuple):
    """What reading a file gave, as MessagePack: a `FileReport` without its path, and its facts.

    An empty `report` is one with nothing in it, empty `facts` are none; `names` is their index,
    `places` say where all stands that they speak of. `content` is the digest of what was read,
    empty if nothing could be.
    """

    report: bytes
    facts: bytes
    names: bytes
    places: bytes
    memo: bytes
    content: bytes
    stamp: Stamp


class Wanted(NamedTuple):
    """Places of a file that are to be shown, their statements, and the digest of its content."""

    source: SourceFile
    content: bytes
    places: tuple[tuple[Statement, Span], ...]


class Workers:
    """Reads files. `jobs` processes share the work where it is worth their start.

    With the address of a `cluster`, its workers inspect them. Raises ClusterError.
    """

    def __init__(self, plan: Plan, jobs: int, cluster: str = "") -> None:
        self._plan, self._jobs = plan, jobs
        # A process that works is ended by its own timer; this is for one that waits for something.
        patience = _PATIENCE * plan.file_timeout + _GRACE
        self._pool: Pool[_Task, Any] = Pool(jobs, partial(_started, plan), patience)
        self._cluster: Cluster[_Task, Inspected] | None = None
        if cluster:
            from bedev_lint.inspection.cluster import Cluster

            self._cluster = Cluster(cluster, partial(_started, plan), patience)

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_error: object) -> None:
        self.rest()

    def inspect(
        self, sources: Sequence[SourceFile], progress: Callable[[int, int], None] | None = None
    ) -> Iterator[tuple[SourceFile, Inspected]]:
        """Read all files, in any order."""
        sizes = [_size(source) for source in sources]
        if self._cluster is not None and sum(sizes) > _SMALL:
            inspected_sources = self._from_cluster(self._cluster, sources)
        else:
            inspected_sources = self._results(_inspect, sources, sizes, _crashed)
        for done, (source, inspected) in enumerate(inspected_sources, start=1):
            if progress is not None:
                progress(done, len(sources))
            yield source, inspected

    def rest(self) -> None:
        """End the processes until there is more to do: what they have read takes memory."""
        if self._cluster is not None:
            self._cluster.close()
        self._pool.close()

    def shown(self, wanted: Sequence[Wanted]) -> Iterator[tuple[Wanted, tuple[Shown, ...]]]:
        """Say how places may be shown; nothing of a file that is not what it was."""
        sizes = [_size(item.source) for item in wanted]
        for item, data in self._results(_shown, wanted, sizes, lambda _plan, _item: b""):
            yield item, _SHOWN.decode(data) if data else ()

    # ------------------------------------------------------------------ sharing out

    def _results(
        self,
        work: Callable[[_State, ItemT], ResultT],
        items: Sequence[ItemT],
        sizes: Sequence[int],
        crashed: Callable[[Plan, ItemT], ResultT],
    ) -> Iterator[tuple[ItemT, ResultT]]:
        is_worth_it = self._jobs > 1 and len(items) > 1 and sum(sizes) > _SMALL
        if not is_worth_it:
            yield from _alone(work, items, self._plan)
            return
        tasks = [_Task(work, item) for item in items]
        for task, result in self._pool.results(portions(tasks, sizes, _PORTION)):
            item = cast("ItemT", task.item)
            yield item, crashed(self._plan, item) if isinstance(result, Died) else result

    def _from_cluster(
        self, cluster: Cluster[_Task, Inspected], sources: Sequence[SourceFile]
    ) -> Iterator[tuple[SourceFile, Inspected]]:
        """Read files there; what cannot be read here is told as it is otherwise."""
        sending = _Sending()
        for todo in (sources, sending.unlike):
            sizes = [_size(source) for source in todo]
            work = map(sending.tasks, portions(todo, sizes, _FAR_PORTION))
            for task, result in cluster.results(filter(None, work)):
                source = sending.source(task)
                if isinstance(result, Died):
                    yield source, _crashed(self._plan, source)
                elif (inspected := sending.accepted(task, result)) is not None:
                    yield source, inspected
        yield from _alone(_inspect, sending.unread, self._plan)


class _Sending:
    """Files sent to a cluster: as paths while it sees the same ones, then as what they hold.

    `unlike` are those that it sees otherwise, and `unread` those that this machine cannot read.
    """

    def __init__(self) -> None:
        self.unlike: list[SourceFile] = []
        self.unread: list[SourceFile] = []
        # By path. The stamps are made on this machine, before a file is sent.
        self._sent: dict[str, tuple[SourceFile, Stamp]] = {}

    def tasks(self, portion: Sequence[SourceFile]) -> list[_Task]:
        return [task for source in portion for task in self._task(source)]

    def _task(self, source: SourceFile) -> Iterator[_Task]:
        path_stamp = None if self.unlike else _path_stamp(source)
        if path_stamp is not None:
            self._sent[source.path] = source, path_stamp
            yield _Task(_inspect, source)
            return
        try:
            data, file_stamp = _read(source)
        except OSError:
            self.unread.append(source)
            return
        self._sent[source.path] = source, file_stamp
        yield _Task(_inspect, replace(source, data=data))

    def source(self, task: _Task) -> SourceFile:
        return self._sent[task.item.path][0]

    def accepted(self, task: _Task, inspected: Inspected) -> Inspected | None:
        """Return what to believe of a file, None if it was another one that was read there."""
        source, file_stamp = self._sent[task.item.path]
        if task.item.data is None and inspected.stamp != file_stamp:
            self.unlike.append(source)
            return None
        return inspected._replace(stamp=file_stamp)


def _path_stamp(source: SourceFile) -> Stamp | None:
    """Return by what a file is known elsewhere; None if it is not, or has to be read here."""
    if source.data is not None or not os.access(source.path, os.R_OK):
        return None
    try:
        current = trusted(stamp(os.stat(source.path)))
    except OSError:
        return None
    return current if current[1] else None


def _size(source: SourceFile) -> int:
    if source.data is not None:
        return len(source.data)
    try:
        return os.stat(source.path).st_size
    except OSError:
        return 0


# ------------------------------------------------------------------ the work itself


class _State:
    """What a process needs to read files, imported for the first; LibCST is set up `until` then."""

    def __init__(self, plan: Plan, until: ExitStack, *, is_worker: bool) -> None:
        self.plan, self.is_worker, self._until = plan, is_worker, until
        self._done = 0

    @cached_property
    def inspect(self) -> Callable[[SourceFile, bytes], inspect.Inspected]:
        from bedev_lint.inspection import inspect

        active = inspect.load(self.plan)
        return partial(
            inspect.inspect, plan=self.plan, active=active, run_visitors=self._run_visitors
        )

    def do(self, work: Callable[[_State, ItemT], ResultT], item: ItemT) -> ResultT:
        result = work(self, item)
        self._done += 1
        if self._done % _BETWEEN_COLLECTIONS == 0:
            gc.collect(0)  # of what was made since, as what has stayed will be needed
        return result

    def _run_visitors(
        self, parsed: ParsedFile, scheduled: Sequence[ScheduledRule], left_out: Sequence[Part]
    ) -> VisitorResult:
        # Only here, where it has something to do, LibCST is imported.
        return self._by_libcst(parsed, scheduled, left_out)

    @cached_property
    def _by_libcst(self) -> RunVisitors:
        from bedev_lint.inspection import visitor_runner
        from bedev_lint.syntax import trusted_parser

        self._until.enter_context(trusted_parser())
        return visitor_runner.run_visitors


class _Task(NamedTuple):
    work: Callable[[_State, Any], Any]
    item: Any


def _started(plan: Plan) -> Callable[[_Task], Any]:
    """Return what a process that has started does with each task, until it ends."""
    for_good = ExitStack()
    for_good.enter_context(without_collector())
    state = _State(plan, for_good, is_worker=True)
    return lambda task: state.do(task.work, task.item)


def _alone(
    work: Callable[[_State, ItemT], ResultT], items: Sequence[ItemT], plan: Plan
) -> Iterator[tuple[ItemT, ResultT]]:
    if not items:
        return
    with without_collector(), ExitStack() as until:
        state = _State(plan, until, is_worker=False)
        for item in items:
            yield item, state.do(work, item)


@contextmanager
def without_collector() -> Iterator[None]:
    """Keep the collector from looking, again and again, through much that is all in use.

    Nothing is frozen: what is frozen becomes old, and a session that is done with, which only the
    collector can free, would stay.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


_SHOWN = msgspec.msgpack.Decoder(tuple[Shown, ...])
_ENCODER = msgspec.msgpack.Encoder()


def _read(source: SourceFile) -> tuple[bytes, Stamp]:
    if source.data is not None:
        return source.data, (len(source.data), 0, 0)
    began = time.time_ns()
    data, status = filesystem.head(source.path, MAX_BYTES + 1)  # too much for `inspect` to take
    return data, trusted(stamp(status), began)


def _inspect(state: _State, source: SourceFile) -> Inspected:
    rule = state.plan.linter["unreadable-file"]
    shown = os.fsencode(source.path).decode("utf-8", "backslashreplace")
    if shown != source.path:
        return _unread(shown, rule, "its name is not UTF-8")
    try:
        data, file_stamp = _read(source)
    except OSError as error:
        folder = "a folder that cannot be listed: " if os.path.isdir(source.path) else ""
        reason = folder + filesystem.reason(error)
        return _unread(source.path, rule, reason)
    try:
        inspected = within(
            state.plan.file_timeout,
            lambda: _inspected(
                state.inspect(source, data), digest(data, state.plan.key), file_stamp
            ),
            is_worker=state.is_worker,
        )
    except TooLong:
        reason = f"it takes longer than {state.plan.file_timeout} s (file-timeout)"
        limit = state.plan.linter["analysis-limit"]
        # Without its digest it is not kept: next time, it may take less.
        inspected = _unread(source.path, limit, reason)._replace(stamp=file_stamp)
    return inspected


def _inspected(inspected: inspect.Inspected, content: bytes, file_stamp: Stamp) -> Inspected:
    report = inspected.report
    facts = b"" if report.facts is None else _ENCODER.encode(report.facts)
    names = b"" if report.facts is None else _ENCODER.encode(index_of(report.facts))
    is_empty = report.is_parsed and not (
        report.candidates or report.problems or report.suppressions
    )
    light = b"" if is_empty else _ENCODER.encode(_without_path(report))
    places = _ENCODER.encode(inspected.places)
    return Inspected(light, facts, names, places, inspected.memo, content, file_stamp)


def _without_path(report: FileReport) -> FileReport:
    problems = tuple(msgspec.structs.replace(problem, filename="") for problem in report.problems)
    return msgspec.structs.replace(report, path="", facts=None, problems=problems)


def _crashed(plan: Plan, source: SourceFile) -> Inspected:
    reason = "it ends the process, or takes too long (file-timeout)"
    return _unread(source.path, plan.linter["analysis-limit"], reason)


def _unread(path: str, rule: Rule, reason: str) -> Inspected:
    """Return what is told of a file that could not be read, and is to be read again next time."""
    from bedev_lint.inspection.inspect import unreadable

    return _inspected(unreadable(path, rule, reason), b"", (0, 0, 0))


def _shown(state: _State, wanted: Wanted) -> bytes:
    try:
        data, _ = _read(wanted.source)
    except OSError:
        return b""
    if digest(data, state.plan.key) != wanted.content:
        return b""
    try:
        return within(
            state.plan.file_timeout,
            lambda: _ENCODER.encode(_shown_places(data, wanted.places)),
            is_worker=state.is_worker,
        )
    except TooLong:
        return b""


def _shown_places(data: bytes, places: Sequence[tuple[Statement, Span]]) -> list[Shown]:
    masks = Masks(decode(data), [statement for statement, _ in places])
    return [masks.shown(statement, span) for statement, span in places]
