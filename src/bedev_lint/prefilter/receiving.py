"""Where a handler of webhooks may stand."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bedev_lint.model import Options
from bedev_lint.options import texts
from bedev_lint.prefilter.index import PrefilterIndex
from bedev_lint.source import Rows
from bedev_lint.source.lines import lines

__all__ = ["receivers"]

# Rows with a name, or with a path, which may have a row of its own.
_TELLING = re.compile(r"\s*(?:@|def\s|async\s|class\s|(?:\w{1,30}=)?[rf]?[\"'])")


def receivers(index: PrefilterIndex, options: Options) -> Iterator[Rows]:
    """Name all rows of a file in which a function, class or path may be called like a webhook.

    None where the module asks who somebody is before each of its handlers.
    """
    saying = texts(options, "receiving")
    lower = index.text.lower()
    if not any(word in lower for word in saying):
        return
    if any(text in index.text for text in texts(options, "asking-first")):
        return
    rows = lines(index.text)
    if any(_TELLING.match(row) and any(word in row.lower() for word in saying) for row in rows):
        yield 1, len(rows)
