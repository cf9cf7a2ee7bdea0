"""A handler logs the error with the module's own logger and raises it again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bedev_lint.deferred import cst, handlers, loggers, replacing
from bedev_lint.fixer import on_nodes
from bedev_lint.model import Options
from bedev_lint.options import texts
from bedev_lint.source import BASE
from bedev_lint.visiting import HANDLERS

if TYPE_CHECKING:
    from bedev_lint.syntax import Module


@on_nodes(*HANDLERS, message="Log the error and raise it again")
def fix(handler: handlers.Handler, module: Module, options: Options) -> cst.Module | None:
    names = texts(options, "loggers")
    logger = loggers.logger_for(handler, module, names)
    if logger is None:
        return None
    is_raised = bool(options["reraise"])
    line = loggers.line_of_log(logger, handler, module)
    new = handler.with_changes(body=_logging(handler.body, line, is_raised=is_raised))
    if _takes_all(handler) and (is_raised or not _ends_process(handler, module)):
        space = cst.SimpleWhitespace(" ")
        new = new.with_changes(type=cst.Name("Exception"), whitespace_after_except=space)
    return loggers.with_logger(replacing.replaced(module, handler, new), logger, module, names)


def _logging(
    suite: cst.BaseSuite, line: cst.SimpleStatementLine, *, is_raised: bool
) -> cst.IndentedBlock:
    """Return what a handler does, after it has logged the error; instead of nothing, only that."""
    block = replacing.indented(suite)
    first, *others = block.body
    body = [first.with_changes(body=line.body) if _is_nothing(first) else line, *others]
    if not _is_nothing(first):
        body.insert(1, first)
    return block.with_changes(body=_raising(body) if is_raised else body)


def _raising(body: Sequence[cst.BaseStatement]) -> list[cst.BaseStatement]:
    """Return statements that end by raising the error, instead of by a jump elsewhere."""
    *others, last = body
    jumps = (cst.Return, cst.Continue, cst.Break)
    if isinstance(last, cst.SimpleStatementLine) and isinstance(last.body[-1], jumps):
        return [*others, last.with_changes(body=[*last.body[:-1], cst.Raise()])]
    return [*body, cst.SimpleStatementLine([cst.Raise()])]


def _is_nothing(statement: cst.BaseStatement) -> bool:
    """Return whether a line only says that nothing is done: `pass`, `...`."""
    if not isinstance(statement, cst.SimpleStatementLine) or len(statement.body) > 1:
        return False
    small = statement.body[0]
    return isinstance(small, cst.Pass) or (
        isinstance(small, cst.Expr) and isinstance(small.value, cst.Ellipsis)
    )


def _takes_all(handler: handlers.Handler) -> bool:
    """Return whether a handler takes everything, by its own words or for want of any."""
    return handler.type is None or handlers.is_name(handler.type, BASE)


def _ends_process(handler: handlers.Handler, module: Module) -> bool:
    """Return whether what is tried ends the process, which a narrower handler would let it."""
    body = handlers.own(handlers.try_of(handler, module).body)
    return any(handlers.ends_process(node, module) for node in body)
