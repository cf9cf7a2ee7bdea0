"""Functions that decorators make routes of: what is said of their responses, and what they give."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase

import libcst as cst

from bedev_lint.model import Options
from bedev_lint.options import texts
from bedev_lint.syntax.handling.handlers import called_name
from bedev_lint.syntax.literals import last_name, text_of
from bedev_lint.syntax.module import Module

__all__ = ["data_of", "is_declared", "is_undocumented", "makers_of", "registering"]

# A status of success: `200`, `"2XX"`, `status.HTTP_201_CREATED`, `HTTPStatus.ACCEPTED`.
_SUCCESS = re.compile(r"""^["']?2|HTTP_2|\b(?:OK|CREATED|ACCEPTED)\b""")
# Names that are bound to names are followed so far.
_DEEPEST = 3


def registering(mark: cst.Decorator, module: Module, options: Options) -> str | None:
    """Return the dotted name of what a decorator calls, if that may register a route."""
    call = mark.decorator
    if not isinstance(call, cst.Call) or called_name(call) not in texts(options, "verbs"):
        return None
    return module.dotted(call.func) if isinstance(call.func, cst.Attribute) else None


def is_declared(mark: cst.Decorator, module: Module, options: Options) -> bool:
    """Return whether a route says what it answers, has nothing to say, or is a check of health."""
    call = mark.decorator
    assert isinstance(call, cst.Call)
    given = {arg.keyword.value: arg.value for arg in call.args if arg.keyword is not None}
    if any(arg.star for arg in call.args) or not given.keys().isdisjoint(
        texts(options, "declaring")
    ):
        return True
    if "responses" in given and _declares_success(given["responses"], module):
        return True
    status = given.get("status_code")
    written = module.code(status) if status is not None else ""
    if any(code in written for code in texts(options, "empty-statuses")):
        return True
    path = next((arg.value for arg in call.args if arg.keyword is None), given.get("path"))
    last = text_of(path).rstrip("/").rpartition("/")[2] if path is not None else ""
    return any(fnmatchcase(last, pattern) for pattern in texts(options, "health-checks"))


def is_undocumented(mark: cst.Decorator, module: Module, options: Options) -> bool:
    """Return whether no documentation shows a route, by what it is given or its router is made of.

    The option `hiding` lists such keywords, with their values.
    """
    call = mark.decorator
    assert isinstance(call, cst.Call)
    router = call.func.value if isinstance(call.func, cst.Attribute) else None
    made = module.bindings(router) if isinstance(router, cst.Name) else ()
    calls = [call, *(one.value for one in made if isinstance(one, (cst.Assign, cst.AnnAssign)))]
    hiding = texts(options, "hiding")
    return any(
        arg.keyword is not None
        and isinstance(arg.value, cst.Name)
        and f"{arg.keyword.value}={arg.value.value}" in hiding
        for one in calls
        if isinstance(one, cst.Call)
        for arg in one.args
    )


def _declares_success(responses: cst.BaseExpression, module: Module) -> bool:
    """Return whether a table of answers says of what form they are where all goes well."""
    entries = responses.elements if isinstance(responses, cst.Dict) else ()
    return any(
        isinstance(entry, cst.DictElement)
        and _SUCCESS.search(module.code(entry.key)) is not None
        and isinstance(entry.value, cst.Dict)
        and any(
            isinstance(part, cst.DictElement) and Module.string(part.key) == "model"
            for part in entry.value.elements
        )
        for entry in entries
    )


def data_of(
    function: cst.FunctionDef, module: Module, options: Options
) -> list[cst.BaseExpression]:
    """Return what a function returns that is neither a response already, nor written there."""
    return [
        given
        for given in _returned(function, module)
        if not _is_written(given) and not _is_response(given, module, options, 0)
    ]


def makers_of(
    values: list[cst.BaseExpression], module: Module, options: Options
) -> tuple[str, ...]:
    """Return the dotted names of what is called for all of these values, none if one is not made.

    Only the program knows whether these give responses.
    """
    names = [name for value in values for name in _makers(value, module, options, 0)]
    return tuple(name for name in names if name) if all(names) else ()


