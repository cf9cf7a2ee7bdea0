"""One file → FileReport: decoded, parsed, shown to the visitor rules, read for facts."""

from __future__ import annotations

import ast
import importlib
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain

import libcst as cst
import msgspec

from bedev_lint import facts
from bedev_lint.catalog import Rule
from bedev_lint.model import (
    Attr,
    Candidate,
    Confidence,
    Diagnostic,
    FileReport,
    Location,
    ModuleFacts,
    Name,
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
    Part,
    Statement,
    Undecodable,
    Unparsable,
    comments,
    decode,
    innermost,
    landmarks,
    line_starts,
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
# Who binds a name of the module elsewhere says so.
_BINDS_ELSEWHERE = "global"


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
    may: Callable[..., bool] | None = None

    @property
    def near(self) -> str:
        """Where its findings stand: see `syntax.visits`."""
        return self.check.near  # type: ignore[attr-defined, no-any-return]

    def may_find(self, text: str, aliases: Sequence[tuple[str, str]] = ()) -> bool:
        """Return False for a text that has nothing for this rule, without parsing it.

        What text that is says `near`. `aliases` are the names that the module gives to what it
        imports or binds, each with the real one.
        """
        words = self.rule.prefilter
        known = any(word in text for word in words) or any(
            alias in text and any(word in name for word in words) for alias, name in aliases
        )
        if words and not known:
            return False
        return self.may is None or self.may(text)


def load(plan: Plan) -> tuple[Active, ...]:
    """Return the rules of a plan with their checks. Raises LookupError for a rule without one."""
    found = []
    for rule in plan.rules:
        check = load_check(rule)
        if check is None:
            raise LookupError(rule.name)
        may = check.may  # type: ignore[attr-defined]
        found.append(Active(rule, check, rule.options, may and may(rule.options)))
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
        by_text = [rule for rule in rules if rule.near == "part"]
        by_text = [rule for rule in by_text if rule.may_find(self._text, self._aliases)]
        rows = {rule: self._rows_near(rule) for rule in rules if rule.near != "part"}
        rules = [rule for rule in rules if rule in by_text or rows.get(rule)]
        part = self._part(sorted(set(chain(*rows.values()))), by_text) if rules else None
        if part is None:
            return [], []
        try:
            return self._judged_in(part, plan, rules)
        except (LeftOut, Unparsable):
            return self._judged_in(self._text, plan, rules)

    @cached_property
    def _aliases(self) -> list[tuple[str, str]]:
        """The names that the module gives to what it imports or binds, each with the real one."""
        found = [(i.alias, i.name) for i in self._facts.imports if i.alias != i.name]
        for binding in self._facts.functions[0].bindings:
            if isinstance(binding.target, Name) and isinstance(binding.value, (Attr, Name)):
                value = binding.value
                real = value.name if isinstance(value, Attr) else value.id
                found.append((binding.target.id, real))
        return found

    def _part(self, rows: Sequence[int], rules: Sequence[Active]) -> str | None:
        """Return the text without what holds none of these rows, and nothing for these rules.

        None if that is all of it.
        """
        every = parts(self._tree, self._text)
        kept = {part for part in every if self._matters(part, rows, rules)}
        loose = _outside(rows, [part for part in every if part.head])
        loose += [part.first_row for part in kept if not part.head]
        # What stands in the body of a class may use all that is bound there.
        left_out = [
            part
            for part in every
            if part not in kept
            and (part.head or not any(part.owner[0] <= row <= part.owner[1] for row in loose))
        ]
        rest = without(self._text, left_out)
        return rest if rows or any(rule.may_find(rest, self._aliases) for rule in rules) else None

    def _matters(self, part: Part, rows: Sequence[int], rules: Sequence[Active]) -> bool:
        text = self._text[part.start : part.end]
        return (
            bisect_left(rows, part.first_row) < bisect_right(rows, part.last_row)
            or any(rule.may_find(text, self._aliases) for rule in rules)
            or _BINDS_ELSEWHERE in text
        )

    def _rows_near(self, rule: Active) -> list[int]:
        """Return the rows where a rule may find something, as far as landmarks tell."""
        clauses, texts = self._landmarks.clauses, self._landmarks.texts
        if rule.near == "clause":
            known = (node for word in rule.rule.prefilter for node in clauses.get(word, ()))
            return [node.lineno for node in known if rule.may is None or rule.may(self._text, node)]
        if rule.near == "string":
            return [text.row for text in texts if rule.may_find(text.value)]
        if rule.near == "literal":
            return [t.row for t in texts if not t.is_statement and rule.may_find(t.value)]
        matters = self._statements_for(rule)
        return [text.row for text in texts if text.around in matters]

    def _statements_for(self, rule: Active) -> set[tuple[int, int]]:
        """Return the rows of the statements with strings in which a rule may find something."""
        texts = self._landmarks.texts
        written = {text.around: self._text_of_rows(text.around) for text in texts}
        for text in texts:  # also as Python reads it, where it is put together
            written[text.around] += f"\n{text.value}"
        matters = {rows for rows, text in written.items() if rule.may_find(text)}
        # What such a statement binds is known by that name in others.
        names = {name for text in texts if text.around in matters for name in text.bound}
        names = {name for name in names if not rule.may_find(name)}
        return matters | {
            rows for rows, text in written.items() if any(name in text for name in names)
        }

    def _text_of_rows(self, rows: tuple[int, int]) -> str:
        return self._text[self._starts[rows[0] - 1] : self._starts[rows[1]]]

    @cached_property
    def _starts(self) -> list[int]:
        return [*line_starts(self._text), len(self._text)]

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
            is_part=text is not self._text,
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


def _outside(rows: Sequence[int], those: Sequence[Part]) -> list[int]:
    """Return the rows that are in none of these parts, which follow one another."""
    starts = [part.first_row for part in those]
    found = []
    for row in rows:
        at = bisect_right(starts, row) - 1
        if at < 0 or row > those[at].last_row:
            found.append(row)
    return found


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
