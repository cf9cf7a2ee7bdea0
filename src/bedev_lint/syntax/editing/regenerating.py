"""The text of a tree of which some statements have been changed: the rest is as it was written."""

from __future__ import annotations

from functools import cached_property
from itertools import islice, pairwise

import libcst as cst

from bedev_lint.source import first_row, line_starts
from bedev_lint.syntax.module import Module

__all__ = ["Regenerator"]


class Regenerator:
    """Writes trees that have most of the statements at the top of a module from that module.

    Only new statements are generated, and those that they replace, to see that LibCST writes
    these as they are: it forgets a form feed.
    """

    def __init__(self, module: Module) -> None:
        self._tree, self._text, self._by_python = module.tree, module.text, module.by_python

    def code(self, tree: cst.Module) -> str | None:
        """Return the text of a tree; None where LibCST would not write the module as it is."""
        places = {statement: place for place, statement in enumerate(self._tree.body)}
        new = [places.get(statement) for statement in tree.body]
        kept = [place for place in new if place is not None]
        if not self._starts or any(before >= after for before, after in pairwise(kept)):
            return tree.code if self._tree.code == self._text else None
        if not all(map(self._is_as_written, {*places.values()} - {*kept})):
            return None
        header = self._text[: self._starts[0]]
        if tree.header is not self._tree.header:
            if header != self._generated(*self._tree.header):
                return None
            header = self._generated(*tree.header)
        body = (
            self._generated(statement) if place is None else self._written(place)
            for statement, place in zip(tree.body, new, strict=True)
        )
        return "".join((header, *body, self._text[self._starts[-1] :]))

    @cached_property
    def _starts(self) -> list[int]:
        """Where each statement at the top starts, with the lines above it, and the last one ends.

        Empty where Python's own parser has not read the same statements.
        """
        lines = line_starts(self._text)
        read, starts = iter(self._by_python.body), []
        for node in self._tree.body:
            smalls = len(node.body) if isinstance(node, cst.SimpleStatementLine) else 1
            first = [*islice(read, smalls)]
            row = first_row(first[0]) - len(node.leading_lines) if first else 0
            starts.append(lines[row - 1] if row > 0 else -1)
        is_same = bool(starts) and min(starts) >= 0 and next(read, None) is None
        if not is_same or not self._tree.has_trailing_newline:
            return []
        return [*starts, starts[-1] + len(self._generated(self._tree.body[-1]))]

    def _is_as_written(self, place: int) -> bool:
        return self._generated(self._tree.body[place]) == self._written(place)

    def _written(self, place: int) -> str:
        return self._text[self._starts[place] : self._starts[place + 1]]

    def _generated(self, *nodes: cst.CSTNode) -> str:
        return "".join(map(self._tree.code_for_node, nodes))
