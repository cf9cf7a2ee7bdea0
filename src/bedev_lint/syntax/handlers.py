"""What rules about `try` share: what a handler catches, what it runs, and whether it comes back."""

from __future__ import annotations

import signal
from collections.abc import Callable, Collection, Iterable, Iterator
from fnmatch import fnmatchcase
from functools import lru_cache
from itertools import chain, takewhile

import libcst as cst

from bedev_lint.names import words
from bedev_lint.source import BROAD
from bedev_lint.syntax.module import NESTED, Module
from bedev_lint.syntax.scopes import target_names
from bedev_lint.syntax.walk import children, one_by_one, rows_left_out

__all__ = [
    "HANDLERS",
    "Handler",
    "Try",
    "always",
    "asks_somebody",
    "awaits",
    "awaits_cancelled",
    "called_name",
    "caught",
    "ended_by",
    "ends_command",
    "ends_main_loop",
    "ends_process",
    "expand",
    "finals",
    "following",
    "gives_status",
    "is_falsy",
    "is_name",
    "is_parameter",
    "is_return",
    "leaves_command",
    "loop_around",
    "own",
    "shuts_down",
    "statements",
    "try_of",
    "way_to_raise",
]

Handler = cst.ExceptHandler | cst.ExceptStarHandler
Try = cst.Try | cst.TryStar
HANDLERS = (cst.ExceptHandler, cst.ExceptStarHandler)

# What is not run where it stands.
_APART = frozenset({*HANDLERS, *NESTED})
_LOOPS = (cst.For, cst.While)
_PLACES = (cst.Name, cst.Attribute, cst.Subscript)
_EXITS = frozenset({"sys.exit", "os._exit", "os.abort", "exit", "quit"})
_EXIT_CLASSES = frozenset({"SystemExit", "KeyboardInterrupt"})
# What comes after more statements than so many is no answer to an error.
_FOLLOWING = 50
# Calls that block until a command or worker is told to end.
_BLOCKING = frozenset(
    "serve serve_forever run run_forever run_until_complete run_sync start start_consuming "
    "consume main mainloop main_loop loop loop_forever wait join pause input".split()
)
# Calls whose result is iterated over for as long as a command or worker lives.
_LISTENING = frozenset("watch listen consume subscribe follow tail poll".split())
# What a function may still do once its main loop has been interrupted.
_CLOSING = frozenset(
    "abort aclose cancel clean cleanup clear close closing critical debug deregister disconnect "
    "display echo error exception exit finish flush goodbye info join kill log message notify "
    "output print putline quit release remove reset restore rmtree say secho send set show "
    "shutdown shutting stop success teardown terminate unlink unregister wait warn warning "
    "write".split()
)
# Those of them that end something.
_SHUTTING = frozenset(
    "aclose cancel cleanup close disconnect exit finish join kill quit release shutdown stop "
    "teardown terminate".split()
)


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
        at = stack.pop()
        if at is not node and at.__class__ in _APART:
            continue
        yield at
        below = children(at, whole=whole)
        stack.extend(below if backwards else reversed(below))


def statements(block: cst.CSTNode) -> list[cst.CSTNode]:
    """Return the statements of a block or module, simple ones one by one."""
    return list(one_by_one(getattr(block, "body", ())))


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


def following(node: cst.CSTNode, module: Module, *, whole: bool = True) -> Iterator[cst.CSTNode]:
    """Return the statements that come soon after one, outwards to the end of its function.

    After the last statement of a block comes what follows the block's owner. Raises PrunedAccess,
    unless it need not be the `whole` of it.
    """
    at = node
    for above in module.ancestors(node):
        if isinstance(above, (*NESTED, *HANDLERS)):
            return
        if isinstance(above, (cst.IndentedBlock, cst.Module)):
            after = module.place(at, above, above.body) + 1
            yield from one_by_one(above.body[after : after + _FOLLOWING], whole=whole)
        elif isinstance(above, (cst.Try, cst.TryStar)) and above.finalbody not in (None, at):
            yield from statements(above.finalbody.body)
        at = above


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


# ---------------------------------------------------------------- interrupts that are handled


def awaits_cancelled(tried: Try, module: Module) -> bool:
    """Say whether a `try` awaits a task that the same function has cancelled before."""
    function = module.function_of(tried)
    return function is not None and tried.body in _around_cancelled(function, module)


