"""What the comments above a literal say of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import libcst as cst

from bedev_lint.linear import Pattern
from bedev_lint.syntax.literals import LITERALS, may_hold
from bedev_lint.syntax.module import Module

__all__ = ["says_above"]

# So many lines below a comment it may still speak of.
_GROUP = 16


def says_above(node: cst.CSTNode, module: Module, sought: Iterable[Pattern]) -> bool:
    """Return whether the comment above a literal has one of these in it."""
    remark = _remark_above(node, module)
    return any(pattern.search(remark) for pattern in sought)


def _remark_above(node: cst.CSTNode, module: Module) -> str:
    """Return the comment right above the statement of a literal, "" where there is none.

    Above an assignment of a URL also the one above those that stand before it, line by line.
    """
    statement = module.statement_of(node)
    line = module.parent(statement)
    if not isinstance(line, cst.SimpleStatementLine):
        return ""
    suite = module.parent(line)
    if not isinstance(suite, (cst.Module, cst.IndentedBlock)):
        return ""
    last = module.place(line, suite, suite.body)
    for place in range(last, max(last - _GROUP, -1), -1):
        one = suite.body[place]
        if not isinstance(one, cst.SimpleStatementLine) or not (
            place == last or _gives_address(one)
        ):
            return ""
        lines = [*(suite.header if place == 0 and isinstance(suite, cst.Module) else ())]
        lines += one.leading_lines
        comments = list(_right_above(lines))
        if comments or lines:
            return " ".join(reversed(comments))
    return ""


def _gives_address(line: cst.SimpleStatementLine) -> bool:
    """Return whether a line gives a URL to something: such a line is never left out."""
    value = line.body[0].value if isinstance(line.body[0], (cst.Assign, cst.AnnAssign)) else None
    return isinstance(value, LITERALS) and may_hold(value, "://")


def _right_above(lines: list[cst.EmptyLine]) -> Iterator[str]:
    """Return the comments at the end of some lines, the last one first."""
    for line in reversed(lines):
        if line.comment is None:
            return
        yield line.comment.value.lstrip("#! ")
