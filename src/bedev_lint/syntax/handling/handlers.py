"""What rules about `try` share: what a handler catches, what it runs, and whether it comes back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import takewhile

import libcst as cst

from bedev_lint.source import BROAD
from bedev_lint.syntax.module import NESTED, Module
from bedev_lint.syntax.walk import children, one_by_one, rows_left_out

__all__ = [
    "HANDLERS",
    "Handler",
    "Try",
    "aborts",
    "always",
    "asks_for_key",
    "awaits",
    "called_name",
    "caught",
    "ends_process",
    "expand",
    "finals",
    "following",
    "is_falsy",
    "is_name",
    "is_parameter",
    "is_return",
    "loop_around",
    "own",
    "statements",
    "try_of",
    "way_to_raise",
    "written",
]

Handler = cst.ExceptHandler | cst.ExceptStarHandler
Try = cst.Try | cst.TryStar
HANDLERS = (cst.ExceptHandler, cst.ExceptStarHandler)

# What is not run where it stands.
_APART = frozenset({*HANDLERS, *NESTED})
_LOOPS = (cst.For, cst.While)
_EXITS = frozenset({"sys.exit", "os._exit", "os.abort", "exit", "quit"})
_EXIT_CLASSES = frozenset({"SystemExit", "KeyboardInterrupt"})
# What comes after more statements than so many is no answer to an error.
_FOLLOWING = 50


# ---------------------------------------------------------------- what is caught


def caught(handler: Handler, module: Module) -> list[str]:
    """Return the dotted names of what a handler catches; a bare one catches `BaseException`.

    Tuples are taken apart, those that a name of this module stands for too.
    """
    if handler.type is None:
        return ["BaseException"]
    return list(expand(handler.type, module))


def expand(node: cst.CSTNode, module: Module, depth: int = 0) -> Iterator[str]:
    """Return the dotted names of the classes in an expression: a class, or tuples of classes."""
    if isinstance(node, cst.Tuple):
        for element in node.elements:
            yield from expand(element.value, module, depth)
    elif isinstance(node, cst.BinaryOperation):
        yield from expand(node.left, module, depth)
        yield from expand(node.right, module, depth)
    elif isinstance(node, cst.Call):
        yield from expand(node.func, module, depth)
    else:
        value = _bound_group(node, module) if depth < 3 else None
        if value is not None:
            yield from expand(value, module, depth + 1)
        else:
            name = module.qualified(node) or module.dotted(node) or ""
            if not name and isinstance(node, cst.Attribute):  # of a class that a call gives
                name = f"?.{node.attr.value}"
            yield name.removeprefix("builtins.")


def _bound_group(node: cst.CSTNode, module: Module) -> cst.CSTNode | None:
    """Return the tuple or call (`get_cancelled_exc_class()`) that a name stands for."""
    if not isinstance(node, cst.Name):
        return None
    binders = module.bindings(node)
    if len(binders) != 1 or not isinstance(binders[0], (cst.Assign, cst.AnnAssign)):
        return None
    value = binders[0].value
    return value if isinstance(value, (cst.Tuple, cst.BinaryOperation, cst.Call)) else None


# ---------------------------------------------------------------- what is run


def try_of(handler: Handler, module: Module) -> Try:
    """Return the `try` of a handler."""
    parent = module.parent(handler)
    assert isinstance(parent, (cst.Try, cst.TryStar))
    return parent


def own(node: cst.CSTNode, *, backwards: bool = False, whole: bool = True) -> Iterator[cst.CSTNode]:
    """Return the nodes that running this one runs, in the order of the source, or `backwards`.

    Left out: handlers nested in it, functions and classes defined in it. Raises PrunedAccess,
    unless it need not be the `whole` of it.
    """
    stack = [node]
    while stack:
        current = stack.pop()
        if current is not node and current.__class__ in _APART:
            continue
        yield current
        below = children(current, whole=whole)
        stack.extend(below if backwards else reversed(below))


def statements(block: cst.CSTNode, *, whole: bool = True) -> list[cst.CSTNode]:
    """Return the statements of a block or module, simple ones one by one.

    Raises PrunedAccess, unless it need not be the `whole` of it.
    """
    return list(one_by_one(getattr(block, "body", ()), whole=whole))


def asks_for_key(call: cst.Call) -> bool:
    """Return whether a call looks something up in a mapping by a text: `order.get("total", 0)`."""
    key = call.args[0] if call.args else None
    is_text = key is not None and key.keyword is None and isinstance(key.value, cst.SimpleString)
    return is_text and called_name(call) == "get"


def called_name(call: cst.Call) -> str:
    """Return the last name of what is called: `close` of `self.x().close()`, else ""."""
    func = call.func
    if isinstance(func, cst.Attribute):
        return func.attr.value
    return func.value if isinstance(func, cst.Name) else ""


def awaits(block: cst.CSTNode) -> bool:
    """Return whether a block awaits something: where nothing is awaited, nothing is cancelled."""
    return any(
        isinstance(node, cst.Await)
        or (isinstance(node, (cst.For, cst.With, cst.CompFor)) and node.asynchronous is not None)
        for node in own(block)
    )


def written(node: cst.CSTNode | None, module: Module) -> list[str]:
    """Return the classes that a handler names, as it writes them."""
    if isinstance(node, cst.Tuple):
        return [name for element in node.elements for name in written(element.value, module)]
    name = module.dotted(node) if node is not None else None
    return [name] if name else []


def following(node: cst.CSTNode, module: Module, *, whole: bool = True) -> Iterator[cst.CSTNode]:
    """Return the statements that come soon after one, outwards to the end of its function.

    After the last statement of a block comes what follows the block's owner. Raises PrunedAccess,
    unless it need not be the `whole` of it.
    """
    child = node
    for above in module.ancestors(node):
        if isinstance(above, (*NESTED, *HANDLERS)):
            return
        if isinstance(above, (cst.IndentedBlock, cst.Module)):
            after = module.place(child, above, above.body) + 1
            yield from one_by_one(above.body[after : after + _FOLLOWING], whole=whole)
        elif isinstance(above, (cst.Try, cst.TryStar)) and above.finalbody not in (None, child):
            yield from statements(above.finalbody.body)
        child = above


def way_to_raise(after: Iterable[cst.CSTNode]) -> Iterator[cst.CSTNode]:
    """Return the statements behind a `try` outside of functions, as far as one may raise.

    Nothing is left out on the way to a `raise`, and what is defined there does not run there.
    """
    kept = takewhile(_is_kept, after)
    return (s for s in kept if not isinstance(s, (cst.FunctionDef, cst.ClassDef)))


def _is_kept(statement: cst.CSTNode) -> bool:
    """Return whether nothing of what a statement runs has been left out."""
    return not any(map(rows_left_out, own(statement, whole=False)))


def finals(tried: Try, module: Module) -> Iterator[list[cst.CSTNode]]:
    """Return the statements of each `finally` that leaving this `try` for good runs."""
    child: cst.CSTNode = tried
    if tried.finalbody is not None:
        yield statements(tried.finalbody.body)
    for above in module.ancestors(tried):
        if isinstance(above, NESTED):
            return
        if isinstance(above, (cst.Try, cst.TryStar)):
            final = above.finalbody
            if final is not None and child is not final:
                yield statements(final.body)
        child = above


# ---------------------------------------------------------------- where control goes


def always(sequence: Iterable[cst.CSTNode], ends: Callable[[cst.CSTNode], bool]) -> bool:
    """Say whether every path through these statements comes to one that `ends` accepts."""
    for statement in sequence:
        if ends(statement) or _always_within(statement, ends):
            return True
        if _jumps(statement):
            return False
    return False


def _always_within(node: cst.CSTNode, ends: Callable[[cst.CSTNode], bool]) -> bool:
    if isinstance(node, cst.If):
        orelse = node.orelse
        if orelse is None or not always(statements(node.body), ends):
            return False
        return (
            _always_within(orelse, ends)
            if isinstance(orelse, cst.If)
            else always(statements(orelse.body), ends)
        )
    if isinstance(node, cst.With):
        return always(statements(node.body), ends)
    if isinstance(node, (cst.Try, cst.TryStar)):
        if node.finalbody is not None and always(statements(node.finalbody.body), ends):
            return True
        tried = [*statements(node.body), *(statements(node.orelse.body) if node.orelse else ())]
        # A handler around the way out does not undo it, unless it catches everything.
        broad = [h for h in node.handlers if h.type is None or _says_broad(h.type)]
        return always(tried, ends) and all(always(statements(h.body), ends) for h in broad)
    if isinstance(node, cst.Match):
        return bool(node.cases) and all(always(statements(c.body), ends) for c in node.cases)
    return False


def _says_broad(node: cst.CSTNode) -> bool:
    return any(isinstance(n, cst.Name) and n.value in BROAD for n in own(node))


def _jumps(node: cst.CSTNode) -> bool:
    if isinstance(node, (cst.For, cst.While)):  # what breaks in a loop goes on behind it
        return any(isinstance(n, cst.Return) for n in own(node))
    return any(isinstance(n, (cst.Return, cst.Break, cst.Continue)) for n in own(node))


def ends_process(node: cst.CSTNode, module: Module) -> bool:
    """Say whether a statement ends the process: `sys.exit()`, `raise SystemExit`."""
    if isinstance(node, cst.Raise) and node.exc is not None:
        return any(name in _EXIT_CLASSES for name in expand(node.exc, module))
    if not isinstance(node, (cst.Expr, cst.Return)) or not isinstance(node.value, cst.Call):
        return False
    name = module.qualified(node.value.func)
    if name == "os.kill" and node.value.args:
        target = node.value.args[0].value
        return isinstance(target, cst.Call) and module.qualified(target.func) == "os.getpid"
    return name in _EXITS


def aborts(node: cst.CSTNode, module: Module, aborting: Collection[str]) -> bool:
    """Say whether a statement answers a request by raising, in one of these calls: `abort(401)`."""
    if not isinstance(node, (cst.Expr, cst.Return)) or not isinstance(node.value, cst.Call):
        return False
    return module.qualified(node.value.func) in aborting


def loop_around(node: cst.CSTNode, module: Module) -> cst.For | cst.While | None:
    """Return the innermost loop of the same function around a node."""
    for above in module.ancestors(node):
        if isinstance(above, _LOOPS):
            return above
        if isinstance(above, NESTED):
            return None
    return None


# ---------------------------------------------------------------- values


def is_name(node: cst.CSTNode | None, *names: str) -> bool:
    """Return whether a node is one of these plain names."""
    return isinstance(node, cst.Name) and node.value in names


def is_return(node: cst.CSTNode) -> bool:
    """Return whether a statement is a `return`."""
    return isinstance(node, cst.Return)


def is_parameter(func: cst.CSTNode, module: Module) -> bool:
    """Return whether what is called has been given to a function around as an argument."""
    return isinstance(func, cst.Name) and any(
        isinstance(binder, cst.Param) for binder in module.bindings(func)
    )


def is_falsy(node: cst.CSTNode) -> bool:
    """Return whether a value is written as None, False, zero or something empty."""
    if isinstance(node, cst.Name):
        return node.value in ("None", "False")
    if isinstance(node, cst.Integer):
        return node.evaluated_value == 0
    if isinstance(node, cst.SimpleString):
        return not node.raw_value
    return isinstance(node, (cst.Tuple, cst.List, cst.Dict)) and not node.elements
