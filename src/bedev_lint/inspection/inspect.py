"""One file → FileReport: decoded, parsed, read for facts and for what visitor rules may look at.

Nothing here imports LibCST unless a file cannot do without it.
"""

from __future__ import annotations

import ast
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

import msgspec

from bedev_lint import facts
from bedev_lint.catalog import Rule
from bedev_lint.inspection import suppressions
from bedev_lint.inspection.memo import run_or_remembered
from bedev_lint.inspection.plan import Plan, SourceFile
from bedev_lint.inspection.problems import problem
from bedev_lint.inspection.source_map import FUNCTION, span_of, statement_of
from bedev_lint.inspection.visitor_results import (
    ParsedFile,
    RunVisitors,
    ScheduledRule,
    VisitorResult,
)
from bedev_lint.model import (
    Candidate,
    FileReport,
    Location,
    ModuleFacts,
    Need,
    SiteRef,
    SourceMap,
    Span,
    Suppression,
)
from bedev_lint.prefilter.index import PrefilterIndex, indexed
from bedev_lint.recursion import room_for
from bedev_lint.source import (
    FAR,
    Columns,
    Limit,
    Rows,
    Undecodable,
    Unparsable,
    comments,
    decode,
    parse,
)
from bedev_lint.visiting import Prefilter, Screen
from bedev_lint.visitors import load as load_visitor

__all__ = ["Active", "Inspected", "inspect", "load", "unreadable"]


# How deep facts may nest: whoever reads them while linking is deep in calls already.
_NESTED = 600
# Those of a file that is no part of a program.
_NO_FACTS = ModuleFacts("", False, (), (), ())


@dataclass(frozen=True)
class Inspected:
    """What reading a file gave, and where all stands that its facts speak of.

    `memo` is what to know of what rules found the next time that the file is read.
    """

    report: FileReport
    places: SourceMap = field(default_factory=SourceMap)
    memo: bytes = b""


class Active(NamedTuple):
    """A visitor rule that is on, its options resolved, and where it may find something."""

    rule: Rule
    prefilter: Prefilter | None
    screen: Screen | None

    def may_find(self, text: str) -> bool:
        """Return whether it may find something in a module, by its text alone."""
        return self.screen is None or self.screen(text, self.rule.options)


def load(plan: Plan) -> tuple[Active, ...]:
    """Return the visitor rules of a plan."""
    visitors = ((rule, load_visitor(rule)) for rule in plan.rules)
    return tuple(Active(rule, visitor.prefilter, visitor.screen) for rule, visitor in visitors)


def inspect(
    source: SourceFile, data: bytes, plan: Plan, active: Sequence[Active], run_visitors: RunVisitors
) -> Inspected:
    """Read one file. Nothing that it holds makes this raise: what goes wrong is a diagnostic.

    `data` is what the file holds, `active` the rules of the plan; `run_visitors` is asked
    only if one of them may find something.
    """
    linter = plan.linter
    try:
        with room_for():
            return _inspected(source, decode(data), plan, active, run_visitors)
    except Undecodable as error:
        return _failed(source, linter["unreadable-file"], str(error))
    except Unparsable as error:
        location = Location(error.row, error.column)
        return _failed(source, linter["syntax-error"], error.message, location)
    except Limit as error:
        return _failed(source, linter["analysis-limit"], str(error))
    except (RecursionError, MemoryError):
        return _failed(source, linter["analysis-limit"], "nested too deeply to analyse")
    except Exception as error:  # a mistake of ours in one file must not end the run
        reason = f"internal error ({type(error).__name__}), please report it"
        return _failed(source, linter["analysis-limit"], reason)


def unreadable(path: str, rule: Rule, reason: str) -> Inspected:
    """Return the report of a file that could not be read at all."""
    return _failed(SourceFile(path, path, "", False), rule, reason)


