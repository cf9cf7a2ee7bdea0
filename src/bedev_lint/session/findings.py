"""From what rules and the program say to diagnostics, with what decides whether they are told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec

from bedev_lint.catalog import Rule
from bedev_lint.inspection.problems import unlinked
from bedev_lint.inspection.reading import Reading
from bedev_lint.inspection.source_map import FUNCTION
from bedev_lint.model import Candidate, Confidence, Diagnostic, Hop, Location, Severity, Shown, Span
from bedev_lint.program import StoredStep, StoredViolation
from bedev_lint.session.fingerprint import cause, fingerprint
from bedev_lint.session.relinking import Linked
from bedev_lint.source import Rows

__all__ = ["Findings", "Found", "order", "told_once", "with_fingerprints"]

_SEVERITIES = tuple(Severity)  # from the mildest to the worst
_MOST_IMPLEMENTATIONS = 3


@dataclass(frozen=True)
class Found:
    """A diagnostic on its way to the report, with what decides whether it gets there."""

    diagnostic: Diagnostic
    relative: str
    function: str
    statement: str
    # Where a comment may silence it.
    rows: tuple[Rows, ...]
    # Files in which it counts as found: where it stands, and where its path ends.
    files: frozenset[str]
    # The hops after the first, by name and file, if it has more than the effect itself.
    shared_hops: tuple[tuple[str, str], ...] = ()


class Findings:
    """Makes diagnostics of what has been read and linked.

    `rules` are all rules by code, with the user's options; `severities` are those that the user
    gives to rules, by their codes: they overrule a finding's own.
    """

    def __init__(
        self, rules: Mapping[str, Rule], severities: Mapping[str, Severity], reading: Reading
    ) -> None:
        self._rules, self._severities = rules, severities
        self._reading, self._reports = reading, reading.reports

    def problems(self) -> Iterator[Found]:
        """Return what went wrong with files."""
        for name, report in self._reports.items():
            for problem in report.problems:
                yield Found(problem, name, "", "", (), frozenset({name}))

    def from_failures(self, linked: Linked, linter: Mapping[str, Rule]) -> Iterator[Found]:
        """Return which files could not be linked; `linter` are its own rules by name."""
        for name, failure in linked.failures:
            diagnostic = unlinked(self._reports[name].path, failure, linter)
            yield Found(diagnostic, name, "", "", (), frozenset({name}))

    def from_candidates(self, linked: Linked) -> Iterator[Found]:
        """Return what visitor rules have found, and the program does not excuse."""
        excused = frozenset(linked.excused)
        for name, report in self._reports.items():
            remaining = [
                candidate
                for index, candidate in enumerate(report.candidates)
                if (name, index) not in excused
            ]
            taken = {(candidate.code, candidate.span) for candidate in remaining}
            for candidate in remaining:
                rule = self._rules[candidate.code]
                if not candidate.prevails and any(
                    (code, candidate.span) in taken for code in rule.yields_to
                ):
                    continue
                yield Found(
                    _diagnostic(rule, candidate, report.path, self._severities.get(rule.code)),
                    name,
                    candidate.shown.function,
                    candidate.shown.statement,
                    candidate.rows,
                    frozenset({name}),
                )

    def from_crossings(self, linked: Linked) -> Iterator[Found]:
        """Return where rules about the program are broken."""
        groups = self._by_function(linked.violations)
        firsts = [group[0].path[0] for group in groups]
        sites = ((f.file, f.site) for f in firsts if f.site.site != FUNCTION)
        shown = self._reading.shown(sites)
        for first, *others in groups:
            yield self._crossed(first, others, shown)

    def _by_function(self, violations: Sequence[StoredViolation]) -> list[list[StoredViolation]]:
        """Return what is one finding together, in the order of the text."""
        groups: dict[object, list[StoredViolation]] = {}
        for violation in violations:
            first, unit = violation.path[0], self._reported_per(violation)
            function = (violation.rule, first.file, first.site.function)
            key: dict[str, object] = {"function": function, "loop": (*function, violation.loop)}
            groups.setdefault(key.get(unit, id(violation)), []).append(violation)
        return [sorted(group, key=self._weight) for group in groups.values()]

    def _reported_per(self, violation: StoredViolation) -> str:
        boundary = self._rules[violation.rule].boundary
        return boundary.each if boundary is not None else "call"

    def _weight(self, violation: StoredViolation) -> tuple[object, ...]:
        """Return what the violations of one finding are sorted by: the worst stands for all.

        Of those in one loop that is the one that stands nearest to what it does.
        """
        severity = violation.severity or self._rules[violation.rule].severity
        length = len(violation.path) if self._reported_per(violation) == "loop" else 0
        return (not violation.certain, -_SEVERITIES.index(severity), length, self._place(violation))

    def _place(self, violation: StoredViolation) -> Location:
        first = violation.path[0]
        return self._reading.span(first.file, first.site).start

    def _crossed(
        self,
        violation: StoredViolation,
        others: Sequence[StoredViolation],
        shown: Mapping[tuple[str, Span], Shown],
    ) -> Found:
        rule, reading, reports = self._rules[violation.rule], self._reading, self._reports

        def hop(spot: StoredStep, function: str | None = None) -> Hop:
            start = reading.span(spot.file, spot.site).start
            if function:
                return Hop(function, reports[spot.file].path, start)
            return Hop(spot.function, reports[spot.file].path, start, spot.implementations)

        first, last = violation.path[0], violation.path[-1]
        span = reading.span(first.file, first.site)
        place = shown.get((first.file, span))
        path = (*(hop(step) for step in violation.path), hop(last, violation.label))
        names = _names(path)
        fields = {"function": names[0], "path": " → ".join(names), "effect": violation.label}
        diagnostic = Diagnostic(
            rule.code,
            rule.name,
            rule.message.format_map(fields),
            self._severities.get(rule.code) or violation.severity or rule.severity,
            Confidence.CERTAIN if violation.certain else Confidence.LIKELY,
            reports[first.file].path,
            span,
            rule.help,
            () if rule.call else path,  # a call is one place
            tuple(hop(step) for step in violation.reached_from),
            snippet=place.snippet if place is not None else None,
            also_at=tuple(sorted(self._place(c) for c in others if c.certain >= violation.certain)),
        )
        files = frozenset({first.file, last.file})
        shared = [(step.function, step.file) for step in violation.path[1:]]
        hops = (*shared, (violation.label, last.file)) if shared else ()
        function, statement = first.function, ""
        if place is not None:
            function, statement = place.function, place.statement
        # Comments have been heard on the way, but on no row of a function as a whole.
        is_whole = first.site.site == FUNCTION
        row_ranges = ((span.start.row, span.start.row),) if is_whole else ()
        return Found(diagnostic, first.file, function, statement, row_ranges, files, hops)


def told_once(findings: Sequence[Found], rules: Mapping[str, Rule]) -> list[Found]:
    """Return findings without those that yield to another of the same place, which names them."""
    taken = {(*place, item.diagnostic.code) for item in findings for place in _places(item)}
    yielding: dict[tuple[str, Location, str], list[Diagnostic]] = {}
    remaining = []
    for item in findings:
        place, code = (item.relative, item.diagnostic.span.start), item.diagnostic.code
        to = next((c for c in rules[code].yields_to if (*place, c) in taken), "")
        if to and item.diagnostic.path:
            yielding.setdefault((*place, to), []).append(item.diagnostic)
        else:
            remaining.append(item)
    return [_naming(item, rules, yielding) for item in remaining]


def _places(item: Found) -> Iterator[tuple[str, Location]]:
    """Return where a finding stands: the places that are no findings of their own too."""
    for start in (item.diagnostic.span.start, *item.diagnostic.also_at):
        yield item.relative, start


def _naming(
    item: Found,
    rules: Mapping[str, Rule],
    yielding: Mapping[tuple[str, Location, str], Sequence[Diagnostic]],
) -> Found:
    others = [
        other
        for place in _places(item)
        for other in yielding.get((*place, item.diagnostic.code), ())
    ]
    message = item.diagnostic.message
    for other in others:
        names = " → ".join(_names(other.path))
        message += f"; also {rules[other.code].title.lower()}: {names}"
    if not others:
        return item
    return replace(item, diagnostic=msgspec.structs.replace(item.diagnostic, message=message))


def _diagnostic(
    rule: Rule, candidate: Candidate, path: str, severity: Severity | None
) -> Diagnostic:
    return Diagnostic(
        rule.code,
        rule.name,
        rule.message.format_map(candidate.fields),
        severity or candidate.severity or rule.severity,
        candidate.confidence,
        path,
        candidate.span,
        rule.help,
        snippet=candidate.shown.snippet,
    )


def _names(path: Sequence[Hop]) -> list[str]:
    """Return what a message calls the hops: an abstract method stands for what implements it."""
    *hops, last = path
    names, is_told = [], False
    for hop in hops:
        if not is_told:
            names.append(_short(hop.function) + _implementing(hop.implementations))
        is_told = bool(hop.implementations)
    return [*names, last.function]


def _implementing(functions: Sequence[str]) -> str:
    names = [_short(function) for function in functions[:_MOST_IMPLEMENTATIONS]]
    more = len(functions) - len(names)
    shown = ", ".join([*names, f"{more} more"] if more else names)
    return f" ({shown})" if shown else ""


def _short(function: str) -> str:
    """Return the last two parts of a dotted name: enough to know a function by."""
    return ".".join(function.split(".")[-2:])


def order(diagnostic: Diagnostic) -> tuple[object, ...]:
    """Return what diagnostics are sorted by."""
    return (diagnostic.filename, diagnostic.span, diagnostic.code, diagnostic.message)


def with_fingerprints(findings: Sequence[Found], place: str) -> list[Diagnostic]:
    """Return the diagnostics, in their order, each with its identity.

    `place` is where in its repository the project stands, which may hold several.
    """
    ordinals: dict[tuple[str, ...], int] = {}
    diagnostics = []
    for item in findings:
        code = item.diagnostic.code
        key = (code, place + item.relative, item.function, item.statement)
        ordinal = ordinals.get(key, 0)
        ordinals[key] = ordinal + 1
        identity = fingerprint(*key, ordinal)
        hops = [(function, place + file) for function, file in item.shared_hops]
        shared = cause(code, hops) if hops else identity
        diagnostics.append(
            msgspec.structs.replace(item.diagnostic, fingerprint=identity, cause=shared)
        )
    return diagnostics
