"""What is left out of a search: the excludes of a configuration, and what git ignores."""

from __future__ import annotations

import os
from collections.abc import Container, Sequence
from functools import cache
from typing import NamedTuple

from bedev_lint import filesystem
from bedev_lint.filesystem import is_below
from bedev_lint.settings.config import DEFAULT_EXCLUDES, Config
from bedev_lint.settings.globs import Globs

__all__ = ["RelativeGlobs", "excludes_of", "ignores_above", "own_ignores", "verdict_of"]

IGNORES = ".gitignore"


class RelativeGlobs(NamedTuple):
    """Globs, and the folder that they are relative to."""

    base: str
    globs: Globs

    def verdict(self, path: str, is_folder: bool) -> bool | None:
        """Return whether the path is out (True), in again (False), or not spoken of (None)."""
        if not is_below(path, self.base):
            return None
        return self.globs.verdict(self.name(path), is_folder)

    def name(self, path: str) -> str:
        """Return a path below the base as the globs speak of it."""
        return path[len(self.base) :].lstrip(os.sep).replace(os.sep, "/")


def excludes_of(config: Config, base: str) -> RelativeGlobs:
    """Return what a configuration leaves out, relative to a folder."""
    globs = DEFAULT_EXCLUDES if config.exclude is None else config.exclude
    return _globs(base, (*globs, *config.extend_exclude))


@cache
def _globs(base: str, lines: tuple[str, ...]) -> RelativeGlobs:
    return RelativeGlobs(base, Globs(lines))


def verdict_of(ignores: Sequence[RelativeGlobs], path: str, is_folder: bool) -> bool:
    """Return what the deepest ignore file that speaks of a path says."""
    for globs in reversed(ignores):
        verdict = globs.verdict(path, is_folder)
        if verdict is not None:
            return verdict
    return False


def ignores_above(path: str, problems: list[str]) -> tuple[RelativeGlobs, ...]:
    """Return the ignore files between the root of the repository and this folder's parent."""
    above: list[str] = []
    current = path
    while not os.path.exists(os.path.join(current, ".git")):
        current, below = os.path.dirname(current), current
        if current == below:
            return ()
        above.append(current)
    if not above:
        return ()
    ignores = _read_ignores(os.path.join(current, ".git", "info", "exclude"), current, problems)
    for folder in reversed(above):
        ignores += _read_ignores(os.path.join(folder, IGNORES), folder, problems)
    return ignores


def own_ignores(
    path: str, names: Container[str], above: tuple[RelativeGlobs, ...], problems: list[str]
) -> tuple[RelativeGlobs, ...]:
    """Return the ignore files of a folder that holds these names, behind those above it."""
    if ".git" in names:
        # A repository of its own: what is around it has no say in it.
        above = _read_ignores(os.path.join(path, ".git", "info", "exclude"), path, problems)
    if IGNORES in names:
        above += _read_ignores(os.path.join(path, IGNORES), path, problems)
    return above


def _read_ignores(path: str, base: str, problems: list[str]) -> tuple[RelativeGlobs, ...]:
    if os.path.basename(path) == IGNORES and os.path.islink(path):
        return ()  # git does not follow it either
    try:
        data, _ = filesystem.read(path, filesystem.MAX_SETTINGS)
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except OSError as error:
        problems.append(f"{path}: cannot be read: {filesystem.reason(error)}")
        return ()
    lines = data.decode("utf-8-sig", "surrogateescape").replace("\r", "\n").split("\n")
    return (RelativeGlobs(base, Globs(lines)),)