def _failed(
    source: SourceFile, rule: Rule, reason: str, location: Location = Location(1, 1)
) -> Inspected:
    return Inspected(
        FileReport(source.path, problems=(problem(source.path, rule, reason, location),))
    )


def _inspected(
    source: SourceFile, text: str, plan: Plan, active: Sequence[Active], run_visitors: RunVisitors
) -> Inspected:
    unparsed = Inspected(FileReport(source.path, is_parsed=False))
    if source.rules is not None:
        active = [one for one in active if one.rule.code in source.rules]
        if not any(one.may_find(text) for one in active):
            return unparsed
    try:
        tree = read(text)
    except Unparsable:
        # That such a file is not even Python must not hang on what else it holds.
        if source.rules is not None and all(one.screen for one in active):
            return unparsed
        raise
    module_facts, places = _NO_FACTS, SourceMap()
    if source.rules is None:
        module_facts, places = _facts(source, tree, text, plan)
    scheduled = _scheduled(active, indexed(tree, text))
    parsed = ParsedFile(source, text, tree, module_facts, places)
    result, memo = (
        run_or_remembered(parsed, scheduled, run_visitors, plan.key)
        if scheduled
        else (VisitorResult(), b"")
    )
    silenced = _suppressions(text, plan)
    report = FileReport(
        source.path,
        _with_suppressions(module_facts, places, silenced) if source.rules is None else None,
        tuple(_candidates(result, parsed)),
        tuple(problem(source.path, plan.linter["rule-crash"], reason) for reason in result.crashes),
        silenced,
    )
    return Inspected(report, places, memo)


def _facts(
    source: SourceFile, tree: ast.Module, text: str, plan: Plan
) -> tuple[ModuleFacts, SourceMap]:
    extracted = facts.extract(
        tree,
        text,
        source.module,
        is_package=source.is_package,
        naming=plan.naming,
        literals=plan.literals,
        key=plan.key,
    )
    with room_for(_NESTED):
        msgspec.msgpack.encode(extracted.facts)
    return extracted.facts, _in_characters(extracted.places, text)


def _candidates(result: VisitorResult, parsed: ParsedFile) -> Iterator[Candidate]:
    """Return what rules have found, with the sites and the function that may excuse it."""
    index = _calls(parsed) if any(finding.calls for finding in result.findings) else {}
    is_asked = any(one.within for finding in result.findings for one in finding.needs)
    sites = _sites(parsed) if is_asked else []
    functions = {
        span_of(parsed.places, SiteRef(number, FUNCTION)).start: number
        for number in range(len(parsed.facts.functions))
    }
    for candidate, calls, answer, around, needed in result.findings:
        unless = tuple(index[call] for call in calls if call in index)
        function = functions.get(answer.start, -1) if answer is not None else -1
        place = functions.get(around.start, 0) if around is not None else 0
        needs = tuple(
            Need(one.proof, one.option, place, one.names, tuple(_sites_in(one.within, sites)))
            for one in needed
        )
        yield msgspec.structs.replace(candidate, unless=unless, answer=function, needs=needs)


def _sites(parsed: ParsedFile) -> list[tuple[Span, SiteRef]]:
    """Return all sites with where they stand, in the order of the source."""
    refs = (
        SiteRef(function, site)
        for function, facts_of in enumerate(parsed.facts.functions)
        for site in range(len(facts_of.sites))
    )
    return sorted(((span_of(parsed.places, ref), ref) for ref in refs), key=lambda site: site[0])


def _sites_in(spans: Sequence[Span], sites: Sequence[tuple[Span, SiteRef]]) -> list[SiteRef]:
    """Return those of all sites, in the order of the source, that stand in one of these places."""
    found: set[SiteRef] = set()
    for span in spans:
        first = bisect_left(sites, span.start, key=lambda site: site[0].start)
        for place, ref in islice(sites, first, None):
            if place.start > span.end:
                break
            if place.end <= span.end:
                found.add(ref)
    return sorted(found, key=lambda ref: (ref.function, ref.site))


