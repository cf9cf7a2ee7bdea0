"""Rows of loops that are handed to functions which read relations of their parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from bedev_lint.model import Attr, Elem, Expr, FunctionFacts, Name, Part, last_name
from bedev_lint.program.checks.passing import PassedOn, arguments_of
from bedev_lint.program.effects.callgraph import CallGraph
from bedev_lint.program.effects.kinds import READ, Edge, EffectSource
from bedev_lint.program.effects.nesting import LOOPS, indices_around
from bedev_lint.program.effects.way_back import classes_of
from bedev_lint.program.resolve import Resolver
from bedev_lint.program.resolve.along import without_others
from bedev_lint.program.structure.project import Project
from bedev_lint.program.structure.values import FunctionRef, Object

__all__ = ["HandedRows", "has_come"]

# Through so many more calls a parameter is followed that a function does not read itself.
_FURTHER = 3


class _Done(NamedTuple):
    """What a function does to relations of rows.

    `first` is the first site that reads one, by that and the rows of a loop; `assigned` are names
    of attributes that it sets, `loads` is the first site that loads relations, or one behind all.
    """

    first: Mapping[object, int]
    assigned: frozenset[str]
    loads: int

    def is_read(self, relation: Attr, loop: int, index: int, facts: FunctionFacts) -> bool:
        """Return whether a site before this one reads a relation of the same rows."""
        return self.first.get((relation, _rows_of(loop, facts)), index) < index


class HandedRows:
    """Follows rows through the calls of a project to who reads their relations."""

    def __init__(
        self, project: Project, graph: CallGraph, resolver: Resolver, passed_on: PassedOn
    ) -> None:
        self._project, self._graph, self._resolver = project, graph, resolver
        self._passed_on = passed_on
        self._read: dict[tuple[FunctionRef, int], frozenset[str]] = {}
        self._done: dict[FunctionRef, _Done] = {}

    def bare(self, edge: Edge, ref: FunctionRef, before: frozenset[str]) -> frozenset[str]:
        """Return the relations of parameters without which an edge gives these rows of a loop.

        As `payment.order`. `before` are those of the function where the edge begins.
        """
        return frozenset(
            relation
            for relation, row in self._given(edge, ref)
            if self._is_bare(Attr(row, relation.partition(".")[2]), ref, edge.site, before)
        )

    def has_been_read(self, ref: FunctionRef, source: EffectSource) -> bool:
        """Return whether who was given a row of a loop before reads what a source reads of it."""
        facts = self._project.function(ref)
        relation = facts.sites[source.site].func if source.site >= 0 else None
        if not isinstance(relation, Attr):
            return False
        loop = _loop_of(relation.base, source.site, facts)
        return loop >= 0 and self._done_in(ref).is_read(relation, loop, source.site, facts)

    # ------------------------------------------------------------------ what is read

    def _given(self, edge: Edge, ref: FunctionRef) -> Iterator[tuple[str, Name]]:
        """Return the relations that are read behind an edge, and what it gives for their rows."""
        relations = self._relations_read(edge.target, _FURTHER) if edge.site >= 0 else frozenset()
        yield from self._passed(edge, ref, relations)

    def _passed(
        self, edge: Edge, ref: FunctionRef, relations: frozenset[str]
    ) -> Iterator[tuple[str, Name]]:
        if not relations:
            return
        target, site = self._project.function(edge.target), self._project.site(ref, edge.site)
        given = {param.name: argument for param, argument, _ in arguments_of(target, site)}
        for relation in relations:
            argument = given.get(relation.partition(".")[0])
            if isinstance(argument, Name):
                yield relation, argument

    def _relations_read(self, ref: FunctionRef, further: int) -> frozenset[str]:
        """Return the relations of its parameters that a function, or who is given them, reads."""
        key = (ref, further)
        if key not in self._read:
            does, passed_on = self._graph.does(ref), self._passed_on.by(ref)
            found = {source.row for source in does.sources} - {""}
            for edge in does.edges if passed_on and further else ():
                if edge.site >= 0 and self._graph.comes_to(edge.target, {READ}):
                    read = self._relations_read(edge.target, further - 1)
                    found |= {
                        f"{argument.id}.{relation.partition('.')[2]}"
                        for relation, argument in self._passed(edge, ref, read)
                        if argument.id in passed_on
                    }
            self._read[key] = frozenset(found)
        return self._read[key]

    # ------------------------------------------------------------------ how rows have come

    def _is_bare(
        self, relation: Attr, ref: FunctionRef, index: int, before: frozenset[str]
    ) -> bool:
        """Return whether a site is given a row of a loop that has come without a relation."""
        facts, row = self._project.function(ref), relation.base
        assert isinstance(row, Name)
        around = indices_around(facts, facts.sites[index].region)
        if all(facts.regions[number].kind not in LOOPS for number in around):
            return f"{row.id}.{relation.name}" in before and row.id in self._passed_on.by(ref)
        loop, before_it = _loop_of(row, index, facts), self._done_in(ref)
        if (
            loop < 0
            or any(not isinstance(value, (Elem, Part)) for value in facts.bound_to(row))
            or relation.name in before_it.assigned
            or before_it.loads < index
            or before_it.is_read(relation, loop, index, facts)
        ):
            return False
        rows = self._resolver.evaluate(row, ref)
        seen = without_others(rows, relation.name)
        return any(
            isinstance(value, Object)
            and (value.loading == "lazy" or value not in rows)
            and value.certain
            and any(
                relation.name in self._resolver.related.get(above, ())
                for above in classes_of(value, self._resolver)
            )
            for value in seen
        )

    def _done_in(self, ref: FunctionRef) -> _Done:
        """Return what a function does to relations of rows."""
        if ref not in self._done:
            facts, names = self._project.function(ref), self._resolver.vocabulary.loading_names
            loading = (
                index
                for index, site in enumerate(facts.sites)
                if site.kind == "call" and last_name(site.func) in names
            )
            targets = (binding.target for binding in facts.bindings)
            self._done[ref] = _Done(
                self._first_reads(ref, facts),
                frozenset(target.name for target in targets if isinstance(target, Attr)),
                next(loading, len(facts.sites)),
            )
        return self._done[ref]

    def _first_reads(self, ref: FunctionRef, facts: FunctionFacts) -> dict[object, int]:
        """Return the first site that reads a relation, or hands a row to who does, of each loop."""
        read = [
            (site.func, index)
            for index, site in enumerate(facts.sites)
            if site.kind == "get" and isinstance(site.func, Attr)
        ]
        read += (
            (Attr(row, relation.partition(".")[2]), edge.site)
            for edge in self._graph.does(ref).edges
            for relation, row in self._given(edge, ref)
        )
        first: dict[object, int] = {}
        for relation, index in read:
            loop = _loop_of(relation.base, index, facts)
            if loop >= 0:
                key = relation, _rows_of(loop, facts)
                first[key] = min(index, first.get(key, index))
        return first


def _loop_of(row: Expr, index: int, facts: FunctionFacts) -> int:
    """Return the innermost loop around a site that binds a row, or -1."""
    if not isinstance(row, Name):
        return -1
    for number in indices_around(facts, facts.sites[index].region):
        region = facts.regions[number]
        if region.kind in LOOPS and row.id in region.targets:
            return number
    return -1


def _rows_of(loop: int, facts: FunctionFacts) -> object:
    """Return what tells loops over the same rows: the name of these, if they are bound once."""
    rows = facts.regions[loop].expr
    is_same = isinstance(rows, Name) and len(facts.bound_to(rows)) == 1
    return rows if is_same else loop


def has_come(source: EffectSource, loading: str, *, certain: bool) -> bool:
    """Return whether a relation of the method's own object is there, or may be."""
    if loading == "own":  # nobody says of what; but some query of the project may load it
        return source.loaded and (certain or source.once)
    if loading == "related":  # they may lead back to the row that they are of
        return source.loaded
    if loading.startswith("related "):
        return source.label.rpartition(".")[2] in loading.split()
    if loading == "loaded" or (loading == "joined" and source.once):
        return True
    if loading == "single":  # what it has one of, it has from then on
        return source.once
    return certain and loading != "lazy"
