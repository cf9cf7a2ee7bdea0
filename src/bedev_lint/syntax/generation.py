"""LibCST's code generation, counting: where nodes come to stand."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress

import libcst as cst
from libcst._nodes.internal import CodegenState

__all__ = ["Counter", "generate"]


class _AllFound(Exception):
    """All wanted nodes have been seen."""


class Counter(CodegenState):
    """Counts characters, and notes where wanted nodes start and end.

    `tokens` are what has been generated: not all of it is as it was in the source. `anchor` is
    where the first of the wanted nodes starts.
    """

    def __init__(
        self, tree: cst.Module, wanted: Collection[cst.CSTNode], anchor: cst.CSTNode
    ) -> None:
        super().__init__(tree.default_indent, tree.default_newline)
        self.offset = 0
        self.starts: dict[cst.CSTNode, int] = {}
        self.ends: dict[cst.CSTNode, int] = {}
        self.anchor = -1
        self._anchored = anchor
        self._wanted = wanted
        self._precise: set[cst.CSTNode] = set()
        self._missing = len(wanted)

    def add_indent_tokens(self) -> None:
        for token in self.indent_tokens:
            self.tokens.append(token)
            self.offset += len(token)

    def add_token(self, value: str) -> None:
        self.tokens.append(value)
        self.offset += len(value)

    def pop_trailing_newline(self) -> None:
        pass

    def before_codegen(self, node: cst.CSTNode) -> None:
        if node in self._wanted:
            self.starts[node] = self.offset
        # What is decorated starts behind its decorators, as soon as that is known.
        if node is self._anchored and not getattr(node, "decorators", ()):
            self.anchor = self.offset

    def after_codegen(self, node: cst.CSTNode) -> None:
        if node in self._wanted:
            self._missing -= 1
            if node not in self._precise:
                self.ends[node] = self.offset
        if not self._missing and self.anchor >= 0:
            raise _AllFound

    @contextmanager
    def record_syntactic_position(
        self,
        node: cst.CSTNode,
        *,
        start_node: cst.CSTNode | None = None,
        end_node: cst.CSTNode | None = None,
    ) -> Iterator[None]:
        start = self.offset
        if node is self._anchored:
            self.anchor = start
        yield
        if node in self._wanted:
            self._precise.add(node)
            self.starts[node] = start
            self.ends[node] = self.offset


def generate(
    tree: cst.Module,
    root: cst.CSTNode,
    wanted: Collection[cst.CSTNode],
    indents: Collection[str] = (),
) -> Counter:
    """Generate the code of a node of a tree, up to where all that is wanted of it has been seen.

    `indents` are those of the blocks around it, outermost first.
    """
    counter = Counter(tree, wanted, root)
    for indent in indents:
        counter.increase_indent(indent)
    with suppress(_AllFound):
        root._codegen(counter)
    return counter
