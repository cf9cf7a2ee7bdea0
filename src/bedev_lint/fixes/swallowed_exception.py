"""A handler logs the error with the module's own logger, and raises it again.

Where it does something about the error it goes on to do that: it answers with a value, or goes on
with what follows, as a module does while it is imported. What is for the log logs nothing itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedev_lint.deferred import cst
from bedev_lint.deferred.editing import loggers, replacing
from bedev_lint.deferred.handling import handlers, log
from bedev_lint.fixer import on_nodes
from bedev_lint.model import Options
from bedev_lint.options import texts
from bedev_lint.source import BASE
from bedev_lint.visiting import HANDLERS

if TYPE_CHECKING:
    from bedev_lint.syntax import Module


@on_nodes(*HANDLERS, message="Log the error")
def fix(handler: handlers.Handler, module: Module, options: Options) -> cst.Module | None:
    names = texts(options, "loggers")
    logger = loggers.logger_for(handler, module, names)
    if logger is None or log.is_in_log(handler, module, texts(options, "in-log")):
        return None
    line = loggers.line_of_log(logger, handler, module)
    block = replacing.indented(handler.body)
    is_raised = bool(options["reraise"]) and _is_idle(block) and _is_at_end(handler, module)
    new = handler.with_changes(body=_logging(block, line, is_raised=is_raised))
    if _takes_all(handler) and (is_raised or not _ends_process(handler, module)):
        space = cst.SimpleWhitespace(" ")
        new = new.with_changes(type=cst.Name("Exception"), whitespace_after_except=space)
    return loggers.with_logger(replacing.replaced(module, handler, new), logger, module, names)


def _is_idle(block: cst.IndentedBlock) -> bool:
    """Return whether a handler does nothing: `pass`, `return`."""
    *others, last = block.body
    return not others and (_is_nothing(last) or _is_bare_return(last))


def _is_at_end(handler: handlers.Handler, module: Module) -> bool:
    """Return whether its function does nothing any more once a handler has done nothing."""
    tried = handlers.try_of(handler, module)
    return (
        module.function_of(handler) is not None
        and handlers.loop_around(tried, module) is None
        and next(handlers.following(tried, module), None) is None
    )


def _logging(
    block: cst.IndentedBlock, line: cst.SimpleStatementLine, *, is_raised: bool
) -> cst.IndentedBlock:
    """Return what a handler does, after it has logged the error; instead of nothing, only that."""
    first, *others = block.body
    if not is_raised:
        body = [first.with_changes(body=line.body)] if _is_nothing(first) else [line, first]
    elif _is_nothing(first):
        raising = cst.SimpleStatementLine([cst.Raise()])
        body = [first.with_changes(body=line.body), raising]
    else:
        body = [line, first.with_changes(body=[cst.Raise()])]
    return block.with_changes(body=[*body, *others])


def _is_bare_return(statement: cst.BaseStatement) -> bool:
    if not isinstance(statement, cst.SimpleStatementLine) or len(statement.body) > 1:
        return False
    small = statement.body[0]
    return isinstance(small, cst.Return) and small.value is None


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
