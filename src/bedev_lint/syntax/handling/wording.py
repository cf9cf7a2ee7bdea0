"""How messages name a handler, and what it swallows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import libcst as cst

from bedev_lint.syntax.handling.handlers import Handler

__all__ = ["handler_name", "listed"]

_MOST_NAMES = 3


def handler_name(handler: Handler, caught: Iterable[str]) -> str:
    """Return "bare `except`" or "`except ValueError`", given the dotted names that it catches."""
    if handler.type is None:
        return "bare `except`"
    keyword = "except*" if isinstance(handler, cst.ExceptStarHandler) else "except"
    names = list(dict.fromkeys(name.split(".")[-1] for name in caught if name)) or ["…"]
    shown = ", ".join([*names[:_MOST_NAMES], *(["…"] if len(names) > _MOST_NAMES else [])])
    return f"`{keyword} {shown}`" if len(names) == 1 else f"`{keyword} ({shown})`"


def listed(things: Sequence[str]) -> str:
    """Return "a", "a and b" or "a, b and c"."""
    *others, last = things
    return f"{', '.join(others)} and {last}" if others else last
