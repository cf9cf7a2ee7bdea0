"""LibCST's parser, guarded."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import TypeVar

import libcst as cst
from libcst import ParserSyntaxError

from bedev_lint.source import Limit, Unparsable, check_nesting, without_quotes

__all__ = ["parse", "trusted_parser"]

# Some twenty times what the parser, which calls itself in native code, needs for the deepest text
# that it is given. Only the pages that it writes to take memory.
_STACK = 64 * 1024 * 1024

T = TypeVar("T")


def parse(text: str) -> cst.Module:
    """Parse one module, or a part of one. Raises Unparsable, and Limit for what is too deep."""
    check_nesting(text)
    try:
        return _on_a_large_stack(lambda: cst.parse_module(text))
    except ParserSyntaxError as error:
        raise Unparsable("invalid syntax", error.raw_line, error.raw_column + 1) from error
    except RecursionError as error:
        raise Limit("nested too deeply to analyse") from error
    except (ValueError, UnicodeError) as error:
        raise Unparsable(without_quotes(str(error)), 1, 1) from error


def _on_a_large_stack(work: Callable[[], T]) -> T:
    """Do work on a stack that does not hang on the system, nor on who asks for it."""
    done: Future[T] = Future()
    before = threading.stack_size(_STACK)
    try:
        threading.Thread(target=_fulfil, args=(done, work), daemon=True).start()
    finally:
        threading.stack_size(before)
    return done.result()


def _fulfil(done: Future[T], work: Callable[[], T]) -> None:
    try:
        done.set_result(work())
    except BaseException as error:
        done.set_exception(error)


@contextmanager
def trusted_parser() -> Iterator[None]:
    """Parse without LibCST's checks of every node, within the block: a third of its time.

    They guard trees that people put together by hand. What the parser has just read out of
    a file is right, or it would have said so.
    """
    # Swapped once for many files: to change a class empties the caches of its subclasses.
    checks = cst.CSTNode.__post_init__
    cst.CSTNode.__post_init__ = _no_check  # type: ignore[method-assign, assignment]
    try:
        yield
    finally:
        cst.CSTNode.__post_init__ = checks  # type: ignore[method-assign]


def _no_check(_node: cst.CSTNode) -> None:
    pass
