"""Which file configures a project, and where the root of the project is."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from bedev_lint import filesystem
from bedev_lint.tables import BadTable, Key, decoded

__all__ = [
    "OWN_FILE",
    "SHARED_FILE",
    "TABLE",
    "configuration_in",
    "find_configuration",
    "leads_out",
    "own_table",
    "project_root",
    "repository_in",
    "root_of",
]

OWN_FILE = "bedev-lint.toml"
SHARED_FILE = "pyproject.toml"
TABLE = ("tool", "bedev-lint")
# What is often written instead: better to be told of it than to run without.
_MISSPELT = ("tool", "bedev_lint")


def project_root(path: Path, explicit: Path | None = None, isolated: bool = False) -> Path:
    """Return the folder of the nearest configuration, else the repository, else the folder given.

    Of a file, its parent is the folder given. The configuration may be an explicit one, or
    (isolated) none.
    """
    source = explicit
    if source is None and not isolated:
        source = find_configuration(path)
    return root_of(path, Path(os.path.abspath(source)) if source is not None else None)


def find_configuration(path: Path) -> Path | None:
    """Return the nearest file, from the path upwards, that configures bedev-lint."""
    return next(filter(None, map(configuration_in, _upwards(path))), None)


def configuration_in(folder: Path) -> Path | None:
    """Return the file of a folder that configures bedev-lint, if there is one."""
    if os.path.lexists(folder / OWN_FILE):
        return folder / OWN_FILE
    return folder / SHARED_FILE if _speaks_of_us(folder / SHARED_FILE) else None


def root_of(first_path: Path, source: Path | None) -> Path:
    """Return the root of the project that a path is of, given the file that configures it."""
    folders = list(_upwards(first_path))
    # A configuration given by --config need not stand in the project that it configures.
    if source is not None and source.name in (OWN_FILE, SHARED_FILE) and source.parent in folders:
        return source.parent
    repository = repository_in(folders)
    if repository is not None:
        return repository
    # Without either, `tool shop/` means the same program as `tool .` does.
    current = Path(os.path.realpath(os.getcwd()))
    return current if current in folders else folders[0]


def repository_in(folders: Iterable[Path]) -> Path | None:
    """Return the first of these folders that is a repository."""
    return next((folder for folder in folders if os.path.exists(folder / ".git")), None)


def _upwards(path: Path) -> Iterator[Path]:
    start = Path(os.path.realpath(path))
    if not os.path.isdir(start):
        # A link to a file belongs to where it stands, whatever it leads to.
        start = Path(os.path.realpath(path.parent), path.name)
    if not os.path.isdir(start) and not os.path.isdir(start.parent):
        # Of a file that is read from standard input only the name need exist.
        start = Path(os.path.realpath(os.getcwd()))
    yield from (folder for folder in (start, *start.parents) if os.path.isdir(folder))


def _speaks_of_us(path: Path) -> bool:
    if not os.path.lexists(path):
        return False
    # What cannot be read may hold our table: better to be told of it than to run without.
    try:
        data, _ = filesystem.read(path, filesystem.MAX_SETTINGS)
        names = (TABLE, _MISSPELT) if b"bedev" in data else ()
        document = decoded(data)[1] if names else {}
        return any(_at(name, document) is not None for name in names)
    except (OSError, BadTable):
        return True


def own_table(document: dict[str, Any]) -> Any:
    """Return our table of a document that others share, None if it has none."""
    return _at(TABLE, document)


def _at(key: Key, document: dict[str, Any]) -> Any:
    table: Any = document
    for part in key:
        table = table.get(part) if isinstance(table, dict) else None
    return table


def leads_out(path: str | Path, within: str | Path) -> bool:
    """Return whether a path, with all links in it followed, lies outside of a folder."""
    return not filesystem.is_below(os.path.realpath(path), os.path.realpath(within))
