"""One iterative walk over a LibCST tree, past all trivia, and LibCST's own as its oracle."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import TypeGuard

import libcst as cst

from bedev_lint.source import is_left_out as stands_for_part
from bedev_lint.source import names_bound

__all__ = [
    "Buckets",
    "PrunedAccess",
    "Tree",
    "VisitorWalk",
    "children",
    "is_left_out",
    "names_left_out",
    "one_by_one",
    "rows_left_out",
    "walk",
]

Buckets = dict[type[cst.CSTNode], list[cst.CSTNode]]

# Fields that hold no code: white space, punctuation, and the words behind a dot, before a
# `=` of a keyword or after `def`, which are read from their owner and never on their own.
_TRIVIA = frozenset(
    "asname asynchronous attr comma colon conversion dot encoding end equal equals first_colon "
    "footer has_trailing_newline header indent keyword lbrace lbracket leading_lines "
    "lines_after_decorators lpar newline operator posonly_ind raw_value rbrace rbracket relative "
    "rpar second_colon semicolon separator star start trailing_comma "
    "trailing_whitespace default_indent default_newline".split()
)
_NAMES = {
    "ImportAlias": frozenset({"name"}),
    "ImportFrom": frozenset({"module"}),
    "Global": frozenset({"names"}),
    "Nonlocal": frozenset({"names"}),
    "FunctionDef": frozenset({"name"}),
    "ClassDef": frozenset({"name"}),
    "Param": frozenset({"name"}),
    "MatchKeywordElement": frozenset({"key"}),
}
# These hold a name that code binds.
_KEPT = {"WithItem": ("asname",), "AsName": ("name",), "ExceptHandler": ("name",)}
# Where LibCST's classes list their fields in another order than the source has them.
_FIRST = {
    "FunctionDef": ("decorators", "type_parameters", "params", "returns", "body"),
    "ClassDef": ("decorators", "type_parameters", "bases", "keywords", "body"),
    "ExceptHandler": ("type", "name", "body"),
    "ExceptStarHandler": ("type", "name", "body"),
    "IfExp": ("body", "test", "orelse"),
    "Parameters": ("posonly_params", "params", "star_arg", "kwonly_params", "star_kwarg"),
    "TypeAlias": ("name", "type_parameters", "value"),
}


class Tree:
    """The nodes of a tree by class, in the order of the source, and the parent of each."""

    __slots__ = ("buckets", "parents")

    def __init__(self) -> None:
        self.buckets: Buckets = defaultdict(list)
        self.parents: dict[cst.CSTNode, cst.CSTNode] = {}


def _fields(cls: type[cst.CSTNode]) -> tuple[str, ...]:
    dropped = _TRIVIA | _NAMES.get(cls.__name__, frozenset())
    kept = _KEPT.get(cls.__name__, ())
    names = [
        field.name
        for field in dataclasses.fields(cls)
        if field.type not in _LEAVES
        and (
            field.name in kept or not (field.name in dropped or field.name.startswith("whitespace"))
        )
    ]
    first = _FIRST.get(cls.__name__, ())
    return (*first, *(name for name in names if name not in first))


def _concrete_classes() -> Iterable[type[cst.CSTNode]]:
    # By name, not by __subclasses__(): that also holds the classes that LibCST's `add_slots`
    # replaced, which no tree is made of.
    for name in dir(cst):
        value = getattr(cst, name)
        # Not `issubclass`: an abstract class asks all that there are before it says no.
        if isinstance(value, type) and cst.CSTNode in value.__mro__:
            yield value


_LEAVES = frozenset({str, bool, int, type(None), cst.MaybeSentinel})
_FIELDS: dict[type[cst.CSTNode], tuple[str, ...]] = {
    cls: _fields(cls) for cls in _concrete_classes() if dataclasses.is_dataclass(cls)
}
_LINES = (cst.SimpleStatementLine, cst.SimpleStatementSuite)
_BACKWARDS = {cls: fields[::-1] for cls, fields in _FIELDS.items()}


class PrunedAccess(Exception):
    """What was asked for stands where something was left out: ask again of the whole module."""


def children(node: cst.CSTNode, *, whole: bool = True) -> list[cst.CSTNode]:
    """Return the nodes below this one that hold code, in the order of the source.

    Raises PrunedAccess, unless it need not be the `whole` of it.
    """
    if whole:
        _check(node)
    return _children(node)


def _children(node: cst.CSTNode) -> list[cst.CSTNode]:
    children: list[cst.CSTNode] = []
    for name in _FIELDS[type(node)]:
        value = getattr(node, name)
        kind = value.__class__
        if kind is tuple or kind is list:
            children += value
        elif kind not in _LEAVES:
            children.append(value)
    return children


def one_by_one(suite: Iterable[cst.CSTNode], *, whole: bool = True) -> Iterator[cst.CSTNode]:
    """Return the statements of a suite; simple ones that share a line each by itself.

    Raises PrunedAccess, unless it need not be the `whole` of it.
    """
    for node in suite:
        if whole:
            _check(node)
        if node.__class__ is cst.SimpleStatementLine:
            yield from node.body
        else:
            yield node


def rows_left_out(node: cst.CSTNode) -> int:
    """Return how many rows were left out where this statement stands, 0 if none were."""
    value = node.value if node.__class__ is cst.Expr else None
    return value.value.count("\n") + 1 if is_left_out(value) else 0


def is_left_out(node: object) -> TypeGuard[cst.SimpleString]:
    """Return whether this is a string that stands where something was left out."""
    return isinstance(node, cst.SimpleString) and stands_for_part(node.value)


def names_left_out(node: cst.CSTNode) -> list[str]:
    """Return the names that are bound in what was left out where this string stands."""
    return names_bound(node.value) if is_left_out(node) else []


def _check(node: cst.CSTNode) -> None:
    if node.__class__ in _LINES and rows_left_out(node.body[0]):
        raise PrunedAccess


def walk(root: cst.CSTNode) -> Tree:
    """Visit every node that holds code once, parents before children."""
    tree = Tree()
    buckets, parents, fields = tree.buckets, tree.parents, _BACKWARDS
    stack = [root]
    while stack:
        node = stack.pop()
        cls = node.__class__
        buckets[cls].append(node)
        for name in fields[cls]:
            value = getattr(node, name)
            kind = value.__class__
            if kind is tuple or kind is list:
                for child in value:
                    parents[child] = node
                stack += value[::-1]
            elif kind not in _LEAVES:
                parents[value] = node
                stack.append(value)
    return tree


class VisitorWalk(cst.CSTVisitor):
    """The same result by LibCST's own traversal: slower, and the proof that `walk` is right."""

    def __init__(self) -> None:
        super().__init__()
        self.tree = Tree()
        self._above: list[cst.CSTNode] = []
        self._wanted: list[frozenset[cst.CSTNode]] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        if self._wanted and node not in self._wanted[-1]:
            return False
        self.tree.buckets[type(node)].append(node)
        if self._above:
            self.tree.parents[node] = self._above[-1]
        self._above.append(node)
        self._wanted.append(frozenset(_children(node)))
        return True

    def on_leave(self, original_node: cst.CSTNode) -> None:
        if self._above and self._above[-1] is original_node:
            self._above.pop()
            self._wanted.pop()
