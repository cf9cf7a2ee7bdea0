"""Which handlers may answer a request, told without LibCST: more than do, never fewer."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from fnmatch import fnmatchcase
from itertools import chain

from bedev_lint.model import Options
from bedev_lint.names import words
from bedev_lint.options import texts
from bedev_lint.prefilter.index import PrefilterIndex
from bedev_lint.source import (
    BROAD,
    DEFINITIONS,
    Rows,
    bound_names,
    dotted_name,
    parted,
    words_in,
)

__all__ = [
    "errors_of_infrastructure",
    "is_judging",
    "last_name",
    "may_be_unforeseen",
    "parts_of_answers",
    "row_of_other_work",
]

_CLASSES = frozenset(dir(builtins))
# What is returned so may be a response that was made elsewhere.
_OPEN = (ast.Name, ast.Attribute)


def may_be_unforeseen(handler: ast.ExceptHandler, index: PrefilterIndex, options: Options) -> bool:
    """Return False only for a handler that is neither broad nor of infrastructure errors."""
    if handler.type is None:
        return True
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    if not index.naming(BROAD).isdisjoint(words_in(handler.type)):
        return True
    return any(_may_be(kind, index, options) for kind in kinds)


def _may_be(kind: ast.expr, index: PrefilterIndex, options: Options) -> bool:
    name = dotted_name(kind)
    last = name.split(".")[-1]
    if not last or index.binds(last):
        return True
    listed = errors_of_infrastructure(options)
    if any(fnmatchcase(last, pattern.split(".")[-1]) for pattern in listed):
        return True
    return (
        last not in _CLASSES
        and not any(fnmatchcase(last, pattern) for pattern in texts(options, "own-errors"))
        and set(words(last)[-1:]) <= {*texts(options, "infrastructure-words")}
    )


def errors_of_infrastructure(options: Options) -> tuple[str, ...]:
    """Return the patterns of the errors that are no fault of the input, by all options for them."""
    return (*texts(options, "infrastructure-errors"), *texts(options, "quoting-errors"))


def parts_of_answers(
    handler: ast.ExceptHandler, index: PrefilterIndex, options: Options
) -> Iterator[ast.expr]:
    """Return what a handler may answer with: what it raises, returns, or aborts by."""
    aborting = index.naming(frozenset(texts(options, "aborting")))
    raising = frozenset(texts(options, "raising-words"))
    own = frozenset(texts(options, "own-answers"))
    answered: set[str] = set()
    bound: list[ast.Assign] = []
    for node in (node for statement in handler.body for node in ast.walk(statement)):
        value = _answered(node, aborting, raising, own)
        if value is not None and not _is_plain(value, options):
            yield value
        if isinstance(node, (ast.Raise, ast.Return)):
            given = node.exc if isinstance(node, ast.Raise) else node.value
            answered |= {given.id} if isinstance(given, ast.Name) else set()
        elif isinstance(node, ast.Assign):
            bound.append(node)
    # What is called for a name that is raised or returned.
    for node in bound:
        made = node.value.value if isinstance(node.value, ast.Await) else node.value
        if isinstance(made, ast.Call) and not _is_plain(made, options):
            yield from [made] if not answered.isdisjoint(bound_names(node)) else []


def _answered(
    node: ast.AST, aborting: frozenset[str], raising: frozenset[str], own: frozenset[str]
) -> ast.expr | None:
    if isinstance(node, ast.Raise):
        return node.exc
    if isinstance(node, ast.Return):
        return None if isinstance(node.value, _OPEN) else node.value
    if not isinstance(node, ast.Expr):
        return None
    call = node.value.value if isinstance(node.value, ast.Await) else node.value
    if not isinstance(call, ast.Call):
        return None
    is_raising = not raising.isdisjoint(words(last_name(call.func)))
    may_abort = is_raising or not aborting.isdisjoint(words_in(call.func))
    return node.value if may_abort or _is_own(call.func, own) else None


def _is_own(func: ast.expr, names: frozenset[str]) -> bool:
    """Return whether a call is one of these methods of the object itself: `self.finish()`."""
    return (
        isinstance(func, ast.Attribute)
        and func.attr in names
        and isinstance(func.value, ast.Name)
        and func.value.id == "self"
    )


def _is_plain(value: ast.expr, options: Options) -> bool:
    """Return whether a value is no answer for certain: None, a flag, a built-in exception."""
    if isinstance(value, ast.Call):
        name = value.func.id if isinstance(value.func, ast.Name) else ""
        return name in _CLASSES and name not in texts(options, "making-text")
    return isinstance(value, ast.Constant)


def row_of_other_work(tried: ast.AST, options: Options) -> Rows | None:
    """Return a row on which a `try` calls what judges no input, None if it has none."""
    stack: list[ast.AST] = list(getattr(tried, "body", ()))
    while stack:
        statement = stack.pop()
        if isinstance(statement, (*DEFINITIONS, ast.ExceptHandler)):
            continue
        inner, own = parted(statement)
        for node in chain.from_iterable(map(ast.walk, own)):
            if isinstance(node, ast.Call):
                name = dotted_name(node.func) or last_name(node.func)
                if name and not is_judging(name, options):
                    return node.lineno, node.lineno
        stack += inner
    return None


def is_judging(name: str, options: Options) -> bool:
    """Return whether what is called so parses, converts, decodes or checks what it is given.

    The name is dotted, where it is known as a whole.
    """
    last = name.rpartition(".")[2]
    return last not in texts(options, "exporting-names") and (
        last[:1].isupper()
        or last in texts(options, "judging-names")
        or not {*words(last)}.isdisjoint(texts(options, "judging"))
        or any(fnmatchcase(name, pattern) for pattern in texts(options, "judging-calls"))
    )


def last_name(node: ast.AST) -> str:
    """Return the last part of a name as it is written, "" for what is none."""
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
