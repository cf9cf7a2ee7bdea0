"""Which files: those of the program, and those of it that the user asked about.

All paths are absolute texts, each file stands for itself once however many links lead to it, and
the order is that of the names. A folder that cannot be listed, and what is named like Python but
is no file (a link to nothing, a pipe), stand in the result like a file: reading it fails, and that
is reported.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import NamedTuple

from bedev_lint.cache.folder import FOLDER
from bedev_lint.files.ignores import (
    RelativeGlobs,
    excludes_of,
    ignores_above,
    own_ignores,
    verdict_of,
)
from bedev_lint.filesystem import is_below
from bedev_lint.git_index import is_tracked
from bedev_lint.settings.config import Config
from bedev_lint.settings.finding import OWN_FILE, SHARED_FILE, configuration_in, leads_out

__all__ = ["NoSuchPath", "Notes", "discover", "excluded", "missing", "selected"]

SUFFIXES = (".py", ".pyi")
_CONFIGURATIONS = frozenset({OWN_FILE, SHARED_FILE})

# Files that stand in the root of a virtual environment, whatever its name is.
_ENVIRONMENT_MARKS = ("pyvenv.cfg", "conda-meta")
# These hold what a build has put out, unless they are packages of that name.
_OUTPUT_NAMES = frozenset({"build", "dist"})


class NoSuchPath(Exception):
    """None of the paths given exists."""

    def __init__(self, paths: Sequence[str]) -> None:
        self.paths = tuple(paths)
        super().__init__(", ".join(map(missing, paths)))


@dataclass
class Notes:
    """What a search has come by.

    `folders` are those that it looked at, and `files` those that decided where. `problems` are to
    be told, `outside` are links that lead out of the project, which it does not follow, and
    `projects` folders with a configuration of their own, where another program begins.
    """

    folders: set[str] = field(default_factory=set)
    files: set[str] = field(default_factory=set)
    projects: set[str] = field(default_factory=set)
    # What excludes speak of, by its relative name, and whether that is a folder; what git ignores;
    # and what is a virtual environment or the output of a build.
    spoken_of: set[tuple[str, bool]] = field(default_factory=set)
    ignored: set[str] = field(default_factory=set)
    generated: set[str] = field(default_factory=set)
    # Whether git knows of something in a folder that is named like the output of a build.
    tracked: dict[str, bool] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    outside: set[str] = field(default_factory=set)


class _Folder(NamedTuple):
    """A folder to be walked, with the ignore files that apply to it and the excludes."""

    path: str
    ignores: tuple[RelativeGlobs, ...]
    excludes: RelativeGlobs


# ------------------------------------------------------------------ what is offered


def discover(root: Path, config: Config, notes: Notes | None = None) -> list[str]:
    """Return all Python files of the program: below the source roots, or else below the root."""
    return _Walk(_starts(root, config), config, notes or Notes()).files()


def _starts(root: Path, config: Config) -> list[str]:
    return [os.path.realpath(start) for start in config.source_roots or (root,)]


def selected(
    paths: Iterable[str | Path],
    config: Config,
    program: Iterable[str] = (),
    notes: Notes | None = None,
) -> list[str]:
    """Return the files that the user names: the files given, and those in the folders given.

    What is given is never ignored or excluded itself, save for the excludes under
    `force_exclude`. `program` is what was discovered: a file that it knows by another path is
    called by that. A path that does not exist is a problem; raises NoSuchPath if none does.
    """
    paths, notes = list(paths), notes or Notes()
    absent = [str(path) for path in paths if not os.path.lexists(path)]
    if absent and len(absent) == len(paths):
        raise NoSuchPath(absent)
    notes.problems += map(missing, absent)
    existing = [os.path.abspath(path) for path in paths if os.path.lexists(path)]
    if config.force_exclude:
        existing = [path for path in existing if not excluded(path, config, notes)]
    folders = [os.path.realpath(path) for path in existing if os.path.isdir(path)]
    files = {path for path in existing if not os.path.isdir(path)}
    if program and folders == _starts(config.root, config):
        files.update(program)
    else:
        files.update(_Walk(folders, config, notes).files())
    return sorted(_called_as_in(program, files))


def missing(path: str) -> str:
    """Return what is told of a path that does not exist."""
    return f"no such file or folder: {path}"


def excluded(path: str, config: Config, notes: Notes | None = None) -> bool:
    """Return whether the excludes leave out a path, or a folder of the project above it."""
    notes, root = notes or Notes(), os.path.realpath(config.root)
    current = _real(path)
    excludes = excludes_of(config, root)
    is_folder = os.path.isdir(path)
    while current != root and is_below(current, root):
        if excludes.verdict(current, is_folder):
            notes.spoken_of.add((excludes.name(current), is_folder))
            return True
        if is_folder and _is_generated(current, config, notes):
            return True
        current, is_folder = os.path.dirname(current), True
    return False


# ------------------------------------------------------------------ walking


class _Walk:
    """Walks folders, and finds the Python files below them."""

    def __init__(self, starts: Sequence[str], config: Config, notes: Notes) -> None:
        self._starts, self._config, self._notes = starts, config, notes
        self._inside = (str(config.within), *starts)
        self._todo = [_start(folder, config, notes) for folder in starts]
        self._links: list[tuple[str, _Folder]] = []
        self._walked: set[str] = set()
        # The real path of a file -> the path that it is called by.
        self._by_real_path: dict[str, str] = {}

    def files(self) -> list[str]:
        """Return the files, real ones before the same ones through links."""
        while self._todo or self._links:
            if self._todo:
                self._enter(self._todo.pop())
            else:
                # Only once all that is really there has been seen, and in a fixed order.
                self._links.sort(key=lambda link: link[0], reverse=True)
                self._follow(*self._links.pop())
        self._notes.folders |= self._walked - self._notes.projects
        return sorted(self._by_real_path.values())

    def _follow(self, link: str, holder: _Folder) -> None:
        is_folder = os.path.isdir(link)
        # What is neither a file nor a folder is never read, and told like any such file.
        is_other = os.path.exists(link) and not (is_folder or os.path.isfile(link))
        if not is_other and all(leads_out(link, folder) for folder in self._inside):
            self._notes.outside.add(link)
        elif is_folder:
            self._enter(holder._replace(path=link))
        else:
            self._by_real_path.setdefault(os.path.realpath(link), link)

    def _enter(self, folder: _Folder) -> None:
        real = os.path.realpath(folder.path)
        is_loop = folder.path != real and any(is_below(start, real) for start in self._starts)
        if real in self._walked or is_loop:
            return
        self._walked.add(real)
        entries = _listed(folder.path)
        if entries is None:
            self._by_real_path[real] = folder.path
            return
        names = {entry.name for entry in entries}
        if real not in self._starts and self._is_project(real, names):
            return
        ignores = own_ignores(folder.path, names, folder.ignores, self._notes.problems)
        folder = folder._replace(ignores=ignores)
        for entry in entries:
            if entry.name != FOLDER:  # a cache is nobody's code, also where it is a link
                self._take(entry, folder, real)

    def _take(self, entry: os.DirEntry[str], folder: _Folder, real: str) -> None:
        is_folder = _is(entry.is_dir)
        if not (is_folder or entry.name.endswith(SUFFIXES)):
            return
        if _left_out(entry.path, is_folder, folder, self._config, self._notes):
            return
        if entry.is_symlink():
            self._links.append((entry.path, folder))
        elif is_folder:
            self._todo.append(folder._replace(path=entry.path))
        else:
            self._by_real_path.setdefault(os.path.join(real, entry.name), entry.path)

    def _is_project(self, folder: str, names: set[str]) -> bool:
        """Return whether a folder that holds these names has a configuration of its own.

        What a link brings in from elsewhere is of the project that has the link.
        """
        if not self._config.hierarchical or names.isdisjoint(_CONFIGURATIONS):
            return False
        if not any(is_below(folder, top) for top in (str(self._config.root), *self._starts)):
            return False
        self._notes.files.update(os.path.join(folder, name) for name in _CONFIGURATIONS)
        if configuration_in(Path(folder)) is None:
            return False
        self._notes.projects.add(folder)
        return True


def _listed(folder: str) -> list[os.DirEntry[str]] | None:
    """Return what is in a folder, `None` if that cannot be known."""
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError:  # who asks tells of it
        return None


def _is(kind: Callable[[], bool]) -> bool:
    """Return what an entry of a folder says of itself; what cannot be looked at is nothing."""
    try:
        return kind()
    except OSError:
        return False


def _start(path: str, config: Config, notes: Notes) -> _Folder:
    """Return a folder as it is walked when given: neither excluded nor ignored itself."""
    root = os.path.realpath(config.root)
    excludes = excludes_of(config, root)
    if not is_below(path, root) or excludes.verdict(path, True):
        excludes = excludes_of(config, path)
    ignores = ignores_above(path, notes.problems)
    if verdict_of(ignores, path, True):
        ignores = ()
    return _Folder(path, ignores, excludes)


def _left_out(path: str, is_folder: bool, folder: _Folder, config: Config, notes: Notes) -> bool:
    """Return whether a path is no code of the project, and note why."""
    verdict = folder.excludes.verdict(path, is_folder)
    if verdict is not None:
        notes.spoken_of.add((folder.excludes.name(path), is_folder))
    if verdict:
        return True
    if verdict_of(folder.ignores, path, is_folder):
        if is_folder and _is_tracked_output(path, notes):
            return False
        notes.ignored.add(path)
        return True
    if not is_folder or not _is_generated(path, config, notes):
        return False
    notes.generated.add(path)
    return True


def _is_generated(folder: str, config: Config, notes: Notes) -> bool:
    """Return whether a folder is a virtual environment or the output of a build."""
    if any(os.path.lexists(os.path.join(folder, mark)) for mark in _ENVIRONMENT_MARKS):
        return True
    return (
        config.exclude is None
        and os.path.basename(folder) in _OUTPUT_NAMES
        and not os.path.exists(os.path.join(folder, "__init__.py"))
        and not _is_tracked_output(folder, notes)
    )


def _is_tracked_output(folder: str, notes: Notes) -> bool:
    """Return whether a folder only looks like the output of a build: git knows what is in it."""
    if os.path.basename(folder) not in _OUTPUT_NAMES:
        return False
    if folder not in notes.tracked:
        notes.tracked[folder] = is_tracked(folder)
    return notes.tracked[folder]


# ------------------------------------------------------------------ names of files


@cache
def _real_folder(folder: str) -> str:
    return os.path.realpath(folder)


def _real(path: str) -> str:
    """Return the path with all links above the last name resolved."""
    return os.path.join(_real_folder(os.path.dirname(path)), os.path.basename(path))


def _called_as_in(program: Iterable[str], files: set[str]) -> set[str]:
    """Return the files, those that the program knows by another path under that path."""
    in_program = set(program)
    strangers = files - in_program
    if not strangers:
        return files
    names = {os.path.realpath(path): path for path in in_program}
    return (files & in_program) | {
        names.get(os.path.realpath(path), _real(path)) for path in strangers
    }
