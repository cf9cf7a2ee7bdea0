"""A migration that adds a column which the rows that are there have no value for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bedev_lint.deferred import cst
from bedev_lint.deferred.sql import adding
from bedev_lint.model import Options
from bedev_lint.options import table
from bedev_lint.prefilter.index import PrefilterIndex
from bedev_lint.source import Rows
from bedev_lint.source.lines import lines
from bedev_lint.visiting import Finding, visits

if TYPE_CHECKING:
    from bedev_lint.syntax import Module


def candidates(index: PrefilterIndex, options: Options) -> Iterator[Rows]:
    """Name all rows of a file that has a step which adds a column."""
    if any(f"{name}(" in index.text for name, _ in table(options, "adding")):
        yield 1, len(lines(index.text))


@visits("Call", prefilter=candidates)
def check(node: cst.CSTNode, module: Module, options: Options) -> Iterator[Finding]:
    if not isinstance(node, cst.Call):
        return
    column = adding.column_of(node, module, options)
    if (
        column is not None
        and adding.lacks_value(column, module, options)
        and not adding.is_first(module, options)
        and not adding.is_of_known_table(node, module, options)
    ):
        yield Finding(node)
