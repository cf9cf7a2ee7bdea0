"""Where literals stand: as named constants, as defaults that a caller replaces, as arguments."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from itertools import islice

import libcst as cst

from bedev_lint.names import words
from bedev_lint.syntax.literals import HOLE, last_name, makes_object, text_of
from bedev_lint.syntax.module import Module
from bedev_lint.syntax.scopes import assigned, dotted
from bedev_lint.syntax.strings.uses import uses_of, uses_of_variable
from bedev_lint.syntax.walk import one_by_one

__all__ = [
    "can_be_set",
    "class_of_constants",
    "enumeration_of",
    "given_to",
    "is_command_option",
    "is_key",
    "is_kind_of",
    "is_named_constant",
    "is_taken_apart",
    "registered_as",
    "serves_as_constant",
]

_COLLECTIONS = (cst.Dict, cst.List, cst.Tuple, cst.Set)
_ENTRIES = (cst.DictElement, cst.Element)
# What a value is put together by, and what has a name for it.
_PLAIN = (*_COLLECTIONS, *_ENTRIES, cst.BinaryOperation, cst.BooleanOperation, cst.IfExp, cst.Arg)
_ASSIGNMENTS = (cst.Assign, cst.AnnAssign, cst.AugAssign)
# What a value does not go through.
_NO_VALUE = (cst.BaseSmallStatement, cst.BaseCompoundStatement, cst.Comparison)
_DEPTH = 5
_CONSTRUCTORS = frozenset({"__init__", "__new__", "__post_init__", "__attrs_post_init__"})
_REGISTERING = (("add",), ("register",))
_ENUMERATIONS = ("Enum", "Choices", "Flag")
_TRIMMING = frozenset({"strip", "lstrip", "rstrip", "lower"})
# Words of what makes another form of an address out of one: `parse_url`.
_ADDRESSES = frozenset({"url", "uri"})
# Decorators that make a command of a function, and options of its parameters.
_COMMANDS = frozenset({"command", "callback"})
# So many annotated attributes are the fields of a class; so many of its lines are looked at.
_FIELDS, _ATTRIBUTES = 3, 32
# Modules of bases that make no fields of annotations.
_PLAIN_BASES = frozenset({"abc", "collections", "enum", "typing", "typing_extensions"})
_FORMATTING = (cst.BinaryOperation, cst.Attribute, cst.Call)


def given_to(node: cst.CSTNode, module: Module) -> str | None:
    """Return the dotted name of the function whose argument a literal is.

    It may stand in a collection, or be formatted. The name is as resolved through imports; else
    `*.name`, the last part as it is written.
    """
    child = node
    for parent in module.ancestors(node):
        if isinstance(parent, cst.Call) and parent.func is not child:
            return module.qualified(parent.func) or f"*.{last_name(parent.func) or ''}"
        if not isinstance(parent, (*_COLLECTIONS, *_ENTRIES, *_FORMATTING, cst.Arg)):
            return None
        child = parent
    return None


def is_named_constant(node: cst.CSTNode, module: Module, wrappers: Sequence[str]) -> bool:
    """Return whether a literal is a constant of a module or class, or stands in one.

    Calls of `wrappers` keep what they are given; what is put into it by `format` is part of it.
    """
    if module.function_of(node) is not None:
        return False
    child = node
    for parent in module.ancestors(node):
        if isinstance(parent, _ASSIGNMENTS):
            return True
        if isinstance(parent, cst.Call):
            if parent.func is not child and module.qualified(parent.func) not in wrappers:
                return False
        elif isinstance(parent, cst.Attribute):
            if parent.value is not node or parent.attr.value != "format":
                return False
        elif not isinstance(parent, _PLAIN):
            return False
        child = parent
    return False


def serves_as_constant(node: cst.CSTNode, module: Module) -> bool:
    """Return whether a literal has a name of its own, as constants have, without being one.

    It is an attribute that a constructor sets, or a constant of a module or class consists of
    objects that are made with it: `SHOP = Shop(url="https://…")`. It is written there as a whole:
    nothing is put into the attribute but other constants.
    """
    function = module.function_of(node)
    if function is None:
        return _is_in_object(node, module)
    parent = module.parent(node)
    if not isinstance(function, cst.FunctionDef) or HOLE in text_of(node):
        return False
    if not isinstance(parent, (cst.Assign, cst.AnnAssign)):
        return False
    is_attribute = all(isinstance(target, cst.Attribute) for target in assigned(parent))
    return is_attribute and function.name.value in _CONSTRUCTORS


def _is_in_object(node: cst.CSTNode, module: Module) -> bool:
    """Return whether a constant consists of objects, and a literal is an argument of one.

    Of a module only in upper case: `client = Client("https://…")` is there to be used.
    """
    child = node
    for parent in module.ancestors(node):
        if isinstance(parent, (cst.Assign, cst.AnnAssign)):
            names = [last_name(target) or "" for target in assigned(parent)]
            return module.class_of(parent) is not None or all(name.isupper() for name in names)
        if isinstance(parent, cst.Call):
            if parent.func is child or not makes_object(parent):
                return False
        elif not isinstance(parent, (cst.Arg, *_COLLECTIONS, *_ENTRIES)):
            return False
        child = parent
    return False


def registered_as(node: cst.CSTNode, module: Module) -> str | None:
    """Return the name that a literal is registered under: `add_link("terms", "https://…")`."""
    arg = module.parent(node)
    call = module.parent(arg) if isinstance(arg, cst.Arg) else None
    if not isinstance(call, cst.Call) or words(last_name(call.func) or "")[:1] not in _REGISTERING:
        return None
    named = [one for one in call.args if one.keyword is not None and one.keyword.value == "name"]
    key = (named or call.args)[0]
    text = Module.string(key.value)
    return text if key is not arg and text is not None and "://" not in text else None


def enumeration_of(node: cst.CSTNode, module: Module) -> str | None:
    """Return the name of the enumeration that a literal is a member of."""
    cls = module.class_of(node) if module.function_of(node) is None else None
    if cls is None:
        return None
    bases = (dotted(base.value) or "" for base in cls.bases)
    return cls.name.value if any(base.endswith(_ENUMERATIONS) for base in bases) else None


def class_of_constants(node: cst.CSTNode, module: Module) -> str | None:
    """Return the name of the class without bases that consists of constants, this one of them.

    There are several: one alone need not be of a kind. Raises PrunedAccess.
    """
    cls = module.class_of(node) if module.function_of(node) is None else None
    if cls is None or cls.bases:
        return None
    lines = [one for one in one_by_one(cls.body.body) if not isinstance(one, cst.Expr)]
    are_constants = all(isinstance(one, (cst.Assign, cst.AnnAssign)) for one in lines)
    return cls.name.value if are_constants and len(lines) > 1 else None


def can_be_set(node: cst.CSTNode, module: Module, fields: Sequence[str]) -> bool:
    """Return whether a literal only stands in for what a caller may give.

    The default of a parameter; of a field that a constructor takes (`fields` are patterns of base
    classes and decorators of classes that have such); what comes behind `or`, or under
    `if x is None`.
    """
    child = node
    for parent in module.ancestors(node):
        if isinstance(parent, cst.Param):
            return child is parent.default
        if isinstance(parent, cst.Call):
            if isinstance(child, cst.Arg) and is_taken_apart(parent, module):
                return False
        elif isinstance(parent, cst.BooleanOperation):
            if isinstance(parent.operator, cst.Or) and child is parent.right:
                return True
        elif isinstance(parent, cst.IfExp):
            other = parent.body if child is parent.orelse else parent.orelse
            if not set(_tested(other)).isdisjoint(_tested(parent.test)):
                return True
        elif isinstance(parent, _ASSIGNMENTS):
            return (
                _is_field(parent, module, fields)
                or _fills_gap(parent, module)
                or (child is node and _only_stands_in(node, module))
                or (child is node and _is_default_of_class(node, module))
            )
        elif isinstance(parent, _NO_VALUE):
            return False
        child = parent
    return False


def is_taken_apart(call: cst.Call, module: Module) -> bool:
    """Return whether a call is made for what its result has or yields, and not for that itself.

    Whoever gives another value in place of `urlopen("…").read()` gives no other address.
    """
    above = module.parent(call)
    if isinstance(above, cst.Await):
        return True
    return (
        isinstance(above, cst.Attribute)
        and above.attr.value not in _TRIMMING
        and _ADDRESSES.isdisjoint(words(last_name(call.func) or ""))
    )


def _only_stands_in(node: cst.CSTNode, module: Module) -> bool:
    """Return whether a literal is given to a variable that only ever stands behind an `or`."""
    uses = uses_of_variable(node, module)
    choices = [(use, module.parent(use)) for use in uses]
    return bool(choices) and all(
        isinstance(choice, cst.BooleanOperation)
        and isinstance(choice.operator, cst.Or)
        and choice.right is use
        for use, choice in choices
    )


def _is_default_of_class(node: cst.CSTNode, module: Module) -> bool:
    """Return whether a literal is a default of a class, by its name, and only chosen here.

    `default_url = …` before `url or self.default_url`, or where another one is compared with it.
    """
    assign = module.parent(node)
    if not isinstance(assign, (cst.Assign, cst.AnnAssign)):
        return False
    names = [last_name(target) or "" for target in assigned(assign)]
    chosen = (cst.BooleanOperation, cst.Comparison, cst.ComparisonTarget)
    return (
        module.class_of(assign) is not None
        and module.function_of(assign) is None
        and all(words(name)[:1] == ("default",) and name.islower() for name in names)
        and all(isinstance(module.parent(use), chosen) for use in uses_of(node, module))
    )


def is_key(node: cst.CSTNode, module: Module) -> bool:
    """Return whether a literal is what an entry of a dictionary is found by."""
    entry = module.parent(node)
    return isinstance(entry, cst.DictElement) and entry.key is node


def is_command_option(node: cst.CSTNode, module: Module) -> bool:
    """Return whether a literal is the default of a parameter of a command: `@app.command()`."""
    parent = module.parent(node)
    function = module.function_of(node) if isinstance(parent, cst.Param) else None
    if not isinstance(function, cst.FunctionDef):
        return False
    marks = (mark.decorator for mark in function.decorators)
    named = (mark.func if isinstance(mark, cst.Call) else mark for mark in marks)
    return any(last_name(name) in _COMMANDS for name in named)


def _tested(test: cst.BaseExpression) -> list[str]:
    """Return the names that a condition asks for: of `not x`, `x is None`, `x` and the like."""
    if isinstance(test, cst.UnaryOperation):
        return _tested(test.expression)
    if isinstance(test, cst.Comparison):
        return _tested(test.left)
    if isinstance(test, cst.BooleanOperation):
        return [*_tested(test.left), *_tested(test.right)]
    if isinstance(test, cst.Call):
        func = test.func
        if isinstance(func, cst.Attribute) and func.attr.value in _TRIMMING:
            return _tested(func.value)
        # settings.get("url")
        return [name for arg in test.args[:1] if (name := Module.string(arg.value))]
    name = last_name(test)
    return [name] if name is not None else []


def _fills_gap(assign: cst.CSTNode, module: Module) -> bool:
    """Return whether an assignment is made where its target is empty: `if x is None: x = …`."""
    if not isinstance(assign, cst.Assign):
        return False
    for parent in module.ancestors(assign):
        if isinstance(parent, cst.If):
            names = {last_name(target.target) for target in assign.targets}
            return not names.isdisjoint(_tested(parent.test))
        if not isinstance(parent, (cst.SimpleStatementLine, cst.IndentedBlock)):
            return False
    return False


def _is_field(assign: cst.CSTNode, module: Module, fields: Sequence[str]) -> bool:
    """Return whether an assignment is a field that the constructor of its class takes."""
    cls = module.class_of(assign)
    if cls is None:
        return False
    if isinstance(assign, cst.AnnAssign):
        annotation = assign.annotation.annotation
        if isinstance(annotation, cst.Subscript):
            annotation = annotation.value
        if last_name(annotation) in ("ClassVar", "Final"):
            return False
    elif not isinstance(assign, cst.Assign) or not isinstance(assign.value, cst.Call):
        return False
    return is_kind_of(cls, module, fields) or (
        isinstance(assign, cst.AnnAssign) and _has_fields(cls, module)
    )


def _has_fields(cls: cst.ClassDef, module: Module) -> bool:
    """Return whether annotations in a class tell a base of another module what can be set.

    Several attributes in small letters, not all of one type: `url: str = …`, `retries: int = …`.
    Raises PrunedAccess.
    """
    bases = [(module.qualified(base.value) or "").partition(".") for base in cls.bases]
    if not any(name and top not in _PLAIN_BASES for top, _, name in bases):
        return False
    types = [
        module.code(one.annotation.annotation)
        for one in islice(one_by_one(cls.body.body), _ATTRIBUTES)
        if isinstance(one, cst.AnnAssign)
        and one.value is not None
        and isinstance(one.target, cst.Name)
        and one.target.value.islower()
        and not one.target.value.startswith("_")
    ]
    return len(types) >= _FIELDS and len(set(types)) > 1


def is_kind_of(cls: cst.ClassDef, module: Module, kinds: Sequence[str], depth: int = 0) -> bool:
    """Return whether a class, or a base of it in this module, has such a base or decorator."""
    above = [base.value for base in cls.bases]
    above += [
        mark.decorator.func if isinstance(mark.decorator, cst.Call) else mark.decorator
        for mark in cls.decorators
    ]
    for base in above:
        name = module.qualified(base) or dotted(base) or ""
        if any(fnmatchcase(name, pattern) for pattern in kinds):
            return True
        if isinstance(base, cst.Name) and depth < _DEPTH:
            binders = (one for one in module.bindings(base) if isinstance(one, cst.ClassDef))
            if any(is_kind_of(one, module, kinds, depth + 1) for one in binders if one is not cls):
                return True
    return False
