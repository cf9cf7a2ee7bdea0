"""Linking: module by module, in four steps, each computed anew only where it has to be.

Every step of a module begins with an empty memory, so what it comes to does not depend on
what was asked before; and all that it looks at is noted. Of a program that was linked before,
a step is taken again where the module itself has changed, or something that it had looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain, zip_longest
from typing import NamedTuple, TypeVar, cast

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from bedev_lint.catalog import Catalog, Rule
from bedev_lint.model import FunctionFacts, ModuleFacts, SiteRef
from bedev_lint.program.boundaries import Boundaries, Step
from bedev_lint.program.callgraph import CallGraph, Summary
from bedev_lint.program.effects import FunctionEffects
from bedev_lint.program.hierarchy import Head, Hierarchy
from bedev_lint.program.names import Names
from bedev_lint.program.numbers import numbered, numbered_anew
from bedev_lint.program.project import Facts, Project, Source, Unit, first_calls, last_part
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

    number: int
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
    """A linked program: what is known of each module by its number, and doors to all of it.

    `changed` are the modules that may not be as they were before.
    """

    parts: Mapping[int, Part]
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
        parts = self.parts.values()
        found = [crossed for part in parts for crossed in part.walked.crossings]
        number = {rule.code: at for at, rule in enumerate(rules)}
        return sorted(found, key=lambda crossed: number[crossed.rule])

    def cuts(self) -> list[tuple[str, int]]:
        """Return the comments that ended walks, by file and index."""
        return list(dict.fromkeys(cut for part in self.parts.values() for cut in part.walked.cuts))


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
    work for modules, given their numbers and how much work each is, in any order and process.
    """
    known, each = known or Known(), each or _alone
    return _Linking(sources, facts, catalog, silenced or {}, known, each).linked(rules)


