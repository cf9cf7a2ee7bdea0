"""One file → FileReport: decoded, parsed, shown to the visitor rules, read for facts."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain

import libcst as cst
import msgspec

from bedev_lint import facts
from bedev_lint.catalog import Rule
from bedev_lint.model import (
    Candidate,
    Confidence,
    Diagnostic,
    FileReport,
    Location,
    ModuleFacts,
    Options,
    Places,
    Shown,
    SiteRef,
    Span,
    Suppression,
)
from bedev_lint.session import suppressions
from bedev_lint.session.places import span_of
from bedev_lint.session.plan import Plan, Source
from bedev_lint.source import (
    FAR,
    Columns,
    Limit,
    Rows,
    Statement,
    Undecodable,
    Unparsable,
    comments,
    decode,
    innermost,
    landmarks,
    lines,
    parts,
    statements,
    without,
)
from bedev_lint.syntax import (
    Check,
    Finding,
    LeftOut,
    Masks,
    Module,
    Positions,
    Tree,
    parse,
    read,
    walk,
)

__all__ = ["Active", "Inspected", "inspect", "load", "load_check", "shown", "unreadable"]

_COMPOUND = (cst.BaseCompoundStatement, cst.ExceptHandler, cst.ExceptStarHandler)


@dataclass(frozen=True)
class Inspected:
    """What reading a file gave, and where all stands that its facts speak of."""

    report: FileReport
    places: Places = field(default_factory=Places)


@dataclass(frozen=True, eq=False)
class Active:
    """A visitor rule that is on, with its options resolved."""

    rule: Rule
    check: Check
    options: Options


def load(plan: Plan) -> tuple[Active, ...]:
    """Return the rules of a plan with their checks. Raises LookupError for a rule without one."""
    found = []
    for rule in plan.rules:
        check = load_check(rule)
        if check is None:
            raise LookupError(rule.name)
        found.append(Active(rule, check, rule.options))
    return tuple(found)


def load_check(rule: Rule) -> Check | None:
    """Return the check of a visitor rule, None if there is no such file."""
    name = f"bedev_lint.visitors.{rule.name.replace('-', '_')}"
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name == name:
            return None
        raise
    check: Check = module.check
    return check


def inspect(
    source: Source,
    data: bytes,
    plan: Plan,
    active: Sequence[Active],
    walker: Callable[[cst.CSTNode], Tree] = walk,
) -> Inspected:
    """Read one file. Nothing that it holds makes this raise: what goes wrong is a diagnostic.

    `data` is what the file holds, `active` the rules of the plan, `walker` the traversal.
    """
    linter = plan.linter
    try:
        text = decode(data)
        inspection = _Inspection(source, text, read(text), walker, plan.naming)
        return inspection.result(plan, active)
    except Undecodable as error:
        return _failed(source, linter["unreadable-file"], str(error))
    except Unparsable as error:
        at = Location(error.row, error.column)
        return _failed(source, linter["syntax-error"], error.message, at)
    except Limit as error:
        return _failed(source, linter["analysis-limit"], str(error))
    except RecursionError:
        return _failed(source, linter["analysis-limit"], "nested too deeply to analyse")
    except Exception as error:  # a mistake of ours in one file must not end the run
        reason = f"bedev-lint does not understand it ({type(error).__name__}): please report this"
        return _failed(source, linter["analysis-limit"], reason)


def unreadable(path: str, rule: Rule, reason: str) -> Inspected:
    """Return the report of a file that could not be read at all."""
    return _failed(Source(path, path, "", False), rule, reason)


def shown(data: bytes, wanted: Sequence[tuple[Statement, Span]]) -> list[Shown]:
    """Return how places of a file, each with its statement, may be shown."""
    masks = Masks(decode(data), [statement for statement, _ in wanted])
    return [masks.shown(statement, span) for statement, span in wanted]


def _failed(source: Source, rule: Rule, reason: str, at: Location = Location(1, 1)) -> Inspected:
    return Inspected(FileReport(source.path, problems=(_problem(source, rule, reason, at),)))


def _problem(source: Source, rule: Rule, reason: str, at: Location = Location(1, 1)) -> Diagnostic:
    return Diagnostic(
        rule.code,
        rule.name,
        rule.message.format_map({"reason": reason}),
        rule.severity,
        Confidence.CERTAIN,
        source.path,
        Span(at, at),
        rule.help,
    )


class _Inspection:
    """One parsed file, on its way to a report."""

    def __init__(
        self,
        source: Source,
        text: str,
        tree: ast.Module,
        walker: Callable[[cst.CSTNode], Tree],
        naming: frozenset[str],
    ) -> None:
        self._source, self._text, self._tree, self._walker = source, text, tree, walker
        extracted = facts.extract(
            tree, text, source.module, is_package=source.is_package, naming=naming
        )
        self._facts, self._landmarks = extracted.facts, landmarks(tree, text)
        self._places = _in_characters(extracted.places, text)

    def result(self, plan: Plan, rules: Sequence[Active]) -> Inspected:
        candidates, problems = self._judged(plan, rules)
        silenced = self._suppressions(plan.letters)
        report = FileReport(
            self._source.path,
            self._quiet(silenced) if silenced else self._facts,
            tuple(candidates),
            tuple(problems),
            silenced,
        )
        return Inspected(report, self._places)

    # ------------------------------------------------------------------ visitor rules

    def _judged(
        self, plan: Plan, rules: Sequence[Active]
    ) -> tuple[list[Candidate], list[Diagnostic]]:
        """Return what the rules find, and where one of them has failed."""
        wanted = {rule: self._wanted(rule) for rule in rules}
        rules = [rule for rule in rules if wanted[rule]]
        if not rules:
            return [], []
        left_out = parts(self._tree, self._text, [*chain(*wanted.values())])
        try:
            return self._judged_in(without(self._text, left_out), plan, rules)
        except (LeftOut, Unparsable):
            return self._judged_in(self._text, plan, rules)

    def _wanted(self, rule: Active) -> list[Rows]:
        """Return the rows on which a rule may find something, as far as landmarks tell."""
        where = rule.check.where  # type: ignore[attr-defined]
        return list(where(self._landmarks, rule.options)) if where else [(1, FAR * FAR)]

    def _judged_in(
        self, text: str, plan: Plan, rules: Sequence[Active]
    ) -> tuple[list[Candidate], list[Diagnostic]]:
        source = self._source
        module = Module(
            parse(text),
            text,
            source.relative,
            source.module,
            self._tree,
            is_package=source.is_package,
            walker=self._walker,
        )
        found: list[tuple[Rule, Finding]] = []
        problems: list[Diagnostic] = []
        for active in rules:
            try:
                found += [(active.rule, finding) for finding in _findings(active, module)]
            except (RecursionError, LeftOut):
                raise
            except Exception as error:  # a rule's own mistake must not end the run
                reason = f"{active.rule.code} {active.rule.name}: {type(error).__name__}"
                problems.append(_problem(source, plan.linter["rule-crash"], reason))
        return list(self._candidates(found, module)), problems

    def _candidates(
        self, found: Sequence[tuple[Rule, Finding]], module: Module
    ) -> Iterable[Candidate]:
        if not found:
            return
        positions = Positions(module)
        spans = [positions.span(finding.node) for _, finding in found]
        rows = {row for span in spans for row in range(span.start.row, span.end.row + 1)}
        known = statements(self._tree, self._text, rows)
        masks = Masks(self._text, known)
        index = self._calls() if any(finding.unless for _, finding in found) else {}
        for (rule, finding), span in zip(found, spans, strict=True):
            unless = (index.get(positions.span(call)) for call in finding.unless)
            yield Candidate(
                rule.code,
                span,
                {key: _plain(value) for key, value in finding.fields.items()},
                finding.severity,
                finding.confidence,
                tuple(ref for ref in unless if ref is not None),
                masks.shown(innermost(known, span.start), self._underlined(finding.node, span)),
            )

    def _calls(self) -> dict[Span, SiteRef]:
        """Return the sites that are calls by where they stand."""
        calls = (
            SiteRef(function, index)
            for function, facts_of in enumerate(self._facts.functions)
            for index, site in enumerate(facts_of.sites)
            if site.kind == "call"
        )
        return {span_of(self._places, ref): ref for ref in calls}

    def _underlined(self, node: cst.CSTNode, span: Span) -> Span:
        """Return what to underline: of a compound statement only its first line."""
        if not isinstance(node, _COMPOUND):
            return span
        line = lines(self._text)[span.start.row - 1]
        return Span(span.start, min(span.end, Location(span.start.row, len(line.rstrip()) + 1)))

    # ------------------------------------------------------------------ suppressions

    def _suppressions(self, letters: frozenset[str]) -> tuple[Suppression, ...]:
        if not suppressions.may_hold(self._text, letters):
            return ()
        known = statements(self._tree, self._text)
        rows = suppressions.row_spans(_rows(statement.header) for statement in known)
        found: list[Suppression] = []
        for at, comment in comments(self._text):
            if suppressions.may_hold(comment, letters):
                statement = rows.get(at.row, (at.row, at.row))
                found += suppressions.read(comment, at, statement, letters)
        return tuple(found)

    def _quiet(self, found: Sequence[Suppression]) -> ModuleFacts:
        """Note at each site the suppressions that stand on its statement."""
        functions = []
        for number, function in enumerate(self._facts.functions):
            rows = [
                span_of(self._places, SiteRef(number, index)).start.row
                for index in range(len(function.sites))
            ]
            sites = tuple(
                msgspec.structs.replace(site, quiet=quiet)
                if (quiet := _covering(found, row))
                else site
                for site, row in zip(function.sites, rows, strict=True)
            )
            functions.append(msgspec.structs.replace(function, sites=sites))
        return msgspec.structs.replace(self._facts, functions=tuple(functions))


def _findings(active: Active, module: Module) -> Iterable[Finding]:
    kinds: tuple[type[cst.CSTNode], ...] = active.check.visits  # type: ignore[attr-defined]
    for node in module.nodes(*kinds):
        yield from active.check(node, module, active.options)


def _in_characters(places: Places, text: str) -> Places:
    """Return places with columns in characters instead of bytes."""
    if text.isascii():
        return places
    columns = Columns(text)
    functions = []
    for numbers in places.functions:
        moved = [numbers[0], columns.column(numbers[0], numbers[1])]
        for at in range(2, len(numbers), 5):
            row, column, last_row, last, statement = numbers[at : at + 5]
            moved += (row, columns.column(row, column), last_row)
            moved += (columns.column(last_row, last), statement)
        functions.append(moved)
    statements = []
    for at in range(0, len(places.statements), 6):
        first, row, column, last_row, last, name = places.statements[at : at + 6]
        last = last if last == FAR else columns.column(last_row, last)
        statements += [first, row, columns.column(row, column), last_row, last, name]
    return Places(functions, statements, places.names)


def _covering(found: Sequence[Suppression], row: int) -> tuple[int, ...]:
    return tuple(
        index
        for index, suppression in enumerate(found)
        if suppression.first_row == 0 or suppression.first_row <= row <= suppression.last_row
    )


def _plain(text: str) -> str:
    """Return a text that can be written: an escaped lone surrogate of a literal cannot."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _rows(span: Span) -> tuple[int, int]:
    return span.start.row, span.end.row
