"""Handlers of the log itself, and of what gathers what its lines say."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from fnmatch import fnmatchcase
from itertools import chain, islice, takewhile

import libcst as cst

from bedev_lint.error_words import ErrorWords
from bedev_lint.names import words
from bedev_lint.syntax.handling.handlers import (
    HANDLERS,
    Handler,
    Try,
    called_name,
    following,
    is_parameter,
    own,
    statements,
    try_of,
)
from bedev_lint.syntax.handling.tries import bound_in, call_of, targets
from bedev_lint.syntax.literals import last_name, text_of
from bedev_lint.syntax.module import NESTED, Module

__all__ = ["is_for_log", "is_in_log", "is_last_resort", "only_call", "told_after", "told_before"]

_BINDS = (cst.Assign, cst.AnnAssign)
_EXTENDS = (*_BINDS, cst.AugAssign)
_IMPORTS = (cst.Import, cst.ImportFrom)
_JUMPS = (cst.Return, cst.Raise, cst.Break, cst.Continue)
# How many statements may stand before what comes right after.
_SOON = 3
# The least status of HTTP that says that something has failed.
_FIRST_ERROR = 400
# So many classes of a module are gone up from one to its base.
_HIGHEST = 5


def is_in_log(handler: Handler, module: Module, bases: Collection[str]) -> bool:
    """Return whether a handler stands in what makes the log, whose errors nobody can be told of.

    That is a class with one of these bases (patterns), or what shows an object to developers.
    """
    for above in module.ancestors(handler):
        if isinstance(above, cst.FunctionDef) and above.name.value == "__repr__":
            return True
        if isinstance(above, cst.ClassDef):
            return _is_kind_of(above, module, bases, _HIGHEST)
    return False


def _is_kind_of(cls: cst.ClassDef, module: Module, bases: Collection[str], depth: int) -> bool:
    """Return whether a class has one of these bases, by way of classes of the same module too."""
    for base in cls.bases:
        name = module.qualified(base.value)
        if name is not None and any(fnmatchcase(name, pattern) for pattern in bases):
            return True
        above = module.bindings(base.value) if isinstance(base.value, cst.Name) else ()
        if depth and any(
            isinstance(one, cst.ClassDef) and _is_kind_of(one, module, bases, depth - 1)
            for one in above
        ):
            return True
    return False


def is_last_resort(tried: Try, module: Module, outputs: Collection[str]) -> bool:
    """Return whether all that a `try` does is to write where errors are told in the end."""
    calls = [call_of(statement) for statement in statements(tried.body)]
    return all(
        call is not None
        and any(fnmatchcase(module.qualified(call.func) or "", pattern) for pattern in outputs)
        for call in calls
    )


def is_for_log(handler: Handler, tried: Try, module: Module, methods: Collection[str]) -> bool:
    """Return whether all that a `try` and its handler do is to bind names for lines of a log.

    What they bind them to may be imported first.
    """
    function = module.function_of(tried)
    done = [*statements(tried.body), *statements(handler.body)]
    bound = [s for s in done if isinstance(s, _EXTENDS)]
    names = {t.value for s in bound for t in targets(s) if isinstance(t, cst.Name)}
    allowed = (*_EXTENDS, *_IMPORTS, cst.Pass)
    if function is None or not names or not all(isinstance(s, allowed) for s in done):
        return False
    inside = {id(name) for s in bound for t in targets(s) for name in own(t)}
    read = [
        name
        for name in module.below(function.body, cst.Name, nested=True)
        if name.value in names and id(name) not in inside
    ]
    shown = [name for name in read if _is_in_line(name, module, methods)]
    others = (name for name in read if name not in shown)
    return bool(shown) and all(_is_bound(name, module) for name in others)


def _is_in_line(name: cst.Name, module: Module, methods: Collection[str]) -> bool:
    """Return whether a name is put into a line of a log."""
    return any(
        isinstance(above, cst.Call)
        and isinstance(above.func, cst.Attribute)
        and called_name(above) in methods
        for above in module.ancestors(name)
    )


def _is_bound(name: cst.Name, module: Module) -> bool:
    above = module.parent(name)
    if isinstance(above, cst.AugAssign):
        return above.target is name
    return isinstance(above, (cst.AssignTarget, cst.AnnAssign))


def told_after(
    handler: Handler, tried: Try, module: Module, names: Collection[str], tells: ErrorWords
) -> list[cst.Call]:
    """Return the calls behind a `try` that may tell of the error of which it gathers a detail.

    Right behind it those of these names; or, where nothing is bound, one that is given a text of an
    error or is named for one: that is the way of an error already. Where it stands on such a way,
    and is told anyway, all that come soon on every path; in branches those of the names.
    """
    if any(isinstance(node, _JUMPS) for node in own(handler.body)):
        return []
    after = islice(_after(tried, module), _SOON)
    first = next(after, None)
    call = call_of(first) if isinstance(first, cst.Expr) else None
    bound = bound_in(tried.body, module) | bound_in(handler.body, module)
    if call is not None and (
        called_name(call) in names or (not bound and _says_error(call, tells))
    ):
        return [call]
    if not _only_binds(handler) or not _is_detail(tried, module, tells):
        return []
    calls: list[cst.Call] = []
    for statement in chain([first] if first is not None else [], after):
        if isinstance(statement, (cst.Expr, cst.Return)):
            call = call_of(statement)
            calls += [call] if call is not None else []
        if isinstance(statement, cst.If):
            calls += _in_branches(statement, names)
        if isinstance(statement, _JUMPS):
            break
    return calls


def told_before(tried: Try, module: Module) -> list[cst.Call]:
    """Return the calls before a `try` in the handler around it, which may tell of that error."""
    above = takewhile(lambda above: not isinstance(above, NESTED), module.ancestors(tried))
    around = next((node for node in above if isinstance(node, HANDLERS)), None)
    if around is None:
        return []
    before = takewhile(lambda s: s is not tried, statements(around.body))
    calls = [call_of(s) for s in before if isinstance(s, cst.Expr)]
    return [call for call in calls if call is not None] if tried in statements(around.body) else []


def _says_error(call: cst.Call, tells: ErrorWords) -> bool:
    """Return whether a call tells of an error by its name, or by a text that it is given."""
    return tells.in_name(called_name(call)) or any(
        isinstance(node, cst.BaseString) and tells.in_text(text_of(node))
        for arg in call.args
        for node in own(arg)
    )


def _after(tried: Try, module: Module) -> Iterator[cst.CSTNode]:
    """Return what follows a `try`, and behind the handlers around it what follows their own."""
    current: Try | None = tried
    while current is not None:
        yield from following(current, module)
        above = takewhile(lambda above: not isinstance(above, NESTED), module.ancestors(current))
        around = next((node for node in above if isinstance(node, HANDLERS)), None)
        current = try_of(around, module) if around is not None else None


def _only_binds(handler: Handler) -> bool:
    return all(
        isinstance(node, (*_BINDS, cst.Pass))
        for node in own(handler.body)
        if isinstance(node, cst.BaseSmallStatement)
    )


def _in_branches(branch: cst.If, names: Collection[str]) -> list[cst.Call]:
    """Return the calls of these names of an `if`, where each of its ways has one."""
    calls: list[cst.Call] = []
    clause: cst.If | cst.Else | None = branch
    while clause is not None:
        calls_in_clause = [
            c for c in map(call_of, statements(clause.body)) if c and called_name(c) in names
        ]
        if not calls_in_clause:
            return []
        calls += calls_in_clause
        if isinstance(clause, cst.Else):
            return calls
        clause = clause.orelse
    return []


def _is_detail(tried: Try, module: Module, tells: ErrorWords) -> bool:
    """Return whether a `try` reads of an error that is there already, as what is around it says.

    It reads of what a handler has caught, of what the conditions around ask for, or, in a function
    that is named for errors, of what that is given.
    """
    names_of_error: set[str] = set()
    child: cst.CSTNode = tried
    for above in module.ancestors(tried):
        if isinstance(above, HANDLERS) and above.name is not None:
            names_of_error |= _names_in(above.name)
            return not names_of_error.isdisjoint(_names_in(tried.body))
        if isinstance(above, cst.If) and child is above.body:
            names_of_error |= _names_in(above.test)
            if _asks_error(above.test, tells):
                return not names_of_error.isdisjoint(_names_in(tried.body))
        if isinstance(above, cst.FunctionDef):
            return tells.in_name(above.name.value) and any(
                is_parameter(node, module) for node in own(tried.body)
            )
        if isinstance(above, NESTED):
            return False
        child = above
    return False


def _names_in(node: cst.CSTNode) -> set[str]:
    return {name.value for name in own(node) if isinstance(name, cst.Name)} - {"self"}


def _asks_error(test: cst.CSTNode, tells: ErrorWords) -> bool:
    """Return whether a condition holds where something has failed: `not answer.ok`."""
    if isinstance(test, cst.BooleanOperation):
        return _asks_error(test.left, tells) or _asks_error(test.right, tells)
    if isinstance(test, cst.UnaryOperation) and isinstance(test.operator, cst.Not):
        return not tells.success.isdisjoint(words(last_name(test.expression) or ""))
    if isinstance(test, cst.Comparison):
        operator, value = test.comparisons[0].operator, test.comparisons[0].comparator
        status = not tells.status.isdisjoint(words(last_name(test.left) or ""))
        return status and (
            isinstance(operator, (cst.NotEqual, cst.NotIn, cst.GreaterThan, cst.GreaterThanEqual))
            or (isinstance(value, cst.Integer) and value.evaluated_value >= _FIRST_ERROR)
        )
    return tells.in_name(last_name(test) or "")


def only_call(block: cst.CSTNode, names: Collection[str]) -> list[cst.Call]:
    """Return the one call that a block consists of, if it is named for a line of a log.

    A method of such a name, or anything whose name ends in it: `terminal_debug`.
    """
    done = statements(block)
    call = call_of(done[0]) if len(done) == 1 and isinstance(done[0], cst.Expr) else None
    if call is None:
        return []
    name = called_name(call)
    is_method = isinstance(call.func, cst.Attribute) and name in names
    return [call] if is_method or _names_line(name, names) else []


def _names_line(name: str, names: Collection[str]) -> bool:
    """Return whether a name of several words ends in one of these."""
    return len(words(name)) > 1 and words(name)[-1] in names
