"""What a visitor rule says of itself: which nodes it looks at, and where those may stand.

Nothing here knows LibCST, whose import costs as much as reading a hundred files: kinds of nodes are
named, and a file without anything that a rule may object to is never parsed by it.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING

from bedev_lint.model import CallersDo, Confidence, Options, Severity
from bedev_lint.prefilter.index import PrefilterIndex
from bedev_lint.source import Rows

if TYPE_CHECKING:
    import libcst as cst

    from bedev_lint.syntax import Module, Needed

__all__ = ["HANDLERS", "LITERALS", "Check", "Finding", "Prefilter", "Screen", "Visitor", "visits"]

HANDLERS = ("ExceptHandler", "ExceptStarHandler")
LITERALS = ("SimpleString", "ConcatenatedString", "FormattedString", "TemplatedString")


@dataclass(frozen=True)
class Finding:
    """A node that a rule objects to.

    `fields` fill the rule's message; `unless` are calls (LibCST nodes of this module): the
    finding is dropped when the program shows that one of them always does what the rule's
    TOML excuses; so it is when all callers of the function `answer` do one of `callers`, or where
    the program does not show all that it `needs`.
    `severity` and `confidence` override the rule's own. `prevails` says that where two rules
    yield to each other (`yields-to`) this is the finding that is told.
    """

    node: cst.CSTNode
    fields: dict[str, str] = field(default_factory=dict)
    unless: Iterable[cst.CSTNode] = ()
    severity: Severity | None = None
    confidence: Confidence = Confidence.CERTAIN
    prevails: bool = False
    answer: cst.FunctionDef | None = None
    callers: tuple[CallersDo, ...] = ("ask",)
    needs: tuple[Needed, ...] = ()


Check = Callable[..., Iterable[Finding]]
# Names, cheaply, the lines on which a rule may find something. It may over-report, but never miss.
Prefilter = Callable[[PrefilterIndex, Options], Iterable[Rows]]
# Says of the text of a module alone whether a rule may find something in it. It may say so too
# often, but never miss.
Screen = Callable[[str, Options], bool]


@dataclass(frozen=True)
class Visitor:
    """A check, the kinds of LibCST nodes that it is called with, and where those may stand.

    Without a prefilter every file is read by LibCST as a whole. A file that only rules look at
    whose screens say no is not even parsed.
    """

    check: Check
    kinds: tuple[str, ...]
    prefilter: Prefilter | None
    screen: Screen | None = None

    def __call__(self, node: cst.CSTNode, module: Module, options: Options) -> Iterable[Finding]:
        """Return what the check finds at a node."""
        return self.check(node, module, options)


def visits(
    *kinds: str,
    calling: str = "",
    holding: str = "",
    inside_finally: bool = False,
    prefilter: Prefilter | None = None,
    screen: Screen | None = None,
) -> Callable[[Check], Visitor]:
    """Make a visitor of a check: `check(node, module, options)` is called once for each node.

    `kinds` are the names of LibCST's classes. Where such nodes may stand is said once: `calling`
    a function of this name, also under a name that the module gives to it; in literals `holding`
    a text; `inside_finally`, as jumps out of it; or by a `prefilter` of the rule's own. A `screen`
    is for rules about files that hardly any other rule looks at, such as tests.

    Other lines may be pruned from the module, but not what is around these. To ask for more
    raises PrunedAccess, and more of it is read: what is asked for every time stands in
    `source/pruning.py`. What a check finds must hang on nothing else than that text, not even on
    its rows: it is found again where that stays.
    """
    if calling:
        name = calling.split(".")[-1]
        prefilter = prefilter or (lambda index, _: index.rows_with(name))
    elif holding:
        prefilter = prefilter or (lambda index, _: _literals_holding(index, holding))
    elif inside_finally:
        prefilter = prefilter or (lambda index, _: _inside_finally(index, kinds))
    return lambda check: Visitor(check, kinds, prefilter, screen)


def _literals_holding(index: PrefilterIndex, part: str) -> Iterator[Rows]:
    return (text.rows for text in index.texts if part in text.value and not text.is_statement)


def _inside_finally(index: PrefilterIndex, kinds: tuple[str, ...]) -> Iterator[Rows]:
    for clause in index.clauses["finally"]:
        nodes = chain(*map(ast.walk, getattr(clause.node, "finalbody", ())))
        if any(type(node).__name__ in kinds for node in nodes):
            yield clause.rows
