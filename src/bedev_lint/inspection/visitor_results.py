"""What rules are asked of one file, and what they answer."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from bedev_lint.catalog import Rule
from bedev_lint.inspection.plan import SourceFile
from bedev_lint.model import Candidate, ModuleFacts, Proof, SourceMap, Span
from bedev_lint.source import Part, Rows

__all__ = [
    "NeededSpan",
    "ParsedFile",
    "RunVisitors",
    "ScheduledRule",
    "VisitorFinding",
    "VisitorResult",
]


class ScheduledRule(NamedTuple):
    """A rule that may find something on these rows."""

    rule: Rule
    rows: Sequence[Rows]


@dataclass(frozen=True)
class ParsedFile:
    """A file that Python itself has read, `places` in characters."""

    source: SourceFile
    text: str
    tree: ast.Module
    facts: ModuleFacts
    places: SourceMap


class NeededSpan(NamedTuple):
    """What the program must show, see `Need`: of what stands in these places, or of names."""

    proof: Proof
    option: str
    within: tuple[Span, ...]
    names: tuple[str, ...]


class VisitorFinding(NamedTuple):
    """What a rule has found in a file, and the calls that may excuse it.

    `answer` is the name of the function whose callers may, by what they ask of it. `function` is
    the name of the one around the finding, None for the module, of which `needs` ask.
    """

    candidate: Candidate
    calls: tuple[Span, ...]
    answer: Span | None = None
    function: Span | None = None
    needs: tuple[NeededSpan, ...] = ()


class VisitorResult(NamedTuple):
    """What rules have found in a file, and what to tell of those that have failed.

    `by_parts` says that nothing was asked for but what they may look at.
    """

    findings: Sequence[VisitorFinding] = ()
    crashes: Sequence[str] = ()
    by_parts: bool = False


RunVisitors = Callable[[ParsedFile, Sequence[ScheduledRule], Sequence[Part]], VisitorResult]
