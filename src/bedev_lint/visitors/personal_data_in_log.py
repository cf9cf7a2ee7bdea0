"""A secret, a request as a whole, or what tells of a person, that is written to a log."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bedev_lint.deferred import cst
from bedev_lint.deferred.handling import handlers, log_lines, logged
from bedev_lint.deferred.sql import checked
from bedev_lint.model import Options, Severity
from bedev_lint.names import words
from bedev_lint.options import texts
from bedev_lint.prefilter.index import PrefilterIndex
from bedev_lint.search import holding
from bedev_lint.secrets import may_name_secrets, secret_names
from bedev_lint.source import Rows, lines
from bedev_lint.visiting import Finding, visits

if TYPE_CHECKING:
    from bedev_lint.syntax import Module


def candidates(index: PrefilterIndex, options: Options) -> Iterator[Rows]:
    """Name the rows with a word of what must not be logged, where there is a log at all."""
    if not any(f".{method}" in index.text for method in texts(options, "loud")):
        return
    names = (*texts(options, "personal-names"), *texts(options, "private-names"))
    sought = {*(words(name)[-1] for name in names), *texts(options, "request-parts")}
    rows = [line.lower() for line in lines(index.text)]
    found = holding(rows, [word.lower() for word in sought])
    for row in found | may_name_secrets(rows, secret_names(options)):
        yield row + 1, row + 1


@visits("Call", prefilter=candidates)
def check(node: cst.CSTNode, module: Module, options: Options) -> Iterator[Finding]:
    if not isinstance(node, cst.Call) or not log_lines.is_line(node, options):
        return
    told = {
        what.kind: what.name
        for what in logged.told_by(node, options)
        if not _is_of_another_kind(what, module, options)
    }
    for kind, severity in _SEVERITIES.items():
        if kind in told:
            yield Finding(node, {"value": told[kind]}, severity=severity)
            return


def _is_of_another_kind(what: logged.Told, module: Module, options: Options) -> bool:
    """Return whether a value is known to be none of what its name says."""
    if not isinstance(what.value, cst.Name):
        return False
    if what.kind == "request":
        return _is_made_here(what.value, module)
    return (
        _is_no_text(what.value, module, options)
        or _is_cut(what.value, module)
        or _is_id(what.value, module, options)
        or (what.kind == "personal" and _is_object(what.value, module))
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


def _is_id(name: cst.Name, module: Module, options: Options) -> bool:
    """Return whether a name stands for what was kept as an id: `token = answer["batch-id"]`."""
    made = module.bindings(name)
    if len(made) != 1 or not isinstance(made[0], cst.Assign):
        return False
    value = made[0].value
    index = value.slice[-1].slice if isinstance(value, cst.Subscript) else None
    key = module.string(index.value) if isinstance(index, cst.Index) else None
    return key is not None and logged.is_of_id(key, options)


def _is_object(name: cst.Name, module: Module) -> bool:
    """Return whether an attribute of a name is used that no text has: `by_email.id`."""
    function = module.function_of(name)
    return function is not None and any(
        handlers.is_name(node.value, name.value) and not hasattr(str, node.attr.value)
        for node in module.below(function, cst.Attribute)
    )


def _is_made_here(node: cst.CSTNode, module: Module) -> bool:
    """Return whether a name stands for what was made in the function: an answer, by its name."""
    return isinstance(node, cst.Name) and any(
        isinstance(binder, (cst.Assign, cst.AnnAssign)) for binder in module.bindings(node)
    )


# The worst first.
_SEVERITIES = {"secret": Severity.ERROR, "request": Severity.ERROR, "personal": Severity.WARNING}
