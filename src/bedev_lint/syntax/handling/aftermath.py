"""What a function does about an error of which the handler itself says nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import islice, takewhile

import libcst as cst

from bedev_lint.names import words
from bedev_lint.syntax.handling.handlers import (
    HANDLERS,
    Handler,
    Try,
    always,
    asks_for_key,
    called_name,
    following,
    is_falsy,
    is_name,
    is_return,
    loop_around,
    own,
    statements,
    way_to_raise,
)
from bedev_lint.syntax.handling.silence import is_nothing, is_silent
from bedev_lint.syntax.handling.tries import (
    assigned_before,
    bound_in,
    continues,
    is_empty_before,
    root,
    targets,
)
from bedev_lint.syntax.module import NESTED, Module

__all__ = [
    "answers_after",
    "does_nothing",
    "flags_in",
    "gives_nothing",
    "goes_on",
    "is_finalizing",
    "is_flagged",
    "is_kept",
    "is_noted",
    "is_told_anyway",
    "only_after",
    "only_raises",
    "raises_without",
    "tries_again",
]

_JUMPS = (cst.Return, cst.Break, cst.Continue)
# How many statements may stand before what comes right after.
_SOON = 3


def _leaves_loop(handler: Handler) -> bool:
    """Return whether a handler returns or leaves its loop."""
    return any(isinstance(s, (cst.Return, cst.Break)) for s in statements(handler.body))


def _succeeds(tried: Try) -> type[cst.CSTNode] | None:
    """Return how a `try` that works leaves: by `return` of a value or by `break`, else None."""
    done = [tried.body, *([tried.orelse.body] if tried.orelse else [])]
    nodes = [node for block in done for node in own(block)]
    if any(isinstance(n, cst.Return) and not is_nothing(n.value) for n in nodes):
        return cst.Return
    if always([s for block in done for s in statements(block)], is_return):
        return cst.Return
    return cst.Break if any(isinstance(n, cst.Break) for n in nodes) else None


def only_after(handler: Handler, tried: Try, module: Module) -> Iterator[cst.CSTNode]:
    """Return the statements that are run after an error only: the `try` leaves where it works.

    Within a loop they are those behind it, when every attempt has failed, or those behind a `try`
    that always ends it with `break`; the last is the first that leaves.
    """
    if _leaves_loop(handler):
        return
    loop, how = loop_around(tried, module), _succeeds(tried)
    after: Iterable[cst.CSTNode] = ()
    if how is cst.Return:
        after = following(loop or tried, module)
    elif how is cst.Break and loop is not None and loop.orelse is not None:
        after = statements(loop.orelse.body)
    elif how is cst.Break and loop is not None and always(statements(tried.body), _is_break):
        after = takewhile(
            lambda s: any(n is loop for n in module.ancestors(s)), following(tried, module)
        )
    for statement in after:
        yield statement
        if isinstance(statement, (cst.Return, cst.Raise, cst.Break, cst.Continue)):
            return


def _is_break(statement: cst.CSTNode) -> bool:
    return isinstance(statement, cst.Break)


def goes_on(handler: Handler, tried: Try, module: Module) -> bool:
    """Return whether what is run after the error only is more than to give nothing."""
    for statement in only_after(handler, tried, module):
        if isinstance(statement, cst.Return):
            return not is_nothing(statement.value)
        if isinstance(statement, (cst.Break, cst.Continue)):
            return False
        if not isinstance(statement, cst.Pass):
            return True
    return False


def gives_nothing(handler: Handler, tried: Try, module: Module) -> bool:
    """Return whether all that a function does after the error is to give nothing."""
    silence = statements(handler.body)
    if any(map(is_return, silence)):
        return True
    loop = loop_around(tried, module)
    for statement in following(loop or tried, module):
        if is_return(statement):
            return is_nothing(getattr(statement, "value", None))
        if not isinstance(statement, cst.Pass):
            return False
    return True


def _asked_after(handler: Handler, tried: Try, module: Module) -> Iterator[cst.If | cst.While]:
    """Return the conditions behind a `try` that ask for what it, or the handler, has bound."""
    if any(isinstance(statement, cst.Return) for statement in statements(handler.body)):
        return
    bound = bound_in(tried.body, module) | bound_in(handler.body, module)
    bound -= set(_valued_before(tried, module)) if bound and is_silent(handler) else set()
    if not bound:
        return
    start = loop_around(tried, module) if continues(handler) or _breaks(handler) else None
    # Outside of functions, what asks or raises has not been left out.
    whole = module.function_of(tried) is not None
    for statement in following(start or tried, module, whole=whole):
        if isinstance(statement, (cst.If, cst.While)) and not bound.isdisjoint(
            _names_tested(statement.test, module)
        ):
            yield statement
        if isinstance(statement, (cst.Return, cst.Raise)):
            return


def answers_after(handler: Handler, tried: Try, module: Module) -> Iterator[cst.CSTNode]:
    """Return what is done where somebody asks behind a `try` for what it came to.

    Without what needs something that there is not after the error.
    """
    for condition in _asked_after(handler, tried, module):
        required = [*_names_required(condition.test, module)]
        if not any(_is_missing(name, handler, tried, module) for name in required):
            yield condition.body
        if condition.orelse is not None:
            yield condition.orelse


def _valued_before(tried: Try, module: Module) -> Iterator[str]:
    """Return what has a value just before a `try`, by which nobody can tell that it has failed."""
    seen: set[str] = set()
    for node in assigned_before(tried, module):
        names = {module.code(target) for target in targets(node)} - seen
        if node.value is not None and not is_falsy(node.value) and not is_name(node.value, "True"):
            yield from names
        seen |= names


def _names_tested(test: cst.CSTNode, module: Module) -> Iterator[str]:
    """Return the names and attributes of which a test asks whether they are there, or what."""
    stack = [test]
    while stack:
        node = stack.pop()
        if isinstance(node, cst.BooleanOperation):
            stack += [node.left, node.right]
        elif isinstance(node, cst.UnaryOperation):
            stack.append(node.expression)
        elif isinstance(node, cst.Comparison):
            asked = node.comparisons[0]
            if is_name(asked.comparator, "None", "True", "False") or isinstance(
                asked.operator, (cst.NotIn, cst.NotEqual)
            ):
                stack.append(node.left)
        elif isinstance(node, cst.NamedExpr):
            stack.append(node.value)
        elif isinstance(node, (cst.Name, cst.Attribute)):
            yield module.dotted(node) or ""


def raises_without(handler: Handler, tried: Try, module: Module) -> bool:
    """Return whether what follows raises unless there is what the `try` would have bound.

    `if order and order.is_open: return order`, and then `raise`.
    """
    missing = {
        name for name in bound_in(tried.body, module) if _is_missing(name, handler, tried, module)
    }
    return bool(missing) and any(
        isinstance(condition, cst.If)
        and condition.orelse is None
        and not missing.isdisjoint(_names_required(condition.test, module))
        and always(statements(condition.body), is_return)
        and always(following(condition, module), lambda s: isinstance(s, cst.Raise))
        for condition in _asked_after(handler, tried, module)
    )


def _is_missing(name: str, handler: Handler, tried: Try, module: Module) -> bool:
    """Return whether a name has an empty value behind a handler: its own, or that from before."""
    if is_silent(handler):
        return is_empty_before({name}, tried, module)
    return any(
        isinstance(step, cst.Assign)
        and is_falsy(step.value)
        and name in {module.code(target) for target in targets(step)}
        for step in statements(handler.body)
    )


def _names_required(test: cst.BaseExpression, module: Module) -> Iterator[str]:
    """Return the names that must not be empty for a test to hold."""
    if isinstance(test, cst.BooleanOperation) and isinstance(test.operator, cst.And):
        yield from _names_required(test.left, module)
        yield from _names_required(test.right, module)
    elif isinstance(test, cst.Comparison):
        asked = test.comparisons[0]
        if isinstance(asked.operator, cst.IsNot) and is_name(asked.comparator, "None"):
            yield module.code(test.left)
    else:
        yield module.code(test)


def _breaks(handler: Handler) -> bool:
    return any(isinstance(statement, cst.Break) for statement in statements(handler.body))


# ---------------------------------------------------------------- noted in a flag


def is_noted(handler: Handler, tried: Try, module: Module) -> bool:
    """Return whether a handler sets a flag: one that is asked for, or is set otherwise before.

    A name has to be asked for behind the `try`; an attribute may be asked for by anybody, if the
    `try` itself, or what stands before it, says the opposite.
    """
    blocks = [tried.body, *([tried.orelse.body] if tried.orelse else [])]
    bound = {
        name
        for block in blocks
        for name in bound_in(block, module) - {flag for flag, _ in flags_in(block, module)}
    }
    # What the `try` binds to something else has only got another value.
    flags = {name: to for name, to in flags_in(handler.body, module) if name not in bound}
    if not flags:
        return False
    for condition in _asked_after(handler, tried, module):
        if not flags.keys().isdisjoint(_names_tested(condition.test, module)):
            return True
    attributes = {name: value for name, value in flags.items() if "." in name}
    return any(
        attributes.get(name, value) != value
        for block in blocks
        for name, value in flags_in(block, module)
    )


def is_flagged(handler: Handler, tried: Try, module: Module) -> bool:
    """Return whether a `try` that works sets a flag that is asked for behind it."""
    blocks = [tried.body, *([tried.orelse.body] if tried.orelse else [])]
    flags = {name for block in blocks for name, _ in flags_in(block, module)}
    return bool(flags) and any(
        not flags.isdisjoint(_names_tested(condition.test, module))
        for condition in _asked_after(handler, tried, module)
    )


def flags_in(block: cst.CSTNode, module: Module) -> Iterator[tuple[str, str]]:
    """Return the names and attributes that a block sets to True or False."""
    for node in own(block):
        if isinstance(node, (cst.Assign, cst.AnnAssign)) and is_name(node.value, "True", "False"):
            assert isinstance(node.value, cst.Name)
            for target in targets(node):
                yield module.code(target), node.value.value


# ---------------------------------------------------------------- another attempt, another error


def tries_again(tried: Try, module: Module, querying: Collection[str]) -> bool:
    """Return whether what follows a `try` looks up what somebody else has made meanwhile.

    By a function, or of what the `try` has used.
    """
    used = {root(node) for node in own(tried.body) if isinstance(node, (cst.Attribute, cst.Call))}
    return any(
        isinstance(node, cst.Call)
        and (isinstance(node.func, cst.Name) or root(node.func) in used)
        and not set(words(called_name(node))).isdisjoint(querying)
        and not asks_for_key(node)
        for statement in following(tried, module)
        for node in own(statement)
    )


def is_told_anyway(
    handler: Handler, tried: Try, module: Module, tells: Callable[[cst.CSTNode], bool]
) -> bool:
    """Return whether an error is raised right after, whatever becomes of an attempt.

    After a handler that does nothing it may also be returned, as `tells` says. In a handler around,
    what is only put together for its line of the log may be shown first.
    """
    if any(isinstance(node, _JUMPS) for node in own(handler.body)):
        return False
    whole = module.function_of(tried) is not None
    soon = None if _only_gathers(handler, tried, module) else _SOON
    after = list(islice(_in_loop(following(tried, module, whole=whole), tried, module), soon))
    silent = is_silent(handler)
    return always(
        after if whole else way_to_raise(after),
        lambda s: isinstance(s, cst.Raise) or (silent and isinstance(s, cst.Return) and tells(s)),
    )


def _only_gathers(handler: Handler, tried: Try, module: Module) -> bool:
    """Return whether a `try` in another handler, and its own, only bind names."""
    done = [*statements(tried.body), *statements(handler.body)]
    above = takewhile(lambda node: not isinstance(node, NESTED), module.ancestors(tried))
    return all(isinstance(s, (cst.Assign, cst.AnnAssign, cst.Pass)) for s in done) and any(
        isinstance(node, HANDLERS) for node in above
    )


def _in_loop(
    following_it: Iterable[cst.CSTNode], tried: Try, module: Module
) -> Iterable[cst.CSTNode]:
    """Return those of the statements behind a `try` that its loop holds; all if it is in none."""
    loop = loop_around(tried, module)
    if loop is None:
        return following_it
    return takewhile(lambda s: loop in module.ancestors(s), following_it)


def only_raises(tried: Try) -> bool:
    """Return whether all that a `try` does is to raise an error that is at hand already.

    That is how it is given a traceback, or made the one that is being handled.
    """
    done = statements(tried.body)
    return len(done) == 1 and isinstance(done[0], cst.Raise) and isinstance(done[0].exc, cst.Name)


def does_nothing(tried: Try) -> bool:
    """Return whether nothing in a `try` can fail: what it did once has been taken out."""
    # What was left out of it is not looked into: its handlers are none that may be at fault.
    done = statements(tried.body, whole=False)
    return all(isinstance(statement, cst.Pass) for statement in done)


def is_finalizing(tried: Try, module: Module) -> bool:
    """Return whether a `try` stands in `__del__`, whose errors nobody can catch."""
    function = module.function_of(tried)
    return isinstance(function, cst.FunctionDef) and function.name.value == "__del__"


def is_kept(tried: Try, module: Module) -> bool:
    """Return whether what a `try` waits for keeps its error, and is asked for it behind.

    `await asyncio.shield(future)`, and then `future.result()`.
    """
    done = statements(tried.body)
    value = done[0].value if len(done) == 1 and isinstance(done[0], cst.Expr) else None
    if not isinstance(value, cst.Await):
        return False
    waited = {module.code(node) for node in own(value) if isinstance(node, _PLACES)}
    return any(
        isinstance(node, cst.Call)
        and isinstance(node.func, cst.Attribute)
        and called_name(node) in _RESULTS
        and module.code(node.func.value) in waited
        for statement in following(tried, module)
        for node in own(statement)
    )


_PLACES = (cst.Name, cst.Attribute, cst.Subscript)
_RESULTS = frozenset({"result", "exception"})
