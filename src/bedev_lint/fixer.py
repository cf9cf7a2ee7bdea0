"""How a fix describes itself: how safe it is, what it does, and to which nodes.

Nothing here imports LibCST: whether there is a fix is asked in every run.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING

from bedev_lint.model import Applicability, Diagnostic, Fix, Options, Span
from bedev_lint.source import first_row, line_starts
from bedev_lint.source import parse as read

if TYPE_CHECKING:
    import libcst as cst

    from bedev_lint.syntax import Module, Positions
    from bedev_lint.syntax.editing.regenerating import Regenerator

__all__ = ["Fixer", "Source", "on_nodes", "on_text"]

Rewrite = Callable[["Source", Diagnostic, Options], "str | None"]
Offers = Callable[[Diagnostic, Options], bool]


@dataclass(frozen=True)
class Fixer:
    """Fixes the findings of a rule.

    `rewrite` returns the text of the file with one finding fixed, None if it cannot be. `offers`
    decides by the finding alone whether a fix is likely to be possible.
    """

    fix: Fix
    rewrite: Rewrite
    offers: Offers


class Source:
    """A file to fix: its text, and its tree where one is needed.

    `path` is relative to the project, `codes` are those of all rules. `module` raises Unparsable,
    and Limit for what is too deep.
    """

    def __init__(self, text: str, path: str, codes: Collection[str] = ()) -> None:
        self.text, self.path, self.codes = text, path, codes
        self._nodes: dict[tuple[str, ...], list[tuple[range, cst.CSTNode]]] = {}

    @cached_property
    def module(self) -> Module:
        """The module of the text, whole."""
        from bedev_lint.syntax import Module, parse, trusted_parser

        with trusted_parser():
            tree = parse(self.text)
        return Module(tree, self.text, self.path, "", self.by_python)

    @cached_property
    def by_python(self) -> ast.Module:
        """What Python's own parser makes of the text. Raises Unparsable and Limit."""
        return read(self.text)

    @cached_property
    def cuts(self) -> list[int]:
        """Where the text can be parted: its ends, and the lines that statements at the top begin.

        Raises as `by_python` does.
        """
        lines = line_starts(self.text)
        rows, end = [], 0
        for statement in self.by_python.body:
            if first_row(statement) > end:
                rows.append(first_row(statement))
            end = statement.end_lineno or end
        return sorted({0, *(lines[row - 1] for row in rows), len(self.text)})

    def node(self, span: Span, *kinds: str) -> cst.CSTNode | None:
        """Return the node of one of these kinds with this span, else one that begins there."""
        near = [node for rows, node in self._nodes_of(kinds) if span.start.row in rows]
        spans = self._positions.spans(near)
        starting = [node for node in near if spans[node].start == span.start]
        exact = (node for node in starting if spans[node] == span)
        return next(chain(exact, starting), None)

    def code(self, tree: cst.Module) -> str | None:
        """Return the text of a tree that has been changed; None where LibCST loses some of it."""
        return self._regenerator.code(tree)

    @cached_property
    def _regenerator(self) -> Regenerator:
        from bedev_lint.syntax.editing.regenerating import Regenerator

        return Regenerator(self.module, self._positions)

    def _nodes_of(self, kinds: tuple[str, ...]) -> list[tuple[range, cst.CSTNode]]:
        """Return the nodes of these kinds, each with the rows of the statement that holds it."""
        import libcst as cst

        if kinds not in self._nodes:
            nodes = self.module.nodes(*(getattr(cst, name) for name in kinds))
            self._nodes[kinds] = [(self._positions.rows(node), node) for node in nodes]
        return self._nodes[kinds]

    @cached_property
    def _positions(self) -> Positions:
        from bedev_lint.syntax import Positions

        return Positions(self.module)


def _always(_diagnostic: Diagnostic, _options: Options) -> bool:
    return True


def on_text(message: str, *, is_safe: bool) -> Callable[[Rewrite], Fixer]:
    """Make a fixer of a function that changes the text of a file."""
    applicability = Applicability.SAFE if is_safe else Applicability.UNSAFE
    return lambda rewrite: Fixer(Fix(applicability, message), rewrite, _always)


def on_nodes(
    *kinds: str, message: str, offers: Offers = _always
) -> Callable[[Callable[..., cst.Module | None]], Fixer]:
    """Make an unsafe fixer of a function that changes the tree: `fix(node, module, options)`.

    The function is called with the node of one of these kinds that was reported, and returns the
    new tree, None if it cannot fix it.
    """

    def fixer(change: Callable[..., cst.Module | None]) -> Fixer:
        def rewrite(source: Source, diagnostic: Diagnostic, options: Options) -> str | None:
            node = source.node(diagnostic.span, *kinds)
            tree = None if node is None else change(node, source.module, options)
            return None if tree is None else source.code(tree)

        return Fixer(Fix(Applicability.UNSAFE, message), rewrite, offers)

    return fixer
