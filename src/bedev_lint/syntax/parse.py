"""LibCST's parser, guarded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import libcst as cst
from libcst import ParserSyntaxError

from bedev_lint.source import Limit, Unparsable, without_quotes

__all__ = ["parse", "trusted_parser"]


def parse(text: str) -> cst.Module:
    """Parse one module, or a part of one that has been checked: see `source.check_size`.

    Raises Unparsable, and Limit for what is too deep.
    """
    try:
        return cst.parse_module(text)
    except ParserSyntaxError as error:
        raise Unparsable("invalid syntax", error.raw_line, error.raw_column + 1) from error
    except RecursionError as error:
        raise Limit("nested too deeply to analyse") from error
    except (ValueError, UnicodeError) as error:
        raise Unparsable(without_quotes(str(error)), 1, 1) from error


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
