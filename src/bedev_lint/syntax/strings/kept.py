"""Which literals are given to what only keeps them, by the names of its parameters."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

import libcst as cst

from bedev_lint.names import words
from bedev_lint.syntax.literals import last_name, makes_object
from bedev_lint.syntax.module import Module
from bedev_lint.syntax.strings.uses import attributes_in, names_in
from bedev_lint.syntax.walk import one_by_one

__all__ = ["Asked", "is_kept"]

_COLLECTIONS = (cst.Arg, cst.Dict, cst.Element, cst.List, cst.Tuple)
_TESTS = (cst.Comparison, cst.If, cst.UnaryOperation)
_PLACES = (cst.Attribute, cst.Subscript)
_COLLECTING = frozenset({"add", "append"})
_MAKING = frozenset({"collections.namedtuple", "typing.NamedTuple"})
# What is kept may be given on to another that keeps it, and that to a third.
_DEPTH = 3


class Asked(NamedTuple):
    """Whether a name, beside others, is that of what is kept; the words of what fetches it."""

    is_name: Callable[[str, Collection[str]], bool]
    fetching: frozenset[str]


class _Maker(NamedTuple):
    """The parameters of what is called, and the function that they are used in, if there is one."""

    parameters: Sequence[str]
    function: cst.FunctionDef | None


def is_kept(node: cst.CSTNode, module: Module, asked: Asked, depth: int = _DEPTH) -> bool:
    """Return whether an expression is given to a function or class here that only keeps it.

    `register("Tea", "https://tea.io", "Green and black.")`: under a name as it is asked for, and
    nothing here fetches what is kept under that name. Raises PrunedAccess.
    """
    arg = module.parent(node)
    call = module.parent(arg) if isinstance(arg, cst.Arg) else None
    if not isinstance(arg, cst.Arg) or not isinstance(call, cst.Call):
        return False
    maker = _maker(call, module)
    name = _parameter(arg, call, maker, module) if maker is not None else None
    if maker is None or name is None or not asked.is_name(name, maker.parameters):
        return False
    within = names_in(maker.function, module).get(name, ()) if maker.function is not None else ()
    return all(
        _keeps(use, module, asked, depth) for use in within if _is_value(use, module)
    ) and not any(
        _is_fetched(use, module, asked) for use in attributes_in(module.tree, module).get(name, ())
    )


def _maker(call: cst.Call, module: Module) -> _Maker | None:
    """Return what a call of a plain name goes to, if it is one function or class of the module.

    Raises PrunedAccess.
    """
    binders = module.bindings(call.func) if isinstance(call.func, cst.Name) else []
    if len(binders) != 1:
        return None
    (binder,) = binders
    names_in(binder, module)  # what was left out of it has no parameters or fields
    if isinstance(binder, cst.FunctionDef):
        return _Maker(_names_of(binder), binder)
    if isinstance(binder, cst.ClassDef):
        return _class(binder)
    if isinstance(binder, cst.Assign) and isinstance(binder.value, cst.Call):
        made = binder.value
        if module.qualified(made.func) in _MAKING and len(made.args) > 1:
            return _Maker(_listed(made.args[1].value), None)
    return None


def _class(cls: cst.ClassDef) -> _Maker | None:
    """Return how a class is made: by its constructor, or with its fields, if they are all here."""
    lines = list(one_by_one(cls.body.body))
    for line in lines:
        if isinstance(line, cst.FunctionDef) and line.name.value == "__init__":
            return _Maker(_names_of(line)[1:], line)
    if any(last_name(base.value) != "NamedTuple" for base in cls.bases):
        return None
    fields = (line.target for line in lines if isinstance(line, cst.AnnAssign))
    return _Maker([field.value for field in fields if isinstance(field, cst.Name)], None)


def _names_of(function: cst.FunctionDef) -> list[str]:
    """Return the parameters of a function, those first that may be given by their place."""
    given = function.params
    every = (*given.posonly_params, *given.params, *given.kwonly_params)
    return [one.name.value for one in every]


def _listed(fields: cst.BaseExpression) -> list[str]:
    """Return the fields of a named tuple: `"name link"`, `["name", "link"]`, `[("name", str)]`."""
    if not isinstance(fields, (cst.List, cst.Tuple)):
        return (Module.string(fields) or "").replace(",", " ").split()
    first = (
        one.value.elements[0].value
        if isinstance(one.value, cst.Tuple) and one.value.elements
        else one.value
        for one in fields.elements
    )
    return [Module.string(one) or "" for one in first]


def _parameter(arg: cst.Arg, call: cst.Call, maker: _Maker, module: Module) -> str | None:
    """Return the parameter that an argument is for."""
    if arg.keyword is not None:
        return arg.keyword.value if arg.keyword.value in maker.parameters else None
    place = module.place(arg, call, call.args)
    is_told = place < len(maker.parameters) and not any(one.star for one in call.args[: place + 1])
    return maker.parameters[place] if is_told else None


def _is_value(name: cst.CSTNode, module: Module) -> bool:
    """Return whether a name stands for a value, and not for an attribute, keyword or parameter."""
    parent = module.parent(name)
    if isinstance(parent, cst.Arg):
        return parent.keyword is not name
    if isinstance(parent, cst.Attribute):
        return parent.value is name
    return not isinstance(parent, cst.Param)


def _keeps(use: cst.CSTNode, module: Module, asked: Asked, depth: int) -> bool:
    """Return whether a use of a parameter puts it somewhere under such a name, or asks for it."""
    child = use
    for parent in module.ancestors(use):
        if isinstance(parent, cst.Call):
            if isinstance(parent.func, cst.Attribute) and parent.func.attr.value in _COLLECTING:
                return True
            return depth > 1 and (
                is_kept(use, module, asked, depth - 1) or _is_field(child, parent, asked)
            )
        if isinstance(parent, cst.DictElement):
            if parent.value is child and asked.is_name(Module.string(parent.key) or "", ()):
                return True
        elif isinstance(parent, cst.Assign):
            return all(isinstance(target.target, _PLACES) for target in parent.targets)
        elif not isinstance(parent, _COLLECTIONS):
            return isinstance(parent, _TESTS)
        child = parent
    return False


def _is_field(arg: cst.CSTNode, call: cst.Call, asked: Asked) -> bool:
    """Return whether an argument is such a field of an object that is made of several."""
    if not isinstance(arg, cst.Arg) or arg.keyword is None or not makes_object(call):
        return False
    beside = [one.keyword.value for one in call.args if one.keyword is not None]
    called = words(last_name(call.func) or "")
    return asked.fetching.isdisjoint(called) and asked.is_name(arg.keyword.value, beside)


def _is_fetched(use: cst.CSTNode, module: Module, asked: Asked) -> bool:
    """Return whether an attribute is given, perhaps in a longer text, to what fetches it."""
    child = use
    for parent in module.ancestors(use):
        if isinstance(parent, (cst.BaseSmallStatement, cst.BaseCompoundStatement)):
            return False
        if isinstance(parent, cst.Call) and parent.func is not child:
            if not asked.fetching.isdisjoint(words(last_name(parent.func) or "")):
                return True
        child = parent
    return False
