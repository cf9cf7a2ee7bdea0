"""The text of a tree of which some statements have been changed: the rest is as it was written."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import islice, pairwise
from typing import NamedTuple

import libcst as cst

from bedev_lint.source import first_row, line_starts
from bedev_lint.syntax.generation import generate
from bedev_lint.syntax.module import Module
from bedev_lint.syntax.positions import Positions

__all__ = ["Regenerator"]


class _Changed(NamedTuple):
    """What a statement at the top becomes, which stood at a place before."""

    place: int
    code: str


class Regenerator:
    """Writes trees that have most of the statements at the top of a module from that module.

    Only new statements are generated, the innermost that hold all that is new, and those that
    they replace, to see that LibCST writes these as they are: it forgets a form feed.
    """

    def __init__(self, module: Module, positions: Positions) -> None:
        self._tree, self._text, self._by_python = module.tree, module.text, module.by_python
        self._module, self._positions = module, positions

    def code(self, tree: cst.Module) -> str | None:
        """Return the text of a tree; None where LibCST would not write the module as it is."""
        places = {statement: place for place, statement in enumerate(self._tree.body)}
        new = [places.get(statement) for statement in tree.body]
        kept = [place for place in new if place is not None]
        if not self._starts or any(before >= after for before, after in pairwise(kept)):
            return tree.code if self._tree.code == self._text else None
        within = dict(self._changed_within(tree.body, new))
        gone = {*places.values()}.difference(kept, (place for place, _ in within.values()))
        if not all(map(self._is_as_written, gone)):
            return None
        header = self._text[: self._starts[0]]
        if tree.header is not self._tree.header:
            if header != self._generated(*self._tree.header):
                return None
            header = self._generated(*tree.header)
        body = (
            self._written(place)
            if place is not None
            else within[index].code
            if index in within
            else self._generated(tree.body[index])
            for index, place in enumerate(new)
        )
        return "".join((header, *body, self._text[self._starts[-1] :]))

    def _changed_within(
        self, body: Sequence[cst.CSTNode], places: Sequence[int | None]
    ) -> Iterator[tuple[int, _Changed]]:
        """Return which of these statements differ from their old ones in one within them."""
        before = 0
        for index, place in enumerate(places):
            if place is not None:
                before = place + 1
                continue
            later = (place for place in places[index:] if place is not None)
            for old in range(before, next(later, len(self._tree.body))):
                code = self._code_within(old, body[index])
                if code is not None:
                    yield index, _Changed(old, code)

    def _code_within(self, place: int, new: cst.CSTNode) -> str | None:
        """Return a statement at the top with what differs in another in a statement within it."""
        inner = [
            pair
            for pair in _differing(self._tree.body[place], new)
            if isinstance(self._module.parent(pair[0]), cst.IndentedBlock)
        ]
        written = self._positions.written(inner[-1][0]) if inner else None
        if written is None:
            return None
        _, changed = inner[-1]
        code = "".join(generate(self._tree, changed, {changed}, written.indents).tokens)
        end = written.start + len(written.code)
        first, last = self._starts[place], self._starts[place + 1]
        return self._text[first : written.start] + code + self._text[end:last]

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


def _differing(old: cst.CSTNode, new: cst.CSTNode) -> Iterator[tuple[cst.CSTNode, cst.CSTNode]]:
    """Return two nodes, and what differs in them, each within the one before, while it is one."""
    while type(old) is type(new):
        yield old, new
        fields = (field.name for field in dataclasses.fields(old))
        items = (_items(getattr(old, name), getattr(new, name)) for name in fields)
        match [pair for pairs in items for pair in pairs if pair[0] is not pair[1]]:
            case [(cst.CSTNode() as old, cst.CSTNode() as new)]:
                continue
        return


def _items(old: object, new: object) -> Iterable[tuple[object, object]]:
    """Return the items of two sequences of one length side by side, else the two."""
    if isinstance(old, (list, tuple)) and isinstance(new, (list, tuple)) and len(old) == len(new):
        return zip(old, new, strict=True)
    return [(old, new)]
