"""Bodies of requests as they were sent, and what a handler does with them before it uses them."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from bedev_lint.model import Options
from bedev_lint.names import any_match, words
from bedev_lint.options import texts
from bedev_lint.syntax.handling.handlers import called_name, caught
from bedev_lint.syntax.literals import text_of
from bedev_lint.syntax.module import Module
from bedev_lint.syntax.scopes import dotted

__all__ = ["RawBodies", "handing_on"]

_TEXTS = (cst.SimpleString, cst.ConcatenatedString, cst.FormattedString)
_WITHIN = (cst.In, cst.NotIn)


class RawBodies:
    """What a function knows of the body of its request, unchecked."""

    def __init__(self, function: cst.FunctionDef, module: Module, options: Options) -> None:
        self._module, self._options = module, options
        self._nodes = list(
            module.below(
                function.body,
                cst.Assign,
                cst.AnnAssign,
                cst.NamedExpr,
                cst.Call,
                cst.Comparison,
                cst.Subscript,
                *_TEXTS,
                whole=False,  # a function that reads a body is there as a whole
            )
        )
        self._function = function
        self._order: dict[cst.CSTNode, int] = {
            node: place
            for place, node in enumerate(
                module.below(function.body, cst.Call, cst.Subscript, whole=False)
            )
        }
        self._names: set[str] = set()
        self._encoded: set[str] = set()
        # What a call has made is no request that the function was given.
        self._made: set[str] = set()
        self._find_names()

    def _find_names(self) -> None:
        """Find the names that are bound to the body, or to another one or a copy of it."""
        for node in self._nodes:
            value = getattr(node, "value", None)
            targets: list[cst.BaseExpression] = []
            if isinstance(node, cst.Assign):
                targets += [target.target for target in node.targets]
            elif isinstance(node, (cst.AnnAssign, cst.NamedExpr)):
                targets.append(node.target)
            bound = {one.value for one in targets if isinstance(one, cst.Name)}
            if value is not None and self.is_body(value):
                self._names |= bound
            if value is not None and self._is_encoded(value):
                self._encoded |= bound
            if isinstance(value.expression if isinstance(value, cst.Await) else value, cst.Call):
                self._made |= bound

    def is_raw(self, node: cst.CSTNode) -> bool:
        """Return whether an expression is the body, as the client has sent it."""
        if isinstance(node, cst.Await):
            return self.is_raw(node.expression)
        if isinstance(node, cst.BooleanOperation):  # `request.get_json() or {}`
            return self.is_raw(node.left)
        if isinstance(node, cst.Call):
            name = self._module.qualified(node.func) or ""
            if name in texts(self._options, "decoding") and node.args:
                return self._is_encoded(node.args[0].value)
            return self._is_part(node.func, "decoded-by-call") or self._is_copy(node)
        return self._is_part(node, "decoded")

    def _is_encoded(self, node: cst.CSTNode) -> bool:
        """Return whether this is the body before it is decoded, its text, or a name of either."""
        if isinstance(node, cst.Await):
            return self._is_encoded(node.expression)
        if isinstance(node, cst.Name):
            return node.value in self._encoded
        if isinstance(node, cst.Call) and called_name(node) in texts(self._options, "as-text"):
            text = node.args[0].value if node.args else node.func
            if isinstance(node.func, cst.Attribute) and node.func.attr.value == "decode":
                text = node.func.value
            return self._is_encoded(text)
        return self._is_part(node, "encoded")

    def _is_copy(self, call: cst.Call) -> bool:
        """Return whether a call copies the body: `dict(request.data)`, `request.POST.copy()`."""
        if called_name(call) not in texts(self._options, "copying"):
            return False
        if not call.args:
            return isinstance(call.func, cst.Attribute) and self.is_body(call.func.value)
        return len(call.args) == 1 and not call.args[0].star and self.is_body(call.args[0].value)

    def _is_part(self, node: cst.CSTNode, key: str) -> bool:
        """Return whether this is such an attribute of a request."""
        if isinstance(node, cst.Await):
            node = node.expression
        if isinstance(node, cst.Call):
            node = node.func
        if not isinstance(node, cst.Attribute) or node.attr.value not in texts(self._options, key):
            return False
        on = self._module.dotted(node.value) or ""
        return on in texts(self._options, "request-names") and on not in self._made

    def is_body(self, node: cst.CSTNode) -> bool:
        """Return whether this is the body, or a name of it."""
        return (isinstance(node, cst.Name) and node.value in self._names) or self.is_raw(node)

    # ------------------------------------------------------------------ uses

    def unchecked(self) -> Iterator[tuple[cst.CSTNode, str]]:
        """Return the uses of the body that nothing has been asked before, with what is used."""
        for node in self._order:
            used = self._use(node)
            if used is not None and not self.is_checked(node, used):
                yield node, used

    def is_checked(self, node: cst.CSTNode, key: str) -> bool:
        """Return whether a function looks at the body for a key, where it comes to a node."""
        return self._is_tried(node) or self._is_known(node, key)

    def _use(self, node: cst.CSTNode) -> str | None:
        """Return the key that is taken of the body, "" for all of it, None for no use."""
        if isinstance(node, cst.Subscript):
            parent = self._module.parent(node)
            is_read = not isinstance(parent, (cst.AssignTarget, cst.Del)) and not _is_button(parent)
            return self._key(node) if is_read else None
        assert isinstance(node, cst.Call)
        if called_name(node) not in texts(self._options, "storing"):
            return None
        return (
            "" if any(arg.star == "**" and self.is_body(arg.value) for arg in node.args) else None
        )

    def _key(self, node: cst.Subscript) -> str | None:
        """Return the key of the body that is spoken of, if one is."""
        index = node.slice[0].slice if len(node.slice) == 1 else None
        key = self._module.string(index.value) if isinstance(index, cst.Index) else None
        return key if key and self.is_body(node.value) else None

    def _is_tried(self, node: cst.CSTNode) -> bool:
        child = node
        for above in self._module.ancestors(node):
            if above is self._function:
                return False
            if isinstance(above, cst.Try) and child is above.body:
                names = [n for handler in above.handlers for n in caught(handler, self._module)]
                if any(name.split(".")[-1] in texts(self._options, "missing") for name in names):
                    return True
            child = above
        return False

    def _is_known(self, use: cst.CSTNode, key: str) -> bool:
        """Return whether a function has asked for the key, or has had the body checked."""
        place = self._order[use]
        before = [node for node, other in self._order.items() if other < place]
        return (
            any(self._asks(node, key) for node in self._nodes)
            or any(self._checks(node) for node in before)
            or any(self._use(node) == key and self._is_tried(node) for node in before)
        )

    def _asks(self, node: cst.CSTNode, key: str) -> bool:
        """Return whether a node sets a key, or asks whether the body has it, or any it lists."""
        if isinstance(node, cst.Comparison):
            is_of_key = self._module.string(node.left) in (key, None)
            return self._is_keys(node.left) or any(
                is_of_key
                and isinstance(target.operator, _WITHIN)
                and self._is_keys(target.comparator)
                for target in node.comparisons
            )
        if isinstance(node, cst.Call):
            if isinstance(node.func, cst.Attribute) and self.is_body(node.func.value):
                first = self._module.string(node.args[0].value) if node.args else None
                return called_name(node) in texts(self._options, "asking") and first in (key, None)
            return False
        if isinstance(node, cst.Subscript):
            return isinstance(self._module.parent(node), cst.AssignTarget) and key == self._key(
                node
            )
        return isinstance(node, _TEXTS) and self._is_listed(node, key)

    def _is_keys(self, node: cst.CSTNode) -> bool:
        if isinstance(node, cst.Call):
            if called_name(node) in ("set", "list") and node.args:
                return self._is_keys(node.args[0].value)
            func = node.func
            return isinstance(func, cst.Attribute) and not node.args and self.is_body(func.value)
        return self.is_body(node)

    def _is_listed(self, node: cst.CSTNode, key: str) -> bool:
        """Return whether a text names the key in a list of those that are required."""
        return text_of(node) == key and isinstance(self._module.parent(node), cst.Element)

    def _checks(self, node: cst.CSTNode) -> bool:
        """Return whether a call may have checked the body, or some of it."""
        if not isinstance(node, cst.Call):
            return False
        name = called_name(node)
        given = [arg.value for arg in node.args]
        is_given = any(self.is_body(one) or self._is_encoded(one) for one in given)
        is_of_sender = not given and any_match((name,), texts(self._options, "checking-sender"))
        if not is_of_sender and any_match((name,), texts(self._options, "checking")):
            return True
        return (
            is_given
            and not self.is_raw(node)
            and name not in (*texts(self._options, "harmless"), *texts(self._options, "as-text"))
            and set(words(name)).isdisjoint(texts(self._options, "telling"))
        )


def handing_on(
    function: cst.FunctionDef, module: Module
) -> Iterator[tuple[cst.FunctionDef, cst.Call]]:
    """Return who calls a function in its module, or a method in its class, with the calls.

    `getattr(self, event)` calls every method. Raises PrunedAccess.
    """
    cls = module.class_of(function)
    for call in module.below(cls.body if cls else module.tree, cst.Call, nested=True):
        caller = module.function_of(call)
        if isinstance(caller, cst.FunctionDef) and _calls(call, function.name.value, bool(cls)):
            yield caller, call


def _calls(call: cst.Call, name: str, is_method: bool) -> bool:
    written = dotted(call.func)
    if is_method and written == "getattr" and len(call.args) > 1:
        on, attribute = dotted(call.args[0].value), call.args[1].value
        return on == "self" and Module.string(attribute) in (name, None)
    return written == (f"self.{name}" if is_method else name)


def _is_button(parent: cst.CSTNode | None) -> bool:
    """Return whether a value is compared with a text: which button of a form it was."""
    return isinstance(parent, cst.Comparison) and any(
        isinstance(target.operator, (cst.Equal, cst.NotEqual))
        and isinstance(target.comparator, _TEXTS)
        for target in parent.comparisons
    )
