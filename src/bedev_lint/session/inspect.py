"""One file → FileReport: decoded, parsed, shown to the visitor rules, read for facts."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

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
    SiteRef,
    Span,
    Suppression,
)
from bedev_lint.session import suppressions
from bedev_lint.session.plan import Plan, Source
from bedev_lint.syntax import (
    Check,
    Finding,
    Limit,
    Module,
    Places,
    Tree,
    Undecodable,
    Unparsable,
    decode,
    locate,
    only_defining,
    parse,
    walk,
)

__all__ = ["Active", "inspect", "load", "load_check", "sites_of", "unreadable"]

_COMPOUND = (cst.BaseCompoundStatement, cst.ExceptHandler, cst.ExceptStarHandler)


@dataclass(frozen=True)
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
) -> FileReport:
    """Read one file. Nothing that it holds makes this raise: what goes wrong is a diagnostic.

    `data` is what the file holds, `active` the rules of the plan, `walker` the traversal.
    """
    linter = plan.linter
    try:
        text = decode(data)
    except Undecodable as error:
        return _failed(source, linter["unreadable-file"], str(error))
    try:
        tree = parse(text)
    except Unparsable as error:
        at = Location(error.row, error.column)
        return _failed(source, linter["syntax-error"], error.message, at)
    except Limit as error:
        return _failed(source, linter["analysis-limit"], str(error))
    try:
        return _Inspection(source, text, tree, walker, plan.naming).report(plan, active)
    except RecursionError:
        return _failed(source, linter["analysis-limit"], "nested too deeply to analyse")


def unreadable(path: str, rule: Rule, reason: str) -> FileReport:
    """Return the report of a file that could not be read at all."""
    return _failed(Source(path, path, "", False), rule, reason)


def sites_of(
    source: Source, data: bytes, wanted: Iterable[SiteRef], known: ModuleFacts
) -> dict[SiteRef, tuple[Span, Candidate]]:
    """Find sites of a file again: where they stand, and how their place may be shown.

    `known` are the facts of the file, as it was read before.
    """
    text, refs = decode(data), list(wanted)
    return _sites_of_part(source, text, refs, known) or _Inspection(
        source, text, parse(text), walk
    ).sites(refs)


def _sites_of_part(
    source: Source, text: str, refs: Sequence[SiteRef], known: ModuleFacts
) -> dict[SiteRef, tuple[Span, Candidate]] | None:
    """Find sites by parsing only the statements of the module that hold them.

    None if these do not show the same functions as the whole.
    """
    before = [function.qualname for function in known.functions]
    names = {before[ref.function].partition(".")[0] for ref in refs}
    part = only_defining(text, names)
    if part is None:
        return None
    inspection = _Inspection(source, part, parse(part), walk)
    now = [function.qualname for function in inspection.facts.functions]
    moved: dict[SiteRef, SiteRef] = {}
    for ref in refs:
        name = before[ref.function]
        old, new = _indices(before, name), _indices(now, name)
        if len(old) != len(new):
            return None
        index = new[old.index(ref.function)]
        sites, same = known.functions[ref.function].sites, inspection.facts.functions[index].sites
        if [(site.kind, site.region) for site in sites] != [(s.kind, s.region) for s in same]:
            return None
        moved[SiteRef(index, ref.site)] = ref
    return {moved[at]: place for at, place in inspection.sites(list(moved)).items()}


def _indices(names: Sequence[str], name: str) -> list[int]:
    return [index for index, other in enumerate(names) if other == name]


def _failed(source: Source, rule: Rule, reason: str, at: Location = Location(1, 1)) -> FileReport:
    return FileReport(source.path, problems=(_problem(source, rule, reason, at),))


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
        tree: cst.Module,
        walker: Callable[[cst.CSTNode], Tree],
        naming: frozenset[str] = frozenset(),
    ) -> None:
        self._source, self._text = source, text
        self._module = Module(
            tree,
            text,
            source.relative,
            source.module,
            is_package=source.is_package,
            walker=walker,
        )
        self._extracted = facts.extract(self._module, naming)

    @property
    def facts(self) -> ModuleFacts:
        return self._extracted.facts

    def report(self, plan: Plan, rules: Sequence[Active]) -> FileReport:
        found: list[tuple[Rule, Finding]] = []
        problems: list[Diagnostic] = []
        for active in rules:
            if active.rule.prefilter and not any(
                word in self._text for word in active.rule.prefilter
            ):
                continue
            try:
                found += [(active.rule, finding) for finding in self._findings(active)]
            except RecursionError:
                raise
            except Exception as error:  # a rule's own mistake must not end the run
                reason = f"{active.rule.code} {active.rule.name}: {type(error).__name__}"
                crash = plan.linter["rule-crash"]
                problems.append(_problem(self._source, crash, reason))
        silenced, extracted = self._suppressions(plan.letters)
        return FileReport(
            self._source.path,
            extracted,
            tuple(self._candidates(found)),
            tuple(problems),
            silenced,
        )

    def _findings(self, active: Active) -> Iterable[Finding]:
        kinds: tuple[type[cst.CSTNode], ...] = active.check.visits  # type: ignore[attr-defined]
        for node in self._module.nodes(*kinds):
            yield from active.check(node, self._module, active.options)

    # ------------------------------------------------------------------ candidates

    def _candidates(self, found: Sequence[tuple[Rule, Finding]]) -> Iterable[Candidate]:
        if not found:
            return
        nodes = [finding.node for _, finding in found]
        statements = [self._module.statement_of(node) for node in nodes]
        wanted = {*nodes, *statements, *map(_first_of_body, statements)}
        places = self._locate(wanted)
        index = self._site_index()
        for (rule, finding), statement in zip(found, statements, strict=True):
            span = places.span(finding.node)
            yield Candidate(
                rule.code,
                span,
                self._module.qualname(finding.node),
                places.masked(_header(statement, places)),
                {key: _plain(value) for key, value in finding.fields.items()},
                finding.severity,
                finding.confidence,
                tuple(index[call] for call in finding.unless if call in index),
                places.snippet(_shown_span(finding.node, span, places)),
                _rows(_header(statement, places)),
            )

    def _locate(self, wanted: Iterable[cst.CSTNode | None]) -> Places:
        nodes = {node for node in wanted if node is not None}
        parents = self._module.walked.parents
        return locate(self._module.tree, self._text, nodes, parents)

    def _site_index(self) -> dict[cst.CSTNode, SiteRef]:
        return {
            node: SiteRef(function, site)
            for function, nodes in enumerate(self._extracted.nodes)
            for site, node in enumerate(nodes)
            if isinstance(node, cst.Call)
        }

    def _node_of(self, ref: SiteRef) -> cst.CSTNode:
        """Return the node of a site; of a site before the first, that of the function itself."""
        if ref.site >= 0:
            return self._extracted.nodes[ref.function][ref.site]
        name = self._extracted.facts.functions[ref.function].qualname
        functions = self._module.nodes(cst.FunctionDef)
        named = (node for node in functions if self._module.qualname(node) == name)
        return next(named, self._module.tree)

    def sites(self, wanted: Sequence[SiteRef]) -> dict[SiteRef, tuple[Span, Candidate]]:
        nodes = [self._node_of(ref) for ref in wanted]
        statements = [self._module.statement_of(node) for node in nodes]
        places = self._locate({*nodes, *statements, *map(_first_of_body, statements)})
        found = {}
        for ref, node, statement in zip(wanted, nodes, statements, strict=True):
            span, header = places.span(node), _header(statement, places)
            candidate = Candidate(
                "",
                span,
                self._module.qualname(node),
                places.masked(header),
                {},
                None,
                Confidence.CERTAIN,
                (),
                places.snippet(span),
                _rows(header),
            )
            found[ref] = (span, candidate)
        return found

    # ------------------------------------------------------------------ suppressions

    def _suppressions(self, letters: frozenset[str]) -> tuple[tuple[Suppression, ...], ModuleFacts]:
        if not suppressions.may_hold(self._text, letters):
            return (), self._extracted.facts
        statements = {
            node
            for kind, nodes in self._module.walked.buckets.items()
            if issubclass(kind, (cst.BaseSmallStatement, *_COMPOUND))
            for node in nodes
        }
        sites = [node for nodes in self._extracted.nodes for node in nodes]
        bodies = {_first_of_body(node) for node in statements}
        places = self._locate({self._module.tree, *statements, *bodies, *sites})
        rows = suppressions.row_spans(_rows(_header(node, places)) for node in statements)
        found: list[Suppression] = []
        for at, comment in places.comments():
            if suppressions.may_hold(comment, letters):
                statement = rows.get(at.row, (at.row, at.row))
                found += suppressions.read(comment, at, statement, letters)
        return tuple(found), self._quiet(found, places) if found else self._extracted.facts

    def _quiet(self, found: Sequence[Suppression], places: Places) -> ModuleFacts:
        """Note at each site the suppressions that stand on its statement."""
        functions = []
        for function, nodes in zip(
            self._extracted.facts.functions, self._extracted.nodes, strict=True
        ):
            sites = tuple(
                msgspec.structs.replace(site, quiet=quiet)
                if (quiet := _covering(found, places.span(node).start.row))
                else site
                for site, node in zip(function.sites, nodes, strict=True)
            )
            functions.append(msgspec.structs.replace(function, sites=sites))
        return msgspec.structs.replace(self._extracted.facts, functions=tuple(functions))


def _covering(found: Sequence[Suppression], row: int) -> tuple[int, ...]:
    return tuple(
        index
        for index, suppression in enumerate(found)
        if suppression.first_row == 0 or suppression.first_row <= row <= suppression.last_row
    )


def _first_of_body(statement: cst.CSTNode | None) -> cst.CSTNode | None:
    """Return the first statement inside a compound one, None for a simple one."""
    if not isinstance(statement, _COMPOUND):
        return None
    suite = getattr(statement, "body", None)
    body = getattr(suite, "body", ())
    return body[0] if body else None


def _header(statement: cst.CSTNode, places: Places) -> Span:
    """Return the span of a statement; of a compound one, only up to its body."""
    span = places.span(statement)
    first = _first_of_body(statement)
    if first is None:
        return span
    inner = places.span(first).start
    if inner.row == span.start.row:
        return Span(span.start, inner)
    return Span(span.start, Location(max(inner.row - 1, span.start.row), 10_000))


def _plain(text: str) -> str:
    """Return a text that can be written: an escaped lone surrogate of a literal cannot."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _rows(span: Span) -> tuple[int, int]:
    return span.start.row, span.end.row


def _shown_span(node: cst.CSTNode, span: Span, places: Places) -> Span:
    """Return what to underline: of a compound statement only its first line."""
    if isinstance(node, _COMPOUND):
        end = places.line_end(span.start.row)
        return Span(span.start, min(span.end, end))
    return span
