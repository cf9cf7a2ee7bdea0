"""What the parts of a `try` bind, call and leave out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

import libcst as cst

from bedev_lint.names import any_match
from bedev_lint.syntax.handling.handlers import (
    Handler,
    Try,
    called_name,
    caught,
    following,
    is_falsy,
    loop_around,
    own,
    statements,
    try_of,
)
from bedev_lint.syntax.module import Module
from bedev_lint.syntax.scopes import assigned
from bedev_lint.syntax.walk import PrunedAccess, is_left_out, names_left_out, one_by_one

__all__ = [
    "Bound",
    "all_match",
    "assigned_before",
    "bound_in",
    "call_of",
    "called_in",
    "caught_before",
    "continues",
    "is_empty_before",
    "only_calls",
    "only_dispatches",
    "root",
    "skipped",
    "targets",
]

Bound = cst.Assign | cst.AnnAssign


def all_match(names: Iterable[str], patterns: Collection[str]) -> bool:
    """Return whether each class, by its dotted or its last name, matches one of the patterns."""
    listed = tuple(patterns)
    return all(any_match((name, name.split(".")[-1]), listed) for name in names)


def caught_before(handler: Handler, module: Module) -> set[str]:
    """Return the dotted names of what earlier handlers of the same `try` catch."""
    names: set[str] = set()
    for other in try_of(handler, module).handlers:
        if other is handler:
            break
        names.update(caught(other, module))
    return names


def called_in(block: cst.CSTNode) -> set[str]:
    """Return the last names of what a block calls."""
    return {called_name(node) for node in own(block) if isinstance(node, cst.Call)}


def call_of(statement: cst.CSTNode) -> cst.Call | None:
    """Return the call that a statement consists of, awaited or not, by `yield` too."""
    value = getattr(statement, "value", None)
    value = value.value if isinstance(value, cst.Yield) else value
    value = value.expression if isinstance(value, cst.Await) else value
    return value if isinstance(value, cst.Call) else None


def only_calls(block: cst.CSTNode, allowed: Collection[str], telling: Collection[str] = ()) -> bool:
    """Return whether a block holds such calls only; what they are of may be set to None.

    `allowed` are patterns of their names, `telling` those of calls that only tell of them.
    """
    has_calls = False
    for node in own(block):
        if isinstance(node, (cst.Assign, cst.AnnAssign)):
            if node.value is None or not is_falsy(node.value):
                return False
        elif isinstance(node, cst.Expr):
            call = call_of(node)
            if call is None:
                return False
            name = called_name(call).lstrip("_")
            if all_match([name], allowed):
                has_calls = True
            elif not all_match([name], telling):
                return False
        elif isinstance(node, cst.BaseSmallStatement) and not isinstance(node, cst.Pass):
            return False
    return has_calls


def only_dispatches(block: cst.CSTNode) -> bool:
    """Return whether a block only hands on: it chooses a function, calls it, returns what it gave.

    What that is given is there already: nothing else is called for it.
    """
    calls = [node for node in own(block) if isinstance(node, cst.Call)]
    done = [node for node in own(block) if isinstance(node, cst.BaseSmallStatement)]
    return bool(calls) and all(
        isinstance(one, (cst.Pass, cst.Break, cst.Continue))
        or (isinstance(one, (cst.Expr, cst.Return)) and _hands_on(one))
        for one in done
    )


def _hands_on(statement: cst.Expr | cst.Return) -> bool:
    """Return whether a statement is one call, of names and attributes with plain arguments."""
    call = call_of(statement)
    if call is None:
        return statement.value is None or isinstance(statement.value, cst.BaseString)
    calls = (called_name(node) for node in own(call) if isinstance(node, cst.Call))
    return sum(name != "super" for name in calls) == 1


def continues(handler: Handler) -> bool:
    """Return whether a handler goes on with the next iteration."""
    return any(isinstance(statement, cst.Continue) for statement in statements(handler.body))


def bound_in(block: cst.CSTNode, module: Module) -> set[str]:
    """Return what the statements of a block assign to, as it is written."""
    assignments = (node for node in own(block) if isinstance(node, (cst.Assign, cst.AnnAssign)))
    return {module.code(target) for node in assignments for target in targets(node)}


def targets(node: Bound | cst.AugAssign) -> Iterator[cst.BaseExpression]:
    """Return what an assignment binds, tuples taken apart."""
    stack = [*assigned(node)]
    while stack:
        target = stack.pop()
        if isinstance(target, (cst.Tuple, cst.List)):
            stack += [element.value for element in target.elements]
        else:
            yield target


def skipped(handler: Handler, tried: Try, module: Module) -> list[cst.CSTNode]:
    """Return the code that is not run to its end where the handler is run."""
    # `continue` leaves out the rest of the iteration as well.
    left_out: list[cst.CSTNode] = [tried.body, *([tried.orelse] if tried.orelse else [])]
    loop = loop_around(tried, module)
    if continues(handler) and loop is not None:
        for statement in following(tried, module):
            if not any(above is loop for above in module.ancestors(statement)):
                break
            left_out.append(statement)
    return left_out


def root(node: cst.CSTNode) -> str:
    """Return the name that an access begins with: `a` of `a.b[c].d()`."""
    while True:
        if isinstance(node, (cst.Attribute, cst.Subscript)):
            node = node.value
        elif isinstance(node, cst.Call):
            node = node.func
        else:
            return node.value if isinstance(node, cst.Name) else ""


def _may_bind(left_out: cst.CSTNode, names: Iterable[str]) -> bool:
    """Return whether what was left out here may bind one of these names, or places."""
    bound = names_left_out(left_out)
    return any(name in bound or not name.isidentifier() for name in names)


def is_empty_before(names: Collection[str], tried: Try, module: Module) -> bool:
    """Return whether one of these names is bound to something empty on the way to a `try`.

    In the same function and iteration, and last: nothing else is bound to it in between. Raises
    PrunedAccess.
    """
    if module.function_of(tried) is None:
        return False
    child: cst.CSTNode = tried
    for above in module.ancestors(tried):
        if isinstance(above, cst.IndentedBlock):
            before = above.body[: module.place(child, above, above.body)]
            nodes = [node for block in before for node in own(block, whole=False)]
            for statement in reversed(nodes):
                if is_left_out(statement) and _may_bind(statement, names):
                    raise PrunedAccess
                if isinstance(statement, (cst.Assign, cst.AnnAssign)) and any(
                    module.code(target) in names for target in targets(statement)
                ):
                    return statement.value is not None and is_falsy(statement.value)
        elif not isinstance(above, (cst.If, cst.Else, cst.With)):
            return False
        child = above
    return False


def assigned_before(tried: Try, module: Module) -> Iterator[Bound]:
    """Return the assignments that stand directly before a statement, nearest first."""
    child: cst.CSTNode = tried
    for above in module.ancestors(tried):
        if isinstance(above, (cst.IndentedBlock, cst.Module)):
            for place in range(module.place(child, above, above.body) - 1, -1, -1):
                for statement in reversed(list(one_by_one([above.body[place]]))):
                    if not isinstance(statement, (cst.Assign, cst.AnnAssign)):
                        return
                    yield statement
        elif not isinstance(above, (cst.If, cst.Else, cst.With)):
            return
        child = above
