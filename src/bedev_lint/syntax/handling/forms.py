"""Values of another form: what a `try` converts, and what the handler makes of it instead."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

import libcst as cst

from bedev_lint.model import Options
from bedev_lint.names import words
from bedev_lint.options import texts
from bedev_lint.syntax.handling.aftermath import only_after
from bedev_lint.syntax.handling.handlers import (
    Handler,
    Try,
    always,
    called_name,
    is_name,
    loop_around,
    own,
    statements,
)
from bedev_lint.syntax.handling.misses import answers_yes_or_no, says_true_or_false
from bedev_lint.syntax.handling.reading import only_converts
from bedev_lint.syntax.handling.silence import is_silent
from bedev_lint.syntax.module import Module

__all__ = ["is_named_for", "is_other_form", "tries_forms"]


def is_other_form(handler: Handler, tried: Try, module: Module, options: Options) -> bool:
    """Return whether the error is one of two answers to what form a value has.

    The `try` only converts; the handler answers yes or no in a function that does, or converts
    the same to another form, which raises if that does not fit either.
    """
    if not _only_converts([tried.body], module, options):
        return False
    done = statements(handler.body)
    if len(done) == 1 and isinstance(done[0], cst.Return) and is_name(done[0].value, *_YES_OR_NO):
        function = module.function_of(tried)
        return answers_yes_or_no(function, options) or says_true_or_false(function)
    steps = list(chain.from_iterable(map(_steps, done)))
    return (
        all(isinstance(step, (cst.Assign, cst.AnnAssign, cst.Return)) for step in steps)
        and _only_converts(steps, module, options)
        and any(
            not _converted(step, module).isdisjoint(_converted(tried.body, module))
            and not any(called_name(call) in _ALWAYS_FIT for call in _calls_in(step))
            for step in steps
        )
    )


_YES_OR_NO = ("True", "False")
# Conversions that every value allows: what is given by them is a fallback.
_ALWAYS_FIT = frozenset({"str", "repr", "ascii", "bool"})


def tries_forms(handler: Handler, tried: Try, module: Module, options: Options) -> bool:
    """Return whether a loop converts to one form after another, and raises if none fits.

    `for form in FORMS: try: return strptime(text, form)`, and behind it `raise`.
    """
    loop = loop_around(tried, module)
    return (
        isinstance(loop, cst.For)
        and is_silent(handler)
        and statements(loop.body, whole=False) == [tried]
        and always(only_after(handler, tried, module), lambda s: isinstance(s, cst.Raise))
        and _only_converts([tried.body], module, options)
    )


def _steps(statement: cst.CSTNode) -> list[cst.CSTNode]:
    """Return what a statement does: of a `try`, its body."""
    if isinstance(statement, (cst.Try, cst.TryStar)):
        return statements(statement.body)
    return [statement]


def _only_converts(blocks: Iterable[cst.CSTNode], module: Module, options: Options) -> bool:
    """Return whether all that these call converts a value; they call something."""
    nodes = list(chain.from_iterable(map(own, blocks)))
    calls = [n for n in nodes if isinstance(n, cst.Call) and not _is_plain(n, module, options)]
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


def _is_plain(call: cst.Call, module: Module, options: Options) -> bool:
    """Return whether a call has no errors of its own; `Orders.get` is no method of a mapping."""
    is_method = isinstance(call.func, cst.Attribute)
    return called_name(call) in texts(options, "plain") and not (
        is_method and module.qualified(call.func)
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
