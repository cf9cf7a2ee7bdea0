"""The logger of a module: the one that it has, or one that is made for it."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import libcst as cst

from bedev_lint.syntax.editing.importing import (
    behind_imports,
    can_import,
    with_blank_line,
    with_import,
)
from bedev_lint.syntax.editing.replacing import statement_line
from bedev_lint.syntax.literals import last_name
from bedev_lint.syntax.module import Module
from bedev_lint.syntax.scopes import assigned, target_names

__all__ = ["line_of_log", "logger_for", "with_logger"]

_NEW = "logger"
_MAKERS = frozenset({"getLogger", "get_logger", "getChild", "bind"})
_METHODS = frozenset({"debug", "info", "warning", "error", "exception", "critical"})


def logger_for(node: cst.CSTNode, module: Module, names: Collection[str]) -> str | None:
    """Return what the logger of a module is called where a node stands, None if none can be used.

    It is made at the top of the module, or imported there with one of these names and used. Where
    there is none, it is what `with_logger` makes.
    """
    made = _made(module, names)
    name = next(iter(made), _NEW)
    binders = module.names.bindings(name, node)
    is_hidden = any(module.function_of(one) or module.class_of(one) for one in binders)
    if is_hidden or (not made and (binders or not can_import("logging", node, module))):
        return None
    if module.function_of(node) is None:  # it runs when the module is imported
        above = {node, *module.ancestors(node)}
        index = next(i for i, statement in enumerate(module.tree.body) if statement in above)
        if made.get(name, behind_imports(module.tree.body) - 1) >= index:
            return None
    return name


def with_logger(tree: cst.Module, name: str, module: Module, names: Collection[str]) -> cst.Module:
    """Return a tree, changed from that of `module`, in which there is a logger of this name."""
    if name in _made(module, names):
        return tree
    tree = with_import(tree, "logging")
    index = behind_imports(tree.body)
    made = statement_line(f"{name} = logging.getLogger(__name__)", tree)
    body: list[cst.CSTNode] = [*tree.body[:index], with_blank_line(made)]
    body += map(with_blank_line, tree.body[index : index + 1])
    return tree.with_changes(body=[*body, *tree.body[index + 1 :]])


def line_of_log(logger: str, node: cst.CSTNode, module: Module) -> cst.SimpleStatementLine:
    """Return the line that logs the error which is being handled there."""
    function = module.function_of(node)
    text = f"{function.name.value} failed" if isinstance(function, cst.FunctionDef) else "failed"
    return statement_line(f'{logger}.exception("{text}")', module.tree)


def _made(module: Module, names: Collection[str]) -> dict[str, int]:
    """Return the loggers at the top of a module, each with the index of its statement."""
    made: dict[str, int] = {}
    for index, line in enumerate(module.tree.body):
        for small in line.body if isinstance(line, cst.SimpleStatementLine) else ():
            for name in _loggers_of(small, module, names):
                made.setdefault(name, index)
    return made


def _loggers_of(
    small: cst.BaseSmallStatement, module: Module, names: Collection[str]
) -> Iterator[str]:
    """Return the names that a statement gives to loggers."""
    if isinstance(small, cst.ImportFrom) and not isinstance(small.names, cst.ImportStar):
        aliases = (alias.evaluated_alias or alias.evaluated_name for alias in small.names)
        yield from (name for name in aliases if name in names and _is_used(name, module))
    elif isinstance(small, (cst.Assign, cst.AnnAssign)) and isinstance(small.value, cst.Call):
        if last_name(small.value.func) in _MAKERS:
            yield from (name.value for target in assigned(small) for name in target_names(target))


def _is_used(name: str, module: Module) -> bool:
    """Return whether something is logged by a name: it may be that of a module, or a function."""
    return any(
        attribute.attr.value in _METHODS
        and isinstance(attribute.value, cst.Name)
        and attribute.value.value == name
        for attribute in module.nodes(cst.Attribute)
    )
