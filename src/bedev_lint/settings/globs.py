"""Globs as of .gitignore, matched in time that grows with glob and path, whatever they are.

The project writes them, and `*a*a*a*a*a*b` as one regular expression takes years on a long name.
So a path is matched part by part, `**` against any number of them without ever going back, and a
part by what `fnmatch` makes of it, which does not go back either. (RE2 would do as well, but its
wheels are not to be had for every platform and Python that this runs on.)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from fnmatch import translate
from functools import lru_cache
from typing import NamedTuple

__all__ = ["Globs", "anchored", "is_glob"]

# A character that stands for itself; a set, in which a first `]` does not end it; any other.
_STEP = re.compile(
    r"(?s)\\(?P<escaped>.)|(?P<other>[^\[\\])"
    r"|\[(?P<set>(?:[!^]|(?![!^]))(?:\\.|[^\\])(?:\\.|[^\]\\])*)(?P<end>\])?|(?P<alone>.)"
)
_SPECIAL = frozenset("*?[")
_NOTHING = re.compile(r"(?!)")
# Longer than the path of any file that people give a name to.
_LONGEST = 1_000

# What one part of a path is matched by; None for `**`.
Part = re.Pattern[str] | None


class _Glob(NamedTuple):
    parts: tuple[Part, ...]
    is_out: bool
    only_folders: bool

    def matches(self, names: Sequence[str], is_folder: bool) -> bool:
        if self.only_folders and not is_folder:
            return False
        last = self.parts[-1]
        if last is not None and not last.match(names[-1]):  # so it is with most
            return False
        used = {0}  # how many of the names what has been matched so far may be
        for part in self.parts:
            if part is None:
                used = set(range(min(used), len(names) + 1))
            else:
                used = {n + 1 for n in used if n < len(names) and part.match(names[n])}
            if not used:
                return False
        return len(names) in used


class Globs:
    """Several lines of globs, of which the last one that matches counts."""

    def __init__(self, lines: Iterable[str]) -> None:
        read = [glob for line in lines if (glob := _glob(line)) is not None]
        self._globs = read[::-1]
        # A path whose last part no glob's last part matches is spoken of by none.
        self._last = _any([last.pattern for glob in read if (last := glob.parts[-1])])

    def verdict(self, path: str, is_folder: bool) -> bool | None:
        """Return whether a path is meant (True), not meant after all (False), or not spoken of.

        The path is relative, with `/`. What is in a folder that is meant is not asked about.
        """
        if not self._last.match(path, path.rfind("/") + 1):
            return None
        names = path.split("/")
        return next((g.is_out for g in self._globs if g.matches(names, is_folder)), None)

    def holds(self, path: str) -> bool:
        """Return whether a file, or a folder that it is in, is meant."""
        ends = [position for position, character in enumerate(path) if character == "/"]
        return any(self.verdict(path[:end], True) for end in ends) or bool(
            self.verdict(path, False)
        )


def anchored(glob: str, root: str) -> str:
    """Return a glob of the configuration as .gitignore writes it.

    `./shop`, and an absolute path below the root, are what they look like: paths below the root.
    """
    mark = "!" if glob.startswith("!") else ""
    for start in ("./", root.rstrip("/") + "/"):
        inner = glob[len(mark) + len(start) :]
        if glob.startswith(mark + start) and inner:
            return f"{mark}/{inner}"
    return glob


def is_glob(line: str) -> bool:
    """Return whether a line says something, and can match something."""
    return _glob(line) is not None


@lru_cache(maxsize=4096)
def _glob(line: str) -> _Glob | None:
    """Return what a line means; None for one that says nothing, or that git passes over."""
    text = _without_spaces(line)
    if text.startswith("#") or len(text) > _LONGEST:
        return None
    is_out = not text.startswith("!")
    text = text if is_out else text[1:]
    only_folders = text.endswith("/")
    names = text[:-1].split("/") if only_folders else text.split("/")
    if names == [""]:
        return None
    if len(names) == 1:  # in any folder
        names = ["**", *names]
    elif not names[0]:
        del names[0]
    if names[-1] == "**":  # all that is in a folder, not the folder itself
        names.append("*")
    try:
        parts = tuple(None if name == "**" else _part(name) for name in names)
    except (ValueError, re.error):
        return None
    return _Glob(parts, is_out, only_folders)


def _without_spaces(line: str) -> str:
    """Return a line without the spaces at its end, save for one that is escaped."""
    bare = line.rstrip(" ")
    backslashes = len(bare) - len(bare.rstrip("\\"))
    return line[: len(bare) + 1] if backslashes % 2 else bare


def _part(name: str) -> re.Pattern[str]:
    """Return what matches one part of a path. Raises ValueError and re.error for none."""
    return re.compile(translate("".join(map(_for_fnmatch, _STEP.finditer(name)))))


def _for_fnmatch(step: re.Match[str]) -> str:
    if (escaped := step["escaped"]) is not None:
        return f"[{escaped}]" if escaped in _SPECIAL else escaped
    if (inner := step["set"]) is not None and step["end"]:
        negated = "!" if inner[0] in "!^" else ""
        characters = re.sub(r"(?s)\\(.)", r"\1", inner[len(negated) :])
        # Where one stands first it does not end the set.
        first = "]" if "]" in characters else ""
        return f"[{negated}{first}{characters.replace(']', '')}]"
    if not step["other"]:
        raise ValueError("a set, or an escape, that does not end")
    return step[0]


def _any(expressions: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(dict.fromkeys(expressions))) if expressions else _NOTHING
