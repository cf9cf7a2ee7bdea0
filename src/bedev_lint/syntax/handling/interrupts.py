"""Interrupts that are handled: the end of a main loop, of a command, of a task of one's own."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from itertools import chain, takewhile

import libcst as cst

from bedev_lint.names import words
from bedev_lint.syntax.handling.handlers import (
    HANDLERS,
    Handler,
    Try,
    called_name,
    caught,
    finals,
    following,
    is_name,
    loop_around,
    own,
    statements,
    try_of,
)
from bedev_lint.syntax.handling.silence import is_silent
from bedev_lint.syntax.handling.tries import targets
from bedev_lint.syntax.literals import text_of
from bedev_lint.syntax.module import NESTED, Module
from bedev_lint.syntax.scopes import target_names

__all__ = [
    "asks_for_other_end",
    "asks_somebody",
    "awaits_cancelled",
    "ends_function",
    "ends_main_loop",
    "is_at_prompt",
    "is_in_thread",
    "is_obeyed",
    "runs_command_line",
    "uncancels",
]

_THREAD = "threading.Thread"
_ORDERS = frozenset({"KeyboardInterrupt", "SystemExit"})
_PLACES = (cst.Name, cst.Attribute, cst.Subscript)
# Calls that block until a command or worker is told to end.
_BLOCKING = frozenset(
    "serve serve_forever run run_forever run_until_complete run_sync start start_consuming "
    "consume main mainloop main_loop loop loop_forever wait join pause input".split()
)
# Calls whose result is iterated over for as long as a command or worker lives.
_LISTENING = frozenset("watch listen consume subscribe follow tail poll".split())
# Calls that run the coroutine that they are given to its end.
_RUNNING = frozenset({"run", "run_until_complete"})
# What a function may still do once its main loop has been interrupted.
_CLOSING = frozenset(
    "abort aclose cancel chdir clean cleanup clear close closing critical debug deregister "
    "disconnect display echo error exception exit finish flush goodbye info join kill log message "
    "notify output print putline quit release remove reset restore rmtree say secho send set show "
    "shutdown shutting stop success teardown terminate unlink unregister wait warn warning "
    "write".split()
)
# Those of them that end something.
_SHUTTING = frozenset(
    "aclose cancel cleanup close disconnect exit finish join kill quit release shutdown stop "
    "teardown terminate".split()
)


def awaits_cancelled(tried: Try, module: Module) -> bool:
    """Say whether a `try` awaits a task that the same function has cancelled before."""
    function = module.function_of(tried)
    return function is not None and tried.body in _around_cancelled(function, module)


@lru_cache(maxsize=1)  # all handlers of a function ask the same
def _around_cancelled(function: cst.FunctionDef | cst.Lambda, module: Module) -> set[cst.CSTNode]:
    """Return all nodes in which a function awaits what it has cancelled before.

    What it has put into something else, taken out of that, or given another name is the same.
    """
    cancelled: set[str] = set()
    other_names: dict[str, str] = {}
    around: set[cst.CSTNode] = set()
    # In the order of the source: only what stands before the `await` has been cancelled by then.
    # What cancels has not been left out, nor what stands before the `try`.
    kinds = (cst.Call, cst.Await, cst.Assign, cst.For)
    for node in module.below(function.body, *kinds, whole=False):
        if isinstance(node, cst.Call):
            if called_name(node) == "cancel":
                receivers = _receivers(node, module)
                cancelled |= receivers | {other_names[name] for name in receivers & {*other_names}}
        elif isinstance(node, cst.Assign):
            if isinstance(node.value, (cst.Name, cst.Attribute)):
                other_names.update((module.code(t), module.code(node.value)) for t in targets(node))
            if cancelled and _is_of(cancelled, node.value, module):
                cancelled.update(module.code(target) for target in targets(node))
        elif isinstance(node, cst.For):
            if cancelled and _is_of(cancelled, node.iter, module):
                cancelled.update(name.value for name in target_names(node.target))
        elif cancelled and _is_of(cancelled, node, module):
            around.update(module.ancestors(node))
    return around


def _is_of(names: set[str], node: cst.CSTNode, module: Module) -> bool:
    """Return whether an expression is made with one of these."""
    return any(module.code(part) in names for part in own(node) if isinstance(part, _PLACES))


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


def asks_for_other_end(test: cst.CSTNode, module: Module) -> bool:
    """Say whether a test is `task.cancelled()` of a task that the `try` around has awaited."""
    if not isinstance(test, cst.Call) or called_name(test) != "cancelled":
        return False
    handler = next((above for above in module.ancestors(test) if isinstance(above, HANDLERS)), None)
    if handler is None or not isinstance(test.func, cst.Attribute):
        return False
    task = module.code(test.func.value)
    return any(
        isinstance(node, cst.Await) and _is_of({task}, node, module)
        for node in own(try_of(handler, module).body)
    )


def ends_main_loop(handler: Handler, module: Module) -> bool:
    """Say whether a handler of Ctrl-C or end of input ends a blocking loop and then the function.

    The handler, and what the function does after it, only clean up, print and return.
    """
    tried = try_of(handler, module)
    own_statements = statements(handler.body)
    if not all(_closing(statement) for statement in own_statements):
        return False
    is_left = own_statements and isinstance(own_statements[-1], (cst.Break, cst.Return))
    loop = loop_around(tried, module)
    if loop is not None:
        # An `input` loop: the `try` is within it, and the handler leaves it.
        if not is_left or not (_endless(loop) or _blocks(tried.body)):
            return False
    elif not _blocks(tried.body):
        return False
    if is_left and isinstance(own_statements[-1], cst.Return):
        return True
    is_shut = any(_shuts_in(statement) for last in finals(tried, module) for statement in last)
    for statement in following(loop or tried, module):
        if isinstance(statement, cst.Return):
            return is_shut or _closing(statement)
        if not _closing(statement):
            return False
    return True


def is_obeyed(handler: Handler, module: Module) -> bool:
    """Say whether Ctrl-C ends a main loop, or a function that shuts down.

    Or it sets what the loop and others look at; or it comes once more while another handler does
    so, which has to come to its end.
    """
    if _ends(handler, module):
        return True
    tried = try_of(handler, module)
    loop = loop_around(tried, module)
    if loop is not None and _stops(handler, loop, module, of_object=True):
        return True
    if not all(map(_closing, [*statements(tried.body), *statements(handler.body)])):
        return False
    within = takewhile(lambda above: not isinstance(above, NESTED), module.ancestors(tried))
    return any(
        isinstance(above, HANDLERS)
        and "KeyboardInterrupt" in caught(above, module)
        and _ends(above, module)
        for above in within
    )


def _ends(handler: Handler, module: Module) -> bool:
    return ends_main_loop(handler, module) or _shuts_down(handler, module)


def is_in_thread(handler: Handler, module: Module) -> bool:
    """Say whether a handler stands in what only a thread runs: Ctrl-C comes to the main thread.

    In the `run` of a subclass of Thread, or in a local function that is given to a thread, and
    not used otherwise.
    """
    function = module.function_of(handler)
    if not isinstance(function, cst.FunctionDef):
        return False
    cls, around = module.class_of(function), module.function_of(function)
    if cls is not None:
        is_run = function.name.value == "run"
        return is_run and any(module.qualified(base.value) == _THREAD for base in cls.bases)
    if around is None:
        return False
    given = {
        part
        for call in module.below(around.body, cst.Call)
        if module.qualified(call.func) == _THREAD
        for part in own(call)
        if is_name(part, function.name.value)
    }
    named = (
        node
        for node in module.below(around.body, cst.Name, nested=True)
        if node.value == function.name.value and not isinstance(module.parent(node), cst.Attribute)
    )
    return bool(given) and {*named} <= {function.name, *given}


def _shuts_down(handler: Handler, module: Module) -> bool:
    """Say whether Ctrl-C ends a function that then shuts something down, and gives nothing."""
    tried = try_of(handler, module)
    function = module.function_of(tried)
    if not isinstance(function, cst.FunctionDef) or loop_around(tried, module) is not None:
        return False
    done, last = (
        statements(handler.body),
        [*following(tried, module), *chain(*finals(tried, module))],
    )
    # What ends something after any error too is no answer to the order.
    ending = [*last, *(done if set(caught(handler, module)) <= _ORDERS else ())]
    return (
        all(map(_closing, [*done, *last]))
        and any(map(_shuts_in, ending))
        and not any(
            isinstance(node, cst.Return) and node.value is not None for node in own(function.body)
        )
    )


def _shuts_in(statement: cst.CSTNode) -> bool:
    """Return whether a statement calls what ends something."""
    return any(
        isinstance(node, cst.Call) and not _SHUTTING.isdisjoint(words(called_name(node)))
        for node in own(statement)
    )


def is_at_prompt(handler: Handler, module: Module, shells: Collection[str]) -> bool:
    """Say whether Ctrl-C only gives up the line that somebody has typed, and says so.

    The same `try` has a handler for the end of input, or is a method of an interactive shell.
    """
    if not all(
        isinstance(statement, cst.Continue) or _closing(statement)
        for statement in statements(handler.body)
    ):
        return False
    tried = try_of(handler, module)
    others = (other for other in tried.handlers if other is not handler)
    if any("EOFError" in caught(other, module) for other in others):
        return True
    function = module.function_of(tried)
    cls = module.class_of(function) if isinstance(function, cst.FunctionDef) else None
    return cls is not None and any(module.qualified(base.value) in shells for base in cls.bases)


def ends_function(handler: Handler, module: Module) -> bool:
    """Return whether a function comes to its end after a handler, and gives at most a status.

    What follows only cleans up, prints and returns. A loop is left by `break`, or by what the
    handler sets and the loop asks for.
    """
    tried = try_of(handler, module)
    last, loop = statements(handler.body)[-1], loop_around(tried, module)
    if isinstance(last, cst.Return):
        return _closing(last)
    if loop is None:
        return all(map(_closing, following(tried, module)))
    is_left = isinstance(last, cst.Break) or _stops(handler, loop, module)
    return (
        is_left
        and loop_around(loop, module) is None
        and all(map(_closing, following(loop, module)))
    )


def _stops(
    handler: Handler, loop: cst.For | cst.While, module: Module, *, of_object: bool = False
) -> bool:
    """Return whether a handler sets what the condition of a loop asks for, or only `of_object`s."""
    if not isinstance(loop, cst.While):
        return False
    tested = {module.code(node) for node in own(loop.test) if isinstance(node, _PLACES)}
    return any(
        module.code(target) in tested and (not of_object or isinstance(target, cst.Attribute))
        for node in statements(handler.body)
        if isinstance(node, (cst.Assign, cst.AnnAssign)) and is_name(node.value, "True", "False")
        for target in targets(node)
    )


def asks_somebody(handler: Handler, module: Module, asking: Collection[str]) -> bool:
    """Say whether a `try` only waits for what somebody types: Ctrl-C is one of the answers.

    The handler ends there, or does nothing, and what stands before the `try` holds: not in a loop.
    """
    tried = try_of(handler, module)
    done, last = statements(tried.body), statements(handler.body)[-1]
    holds = is_silent(handler) and loop_around(tried, module) is None
    return (
        (holds or isinstance(last, (cst.Return, cst.Break)))
        and len(done) == 1
        and any(isinstance(node, cst.Call) and called_name(node) in asking for node in own(done[0]))
    )


def _blocks(block: cst.CSTNode) -> bool:
    return any(
        _endless(node)
        or (isinstance(node, cst.Call) and called_name(node) in _BLOCKING)
        or (isinstance(node, cst.For) and _listens(node.iter))
        or (isinstance(node, cst.Raise) and _is_ctrl_c(node.exc))
        for node in own(block)
    )


def _is_ctrl_c(error: cst.CSTNode | None) -> bool:
    """Return whether what is raised is Ctrl-C: a loop that does so has this for its own end."""
    return is_name(error.func if isinstance(error, cst.Call) else error, "KeyboardInterrupt")


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
        call = _run_by(value.expression if isinstance(value, cst.Await) else value)
        if isinstance(call, cst.Call):
            return bool(_CLOSING & set(words(called_name(call))))
        return isinstance(call, (cst.BaseString, cst.Ellipsis))
    if isinstance(statement, cst.Assign):
        # `self.quit = True`: what others look at, to end as well.
        return is_name(statement.value, "True", "False", "None") and all(
            isinstance(target, cst.Attribute) for target in targets(statement)
        )
    return isinstance(
        statement, (cst.Pass, cst.Break, cst.Del, cst.Raise, cst.Import, cst.ImportFrom)
    )


def _run_by(value: cst.BaseExpression) -> cst.BaseExpression:
    """Return the call of which a loop runs the coroutine to its end, or the value itself."""
    if not isinstance(value, cst.Call) or called_name(value) not in _RUNNING or not value.args:
        return value
    run = value.args[0].value
    return run if isinstance(run, cst.Call) else value


def uncancels(handler: Handler) -> bool:
    """Return whether a handler takes a cancellation back, as who has asked for it may."""
    return any(
        isinstance(node, cst.Call) and called_name(node) == "uncancel" for node in own(handler.body)
    )


def runs_command_line(tried: Try) -> bool:
    """Return whether a `try` runs a command with arguments at hand: `main(["--help"])`."""
    return any(
        isinstance(node, cst.SimpleString) and text_of(node).startswith("-")
        for call in own(tried.body)
        if isinstance(call, cst.Call)
        for arg in call.args
        if isinstance(arg.value, (cst.List, cst.Tuple))
        for node in own(arg.value)
    )
