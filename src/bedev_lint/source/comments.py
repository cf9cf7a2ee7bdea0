"""The comments of a text."""

from __future__ import annotations

import io
import tokenize
from collections.abc import Iterator
from contextlib import suppress

from bedev_lint.model import Location

__all__ = ["comments"]


def comments(text: str) -> Iterator[tuple[Location, str]]:
    """Return every comment, with its `#`, and where it starts; all up to where Python gives up."""
    lines = io.StringIO(text, newline="")
    with suppress(tokenize.TokenError, SyntaxError):
        for token in tokenize.generate_tokens(lines.readline):
            if token.type == tokenize.COMMENT:
                yield Location(token.start[0], token.start[1] + 1), token.string
