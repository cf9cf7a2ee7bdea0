"""Which names a module binds where, and what dotted name an expression stands for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from unicodedata import normalize

import libcst as cst

from bedev_lint.syntax.walk import PrunedAccess, Tree, children, names_left_out

__all__ = ["Names", "absolute_module", "assigned", "dotted", "target_names"]

_SCOPES = (cst.FunctionDef, cst.Lambda, cst.ClassDef, cst.Module)
_COMPREHENSIONS = (cst.ListComp, cst.SetComp, cst.DictComp, cst.GeneratorExp)
_WITH_BODY = (cst.FunctionDef, cst.Lambda, cst.ClassDef)


def dotted(node: cst.CSTNode) -> str | None:
    """Return `a.b.c` for a plain chain of names, else None."""
    parts: list[str] = []
    while isinstance(node, cst.Attribute):
        parts.append(node.attr.value)
        node = node.value
    if not isinstance(node, cst.Name):
        return None
    parts.append(node.value)
    return ".".join(reversed(parts))


def absolute_module(name: str, level: int, module: str, is_package: bool) -> str:
    """Return the absolute name of what `from <level dots><name> import` names in `module`."""
    if level == 0:
        return name
    base = module.split(".")
    drop = level - 1 if is_package else level
    kept = base[: len(base) - drop] if drop else base
    return ".".join([*kept, name] if name else kept)


def target_names(target: cst.CSTNode) -> Iterator[cst.Name]:
    """Return the names that an assignment target binds: `a`, `a, (b, *c)`; not `a.b`, `a[b]`."""
    if isinstance(target, cst.Name):
        yield target
    elif isinstance(target, (cst.Tuple, cst.List)):
        for element in target.elements:
            yield from target_names(element.value)
    elif isinstance(target, cst.StarredElement):
        yield from target_names(target.value)


class Names:
    """The bindings of every scope of a module, looked up the way Python does."""

    def __init__(self, tree: Tree, module: str, is_package: bool) -> None:
        self._parents = tree.parents
        self._module = module
        self._is_package = is_package
        # scope node -> name -> the nodes that bind it, in the order of the source; of what was left
        # out, the string that stands for it.
        self.bound: dict[cst.CSTNode, dict[str, list[cst.CSTNode]]] = {}
        # The names, with their scope, that are bound in what was left out too.
        self._left_out: set[tuple[cst.CSTNode, str]] = set()
        self._imports: dict[cst.CSTNode, str] = {}
        # What names stand for, by their scope, and through how many others they have been come to.
        self._by_scope: dict[tuple[cst.CSTNode, str, int], str | None] = {}
        self._collect(tree)

    # -------------------------------------------------------------- queries

    def scope_of(self, node: cst.CSTNode) -> cst.CSTNode:
        """Return the function, lambda, comprehension, class or module that a node is evaluated in.

        Decorators, defaults and annotations of a function belong to the scope around it.
        """
        child, parent = node, self._parents.get(node)
        while parent is not None:
            # By class, not by `isinstance`: LibCST's classes are abstract ones, slow to ask.
            kind = parent.__class__
            if kind in _COMPREHENSIONS:
                return parent
            if kind in _WITH_BODY and child is parent.body:  # type: ignore[attr-defined]
                return parent
            child, parent = parent, self._parents.get(parent)
        return child

    def bindings(self, name: str, node: cst.CSTNode) -> list[cst.CSTNode]:
        """Return the nodes that bind `name` as seen from `node`; empty if nothing here does.

        A node is the import alias, assignment, parameter, loop, handler, `with` item,
        comprehension, function or class that binds it. Raises PrunedAccess.
        """
        scope = self._scope_binding(name, node)
        return [] if scope is None else self.bound[scope][_normal(name)]

    def _scope_binding(self, name: str, node: cst.CSTNode) -> cst.CSTNode | None:
        """Return the scope that binds `name` as seen from `node`, if any. Raises PrunedAccess."""
        scope: cst.CSTNode | None = self.scope_of(node)
        innermost, name = scope, _normal(name)
        while scope is not None:
            binders = self.bound.get(scope, {}).get(name)
            # The names of a class body are not seen from the functions in it.
            if binders and (scope is innermost or not isinstance(scope, cst.ClassDef)):
                if (scope, name) in self._left_out:
                    raise PrunedAccess
                return scope
            scope = None if isinstance(scope, cst.Module) else self.scope_of(scope)
        return None

    def qualified(self, node: cst.CSTNode) -> str | None:
        """Return the dotted name that a chain of names stands for, through imports and aliases.

        `None` where it is local, computed or rebound; a builtin or unknown name is itself.
        """
        return self._qualified(node, 0)

    def _qualified(self, node: cst.CSTNode, depth: int) -> str | None:
        if isinstance(node, cst.Attribute):
            base = self._qualified(node.value, depth)
            return None if base is None else f"{base}.{node.attr.value}"
        if not isinstance(node, cst.Name) or depth > 5:
            return None
        scope = self._scope_binding(node.value, node)
        if scope is None:
            return node.value
        key = (scope, node.value, depth)
        if key not in self._by_scope:
            bound = self.bound[scope][_normal(node.value)]
            names = {self._bound_name(binder, node.value, depth) for binder in bound}
            self._by_scope[key] = names.pop() if len(names) == 1 else self._first_import(bound)
        return self._by_scope[key]

    def _first_import(self, bound: list[cst.CSTNode]) -> str | None:
        # try: import ujson as json / except ImportError: import json
        if all(binder in self._imports for binder in bound):
            return self._imports[bound[0]]
        return None

    def _bound_name(self, binder: cst.CSTNode, name: str, depth: int) -> str | None:
        imported = self._imports.get(binder)
        if imported is not None:
            return imported
        if isinstance(binder, cst.Assign) and len(binder.targets) == 1:
            target = binder.targets[0].target
            if isinstance(target, cst.Name) and target.value == name:
                return self._qualified(binder.value, depth + 1)
        if isinstance(binder, (cst.FunctionDef, cst.ClassDef)):
            scope = self.scope_of(binder)
            if isinstance(scope, cst.Module):
                return f"{self._module}.{name}" if self._module else name
        return None

    # -------------------------------------------------------------- collecting

    def _collect(self, tree: Tree) -> None:
        buckets = tree.buckets

        def nodes(*kinds: type[cst.CSTNode]) -> Iterator[cst.CSTNode]:
            for kind in kinds:
                yield from buckets.get(kind, ())

        for node in nodes(cst.Import, cst.ImportFrom):
            self._collect_import(node)
        for node in nodes(
            cst.Assign, cst.AnnAssign, cst.AugAssign, cst.NamedExpr, cst.For, cst.CompFor
        ):
            for target in _targets(node):
                for name in target_names(target):
                    self._bind(name.value, node, self._binding_scope(node))
        for node in nodes(cst.WithItem, cst.ExceptHandler, cst.ExceptStarHandler):
            asname = getattr(node, "asname" if isinstance(node, cst.WithItem) else "name", None)
            if asname is not None:
                for name in target_names(asname.name):
                    self._bind(name.value, node, self.scope_of(node))
        for node in nodes(cst.FunctionDef, cst.ClassDef, cst.MatchAs, cst.MatchStar):
            bound = getattr(node, "name", None)
            if isinstance(bound, cst.Name):
                self._bind(bound.value, node, self.scope_of(node))
        for node in nodes(cst.Param):
            assert isinstance(node, cst.Param)
            self._bind(node.name.value, node, self._parents[self._parents[node]])
        for node in nodes(cst.SimpleString):
            if names := names_left_out(node):
                scope = self.scope_of(node)
                self._left_out.update((scope, _normal(left_out)) for left_out in names)
                for left_out in names:
                    self._bind(left_out, node, scope)
        self._honour_global(buckets.get(cst.Global, []))

    def _binding_scope(self, node: cst.CSTNode) -> cst.CSTNode:
        scope = self.scope_of(node)
        if isinstance(node, cst.NamedExpr):
            while isinstance(scope, _COMPREHENSIONS):
                scope = self.scope_of(scope)
        return scope

    def _honour_global(self, statements: list[cst.CSTNode]) -> None:
        for statement in statements:
            assert isinstance(statement, cst.Global)
            scope = self.scope_of(statement)
            top = scope
            while not isinstance(top, cst.Module):
                top = self.scope_of(top)
            for item in statement.names:
                moved = _normal(item.name.value)
                for binder in self.bound.get(scope, {}).pop(moved, []):
                    self._bind(moved, binder, top)
                if (scope, moved) in self._left_out:
                    self._left_out.add((top, moved))

    def _bind(self, name: str, binder: cst.CSTNode, scope: cst.CSTNode) -> None:
        self.bound.setdefault(scope, {}).setdefault(_normal(name), []).append(binder)

    def _collect_import(self, node: cst.CSTNode) -> None:
        scope = self.scope_of(node)
        if isinstance(node, cst.Import):
            for alias in node.names:
                full = dotted(alias.name) or ""
                if alias.asname is not None and isinstance(alias.asname.name, cst.Name):
                    self._bind(alias.asname.name.value, alias, scope)
                    self._imports[alias] = full
                else:
                    first = full.split(".", 1)[0]
                    self._bind(first, alias, scope)
                    self._imports[alias] = first
        elif isinstance(node, cst.ImportFrom) and not isinstance(node.names, cst.ImportStar):
            name = dotted(node.module) or "" if node.module is not None else ""
            base = absolute_module(name, len(node.relative), self._module, self._is_package)
            for alias in node.names:
                imported = dotted(alias.name) or ""
                bound = alias.asname.name if alias.asname is not None else alias.name
                if isinstance(bound, cst.Name):
                    self._bind(bound.value, alias, scope)
                    self._imports[alias] = f"{base}.{imported}" if base else imported


def _normal(name: str) -> str:
    """Return a name as Python reads it: `ﬁ` is `fi`."""
    return name if name.isascii() else normalize("NFKC", name)


def assigned(node: cst.Assign | cst.AnnAssign | cst.AugAssign) -> Sequence[cst.BaseExpression]:
    """Return what an assignment assigns to, as it is written: `a, b = c = x` to two."""
    if isinstance(node, cst.Assign):
        return [target.target for target in node.targets]
    return [node.target]


def _targets(node: cst.CSTNode) -> Sequence[cst.CSTNode]:
    if isinstance(node, (cst.Assign, cst.AnnAssign, cst.AugAssign)):
        return assigned(node)
    if isinstance(node, (cst.NamedExpr, cst.For, cst.CompFor)):
        return [node.target]
    return children(node)
