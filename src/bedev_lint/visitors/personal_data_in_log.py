"""A secret, a request as a whole, or what tells of a person, that is written to a log."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import takewhile
from typing import TYPE_CHECKING, TypeVar

from bedev_lint.deferred import cst, literals, needs
from bedev_lint.deferred.handling import handlers, log_lines, logged
from bedev_lint.deferred.sql import checked
from bedev_lint.model import Options, Severity
from bedev_lint.names import words
from bedev_lint.options import texts
from bedev_lint.prefilter.index import PrefilterIndex
from bedev_lint.search import holding
from bedev_lint.secrets import is_secret_name, may_name_secrets, own_word, secret_names
from bedev_lint.source import Rows, lines
from bedev_lint.visiting import Finding, visits

if TYPE_CHECKING:
    from bedev_lint.syntax import Module

    _Node = TypeVar("_Node", bound=cst.CSTNode)


def candidates(index: PrefilterIndex, options: Options) -> Iterator[Rows]:
    """Name the lines of a log on which a word of what must not be logged stands."""
    called = (*texts(options, "loud"), *texts(options, "loggers"))
    starts = [f".{method}" for method in texts(options, "loud")]
    starts += (f"{function}(" for function in texts(options, "loggers"))
    if not any(start in index.text for start in starts):
        return
    names = (*texts(options, "personal-names"), *texts(options, "private-names"))
    sent = (name.rpartition(".")[2] for name in texts(options, "sent-names"))
    sought = {*(words(name)[-1] for name in names), *texts(options, "request-parts"), *sent}
    rows = [line.lower() for line in lines(index.text)]
    found = holding(rows, [word.lower() for word in sought])
    found |= may_name_secrets(rows, secret_names(options))
    for first, last in (span for name in called for span in index.calls.get(name, ())):
        if any(row in found for row in range(first - 1, last)):
            yield first, last
    # What is part of another statement stands on one row, as a rule.
    for row in found:
        if any(f"{name.lower()}(" in rows[row] for name in called):
            yield row + 1, row + 1


@visits("Call", prefilter=candidates)
def check(node: cst.CSTNode, module: Module, options: Options) -> Iterator[Finding]:
    if not isinstance(node, cst.Call):
        return
    by_function = log_lines.is_by_function(node, options)
    if not by_function and not log_lines.is_line(node, options):
        return
    writes = needs.Needed("reach", "logging", (node,))
    told = {
        what.kind: what
        for what in logged.told_by(node, options)
        if not _is_of_another_kind(what, module, options)
    }
    for kind, severity in _SEVERITIES.items():
        if kind in told:
            no_row = needs.Needed("no-row", "", names=(module.dotted(told[kind].value) or "",))
            proofs = (no_row, *([writes] if by_function else []))
            yield Finding(node, {"value": told[kind].name}, severity=severity, needs=proofs)
            return


def _is_of_another_kind(what: logged.Told, module: Module, options: Options) -> bool:
    """Return whether a value is known to be none of what its name says."""
    if module.dotted(what.value) in texts(options, "sent-names"):
        return not _is_sent(what.value, module, options)
    is_token = what.kind == "secret" and own_word(what.name) == "token"
    if is_token and (
        _is_of_work(what.name, options) or _is_of_something_else(what.value, module, options)
    ):
        return True
    if isinstance(what.value, cst.Attribute):
        return what.kind == "personal" and _is_object(what.value, module)
    if not isinstance(what.value, cst.Name):
        return False
    if what.kind == "request":
        return _is_made_here(what.value, module)
    return (
        _is_no_text(what.value, module, options)
        or _is_cut(what.value, module)
        or _is_masked_by_hand(what.value, module)
        or _is_id(what.value, module, options)
        or _is_name_of_setting(what.value, module, options)
        or _is_taken_out(what.value, module, options)
        or _is_object(what.value, module)
    )


def _is_sent(value: cst.CSTNode, module: Module, options: Options) -> bool:
    """Return whether others give a function the headers with which it sends a request."""
    function, written = module.function_of(value), module.dotted(value)
    if function is None:
        return False
    if isinstance(value, cst.Name) and not any(
        isinstance(binder, cst.Param) for binder in module.bindings(value)
    ):
        return False
    return any(
        arg.keyword is not None and arg.keyword.value == "headers"
        for call in module.below(function, cst.Call)
        if not log_lines.is_line(call, options)
        for arg in call.args
        if module.dotted(arg.value) == written
    )


def _is_of_work(name: str, options: Options) -> bool:
    """Return whether a token only says, by its name, who does a piece of work: `task_token`."""
    before = words(name.rpartition(".")[2])[-2:-1]
    return not {*before}.isdisjoint(texts(options, "working"))


def _is_of_something_else(token: cst.CSTNode, module: Module, options: Options) -> bool:
    """Return whether a token lets nobody in, by what the code around it is about: a ledger, a text.

    Or by how it is bound: who goes through tokens reads a text, or counts what somebody owns, and
    an `except` binds an error.
    """
    around = module.function_of(token)
    code = f"{module.name}\n{module.code(around) if around is not None else ''}".lower()
    if any(word in code for word in texts(options, "other-subjects")):
        return True
    return isinstance(token, cst.Name) and any(
        isinstance(binder, (cst.For, cst.CompFor, cst.ExceptHandler))
        for binder in module.bindings(token)
    )


def _is_no_text(name: cst.Name, module: Module, options: Options) -> bool:
    """Return whether a name is declared as something that no text can be: a number, a class."""
    declared = [
        binder.annotation
        for binder in module.bindings(name)
        if isinstance(binder, (cst.Param, cst.AnnAssign)) and binder.annotation is not None
    ]
    return bool(declared) and not any(checked.leaves_room(one, options) for one in declared)


def _is_cut(name: cst.Name, module: Module) -> bool:
    """Return whether a name stands for some of the letters of a text: `key[:4] + "…"`."""
    made = module.bindings(name)
    return (
        len(made) == 1
        and isinstance(made[0], cst.Assign)
        and any(True for _ in module.below(made[0].value, cst.Slice))
    )


def _is_masked_by_hand(name: cst.Name, module: Module) -> bool:
    """Return whether a name only stands for masks, or words for there being none: `"****"`.

    Or parts of what it stands for have been masked: `shown["token"] = "REDACTED"`.
    """
    made = module.bindings(name)
    if made and all(isinstance(b, cst.Assign) and _is_mask(b.value, module) for b in made):
        return True
    return any(
        isinstance(target.target, cst.Subscript)
        and handlers.is_name(target.target.value, name.value)
        and _is_mask(statement.value, module)
        for statement in _before(name, module, cst.Assign)
        for target in statement.targets
    )


def _is_mask(value: cst.BaseExpression, module: Module) -> bool:
    if isinstance(value, cst.IfExp):
        return _is_mask(value.body, module) and _is_mask(value.orelse, module)
    text = module.string(value) or ""
    return text.strip("*<>[]()").lower() in _FOR_NONE or (bool(text) and set(text) <= _MASKING)


def _is_id(name: cst.Name, module: Module, options: Options) -> bool:
    """Return whether a name stands for what was kept as an id: `token = answer["batch-id"]`."""
    made = module.bindings(name)
    if len(made) != 1 or not isinstance(made[0], cst.Assign):
        return False
    value = made[0].value
    index = value.slice[-1].slice if isinstance(value, cst.Subscript) else None
    key = module.string(index.value) if isinstance(index, cst.Index) else None
    return key is not None and logged.is_of_id(key, options)


def _is_name_of_setting(name: cst.Name, module: Module, options: Options) -> bool:
    """Return whether a constant is the name of a setting: `OPT_KEY = "SHOP_API_KEY"`."""
    made = module.bindings(name) if name.value.isupper() else []
    told = [module.string(one.value) or "" for one in made if isinstance(one, cst.Assign)]
    return len(told) == len(made) > 0 and all(
        _SETTING.fullmatch(text) and is_secret_name(text, secret_names(options)) for text in told
    )


def _is_taken_out(name: cst.Name, module: Module, options: Options) -> bool:
    """Return whether what is secret has been taken out: `credentials.pop("password", None)`."""
    return any(
        isinstance(call.func, cst.Attribute)
        and call.func.attr.value == "pop"
        and handlers.is_name(call.func.value, name.value)
        and bool(call.args)
        and is_secret_name(module.string(call.args[0].value) or "", secret_names(options))
        for call in _before(name, module, cst.Call)
    )


def _before(name: cst.Name, module: Module, kind: type[_Node]) -> Iterator[_Node]:
    """Return the nodes of a class that stand before the line of a log in the function around."""
    function, around = module.function_of(name), {*module.ancestors(name)}
    nodes = module.below(function, kind, cst.Call) if function is not None else ()
    before = takewhile(lambda node: node not in around, nodes)
    return (node for node in before if isinstance(node, kind))


def _is_object(value: cst.Name | cst.Attribute, module: Module) -> bool:
    """Return whether a value is used as an object whose class says how it is written.

    By an attribute that no text, table or list has, or by asking for the class: `token.expired()`,
    `isinstance(token, ApiToken)`.
    """
    function, name = module.function_of(value), module.dotted(value)
    return function is not None and (
        any(
            module.dotted(node.value) == name and not _is_of_plain(node.attr.value)
            for node in module.below(function, cst.Attribute)
        )
        or any(_asks_for_class(call, name, module) for call in module.below(function, cst.Call))
    )


def _is_of_plain(attribute: str) -> bool:
    """Return whether one of the types that are written with all that they hold has this."""
    return any(hasattr(kind, attribute) for kind in _PLAIN)


def _asks_for_class(call: cst.Call, name: str | None, module: Module) -> bool:
    if not handlers.is_name(call.func, "isinstance") or len(call.args) != 2:
        return False
    asked, cls = (arg.value for arg in call.args)
    return module.dotted(asked) == name and (literals.last_name(cls) or "") not in _PLAIN_NAMES


def _is_made_here(node: cst.CSTNode, module: Module) -> bool:
    """Return whether a name stands for what was made in the function: an answer, by its name."""
    return isinstance(node, cst.Name) and any(
        isinstance(binder, (cst.Assign, cst.AnnAssign)) for binder in module.bindings(node)
    )


_SETTING = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+", re.ASCII)
_MASKING = frozenset("*xX#.-")
_FOR_NONE = frozenset(
    {"missing", "none", "empty", "unset", "redacted", "masked", "hidden", "present", "set"}
)
_PLAIN = (str, bytes, dict, list, tuple, set, int)
_PLAIN_NAMES = frozenset({"", "Mapping", "Sequence", *(kind.__name__ for kind in _PLAIN)})
# The worst first.
_SEVERITIES = {"secret": Severity.ERROR, "request": Severity.ERROR, "personal": Severity.WARNING}
