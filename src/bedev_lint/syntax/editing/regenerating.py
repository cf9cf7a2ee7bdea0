"""The text of a tree in which a little has been changed: the rest of it is generated only once."""

from __future__ import annotations

import dataclasses

import libcst as cst
from libcst._nodes.internal import CodegenState

__all__ = ["Regenerator"]

_Indents = tuple[str, ...]
# What holds statements, but is none.
_CLAUSES = (cst.ExceptHandler, cst.ExceptStarHandler, cst.Else, cst.Finally, cst.MatchCase, cst.If)


class Regenerator:
    """Generates the text of trees that have most of their statements from one, which has `text`."""

    def __init__(self, tree: cst.Module) -> None:
        state = _Recording(tree.default_indent, tree.default_newline)
        tree._codegen(state)
        self._tokens, self._places = state.tokens, state.places
        self.text = "".join(state.tokens)
        self._default = tree.default_indent

    def code(self, tree: cst.Module) -> str:
        """Return the text of a tree."""
        if not tree.has_trailing_newline:  # of the last statement something is missing then
            return tree.code
        return tree.with_changes(body=[self._kept(node, ()) for node in tree.body]).code

    def _kept(self, node: cst.CSTNode, indents: _Indents) -> cst.CSTNode:
        """Return a statement as it is written at this indentation; of a new one what is kept."""
        place = self._places.get(node)
        if place is not None and place[0] == indents:
            return _Written(body=[], text="".join(self._tokens[place[1] : place[2]]))
        return self._with_kept(node, indents)

    def _with_kept(self, node: cst.CSTNode, indents: _Indents) -> cst.CSTNode:
        changes: dict[str, object] = {}
        for field in dataclasses.fields(node):
            value = getattr(node, field.name)
            if isinstance(value, cst.IndentedBlock):
                inner = (*indents, self._default if value.indent is None else value.indent)
                body = [self._kept(statement, inner) for statement in value.body]
                changes[field.name] = value.with_changes(body=body)
            elif isinstance(value, _CLAUSES):
                changes[field.name] = self._with_kept(value, indents)
            elif isinstance(value, (list, tuple)) and any(isinstance(v, _CLAUSES) for v in value):
                changes[field.name] = [self._with_kept(clause, indents) for clause in value]
        return node.with_changes(**changes) if changes else node


@dataclasses.dataclass(frozen=True)
class _Written(cst.SimpleStatementLine):
    """A statement that is written as a text, with its indentation."""

    text: str = ""

    def _codegen_impl(self, state: CodegenState) -> None:
        state.add_token(self.text)


class _Recording(CodegenState):
    """Notes of each statement its indentation, and which tokens it is."""

    def __init__(self, default_indent: str, default_newline: str) -> None:
        super().__init__(default_indent, default_newline)
        self.places: dict[cst.CSTNode, tuple[_Indents, int, int]] = {}

    def before_codegen(self, node: cst.CSTNode) -> None:
        if isinstance(node, cst.BaseStatement):
            self.places[node] = (tuple(self.indent_tokens), len(self.tokens), 0)

    def after_codegen(self, node: cst.CSTNode) -> None:
        if isinstance(node, cst.BaseStatement):
            indents, first, _ = self.places[node]
            self.places[node] = (indents, first, len(self.tokens))