class _Linking:
    """One run through the four steps: heads of classes, relations, summaries, walks.

    `stale` are the modules that take all steps again: those that have changed, and those that hang
    on a name of which no note is taken. `changed` is what else may be looked at and has changed.
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
        before, numbers = known.parts, numbered(sources, known.parts)
        if numbers is None:
            before, numbers = (), numbered_anew(sources)
        self._units = {
            numbers[path]: Unit(numbers[path], path, source, facts)
            for path, source in sorted(sources.items())
        }
        self._before = {part.number: part for part in before}
        self._parts = {
            number: self._begun(unit, silenced.get(unit.path, ()))
            for number, unit in self._units.items()
        }
        self._gone = self._before.keys() - self._parts.keys()
        self._names = (
            Names(known.names)
            if before
            else Names.of((number, unit.names) for number, unit in self._units.items())
        )
        self._project = Project(self._units, self._names)
        self._changed = Reads()
        # Those of which all steps are taken again.
        self._stale = {
            number
            for number, part in self._parts.items()
            if number not in self._before or part.facts != self._before[number].facts
        }
        for number, part in self._parts.items():
            if part.silenced != self._was(number).silenced:
                self._changed.silenced.add(number)
        # Those of which a step is taken, or something else is not as it was before.
        self._touched = self._changed.silenced | self._stale
        if self._before and (self._stale or self._gone):
            self._note_facts(facts)

    def _was(self, number: int) -> Part:
        return self._before.get(number, _NO_PART)

    def _begun(self, unit: Unit, silenced: tuple[frozenset[str], ...]) -> Part:
        """Return the part of a module with all that was known of it."""
        name, is_package, facts = unit.source[:3]
        return replace(
            self._was(unit.number),
            number=unit.number,
            path=unit.path,
            name=name,
            is_package=is_package,
            facts=facts,
            silenced=silenced,
        )

    def _note_facts(self, facts: Facts) -> None:
        """Note what of the facts of modules has changed, and whom that makes stale."""
        changes, new = self._changed, self._units
        old = {
            number: Unit(number, part.path, Source(part.name, part.is_package, part.facts), facts)
            if number in self._stale or number in self._gone
            else new[number]
            for number, part in self._before.items()
        }
        others = sorted(self._stale | self._gone)
        for module in others:
            _compare(module, old.get(module, _NO_UNIT), new.get(module, _NO_UNIT), changes)
        calls = {name: self._first_calls(name, old) for name in changes.calls}
        makers = self._makers(old)
        # Names that have come to matter to all modules, or do so no more.
        turned: set[str] = set()
        for module in others:
            was, is_ = old.get(module, _NO_UNIT).names, new.get(module, _NO_UNIT).names
            for table, name in self._names.exchange(module, was, is_):
                if table in ("known", "properties"):
                    turned.add(name)
        turned |= makers ^ self._makers(new)
        changes.calls = {name for name in calls if calls[name] != self._first_calls(name, new)}
        self._note_modules([*(old.keys() ^ new.keys())], {**old, **new})
        self._stale |= self._project.mentioning(turned)

    def _note_modules(self, others: Collection[int], units: Mapping[int, Unit]) -> None:
        """Note which modules have come or gone: an import may lead elsewhere."""
        for module in others:
            unit = units[module]
            names = (unit.name, unit.path_name, *unit.prefixes)
            self._changed.modules.update(map(last_part, names))
            folder, _, file = unit.path.rpartition("/")
            if file == "__init__.py":
                # In a package, no neighbour is imported by its bare name.
                around = (other.path_name for other in units.values())
                self._changed.modules.update(
                    last_part(name) for name in around if name.startswith(folder.replace("/", "."))
                )

    def _first_calls(self, name: str, units: Mapping[int, Unit]) -> list[tuple[FunctionRef, int]]:
        modules = self._names.modules("calls", name)
        return first_calls(name, ((module, units[module].names) for module in modules))

    def _makers(self, units: Mapping[int, Unit]) -> frozenset[str]:
        return makers(self._names, lambda module: units[module].names, self._catalog)

    # ------------------------------------------------------------------ the steps

    def linked(self, rules: Sequence[Rule]) -> Program:
        hierarchy = self._hierarchy()
        resolver = self._related(hierarchy)
        graph = self._graph(resolver)
        if rules:
            self._walked(rules, graph, resolver)
        changed = frozenset(self._touched | graph.changed) - self._gone
        return Program(self._parts, changed, self._names, self._project, graph, resolver())

    def _again(
        self, step: int, kind: type[T], compute: Callable[[int], T]
    ) -> Iterator[tuple[int, T]]:
        """Take a step of all modules for which it may come to something else than before."""
        todo = []
        traces = self._changed.traces()
        for module, part in self._parts.items():
            known = part.reads[step]
            if not known or module in self._stale or not self._is_same(known, traces):
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
        def heads(module: int) -> tuple[Head, ...]:
            resolver = Resolver(self._project, self._vocabulary)
            return tuple(resolver.head(ref) for ref, _ in self._project.classes(module))

        for module, found in self._again(0, tuple[Head, ...], heads):
            self._parts[module].heads = found
        hierarchy = _hierarchy(self._project, self._parts)
        if self._before and any(was.heads != part.heads for was, part in self._pairs()):
            changes = Reads()
            before = _hierarchy(self._project, self._before)
            changes.above, changes.below = hierarchy.changes(before)
            self._changed.add(changes)
        return hierarchy

    def _related(self, hierarchy: Hierarchy) -> Callable[[], Resolver]:
        """Return what makes resolvers that know the relations of classes."""
        makers = self._makers(self._units)

        def declared(module: int) -> tuple[Relation, ...]:
            resolver = Resolver(self._project, self._vocabulary, hierarchy)
            return tuple(relations(self._project, module, makers, resolver))

        for module, found in self._again(1, tuple[Relation, ...], declared):
            self._parts[module].relations = found
        self._every = [relation for part in self._parts.values() for relation in part.relations]
        self._note_relations()
        owned = frozenset((relation.owner, relation.name) for relation in self._every)
        reverse = given(self._every)
        return lambda: Resolver(self._project, self._vocabulary, hierarchy, owned, reverse)

    def _note_relations(self) -> None:
        changes, names = Reads(), set()
        for was, part in self._pairs() if self._before else ():
            if was.relations != part.relations:  # it may be their order that is another
                both = (*was.relations, *part.relations)
                for relation in {*was.relations} ^ {*part.relations} or both:
                    changes.classes.add(relation.owner)
                    names.add(relation.name)
        self._changed.add(changes)
        self._stale |= self._project.mentioning(names)

    def _graph(self, resolver: Callable[[], Resolver]) -> CallGraph:
        effective = self._vocabulary.effective_names
        lazy: dict[str, list[Relation]] = {}
        for relation in self._every:
            if relation.lazy:
                lazy.setdefault(relation.name, []).append(relation)

        def summarized(module: int) -> _Summarized:
            summaries = Summaries(self._project, resolver(), effective, lazy)
            found = tuple(summaries.of(*each) for each in self._project.functions(module))
            return _Summarized(found, tuple(sorted(summaries.later)))

        graph = CallGraph(
            self._project, {module: part.summary for module, part in self._known.items()}
        )
        functions: dict[int, tuple[FunctionEffects, ...]] = dict.fromkeys(self._gone, ())
        for module, found in self._again(2, _Summarized, summarized):
            functions[module], self._parts[module].later = found
        every = chain.from_iterable(part.later for part in self._parts.values())
        self._changed.add(graph.take(functions, every))
        for was, part in self._pairs() if self._before else ():
            self._changed.later |= {*was.later} ^ {*part.later}
        return graph

    @property
    def _known(self) -> dict[int, Part]:
        """The parts as they were, of modules that have come those that they have now."""
        return {**self._parts, **self._before}

    def _pairs(self) -> Iterator[tuple[Part, Part]]:
        """Return the parts of all modules as they were, and as they are now."""
        for module in self._known:
            yield self._was(module), self._parts.get(module, _NO_PART)

    def _walked(
        self, rules: Sequence[Rule], graph: CallGraph, resolver: Callable[[], Resolver]
    ) -> None:
        silenced = {module: part.silenced for module, part in self._parts.items()}

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

# What is there of a module that is not: one without a function, but for its own code.
_NO_PART = Part(-1, "", "", False, b"", ())
_NO_FACTS = ModuleFacts("", False, (FunctionFacts("", "", -1, -1),), (), ())
_NO_UNIT = Unit(-1, "", Source("", False, b""), lambda _: msgspec.msgpack.encode(_NO_FACTS))

_READS = msgspec.msgpack.Decoder(Reads)
_FEW = 12
# Heads and relations are so much less work than what functions do.
_LITTLE = 10


def _alone(
    work: Callable[[int], bytes], modules: Sequence[int], _sizes: Sequence[int]
) -> Iterator[tuple[int, bytes]]:
    return ((module, work(module)) for module in modules)


def _with(reads: _Reads, step: int, known: bytes) -> _Reads:
    return cast("_Reads", (*reads[:step], known, *reads[step + 1 :]))


def _compare(module: int, old: Unit, new: Unit, changes: Reads) -> None:
    """Note what is different in a module."""
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


def _hierarchy(project: Project, parts: Mapping[int, Part]) -> Hierarchy:
    heads = {
        ClassRef(module, index): head
        for module, part in parts.items()
        for index, head in enumerate(part.heads)
    }
    return Hierarchy(project, heads.__getitem__, heads)
