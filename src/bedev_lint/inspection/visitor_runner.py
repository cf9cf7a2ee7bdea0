"""What visitor rules find in one file, by LibCST: of it, what they may look at."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from itertools import chain

import libcst as cst

from bedev_lint.catalog import Rule
from bedev_lint.inspection.suppressions import rows_for
from bedev_lint.inspection.visitor_results import (
    NeededSpan,
    ParsedFile,
    ScheduledRule,
    VisitorFinding,
    VisitorResult,
)
from bedev_lint.model import Candidate, Location, Span
from bedev_lint.source import (
    Innermost,
    Masks,
    Part,
    Unparsable,
    enclosing,
    lines,
    merged,
    parts,
    statements,
    without,
)
from bedev_lint.syntax import Module, Positions, PrunedAccess, parse, walk
from bedev_lint.visiting import Finding
from bedev_lint.visitors import load

__all__ = ["load", "run_visitors"]

_COMPOUND = (cst.BaseCompoundStatement, cst.ExceptHandler, cst.ExceptStarHandler)


def run_visitors(
    parsed: ParsedFile, scheduled: Sequence[ScheduledRule], left_out: Sequence[Part]
) -> VisitorResult:
    """Return what these rules find; these parts may be left out, if no rule asks for them.

    Raises Unparsable, Limit and RecursionError.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of escapes in the literals that are read
        result, asking = _checked_in_parts(parsed, scheduled, left_out)
        if not asking:
            return result
        # Those that ask for more get all of the functions that they look at; at last the whole.
        wanted = [*chain(*(rows for _, rows in asking))]
        fewer = parts(parsed.tree, parsed.text, enclosing(parsed.tree, wanted))
        more, asking = _checked_in_parts(parsed, asking, fewer)
        rest = _checked(parsed, parsed.text, asking)[0] if asking else VisitorResult()
    results = result, more, rest
    order = {item.rule.code: number for number, item in enumerate(scheduled)}
    findings = chain(*(each.findings for each in results))
    return VisitorResult(
        sorted(findings, key=lambda finding: order[finding.candidate.code]),
        [*chain(*(each.crashes for each in results))],
    )


def _checked_in_parts(
    parsed: ParsedFile, scheduled: Sequence[ScheduledRule], left_out: Sequence[Part]
) -> tuple[VisitorResult, Sequence[ScheduledRule]]:
    """Return what rules find without these parts, and the rules that ask for what is in them."""
    try:
        return _checked(parsed, without(parsed.text, left_out), scheduled)
    except Unparsable:
        return VisitorResult(), scheduled


def _checked(
    parsed: ParsedFile, text: str, scheduled: Iterable[ScheduledRule]
) -> tuple[VisitorResult, list[ScheduledRule]]:
    source = parsed.source
    module = Module(
        parse(text),
        text,
        source.relative,
        source.module,
        parsed.tree,
        is_package=source.is_package,
        walker=walk,
    )
    findings: list[tuple[Rule, Finding]] = []
    crashes: list[str] = []
    asking: list[ScheduledRule] = []
    for item in scheduled:
        rule = item.rule
        try:
            findings += [(rule, finding) for finding in _findings(rule, module)]
        except PrunedAccess:
            asking.append(item)
        except RecursionError:
            raise
        except Exception as error:  # a rule's own mistake must not end the run
            crashes.append(f"{rule.code} {rule.name}: {type(error).__name__}")
    shown, by_rows = _visitor_findings(findings, module, parsed)
    return VisitorResult(shown, crashes, by_rows), asking


def _findings(rule: Rule, module: Module) -> Iterable[Finding]:
    visitor = load(rule)
    kinds: list[type[cst.CSTNode]] = [getattr(cst, name) for name in visitor.kinds]
    for node in module.nodes(*kinds):
        yield from visitor(node, module, rule.options)


def _visitor_findings(
    findings: Sequence[tuple[Rule, Finding]], module: Module, parsed: ParsedFile
) -> tuple[list[VisitorFinding], bool]:
    """Return what was found as it is told, and whether only its own rows were read for that."""
    if not findings:
        return [], True
    excuses = [tuple(finding.unless) for _, finding in findings]
    functions = [_function_in_question(finding, module) for _, finding in findings]
    within = [*chain(*(needed.within for _, finding in findings for needed in finding.needs))]
    positions = Positions(module)
    spans = positions.spans(chain((f.node for _, f in findings), *excuses, within))
    rows = merged(
        (spans[finding.node].start.row, spans[finding.node].end.row) for _, finding in findings
    )
    statements_of_rows = statements(parsed.tree, parsed.text, rows)
    innermost = Innermost(statements_of_rows)
    masks = Masks(parsed.text, statements_of_rows)
    text_rows = lines(parsed.text)
    visitor_findings = []
    for (rule, finding), calls, function in zip(findings, excuses, functions, strict=True):
        span = spans[finding.node]
        statement = innermost.at(span.start)
        underlined = _underlined(finding.node, span, text_rows)
        candidate = Candidate(
            rule.code,
            span,
            {key: _plain(value) for key, value in finding.fields.items()},
            finding.severity,
            finding.confidence,
            (),
            rows_for(span, statement.header),
            masks.shown(statement, underlined),
            finding.prevails,
            callers=finding.callers,
        )
        visitor_findings.append(
            VisitorFinding(
                candidate,
                tuple(spans[call] for call in calls),
                positions.name(finding.answer) if finding.answer is not None else None,
                positions.name(function) if function is not None else None,
                tuple(
                    NeededSpan(
                        needed.proof,
                        needed.option,
                        tuple(spans[statement] for statement in needed.within),
                        needed.names,
                    )
                    for needed in finding.needs
                ),
            )
        )
    return visitor_findings, not masks.is_of_whole


def _function_in_question(finding: Finding, module: Module) -> cst.FunctionDef | None:
    """Return the function of which the program must show something, if it must.

    Of a finding at a `def` it is this one.
    """
    if finding.needs and isinstance(finding.node, cst.FunctionDef):
        return finding.node
    function = module.function_of(finding.node) if finding.needs else None
    while isinstance(function, cst.Lambda):
        function = module.function_of(function)
    return function


def _underlined(node: cst.CSTNode, span: Span, text_lines: Sequence[str]) -> Span:
    """Return what to underline: of a compound statement only its first line."""
    if not isinstance(node, _COMPOUND):
        return span
    line = text_lines[span.start.row - 1]
    return Span(span.start, min(span.end, Location(span.start.row, len(line.rstrip()) + 1)))


def _plain(text: str) -> str:
    """Return a text that can be written: an escaped lone surrogate of a literal cannot."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
