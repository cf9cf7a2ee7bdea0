"""Values of another form: what a `try` converts, and what the handler makes of it instead."""

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
    is_name,
    own,
    statements,
)
from bedev_lint.syntax.handling.misses import (
    answers_yes_or_no,
    may_give_none,
    says_true_or_false,
)
from bedev_lint.syntax.handling.silence import is_nothing
from bedev_lint.syntax.handling.tries import root
from bedev_lint.syntax.module import Module

__all__ = ["is_named_for", "is_other_form"]


def is_other_form(handler: Handler, tried: Try, module: Module, options: Options) -> bool:
    """Return whether the error is one of two answers to what form a value has.

    The `try` only converts; the handler converts the same to another form, gives it as it was, or
    in a text, answers yes or no, or gives None where the signature says so.
    """
    if not _only_converts(tried.body, module, options):
        return False
    done = statements(handler.body)
    first = done[0]
    function = module.function_of(tried)
    if len(done) == 1 and isinstance(first, cst.Return):
        if is_name(first.value, "True", "False"):
            return answers_yes_or_no(function, options) or says_true_or_false(function)
        if is_nothing(first.value):
            # To make an object may be to connect to something.
            is_parsed = not any(map(_makes, _calls_in(tried.body)))
            return is_parsed and may_give_none(function)
    if len(done) == 1 and isinstance(first, (cst.Assign, cst.Return)):
        if first.value is not None and (
            _gives_back(first.value, tried.body, module)
            or _is_raw(first.value, tried.body, module, texts(options, "raw"))
        ):
            # Who takes out what nobody may see does not give it back.
            return not _is_hiding(function, options)
    if isinstance(first, (cst.Try, cst.TryStar)):
        first = first.body
    elif len(done) != 1 or not isinstance(first, (cst.Assign, cst.Return)):
        return False
    return _only_converts(first, module, options) and not _converted(first).isdisjoint(
        _converted(tried.body)
    )


def _is_hiding(function: cst.CSTNode | None, options: Options) -> bool:
    """Return whether a function is named for taking out what nobody may see."""
    return isinstance(function, cst.FunctionDef) and not set(words(function.name.value)).isdisjoint(
        texts(options, "hiding")
    )


def _only_converts(block: cst.CSTNode, module: Module, options: Options) -> bool:
    """Return whether all that a block calls converts a value; it calls something."""
    nodes = list(own(block))
    plain = texts(options, "plain")
    calls = [n for n in nodes if isinstance(n, cst.Call) and called_name(n) not in plain]
    return (
        bool(calls)
        and not any(isinstance(node, cst.With) or _waits(node) for node in nodes)
        # That a value of another form is taken as it is, is no other form.
        and not any(isinstance(node, cst.Arg) and is_name(node.keyword, "errors") for node in nodes)
        and all(_makes(call) or _converts(call, module, options) for call in calls)
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
    # `price_to_json`, `id_from_bytes`, and not `write_to_json`.
    if parts[-2:-1] not in (["to"], ["from"]):
        return False
    return parts[-1] in parsing and parts[0] not in texts(options, "putting")


def _positional_arguments(block: cst.CSTNode, module: Module) -> set[str]:
    """Return what the calls of a block are given by position, as it is written."""
    return {
        module.code(arg.value)
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
        return any(module.code(element.value) in given for element in value.elements)
    if not isinstance(value, cst.FormattedString):
        return module.code(value) in given
    given |= {
        module.code(call.func.value)
        for call in _calls_in(block)
        if isinstance(call.func, cst.Attribute)
    }
    return any(
        isinstance(part, cst.FormattedStringExpression) and module.code(part.expression) in given
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


def _converted(block: cst.CSTNode) -> set[str]:
    """Return the names of what the calls of a block are given, or else are methods of."""
    return set(chain.from_iterable(map(_names_given, _calls_in(block))))


def _names_given(call: cst.Call) -> set[str]:
    given = {root(arg.value) for arg in call.args if arg.keyword is None} - {""}
    return given or {root(call.func)} - {""}


def _waits(node: cst.CSTNode) -> bool:
    """Return whether this waits for more than the body of a response: `await response.json()`."""
    return isinstance(node, cst.Await) and not (
        isinstance(node.expression, cst.Call)
        and all(arg.keyword is not None for arg in node.expression.args)
    )


def _calls_in(block: cst.CSTNode) -> Iterator[cst.Call]:
    return (node for node in own(block) if isinstance(node, cst.Call))
