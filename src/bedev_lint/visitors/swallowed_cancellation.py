"""A handler that stops cancellation, Ctrl-C or exit on its way out."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from bedev_lint.deferred import cst
from bedev_lint.deferred.handling import (
    aftermath,
    cleaning,
    handing,
    handlers,
    silence,
    tries,
    wording,
)
from bedev_lint.deferred.handling import interrupts as interruptions
from bedev_lint.model import CallersDo, Options
from bedev_lint.names import words
from bedev_lint.options import texts
from bedev_lint.prefilter.handlers import around
from bedev_lint.prefilter.index import Clause, PrefilterIndex
from bedev_lint.source import BASE, Rows, words_in
from bedev_lint.visiting import HANDLERS, Finding, visits

if TYPE_CHECKING:
    from bedev_lint.syntax import Module

_EVERYTHING = frozenset({BASE, "asyncio.CancelledError"})
_SYNC_ORDERS = {"KeyboardInterrupt": "Ctrl-C", "SystemExit": "exit"}
# Methods that tell whether a task is at its end.
_FINISHED = frozenset({"cancelled", "done"})
# Words of names that say who has ordered the end.
_ORDERS = frozenset("cancel canceled cancelled interrupted stopped stopping".split())
# What runs a command gets its status by an exit.
_COMMANDS = frozenset({"main", "run"})
SYNC = frozenset(_SYNC_ORDERS)
_JUMPS = (ast.Return, ast.Break, ast.Continue)


def candidates(index: PrefilterIndex, options: Options) -> Iterator[Rows]:
    """Name the handlers that may catch an interrupt, with all that runs before and after them."""
    interrupts = {*texts(options, "cancellations"), *SYNC, BASE}
    words = frozenset(name.split(".")[-1] for name in interrupts)
    hiding: list[Clause] = []
    for clause in index.clauses["except"]:
        handler = clause.node
        assert isinstance(handler, ast.ExceptHandler)
        if handler.type is not None and index.naming(words).isdisjoint(words_in(handler.type)):
            continue
        if _reraises(handler):
            continue
        if handler.name is None:
            hiding.append(clause)
        else:  # what it caught may be raised anywhere in the function
            yield clause.around
    yield from around(hiding, index)


def _reraises(handler: ast.ExceptHandler) -> bool:
    """Return whether a handler ends with `raise` on every path, as its visitor says it."""
    last = handler.body[-1]
    return (
        isinstance(last, ast.Raise)
        and last.exc is None
        and not any(isinstance(node, _JUMPS) for node in ast.walk(handler))
    )


@visits(*HANDLERS, prefilter=candidates)
def check(handler: handlers.Handler, module: Module, options: Options) -> Iterator[Finding]:
    all_caught = handlers.caught(handler, module)
    names = set(all_caught)
    cancellations = frozenset(texts(options, "cancellations"))
    interrupts = names & (cancellations | SYNC)
    if BASE in names and not _caught_before(handler, module, cancellations):
        interrupts.add(BASE)
    if not interrupts:
        return
    if handlers.always(handlers.statements(handler.body), _raises):
        return
    tried = handlers.try_of(handler, module)
    if _asks_finished(tried, module):
        return
    # Nothing is cancelled where nothing is awaited: it is another task's end that is looked at.
    own_cancellation = BASE in interrupts or handlers.awaits(tried.body)
    if not own_cancellation and not interrupts - cancellations:
        return
    if interrupts <= cancellations and (
        interruptions.awaits_cancelled(tried, module) or interruptions.uncancels(handler)
    ):
        return
    ctrl_c = "KeyboardInterrupt" in interrupts and not (
        own_cancellation and interrupts & cancellations
    )
    if ctrl_c and BASE not in interrupts:
        if interruptions.is_obeyed(handler, module) or interruptions.is_in_thread(handler, module):
            return
        if interruptions.is_at_prompt(handler, module, texts(options, "shells")):
            return
        if interruptions.asks_somebody(handler, module, texts(options, "asking")):
            return
    if _only_closes(handler, tried, module, options) or _is_within_another(
        handler, module, interrupts, options
    ):
        return
    if interrupts == {"SystemExit"} and (
        _is_signal(handler, names, options) or _is_end(handler, tried, module, options)
    ):
        return
    if not _passed_on(handler, module, interrupts, options):
        # Where everything is caught and nothing said, that is the worse of the two.
        prevails = BASE not in names
        excuses = _excused_by(handler, module, interrupts, cancellations)
        function = module.function_of(handler)
        if function is None and "run" in excuses:
            return  # the code of a module itself begins and ends with the process
        fields = {
            "handler": wording.handler_name(handler, all_caught),
            "swallowed": _orders(
                interrupts, tries.caught_before(handler, module), handlers.awaits(tried.body)
            ),
        }
        yield Finding(
            handler,
            fields,
            _calls(handler),
            prevails=prevails,
            answer=function if isinstance(function, cst.FunctionDef) else None,
            callers=excuses,
        )


def _only_closes(
    handler: handlers.Handler, tried: handlers.Try, module: Module, options: Options
) -> bool:
    """Say whether all that is left is to close something, at once, whatever comes of it."""
    closing, lines = texts(options, "closing"), texts(options, "lines")
    return (
        silence.is_silent(handler)
        and not handlers.awaits(tried.body)
        and cleaning.only_cleans_up(tried, module, closing, lines)
    )


def _is_within_another(
    handler: handlers.Handler, module: Module, interrupts: set[str], options: Options
) -> bool:
    """Say whether a handler stands in another that has had the same order, and passes that on."""
    for above in module.ancestors(handler):
        if isinstance(above, cst.FunctionDef):
            return False
        if isinstance(above, handlers.HANDLERS) and interrupts <= set(
            handlers.caught(above, module)
        ):
            return _passed_on(above, module, interrupts, options)
    return False


def _excused_by(
    handler: handlers.Handler, module: Module, interrupts: set[str], cancellations: frozenset[str]
) -> tuple[CallersDo, ...]:
    """Return what the callers of the function around may do about the order instead."""
    if not interruptions.ends_function(handler, module):
        return ("fail",)
    if interrupts <= cancellations:
        return ("fail", "exit", "run", "start")
    is_of_user = interrupts <= cancellations | {"KeyboardInterrupt"}
    return ("fail", "exit", "run") if is_of_user else ("fail", "exit")


def _orders(interrupts: set[str], earlier: set[str], is_awaiting: bool) -> str:
    """Return which orders to stop a handler swallows that earlier ones do not take."""
    others = interrupts - {BASE, *_SYNC_ORDERS}
    shown = ["cancellation"] if others or (BASE in interrupts and is_awaiting) else []
    taken = {*_SYNC_ORDERS} - earlier if BASE in interrupts else interrupts
    shown += (order for name, order in _SYNC_ORDERS.items() if name in taken)
    return wording.listed(shown)


def _is_signal(handler: handlers.Handler, names: set[str], options: Options) -> bool:
    """Say whether an exit is how a part of a command tells that it failed, and that is noted."""
    return not names.isdisjoint(texts(options, "exits")) and any(
        isinstance(node, (cst.Assign, cst.AnnAssign, cst.AugAssign, cst.Call))
        for node in handlers.own(handler.body)
    )


def _is_end(
    handler: handlers.Handler, tried: handlers.Try, module: Module, options: Options
) -> bool:
    """Say whether an exit is how a parser refuses what is answered, or how code or a loop ends."""
    called = tries.called_in(tried.body)
    if called.isdisjoint(_COMMANDS) and interruptions.ends_main_loop(handler, module):
        return True
    refuses = not called.isdisjoint(texts(options, "exiting")) and not silence.is_silent(handler)
    runs = texts(options, "running")
    return refuses or bool(called & set(runs)) or interruptions.runs_command_line(tried)


def _asks_finished(tried: handlers.Try, module: Module) -> bool:
    """Say whether a `try` only asks a task for its end, of which it knows that it has come."""
    called = tries.called_in(tried.body)
    if handlers.awaits(tried.body) or not called or not called <= {"exception", "result"}:
        return False
    function = module.function_of(tried)
    return function is not None and any(
        handlers.called_name(call) in _FINISHED for call in module.below(function.body, cst.Call)
    )


def _raises(statement: cst.CSTNode) -> bool:
    return isinstance(statement, cst.Raise)


def _calls(handler: handlers.Handler) -> list[cst.Call]:
    """Return the calls that every path through a handler makes."""
    values = [s.value for s in handlers.statements(handler.body) if isinstance(s, cst.Expr)]
    plain = [value.expression if isinstance(value, cst.Await) else value for value in values]
    return [value for value in plain if isinstance(value, cst.Call)]


def _caught_before(
    handler: handlers.Handler, module: Module, cancellations: frozenset[str]
) -> bool:
    """Say whether earlier handlers of the same `try` leave no interrupt to this one."""
    earlier, function = tries.caught_before(handler, module), module.function_of(handler)
    tried = handlers.try_of(handler, module)
    if isinstance(function, cst.FunctionDef) and function.asynchronous is not None:
        if handlers.awaits(tried.body):
            return bool(earlier & cancellations) or BASE in earlier
    return earlier >= SYNC or BASE in earlier


# ---------------------------------------------------------------- passed on, on every path


def _passed_on(
    handler: handlers.Handler, module: Module, interrupts: set[str], options: Options
) -> bool:
    """Say whether every path through a handler raises the interrupt again or ends the process.

    Instead of the interrupt, another one or what ends the process may be raised; from a handler
    of everything, anything. Or the exception itself is handed to somebody.
    """
    ends = {*texts(options, "cancellations"), *texts(options, "exits")}
    receiving = frozenset(texts(options, "handing"))
    aborting = texts(options, "aborting") if BASE in interrupts else ()
    bound = handler.name.name.value if handler.name else None  # type: ignore[union-attr]
    allowed = {name.split(".")[-1] for name in ends | SYNC}

    def passes(statement: cst.CSTNode) -> bool:
        if handlers.ends_process(statement, module) or handlers.aborts(statement, module, aborting):
            return True
        if isinstance(statement, cst.Raise):
            if BASE in interrupts or statement.exc is None or _is_caught(statement.exc, module):
                return True
            return any(n.split(".")[-1] in allowed for n in handlers.expand(statement.exc, module))
        if isinstance(statement, cst.If):
            if _is_guard(statement, bound, interrupts, module):
                return handlers.always(handlers.statements(statement.body), passes)
            if _is_decided(statement, bound, interrupts, module):
                return any(
                    handlers.always(handlers.statements(branch.body), passes)
                    for branch in (statement, statement.orelse)
                    if branch is not None
                )
        return bound is not None and handing.hands_over(statement, bound, module, receiving)

    def raises_by_flag(statement: cst.CSTNode) -> bool:
        if isinstance(statement, cst.Return):  # the caller is told
            return statement.value is not None and module.code(statement.value) in flags
        return (
            isinstance(statement, cst.If)
            and module.code(statement.test) in flags
            and handlers.always(handlers.statements(statement.body), passes)
        )

    tried = handlers.try_of(handler, module)
    flags = {name for name, is_set in aftermath.flags_in(handler.body, module) if is_set == "True"}
    path = [
        statement
        for statement in _path(handler, module, raises_by_flag)
        if passes(statement) or not _leads_aside(statement, bound, interrupts, module)
    ]
    return any(
        handlers.always(last, passes) for last in handlers.finals(tried, module)
    ) or handlers.always(path, lambda node: passes(node) or raises_by_flag(node))


def _path(
    handler: handlers.Handler, module: Module, raises_by_flag: Callable[[cst.CSTNode], bool]
) -> Iterator[cst.CSTNode]:
    """Return what is run from a handler on: what follows the `try` if it does not jump.

    If it leaves the loop, what follows that; if it goes on with it, of that only what raises by a
    flag, since the next iteration may end otherwise.
    """
    *done, last = handlers.statements(handler.body)
    tried = handlers.try_of(handler, module)
    loop = handlers.loop_around(tried, module)
    yield from done
    if loop is not None and isinstance(last, cst.Break):
        yield from handlers.following(loop, module)
    elif loop is not None and isinstance(last, cst.Continue):
        yield from filter(raises_by_flag, handlers.following(loop, module))
    else:
        yield last
        yield from handlers.following(tried, module)


def _is_caught(node: cst.CSTNode, module: Module) -> bool:
    """Say whether a name is what some handler around it has caught."""
    return isinstance(node, cst.Name) and any(
        isinstance(b, handlers.HANDLERS) for b in module.bindings(node)
    )


def _is_guard(node: cst.If, bound: str | None, interrupts: set[str], module: Module) -> bool:
    """Say whether the test of an `if` holds whenever it is an interrupt that was caught.

    `isinstance(e, CancelledError)`, `not task.cancelled()`, `task.cancelling()`.
    """
    orders = interrupts | SYNC | {"asyncio.CancelledError"}
    tests = [node.test]
    while tests:
        test = tests.pop()
        if isinstance(test, cst.BooleanOperation):
            # Either side of an `or` is enough; `task and task.cancelling()` asks one question.
            if isinstance(test.operator, cst.Or) or "cancelling" in tries.called_in(test.right):
                tests += [test.left, test.right]
        elif isinstance(test, cst.UnaryOperation) and isinstance(test.operator, cst.Not):
            tested = _tested(test.expression, bound, module)
            if tested == {"Exception"} or interruptions.asks_for_other_end(test.expression, module):
                return True
        elif "cancelling" in tries.called_in(test) or _tested(test, bound, module) & orders:
            return True
    return False


def _leads_aside(
    statement: cst.CSTNode, bound: str | None, interrupts: set[str], module: Module
) -> bool:
    """Say whether a statement is an `if` for what the exception has been found to be."""
    return (
        isinstance(statement, cst.If)
        and statement.orelse is None
        and _asks_for(statement.test, bound, interrupts, module)
    )


def _is_decided(node: cst.If, bound: str | None, interrupts: set[str], module: Module) -> bool:
    """Say whether an `if` with an `else` looks at the exception, or at who asked for its end."""
    return isinstance(node.orelse, cst.Else) and (
        _asks_for(node.test, bound, interrupts, module) or _tells_who(node.test, module)
    )


def _asks_for(test: cst.CSTNode, bound: str | None, interrupts: set[str], module: Module) -> bool:
    """Say whether a test holds only for some exceptions, and for no interrupt by its class.

    Or for the end of the task that is waited for, which is none of the function's own.
    """
    if interruptions.asks_for_other_end(test, module):
        return True
    if isinstance(test, cst.BooleanOperation):
        sides = [_asks_for(side, bound, interrupts, module) for side in (test.left, test.right)]
        return any(sides) if isinstance(test.operator, cst.And) else all(sides)
    denied = isinstance(test, cst.UnaryOperation) and isinstance(test.operator, cst.Not)
    tested = test.expression if isinstance(test, cst.UnaryOperation) and denied else test
    if bound is None or not isinstance(tested, cst.Call):
        return False
    classes = _tested(tested, bound, module)
    if classes:
        return not denied and classes.isdisjoint(interrupts | SYNC | _EVERYTHING)
    return any(handlers.is_name(argument.value, bound) for argument in tested.args)


def _tells_who(test: cst.CSTNode, module: Module) -> bool:
    """Say whether a test is an argument, or names who asked for the end: `user_cancelled`."""
    tested = test.expression if isinstance(test, cst.UnaryOperation) else test
    names = (node.attr if isinstance(node, cst.Attribute) else node for node in handlers.own(test))
    return handlers.is_parameter(tested, module) or any(
        isinstance(name, cst.Name) and not _ORDERS.isdisjoint(words(name.value)) for name in names
    )


def _tested(node: cst.CSTNode, bound: str | None, module: Module) -> set[str]:
    """Return the classes of `isinstance(<bound>, ...)`."""
    if (
        not isinstance(node, cst.Call)
        or handlers.called_name(node) != "isinstance"
        or len(node.args) != 2
    ):
        return set()
    if bound is None or not handlers.is_name(node.args[0].value, bound):
        return set()
    return set(handlers.expand(node.args[1].value, module))
