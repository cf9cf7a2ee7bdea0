"""A scan that leaves out what fails, and what it has gathered."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

import libcst as cst

from bedev_lint.model import Options
from bedev_lint.options import texts
from bedev_lint.syntax.handling.handlers import (
    Handler,
    Try,
    called_name,
    following,
    is_name,
    loop_around,
    own,
    statements,
)
from bedev_lint.syntax.handling.tries import call_of, root, skipped, targets
from bedev_lint.syntax.module import Module
from bedev_lint.syntax.scopes import target_names

__all__ = ["counts", "gathered", "is_one_of_several", "keeps_apart"]


def is_one_of_several(handler: Handler, tried: Try, module: Module, options: Options) -> bool:
    """Return whether a scan leaves out what fails, and what it has gathered is looked at later.

    What it gathers in is a collection, number or flag that was made before the loop, or is
    returned behind it; a generator gives each to its caller.
    """
    loop = loop_around(tried, module)
    if loop is None or any(isinstance(s, cst.Return) for s in statements(handler.body)):
        return False
    left_out = skipped(handler, tried, module)
    if any(isinstance(node, cst.Yield) for part in left_out for node in own(part)):
        return True
    gathering = texts(options, "gathering")
    filled = {root for part in left_out for root in gathered(part, gathering) if root}
    if isinstance(loop, cst.For):
        filled -= {name.value for name in target_names(loop.target)}
    if not filled:
        return False
    after = [node for statement in following(loop, module) for node in own(statement)]
    looked_at = filled & {node.value for node in after if isinstance(node, cst.Name)}
    returned = {
        node.value
        for statement in after
        if isinstance(statement, (cst.Return, cst.Yield))
        for node in own(statement)
        if isinstance(node, cst.Name)
    }
    return bool(looked_at & (returned | _made_outside(loop, module)))


def keeps_apart(handler: Handler, module: Module, options: Options) -> bool:
    """Return whether a handler puts what has failed into a collection that holds nothing else.

    The function fills it in handlers alone, and looks at it somewhere else. Raises PrunedAccess.
    """
    function, gathering = module.function_of(handler), texts(options, "gathering")
    filled = {
        root(call.func)
        for node in own(handler.body)
        if isinstance(node, cst.Expr)
        and (call := call_of(node)) is not None
        and called_name(call) in gathering
        and isinstance(call.func, cst.Attribute)
        and isinstance(call.func.value, cst.Name)
    }
    if not filled or function is None:
        return False
    others = [node for node in own(function.body) if isinstance(node, cst.BaseSmallStatement)]
    filled -= {one for node in others for one in gathered(node, gathering)}
    made = {
        target.value
        for node in others
        if isinstance(node, (cst.Assign, cst.AnnAssign))
        and node.value is not None
        and _makes_collection(node.value)
        for target in targets(node)
        if isinstance(target, cst.Name)
    }
    return any(
        isinstance(node, cst.Name)
        and node.value in filled & made
        and not isinstance(module.parent(node), (cst.AssignTarget, cst.AnnAssign))
        for node in own(function.body)
    )


def counts(handler: Handler, tried: Try, module: Module) -> bool:
    """Return whether a handler counts what fails in a loop, and that is looked at behind it.

    In a number that is not counted up where it works, or in every iteration.
    """
    loop = loop_around(tried, module)
    if not isinstance(loop, cst.For):
        return False
    always = [node for node in statements(loop.body) if isinstance(node, cst.AugAssign)]
    works = [tried.body, *([tried.orelse] if tried.orelse else [])]
    counted = _counted(filter(_counts_up, own(handler.body))) - _counted(always)
    counted -= {name for part in works for name in _counted(own(part))}
    return bool(counted) and any(
        isinstance(node, cst.Name) and node.value in counted
        for statement in following(loop, module)
        for node in own(statement)
    )


def _counted(nodes: Iterable[cst.CSTNode]) -> set[str]:
    return {
        node.target.value
        for node in nodes
        if isinstance(node, cst.AugAssign) and isinstance(node.target, cst.Name)
    }


def _counts_up(node: cst.CSTNode) -> bool:
    return (
        isinstance(node, cst.AugAssign)
        and isinstance(node.operator, cst.AddAssign)
        and isinstance(node.value, cst.Integer)
        and node.value.evaluated_value != 0
    )


def gathered(part: cst.CSTNode, gathering: Collection[str]) -> Iterator[str]:
    """Return the names of what something is put in: `x.append(…)`, `x[k] = …`, `x += …`."""
    for node in own(part):
        if isinstance(node, cst.Expr):
            call = call_of(node)
            if call is not None and called_name(call) in gathering:
                yield root(call.func)
        elif isinstance(node, cst.AugAssign):
            yield root(node.target)
        elif isinstance(node, (cst.Assign, cst.AnnAssign)):
            is_flag = node.value is not None and is_name(node.value, "True", "False")
            for target in targets(node):
                if is_flag or isinstance(target, (cst.Subscript, cst.Attribute)):
                    yield root(target)


_COLLECTIONS = frozenset(
    "list dict set tuple deque Counter defaultdict OrderedDict copy deepcopy sorted int "
    "namedtuple fromkeys zip bytearray".split()
)
_LITERALS = (
    cst.BaseList,
    cst.BaseSet,
    cst.BaseDict,
    cst.Tuple,
    cst.BaseNumber,
    cst.BaseString,
    cst.BinaryOperation,
)


def _made_outside(loop: cst.CSTNode, module: Module) -> set[str]:
    """Return the names of collections, numbers and flags that are made outside of a loop."""
    function = module.function_of(loop)
    inside = {id(node) for node in own(loop)}
    return {
        target.value
        for node in own(function.body if function is not None else module.tree)
        if isinstance(node, (cst.Assign, cst.AnnAssign)) and id(node) not in inside
        if node.value is not None and _makes_collection(node.value)
        for target in targets(node)
        if isinstance(target, cst.Name)
    }


def _makes_collection(node: cst.CSTNode) -> bool:
    return (
        isinstance(node, _LITERALS)
        or is_name(node, "True", "False", "None")
        or (isinstance(node, cst.Call) and called_name(node) in _COLLECTIONS)
    )
