"""LibCST's code generation, counting: where nodes come to stand, and which literals there are."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from typing import NamedTuple

import libcst as cst
from libcst._nodes.internal import CodegenState

__all__ = ["Counter", "Literal", "generate"]


class _AllFound(Exception):
    """All wanted nodes have been seen."""


class Literal(NamedTuple):
    """A literal or a comment: its offset and length. `kind` is the class of its node."""

    begin: int
    length: int
    kind: type[cst.CSTNode]

    @property
    def end(self) -> int:
        return self.begin + self.length


_LITERALS = frozenset(
    {
        cst.SimpleString,
        cst.FormattedStringText,
        cst.TemplatedStringText,
        cst.Integer,
        cst.Float,
        cst.Imaginary,
        cst.Comment,
    }
)


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
        self.literals: list[Literal] = []
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
        kind = node.__class__
        if kind in _LITERALS:
            length = len(node.value)  # type: ignore[attr-defined]
            self.literals.append(Literal(self.offset + _parentheses(node), length, kind))
        if node in self._wanted:
            self.starts[node] = self.offset
        if node is self._anchored:
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


def _parentheses(node: cst.CSTNode) -> int:
    """Return how many characters stand before a literal within its own parentheses."""
    before = getattr(node, "lpar", ())
    if not before:
        return 0
    state = CodegenState("", "\n")
    for parenthesis in before:
        parenthesis._codegen(state)
    return len("".join(state.tokens))
