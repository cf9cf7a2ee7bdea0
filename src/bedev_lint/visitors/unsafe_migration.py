"""A migration that does not work, or not without harm, where there is data and load."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bedev_lint.deferred import cst
from bedev_lint.deferred.sql import adding, locking
from bedev_lint.model import Options
from bedev_lint.options import table, texts
from bedev_lint.prefilter.index import PrefilterIndex
from bedev_lint.source import Rows
from bedev_lint.source.lines import lines
from bedev_lint.visiting import Finding, visits

if TYPE_CHECKING:
    from bedev_lint.syntax import Module


def candidates(index: PrefilterIndex, options: Options) -> Iterator[Rows]:
    """Name all rows of a file that has a step which adds a column, or one of those switched on."""
    steps = [name for name, _ in table(options, "adding")]
    steps += [name for key in _steps_of(options) for name in texts(options, key)]
    if any(f"{name}(" in index.text for name in steps):
        yield 1, len(lines(index.text))


def _steps_of(options: Options) -> Iterator[str]:
    """Return the options that name the steps of what is switched on."""
    for harm, keys in _STEPS.items():
        if options.get(harm):
            yield from keys


_STEPS = {
    "indexes": ("indexing",),
    "types": ("altering",),
    "renames": ("renaming", "altering"),
    "not-null": ("altering",),
    "rows": ("saving",),
}
_HARM = {
    "indexes": "while this index is built nobody can write to the table",
    "types": "this type has the whole table written anew, and nobody can use it meanwhile",
    "renames": "code that still runs knows the old name only",
    "not-null": "all rows are looked through first, and nobody can use the table meanwhile",
    "rows": "all rows of the table are loaded, and each is written by itself",
}


@visits("Call", prefilter=candidates)
def check(node: cst.CSTNode, module: Module, options: Options) -> Iterator[Finding]:
    if not isinstance(node, cst.Call) or adding.is_first(module, options):
        return
    column = adding.column_of(node, module, options)
    if column is not None:
        if adding.lacks_value(column, module, options):
            is_known = adding.is_of_known_table(node, module, options)
            if not is_known and not adding.completes_first(module, options):
                yield Finding(node, {"harm": _NO_VALUE})
        return
    harm = locking.harm_of(node, module, options)
    if harm is None or not options.get(harm):
        return
    if harm == "rows":
        yield Finding(node, {"harm": _HARM[harm]})
    elif adding.goes_forwards(node, module, options):
        name = locking.index_table(node, module) if harm == "indexes" else None
        if not adding.is_of_known_table(node, module, options, name):
            yield Finding(node, {"harm": _HARM[harm]})


_NO_VALUE = "this column may not be empty, and the rows that are there have no value for it"
