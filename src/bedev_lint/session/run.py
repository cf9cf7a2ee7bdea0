"""Session.run(): files in, diagnostics out."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

import msgspec

from bedev_lint.applying import offered
from bedev_lint.cache import folder as folders
from bedev_lint.cache.answer import Trail
from bedev_lint.cache.kept import Unusable
from bedev_lint.cache.place import place
from bedev_lint.cache.project import Cache, Entry, key_of
from bedev_lint.cache.trust import content_key, digest
from bedev_lint.catalog import Catalog, Rule, builtin_rules
from bedev_lint.inspection.parallel import shared
from bedev_lint.inspection.plan import Plan
from bedev_lint.inspection.problems import unlinked
from bedev_lint.inspection.reading import Reading
from bedev_lint.inspection.workers import Workers, without_collector
from bedev_lint.model import Diagnostic, FileReport, Severity, SourceMap
from bedev_lint.program import Program, link
from bedev_lint.session import baseline as baselines
from bedev_lint.session.baseline import Defined, Matched
from bedev_lint.session.files import Files, FileSearch
from bedev_lint.session.filtering import Filter
from bedev_lint.session.findings import Findings, Found, order, with_fingerprints
from bedev_lint.session.questions import questions
from bedev_lint.session.relinking import Linked, linked, sources_of
from bedev_lint.session.remarks import remarks
from bedev_lint.session.rules import ActiveRules
from bedev_lint.session.silencing import Silencing, used_suppressions
from bedev_lint.settings.config import Config

__all__ = ["Outcome", "Session", "Survey"]

T = TypeVar("T")

_SEVERITIES = [Severity.INFO, Severity.WARNING, Severity.ERROR]
_TESTS = "test"  # the context that `include-tests` speaks of


@dataclass(frozen=True)
class Outcome:
    """What a run has found: sorted diagnostics, and how many files it read.

    `left_out` counts the files asked for that are no production code, by what they are instead,
    `unchecked` those that could not be analysed. `problems` tell what else could not be looked at;
    `outside` are links that were not followed. `projects` are folders below those asked for that
    have a configuration of their own: they are no part of this program. `baseline` says what has
    become of one; what it knows is no diagnostic. So many files of the project were `analysed`, the
    others were known from before.
    """

    diagnostics: list[Diagnostic]
    files: int
    left_out: Mapping[str, int]
    unchecked: int
    problems: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    projects: tuple[Path, ...] = ()
    baseline: Matched = field(default_factory=Matched)
    analysed: int = 0


@dataclass(frozen=True)
class Survey:
    """A linked program, unjudged: `selected` are the relative paths of the files asked for.

    `places` say where all stands in each file. `problems` tell which files could not be
    read, `left_out` counts those that are no production code. `projects` are as in `Outcome`.
    """

    program: Program
    places: Callable[[str], SourceMap]
    selected: frozenset[str]
    problems: tuple[Diagnostic, ...]
    left_out: Mapping[str, int]
    projects: tuple[Path, ...] = ()


class Session:
    """Runs over a project, one after the other. Raises CatalogError for a rule without a check.

    `jobs` processes may share the work; `cache_folder` None keeps nothing. Where something is
    kept, or why nothing is, `place` says. `project` holds all files there are, by their names
    relative to the root, if they are not on the disk: nothing else is looked at then. What the
    `baseline` knows is not told; None for no baseline. `cluster` is the address of one that reads
    the files.
    """

    def __init__(
        self,
        config: Config,
        catalog: Catalog,
        jobs: int = 1,
        cache_folder: Path | None = None,
        project: Mapping[str, bytes] | None = None,
        baseline: Sequence[baselines.Entry] | None = None,
        cluster: str = "",
    ) -> None:
        self._config, self._catalog = config, catalog
        self._jobs, self._cluster = jobs, cluster
        self._baseline = baseline
        self._active = ActiveRules(config, catalog)
        self._rules, self._selected = self._active.by_code, self._active.selected
        linter = self._active.linter
        letters = frozenset(code.rstrip("0123456789") for code in self._rules)
        words = frozenset((*self._rules, *(rule.name for rule in self._rules.values())))
        rules = self._active.visitor_rules()
        self.place = place(cache_folder, config.root)
        key = content_key(self.place.key)
        limit = config.file_timeout
        literals = frozenset[str | int | float]().union(
            *(self._rules[code].literals for code in self._selected)
        )
        naming = msgspec.structs.replace(catalog.naming, tests=self._active.test_words())
        self._plan = Plan(
            rules, linter, letters, words, naming, literals, file_timeout=limit, key=key
        )
        unused = linter.get("unused-suppression")
        self._silencing = Silencing(
            catalog, self._selected, unused, require_reason=config.require_reason
        )
        self.cache = Cache(self.place, self._key() if self.place.folder is not None else b"")
        in_memory = None
        if project is not None:
            in_memory = {os.path.join(config.root, *n.split("/")): d for n, d in project.items()}
        self._search = FileSearch(config, self._active, self.cache, in_memory)
        self._began = 0
        self._sources_of: dict[str, str] = {}
        self._contexts_of: Mapping[str, frozenset[str]] = {}
        self._overdue: frozenset[str] = frozenset()
        # What each file held that the last run was asked about, by its path.
        self._contents: dict[str, bytes] = {}

    def _key(self) -> bytes:
        """Return a digest of all but the files that the contents of the cache depend on.

        Where the project and bedev-lint stand is none of it: a cache may be brought elsewhere.
        """
        catalog, config = self._catalog, self._config
        rules = [msgspec.structs.replace(rule, file="") for rule in self._rules.values()]
        words = (
            catalog.types,
            catalog.names,
            catalog.contexts,
            catalog.effects,
            catalog.routers,
            catalog.routes,
        )
        selected = sorted(self._selected)
        roots = [os.path.relpath(root, config.root) for root in config.source_roots]
        secret = self.place.key
        project = self._project_name()
        return key_of(secret, project, rules, selected, words, roots, config.include_tests)

    def _project_name(self) -> str:
        """Return what tells this project from others that keep something in the same folder."""
        root = self._config.root
        if self.place.folder is None or root in self.place.folder.parents:
            return ""
        return f"{self._config.within.name}/{self._config.in_repository}"

    # ------------------------------------------------------------------ running

    def run(
        self,
        paths: Sequence[Path] = (),
        unsaved: Mapping[str, bytes] | None = None,
        progress: Callable[[int, int], None] | None = None,
        *,
        is_disk_same: bool = False,
    ) -> Outcome:
        """Lint the files at paths, as part of the whole program; of one in memory, all.

        `unsaved` are contents of files, by their absolute paths, that on the disk hold something
        else, or are not there; without paths, these are linted. With `is_disk_same` nothing on the
        disk has changed since the last run. Raises discovery.NoSuchPath.
        """
        self._began = time.time_ns()
        files = partial(self._found_files, paths, unsaved or {}, is_disk_same=is_disk_same)
        return self._with_cache(partial(self._run, files, progress))

    def stay_warm(self) -> None:
        """Keep in memory what is known: from now on, a run reads only what has changed.

        Nothing is written any more, and unsaved contents are kept like those of the disk.
        """
        self.cache.move_to_memory()

    def _with_cache(self, work: Callable[[], T]) -> T:
        """Do work with what is kept; with what is kept then, or nothing, if it is of no use."""
        for begin_again in (self.cache.begin, self.cache.begin_without):
            try:
                return work()
            except Unusable:
                begin_again()
        return work()

    def _run(
        self, find_files: Callable[[], Files], progress: Callable[[int, int], None] | None
    ) -> Outcome:
        with without_collector(), Workers(self._plan, self._jobs, self._cluster) as workers:
            files = find_files()
            reading = Reading(self._search.sources(files), workers, self.cache, progress)
            workers.rest()
            reports = reading.reports
            files = self._search.without_unparsed(files, reports)
            linked = self._linked(reports, reading.entries, files)
            self._overdue = linked.overdue
            findings = Findings(self._rules, self._active.severities(), reading)
            collected = [
                *findings.problems(),
                *findings.from_failures(linked, self._plan.linter),
                *findings.from_candidates(linked),
                *findings.from_crossings(linked),
            ]
        kept = self._silencing.kept(collected, reports, used_suppressions(linked, reports))
        wanted = Filter(self._config, self._catalog, self._active, files)
        kept, matched = self._unknown(kept, wanted, files)
        diagnostics = [
            msgspec.structs.replace(
                diagnostic, fix=offered(diagnostic, self._rules[diagnostic.code])
            )
            for diagnostic in with_fingerprints(wanted.reported(kept), self._config.in_repository)
        ]
        self._contents = {
            reports[name].path: entry.content
            for name, entry in reading.entries.items()
            if name in files.selected
        }
        if self.cache.is_in_memory or not self._search.in_memory:
            self.cache.save(files.sources)
        self.cache.close()
        unchecked = {d.filename for d in diagnostics if self._catalog.rules[d.code].always}
        return Outcome(
            diagnostics,
            len(files.selected - files.left_out.keys()),
            files.counted(),
            len(unchecked),
            tuple(dict.fromkeys(self._search.notes.problems)),
            tuple(sorted(self._search.notes.outside)),
            files.projects,
            matched,
            reading.analysed,
        )

    @property
    def rules(self) -> Mapping[str, Rule]:
        """All rules by code, as configured."""
        return self._rules

    def is_as_read(self, path: str, data: bytes) -> bool:
        """Return whether the last run was asked about a file, and this is what it read of it."""
        return self._contents.get(path) == digest(data, self._plan.key)

    def remarks(self) -> list[str]:
        """Return what is to be told of the last run's search for files, if one wants to know."""
        return [
            *remarks(self._config, self._search.notes, self._sources_of),
            *self._active.without_tests(self._contexts_of),
        ]

    def trail(self, paths: Sequence[Path]) -> Trail:
        """Return all that the last run, which was given these paths, has looked at."""
        trail, config = Trail(self._began, self.place.key), self._config
        for folder in {path if path.is_dir() else path.parent for path in paths}:
            trail.configuration(str(folder))
        trail.configuration(str(config.root))
        trail.existence(os.path.join(os.path.dirname(config.root), "__init__.py"))
        trail.file(str(config.root / baselines.FILE))
        if config.source is not None:
            trail.file(str(config.source))
        for folder in (builtin_rules(), *config.rules):
            trail.all_below(str(folder), ".toml")
        trail.all_below(os.path.dirname(os.path.dirname(__file__)), ".py")
        for path in sorted(self._search.notes.files):
            trail.file(path)
        for path in sorted(
            (self._search.notes.folders | self._search.notes.generated) - {str(self.cache.folder)}
        ):
            trail.folder(path)
            trail.file(os.path.join(path, ".gitignore"))
        for path in sorted(self._search.notes.tracked):
            trail.tracked(path)
        for name, path in self._sources_of.items():
            entry = None if name in self._overdue else self.cache.fresh(name, path)
            trail.read(path, entry.stamp if entry else (0, 0, 0), entry.content if entry else b"")
        return trail

    def survey(
        self, paths: Sequence[Path], progress: Callable[[int, int], None] | None = None
    ) -> Survey:
        """Link the program that these paths belong to. Raises discovery.NoSuchPath."""
        return self._with_cache(partial(self._survey, paths, progress))

    def _survey(self, paths: Sequence[Path], progress: Callable[[int, int], None] | None) -> Survey:
        with without_collector(), Workers(self._plan, self._jobs, self._cluster) as workers:
            files = self._found_files(paths, {})
            reading = Reading(self._search.sources(files), workers, self.cache, progress)
        files = self._search.without_unparsed(files, reading.reports)
        self.cache.load()
        self.cache.save(files.sources)
        execute = partial(shared, jobs=self._jobs)
        program = link(
            sources_of(reading.entries),
            self.cache.blob,
            self._catalog,
            execute=execute,
            timeout=self._config.file_timeout,
        )
        problems = [problem for report in reading.reports.values() for problem in report.problems]
        for name, failure in program.failures():
            problems.append(unlinked(reading.reports[name].path, failure, self._plan.linter))
        selected, left_out = files.selected, files.counted()
        return Survey(program, reading.places, selected, tuple(problems), left_out, files.projects)

    def _found_files(
        self, paths: Sequence[Path], unsaved: Mapping[str, bytes], *, is_disk_same: bool = False
    ) -> Files:
        files = self._search.again(unsaved) if is_disk_same and not paths else None
        if files is None:
            self.cache.recheck()
            files = self._search.files(paths, unsaved)
        else:
            self.cache.recheck(name for name, path in files.sources.items() if path in unsaved)
        self._sources_of, self._contexts_of = files.sources, files.contexts
        return files

    def keep(self, name: str, *pieces: bytes) -> None:
        """Write a file beside the cache, if there is one."""
        if self.cache.folder is not None:
            folders.keep(self.cache.folder, name, *pieces)

    # ------------------------------------------------------------------ the whole program

    def _linked(
        self, reports: Mapping[str, FileReport], entries: Mapping[str, Entry], files: Files
    ) -> Linked:
        result = Linked()
        for file_set, rules in self._active.programs.items():
            if any(rule.asks_program for rule in rules):
                within = {
                    name: entry
                    for name, entry in entries.items()
                    if file_set in self._active.programs_of(files.contexts[name])
                }
                reports_within = {name: reports[name] for name in within}
                result += linked(
                    within,
                    questions(reports_within, self._active.asking(file_set), self._silencing),
                    [rule for rule in rules if rule.is_linked],
                    self._catalog,
                    self.cache,
                    self._jobs,
                    self._config.file_timeout,
                    file_set.name,
                )
        return result

    # ------------------------------------------------------------------ the baseline

    def _unknown(
        self, findings: list[Found], wanted: Filter, files: Files
    ) -> tuple[list[Found], Matched]:
        """Return what the baseline does not know, and what has become of that.

        All of the program is looked at, whatever is asked for, so that nothing is taken for gone
        that is only elsewhere; while some of it cannot be looked at, nothing is.
        """
        if self._baseline is None:
            return findings, Matched()
        rules = self._catalog.rules
        counted = [item for item in findings if wanted.is_judged(item)]
        counted.sort(key=lambda item: order(item.diagnostic))
        entries = baselines.entries(counted)
        baseline = [entry for entry in self._baseline if entry.rule in self._selected]
        defined = Defined(files.sources, self._search.in_memory)
        matched = baselines.match(baseline, entries, defined.is_gone)
        if any(rules[item.diagnostic.code].always for item in findings):
            matched = matched._replace(gone=())
        entries_known = frozenset(matched.known)
        hidden = {id(item) for item, e in zip(counted, entries, strict=True) if e in entries_known}
        return [item for item in findings if id(item) not in hidden], matched
