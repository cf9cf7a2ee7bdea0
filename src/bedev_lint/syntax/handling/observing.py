"""Whether code tells somebody of an error: by what it raises, names, returns or passes on.

Calls of loggers and the like are not looked at here: the program knows them by type.
"""

from __future__ import annotations

import http

import libcst as cst

from bedev_lint.error_words import ErrorWords
from bedev_lint.names import words
from bedev_lint.syntax.handling.handlers import (
    HANDLERS,
    Handler,
    called_name,
    is_falsy,
    is_name,
    own,
)
from bedev_lint.syntax.literals import text_of
from bedev_lint.syntax.module import Module
from bedev_lint.syntax.scopes import assigned
from bedev_lint.syntax.walk import children

__all__ = ["is_observed", "tells_of_error"]

_WHERE_ERRORS_GO = frozenset({"sys.stderr", "sys.__stderr__"})
_CURRENT = frozenset({"sys.exc_info", "sys.exception", "traceback.format_exc"})


def is_observed(handler: Handler, module: Module, tells: ErrorWords) -> bool:
    """Return whether a handler raises, uses what it caught, or tells of an error."""
    bound = handler.name.name.value if handler.name else None  # type: ignore[union-attr]
    if tells_of_error(handler.body, module, tells, bound):
        return True
    return bound is not None and _uses(handler.body, bound)


def tells_of_error(
    block: cst.CSTNode, module: Module, tells: ErrorWords, bound: str | None = None
) -> bool:
    """Return whether a block raises, or makes an outcome that the caller can tell from success.

    `bound` is the name of an exception, which is no such outcome.
    """
    stack: list[cst.CSTNode] = [block]
    while stack:
        node = stack.pop()
        if isinstance(node, (*HANDLERS, cst.FunctionDef, cst.Lambda, cst.ClassDef)):
            continue
        if isinstance(node, cst.Raise) or _fails(node):
            return True
        if _asks_for_current(node, module) or _error_shaped(node, bound, module, tells):
            return True
        stack.extend(_outcomes(node, tells))
    return False


def _fails(node: cst.CSTNode) -> bool:
    """Say whether this is `assert False`, or asserts something with a message."""
    return isinstance(node, cst.Assert) and (is_falsy(node.test) or node.msg is not None)


def _asks_for_current(node: cst.CSTNode, module: Module) -> bool:
    """Say whether this is `sys.exc_info()` or the like, which is the exception by another name."""
    return isinstance(node, cst.Call) and module.qualified(node.func) in _CURRENT


def _condition(node: cst.CSTNode) -> cst.CSTNode | None:
    """Return the part of a node that only decides what is run."""
    if isinstance(node, (cst.If, cst.While, cst.IfExp, cst.CompIf, cst.Assert)):
        return node.test
    return node.subject if isinstance(node, cst.Match) else None


def _uses(body: cst.CSTNode, bound: str) -> bool:
    """Say whether the bound exception goes anywhere: a condition, `_` or `del` is nowhere."""
    stack = [body]
    while stack:
        node = stack.pop()
        if is_name(node, bound):
            return True
        if isinstance(node, HANDLERS) and node.name and is_name(node.name.name, bound):
            continue
        if isinstance(node, cst.Del) or (
            isinstance(node, cst.Expr) and isinstance(node.value, cst.Name)
        ):
            continue
        if isinstance(node, cst.Assign) and all(
            is_name(t.target, "_") or is_name(t.target, bound) for t in node.targets
        ):
            continue
        condition = _condition(node)
        stack.extend(child for child in children(node) if child is not condition)
    return False


def _outcomes(node: cst.CSTNode, tells: ErrorWords) -> list[cst.CSTNode]:
    """Return the parts of a node that may make an outcome: no conditions, targets or keys."""
    if isinstance(node, (cst.Assign, cst.AnnAssign, cst.AugAssign, cst.DictElement, cst.Arg)):
        return [node.value] if node.value is not None else []
    if isinstance(node, cst.Attribute):
        return [node.value]
    if isinstance(node, cst.Call):
        func = node.func
        skipped = isinstance(func, cst.Name) or tells.undoes(called_name(node))
        return [*([] if skipped else [func]), *node.args]
    if isinstance(node, cst.Del) or (
        isinstance(node, cst.Expr) and isinstance(node.value, (cst.BaseString, cst.Name))
    ):
        return []
    condition = _condition(node)
    return [child for child in children(node) if child is not condition]


