"""Look-ups that find nothing and values of another form, and what is done without them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import chain

import libcst as cst

from bedev_lint.model import Options
from bedev_lint.names import words
from bedev_lint.options import texts
from bedev_lint.syntax.handling.handlers import (
    Handler,
    Try,
    called_name,
    following,
    is_name,
    is_parameter,
    is_return,
    own,
    statements,
)
from bedev_lint.syntax.handling.several import gathered
from bedev_lint.syntax.handling.silence import is_nothing
from bedev_lint.syntax.handling.tries import all_match, call_of, called_in, skipped, targets
from bedev_lint.syntax.module import Module
from bedev_lint.syntax.scopes import target_names

__all__ = [
    "answers_yes_or_no",
    "gives_value",
    "has_nothing_to_do",
    "is_answered",
    "is_miss",
    "is_one_of_reasons",
    "leaves_as_it_was",
    "may_give_none",
    "says_true_or_false",
]


def is_miss(names: Collection[str], tried: Try, module: Module, options: Options) -> bool:
    """Return whether these errors say that something is not there, or not of the right form."""
    absent = texts(options, "absent")
    if any(all_match([name], absent) for name in names):
        absent += texts(options, "ambiguous")
    certain = [*absent, *texts(options, "of-form")]
    if all_match(names, certain):
        return True
    malformed = [*certain, *texts(options, "malformed")]
    return all_match(names, malformed) and (
        _parses(tried, module, options)
        or (
            any(all_match([name], absent) for name in names)
            and (
                _only_asks(tried.body, texts(options, "querying"))
                or _only_deletes(tried.body, options)
            )
        )
    )


def _only_asks(block: cst.CSTNode, querying: Collection[str]) -> bool:
    """Return whether a block only binds or returns what it finds by a key, which is converted."""
    steps = [node for node in own(block) if isinstance(node, cst.BaseSmallStatement)]
    return all(isinstance(step, (cst.Assign, cst.AnnAssign, cst.Return)) for step in steps) and any(
        call.args and not set(words(called_name(call))).isdisjoint(querying)
        for call in _calls_in(block)
    )


def _only_deletes(block: cst.CSTNode, options: Options) -> bool:
    """Return whether a block only deletes what it finds by a key, which is converted."""
    names = [called_name(call) for call in _calls_in(block) if call.args]
    return _only_removes(block, texts(options, "deleting")) and any(
        not set(words(name)).isdisjoint(texts(options, "querying")) for name in names
    )


def _parses(tried: Try, module: Module, options: Options) -> bool:
    """Return whether a `try` converts something.

    By a call, one of a function that was handed in too; by unpacking; in a function that is named
    for it; or the errors can come from nothing but the values, since nothing is called.
    """
    parsing = texts(options, "parsing")
    calls = [node for node in own(tried.body) if isinstance(node, cst.Call)]
    names = {called_name(call) for call in calls}.difference(texts(options, "plain"))
    function = module.function_of(tried)
    around = {function.name.value} if isinstance(function, cst.FunctionDef) else set()
    return (
        not names
        or any(name[:1].isupper() for name in names)
        or any(not set(words(name)).isdisjoint(parsing) for name in names | around)
        or any(is_parameter(call.func, module) for call in calls)
        or any(
            isinstance(target.target, (cst.Tuple, cst.List))
            for node in own(tried.body)
            if isinstance(node, cst.Assign)
            for target in node.targets
        )
    )


def answers_yes_or_no(function: cst.CSTNode | None, options: Options) -> bool:
    """Return whether a function is named like a question: `is_open`, `has_stock`."""
    if not isinstance(function, cst.FunctionDef):
        return False
    return not set(words(function.name.value)[:1]).isdisjoint(texts(options, "asking"))


def says_true_or_false(function: cst.CSTNode | None) -> bool:
    """Return whether a function is declared to return a truth value."""
    return (
        isinstance(function, cst.FunctionDef)
        and function.returns is not None
        and is_name(function.returns.annotation, "bool")
    )


def may_give_none(function: cst.CSTNode | None) -> bool:
    """Return whether a function is declared to return `X | None` or `Optional[X]`."""
    if not isinstance(function, cst.FunctionDef) or function.returns is None:
        return False
    declared = function.returns.annotation
    if isinstance(declared, cst.BinaryOperation):
        return is_name(declared.left, "None") or is_name(declared.right, "None")
    return isinstance(declared, cst.Subscript) and any(
        is_name(node, "Optional") for node in own(declared.value)
    )


def is_one_of_reasons(
    handler: Handler, names: Collection[str], module: Module, options: Options
) -> bool:
    """Return whether a handler returns None, which its function gives for other reasons too.

    `if order is None: return None`: nobody can tell the two. That something cannot be read, or has
    another form, is the same reason: there is nothing.
    """
    function = module.function_of(handler)
    expected = (texts(options, key) for key in ("of-files", "absent", "malformed", "of-form"))
    return (
        function is not None
        and any(map(is_return, statements(handler.body)))
        and not all_match(names, [*chain.from_iterable(expected)])
        and any(
            isinstance(node, cst.Return) and is_nothing(node.value)
            # What returns has not been left out.
            for node in own(function.body, whole=False)
        )
    )


def _calls_in(block: cst.CSTNode) -> Iterator[cst.Call]:
    return (node for node in own(block) if isinstance(node, cst.Call))


def is_answered(handler: Handler, tried: Try, module: Module) -> bool:
    """Return whether a miss gives a value: the `try` returns a hit, what follows answers a miss."""
    for statement in statements(handler.body):
        if isinstance(statement, cst.Return):
            function = module.function_of(tried)
            return statement.value is not None or (
                function is not None and gives_value(function.body)
            )
    return any(map(gives_value, skipped(handler, tried, module)))


def gives_value(block: cst.CSTNode) -> bool:
    """Return whether a block returns or yields a value."""
    # Backwards: the last statement tells it most often, and what is before may be left out.
    return any(
        isinstance(node, cst.Yield) or (isinstance(node, cst.Return) and node.value is not None)
        for node in own(block, backwards=True)
    )


def leaves_as_it_was(handler: Handler, tried: Try, module: Module, options: Options) -> bool:
    """Return whether what is bound or filled where it works is there without it.

    A name that was bound before the `try` and is used behind it (`x = int(x)` too); a mapping that
    gets one entry less, also one that the caller has handed in.
    """
    left_out = skipped(handler, tried, module)
    filled = {root for part in left_out for root in gathered(part, texts(options, "gathering"))}
    params = _params_of(tried, module)
    if filled & params:
        return True
    bound = {
        target.value
        for part in left_out
        for node in own(part)
        if isinstance(node, (cst.Assign, cst.AnnAssign))
        for target in targets(node)
        if isinstance(target, cst.Name)
    }
    unchanged = (filled | bound) & (params | _bound_before(tried, module))
    return bool(unchanged) and any(
        isinstance(node, cst.Name) and node.value in unchanged
        for statement in following(tried, module)
        for node in own(statement)
    )


def _params_of(tried: Try, module: Module) -> set[str]:
    function = module.function_of(tried)
    if function is None:
        return set()
    params = function.params
    every = (*params.posonly_params, *params.params, *params.kwonly_params)
    return {param.name.value for param in every}


def _bound_before(tried: Try, module: Module) -> set[str]:
    """Return the names that the function around a `try` has bound when it comes there."""
    function = module.function_of(tried)
    bound: set[str] = set()
    for node in own(function.body if function is not None else module.tree):
        if node is tried:
            break
        if isinstance(node, (cst.Assign, cst.AnnAssign)):
            bound |= {target.value for target in targets(node) if isinstance(target, cst.Name)}
        elif isinstance(node, cst.For):
            bound |= {name.value for name in target_names(node.target)}
    return bound


def has_nothing_to_do(names: Collection[str], tried: Try, options: Options) -> bool:
    """Return whether without what was looked up there is nothing to be done.

    It would only have been removed; it is the stored state of what has yet to be stored; or it
    is a relation that may be empty.
    """
    return (
        _only_removes(tried.body, texts(options, "removing"))
        or _looks_itself_up(tried.body)
        or (
            all_match(names, texts(options, "empty-relations"))
            and not any(
                set(words(name)) & set(texts(options, "querying")) for name in called_in(tried.body)
            )
        )
    )


def _only_removes(block: cst.CSTNode, removing: Collection[str]) -> bool:
    """Return whether all that a block does, apart from looking up, is to remove something."""
    removes = False
    for node in own(block):
        if isinstance(node, cst.Del):
            removes = True
        elif isinstance(node, (cst.Expr, cst.Return)):
            call = call_of(node)
            if call is None or set(words(called_name(call))).isdisjoint(removing):
                return False
            removes = True
        elif isinstance(node, (cst.AugAssign, cst.Raise)):
            return False
    return removes


_OWN_KEYS = frozenset({"pk", "id"})
_OWN_NAMES = frozenset({"self", "instance"})


def _looks_itself_up(block: cst.CSTNode) -> bool:
    """Return whether a row is looked up by the key of the object in hand: `get(pk=self.pk)`."""
    return any(
        isinstance(node, cst.Arg)
        and isinstance(node.value, cst.Attribute)
        and node.value.attr.value in _OWN_KEYS
        and isinstance(node.value.value, cst.Name)
        and node.value.value.value in _OWN_NAMES
        for node in own(block)
    )
