"""Linking: module by module, in four steps, each computed anew only where it has to be.

Every step of a module begins with an empty memory, so what it comes to does not depend on
what was asked before; and all that it looks at is noted. Of a program that was linked before,
a step is taken again where the module itself has changed, or something that it had looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, zip_longest
from typing import NamedTuple, TypeVar, cast

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from bedev_lint.catalog import Catalog, Rule
from bedev_lint.model import SiteRef
from bedev_lint.program.boundaries import Boundaries, Step
from bedev_lint.program.callgraph import CallGraph, Summary
from bedev_lint.program.effects import FunctionEffects
from bedev_lint.program.hierarchy import Head, Hierarchy
from bedev_lint.program.names import Names
from bedev_lint.program.project import Facts, Project, Source, Unit, first_calls
from bedev_lint.program.reads import Reads
from bedev_lint.program.relations import Relation, given, makers, relations
from bedev_lint.program.resolve import Resolver
from bedev_lint.program.summaries import Summaries
from bedev_lint.program.values import ClassRef, FunctionRef
from bedev_lint.program.vocabulary import Vocabulary

__all__ = ["Crossed", "Each", "Known", "Part", "Program", "Spot", "link"]

T = TypeVar("T")
Each = Callable[[Callable[[int], bytes], Sequence[int], Sequence[int]], Iterable[tuple[int, bytes]]]


_Reads = tuple[bytes, bytes, bytes, bytes]


class Spot(Struct, frozen=True, array_like=True):
    """A step of a path: the file, the dotted name of the function, and the site."""

    file: str
    function: str
    site: SiteRef


class Crossed(Struct, frozen=True, array_like=True):
    """A boundary that is crossed: from the function that is reported to the source.

    `label` is what is called there; `reached_from` are the functions of the same context that
    come to this one through calls.
    """

    rule: str
    path: tuple[Spot, ...]
    label: str
    sure: bool
    reached_from: tuple[Spot, ...]


class Walked(Struct, frozen=True, array_like=True):
    """What crosses boundaries from one module, and the comments (file, index) that ended walks."""

    crossings: tuple[Crossed, ...] = ()
    cuts: tuple[tuple[str, int], ...] = ()


class _Summarized(NamedTuple):
    """What the functions of a module do, and those that they hand over to be called later."""

    functions: tuple[FunctionEffects, ...]
    later: tuple[FunctionRef, ...]


class Part(Struct, array_like=True):
    """What is known of one module once it is linked, and what each step of that has looked at.

    `facts` is the digest of those that it was linked with. `summary` is that of its functions as
    it was before; what it is now, the graph knows.
    """

    path: str
    name: str
    is_package: bool
    facts: bytes
    silenced: tuple[frozenset[str], ...]
    heads: tuple[Head, ...] = ()
    relations: tuple[Relation, ...] = ()
    summary: Summary = Summary()
    later: tuple[FunctionRef, ...] = ()
    walked: Walked = Walked()
    reads: _Reads = (b"", b"", b"", b"")


class Known(NamedTuple):
    """What is kept of a linked program: all parts in order, the tables of its names by name."""

    parts: Sequence[Part] = ()
    names: Mapping[str, bytes] = {}


class Program(NamedTuple):
    """A linked program: what is known of each module, and doors to all of it.

    `changed` are the modules that may not be as they were before.
    """

    parts: list[Part]
    changed: frozenset[int]
    names: Names
    project: Project
    graph: CallGraph
    resolver: Resolver

    def to_keep(self) -> Known:
        """Return what is to be kept of this program and has changed, as far as that is known."""
        parts = [
            replace(self.parts[module], summary=self.graph.summary(module))
            for module in sorted(self.changed)
        ]
        return Known(parts, self.names.written())

    def crossings(self, rules: Sequence[Rule]) -> list[Crossed]:
        """Return what crosses the boundaries of these rules, rule by rule."""
        found = [crossed for part in self.parts for crossed in part.walked.crossings]
        number = {rule.code: at for at, rule in enumerate(rules)}
        return sorted(found, key=lambda crossed: number[crossed.rule])

    def cuts(self) -> list[tuple[str, int]]:
        """Return the comments that ended walks, by file and index."""
        return list(dict.fromkeys(cut for part in self.parts for cut in part.walked.cuts))


def link(
    sources: Mapping[str, Source],
    facts: Facts,
    catalog: Catalog,
    rules: Sequence[Rule] = (),
    silenced: Mapping[str, tuple[frozenset[str], ...]] | None = None,
    known: Known | None = None,
    each: Each | None = None,
) -> Program:
    """Link modules, by their paths relative to the project, with their facts by digest.

    `silenced` gives for each path the codes that each suppression of the file silences; `known`
    is what was kept when they were linked for the same catalog and the same rules. `each` does
    work for modules, given their indices and how much work each is, in any order and process.
    """
    known, each = known or Known(), each or _alone
    return _Linking(sources, facts, catalog, silenced or {}, known, each).linked(rules)


class _Linking:
    """One run through the four steps: heads of classes, relations, summaries, walks.

    `stale` are the modules that have changed, `changes` what of them.
    """

    def __init__(
        self,
        sources: Mapping[str, Source],
        facts: Facts,
        catalog: Catalog,
        silenced: Mapping[str, tuple[frozenset[str], ...]],
        known: Known,
        each: Each,
    ) -> None:
        self._each = each
        self._catalog, self._vocabulary = catalog, Vocabulary(catalog)
        paths = sorted(sources)
        self._before = known.parts if _same_modules(known.parts, paths, sources) else ()
        units = [Unit(index, path, sources[path], facts) for index, path in enumerate(paths)]
        self._units = units
        self._names = Names(known.names) if self._before else Names.of(unit.names for unit in units)
        self._project = Project(units, self._names)
        self._parts = [
            Part(unit.path, *unit.source[:3], silenced.get(unit.path, ())) for unit in units
        ]
        # A module that has not changed is the same as before.
        old = [
            unit
            if unit.source.facts == part.facts
            else Unit(unit.index, unit.path, Source(part.name, part.is_package, part.facts), facts)
            for unit, part in zip(units, self._before, strict=False)
        ]
        self._stale = {a.index for a, b in zip(old, units, strict=False) if a is not b}
        self._changed = Reads()
        for module, (before, part) in enumerate(zip(self._before, self._parts, strict=False)):
            if before.silenced != part.silenced:
                self._changed.silenced.add(module)
        # Those of which a step is taken, or something else is not as it was before.
        self._touched = self._changed.silenced | self._stale
        if self._stale:
            self._note_facts(old, units)

    def _note_facts(self, old: Sequence[Unit], new: Sequence[Unit]) -> None:
        """Note what of the facts of modules has changed, and whom that makes stale."""
        changes = self._changed
        for module in self._stale:
            _compare(old[module], new[module], changes)
        calls = {name: self._first_calls(name, old) for name in changes.calls}
        makers = self._makers(old)
        # Names that have come to matter to all modules, or do so no more.
        turned: set[str] = set()
        for module in self._stale:
            for table, name in self._names.exchange(module, old[module].names, new[module].names):
                if table in ("known", "properties"):
                    turned.add(name)
        turned |= makers ^ self._makers(new)
        changes.calls = {name for name in calls if calls[name] != self._first_calls(name, new)}
        self._stale |= self._project.mentioning(turned)

    def _first_calls(self, name: str, units: Sequence[Unit]) -> list[tuple[FunctionRef, int]]:
        modules = self._names.modules("calls", name)
        return first_calls(name, ((module, units[module].names) for module in modules))

    def _makers(self, units: Sequence[Unit]) -> frozenset[str]:
        return makers(self._names, lambda module: units[module].names, self._catalog)

    # ------------------------------------------------------------------ the steps

    def linked(self, rules: Sequence[Rule]) -> Program:
        hierarchy = self._hierarchy()
        resolver = self._related(hierarchy)
        graph = self._graph(resolver)
        if rules:
            self._walked(rules, graph, resolver)
        changed = frozenset(self._touched | graph.changed)
        return Program(self._parts, changed, self._names, self._project, graph, resolver())

    def _again(
        self, step: int, kind: type[T], compute: Callable[[int], T]
    ) -> Iterator[tuple[int, T]]:
        """Take a step of all modules for which it may come to something else than before."""
        todo = []
        traces = self._changed.traces()
        for module, part in enumerate(self._parts):
            known = self._before[module].reads[step] if self._before else b""
            if self._before and module not in self._stale and self._is_same(known, traces):
                part.reads = _with(part.reads, step, known)
            else:
                todo.append(module)

        def work(module: int) -> bytes:
            self._project.reads, self._project.own = Reads(), module
            found = compute(module)
            return msgspec.msgpack.encode((found, self._project.reads))

        decode = msgspec.msgpack.Decoder(tuple[kind, msgspec.Raw]).decode  # type: ignore[valid-type]
        divisor = _LITTLE if step < 2 else 1
        sizes = [self._units[module].source.size // divisor for module in todo]
        self._touched.update(todo)
        for module, data in self._each(work, todo, sizes):
            found, reads = decode(data)
            self._parts[module].reads = _with(self._parts[module].reads, step, bytes(reads))
            yield module, found

    def _is_same(self, reads: bytes, traces: Sequence[bytes]) -> bool:
        # To look for a few pieces costs less than to read it all.
        if len(traces) < _FEW and not any(trace in reads for trace in traces):
            return True
        return not self._changed.meets(_READS.decode(reads))

    def _hierarchy(self) -> Hierarchy:
        for old, part in zip(self._before, self._parts, strict=False):
            part.heads = old.heads

        def heads(module: int) -> tuple[Head, ...]:
            resolver = Resolver(self._project, self._vocabulary)
            return tuple(resolver.head(ref) for ref, _ in self._project.classes(module))

        for module, found in self._again(0, tuple[Head, ...], heads):
            self._parts[module].heads = found
        hierarchy = _hierarchy(self._project, self._parts)
        if any(o.heads != p.heads for o, p in zip(self._before, self._parts, strict=False)):
            changes = Reads()
            before = _hierarchy(self._project, self._before)
            changes.above, changes.below = hierarchy.changes(before)
            self._changed.add(changes)
        return hierarchy

    def _related(self, hierarchy: Hierarchy) -> Callable[[], Resolver]:
        """Return what makes resolvers that know the relations of classes."""
        for old, part in zip(self._before, self._parts, strict=False):
            part.relations = old.relations
        makers = self._makers(self._units)

        def declared(module: int) -> tuple[Relation, ...]:
            resolver = Resolver(self._project, self._vocabulary, hierarchy)
            return tuple(relations(self._project, module, makers, resolver))

        for module, found in self._again(1, tuple[Relation, ...], declared):
            self._parts[module].relations = found
        self._every = [relation for part in self._parts for relation in part.relations]
        self._note_relations()
        owned = frozenset((relation.owner, relation.name) for relation in self._every)
        reverse = given(self._every)
        return lambda: Resolver(self._project, self._vocabulary, hierarchy, owned, reverse)

    def _note_relations(self) -> None:
        changes, names = Reads(), set()
        for old, part in zip(self._before, self._parts, strict=False):
            if old.relations != part.relations:
                for relation in {*old.relations} ^ {*part.relations}:
                    changes.classes.add(relation.owner)
                    names.add(relation.name)
        self._changed.add(changes)
        self._stale |= self._project.mentioning(names)

    def _graph(self, resolver: Callable[[], Resolver]) -> CallGraph:
        for old, part in zip(self._before, self._parts, strict=False):
            part.summary, part.later = old.summary, old.later
        effective = self._vocabulary.effective_names
        lazy: dict[str, list[Relation]] = {}
        for relation in self._every:
            if relation.lazy:
                lazy.setdefault(relation.name, []).append(relation)

        def summarized(module: int) -> _Summarized:
            summaries = Summaries(self._project, resolver(), effective, lazy)
            found = tuple(summaries.of(*each) for each in self._project.functions(module))
            return _Summarized(found, tuple(sorted(summaries.later)))

        graph = CallGraph(self._project, (part.summary for part in self._parts))
        functions, later = {}, set[FunctionRef]()
        for module, found in self._again(2, _Summarized, summarized):
            later ^= {*self._parts[module].later} ^ {*found.later}
            functions[module], self._parts[module].later = found
        every = chain.from_iterable(part.later for part in self._parts)
        self._changed.add(graph.take(functions, every))
        self._changed.later |= later
        return graph

    def _walked(
        self, rules: Sequence[Rule], graph: CallGraph, resolver: Callable[[], Resolver]
    ) -> None:
        for old, part in zip(self._before, self._parts, strict=False):
            part.walked = old.walked
        silenced = [part.silenced for part in self._parts]

        def walked(module: int) -> Walked:
            boundaries = Boundaries(self._project, self._catalog, graph, resolver(), silenced)
            crossings = tuple(
                Crossed(c.rule, self._spots(c.path), c.label, c.sure, self._spots(c.reached_from))
                for c in boundaries.crossings(rules, module)
            )
            cuts = [(self._project.path(cut.module), cut.suppression) for cut in boundaries.cuts]
            return Walked(crossings, tuple(dict.fromkeys(cuts)))

        for module, found in self._again(3, Walked, walked):
            self._parts[module].walked = found

    def _spots(self, steps: Iterable[Step]) -> tuple[Spot, ...]:
        return tuple(
            Spot(
                self._project.path(step.function.module),
                self._project.function_name(step.function),
                SiteRef(step.function.function, step.site),
            )
            for step in steps
        )


# ---------------------------------------------------------------------- helpers

_READS = msgspec.msgpack.Decoder(Reads)
_FEW = 12
# Heads and relations are so much less work than what functions do.
_LITTLE = 10


def _alone(
    work: Callable[[int], bytes], modules: Sequence[int], _sizes: Sequence[int]
) -> Iterator[tuple[int, bytes]]:
    return ((module, work(module)) for module in modules)


def _same_modules(
    before: Sequence[Part], paths: Sequence[str], sources: Mapping[str, Source]
) -> bool:
    return [part.path for part in before] == paths and all(
        (part.name, part.is_package) == sources[part.path][:2] for part in before
    )


def _with(reads: _Reads, step: int, known: bytes) -> _Reads:
    return cast("_Reads", (*reads[:step], known, *reads[step + 1 :]))


def _compare(old: Unit, new: Unit, changes: Reads) -> None:
    """Note what is different in a module."""
    module = new.index
    functions = enumerate(zip_longest(old.facts.functions, new.facts.functions))
    changes.functions |= {FunctionRef(module, at) for at, (a, b) in functions if a != b}
    classes = enumerate(zip_longest(old.facts.classes, new.facts.classes))
    changes.classes |= {ClassRef(module, at) for at, (a, b) in classes if a != b}
    changes.attributes |= {
        ClassRef(module, cls) for cls in _different(old.attributes, new.attributes)
    }
    own = zip_longest(old.facts.functions[0].sites, new.facts.functions[0].sites)
    changes.sites |= {(module, at) for at, (a, b) in enumerate(own) if a != b}
    names = _different(old.bindings[0], new.bindings[0])
    names |= _different(old.globals, new.globals)
    names |= _different(old.imports.get(0, {}), new.imports.get(0, {}))
    importing = _different(old.imports, new.imports)
    changes.functions |= {FunctionRef(module, function) for function in importing if function}
    changes.bound |= {(module, name) for name in names}
    changes.calls |= _different(old.names.calls, new.names.calls)
    changes.methods |= _different(old.names.methods, new.names.methods)
    changes.named |= _different(old.names.classes, new.names.classes)


def _different(old: Mapping[T, object], new: Mapping[T, object]) -> set[T]:
    return {key for key in {*old, *new} if old.get(key) != new.get(key)}


def _hierarchy(project: Project, parts: Sequence[Part]) -> Hierarchy:
    heads = {
        ClassRef(module, index): head
        for module, part in enumerate(parts)
        for index, head in enumerate(part.heads)
    }
    return Hierarchy(project, heads.__getitem__, heads)
