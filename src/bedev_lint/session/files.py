"""The files of a run: those of the program, those asked for, and what is left out."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import filterfalse
from pathlib import Path

from bedev_lint.cache.project import Cache
from bedev_lint.files import discovery
from bedev_lint.files.modules import Modules
from bedev_lint.files.production import contexts_of
from bedev_lint.inspection.plan import SourceFile
from bedev_lint.model import FileReport
from bedev_lint.session.rules import ActiveRules
from bedev_lint.settings.config import Config

__all__ = ["FileSearch", "Files"]


@dataclass(frozen=True)
class Files:
    """The files of a run, by their path relative to the project."""

    sources: dict[str, str]
    selected: frozenset[str]
    # The contexts that each file belongs to as a whole, for rules to skip.
    contexts: dict[str, frozenset[str]]
    # What the files that no rule wants are, by the name of a context.
    left_out: dict[str, str]
    # The folders asked for that have a configuration of their own, or are below one given.
    projects: tuple[Path, ...]

    def counted(self) -> dict[str, int]:
        """Return how many of the files asked for are left out as what, most first."""
        counts = Counter(what for name, what in self.left_out.items() if name in self.selected)
        return dict(sorted(counts.items(), key=lambda one: (-one[1], one[0])))


class FileSearch:
    """Finds the files of a project; `notes` hold what was come by on the way.

    `in_memory` are all files there are, by their paths, if they are not on the disk.
    """

    def __init__(
        self, config: Config, rules: ActiveRules, cache: Cache, in_memory: dict[str, bytes] | None
    ) -> None:
        self._config, self._rules, self._cache = config, rules, cache
        self._is_on_disk = in_memory is None
        self.in_memory: Mapping[str, bytes] = in_memory or {}
        self.notes = discovery.Notes()
        self._last: Files | None = None

    def again(self, unsaved: Mapping[str, bytes]) -> Files | None:
        """Return the files of the last run, if it was over texts of these files alone."""
        if self._last is None or unsaved.keys() != self.in_memory.keys():
            return None
        self.in_memory = unsaved
        return self._last

    def files(self, paths: Sequence[Path], unsaved: Mapping[str, bytes]) -> Files:
        """Return the files of a run over paths; without any, over those with an unsaved text.

        Raises discovery.NoSuchPath.
        """
        if self._is_on_disk:
            self.in_memory, self.notes = unsaved, discovery.Notes()
        every, selected = (
            self._program_and_selected(paths, unsaved)
            if self._is_on_disk
            else ([*self.in_memory], [*self.in_memory])
        )
        relative = {path: self._relative(path) for path in dict.fromkeys((*every, *selected))}
        sources = {name: path for path, name in relative.items()}
        requested = frozenset(relative[path] for path in selected)
        contexts = contexts_of(sources, self._rules.skippable(), self._cache, self.in_memory)
        left_out = {
            name: self._rules.kind_of(own)
            for name, own in contexts.items()
            if not self._rules.programs_of(own)
        }
        around = paths if paths or unsaved else (self._config.root,)
        files = Files(sources, requested, contexts, left_out, self._projects_below(around))
        self._last = files if unsaved and not paths else None
        return files

    def _projects_below(self, paths: Sequence[Path]) -> tuple[Path, ...]:
        """Return the projects that were come by below these paths."""
        real_paths = {Path(os.path.realpath(path)) for path in paths}
        projects = map(Path, self.notes.projects)
        return tuple(
            sorted(project for project in projects if not real_paths.isdisjoint(project.parents))
        )

    def _program_and_selected(
        self, paths: Sequence[Path], unsaved: Collection[str]
    ) -> tuple[list[str], list[str]]:
        """Return the files of the program, and those of them that are asked for."""
        every = discovery.discover(self._config.root, self._config, self.notes)
        if paths or not unsaved:
            return every, discovery.selected(paths, self._config, every, self.notes)
        if self._config.force_exclude:
            excluded = partial(discovery.excluded, config=self._config, notes=self.notes)
            unsaved = [*filterfalse(excluded, unsaved)]
        return every, [*unsaved]

    def _relative(self, path: str) -> str:
        root = str(self._config.root)
        if path.startswith(root + os.sep):
            return path[len(root) + 1 :].replace(os.sep, "/")
        return Path(os.path.relpath(path, root)).as_posix()

    def without_unparsed(self, files: Files, reports: Mapping[str, FileReport]) -> Files:
        """Return the files of a run, those that were not parsed as left out."""
        unparsed = {
            name: self._rules.kind_of(files.contexts[name])
            for name, report in reports.items()
            if not report.is_parsed
        }
        return replace(files, left_out={**files.left_out, **unparsed})

    def sources(self, files: Files) -> list[SourceFile]:
        """Return what is to be read, in the order of the names."""
        only = None if self._is_on_disk else files.sources.values()
        modules = Modules(self._config.root, self._config.source_roots, only)
        return [
            SourceFile(
                path,
                name,
                *modules.name(path),
                self.in_memory.get(path),
                rules=self._rules.alone_for(files.contexts[name]),
            )
            for name, path in sorted(files.sources.items())
            if name not in files.left_out
        ]