def _error_shaped(node: cst.CSTNode, bound: str | None, module: Module, tells: ErrorWords) -> bool:
    """Say whether a node makes an outcome that the caller can tell from success."""
    if isinstance(node, cst.Name):
        return node.value != bound and tells.in_name(node.value)
    if isinstance(node, cst.Attribute):
        return tells.in_name(node.attr.value) or _error_status(node)
    if isinstance(node, cst.Call):
        name = called_name(node)
        parts = words(name)
        responds = not tells.responding.isdisjoint(parts)
        return tells.in_name(name) or any(
            (responds and _error_status(arg.value)) or _exit_status(parts, arg.value, tells)
            for arg in node.args
        )
    if isinstance(node, cst.Arg):
        if node.keyword is None or module.string(node.value) in tells.modes:
            return False  # `errors="replace"` says what a codec does with them
        if node.keyword.value == "file" and module.qualified(node.value) in _WHERE_ERRORS_GO:
            return True  # as `print` has it, whatever prints here
        return _error_binding(node.keyword.value, node.value, tells)
    if isinstance(node, cst.DictElement):
        return _error_binding(module.string(node.key) or "", node.value, tells)
    if isinstance(node, (cst.Assign, cst.AnnAssign, cst.AugAssign)):
        value = node.value
        return value is not None and any(
            _error_binding(name, value, tells) for name in _bound_names(node, module)
        )
    if isinstance(node, cst.Tuple):
        return _error_tuple([element.value for element in node.elements], module)
    return isinstance(node, cst.BaseString) and tells.in_text(text_of(node))


def _error_status(node: cst.CSTNode) -> bool:
    """Say whether this is an HTTP status of 400 and above: a number, or `HTTPStatus.CONFLICT`."""
    if isinstance(node, cst.Integer):
        return 400 <= node.evaluated_value <= 599
    if not isinstance(node, cst.Attribute):
        return False
    status = http.HTTPStatus.__members__.get(node.attr.value)
    return status is not None and status >= 400


def _exit_status(parts: tuple[str, ...], value: cst.CSTNode, tells: ErrorWords) -> bool:
    """Say whether a value is no success, for what is named so: `exit_code = 1`."""
    return (
        "exit" in parts
        and not tells.status.isdisjoint(parts)
        and isinstance(value, cst.Integer)
        and value.evaluated_value != 0
    )


def _error_binding(name: str, value: cst.CSTNode, tells: ErrorWords) -> bool:
    """Say whether binding this value to this name, key or keyword tells of an error."""
    parts = words(name)
    if not parts:
        return False
    if is_falsy(value):
        return parts[-1] in tells.success and is_name(value, "False")
    if tells.undoes(name):
        return False
    if tells.status & set(parts) and _error_status(value):
        return True
    if _exit_status(parts, value, tells):
        return True
    return not tells.words.isdisjoint(parts)


def _bound_names(node: cst.Assign | cst.AnnAssign | cst.AugAssign, module: Module) -> list[str]:
    """Return the names, attributes and string keys that an assignment binds."""
    stack: list[cst.CSTNode] = [*assigned(node)]
    names: list[str] = []
    while stack:
        target = stack.pop()
        if isinstance(target, cst.Name):
            names.append(target.value)
        elif isinstance(target, cst.Attribute):
            names.append(target.attr.value)
        elif isinstance(target, cst.Subscript):
            stack.append(target.value)
            names += [text for n in own(target) if (text := module.string(n)) is not None]
        elif isinstance(target, (cst.Tuple, cst.List)):
            stack += [element.value for element in target.elements]
    return names


def _error_tuple(values: list[cst.BaseExpression], module: Module) -> bool:
    """Say whether this is `(body, 500)`, or `(False, "why")`."""
    if any(_error_status(value) for value in values):
        return True
    failed = any(is_name(value, "False") or is_name(value, "None") for value in values)
    return failed and any(
        isinstance(value, cst.FormattedString) or module.string(value) for value in values
    )