def _calls(parsed: ParsedFile) -> dict[Span, SiteRef]:
    """Return the sites that are calls by where they stand."""
    calls = (
        SiteRef(function, index)
        for function, facts_of in enumerate(parsed.facts.functions)
        for index, site in enumerate(facts_of.sites)
        if site.kind == "call"
    )
    return {span_of(parsed.places, ref): ref for ref in calls}


def read(text: str) -> ast.Module:
    """Return the tree of a module, also of one that is written for another version of Python.

    Raises Unparsable, in the words of the running Python, and Limit.
    """
    try:
        return parse(text)
    except Unparsable as error:
        if "\0" in text:  # which no Python reads
            raise
        from bedev_lint import syntax

        try:
            return syntax.converted(syntax.parse(text), text)
        except (Unparsable, Limit):
            raise error from None


def _scheduled(active: Iterable[Active], index: PrefilterIndex) -> list[ScheduledRule]:
    """Return the rules that may find something, as far as their prefilters tell."""
    every = [(1, FAR * FAR)]
    scheduled = (
        ScheduledRule(rule, list(candidates(index, rule.options)) if candidates else every)
        for rule, candidates, _ in active
    )
    return [item for item in scheduled if item.rows]


# ---------------------------------------------------------------------- suppressions


def _suppressions(text: str, plan: Plan) -> tuple[Suppression, ...]:
    if not suppressions.may_hold(text, plan.letters):
        return ()
    read = [
        suppression
        for location, comment in comments(text)
        if suppressions.may_hold(comment, plan.letters)
        for suppression in suppressions.read(comment, location, plan.words)
    ]
    return tuple(sorted(read, key=lambda suppression: not suppression.of_file))


def _with_suppressions(
    module_facts: ModuleFacts, places: SourceMap, silenced: Sequence[Suppression]
) -> ModuleFacts:
    """Note at each site the suppressions that speak for it; those of the file come first."""
    if not silenced:
        return module_facts
    count = sum(suppression.of_file for suppression in silenced)
    of_file = [(0, count - 1)] if count else []
    row_numbers = [suppression.row for suppression in silenced]

    def speaking(ref: SiteRef) -> tuple[Rows, ...]:
        heard = suppressions.rows_for(span_of(places, ref), statement_of(places, ref).header)
        ranges = (
            (bisect_left(row_numbers, first, count), bisect_right(row_numbers, last, count) - 1)
            for first, last in heard
        )
        return (*of_file, *((first, last) for first, last in ranges if first <= last))

    functions = []
    for number, function in enumerate(module_facts.functions):
        sites = tuple(
            msgspec.structs.replace(site, suppressed_by=suppressed_by)
            if (suppressed_by := speaking(SiteRef(number, index)))
            else site
            for index, site in enumerate(function.sites)
        )
        functions.append(msgspec.structs.replace(function, sites=sites))
    return msgspec.structs.replace(module_facts, functions=tuple(functions))


# ---------------------------------------------------------------------- places


def _in_characters(places: SourceMap, text: str) -> SourceMap:
    """Return places with columns in characters instead of bytes."""
    if text.isascii():
        return places
    columns = Columns(text)
    functions = []
    for numbers in places.functions:
        moved = [numbers[0], columns.column(numbers[0], numbers[1])]
        for index in range(2, len(numbers), 5):
            row, column, last_row, last, statement = numbers[index : index + 5]
            moved += (row, columns.column(row, column), last_row)
            moved += (columns.column(last_row, last), statement)
        functions.append(moved)
    statements = []
    for index in range(0, len(places.statements), 6):
        first, row, column, last_row, last, name = places.statements[index : index + 6]
        last = last if last == FAR else columns.column(last_row, last)
        statements += [first, row, columns.column(row, column), last_row, last, name]
    return SourceMap(functions, statements, places.names)
