"""Reading what a rule's options hold, typed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from bedev_lint.model import Options

__all__ = ["compiled", "patterns", "table", "texts"]


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
    """Return the regular expressions that an option lists; empty if it is not set.

    Raises ValueError, which names the option and the expression that is wrong.
    """
    return _compiled(key, texts(options, key))


@lru_cache(maxsize=64)
def _compiled(key: str, expressions: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    return tuple(compiled(key, expression) for expression in expressions)


def compiled(key: str, expression: str) -> re.Pattern[str]:
    """Compile the regular expression of an option.

    Raises ValueError, which names the option and the expression.
    """
    try:
        return re.compile(expression)
    except re.error as error:
        raise ValueError(f"{key}: bad regular expression {expression!r}: {error}") from error
