"""What a function does about an error of which the handler itself says nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import islice, takewhile

import libcst as cst

from bedev_lint.names import words
from bedev_lint.syntax.handlers import (
    Handler,
    Try,
    always,
    called_name,
    following,
    is_name,
    is_return,
    loop_around,
    own,
    statements,
    way_to_raise,
)
from bedev_lint.syntax.module import Module
from bedev_lint.syntax.silence import is_nothing, is_silent
from bedev_lint.syntax.tries import bound_in, call_of, continues, targets

__all__ = [
    "asked_after",
    "gives_nothing",
    "gives_otherwise",
    "goes_on",
    "is_finalizing",
    "is_flagged",
    "is_for_log",
    "is_given_up",
    "is_in_log",
    "is_noted",
    "is_told_anyway",
    "only_after",
    "only_call",
    "told_after",
    "tries_again",
]

_BINDS = (cst.Assign, cst.AnnAssign)
_JUMPS = (cst.Return, cst.Break, cst.Continue)
# How many statements may stand before what comes right after.
_SOON = 3


def _leaves(handler: Handler) -> bool:
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
    if _leaves(handler):
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


def asked_after(handler: Handler, tried: Try, module: Module) -> Iterator[cst.If | cst.While]:
    """Return the conditions behind a `try` that ask for what it, or the handler, has bound."""
    if any(isinstance(statement, cst.Return) for statement in statements(handler.body)):
        return
    bound = {name for name, _ in bound_in(tried, module)} | set(_bound_by(handler, module))
    if not bound:
        return
    start = loop_around(tried, module) if continues(handler) or _breaks(handler) else None
    # Outside of functions, what asks or raises has not been left out.
    whole = module.function_of(tried) is not None
    for statement in following(start or tried, module, whole=whole):
        if isinstance(statement, (cst.If, cst.While)) and not bound.isdisjoint(
            _asked(statement.test, module)
        ):
            yield statement
        if isinstance(statement, (cst.Return, cst.Raise)):
            return


def _asked(test: cst.CSTNode, module: Module) -> Iterator[str]:
    """Return the names and attributes of which a test asks whether they are there, or what."""
    stack = [test]
    while stack:
        node = stack.pop()
        if isinstance(node, cst.BooleanOperation):
            stack += [node.left, node.right]
        elif isinstance(node, cst.UnaryOperation):
            stack.append(node.expression)
        elif isinstance(node, cst.Comparison):
            if is_name(node.comparisons[0].comparator, "None", "True", "False"):
                stack.append(node.left)
        elif isinstance(node, cst.NamedExpr):
            stack.append(node.value)
        elif isinstance(node, (cst.Name, cst.Attribute)):
            yield module.dotted(node) or ""


def _breaks(handler: Handler) -> bool:
    return any(isinstance(statement, cst.Break) for statement in statements(handler.body))


def _bound_by(handler: Handler, module: Module) -> Iterator[str]:
    for node in own(handler.body):
        if isinstance(node, (cst.Assign, cst.AnnAssign)):
            yield from (module.code(target) for target in targets(node))


# ---------------------------------------------------------------- noted in a flag


def is_noted(handler: Handler, tried: Try, module: Module) -> bool:
    """Return whether a handler sets a flag: one that is asked for, or is set otherwise before.

    A name has to be asked for behind the `try`; an attribute may be asked for by anybody, if the
    `try` itself, or what stands before it, says the opposite.
    """
    flags = dict(_flags(handler.body, module))
    if not flags:
        return False
    for condition in asked_after(handler, tried, module):
        if not flags.keys().isdisjoint(_asked(condition.test, module)):
            return True
    attributes = {name: value for name, value in flags.items() if "." in name}
    blocks = [tried.body, *([tried.orelse.body] if tried.orelse else [])]
    return any(
        attributes.get(name, value) != value
        for block in blocks
        for name, value in _flags(block, module)
    )


def is_flagged(handler: Handler, tried: Try, module: Module) -> bool:
    """Return whether a `try` that works sets a flag that is asked for behind it."""
    blocks = [tried.body, *([tried.orelse.body] if tried.orelse else [])]
    flags = {name for block in blocks for name, _ in _flags(block, module)}
    return bool(flags) and any(
        not flags.isdisjoint(_asked(condition.test, module))
        for condition in asked_after(handler, tried, module)
    )


def _flags(block: cst.CSTNode, module: Module) -> Iterator[tuple[str, str]]:
    """Return the names and attributes that a block sets to True or False."""
    for node in own(block):
        if isinstance(node, (cst.Assign, cst.AnnAssign)) and is_name(node.value, "True", "False"):
            assert isinstance(node.value, cst.Name)
            for target in targets(node):
                yield module.code(target), node.value.value


# ---------------------------------------------------------------- another attempt, another error


def tries_again(tried: Try, module: Module, querying: Collection[str]) -> bool:
    """Return whether what follows a `try` looks up what somebody else has made meanwhile."""
    return any(
        isinstance(node, cst.Call) and not set(words(called_name(node))).isdisjoint(querying)
        for statement in following(tried, module)
        for node in own(statement)
    )


def is_told_anyway(
    handler: Handler, tried: Try, module: Module, tells: Callable[[cst.CSTNode], bool]
) -> bool:
    """Return whether an error is raised right after, whatever becomes of an attempt.

    After a handler that does nothing it may also be returned, as `tells` says.
    """
    if any(isinstance(node, _JUMPS) for node in own(handler.body)):
        return False
    whole = module.function_of(tried) is not None
    after = list(islice(_in_loop(following(tried, module, whole=whole), tried, module), _SOON))
    silent = is_silent(handler)
    return always(
        after if whole else way_to_raise(after),
        lambda s: isinstance(s, cst.Raise) or (silent and isinstance(s, cst.Return) and tells(s)),
    )


def _in_loop(
    following_it: Iterable[cst.CSTNode], tried: Try, module: Module
) -> Iterable[cst.CSTNode]:
    """Return those of the statements behind a `try` that its loop holds; all if it is in none."""
    loop = loop_around(tried, module)
    if loop is None:
        return following_it
    return takewhile(lambda s: loop in module.ancestors(s), following_it)


def is_given_up(handler: Handler, giving_up: Collection[str]) -> bool:
    """Return whether a handler calls a method of the same object that says that it has failed."""
    calls = (call_of(s) for s in statements(handler.body) if isinstance(s, cst.Expr))
    return any(
        call is not None
        and not call.args
        and isinstance(call.func, cst.Attribute)
        and is_name(call.func.value, "self")
        and called_name(call) in giving_up
        for call in calls
    )


def is_finalizing(tried: Try, module: Module) -> bool:
    """Return whether a `try` stands in `__del__`, whose errors nobody can catch."""
    function = module.function_of(tried)
    return isinstance(function, cst.FunctionDef) and function.name.value == "__del__"


def gives_otherwise(handler: Handler, tried: Try, module: Module) -> bool:
    """Return whether a handler returns None, and its function surely not in any other case."""
    function = module.function_of(tried)
    last = statements(handler.body)[-1]
    if not isinstance(function, cst.FunctionDef) or not isinstance(last, cst.Return):
        return False
    if not is_nothing(last.value):
        return False
    if not always([*statements(tried.body), *following(tried, module)], is_return):
        return False  # it comes to its end, which gives None
    # What returns has not been left out.
    values = [n.value for n in own(function.body, whole=False) if isinstance(n, cst.Return)]
    return all(map(_is_something, values))


_MADE = (
    cst.BaseNumber,
    cst.BaseString,
    cst.BaseList,
    cst.BaseSet,
    cst.BaseDict,
    cst.Tuple,
    cst.BinaryOperation,
    cst.Comparison,
)
_MAKING = frozenset("bool bytes dict float int len list set sorted str tuple".split())


def _is_something(value: cst.CSTNode | None) -> bool:
    """Return whether a value is not None for certain: it is made where it stands."""
    if isinstance(value, cst.IfExp):
        return _is_something(value.body) and _is_something(value.orelse)
    if isinstance(value, cst.Call):
        name = called_name(value)
        return name in _MAKING or name[:1].isupper()
    return isinstance(value, _MADE) or is_name(value, "True", "False")


def is_in_log(tried: Try, module: Module, methods: Collection[str]) -> bool:
    """Return whether a method of the log itself keeps what it has bound before the `try`."""
    function = module.function_of(tried)
    owner = module.class_of(function) if isinstance(function, cst.FunctionDef) else None
    if not isinstance(function, cst.FunctionDef) or owner is None:
        return False
    bases = (module.qualified(base.value) for base in owner.bases)
    if not any(f"{base}.{function.name.value}" in methods for base in bases):
        return False
    before: set[str] = set()
    for statement in statements(function.body):
        if statement is tried:
            break
        if isinstance(statement, (cst.Assign, cst.AnnAssign)):
            before.update(module.code(target) for target in targets(statement))
    bound = [name for name, _ in bound_in(tried, module)]
    return bool(bound) and all(name.split("[")[0] in before for name in bound)


def is_for_log(handler: Handler, tried: Try, module: Module, methods: Collection[str]) -> bool:
    """Return whether all that a `try` and its handler do is to bind names for lines of a log."""
    function = module.function_of(tried)
    done = [*statements(tried.body), *statements(handler.body)]
    bound = [s for s in done if isinstance(s, (cst.Assign, cst.AnnAssign))]
    names = {t.value for s in bound for t in targets(s) if isinstance(t, cst.Name)}
    if function is None or not names or not all(isinstance(s, (*_BINDS, cst.Pass)) for s in done):
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
    return isinstance(module.parent(name), (cst.AssignTarget, cst.AnnAssign))


def told_after(tried: Try, module: Module, names: Collection[str]) -> list[cst.Call]:
    """Return the calls of these names in the statement right behind a `try`, if it has no other.

    What gathers a detail of an error that is told anyway may fail: the line of the log is there.
    """
    for statement in following(tried, module):
        value = statement.value if isinstance(statement, cst.Expr) else None
        if isinstance(value, cst.Call):
            return [value] if called_name(value) in names else []
        return []
    return []


def only_call(block: cst.CSTNode, names: Collection[str]) -> list[cst.Call]:
    """Return the one call of a method of such a name that a block consists of, or nothing."""
    done = statements(block)
    call = call_of(done[0]) if len(done) == 1 and isinstance(done[0], cst.Expr) else None
    wanted = (
        call is not None and isinstance(call.func, cst.Attribute) and called_name(call) in names
    )
    return [call] if call is not None and wanted else []
