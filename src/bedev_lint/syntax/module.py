"""What a visitor rule is given: one module, its nodes, names, strings and comments."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from itertools import chain
from typing import TypeVar

import libcst as cst

from bedev_lint.syntax.scopes import Names, dotted
from bedev_lint.syntax.walk import Tree, children, walk

__all__ = ["NESTED", "Module", "read_text"]

NodeT = TypeVar("NodeT", bound=cst.CSTNode)
Function = (cst.FunctionDef, cst.Lambda)
NESTED = (*Function, cst.ClassDef)
_TEXT = (cst.FormattedStringText, cst.TemplatedStringText)
_STATEMENTS = (cst.BaseStatement, cst.BaseSmallStatement, cst.ExceptHandler, cst.ExceptStarHandler)


class Module:
    """One parsed module, or the parts of it that can matter. Everything is computed when asked for.

    `path` is relative to the project, with `/`; `name` is the dotted module name; `by_python`
    what Python's own parser made of the whole of it.
    """

    def __init__(
        self,
        tree: cst.Module,
        text: str,
        path: str,
        name: str,
        by_python: ast.Module,
        *,
        is_package: bool = False,
        walker: Callable[[cst.CSTNode], Tree] = walk,
    ) -> None:
        self.tree, self.text, self.path, self.name = tree, text, path, name
        self.is_package, self.by_python = is_package, by_python
        self._walker = walker
        self._places: dict[cst.CSTNode, dict[cst.CSTNode, int]] = {}

    # -------------------------------------------------------------- nodes

    @cached_property
    def walked(self) -> Tree:
        return self._walker(self.tree)

    def nodes(self, *kinds: type[NodeT]) -> Iterator[NodeT]:
        """Return all nodes of exactly these classes, each class in the order of the source."""
        for kind in kinds:
            yield from self.walked.buckets.get(kind, ())  # type: ignore[misc]

    def parent(self, node: cst.CSTNode) -> cst.CSTNode | None:
        return self.walked.parents.get(node)

    def ancestors(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """Return the nodes around this one, innermost first, the module last."""
        parents = self.walked.parents
        above = parents.get(node)
        while above is not None:
            yield above
            above = parents.get(above)

    def place(self, node: cst.CSTNode, owner: cst.CSTNode, siblings: Sequence[cst.CSTNode]) -> int:
        """Return which of its `siblings`, all those that `owner` has, a node is."""
        if owner not in self._places:
            self._places[owner] = {one: place for place, one in enumerate(siblings)}
        return self._places[owner][node]

    def function_of(self, node: cst.CSTNode) -> cst.FunctionDef | cst.Lambda | None:
        """Return the innermost function whose body holds the node."""
        for above in self.ancestors(node):
            if isinstance(above, Function):
                return above
        return None

    def class_of(self, node: cst.CSTNode) -> cst.ClassDef | None:
        """Return the innermost class around the node, with no function between them."""
        for above in self.ancestors(node):
            if isinstance(above, cst.ClassDef):
                return above
            if isinstance(above, Function):
                return None
        return None

    def statement_of(self, node: cst.CSTNode) -> cst.CSTNode:
        """Return the innermost statement that holds the node (the node itself, if it is one)."""
        last = node
        for above in chain([node], self.ancestors(node)):
            if isinstance(above, _STATEMENTS):
                return above
            last = above
        return last

    def qualname(self, node: cst.CSTNode) -> str:
        """Return the dotted name of the functions and classes around a node, "" for the module."""
        names = [
            above.name.value
            for above in [node, *self.ancestors(node)]
            if isinstance(above, (cst.FunctionDef, cst.ClassDef))
        ]
        return ".".join(reversed(names))

    def below(
        self, node: cst.CSTNode, *kinds: type[NodeT], nested: bool = False, whole: bool = True
    ) -> Iterator[NodeT]:
        """Return the nodes of these classes under (and with) this one, in the order of the source.

        What stands inside nested functions, lambdas and classes is left out, unless `nested`.
        Raises PrunedAccess, unless it need not be the `whole` of it.
        """
        stack: list[cst.CSTNode] = [node]
        while stack:
            current = stack.pop()
            kind = current.__class__
            if kind in kinds:
                yield current  # type: ignore[misc]
            if current is not node and not nested and kind in NESTED:
                continue
            stack.extend(reversed(children(current, whole=whole)))

    # -------------------------------------------------------------- names

    @cached_property
    def names(self) -> Names:
        return Names(self.walked, self.name, self.is_package)

    def qualified(self, node: cst.CSTNode) -> str | None:
        """Return the dotted name that an expression stands for (`requests.get`), through imports.

        A call is not followed: of `f(x).y` it is None. Builtins are their bare name.
        """
        return self.names.qualified(node)

    def bindings(self, name: cst.Name) -> list[cst.CSTNode]:
        """Return what binds this name here: see `Names.bindings`."""
        return self.names.bindings(name.value, name)

    # -------------------------------------------------------------- text

    def code(self, node: cst.CSTNode) -> str:
        """Return the source of a node. Never show it: it may hold a secret."""
        return self.tree.code_for_node(node)

    @staticmethod
    def dotted(node: cst.CSTNode) -> str | None:
        """Return `a.b.c` as written, or None."""
        return dotted(node)

    @staticmethod
    def string(node: cst.CSTNode) -> str | None:
        """Return the value of a str or bytes literal, implicit concatenation folded, else None.

        An f-string (or t-string) without fields is a literal; one with fields is None.
        """
        return _string(node)

    def comments(self, node: cst.CSTNode) -> list[str]:
        """Return the comments within a node, with their `#`."""
        comments: list[str] = []
        stack: list[cst.CSTNode] = [node]
        while stack:
            current = stack.pop()
            if isinstance(current, cst.Comment):
                comments.append(current.value)
            stack.extend(reversed(current.children))
        return comments


def _string(node: cst.CSTNode) -> str | None:
    if isinstance(node, cst.SimpleString):
        if "\\" not in node.value and "b" not in node.prefix:
            # Python reads every end of a line as a line feed.
            return node.raw_value.replace("\r\n", "\n").replace("\r", "\n")
        try:
            value = node.evaluated_value
        except (ValueError, SyntaxError, UnicodeError):
            return node.raw_value
        return value.decode("latin-1") if isinstance(value, bytes) else value
    if isinstance(node, cst.ConcatenatedString):
        left, right = _string(node.left), _string(node.right)
        return None if left is None or right is None else left + right
    if isinstance(node, (cst.FormattedString, cst.TemplatedString)):
        parts = [part for part in node.parts if isinstance(part, _TEXT)]
        if len(parts) != len(node.parts):
            return None
        return "".join(read_text(part.value, node.prefix, node.quote) for part in parts)
    return None


def read_text(written: str, prefix: str, quote: str) -> str:
    """Return a text between the fields of an f-string as Python reads it."""
    text = written.replace("{{", "{").replace("}}", "}")
    if "\\" not in text or "r" in prefix.lower():
        return text.replace("\r\n", "\n").replace("\r", "\n")
    try:
        # The space keeps a quote at its end apart from those that close it.
        return str(ast.literal_eval(f"{quote}{text} {quote}"))[:-1]
    except (ValueError, SyntaxError):
        return text
