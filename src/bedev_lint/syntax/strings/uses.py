"""Where the names that literals are given to are used: what becomes of the values."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import lru_cache

import libcst as cst

from bedev_lint.names import words
from bedev_lint.syntax.literals import last_name
from bedev_lint.syntax.module import Module
from bedev_lint.syntax.scopes import assigned, dotted

__all__ = ["are_all", "asks_for", "attributes_in", "names_in", "uses_of", "uses_of_variable"]

_COMPREHENSIONS = (cst.GeneratorExp, cst.ListComp, cst.SetComp)
_COLLECTING = frozenset({"frozenset", "list", "set", "sorted", "tuple"})
_DISPLAYS = (cst.Dict, cst.List, cst.Tuple, cst.Set)
# Words of the names of modules that hold what others read.
_FOR_OTHERS = frozenset(
    {"settings", "config", "configuration", "conf", "constants", "consts", "defaults"}
)
# A name is followed to another, and that to a third.
_DEPTH = 3


def are_all(
    node: cst.CSTNode, module: Module, holds: Callable[[cst.CSTNode], bool], depth: int = _DEPTH
) -> bool:
    """Return whether the name that a literal is given to is used, and each time as `holds` asks.

    It may be one of several there. A use in a longer text is asked for, too, and one that is given
    to another variable is followed. What other modules do with it does not count.
    Raises PrunedAccess.
    """
    uses = uses_of(node, module)
    return bool(uses) and all(
        holds(use)
        or ((text := _text_around(use, module)) is not use and holds(text))
        or (depth > 1 and are_all(text, module, holds, depth - 1))
        for use in uses
    )


def uses_of(node: cst.CSTNode, module: Module) -> list[cst.CSTNode]:
    """Return the uses of the name that a literal is given to, as far as they are all here."""
    return uses_of_variable(node, module) or _uses_of_constant(node, module)


def uses_of_variable(node: cst.CSTNode, module: Module) -> list[cst.CSTNode]:
    """Return the uses of the one local variable that a literal is assigned to; none if it is not.

    It may be one of several there: `tuple(f"https://git.io/{one}" for one in names)`. Another
    assignment to the variable is one of its uses. Raises PrunedAccess.
    """
    function = module.function_of(node)
    target = None if function is None else _target(node, module)
    if function is None or not isinstance(target, cst.Name):
        return []
    uses = names_in(function, module).get(target.value, ())
    return [use for use in uses if use is not target]


def _uses_of_constant(node: cst.CSTNode, module: Module) -> list[cst.CSTNode]:
    """Return the uses of the one constant of a module or class that a literal is assigned to.

    Also of an attribute of `self`. None of what a module of settings or constants holds for
    others, in upper case, unless an underscore says that it is its own. Raises PrunedAccess.
    """
    target = _target(node, module)
    if isinstance(target, cst.Attribute):
        is_own = isinstance(target.value, cst.Name) and target.value.value == "self"
        uses = _named(module.tree, module)[1].get(target.attr.value, ()) if is_own else ()
    elif isinstance(target, cst.Name) and module.function_of(node) is None:
        is_public = target.value.isupper() and not target.value.startswith("_")
        is_for_others = is_public and not _FOR_OTHERS.isdisjoint(words(module.name))
        is_attribute = module.class_of(node) is not None
        every = _named(module.tree, module)[is_attribute] if not is_for_others else {}
        uses = every.get(target.value, ())
    else:
        return []
    return [use for use in uses if use is not target]


def names_in(scope: cst.CSTNode, module: Module) -> Mapping[str, list[cst.CSTNode]]:
    """Return where the names in a module or function stand. Raises PrunedAccess."""
    return _named(scope, module)[0]


def attributes_in(scope: cst.CSTNode, module: Module) -> Mapping[str, list[cst.CSTNode]]:
    """Return where the attributes in a module or function stand. Raises PrunedAccess."""
    return _named(scope, module)[1]


@lru_cache(maxsize=4)
def _named(scope: cst.CSTNode, module: Module) -> tuple[Mapping[str, list[cst.CSTNode]], ...]:
    """Return all names in a module or function, and all attributes, by what they are called.

    At once, so that a long table costs no square. Raises PrunedAccess.
    """
    names: dict[str, list[cst.CSTNode]] = {}
    attributes: dict[str, list[cst.CSTNode]] = {}
    for node in module.below(scope, cst.Name, cst.Attribute, nested=True):
        if isinstance(node, cst.Name):
            names.setdefault(node.value, []).append(node)
        elif isinstance(node, cst.Attribute):
            attributes.setdefault(node.attr.value, []).append(node)
    return names, attributes


def _target(node: cst.CSTNode, module: Module) -> cst.BaseExpression | None:
    """Return the one target that a literal is assigned to, or what holds it.

    A collection, or the text that `format` or an operator makes of it.
    """
    child = node
    for parent in module.ancestors(node):
        if isinstance(parent, (cst.Assign, cst.AnnAssign)):
            targets = list(assigned(parent))
            return targets[0] if child is parent.value and len(targets) == 1 else None
        if isinstance(parent, cst.Call):
            if child is not parent.func and last_name(parent.func) not in _COLLECTING:
                return None
        elif isinstance(parent, cst.Attribute):
            if child is not node or parent.attr.value != "format":
                return None
        elif isinstance(parent, cst.BinaryOperation):
            if child is not parent.left:
                return None
        elif isinstance(parent, _COMPREHENSIONS):
            if child is not parent.elt:
                return None
        elif isinstance(parent, cst.DictElement):
            if child is not parent.value:
                return None
        elif not isinstance(parent, (*_DISPLAYS, cst.Arg, cst.Element)):
            return None
        child = parent
    return None


def _text_around(node: cst.CSTNode, module: Module) -> cst.CSTNode:
    """Return the text that something is a part of: an f-string, a sum; else itself."""
    text = node
    for parent in module.ancestors(node):
        if isinstance(parent, (cst.FormattedString, cst.BinaryOperation, cst.ConcatenatedString)):
            text = parent
        elif not isinstance(parent, cst.FormattedStringExpression):
            return text
    return text


def asks_for(
    test: cst.BaseExpression, value: cst.BaseExpression, names: Collection[str], module: Module
) -> bool:
    """Return whether a condition speaks of a value, of what has it, or of one of its `names`.

    Of `config.url`: `config.url != ""`, `config is None`, `"url" in config`; not `config.debug`.
    Raises PrunedAccess.
    """
    own = {*names, *(one for one, _ in _spoken_of(value, module))}
    owners = {one[: dot.start()] for one in own for dot in re.finditer(r"\.", one)}
    return any(
        one in own or one.rpartition(".")[2] in names or (one in owners and not is_asked)
        for one, is_asked in _spoken_of(test, module)
    )


def _spoken_of(node: cst.BaseExpression, module: Module) -> Iterator[tuple[str, bool]]:
    """Return the texts and the whole chains of names in an expression, without the functions.

    Each with whether it has the method that is called.
    """
    for one in module.below(node, cst.Attribute, cst.Name, cst.SimpleString):
        above = module.parent(one)
        if isinstance(one, cst.SimpleString):
            yield Module.string(one) or "", False
        elif isinstance(above, cst.Attribute):
            if one is above.value and _is_called(above, module):
                yield dotted(one) or "", True
        elif not _is_called(one, module):
            yield dotted(one) or "", False


def _is_called(node: cst.BaseExpression, module: Module) -> bool:
    call = module.parent(node)
    return isinstance(call, cst.Call) and call.func is node
