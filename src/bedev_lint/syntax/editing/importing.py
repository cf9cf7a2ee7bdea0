"""Imports that a fix adds at the top of a module."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import TypeVar

import libcst as cst

from bedev_lint.syntax.module import Module

__all__ = ["behind_imports", "can_import", "with_blank_line", "with_import"]

NodeT = TypeVar("NodeT", bound=cst.CSTNode)

_IMPORTS = (cst.Import, cst.ImportFrom)


def can_import(name: str, node: cst.CSTNode, module: Module) -> bool:
    """Return whether a module of this name, imported at the top, has its name at a node."""
    return all(
        isinstance(binder, cst.ImportAlias)
        and isinstance(module.parent(binder), cst.Import)
        and binder.asname is None
        and _root(binder.evaluated_name) == name
        and module.function_of(binder) is None
        for binder in module.names.bindings(name, node)
    )


def with_import(tree: cst.Module, name: str) -> cst.Module:
    """Return a tree that imports a module of the standard library at its top, if it does not yet.

    It is imported among the first imports, in alphabetical order, or in a block before them.
    """
    count = behind_imports(tree.body)
    first, block = _first_block(tree.body[:count])
    imported = (alias for line in tree.body[:count] for alias in _plain(line))
    if any(alias.asname is None and _root(alias.evaluated_name) == name for alias in imported):
        return tree
    new = cst.SimpleStatementLine([cst.Import([cst.ImportAlias(cst.Name(name))])])
    body = [*tree.body]
    if not block:
        new = with_blank_line(new) if count else new
        body[count : count + 1] = [new, *map(with_blank_line, body[count : count + 1])]
        return tree.with_changes(body=body)
    is_standard = any(root in sys.stdlib_module_names for line in block for root in _roots(line))
    later = (index for index, line in enumerate(block) if _is_later(line, name))
    index = next(later, len(block)) if is_standard else 0
    if index:
        body.insert(first + index, new)
        return tree.with_changes(body=body)
    if is_standard:
        new = new.with_changes(leading_lines=block[0].leading_lines)
        body[first : first + 1] = [new, block[0].with_changes(leading_lines=[])]
        return tree.with_changes(body=body)
    above, own = _title(block[0], tree)
    block[0] = with_blank_line(block[0].with_changes(leading_lines=own))
    body[first : first + 1] = [
        new if first == 0 else new.with_changes(leading_lines=above),
        block[0],
    ]
    return tree.with_changes(body=body, header=above if first == 0 else tree.header)


def _title(
    line: cst.SimpleStatementLine, tree: cst.Module
) -> tuple[Sequence[cst.EmptyLine], Sequence[cst.EmptyLine]]:
    """Return the lines above an import, and of these the comments that are its own.

    What stands right above the first statement is of the module, unless something else is.
    """
    is_first = tree.body[0] is line
    lines = [*(tree.header if is_first else ()), *line.leading_lines]
    blank = [index for index, above in enumerate(lines, start=1) if above.comment is None]
    cut = blank[-1] if blank else len(lines) * is_first
    return lines[:cut], lines[cut:]


def behind_imports(body: Sequence[cst.CSTNode]) -> int:
    """Return the index of the first statement behind the imports at the top of a module."""
    count = 0
    for index, node in enumerate(body, start=1):
        is_text = isinstance(node, cst.SimpleStatementLine) and _is_text(node.body[0])
        if _imports(node) or (is_text and index == 1):
            count = index
        elif not is_text:
            break
    return count


def with_blank_line(node: NodeT) -> NodeT:
    """Return a statement with a blank line before it and its comments; a definition with two."""
    leading: Sequence[cst.EmptyLine] = getattr(node, "leading_lines", ())
    blank = len([*takewhile(lambda line: line.comment is None, leading)])
    wanted = 2 if isinstance(node, (cst.FunctionDef, cst.ClassDef)) else 1
    missing = [cst.EmptyLine(indent=False) for _ in range(wanted - blank)]
    return node.with_changes(leading_lines=[*missing, *leading])


def _first_block(head: Sequence[cst.CSTNode]) -> tuple[int, list[cst.SimpleStatementLine]]:
    """Return the first imports that no blank line parts, and the index of the first of them."""
    first = 0
    block: list[cst.SimpleStatementLine] = []
    for index, line in enumerate(head):
        if not isinstance(line, cst.SimpleStatementLine) or not _roots(line):
            if block:
                break
        elif "__future__" not in _roots(line):
            if block and any(empty.comment is None for empty in line.leading_lines):
                break
            first = first if block else index
            block.append(line)
    return first, block


def _is_later(line: cst.SimpleStatementLine, name: str) -> bool:
    """Return whether an import belongs behind that of a module: later ones, and those `from`."""
    return not [*_plain(line)] or any(alias.evaluated_name > name for alias in _plain(line))


def _plain(line: cst.CSTNode) -> Iterator[cst.ImportAlias]:
    """Return what a statement imports as a module."""
    for small in line.body if isinstance(line, cst.SimpleStatementLine) else ():
        if isinstance(small, cst.Import):
            yield from small.names


def _roots(line: cst.SimpleStatementLine) -> list[str]:
    """Return the packages that a statement imports, or imports from; "" for a relative import."""
    names = [alias.evaluated_name for alias in _plain(line)]
    for small in line.body:
        if isinstance(small, cst.ImportFrom):
            node: cst.CSTNode | None = None if small.relative else small.module
            while isinstance(node, cst.Attribute):
                node = node.value
            names.append(node.value if isinstance(node, cst.Name) else "")
    return [_root(name) for name in names]


def _root(name: str) -> str:
    """Return the package that a dotted name of a module binds: `logging` of `logging.config`."""
    return name.split(".")[0]


def _imports(node: cst.CSTNode) -> bool:
    """Return whether a statement is an import, or is there for one: `if TYPE_CHECKING:`."""
    if isinstance(node, (cst.If, cst.Try)) and isinstance(node.body, cst.IndentedBlock):
        node = node.body.body[0]
    return isinstance(node, cst.SimpleStatementLine) and isinstance(node.body[0], _IMPORTS)


def _is_text(small: cst.BaseSmallStatement) -> bool:
    return isinstance(small, cst.Expr) and isinstance(small.value, cst.SimpleString)
