"""A test that accepts any exception: it expects a class that every error is of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING

from bedev_lint.deferred import cst
from bedev_lint.deferred.handling import handlers
from bedev_lint.model import Options
from bedev_lint.options import texts
from bedev_lint.prefilter.index import PrefilterIndex
from bedev_lint.source import Rows
from bedev_lint.visiting import Finding, visits

if TYPE_CHECKING:
    from bedev_lint.syntax import Module

_BROAD = ("Exception", "BaseException")
# Its first argument, or the tuple of classes that this may be.
_MAY_BE_BLIND = re.compile(
    r"raises\s{0,9}\((?:[^()]{0,200}\()?[^()]{0,500}\b(?:Base)?Exception\b", re.IGNORECASE
)


def may_hold(text: str, options: Options) -> bool:
    """Return whether a module may expect such a class somewhere."""
    return _MAY_BE_BLIND.search(text) is not None


def candidates(index: PrefilterIndex, options: Options) -> Iterator[Rows]:
    """Name all rows: what a test has raised may be made anywhere in its module."""
    if may_hold(index.text, options):
        yield 1, index.text.count("\n") + 1


@visits("Call", screen=may_hold, prefilter=candidates)
def check(call: cst.Call, module: Module, options: Options) -> Iterator[Finding]:
    if not _expects(call, module, options):
        return
    expected = _expected(call, options)
    if expected is None or {*handlers.expand(expected, module)}.isdisjoint(_BROAD):
        return
    if _says_more(call, options) or _is_read(call, module) or _raises_itself(call, module, options):
        return
    test = module.function_of(call)
    where = f"`{module.qualname(test)}`" if test is not None else "the module"
    yield Finding(call, {"call": f"`{module.dotted(call.func)}`", "function": where})


def _expects(call: cst.Call, module: Module, options: Options) -> bool:
    """Return whether a call says which error is to come."""
    func = call.func
    if isinstance(func, cst.Attribute) and func.attr.value in texts(options, "methods"):
        return True
    return module.qualified(func) in texts(options, "functions")


def _expected(call: cst.Call, options: Options) -> cst.BaseExpression | None:
    """Return what a call that expects an error says of its class."""
    for arg in call.args:
        name = arg.keyword.value if arg.keyword is not None else ""
        if not arg.star and (not name or name in texts(options, "keywords")):
            return arg.value
    return None


def _says_more(call: cst.Call, options: Options) -> bool:
    """Return whether a call looks at the error too, or may do so by what is unpacked in it."""
    names = {arg.keyword.value for arg in call.args if arg.keyword is not None}
    has_unpacked = any(arg.star == "**" for arg in call.args)
    return has_unpacked or not names.isdisjoint(texts(options, "telling"))


def _is_read(call: cst.Call, module: Module) -> bool:
    """Return whether something is done with the error: where the call is no more than a step."""
    item = module.parent(call)
    if not isinstance(item, cst.WithItem):
        return not isinstance(item, cst.Expr)
    if item.asname is None:
        return False
    block = module.parent(item)
    if not isinstance(item.asname.name, cst.Name) or not isinstance(block, cst.With):
        return True
    return _is_read_after(item.asname.name, block, module)


def _is_read_after(bound: cst.Name, block: cst.With, module: Module) -> bool:
    """Return whether a name is read behind the block that binds it, before it is bound anew.

    In the block nothing behind the call that raises ever runs.
    """
    function = module.function_of(block) or module.tree
    same = [
        node for node in module.below(function, cst.Name, nested=True) if node.value == bound.value
    ]
    within = {*module.below(block.body, cst.Name, nested=True)}
    after = [node for node in same[_place(bound, same) + 1 :] if node not in within]
    return bool(after) and not isinstance(module.parent(after[0]), (cst.AsName, cst.AssignTarget))


def _place(node: cst.Name, names: list[cst.Name]) -> int:
    return next(place for place, one in enumerate(names) if one is node)


# ---------------------------------------------------------------- what the test has raised


def _raises_itself(call: cst.Call, module: Module, options: Options) -> bool:
    """Return whether a test, or what it names in its module, makes such an error itself."""
    scopes = [node for node in module.ancestors(call) if isinstance(node, cst.FunctionDef)]
    if not scopes:
        return False
    test = scopes[-1]
    return any(_makes(node, module, options) for node in (test, *_named_in(test, module)))


def _named_in(test: cst.FunctionDef, module: Module) -> Iterator[cst.CSTNode]:
    """Return the functions and classes of the module that a test names, also as a fixture."""
    names = {node.value for node in module.below(test, cst.Name, nested=True)}
    names |= {param.name.value for param in module.below(test, cst.Param, nested=True)}
    methods = {node.attr.value for node in module.below(test, cst.Attribute, nested=True)}
    cls = module.class_of(test)
    defined: Iterator[cst.FunctionDef | cst.ClassDef] = chain(
        module.nodes(cst.FunctionDef), module.nodes(cst.ClassDef)
    )
    for node in (one for one in defined if one is not test):
        around = module.class_of(node)
        known = names if around is None else methods if around is cls else ()
        if node.name.value in known:
            yield node


def _makes(scope: cst.CSTNode, module: Module, options: Options) -> bool:
    """Return whether one of the classes of all errors is used for more than to expect it."""
    return any(
        name.value in _BROAD
        and module.qualified(name) in _BROAD
        and not _only_names(name, module, options)
        for name in module.below(scope, cst.Name, nested=True)
    )


def _only_names(name: cst.Name, module: Module, options: Options) -> bool:
    """Return whether a class is written to expect, catch or annotate it, or to be a base."""
    child: cst.CSTNode = name
    for above in module.ancestors(name):
        if isinstance(above, (cst.Annotation, cst.ClassDef)):
            return True
        if isinstance(above, handlers.HANDLERS):
            return child is above.type
        if isinstance(above, cst.Call) and _expects(above, module, options):
            return isinstance(child, cst.Arg) and child.value is _expected(above, options)
        if isinstance(above, (cst.BaseStatement, cst.BaseSmallStatement)):
            return False
        child = above
    return False
