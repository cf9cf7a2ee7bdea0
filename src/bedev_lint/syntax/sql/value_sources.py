"""Where a value comes from, as far as its module says: from others, or from what cannot harm."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase

import libcst as cst

from bedev_lint.model import Options
from bedev_lint.names import words
from bedev_lint.options import texts
from bedev_lint.syntax.handling.handlers import called_name
from bedev_lint.syntax.literals import last_name
from bedev_lint.syntax.module import Module
from bedev_lint.syntax.scopes import assigned, target_names
from bedev_lint.syntax.sql.building import Part, as_text, parts_of
from bedev_lint.syntax.sql.checked import is_checked, leaves_room

__all__ = ["Sources"]

_PLAIN = (cst.Integer, cst.Float, cst.Imaginary, cst.SimpleString, cst.Comparison)
_NUMBERS = (cst.Integer, cst.Float)
_REPEATED = (*_NUMBERS, cst.SimpleString, cst.List)
_COLLECTIONS = (cst.List, cst.Tuple, cst.Set)
_COMPREHENSIONS = (cst.ListComp, cst.SetComp, cst.GeneratorExp)
_NUMERIC = (cst.Subtract, cst.Divide, cst.FloorDivide, cst.Power, cst.Modulo)
_ASSIGNMENTS = (cst.Assign, cst.AnnAssign, cst.AugAssign)
_OWNERS = frozenset({"self", "cls"})
_CONVERSIONS = frozenset({"str", "repr", "tuple", "list", "set", "sorted", "min", "max"})
_PAIRED = frozenset({"items", "keys", "values"})
_DEEPEST = 6

# An expression whose value comes from others, or a parameter.
Source = cst.CSTNode


class Sources:
    """Finds the sources of values: parameters, attributes, and calls of which nothing is known.

    `ends` says of a text with holes, and of what stands before a value in a text, whether that
    ends the search there.
    """

    def __init__(
        self, module: Module, options: Options, ends: Callable[[str, str | None], bool]
    ) -> None:
        self._module, self._options, self._ends = module, options, ends
        self._visited: set[cst.CSTNode] = set()

    def of(self, node: cst.BaseExpression) -> Iterator[Source]:
        """Return the sources of a value; none if it is harmless. Raises PrunedAccess."""
        self._visited.clear()
        return self._of(node, 0)

    def _of(self, node: cst.BaseExpression | None, depth: int) -> Iterator[Source]:
        if node is None or depth > _DEEPEST or isinstance(node, _PLAIN) or node in self._visited:
            return
        self._visited.add(node)
        deeper = depth + 1
        if isinstance(node, cst.Name):
            yield from self._of_name(node, deeper)
        elif isinstance(node, cst.Attribute):
            yield from self._of_attribute(node, deeper)
        elif isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.Multiply):
            # Of a number, or a text several times.
            is_harmless = isinstance(node.left, _REPEATED) or isinstance(node.right, _NUMBERS)
            if not is_harmless and not any(map(_is_number, (node.left, node.right))):
                yield node
        elif (parts := parts_of(node, self._module)) is not None:
            yield from self._of_parts(parts, deeper)
        elif isinstance(node, cst.Call):
            yield from self._of_call(node, deeper)
        else:
            for choice in _choices(node):
                yield from self._of(choice, deeper)

    def _of_parts(self, parts: list[Part], depth: int) -> Iterator[Source]:
        if self._ends(as_text(parts), None):
            return
        before = ""
        for part in parts:
            if isinstance(part, str):
                before += part
            elif not self._ends("", before):
                yield from self._of(part, depth)

    # ------------------------------------------------------------------ names

    def _of_name(self, name: cst.Name, depth: int) -> Iterator[Source]:
        if name.value.isupper() or is_checked(name, self._module, self._options):
            return
        for binder in self._module.bindings(name):
            yield from self._of_binder(name.value, binder, depth)

    def _of_binder(self, name: str, binder: cst.CSTNode, depth: int) -> Iterator[Source]:
        annotation = getattr(binder, "annotation", None)
        if isinstance(annotation, cst.Annotation) and not leaves_room(annotation, self._options):
            return
        if isinstance(binder, cst.Param):
            yield binder
        elif isinstance(binder, cst.NamedExpr):
            yield from self._of(binder.value, depth)
        elif isinstance(binder, _ASSIGNMENTS):
            for target in assigned(binder):
                yield from self._of_target(name, target, binder.value, depth)
        elif isinstance(binder, (cst.For, cst.CompFor)):
            yield from self._of_loop(name, binder, depth)

    def _of_target(
        self, name: str, target: cst.CSTNode, value: cst.BaseExpression | None, depth: int
    ) -> Iterator[Source]:
        """Return the sources of what an assignment gives a name.

        What comes with its parameters is a clause: `sql, params = …`.
        """
        names = [one.value for one in target_names(target)]
        if name not in names:
            return
        if isinstance(target, cst.Name):
            is_empty = isinstance(value, (cst.List, cst.Set)) and not value.elements
            for one in self._put_into(target) if is_empty else (value,):
                yield from self._of(one, depth)
        elif isinstance(value, cst.Tuple) and len(value.elements) == len(names):
            yield from self._of(value.elements[names.index(name)].value, depth)
        else:
            known = {word for one in names for word in words(one)}
            if known.isdisjoint(texts(self._options, "parameter-words")):
                yield from self._of(value, depth)

    def _put_into(self, collection: cst.Name) -> Iterator[cst.BaseExpression]:
        """Return what is put into a collection in its function."""
        scope = self._module.function_of(collection) or self._module.tree
        for call in self._module.below(scope, cst.Call, nested=True):
            func = call.func
            if (
                isinstance(func, cst.Attribute)
                and isinstance(func.value, cst.Name)
                and func.value.value == collection.value
                and func.attr.value in texts(self._options, "gathering")
            ):
                yield from (arg.value for arg in call.args[-1:])

    def _of_loop(self, name: str, loop: cst.For | cst.CompFor, depth: int) -> Iterator[Source]:
        called = loop.iter if isinstance(loop.iter, cst.Call) else None
        function = called_name(called) if called is not None else ""
        if called is None or function not in ("range", "enumerate", *_PAIRED):
            yield from self._of(loop.iter, depth)
        elif function in _PAIRED:
            paired = called.func.value if isinstance(called.func, cst.Attribute) else None
            yield from self._of(paired, depth)
        elif function == "enumerate" and next(target_names(loop.target)).value != name:
            yield from self._of(called.args[0].value, depth)

    # ------------------------------------------------------------------ attributes

    def _of_attribute(self, node: cst.Attribute, depth: int) -> Iterator[Source]:
        name, base = node.attr.value, node.value
        written = (self._module.dotted(node) or name).split(".")
        is_of_class = written[0][:1].isupper() and any(map(str.isupper, written[1:]))
        if is_of_class or name.isupper():
            return  # a constant, or what the member of an enumeration is called
        if not {*written}.isdisjoint(texts(self._options, "safe-attributes")):
            return
        if isinstance(base, cst.Name) and base.value in _OWNERS:
            yield from self._of_own(node, depth)
            return
        if name == "value" and next(self._of(base, depth), None) is None:
            return  # of a member of an enumeration
        outside = texts(self._options, "outside-words")
        is_outside = any(word in outside for one in written for word in words(one))
        binders = self._module.bindings(base) if isinstance(base, cst.Name) else []
        is_of_module = any(isinstance(one, (cst.ImportAlias, cst.ClassDef)) for one in binders)
        if is_outside or not is_of_module:
            yield node

    def _of_own(self, node: cst.Attribute, depth: int) -> Iterator[Source]:
        """Return the sources of what a class gives to an attribute of its own."""
        above = self._module.ancestors(node)
        cls = next((one for one in above if isinstance(one, cst.ClassDef)), None)
        if cls is None:
            yield node
            return
        values: list[cst.BaseExpression | None] = []
        for one in self._module.below(cls, cst.Assign, cst.AnnAssign, nested=True):
            assert isinstance(one, (cst.Assign, cst.AnnAssign))
            if all(last_name(target) != node.attr.value for target in assigned(one)):
                continue
            if isinstance(one, cst.AnnAssign) and not leaves_room(one.annotation, self._options):
                return
            values.append(one.value)
        if not values or any(next(self._of(value, depth), None) for value in values):
            yield node

    # ------------------------------------------------------------------ calls

    def _of_call(self, call: cst.Call, depth: int) -> Iterator[Source]:
        name = called_name(call)
        names = (self._module.qualified(call.func) or "", f"*.{name}")
        if any(fnmatchcase(one, p) for one in names for p in texts(self._options, "safe-calls")):
            return
        if not set(words(name)).isdisjoint(texts(self._options, "quoting-words")):
            return
        inner = self._kept(call)
        if inner is not None:
            yield from self._of(inner, depth)
            return
        function = self._called(call)
        if function is None:
            yield call
            return
        for given in self._module.below(function, cst.Return):
            if next(self._of(given.value, depth), None):
                yield call
                return

    def _kept(self, call: cst.Call) -> cst.BaseExpression | None:
        """Return what a call only gives in another form: `str(x)`, `", ".join(x)`, `x.lower()`."""
        name = called_name(call)
        if name == "map" and len(call.args) > 1:
            by = call.args[0].value
            return None if last_name(by) not in _CONVERSIONS else call.args[1].value
        if call.args and (
            name == "join" or (isinstance(call.func, cst.Name) and name in _CONVERSIONS)
        ):
            return call.args[0].value
        if isinstance(call.func, cst.Attribute) and name in texts(self._options, "keeping"):
            return call.func.value
        return None

    def _called(self, call: cst.Call) -> cst.FunctionDef | None:
        """Return the function of the module, or the method of the class, that is called."""
        func = call.func
        found: list[cst.CSTNode] = []
        if isinstance(func, cst.Name):
            found = self._module.bindings(func)
        elif isinstance(func, cst.Attribute) and last_name(func.value) in _OWNERS:
            above = self._module.ancestors(call)
            cls = next((one for one in above if isinstance(one, cst.ClassDef)), None)
            methods = self._module.below(cls.body, cst.FunctionDef) if cls is not None else ()
            found = [one for one in methods if one.name.value == func.attr.value]
        function = found[0] if len(found) == 1 else None
        return function if isinstance(function, cst.FunctionDef) else None


def _is_number(node: cst.BaseExpression) -> bool:
    """Return whether an operation can only give a number: `page - 1`."""
    return isinstance(node, cst.BinaryOperation) and isinstance(
        node.operator, (cst.Subtract, cst.Divide, cst.FloorDivide, cst.Power)
    )


def _choices(node: cst.BaseExpression) -> Iterator[cst.BaseExpression | None]:
    """Return the values of which one is, or which all are in, another one."""
    if isinstance(node, cst.IfExp):
        yield from (node.body, node.orelse)
    elif isinstance(node, cst.BooleanOperation):
        yield from (node.left, node.right)
    elif isinstance(node, cst.BinaryOperation):
        if not isinstance(node.operator, _NUMERIC) and not isinstance(node.right, _NUMBERS):
            yield from (node.left, node.right)
    elif isinstance(node, cst.Subscript):
        yield node.value
    elif isinstance(node, (*_COLLECTIONS, cst.Dict)):
        yield from (element.value for element in node.elements)
    elif isinstance(node, _COMPREHENSIONS):
        yield node.elt
    elif isinstance(node, cst.Await):
        yield node.expression
    elif isinstance(node, cst.NamedExpr):
        yield node.value
