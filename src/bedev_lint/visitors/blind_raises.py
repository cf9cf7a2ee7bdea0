"""A test that accepts any exception: it expects a class that every error is of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from bedev_lint.deferred import cst
from bedev_lint.deferred.handling import handlers
from bedev_lint.model import Options
from bedev_lint.options import texts
from bedev_lint.prefilter.index import PrefilterIndex
from bedev_lint.source import BROAD, Rows
from bedev_lint.visiting import Finding, visits

if TYPE_CHECKING:
    from bedev_lint.syntax import Module

# It is called, or given another name. Docstrings say `Raises …` as well, on a line of its own too.
_EXPECTING = re.compile(
    r"raises(?:\s{0,9}\(|\s{1,9}as\s)|(?:\.|\bimport\b.{0,200})raises[ \t]{0,9}$",
    re.IGNORECASE | re.MULTILINE,
)
_BLIND = re.compile(r"\b(?:Base)?Exception\b")


def may_hold(text: str, options: Options) -> bool:
    """Return whether a module may expect such a class somewhere."""
    return _BLIND.search(text) is not None and _EXPECTING.search(text) is not None


def candidates(index: PrefilterIndex, options: Options) -> Iterator[Rows]:
    """Name all rows: what a test has raised may be made anywhere in its module."""
    if may_hold(index.text, options):
        yield 1, index.text.count("\n") + 1


@visits("Call", screen=may_hold, prefilter=candidates)
def check(call: cst.Call, module: Module, options: Options) -> Iterator[Finding]:
    test = module.function_of(call)
    if test is None or not _expects(call, module, options):
        return
    expected = _expected(call, options)
    if expected is None or {*handlers.expand(expected, module)}.isdisjoint(BROAD):
        return
    if _says_more(call, options) or _is_read(call, module) or _raises_itself(call, module, options):
        return
    fields = {"call": f"`{module.dotted(call.func)}`", "function": f"`{module.qualname(test)}`"}
    yield Finding(call, fields)


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
    within = {*module.below(block.body, cst.Name, nested=True)}
    names = (one for one in module.below(function, cst.Name, nested=True) if one not in within)
    seen = False
    for name in (one for one in names if one.value == bound.value):
        if seen:
            return not _is_bound_anew(name, module)
        seen = name is bound
    return False


def _is_bound_anew(name: cst.Name, module: Module) -> bool:
    """Return whether a name is given another value, that is not made of what it has."""
    parent = module.parent(name)
    if isinstance(parent, cst.AsName):
        return True
    assign = module.parent(parent) if isinstance(parent, cst.AssignTarget) else None
    return isinstance(assign, cst.Assign) and not any(
        one.value == name.value for one in module.below(assign.value, cst.Name, nested=True)
    )


# ---------------------------------------------------------------- what the test has raised


def _raises_itself(call: cst.Call, module: Module, options: Options) -> bool:
    """Return whether a test, what is set up for it, or what it names, makes such an error."""
    scopes = [node for node in module.ancestors(call) if isinstance(node, cst.FunctionDef)]
    if not scopes:
        return False
    made = _makers(module, options)
    test = scopes[-1]
    cls = module.class_of(test)
    return bool(made) and (
        test in made
        or (cls is not None and cls in made)
        or any((name, around) in made for name in _names_in(test, module) for around in (None, cls))
        or any((name, cls) in made for name in texts(options, "setting-up") if cls)
    )


def _names_in(test: cst.FunctionDef, module: Module) -> Iterator[str]:
    """Return the names that a test says of others, as a fixture that it asks for too."""
    for node in module.below(
        test, cst.Name, cst.Param, cst.Attribute, cst.SimpleString, nested=True
    ):
        if isinstance(node, cst.Name):
            yield node.value
        elif isinstance(node, cst.Param):
            yield node.name.value
        elif isinstance(node, cst.Attribute):
            yield node.attr.value
        elif isinstance(node, cst.SimpleString):  # `usefixtures("full_disk")`
            yield module.string(node) or ""


# Of each module the functions and classes that make such an error, and their names with the class
# around them: a module of many tests is gone through once.
_made: WeakKeyDictionary[Module, frozenset[object]] = WeakKeyDictionary()


def _makers(module: Module, options: Options) -> frozenset[object]:
    """Return what in a module makes an error of one of these classes."""
    if module not in _made:
        _made[module] = frozenset(
            one
            for name in module.nodes(cst.Name)
            if name.value in BROAD and module.qualified(name) in BROAD
            if not _only_names(name, module, options)
            for one in _around(name, module)
        )
    return _made[module]


def _around(name: cst.Name, module: Module) -> Iterator[object]:
    """Return the function or class that makes an error, or the name that it is bound to."""
    child: cst.CSTNode = name
    for above in module.ancestors(name):
        if isinstance(above, cst.FunctionDef):
            yield above
            yield above.name.value, module.class_of(above)
            yield from ((name, module.class_of(above)) for name in _given_names(above, module))
        elif isinstance(above, cst.ClassDef):
            if child in above.decorators:
                yield above
            yield above.name.value, None
        elif isinstance(above, cst.Assign) and module.function_of(above) is None:
            for target in above.targets:
                if isinstance(target.target, cst.Name):
                    yield target.target.value, module.class_of(above)
        child = above


def _given_names(function: cst.FunctionDef, module: Module) -> Iterator[str]:
    """Return the names that decorators give a function: `@pytest.fixture(name="disk")`."""
    for mark in function.decorators:
        for arg in getattr(mark.decorator, "args", ()):
            if arg.keyword is not None and arg.keyword.value == "name":
                yield module.string(arg.value) or ""


def _only_names(name: cst.Name, module: Module, options: Options) -> bool:
    """Return whether a class is written to expect, catch, annotate or rename it, or as a base."""
    child: cst.CSTNode = name
    for above in module.ancestors(name):
        if isinstance(above, cst.Annotation):
            return True
        if isinstance(above, cst.ClassDef):
            return not isinstance(child, cst.Decorator)
        if isinstance(above, handlers.HANDLERS):
            return child is above.type
        if isinstance(above, cst.Call) and _expects(above, module, options):
            return isinstance(child, cst.Arg) and child.value is _expected(above, options)
        if isinstance(above, cst.Assign) and isinstance(child, (cst.Name, cst.Tuple)):
            return all(isinstance(target.target, cst.Name) for target in above.targets)
        if isinstance(above, (cst.BaseStatement, cst.BaseSmallStatement)):
            return False
        child = above
    return False
