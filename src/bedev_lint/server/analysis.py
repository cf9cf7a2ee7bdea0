"""Documents in, diagnostics out: sessions that stay warm, one for each project."""

from __future__ import annotations

import io
import os
import tokenize
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from bedev_lint.cache.stamps import Stamp, stamp
from bedev_lint.catalog import Catalog, CatalogError, Rule
from bedev_lint.inspection.inspect import read
from bedev_lint.inspection.problems import problem
from bedev_lint.model import Diagnostic, Location
from bedev_lint.session.baseline import FILE as BASELINE
from bedev_lint.session.examples import check_own
from bedev_lint.session.run import Session
from bedev_lint.settings.config import Config, ConfigError
from bedev_lint.source import Limit, Unparsable
from bedev_lint.streams import Failure, crash

__all__ = ["Analyser", "Analysis", "Checked", "Loading"]


class Loading(NamedTuple):
    """How the root of a file's project is found, how it is configured, and a session begun.

    Where nothing else says what the project is, it is that of the open folder around the file.
    """

    root_of: Callable[[Path, Path | None], Path]
    load: Callable[[Path], tuple[Config, Catalog]]
    begin: Callable[[Config, Catalog], Session]


class Checked(NamedTuple):
    """The diagnostics of a document; all rules, as configured, and the root of its project."""

    diagnostics: list[Diagnostic]
    rules: Mapping[str, Rule]
    root: Path


@dataclass
class Analysis:
    """Documents that have been checked, by path; `problems` tell what kept others from it."""

    documents: dict[str, Checked] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


class _Project(NamedTuple):
    """A session that stays warm, and what it was made of."""

    config: Config
    catalog: Catalog
    baseline: Stamp | None
    session: Session


class Analyser:
    """Checks documents as parts of their projects, again and again.

    A text that does not parse counts as it was when it last did: half a statement must not make
    the rest of the program look as if its module were empty.
    """

    def __init__(self, loading: Loading) -> None:
        self._loading = loading
        self._projects: dict[Path, _Project] = {}
        self._roots: dict[str, Path] = {}
        self._last_parsed: dict[str, str] = {}

    def check(
        self, texts: Mapping[str, str], folders: Sequence[str], *, is_disk_same: bool
    ) -> Analysis:
        """Check documents, given by their absolute paths with their texts, of open folders.

        With `is_disk_same` nothing on the disk has changed since the last time.
        """
        if not is_disk_same:
            self._roots.clear()
        self._last_parsed = {
            path: text for path, text in self._last_parsed.items() if path in texts
        }
        analysis = Analysis()
        for root, paths in self._by_root(texts, folders).items():
            try:
                project = self._project(root, is_disk_same=is_disk_same)
                of_project = {path: texts[path] for path in paths}
                self._check(project, of_project, analysis, is_disk_same=is_disk_same)
            except (ConfigError, CatalogError, Failure) as error:
                self._projects.pop(root, None)
                analysis.problems += error.problems
            except Exception as error:  # a mistake of ours must not end the server
                self._projects.pop(root, None)
                analysis.problems.append(crash(error))
        return analysis

    def _by_root(self, paths: Iterable[str], folders: Sequence[str]) -> dict[Path, list[str]]:
        by_root: dict[Path, list[str]] = {}
        for path in paths:
            if path not in self._roots:
                around = [folder for folder in Path(path).parents if str(folder) in folders]
                folder = around[0] if around else None
                self._roots[path] = self._loading.root_of(Path(path), folder)
            by_root.setdefault(self._roots[path], []).append(path)
        return by_root

    def _project(self, root: Path, *, is_disk_same: bool) -> _Project:
        """Return the project of a root, begun anew if it is configured in another way."""
        before = self._projects.get(root)
        if before is not None and is_disk_same:
            return before
        config, catalog = self._loading.load(root)
        made_of = (config, catalog, _stamp_of(config.root / BASELINE))
        if before is not None and before[:3] == made_of:
            return before
        session = self._loading.begin(config, catalog)
        check_own(config, catalog, session.cache)
        if session.place.folder is not None:
            session.run([config.root])  # what it finds is kept on the disk, for the next start
        session.stay_warm()
        self._projects[root] = _Project(*made_of, session)
        return self._projects[root]

    def _check(
        self, project: _Project, texts: Mapping[str, str], analysis: Analysis, *, is_disk_same: bool
    ) -> None:
        rules = project.session.rules
        broken = {}
        for path, text in texts.items():
            error = _syntax_error(path, text, rules)
            if error is None:
                self._last_parsed[path] = text
            elif path in self._last_parsed:
                broken[path] = error
        unsaved = {path: _encoded(self._last_parsed.get(path, texts[path])) for path in texts}
        outcome = project.session.run((), unsaved, is_disk_same=is_disk_same)
        analysis.problems += outcome.problems
        for path in texts:
            diagnostics = [broken[path]] if path in broken else []
            analysis.documents[path] = Checked(diagnostics, rules, project.config.root)
        for diagnostic in outcome.diagnostics:
            if diagnostic.filename in texts and diagnostic.filename not in broken:
                analysis.documents[diagnostic.filename].diagnostics.append(diagnostic)


def _syntax_error(path: str, text: str, rules: Mapping[str, Rule]) -> Diagnostic | None:
    """Return what is wrong with a text that does not parse."""
    try:
        read(text)
    except Unparsable as error:
        rule = next(rule for rule in rules.values() if rule.name == "syntax-error")
        return problem(path, rule, error.message, Location(error.row, error.column))
    except (Limit, RecursionError, MemoryError):
        pass  # the session tells of it
    return None


def _encoded(text: str) -> bytes:
    """Return the bytes that a text would be saved as."""
    data = text.encode("utf-8", "replace")
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return text.encode(encoding)
    except (SyntaxError, LookupError, UnicodeError):
        return data


def _stamp_of(path: Path) -> Stamp | None:
    try:
        return stamp(os.stat(path))
    except OSError:
        return None