@lru_cache(maxsize=1)  # all handlers of a function ask the same
def _around_cancelled(function: cst.FunctionDef | cst.Lambda, module: Module) -> set[cst.CSTNode]:
    """Return all nodes in which a function awaits what it has cancelled before."""
    cancelled: set[str] = set()
    around: set[cst.CSTNode] = set()
    # In the order of the source: only what stands before the `await` has been cancelled by then.
    # What cancels has not been left out.
    for node in module.below(function.body, cst.Call, cst.Await, whole=False):
        if isinstance(node, cst.Call):
            if called_name(node) == "cancel":
                cancelled |= _receivers(node, module)
        elif cancelled and any(
            module.code(part) in cancelled for part in own(node) if isinstance(part, _PLACES)
        ):
            around.update(module.ancestors(node))
    return around


def _receivers(call: cst.Call, module: Module) -> set[str]:
    """Return what `x.cancel()` cancels: `x`, and what is iterated over to get `x`."""
    if not isinstance(call.func, cst.Attribute):
        return set()
    receiver = call.func.value
    names = {module.code(receiver)}
    for above in module.ancestors(call):
        if isinstance(above, NESTED):
            break
        loop = above.for_in if isinstance(above, cst.BaseSimpleComp) else above
        if isinstance(loop, (cst.For, cst.CompFor)) and any(
            name.value in names for name in target_names(loop.target)
        ):
            names |= {module.code(n) for n in own(loop.iter) if isinstance(n, _PLACES)}
    return names


def ends_main_loop(handler: Handler, module: Module) -> bool:
    """Say whether a handler of Ctrl-C or end of input ends a blocking loop and then the function.

    The handler, and what the function does after it, only clean up, print and return.
    """
    tried = try_of(handler, module)
    own_statements = statements(handler.body)
    if not all(_closing(statement) for statement in own_statements):
        return False
    leaves = own_statements and isinstance(own_statements[-1], (cst.Break, cst.Return))
    loop = loop_around(tried, module)
    if loop is not None:
        # An `input` loop: the `try` is within it, and the handler leaves it.
        if not leaves or not (_endless(loop) or _blocks(tried.body)):
            return False
    elif not _blocks(tried.body):
        return False
    if leaves and isinstance(own_statements[-1], cst.Return):
        return True
    for statement in following(loop or tried, module):
        if not _closing(statement):
            return False
        if isinstance(statement, cst.Return):
            return True
    return True


def shuts_down(handler: Handler, module: Module) -> bool:
    """Say whether Ctrl-C ends a function that then shuts something down, and gives nothing."""
    tried = try_of(handler, module)
    function = module.function_of(tried)
    if not isinstance(function, cst.FunctionDef) or loop_around(tried, module) is not None:
        return False
    last = [*following(tried, module), *chain(*finals(tried, module))]
    return (
        all(map(_closing, statements(handler.body)))
        and all(map(_closing, last))
        and any(isinstance(n, cst.Call) and _shuts(n) for each in last for n in own(each))
        and not any(
            isinstance(node, cst.Return) and node.value is not None for node in own(function.body)
        )
    )


def _shuts(call: cst.Call) -> bool:
    return not _SHUTTING.isdisjoint(words(called_name(call)))


def ended_by(handler: Handler, module: Module) -> cst.FunctionDef | None:
    """Return the function that a handler ends: it and what follows only clean up and return."""
    tried = try_of(handler, module)
    function, loop = module.function_of(tried), loop_around(tried, module)
    if not isinstance(function, cst.FunctionDef):
        return None
    done = statements(handler.body)
    if isinstance(done[-1], cst.Return):
        after: list[cst.CSTNode] = []
    elif loop is None:
        after = list(following(tried, module))
    elif isinstance(done[-1], cst.Break) and loop_around(loop, module) is None:
        after = list(following(loop, module))
    else:
        return None
    return function if all(map(_closing, [*done, *after])) else None


def ends_command(handler: Handler, module: Module, commands: Collection[str]) -> bool:
    """Say whether a handler of Ctrl-C ends a command with a message.

    A command is the block under `if __name__ == "__main__"`, or a function or method one of whose
    names (its own, of its decorators, its class, the bases of that) matches one of `commands`.
    """
    tried = try_of(handler, module)
    body = statements(handler.body)
    return (
        any(_is_message(statement) for statement in body)
        and all(_closing(statement) for statement in body)
        and (isinstance(body[-1], cst.Return) or all(map(_closing, following(tried, module))))
        and (isinstance(body[-1], cst.Return) or loop_around(tried, module) is None)
        and _is_in_command(tried, module, commands)
    )


