"""Where what an exception says goes: into an expression, by names made from it too."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from bedev_lint.model import Options
from bedev_lint.names import words
from bedev_lint.options import texts
from bedev_lint.syntax.handling.handlers import HANDLERS, Handler, called_name, own
from bedev_lint.syntax.handling.tries import root, targets
from bedev_lint.syntax.literals import last_name
from bedev_lint.syntax.module import NESTED, Module

__all__ = [
    "bound_name",
    "is_decided_by",
    "leaks",
    "names_made_from",
    "names_of_it",
    "passes_status_on",
]


def bound_name(handler: Handler) -> str:
    """Return the name that a handler gives to what it has caught, or ""."""
    name = handler.name.name if handler.name is not None else None
    return name.value if isinstance(name, cst.Name) else ""


def names_made_from(handler: Handler, module: Module, options: Options) -> frozenset[str]:
    """Return the names that hold what the exception of a handler says, and its own.

    Where a condition asks for the exception first, it is known which one it is.
    """
    made = {bound_name(handler)} - {""}
    for node in own(handler.body):
        if isinstance(node, (cst.Assign, cst.AnnAssign, cst.AugAssign)) and node.value is not None:
            if is_decided_by(node, frozenset(made), handler, module):
                continue
            if any(leaks(node.value, frozenset(made), handler, module, options)):
                filled = (t for t in targets(node) if isinstance(t, (cst.Name, cst.Subscript)))
                made.update(root(target) for target in filled)
    return frozenset(made - {""})


def names_of_it(handler: Handler) -> frozenset[str]:
    """Return the names that hold the exception of a handler, or what was made from it in any way.

    `code = error.response["code"]` and `lost = isinstance(error, NotFound)`.
    """
    names = {bound_name(handler)} - {""}
    for node in own(handler.body):
        if isinstance(node, (cst.Assign, cst.AnnAssign, cst.NamedExpr)) and node.value is not None:
            if any(isinstance(part, cst.Name) and part.value in names for part in own(node.value)):
                made = [node.target] if isinstance(node, cst.NamedExpr) else targets(node)
                names.update(target.value for target in made if isinstance(target, cst.Name))
    return frozenset(names)


def leaks(
    value: cst.CSTNode, names: frozenset[str], handler: Handler, module: Module, options: Options
) -> Iterator[cst.CSTNode]:
    """Return where an expression holds what the exception says: itself, its text, its traceback."""
    for node in own(value):
        if isinstance(node, cst.Call) and called_name(node) in texts(options, "tracebacks"):
            yield node
        if isinstance(node, cst.Name) and node.value in names:
            if _says(node, value, module, options) and not _is_for_debugging(node, handler, module):
                yield node


def _says(name: cst.Name, value: cst.CSTNode, module: Module, options: Options) -> bool:
    """Return whether the exception's own text is what comes of this use of its name."""
    child: cst.CSTNode = name
    if child is value:
        return True
    for above in module.ancestors(name):
        if isinstance(above, cst.Attribute):
            if _is_method_of_text(above, module, options):
                child = above
                continue
            told = texts(options, "telling-attributes")
            if isinstance(child, cst.Call):  # the form that it is put into: `Form(e).data`
                told += texts(options, "whole-attributes")
            if above.attr.value not in told:
                return isinstance(module.parent(above), cst.Call) and _is_text(above)
        if isinstance(above, (cst.Comparison, cst.Lambda)):
            return False
        if isinstance(above, cst.IfExp) and child is above.test:
            return False
        if isinstance(above, cst.Call) and child is not above.func:
            if not _gives_text(above, options):
                return False
        if above is value:
            return True
        child = above
    return True


def _is_method_of_text(attribute: cst.Attribute, module: Module, options: Options) -> bool:
    """Return whether a method is called that leaves a text what it is: `str(error).strip()`."""
    call = module.parent(attribute)
    is_called = isinstance(call, cst.Call) and call.func is attribute
    return is_called and attribute.attr.value in texts(options, "text-methods")


def _is_text(attribute: cst.Attribute) -> bool:
    return attribute.attr.value in ("__str__", "__repr__")


def _gives_text(call: cst.Call, options: Options) -> bool:
    """Return whether a call gives the text of what it is given, or a part of a response with it."""
    name = called_name(call)
    if name in texts(options, "making-text"):
        return True
    parts = set(words(name))
    is_masked = not parts.isdisjoint(texts(options, "masking"))
    return not is_masked and not parts.isdisjoint(texts(options, "wrapping"))


def passes_status_on(value: cst.CSTNode, names: frozenset[str], options: Options) -> bool:
    """Return whether the status of an exception is a part of a value: another service's answer."""
    return any(
        isinstance(node, cst.Attribute)
        and node.attr.value in texts(options, "status-attributes")
        and root(node) in names
        for node in own(value)
    )


def is_decided_by(
    node: cst.CSTNode, names: frozenset[str], handler: Handler, module: Module
) -> bool:
    """Return whether a node is on the side of a condition on which it is known what was raised.

    What is left where the exception is none of those that the handler asks for is still unexpected.
    """
    return any(
        isinstance(part, cst.Name) and part.value in names
        for test, holds in _tests_around(node, handler, module)
        if holds is not _where_others_are(test)
        for part in own(test)
    )


def _where_others_are(test: cst.BaseExpression) -> bool | None:
    """Return whether a condition holds, or not, for all but some exceptions: `e.code != 404`.

    None if it does not single out some, but asks for what an exception has: `e.code >= 500`.
    """
    if isinstance(test, cst.UnaryOperation) and isinstance(test.operator, cst.Not):
        others = _where_others_are(test.expression)
        return None if others is None else not others
    if isinstance(test, cst.Call):
        return False if called_name(test) == "isinstance" else None
    if not isinstance(test, cst.Comparison) or len(test.comparisons) != 1:
        return None
    operator = test.comparisons[0].operator
    if isinstance(operator, (cst.Equal, cst.In)):
        return False
    return True if isinstance(operator, (cst.NotEqual, cst.NotIn)) else None


def _is_for_debugging(node: cst.CSTNode, handler: Handler, module: Module) -> bool:
    """Return whether a condition around a node asks for a mode in which errors are shown.

    Its function may only be there in such a mode, too.
    """
    tests = [test for test, _ in _tests_around(node, handler, module)]
    child: cst.CSTNode = handler
    for above in module.ancestors(handler):
        if isinstance(above, cst.If) and child is above.body:
            tests.append(above.test)
        child = above
    return any(
        not _MODES.isdisjoint(words(_mode(part, module))) for test in tests for part in own(test)
    )


def _mode(part: cst.CSTNode, module: Module) -> str:
    """Return what may name a mode: `DEBUG` of `settings.DEBUG`, or as the text of a look-up."""
    if isinstance(part, cst.SimpleString):
        text = module.string(part) or ""
        return text if text.isupper() else ""
    return last_name(part) or ""


_MODES = frozenset({"debug", "debugging", "dev", "development", "testing", "local"})


def _tests_around(
    node: cst.CSTNode, handler: Handler, module: Module
) -> Iterator[tuple[cst.BaseExpression, bool]]:
    """Return the conditions around a node in its handler, and whether they hold there."""
    child = node
    for above in module.ancestors(node):
        if isinstance(above, (cst.If, cst.IfExp)):
            yield above.test, child is not above.orelse
        if above is handler or isinstance(above, (*HANDLERS, *NESTED)):
            return
        child = above