def _makers(
    value: cst.BaseExpression, module: Module, options: Options, depth: int
) -> Iterator[str | None]:
    """Return what is called for a value, by each that may have bound its name; None: nothing."""
    if isinstance(value, cst.Await):
        value = value.expression
    if isinstance(value, cst.Name) and depth < _DEEPEST:
        # The framework gives a parameter: what matters is what is put in its place.
        others = [one for one in module.bindings(value) if not isinstance(one, cst.Param)]
        for binder in others or (None,):
            made = binder.value if isinstance(binder, (cst.Assign, cst.AnnAssign)) else None
            yield from _makers(made, module, options, depth + 1) if made is not None else (None,)
    else:
        yield module.dotted(_called(value, options)) if isinstance(value, cst.Call) else None


def _called(call: cst.Call, options: Options) -> cst.BaseExpression:
    """Return what a call calls, also where it has that run in a thread."""
    if called_name(call) in texts(options, "threading") and call.args:
        return call.args[0].value
    return call.func


def _is_written(value: cst.BaseExpression) -> bool:
    """Return whether a value is the same for everybody: `{"status": "ok"}`, `__version__`."""
    if isinstance(value, cst.Dict):
        return all(
            isinstance(one, cst.DictElement) and _is_written(one.key) and _is_written(one.value)
            for one in value.elements
        )
    if isinstance(value, (cst.List, cst.Tuple, cst.Set)):
        return bool(value.elements) and all(_is_written(one.value) for one in value.elements)
    if isinstance(value, cst.Name):
        return value.value in ("True", "False", "None") or value.value.startswith("__")
    return isinstance(value, (cst.SimpleString, cst.ConcatenatedString, cst.Integer, cst.Float))


def _returned(function: cst.FunctionDef, module: Module) -> Iterator[cst.BaseExpression]:
    # What it returns is there, whatever else of it was left out.
    for statement in module.below(function, cst.Return, whole=False):
        if statement.value is not None and last_name(statement.value) != "None":
            yield statement.value


def _is_response(value: cst.BaseExpression, module: Module, options: Options, depth: int) -> bool:
    """Return whether a value is a response, or comes from a function that says so."""
    if depth > _DEEPEST:
        return True
    if isinstance(value, cst.Await):
        value = value.expression
    if isinstance(value, cst.IfExp):
        both = (value.body, value.orelse)
        return all(_is_response(one, module, options, depth + 1) for one in both)
    if isinstance(value, cst.Call):
        called = _called(value, options)
        binders = module.bindings(called) if isinstance(called, cst.Name) else []
        if any(isinstance(one, cst.ClassDef) for one in binders):
            classes = (one for one in binders if isinstance(one, cst.ClassDef))
            return any(_is_named_so(base.value, options) for one in classes for base in one.bases)
        return _is_named_so(called, options) or any(
            isinstance(one, cst.FunctionDef) and _gives_response(one, module, options, depth + 1)
            for one in binders
        )
    if isinstance(value, cst.Name):
        binders = module.bindings(value)
        return bool(binders) and all(
            _is_bound_to_response(one, module, options, depth) for one in binders
        )
    return False


def _is_bound_to_response(
    binder: cst.CSTNode, module: Module, options: Options, depth: int
) -> bool:
    if isinstance(binder, cst.Param):
        return binder.annotation is not None and _is_named_so(binder.annotation.annotation, options)
    if not isinstance(binder, (cst.Assign, cst.AnnAssign)) or binder.value is None:
        return False
    return _is_response(binder.value, module, options, depth + 1)


def _is_named_so(node: cst.BaseExpression, options: Options) -> bool:
    """Return whether something is called as responses are."""
    name = last_name(node) or ""
    return any(fnmatchcase(name, pattern) for pattern in texts(options, "responses"))


def _gives_response(
    function: cst.FunctionDef, module: Module, options: Options, depth: int
) -> bool:
    if function.returns is not None:
        return _is_named_so(function.returns.annotation, options)
    given = list(_returned(function, module))
    return bool(given) and all(_is_response(one, module, options, depth) for one in given)
