"""Reading what a rule's options hold, typed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from bedev_lint.model import Options
from bedev_lint.tables import Key

__all__ = ["hints", "patterns", "table", "texts", "wrong_patterns"]


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


# One step of a regular expression: an escape, a class, a repetition, a bracket, or a character.
_STEP = re.compile(
    r"(?s)\\(?:x..|u.{4}|U.{8}|N\{[^{}]*\}|[0-9]+|.)|\[\^?\]?(?:\\.|[^\]\\])*(?:\]|\Z)|\{\d*(?:,\d*)?\}|."
)
_FLAGS = re.compile(r"\(\?[aiLmsux-]+[:)]")
_MANY = frozenset("?*+{")
_PLAIN = re.compile(r"(?:[A-Za-z0-9_:/@ -]|\\[.-])+")
_PLAIN_GROUP = re.compile(rf"\(\?:({_PLAIN.pattern}(?:\|{_PLAIN.pattern})*)\)")


@lru_cache(maxsize=256)
def hints(expression: str) -> tuple[str, ...]:
    """Return texts of which one stands in all that a regular expression matches; () if unknown.

    Plain letters that cannot be left out, and groups that are only a choice between such.
    """
    if _FLAGS.search(expression):
        return ()
    best: list[str] = []
    for alternative in _alternatives(expression):
        known = max(_fragments(alternative), key=_shortest, default=("",))
        if not _shortest(known):
            return ()
        best += known
    return tuple(best)


def _shortest(texts: tuple[str, ...]) -> int:
    return min(map(len, texts))


def _alternatives(expression: str) -> Iterator[str]:
    """Split at each `|` that stands in no group."""
    at = ""
    depth = 0
    for step in _STEP.findall(expression):
        depth += (step == "(") - (step == ")")
        if step == "|" and depth == 0:
            yield at
            at = ""
        else:
            at += step
    yield at


def _fragments(expression: str) -> Iterator[tuple[str, ...]]:
    """Return what stands in all matches of an expression without alternatives."""
    at, depth = 0, 0
    while at < len(expression):
        group = _PLAIN_GROUP.match(expression, at) if depth == 0 else None
        plain = _PLAIN.match(expression, at) if depth == 0 else None
        found = group or plain
        if found is None:
            step = _STEP.match(expression, at)
            assert step is not None
            depth += (step[0] == "(") - (step[0] == ")")
            at = step.end()
            continue
        at = found.end()
        is_optional = expression[at : at + 1] in _MANY
        if group is not None and not is_optional:
            yield tuple(text.replace("\\", "") for text in group[1].split("|"))
        elif group is None:
            text = found[0].replace("\\", "")
            yield (text[:-1] if is_optional else text,)
