"""Values of another form: what a `try` converts, and what the handler makes of it instead."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import chain

import libcst as cst

from bedev_lint.model import Options
from bedev_lint.names import words
from bedev_lint.options import texts
from bedev_lint.syntax.handling.handlers import (
    Handler,
    Try,
    called_name,
    is_falsy,
    is_name,
    is_parameter,
    loop_around,
    own,
    statements,
)
from bedev_lint.syntax.handling.misses import (
    answers_yes_or_no,
    may_give_none,
    says_true_or_false,
)
from bedev_lint.syntax.handling.reading import only_converts
from bedev_lint.syntax.handling.silence import is_nothing, is_silent
from bedev_lint.syntax.handling.tries import bound_in, called_in
from bedev_lint.syntax.module import Module
from bedev_lint.syntax.scopes import target_names

__all__ = ["is_named_for", "is_other_form", "tries_forms"]


def is_other_form(handler: Handler, tried: Try, module: Module, options: Options) -> bool:
    """Return whether the error is one of two answers to what form a value has.

    The `try` only converts; the handler converts the same to another form, gives it as it was, or
    in a text, or what the caller has handed in for that; answers yes or no, or gives None where the
    signature says so. It may ask first of what type the value is.
    """
    if not _only_converts([tried.body], module, options):
        return False
    done = statements(handler.body)
    function = module.function_of(tried)
    if len(done) == 1 and isinstance(done[0], cst.Return):
        if is_name(done[0].value, "True", "False"):
            return answers_yes_or_no(function, options) or says_true_or_false(function)
        if is_nothing(done[0].value):
            # To make an object may be to connect to something.
            is_parsed = not any(map(_makes, _calls_in(tried.body)))
            return is_parsed and may_give_none(function)
    return all(_gives_other(way, tried, module, options) for way in _ways(done))


def tries_forms(handler: Handler, tried: Try, module: Module, options: Options) -> bool:
    """Return whether a loop converts the same to one form after another, until one fits.

    `for form in FORMS: try: return strptime(text, form)`. What differs from one iteration to the
    next is not all that is converted: that would be one of several values.
    """
    loop = loop_around(tried, module)
    if not isinstance(loop, cst.For) or not is_silent(handler):
        return False
    if any(isinstance(step, cst.Return) for step in statements(handler.body)):
        return False
    leaves = (cst.Return, cst.Break)
    bound = {name.value for name in target_names(loop.target)}
    given = _converted(tried.body, module)
    given |= {_held_by(call.func, module) for call in _calls_in(tried.body)} - {""}
    return (
        statements(loop.body) == [tried]
        and any(isinstance(node, leaves) for node in own(tried.body))
        and _only_converts([tried.body], module, options)
        and bool(given & bound and given - bound - bound_in(tried.body, module))
    )


def _ways(done: list[cst.CSTNode]) -> list[list[cst.CSTNode]]:
    """Return the branches of a handler that asks of what type a value is, else the whole of it."""
    ways: list[list[cst.CSTNode]] = []
    branch: cst.CSTNode | None = done[0] if len(done) == 1 else None
    while isinstance(branch, cst.If) and _asks_type(branch.test):
        ways.append(statements(branch.body))
        branch = branch.orelse
    return [*ways, statements(branch.body)] if isinstance(branch, cst.Else) else [done]


def _asks_type(test: cst.BaseExpression) -> bool:
    return isinstance(test, cst.Call) and called_name(test) == "isinstance"


def _gives_other(done: list[cst.CSTNode], tried: Try, module: Module, options: Options) -> bool:
    """Return whether these statements give what a `try` converts as it was, or in another form."""
    step = done[0]
    if len(done) == 1 and isinstance(step, (cst.Assign, cst.Return)) and step.value is not None:
        if _gives_back(step.value, tried.body, module) or _is_raw(
            step.value, tried.body, module, texts(options, "raw")
        ):
            # Who takes out what nobody may see does not give it back.
            return not _is_hiding(module.function_of(tried), options)
        if _is_handed_in(step.value, tried, module) or _is_given_elsewhere(step, tried, module):
            return True
    steps = list(chain.from_iterable(map(_steps, done)))
    return (
        all(isinstance(step, (cst.Assign, cst.AnnAssign, cst.Return)) for step in steps)
        and _only_converts(steps, module, options)
        and any(
            not _converted(step, module).isdisjoint(_converted(tried.body, module))
            for step in steps
        )
    )


def _steps(statement: cst.CSTNode) -> list[cst.CSTNode]:
    """Return what a statement does: of a `try`, its body."""
    if isinstance(statement, (cst.Try, cst.TryStar)):
        return statements(statement.body)
    return [statement]


def _is_handed_in(value: cst.CSTNode, tried: Try, module: Module) -> bool:
    """Return whether a value is a parameter that is there for nothing but this: `default`.

    What is asked for what it has may be a store, which is another reason to fail.
    """
    return (
        is_parameter(value, module)
        and "get" not in called_in(tried.body)
        and not any(
            isinstance(node, cst.Name) and is_name(value, node.value) for node in own(tried.body)
        )
    )


def _is_given_elsewhere(step: cst.Assign | cst.Return, tried: Try, module: Module) -> bool:
    """Return whether the `try` binds the same nothing itself to a value that does not fit."""
    return (
        isinstance(step, cst.Assign)
        and is_falsy(step.value)
        and _as_written(step, module)
        in {_as_written(node, module) for node in own(tried.body) if isinstance(node, cst.Assign)}
    )


def _as_written(node: cst.CSTNode, module: Module) -> str:
    """Return the text of a node, on however many rows it stands."""
    return "".join(module.code(node).split())


def _is_hiding(function: cst.CSTNode | None, options: Options) -> bool:
    """Return whether a function is named for taking out what nobody may see."""
    return isinstance(function, cst.FunctionDef) and not set(words(function.name.value)).isdisjoint(
        texts(options, "hiding")
    )


def _only_converts(blocks: Iterable[cst.CSTNode], module: Module, options: Options) -> bool:
    """Return whether all that these call converts a value; they call something."""
    nodes = list(chain.from_iterable(map(own, blocks)))
    plain = texts(options, "plain")
    calls = [n for n in nodes if isinstance(n, cst.Call) and called_name(n) not in plain]
    return (
        bool(calls)
        and not any(isinstance(node, cst.With) or _waits(node) for node in nodes)
        # That a value of another form is taken as it is, is no other form.
        and not any(isinstance(node, cst.Arg) and is_name(node.keyword, "errors") for node in nodes)
        and all(
            _makes(call) or _converts(call, module, options) or only_converts(call, module, options)
            for call in calls
        )
    )


def _makes(call: cst.Call) -> bool:
    """Return whether a call makes an object of a value, as far as its name says."""
    return called_name(call)[:1].isupper() or called_name(call) == "cls"


def _converts(call: cst.Call, module: Module, options: Options) -> bool:
    """Return whether a call converts a value: `json.load(x)` does, `orders.load(x)` may not."""
    name = called_name(call)
    if name in texts(options, "doing") and isinstance(call.func, cst.Attribute):
        return module.qualified(call.func) is not None
    return is_named_for(name, options)


def is_named_for(name: str, options: Options) -> bool:
    """Return whether a call is named for a conversion: it begins with that, or ends so."""
    parsing = texts(options, "parsing")
    parts = [word for word in words(name) if word != "safe"]
    if name in parsing or not set(parts[:1]).isdisjoint(parsing):
        return True
    if any(part.endswith(_CODING) for part in parts[1:][-1:]):
        return True
    # `price_to_json`, `id_from_bytes`, and not `write_to_json`.
    if parts[-2:-1] not in (["to"], ["from"]):
        return False
    return parts[-1] in parsing and parts[0] not in texts(options, "putting")


# What encodes is also named as who does it: `plain_encoder(value)`.
_CODING = ("encoder", "decoder")


def _positional_arguments(block: cst.CSTNode, module: Module) -> set[str]:
    """Return what the calls of a block are given by position, as it is written."""
    return {
        _as_written(arg.value, module)
        for call in _calls_in(block)
        for arg in call.args
        if arg.keyword is None
        and isinstance(arg.value, (cst.Name, cst.Attribute, cst.Subscript))
        and not is_name(arg.value, "None", "True", "False")
    }


def _gives_back(value: cst.CSTNode, block: cst.CSTNode, module: Module) -> bool:
    """Return whether this is what a block converts, or a text or display that holds it."""
    given = _positional_arguments(block, module)
    if isinstance(value, (cst.Tuple, cst.List, cst.Dict)):
        return any(_as_written(element.value, module) in given for element in value.elements)
    if not isinstance(value, cst.FormattedString):
        return _as_written(value, module) in given
    given |= {
        _as_written(call.func.value, module)
        for call in _calls_in(block)
        if isinstance(call.func, cst.Attribute)
    }
    return any(
        isinstance(part, cst.FormattedStringExpression)
        and _as_written(part.expression, module) in given
        for part in value.parts
    )


def _is_raw(value: cst.CSTNode, block: cst.CSTNode, module: Module, raw: Collection[str]) -> bool:
    """Return whether this is what an object holds that a block converts: `answer.text`."""
    return (
        isinstance(value, cst.Attribute)
        and value.attr.value in raw
        and any(
            isinstance(call.func, cst.Attribute)
            and module.code(call.func.value) == module.code(value.value)
            for call in _calls_in(block)
        )
    )


def _converted(block: cst.CSTNode, module: Module) -> set[str]:
    """Return the names of what the calls of a block are given, or else are methods of."""
    return set(chain.from_iterable(_names_given(call, module) for call in _calls_in(block)))


def _names_given(call: cst.Call, module: Module) -> set[str]:
    given = {_held_by(arg.value, module) for arg in call.args if arg.keyword is None} - {""}
    return given or {_held_by(call.func, module)} - {""}


def _held_by(node: cst.CSTNode, module: Module) -> str:
    """Return the name that an access begins with, if that is no module's and no function's."""
    while isinstance(node, (cst.Attribute, cst.Subscript, cst.Call)):
        node = node.func if isinstance(node, cst.Call) else node.value
    return node.value if isinstance(node, cst.Name) and module.qualified(node) is None else ""


def _waits(node: cst.CSTNode) -> bool:
    """Return whether this waits for more than the body of a response: `await response.json()`."""
    return isinstance(node, cst.Await) and not (
        isinstance(node.expression, cst.Call)
        and all(arg.keyword is not None for arg in node.expression.args)
    )


def _calls_in(block: cst.CSTNode) -> Iterator[cst.Call]:
    return (node for node in own(block) if isinstance(node, cst.Call))
