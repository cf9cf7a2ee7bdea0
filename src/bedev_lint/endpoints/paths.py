"""Paths as segments, made of texts of which parts may be unknown, and whether two may be one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

__all__ = ["ANY", "MANY", "UNKNOWN", "Path", "fits", "opened", "path_of", "shown"]

# A segment that may be anything, and any number of them; other segments are as they are.
ANY, MANY = "{}", "{**}"
Path = tuple[str, ...]

# A part of a text of which nothing is known.
UNKNOWN = "\0"
_HOST = re.compile(r"(?:https?|wss?)://[^/]*")
_PARAMETER = re.compile(r"\{[^{}]*\}|<[^<>]*>")
_OF_MANY = re.compile(r":path\}$|^<path:|:\.\*\}$")
_GROUPS = re.compile(r"\((?:[^()\\]|\\.)*\)[*+?]?")
_CLASS = re.compile(
    r"\[(?:[^\[\]\\]|\\.)*\](?:\{[^{}]*\}|[*+?])?|(?:\\[wdsS]|\.)(?:\{[^{}]*\}|[*+?])"
)


def opened(text: Sequence[str | None], *, is_regex: bool = False) -> str:
    """Return a part of a path as one text, in which all that is left open is the same."""
    whole = "".join(UNKNOWN if part is None else part for part in text)
    whole = _plain(whole) if is_regex else re.split(r"[?#]", whole, maxsplit=1)[0]
    return _PARAMETER.sub(_parameter, whole)


def path_of(whole: str) -> Path:
    """Return the segments of a text that is `opened`."""
    whole = _HOST.sub("", whole, count=1)
    segments = [_segment(segment) for segment in whole.split("/") if segment]
    if whole.startswith(UNKNOWN) and segments:
        # What stands before all may be a host, or a whole prefix.
        segments[:1] = [MANY] if segments[0] == ANY else [MANY, segments[0]]
    return tuple(segments)


def _parameter(match: re.Match[str]) -> str:
    return MANY if _OF_MANY.search(match[0]) else UNKNOWN


def _segment(text: str) -> str:
    if MANY in text:
        return MANY
    return ANY if UNKNOWN in text or any(mark in text for mark in "()*+|\\") else text


def _plain(expression: str) -> str:
    """Return a regular expression with what it leaves open as an unknown part."""
    text = expression.removeprefix("^").replace("\\.", ".").replace("\\-", "-").replace("\\/", "/")
    text = re.sub(r"\\?[Z$]$", "", text).removesuffix("$").removesuffix("/?")
    before = ""
    while before != text:  # the innermost groups first
        before, text = text, _GROUPS.sub(UNKNOWN, text)
    return _CLASS.sub(UNKNOWN, text).replace("^", "").replace("?", "")


def shown(path: Path) -> str:
    """Return a path as people write it."""
    return "/" + "/".join(path)


def fits(path: Path, requested: Path) -> int | None:
    """Return how many segments are left when a path and one that is asked for are compared.

    They are compared from the right; None if they differ, or share no segment that is known. The
    root, which has none, is only itself.
    """
    return _left(path, requested, not path and not requested)


@lru_cache(maxsize=65536)
def _left(mine: Path, theirs: Path, is_known: bool) -> int | None:
    """Return what `fits` does of what is left of both; `is_known` says that a segment is shared."""
    while mine and theirs:
        one, other = mine[-1], theirs[-1]
        if other == MANY:
            return len(mine) if is_known else None
        if one == MANY:
            ends = range(len(theirs) + 1)
            rests = [_left(mine[:-1], theirs[:end], is_known) for end in ends]
            return min((rest for rest in rests if rest is not None), default=None)
        if ANY not in (one, other):
            if one != other:
                return None
            is_known = True
        mine, theirs = mine[:-1], theirs[:-1]
    return len([one for one in (*mine, *theirs) if one != MANY]) if is_known else None
