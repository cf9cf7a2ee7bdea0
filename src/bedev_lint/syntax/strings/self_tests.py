"""Which literals a module only tests itself with, though it is production code."""

from __future__ import annotations

import ast
from collections.abc import Collection
from functools import lru_cache

import libcst as cst

from bedev_lint.names import words
from bedev_lint.source.nodes import bound_names
from bedev_lint.syntax.literals import last_name
from bedev_lint.syntax.module import Module
from bedev_lint.syntax.scopes import assigned

__all__ = ["is_for_runner", "is_self_test"]

_BEGINNINGS = (("test",), ("selftest",), ("self", "test"))
_TABLES = (("tests",), ("testcases",), ("test", "cases"), ("test", "data"), ("test", "vectors"))


def is_self_test(node: cst.CSTNode, module: Module) -> bool:
    """Return whether a literal is what a module tests itself with.

    In an `assert` of the module, or in what is run by hand and asserts something; in a function of
    tests (by its name) that asserts something or is called by hand alone; in a table that a loop of
    asserts goes over, that only such functions use, or that is one of tests by its name:
    `PRICE_TESTS = [("1,00", 100)]`.
    Raises PrunedAccess.
    """
    for parent in module.ancestors(node):
        if isinstance(parent, cst.FunctionDef):
            return _is_named_test(parent.name.value) and (
                _asserts(parent, module) or parent.name.value in _tests_and_tables(module)
            )
        if isinstance(parent, cst.ClassDef):
            return False
        if isinstance(parent, cst.Assert) and module.function_of(parent) is None:
            return True
        if isinstance(parent, cst.If) and "__name__" in module.code(parent.test):
            return _asserts(parent.body, module)
        if isinstance(parent, (cst.Assign, cst.AnnAssign)) and module.function_of(parent) is None:
            names = [last_name(target) or "" for target in assigned(parent)]
            if any(_is_table(name) or name in _tests_and_tables(module) for name in names):
                return True
    return False


def is_for_runner(
    node: cst.CSTNode, module: Module, configuring: Collection[str], running: Collection[str]
) -> bool:
    """Return whether a literal is a setting with which a module runs tests, and nothing else.

    It is given to one of the functions `configuring` (dotted names), where the module has one of
    the words `running` in a name besides, or as a text: `settings.configure(KEY="…")` before
    `run_tests()` or `call_command("test")`.
    """
    for parent in module.ancestors(node):
        if isinstance(parent, cst.Call) and module.qualified(parent.func) in configuring:
            return _speaks_of(module, frozenset(running))
    return False


@lru_cache(maxsize=1)
def _speaks_of(module: Module, sought: frozenset[str]) -> bool:
    return any(not sought.isdisjoint(_said(one)) for one in ast.walk(module.by_python))


def _said(node: ast.AST) -> tuple[str, ...]:
    """Return the words of a name, of what is imported, or of a text."""
    if isinstance(node, ast.Name):
        return words(node.id)
    if isinstance(node, ast.Attribute):
        return words(node.attr)
    if isinstance(node, ast.alias):
        return words(node.name)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return (node.value,)
    return ()


def _is_named_test(name: str) -> bool:
    return any(words(name)[: len(begin)] == begin for begin in _BEGINNINGS)


def _is_table(name: str) -> bool:
    parts = words(name)
    is_of_tests = parts[:1] == ("test",) and parts[-1].endswith("s") and name.islower()
    return is_of_tests or any(parts[-len(end) :] == end for end in _TABLES)


def _asserts(scope: cst.CSTNode, module: Module) -> bool:
    return any(True for _ in module.below(scope, cst.Assert))


@lru_cache(maxsize=1)
def _tests_and_tables(module: Module) -> frozenset[str]:
    """Return the names of a module that are used by its own tests, or by hand, and nowhere else."""
    body = module.by_python.body
    tests = {statement for statement in body if _is_test(statement)}
    if not tests:
        return frozenset()
    tested = frozenset().union(*map(_names, tests))
    for statement in body:
        if tested and statement not in tests:
            tested -= _names(statement)
    return tested


def _is_test(statement: ast.stmt) -> bool:
    """Return whether a statement of a module asserts in a loop or a test, or is run by hand."""
    if isinstance(statement, ast.If):
        return isinstance(statement.test, ast.Compare) and "__name__" in _names(statement.test)
    if not isinstance(statement, (ast.For, ast.FunctionDef, ast.AsyncFunctionDef)):
        return False
    is_named = isinstance(statement, ast.For) or _is_named_test(statement.name)
    return is_named and any(isinstance(one, ast.Assert) for one in ast.walk(statement))


def _names(node: ast.AST) -> frozenset[str]:
    """Return the names that something uses, besides those that it binds itself."""
    used: set[str] = set()
    bound: set[str] = set()
    for one in ast.walk(node):
        if isinstance(one, ast.Name):
            used.add(one.id)
        else:
            bound.update(bound_names(one))
    return frozenset(used - bound)