def leaves_command(handler: Handler, module: Module, packages: Collection[str]) -> bool:
    """Say whether Ctrl-C ends a function of a command line: nothing of it is done after that.

    A command line is a module in a package of one of these names; what is asked of the user, or
    undone, before the handler returns is part of its answer to Ctrl-C.
    """
    tried = try_of(handler, module)
    function = module.function_of(tried)
    if not isinstance(function, cst.FunctionDef) or loop_around(tried, module) is not None:
        return False
    if set(packages).isdisjoint(module.name.split(".")[:-1]):
        return False
    last = statements(handler.body)[-1]
    if isinstance(last, cst.Return):
        return last.value is None
    return next(following(tried, module), None) is None


def gives_status(handler: Handler) -> bool:
    """Say whether a handler ends in `return 130`, the exit status of a command that Ctrl-C ended.

    128 and the number of the signal: https://tldp.org/LDP/abs/html/exitcodes.html
    """
    last = statements(handler.body)[-1]
    value = last.value if isinstance(last, cst.Return) else None
    return isinstance(value, cst.Integer) and value.value == str(128 + signal.SIGINT)


def asks_somebody(tried: Try, asking: Collection[str]) -> bool:
    """Say whether a `try` only waits for what somebody types: Ctrl-C is one of the answers."""
    done = statements(tried.body)
    return len(done) == 1 and any(
        isinstance(node, cst.Call) and called_name(node) in asking for node in own(done[0])
    )


def _is_message(statement: cst.CSTNode) -> bool:
    return isinstance(statement, cst.Expr) and isinstance(statement.value, cst.Call)


def _is_in_command(tried: Try, module: Module, commands: Collection[str]) -> bool:
    function = module.function_of(tried)
    if function is None:
        return any(
            isinstance(above, cst.If) and any(is_name(n, "__name__") for n in own(above.test))
            for above in module.ancestors(tried)
        )
    if not isinstance(function, cst.FunctionDef):
        return False
    names = [function.name.value, *map(_last_name, (d.decorator for d in function.decorators))]
    owner = module.class_of(function)
    if owner is not None:
        names += [owner.name.value, *(_last_name(base.value) for base in owner.bases)]
    return any(fnmatchcase(name, command) for name in names for command in commands)


def _last_name(node: cst.CSTNode) -> str:
    """Return `c` of `a.b.c` and of `a.b.c()`, else ""."""
    if isinstance(node, cst.Call):
        return called_name(node)
    if isinstance(node, cst.Attribute):
        return node.attr.value
    return node.value if isinstance(node, cst.Name) else ""


def loop_around(node: cst.CSTNode, module: Module) -> cst.For | cst.While | None:
    """Return the innermost loop of the same function around a node."""
    for above in module.ancestors(node):
        if isinstance(above, _LOOPS):
            return above
        if isinstance(above, NESTED):
            return None
    return None


def _blocks(block: cst.CSTNode) -> bool:
    return any(
        _endless(node)
        or (isinstance(node, cst.Call) and called_name(node) in _BLOCKING)
        or (isinstance(node, cst.For) and _listens(node.iter))
        for node in own(block)
    )


def _listens(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.Call) and not _LISTENING.isdisjoint(words(called_name(node)))


def _endless(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.While) and (
        is_name(node.test, "True")
        or (isinstance(node.test, cst.Integer) and node.test.value == "1")
    )


def _closing(statement: cst.CSTNode) -> bool:
    """Say whether a statement only cleans up, prints, or returns nothing but an exit code."""
    if isinstance(statement, cst.BaseCompoundStatement):
        return all(_closing(n) for n in own(statement) if isinstance(n, cst.BaseSmallStatement))
    if isinstance(statement, cst.Return):
        value = statement.value
        return value is None or isinstance(value, cst.Integer) or is_name(value, "None")
    if isinstance(statement, cst.Expr):
        value = statement.value
        call = value.expression if isinstance(value, cst.Await) else value
        if isinstance(call, cst.Call):
            return bool(_CLOSING & set(words(called_name(call))))
        return isinstance(call, (cst.BaseString, cst.Ellipsis))
    return isinstance(statement, (cst.Pass, cst.Break, cst.Del, cst.Raise, cst.Import))


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
