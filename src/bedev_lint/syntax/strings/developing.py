"""Which literals are only for developers, by the conditions around them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

import libcst as cst

from bedev_lint.names import words
from bedev_lint.syntax.handling.handlers import is_name
from bedev_lint.syntax.literals import last_name
from bedev_lint.syntax.module import Module
from bedev_lint.syntax.scopes import assigned, dotted
from bedev_lint.syntax.walk import one_by_one

__all__ = ["is_for_developers", "is_replaced_for_others"]

_ASSIGNMENTS = (cst.Assign, cst.AnnAssign)


def is_for_developers(node: cst.CSTNode, module: Module, flags: Collection[str]) -> bool:
    """Return whether a literal is used only on a developer's machine, or by who starts the module.

    The condition of an `if` around it asks for one of the words `flags`, or for `__name__`; or one
    of its branches, around it, says so: `else: DEBUG = True`; or it asks for all others, and this
    is its `else`.
    """
    child = node
    for parent in module.ancestors(node):
        if isinstance(parent, (cst.If, cst.IfExp)):
            if child is parent.body and not _words_tested(parent.test).isdisjoint(flags):
                return True
            if child is parent.orelse and _leaves_out(parent.test, module, flags):
                return True
        if isinstance(parent, (cst.If, cst.Else)):
            if child is parent.body and _turns_on(parent.body, flags):
                return True
        elif isinstance(parent, (cst.FunctionDef, cst.ClassDef)):
            return False
        child = parent
    return False


def is_replaced_for_others(node: cst.CSTNode, module: Module, flags: Collection[str]) -> bool:
    """Return whether only developers get a literal, and others what is no literal.

    The conditions ask for one of the words `flags`: `if DEBUG: KEY = "…"`, with `KEY = env("KEY")`
    under its `elif` or `else` or in a line beside it; `"…" if DEBUG else env("KEY")`. Or they ask
    for all others, and the two have changed places: `if not DEBUG: KEY = env("KEY")`.
    """
    statement = module.statement_of(node)
    child = node
    for parent in module.ancestors(node):
        if isinstance(parent, cst.IfExp):
            if child is parent.body and _asks(parent.test, module, flags):
                return _is_made(parent.orelse)
            if child is parent.orelse and _leaves_out(parent.test, module, flags):
                return _is_made(parent.body)
        elif isinstance(parent, cst.If):
            if child is parent.body and _asks(parent.test, module, flags):
                return _is_made_in(_assignments_instead(parent, module), statement)
            if child is parent.orelse and _leaves_out(parent.test, module, flags):
                return _is_made_in(_assignments(parent.body), statement)
        elif isinstance(parent, (cst.FunctionDef, cst.ClassDef)):
            return False
        child = parent
    return False


def _turns_on(branch: cst.BaseSuite, flags: Collection[str]) -> bool:
    """Return whether a branch sets a flag with one of these words at its end: `DEBUG = True`."""
    return any(
        one.value is not None
        and is_name(one.value, "True")
        and any(word in flags for name in _targets(one) for word in words(name)[-1:])
        for one in _assignments(branch)
    )


def _asks(test: cst.BaseExpression, module: Module, flags: Collection[str]) -> bool:
    """Return whether a condition holds for developers alone, which is not always so here."""
    if isinstance(test, cst.BooleanOperation):
        sides = [_asks(side, module, flags) for side in (test.left, test.right)]
        return all(sides) if isinstance(test.operator, cst.Or) else any(sides)
    is_on = isinstance(test, cst.Name) and any(
        isinstance(binder, _ASSIGNMENTS)
        and binder.value is not None
        and is_name(binder.value, "True")
        for binder in module.bindings(test)
    )
    return not is_on and not _words_tested(test).isdisjoint(flags)


def _leaves_out(test: cst.BaseExpression, module: Module, flags: Collection[str]) -> bool:
    """Return whether a condition fails for developers alone: `not DEBUG`, `env != "dev"`."""
    if isinstance(test, cst.BooleanOperation):
        sides = [_leaves_out(side, module, flags) for side in (test.left, test.right)]
        return any(sides) if isinstance(test.operator, cst.Or) else all(sides)
    if isinstance(test, cst.UnaryOperation) and isinstance(test.operator, cst.Not):
        return _asks(test.expression, module, flags)
    if isinstance(test, cst.Comparison) and len(test.comparisons) == 1:
        target = test.comparisons[0]
        return isinstance(target.operator, (cst.NotEqual, cst.NotIn)) and any(
            not _words_tested(side).isdisjoint(flags) for side in (test.left, target.comparator)
        )
    return False


def _is_made_in(instead: Iterable[cst.Assign | cst.AnnAssign], statement: cst.CSTNode) -> bool:
    """Return whether one of these gives what a statement gives, and has not written it down."""
    targets = _targets(statement)
    return bool(targets) and any(
        _targets(one) == targets and one.value is not None and _is_made(one.value)
        for one in instead
    )


def _is_made(value: cst.BaseExpression) -> bool:
    """Return whether a value is looked up or computed, and not written down."""
    while isinstance(value, cst.BooleanOperation):
        value = value.left
    if isinstance(value, (cst.Dict, cst.List, cst.Tuple)):
        return any(_is_made(entry.value) for entry in value.elements)
    return isinstance(value, (cst.Attribute, cst.Call, cst.Subscript))


def _targets(statement: cst.CSTNode) -> set[str]:
    if not isinstance(statement, _ASSIGNMENTS):
        return set()
    return {name for target in assigned(statement) if (name := dotted(target))}


def _assignments_instead(branch: cst.If, module: Module) -> Iterator[cst.Assign | cst.AnnAssign]:
    """Return the assignments of the branches behind this one, and of the lines beside it."""
    other = branch.orelse
    while other is not None:
        yield from _assignments(other.body)
        other = other.orelse if isinstance(other, cst.If) else None
    around = module.parent(branch)
    while isinstance(around, cst.If):
        around = module.parent(around)
    if isinstance(around, (cst.Module, cst.IndentedBlock)):
        yield from _assignments(around)


def _assignments(block: cst.Module | cst.BaseSuite) -> Iterator[cst.Assign | cst.AnnAssign]:
    return (one for one in one_by_one(block.body) if isinstance(one, _ASSIGNMENTS))


def _words_tested(test: cst.BaseExpression) -> set[str]:
    """Return the words of what a condition asks for: of `DEBUG`, `env == "dev"`, `a and b`."""
    if isinstance(test, cst.BooleanOperation):
        return _words_tested(test.left) | _words_tested(test.right)
    if isinstance(test, cst.Call):
        return _words_tested(test.func)
    if isinstance(test, cst.Comparison):
        (target, *others) = test.comparisons
        is_equal = isinstance(target.operator, (cst.Equal, cst.In, cst.Is)) and not others
        sides = (test.left, target.comparator) if is_equal else ()
        return {word for side in sides for word in _words_tested(side)}
    if isinstance(test, (cst.List, cst.Set, cst.Tuple)):
        return {word for one in test.elements for word in _words_tested(one.value)}
    return set(words(Module.string(test) or last_name(test) or ""))
