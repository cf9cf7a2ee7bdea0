"""What rules are asked of one file, and what they answer."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from bedev_lint.catalog import Rule
from bedev_lint.inspection.plan import Source
from bedev_lint.model import Candidate, ModuleFacts, Places, Span
from bedev_lint.source import Part, Rows

__all__ = ["Asked", "Found", "Judge", "Judged", "Parsed"]


class Asked(NamedTuple):
    """A rule that may find something on these rows."""

    rule: Rule
    rows: Sequence[Rows]


@dataclass(frozen=True)
class Parsed:
    """A file that Python itself has read, `places` in characters."""

    source: Source
    text: str
    tree: ast.Module
    facts: ModuleFacts
    places: Places


class Found(NamedTuple):
    """What a rule has found in a file, and the calls that may excuse it.

    `answer` is the name of the function whose callers may, by what they ask of it.
    """

    candidate: Candidate
    calls: tuple[Span, ...]
    answer: Span | None = None


class Judged(NamedTuple):
    """What rules have found in a file, and what to tell of those that have failed.

    `by_parts` says that nothing was asked for but what they may look at.
    """

    found: Sequence[Found] = ()
    crashes: Sequence[str] = ()
    by_parts: bool = False


Judge = Callable[[Parsed, Sequence[Asked], Sequence[Part]], Judged]
