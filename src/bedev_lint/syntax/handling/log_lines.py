"""Lines that a handler writes to a log, and whether they say which exception there was."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile

import libcst as cst

from bedev_lint.model import Options
from bedev_lint.names import words
from bedev_lint.options import texts
from bedev_lint.syntax.handling.handlers import HANDLERS, Handler, called_name, is_falsy, own
from bedev_lint.syntax.literals import last_name
from bedev_lint.syntax.module import NESTED, Module
from bedev_lint.syntax.walk import children

__all__ = ["is_by_function", "is_line", "lines_of", "mentions", "names_traceback", "outer_names"]

# Words of what is called, or of a keyword, that tell of the exception and where it came from.
_TRACES = frozenset({"exception", "exceptions", "exc", "traceback", "tb", "stacktrace", "trace"})


def lines_of(block: cst.CSTNode, options: Options) -> Iterator[cst.Call]:
    """Return the calls by which a block writes lines that somebody reads, in their order."""
    return (n for n in own(block) if isinstance(n, cst.Call) and is_line(n, options))


def is_line(call: cst.Call, options: Options) -> bool:
    """Return whether a call is one of a logger, as its name says, at the level of info or above."""
    func = call.func
    if not isinstance(func, cst.Attribute) or func.attr.value not in texts(options, "loud"):
        return False
    logger = func.value
    name = called_name(logger) if isinstance(logger, cst.Call) else last_name(logger)
    if set(words(name or "")).isdisjoint(texts(options, "logger-words")):
        return False
    return not (func.attr.value in _LEVELED and call.args and _is_debug(call.args[0].value))


def is_by_function(call: cst.Call, options: Options) -> bool:
    """Return whether a call may write a line by a function, as its name says: `log("…")`."""
    return isinstance(call.func, cst.Name) and call.func.value in texts(options, "loggers")


_LEVELED = frozenset({"log", "alog"})


def _is_debug(level: cst.CSTNode) -> bool:
    return last_name(level) == "DEBUG" or (
        isinstance(level, cst.Integer) and level.evaluated_value <= _DEBUG
    )


_DEBUG = 10


def names_traceback(block: cst.CSTNode) -> bool:
    """Return whether a block calls something that tells of the current exception by itself.

    `logger.exception()`, `exc_info=True`, `traceback.print_exc()`, `sentry.capture_exception()`.
    """
    for node in _all(block):
        if isinstance(node, cst.Call) and _tells(called_name(node)):
            return True
        if isinstance(node, cst.Arg) and node.keyword is not None:
            if _tells(node.keyword.value) and not is_falsy(node.value):
                return True
    return False


def _tells(name: str) -> bool:
    return not _TRACES.isdisjoint(words(name))


def mentions(block: cst.CSTNode, *names: str) -> bool:
    """Return whether one of these names stands anywhere in a block."""
    return any(isinstance(node, cst.Name) and node.value in names for node in _all(block))


def outer_names(handler: Handler, module: Module) -> list[str]:
    """Return what the handlers around one in the same function call their exceptions."""
    around = takewhile(lambda above: not isinstance(above, NESTED), module.ancestors(handler))
    return [
        above.name.name.value
        for above in around
        if isinstance(above, HANDLERS)
        and above.name is not None
        and isinstance(above.name.name, cst.Name)
    ]


def _all(block: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Return all nodes of a block, those of functions and handlers in it too."""
    stack = [block]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(children(node)))
