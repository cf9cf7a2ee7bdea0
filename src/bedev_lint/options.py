"""Reading what a rule's options hold, typed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from bedev_lint.model import Options
from bedev_lint.tables import Key

__all__ = ["patterns", "table", "texts", "wrong_patterns"]


def texts(options: Options, key: str) -> tuple[str, ...]:
    """Return an option that is a list of texts; empty if it is not set."""
    value = options.get(key)
    return tuple(map(str, value)) if isinstance(value, (list, tuple)) else ()


def table(options: Options, key: str) -> tuple[tuple[str, str], ...]:
    """Return an option that is a table of texts, in its order; empty if it is not set."""
    value = options.get(key)
    if not isinstance(value, Mapping):
        return ()
    return tuple((str(name), str(text)) for name, text in value.items())


def patterns(options: Options, key: str) -> tuple[re.Pattern[str], ...]:
    """Return the regular expressions that an option lists; empty if it is not set."""
    return _compiled(texts(options, key))


@lru_cache(maxsize=64)
def _compiled(expressions: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    return tuple(map(re.compile, expressions))


def wrong_patterns(value: Any) -> Iterator[tuple[Key, str]]:
    """Return what is wrong with an option that is a regular expression, or holds several.

    Each comes with its key in the option, if that is a table.
    """
    expressions: list[tuple[Key, str]]
    if isinstance(value, Mapping):
        expressions = [((name,), expression) for name, expression in value.items()]
    else:
        expressions = [((), one) for one in ([value] if isinstance(value, str) else value)]
    for key, expression in expressions:
        try:
            re.compile(expression)
        except (re.error, OverflowError, RecursionError) as error:
            yield key, f"bad regular expression {expression!r}: {error}"
