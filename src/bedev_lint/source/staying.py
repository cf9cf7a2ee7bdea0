"""Which statements of a module stay: those on certain rows, and what binds the names in them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

from bedev_lint.source.nodes import (
    DEFINITIONS,
    FIELDS,
    FUNCTIONS,
    SUITES,
    TRIES,
    rows_of,
    suites,
    target_names,
)
from bedev_lint.source.rows import Rows, is_among, merged

__all__ = ["Staying"]

_CLAUSES = (ast.ExceptHandler, ast.match_case)
# The fields of each kind of statement that stay with it: not its suites, of `try` the handlers.
_STAYING = {
    kind: tuple(name for name in FIELDS[kind] if name not in ("body", "orelse", "finalbody"))
    for kind in SUITES
}
# Where names stand of which rules ask what binds them.
_FIELDS_ASKED_FOR: dict[type[ast.AST], tuple[str, ...]] = {
    ast.Call: ("func",),
    ast.Subscript: ("value",),
    ast.BoolOp: ("values",),
    ast.IfExp: ("body", "orelse"),
    ast.Raise: ("exc",),
    ast.ExceptHandler: ("type",),
    ast.Tuple: ("elts",),
    ast.Assign: ("value",),
    ast.AnnAssign: ("value",),
    ast.ClassDef: ("bases", "decorator_list"),
}


class _Scope:
    """A module, class or function of which something stays.

    `binders` are the statements in it by the names that they bind, `asked` the names whose binders
    stay already.
    """

    def __init__(self, outer: _Scope | None) -> None:
        self.outer = outer
        self.binders: dict[str, list[ast.AST]] = {}
        self.names_asked_for: set[str] = set()


class Staying:
    """Which statements stay, and which functions only with their name (`named`).

    `bound` are the names that each statement binds itself.
    """

    def __init__(self, tree: ast.Module, text: str, wanted: Sequence[Rows]) -> None:
        self.statements: set[ast.AST] = set()
        self.named: set[ast.AST] = set()
        self.bound: dict[ast.AST, set[str]] = {}
        self._wanted = merged(wanted)
        self._assigns_anywhere = ":=" in text
        self._declares = "global" in text
        # Where each statement stands: in what other statement, and in what scope.
        self._above: dict[ast.AST, tuple[ast.AST, _Scope]] = {}
        for node in self._index(tree):
            self._keep(node)

    def _index(self, tree: ast.Module) -> list[ast.AST]:
        """Note what binds what in each scope; return all statements that matter by themselves."""
        mattering: list[ast.AST] = []
        # Suites, each with the statement and the scope that they stand in, and if that may matter.
        stack: list[tuple[Sequence[Any], ast.AST, _Scope, bool]] = [
            (tree.body, tree, _Scope(None), True)
        ]
        while stack:
            suite, owner, scope, may_matter = stack.pop()
            for node in suite:
                kind = node.__class__
                if kind in _CLAUSES:
                    stack.append((node.body, owner, scope, may_matter))
                    continue
                self._above[node] = owner, scope
                if kind in _BOUND or self._assigns_anywhere:
                    self.bound[node] = names = _bound(node, anywhere=self._assigns_anywhere)
                    for name in names:
                        scope.binders.setdefault(name, []).append(node)
                matters = may_matter and is_among(rows_of(node), self._wanted)
                if matters or kind is ast.Global:
                    mattering.append(node)
                if kind not in DEFINITIONS:
                    stack += ((inner, node, scope, matters) for inner in suites(node))
                elif matters or (self._declares and _declares(node)):
                    stack.append((node.body, node, _Scope(scope), matters))
        return mattering

    def _keep(self, node: ast.AST) -> None:
        todo = [node]
        while todo:
            statement = todo.pop()
            if statement in self.statements or statement not in self._above:
                continue
            self.statements.add(statement)
            owner, scope = self._above[statement]
            todo.append(owner)
            for name in _names_asked_for(statement):
                todo += self._binders(name, scope)

    def _binders(self, name: str, scope: _Scope | None) -> Iterator[ast.AST]:
        """Return what has to stay since this name is asked for in a scope."""
        while scope is not None and name not in scope.names_asked_for:
            scope.names_asked_for.add(name)
            for binder in scope.binders.get(name, ()):
                if binder.__class__ in FUNCTIONS:
                    self.named.add(binder)
                    yield self._above[binder][0]
                else:
                    yield binder
            scope = scope.outer


def _declares(node: ast.AST) -> bool:
    """Return whether `global` stands in a function or class."""
    stack = [node]
    while stack:
        statement = stack.pop()
        if isinstance(statement, ast.Global):
            return True
        stack += chain(*suites(statement))
    return False


def _bound(statement: ast.AST, *, anywhere: bool) -> set[str]:
    """Return the names that a statement binds itself, `anywhere` in its expressions too."""
    names = set(_BOUND[statement.__class__](statement)) if statement.__class__ in _BOUND else set()
    if anywhere:
        for node in _own(statement):
            if isinstance(node, ast.NamedExpr):
                names.update(target_names(node.target))
    return names


def _by_items(statement: ast.With | ast.AsyncWith) -> Iterator[str]:
    return chain(
        *(target_names(item.optional_vars) for item in statement.items if item.optional_vars)
    )


def _by_patterns(statement: ast.Match) -> Iterator[str]:
    patterns = chain(*(ast.walk(case.pattern) for case in statement.cases))
    return (name for node in patterns if (name := getattr(node, "name", None)))


def _by_imports(statement: ast.Import | ast.ImportFrom) -> Iterator[str]:
    return (alias.asname or alias.name.split(".", 1)[0] for alias in statement.names)


def _by_handlers(statement: Any) -> Iterator[str]:
    return (handler.name for handler in statement.handlers if handler.name)


# The names that statements bind themselves, by their kind.
_BOUND: dict[type, Callable[[Any], Iterable[str]]] = {
    **dict.fromkeys(DEFINITIONS, lambda node: [node.name]),
    **dict.fromkeys((ast.Import, ast.ImportFrom), _by_imports),
    **dict.fromkeys(
        (ast.AnnAssign, ast.AugAssign, ast.For, ast.AsyncFor),
        lambda node: target_names(node.target),
    ),
    **dict.fromkeys((ast.With, ast.AsyncWith), _by_items),
    **dict.fromkeys(TRIES, _by_handlers),
    ast.Assign: lambda node: chain(*map(target_names, node.targets)),
    ast.Global: lambda node: node.names,
    ast.Match: _by_patterns,
}


def _names_asked_for(statement: ast.AST) -> Iterator[str]:
    """Return the names of a statement that a rule may ask what binds them."""
    for node in _own(statement):
        if node.__class__ is ast.withitem:  # `suppress(OSError)`
            yield from (part.id for part in ast.walk(node) if part.__class__ is ast.Name)
        for field in _FIELDS_ASKED_FOR.get(node.__class__, ()):
            value = getattr(node, field)
            for part in value if value.__class__ is list else (value,):
                while part.__class__ is ast.Attribute:
                    part = part.value
                if part.__class__ is ast.Name:
                    yield part.id


def _own(statement: ast.AST) -> Iterator[ast.AST]:
    """Return the statement and what stays with it: all but its suites; of `try` the handlers."""
    yield statement
    stack: list[Any] = [getattr(statement, name, None) for name in _STAYING[statement.__class__]]
    while stack:
        node = stack.pop()
        kind = node.__class__
        if kind is list:
            stack += node
        elif kind in FIELDS:
            yield node
            stack += [getattr(node, name, None) for name in FIELDS[kind]]
