"""`with suppress(Exception)` becomes a `try` with a handler that logs the error."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bedev_lint.deferred import cst
from bedev_lint.deferred.editing import loggers, replacing
from bedev_lint.deferred.handling import handlers
from bedev_lint.fixer import on_nodes
from bedev_lint.model import Options
from bedev_lint.options import texts
from bedev_lint.source import BASE

if TYPE_CHECKING:
    from bedev_lint.syntax import Module


@on_nodes("Call", message="Log the error in a handler of it")
def fix(call: cst.Call, module: Module, options: Options) -> cst.Module | None:
    item = module.parent(call)
    block = module.parent(item) if isinstance(item, cst.WithItem) else None
    if not isinstance(item, cst.WithItem) or not isinstance(block, cst.With):
        return None
    if (
        item.asname is not None
        or not call.args
        or any(arg.star or arg.keyword for arg in call.args)
    ):
        return None
    names = texts(options, "loggers")
    logger = loggers.logger_for(call, module, names)
    if logger is None:
        return None
    line = loggers.line_of_log(logger, call, module)
    new = _tried(block, item, cst.ExceptHandler(cst.IndentedBlock([line]), _caught(call)))
    if new is None:
        return None
    return loggers.with_logger(replacing.replaced(module, block, new), logger, module, names)


def _tried(
    block: cst.With, item: cst.WithItem, handler: cst.ExceptHandler
) -> cst.BaseCompoundStatement | None:
    """Return a `with` without one of its items, the first or last, whose errors are handled."""
    body = replacing.indented(block.body)
    if len(block.items) == 1:
        return cst.Try(body, [handler], leading_lines=block.leading_lines)
    if item is block.items[-1]:
        tried = cst.Try(body.with_changes(header=cst.TrailingWhitespace()), [handler])
        within = cst.IndentedBlock([tried], body.header)
        return block.with_changes(items=_without_comma(block.items[:-1]), body=within)
    if item is block.items[0]:
        inner = block.with_changes(items=_without_comma(block.items[1:]), leading_lines=[])
        return cst.Try(cst.IndentedBlock([inner]), [handler], leading_lines=block.leading_lines)
    return None


def _without_comma(items: Sequence[cst.WithItem]) -> list[cst.WithItem]:
    return [*items[:-1], items[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)]


def _caught(call: cst.Call) -> cst.BaseExpression:
    """Return what is suppressed as it stands in a handler; of everything, all errors."""
    kinds = [
        cst.Name("Exception") if handlers.is_name(arg.value, BASE) else arg.value
        for arg in call.args
    ]
    return kinds[0] if len(kinds) == 1 else cst.Tuple([cst.Element(kind) for kind in kinds])
