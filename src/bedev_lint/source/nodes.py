"""Small questions that are asked of Python's own trees everywhere."""

from __future__ import annotations

import ast
from collections.abc import Iterator

__all__ = [
    "BASE",
    "BROAD",
    "DEFINITIONS",
    "FIELDS",
    "FUNCTIONS",
    "SUITES",
    "TRIES",
    "TypeAlias",
    "below",
    "bound_names",
    "constant_text",
    "declared_names",
    "dotted_name",
    "first_row",
    "parted",
    "rows_of",
    "suites",
    "target_names",
    "words_in",
]


FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
DEFINITIONS = (*FUNCTIONS, ast.ClassDef)
# Python has a class for `except*` since 3.11.
TRIES = (ast.Try, getattr(ast, "TryStar", ast.Try))

# The classes whose handlers catch any error.
# ... and interrupts with it.
BASE = "BaseException"
BROAD = frozenset({"Exception", BASE})


class _TypeAlias(ast.stmt):
    """`type X = …`."""

    _fields = ("name", "type_params", "value")


# Python has a class for it since 3.12.
TypeAlias: type[ast.stmt] = getattr(ast, "TypeAlias", _TypeAlias)


# Fields of nodes that hold none: texts, numbers, and operators and contexts, which hold nothing.
_PLAIN = frozenset(
    "arg asname attr conversion ctx id is_async kind kwd_attrs level lineno module op ops rest "
    "simple str tag type_comment type_ignores".split()
)
_SUITES = ("body", "handlers", "orelse", "finalbody", "cases")


def _kinds(kind: type[ast.AST]) -> Iterator[type[ast.AST]]:
    yield kind
    for inner in kind.__subclasses__():
        yield from _kinds(inner)


# The fields of each kind of node that may hold nodes, in the order of `ast`.
FIELDS: dict[type, tuple[str, ...]] = {
    kind: tuple(name for name in kind._fields if name not in _PLAIN) for kind in _kinds(ast.AST)
}
# The fields that hold suites, handlers or cases: of an expression, where `body` is one, none.
SUITES: dict[type, tuple[str, ...]] = {
    kind: tuple(name for name in _SUITES if name in fields)
    for kind, fields in FIELDS.items()
    if not issubclass(kind, ast.expr)
}


def below(node: ast.AST) -> Iterator[ast.AST]:
    """Return the nodes directly below this one, in the order in which `ast` lists them.

    Operators are left out.
    """
    for name in FIELDS[node.__class__]:
        value = getattr(node, name, None)
        if value.__class__ is list:
            for item in value:
                if isinstance(item, ast.AST):
                    yield item
        elif isinstance(value, ast.AST):
            yield value


def constant_text(node: ast.AST) -> str | None:
    """Return the text of a literal str or bytes, of bytes each as a character; else None."""
    value = node.value if isinstance(node, ast.Constant) else None
    if isinstance(value, bytes):
        return value.decode("latin-1")
    return value if isinstance(value, str) else None


def dotted_name(node: ast.AST) -> str:
    """Return `a.b.c` for a plain chain of names, else ""."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    parts.append(node.id)
    return ".".join(reversed(parts))


def target_names(target: ast.AST) -> Iterator[str]:
    """Return the names that an assignment target binds: `a`, `a, (b, *c)`; not `a.b`, `a[b]`."""
    if isinstance(target, ast.Name):
        yield target.id
    elif isinstance(target, (ast.Tuple, ast.List)):
        for element in target.elts:
            yield from target_names(element)
    elif isinstance(target, ast.Starred):
        yield from target_names(target.value)


def bound_names(statement: ast.AST | None) -> tuple[str, ...]:
    """Return the names that an assignment binds; of another statement none."""
    if isinstance(statement, ast.Assign):
        return tuple(name for target in statement.targets for name in target_names(target))
    return tuple(target_names(statement.target)) if isinstance(statement, ast.AnnAssign) else ()


def declared_names(tree: ast.Module) -> frozenset[str]:
    """Return the names that may stand for a type somewhere in a module, besides the builtin ones.

    They are what its statements import, assign, or define as a class, a type or a type parameter.
    """
    names: set[str] = set()
    todo: list[ast.AST] = list(tree.body)
    while todo:
        node = todo.pop()
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names.update(alias.asname or alias.name.split(".", 1)[0] for alias in node.names)
        elif isinstance(node, DEFINITIONS):
            names.add(node.name)
        elif isinstance(node, TypeAlias):
            names.update(target_names(getattr(node, "name", node)))
        else:
            names.update(bound_names(node))
        names.update(made.name for made in getattr(node, "type_params", ()))
        for suite in suites(node):
            todo += suite
    return frozenset(names)


def suites(statement: ast.AST) -> Iterator[list[ast.AST]]:
    """Return the suites of a statement, its handlers and cases, each as it stands there."""
    for name in SUITES.get(statement.__class__, ()):
        inner = getattr(statement, name, None)
        if inner:
            yield inner


def parted(node: ast.AST) -> tuple[list[ast.AST], list[ast.AST]]:
    """Return the statements and clauses in a statement, and what stands in itself."""
    inner: list[ast.AST] = []
    own: list[ast.AST] = []
    for name in node._fields:
        value = getattr(node, name, None)
        if isinstance(value, list):
            for one in value:
                if isinstance(one, (ast.stmt, ast.ExceptHandler, ast.match_case)):
                    inner.append(one)
                elif isinstance(one, ast.AST):
                    own.append(one)
        elif isinstance(value, ast.AST):
            own.append(value)
    return inner, own


def first_row(statement: ast.AST) -> int:
    """Return the first row of a statement or handler, that of its first decorator if it has one."""
    assert isinstance(statement, (ast.stmt, ast.ExceptHandler))
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    if not decorators:
        return statement.lineno
    return min(statement.lineno, *(decorator.lineno for decorator in decorators))


def rows_of(statement: ast.AST) -> tuple[int, int]:
    """Return the first and last row of a statement or handler, with its decorators."""
    assert isinstance(statement, (ast.stmt, ast.ExceptHandler))
    return first_row(statement), statement.end_lineno or statement.lineno


def words_in(node: ast.AST) -> Iterator[str]:
    """Return all names, those of a dotted one one by one, and strings in a node."""
    stack: list[object] = [node]
    while stack:
        part = stack.pop()
        if isinstance(part, str):
            yield part
            if "." in part:
                yield from part.split(".")
        elif isinstance(part, bytes):
            yield part.decode("latin-1")
        elif isinstance(part, list):
            stack += part
        elif isinstance(part, ast.AST):
            stack += (getattr(part, name, None) for name in part._fields)
