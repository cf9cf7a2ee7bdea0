"""Where a cache is kept and by which key, or why there is none."""

from __future__ import annotations

import os
from pathlib import Path
from stat import S_ISDIR
from typing import NamedTuple

from bedev_lint.cache import folder as folders
from bedev_lint.cache.trust import NoKey, made_key, project_of
from bedev_lint.filesystem import is_below
from bedev_lint.git_index import is_tracked

__all__ = ["CacheLocation", "place"]


class CacheLocation(NamedTuple):
    """The folder of a cache, and the key to all that is in it.

    `folder` is None where nothing is kept; `why_not` says why, if something should have been, and
    `is_odd` that somebody ought to look into that.
    """

    folder: Path | None = None
    key: bytes = b""
    why_not: str = ""
    is_odd: bool = False


def place(folder: Path | None, root: Path) -> CacheLocation:
    """Return the place of a cache for the project at `root`; `folder` None: nothing is kept.

    A folder above which links lead elsewhere is where they lead; it is none itself.
    """
    if folder is None:
        return CacheLocation()
    reason = _unfit(folder)
    if reason:
        return CacheLocation(why_not=f"{folder} is not used: {reason}", is_odd=True)
    try:
        key, path = made_key()
    except NoKey as error:
        return CacheLocation(why_not=f"nothing is kept: {error}", is_odd=error.is_mistake)
    if path and any(is_below(path, project) for project in _projects(root)):
        return CacheLocation(
            why_not=f"nothing is kept: the key at {path} lies in the project itself"
        )
    # Made before anything is looked at, and not as a change to what was.
    if not folders.prepared(folder):
        return CacheLocation(why_not=f"nothing is kept: nothing can be written at {folder}")
    return CacheLocation(folder, key)


def _unfit(folder: Path) -> str:
    """Return what is wrong with a folder that is there, or ""."""
    try:
        is_folder = S_ISDIR(os.lstat(folder).st_mode)
    except OSError:
        return ""  # it is still to be made
    if os.path.islink(folder):
        return "it is a link"
    if not is_folder:
        return "it is no folder"
    if not folders.is_free(folder):
        return "there are other files in it"
    if is_tracked(str(folder)):
        return "it is in the index of git, where a cache does not belong"
    return ""


def _projects(root: Path) -> tuple[str, ...]:
    """Return the folders that are this project: its root, and the repository that it is of."""
    real = Path(os.path.realpath(root))
    return str(real), project_of(map(str, (real, *real.parents)))
