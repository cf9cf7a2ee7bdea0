"""Session.run(): files in, diagnostics out."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from importlib.util import find_spec
from pathlib import Path
from typing import TypeVar

import msgspec

from bedev_lint.cache import folder as folders
from bedev_lint.cache.answer import Trail
from bedev_lint.cache.kept import Unusable
from bedev_lint.cache.place import place
from bedev_lint.cache.project import Cache, Entry, key_of
from bedev_lint.catalog import Catalog, CatalogError, Context, Rule, builtin_rules
from bedev_lint.files import discovery
from bedev_lint.files.modules import Modules
from bedev_lint.files.production import contexts_of
from bedev_lint.inspection.parallel import shared
from bedev_lint.inspection.plan import Plan, Source
from bedev_lint.inspection.problems import unlinked
from bedev_lint.inspection.reading import Reading
from bedev_lint.inspection.workers import Workers, without_collector
from bedev_lint.model import (
    Confidence,
    Diagnostic,
    FileReport,
    Places,
    Severity,
)
from bedev_lint.options import of_project, texts
from bedev_lint.program import Program, link
from bedev_lint.session import baseline as baselines
from bedev_lint.session.baseline import Defined, Matched
from bedev_lint.session.findings import (
    Findings,
    Found,
    order,
    told_once,
    with_fingerprints,
)
from bedev_lint.session.relinking import Linked, Question, linked, sources_of
from bedev_lint.session.remarks import remarks
from bedev_lint.session.silencing import Silencing
from bedev_lint.settings.config import Config
from bedev_lint.settings.selection import codes_of, ignored_for_file, selected_codes

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
    """A linked program, unjudged: `asked` are the relative paths of the files asked for.

    `places` say where all stands in each file. `problems` tell which files could not be
    read, `left_out` counts those that are no production code. `projects` are as in `Outcome`.
    """

    program: Program
    places: Callable[[str], Places]
    asked: frozenset[str]
    problems: tuple[Diagnostic, ...]
    left_out: Mapping[str, int]
    projects: tuple[Path, ...] = ()


@dataclass(frozen=True)
class _Files:
    """The files of a run, by their path relative to the project."""

    sources: dict[str, str]
    asked: frozenset[str]
    # The contexts that each file belongs to as a whole, for rules to skip.
    contexts: dict[str, frozenset[str]]
    # What the files that no rule wants are, by the name of a context.
    left_out: dict[str, str]
    # The folders asked for that have a configuration of their own, or are below one given.
    projects: tuple[Path, ...]


class Session:
    """One run over a project. Raises CatalogError for a rule without a check.

    `jobs` processes may share the work; `cache_folder` None keeps nothing. Where something is
    kept, or why nothing is, `place` says. `project` holds all files there are, by their names
    relative to the root, if they are not on the disk: nothing else is looked at then. What the
    `baseline` knows is not told; None for no baseline.
    """

    def __init__(
        self,
        config: Config,
        catalog: Catalog,
        jobs: int = 1,
        cache_folder: Path | None = None,
        project: Mapping[str, bytes] | None = None,
        baseline: Sequence[baselines.Entry] | None = None,
    ) -> None:
        self._config, self._catalog = config, catalog
        self._jobs = jobs
        self._baseline = baseline
        self._selected = selected_codes(config, catalog)
        self._rules = {
            code: _configured(rule, config.rule.get(rule.name, {}))
            for code, rule in catalog.rules.items()
        }
        linter = {rule.name: rule for rule in self._rules.values() if rule.family == "linter"}
        letters = frozenset(code.rstrip("0123456789") for code in self._rules)
        words = frozenset((*self._rules, *(rule.name for rule in self._rules.values())))
        rules = self._visitor_rules()
        self.place = place(cache_folder, config.root)
        key = self.place.key
        limit = config.file_timeout
        literals = frozenset[str | int | float]().union(
            *(self._rules[code].literals for code in self._selected)
        )
        self._plan = Plan(
            rules, linter, letters, words, catalog.naming, literals, file_timeout=limit, key=key
        )
        unused = linter.get("unused-suppression")
        self._silencing = Silencing(
            catalog, self._selected, unused, require_reason=config.require_reason
        )
        self._is_on_disk = project is None
        self._in_memory = {
            os.path.join(config.root, *name.split("/")): data
            for name, data in (project or {}).items()
        }
        self.cache = Cache(self.place, self._key() if self.place.folder is not None else b"")
        self._notes = discovery.Notes()
        self._began = 0
        self._sources_of: dict[str, str] = {}
        self._overdue: frozenset[str] = frozenset()

    def _key(self) -> bytes:
        """Return a digest of all but the files that the contents of the cache depend on.

        Where the project and bedev-lint stand is none of it: a cache may be brought elsewhere.
        """
        catalog, config = self._catalog, self._config
        rules = [msgspec.structs.replace(rule, file="") for rule in self._rules.values()]
        words = (catalog.types, catalog.names, catalog.contexts, catalog.effects)
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

    def _severities(self) -> dict[str, Severity]:
        """Return the severities that the user gives to rules, by their codes."""
        given = self._config.rule
        return {
            rule.code: Severity(given[rule.name]["severity"])
            for rule in self._rules.values()
            if "severity" in given.get(rule.name, {})
        }

    def _visitor_rules(self) -> tuple[Rule, ...]:
        """Return the visitor rules to run: those selected, and those they yield to."""
        chosen = [rule for code, rule in self._rules.items() if code in self._selected]
        needed = {rule.code for rule in chosen}
        needed.update(code for rule in chosen for code in rule.yields_to)
        rules = [r for r in self._rules.values() if r.code in needed and r.is_visitor]
        missing = [rule for rule in rules if not _has_check(rule)]
        if missing:
            raise CatalogError(
                [
                    f"{rule.name}.toml:1: rule {rule.code} has no [boundary] and no [call]: "
                    "nothing checks it"
                    for rule in missing
                ]
            )
        return tuple(rules)

    # ------------------------------------------------------------------ running

    def run(
        self,
        paths: Sequence[Path] = (),
        stdin: tuple[str, bytes] | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> Outcome:
        """Lint the files given, as part of the whole program; of one in memory, all.

        `stdin` is the name and the contents of a file that is read from there instead.
        Raises discovery.NoSuchPath.
        """
        self._began = time.time_ns()
        return self._with_cache(partial(self._run, paths, stdin, progress))

    def _with_cache(self, work: Callable[[], T]) -> T:
        """Do work with what is kept; with what is kept then, or nothing, if it is of no use."""
        for begin_again in (self.cache.begin, self.cache.begin_without):
            try:
                return work()
            except Unusable:
                begin_again()
        return work()

    def _run(
        self,
        paths: Sequence[Path],
        stdin: tuple[str, bytes] | None,
        progress: Callable[[int, int], None] | None,
    ) -> Outcome:
        with without_collector(), Workers(self._plan, self._jobs) as workers:
            files = self._files(paths, stdin)
            reading = Reading(self._sources(files), workers, self.cache, progress)
            reports = reading.reports
            said = self._linked(reports, reading.entries, files)
            self._overdue = said.overdue
            findings = Findings(self._rules, self._severities(), reading)
            found = [
                *findings.problems(),
                *findings.from_failures(said, self._plan.linter),
                *findings.from_candidates(said),
                *findings.from_crossings(said),
            ]
        kept = self._silencing.kept(found, reports, _used(said, reports))
        kept, matched = self._unknown(kept, files)
        diagnostics = with_fingerprints(self._reported(kept, files), self._config.in_repository)
        if stdin is None:
            self.cache.save(files.sources)
        self.cache.close()
        unchecked = {d.filename for d in diagnostics if self._catalog.rules[d.code].always}
        return Outcome(
            diagnostics,
            len(files.asked - files.left_out.keys()),
            self._counted(files),
            len(unchecked),
            tuple(dict.fromkeys(self._notes.problems)),
            tuple(sorted(self._notes.outside)),
            files.projects,
            matched,
            reading.analysed,
        )

    def remarks(self) -> list[str]:
        """Return what is to be told of the last run's search for files, if one wants to know."""
        return list(remarks(self._config, self._notes, self._sources_of))

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
        for path in sorted(self._notes.files):
            trail.file(path)
        for path in sorted(
            (self._notes.folders | self._notes.generated) - {str(self.cache.folder)}
        ):
            trail.folder(path)
            trail.file(os.path.join(path, ".gitignore"))
        for path in sorted(self._notes.tracked):
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
        with without_collector(), Workers(self._plan, self._jobs) as workers:
            files = self._files(paths, None)
            reading = Reading(self._sources(files), workers, self.cache, progress)
        self.cache.load()
        self.cache.save(files.sources)
        each = partial(shared, jobs=self._jobs)
        program = link(
            sources_of(reading.entries),
            self.cache.blob,
            self._catalog,
            each=each,
            timeout=self._config.file_timeout,
        )
        problems = [problem for report in reading.reports.values() for problem in report.problems]
        problems += (
            unlinked(reading.reports[name].path, failure, self._plan.linter)
            for name, failure in program.failures()
        )
        return Survey(
            program,
            reading.places,
            files.asked,
            tuple(problems),
            self._counted(files),
            files.projects,
        )

    def keep(self, name: str, *pieces: bytes) -> None:
        """Write a file beside the cache, if there is one."""
        if self.cache.folder is not None:
            folders.keep(self.cache.folder, name, *pieces)

    # ------------------------------------------------------------------ which files

    def _files(self, paths: Sequence[Path], stdin: tuple[str, bytes] | None) -> _Files:
        every, given = self._found(paths, stdin) if self._is_on_disk else self._all_in_memory()
        relative = {path: self._relative(path) for path in dict.fromkeys((*every, *given))}
        sources = {name: path for path, name in relative.items()}
        self._sources_of = sources
        asked = frozenset(relative[path] for path in given)
        contexts = contexts_of(sources, self._skippable(), self.cache, self._in_memory)
        left_out = {
            name: self._kind_of(held)
            for name, held in contexts.items()
            if not [*self._worlds_of(held)]
        }
        around = paths if paths or stdin is not None else (self._config.root,)
        return _Files(sources, asked, contexts, left_out, self._projects_below(around))

    def _projects_below(self, paths: Sequence[Path]) -> tuple[Path, ...]:
        """Return the projects that were come by below these paths."""
        given = {Path(os.path.realpath(path)) for path in paths}
        found = map(Path, self._notes.projects)
        return tuple(sorted(each for each in found if not given.isdisjoint(each.parents)))

    def _counted(self, files: _Files) -> dict[str, int]:
        """Return how many of the files asked for are what, most first."""
        counts = Counter(what for name, what in files.left_out.items() if name in files.asked)
        return dict(sorted(counts.items(), key=lambda one: (-one[1], one[0])))

    def _found(
        self, paths: Sequence[Path], stdin: tuple[str, bytes] | None
    ) -> tuple[list[str], list[str]]:
        """Return the files of the program, and those of them that are asked for."""
        every = discovery.discover(self._config.root, self._config, self._notes)
        given = []
        if paths or stdin is None:
            given = discovery.selected(paths, self._config, every, self._notes)
        if stdin is not None:
            name = os.path.abspath(stdin[0])
            self._in_memory[name] = stdin[1]
            if not (
                self._config.force_exclude and discovery.excluded(name, self._config, self._notes)
            ):
                given = [*given, name]
        return every, given

    def _all_in_memory(self) -> tuple[list[str], list[str]]:
        return list(self._in_memory), list(self._in_memory)

    def _relative(self, path: str) -> str:
        root = str(self._config.root)
        if path.startswith(root + os.sep):
            return path[len(root) + 1 :].replace(os.sep, "/")
        return Path(os.path.relpath(path, root)).as_posix()

    def _sources(self, files: _Files) -> list[Source]:
        """Return what is to be read, in the order of the names."""
        only = None if self._is_on_disk else files.sources.values()
        modules = Modules(self._config.root, self._config.source_roots, only)
        return [
            Source(path, name, *modules.name(path), self._in_memory.get(path))
            for name, path in sorted(files.sources.items())
            if name not in files.left_out
        ]

    def _skippable(self) -> dict[str, Context]:
        """Return the contexts whose files one rule or another leaves out."""
        names = {name for rule in self._rules.values() for name in (*rule.skip, *rule.only)}
        return {name: self._catalog.contexts[name] for name in sorted(names)}

    def _kind_of(self, held: frozenset[str]) -> str:
        """Return what a file of these contexts is that no selected rule wants."""
        rules = (rule for those in self._worlds.values() for rule in those)
        skipped = {name for rule in rules for name in rule.left_out}
        return next((n for n in self._catalog.contexts if n in held and n in skipped), "production")

    def _skips(self, rule: Rule, held: frozenset[str]) -> bool:
        """Return whether a rule leaves out a file of these contexts."""
        skipped = rule.left_out - {_TESTS} if self._config.include_tests else rule.left_out
        return not held.isdisjoint(skipped) or bool(rule.only and held.isdisjoint(rule.only))

    @cached_property
    def _worlds(self) -> dict[tuple[str, ...], list[Rule]]:
        """The rules that run, by the contexts whose files alone they look at.

        The files of each are a program of their own: no test calls production code.
        """
        found: dict[tuple[str, ...], list[Rule]] = {}
        for code, rule in self._rules.items():
            if code in self._selected and rule.family != "linter":
                found.setdefault(rule.only, []).append(rule)
        return found or {(): []}

    def _worlds_of(self, held: frozenset[str]) -> Iterator[tuple[str, ...]]:
        """Return the programs that a file of these contexts belongs to; none: it is not read."""
        for only, rules in self._worlds.items():
            if not rules or not all(self._skips(rule, held) for rule in rules):
                yield only

    # ------------------------------------------------------------------ the whole program

    def _linked(
        self, reports: Mapping[str, FileReport], entries: Mapping[str, Entry], files: _Files
    ) -> Linked:
        found = Linked()
        for only, rules in self._worlds.items():
            if any(rule.is_linked or rule.unless for rule in rules):
                within = {
                    name: entry
                    for name, entry in entries.items()
                    if only in self._worlds_of(files.contexts[name])
                }
                questions = self._questions({name: reports[name] for name in within})
                asked = [rule for rule in rules if rule.is_linked]
                world = " ".join(only)
                limit = self._config.file_timeout
                found += linked(
                    within, questions, asked, self._catalog, self.cache, self._jobs, limit, world
                )
        return found

    def _questions(self, reports: Mapping[str, FileReport]) -> dict[str, Question]:
        """Return what the program is asked of these files."""
        return {
            name: Question(
                tuple(self._silencing.codes(suppression) for suppression in report.suppressions),
                tuple(
                    (
                        index,
                        candidate.unless,
                        frozenset(self._rules[candidate.code].unless),
                        frozenset(self._rules[candidate.code].unless_direct),
                    )
                    for index, candidate in enumerate(report.candidates)
                    if candidate.unless and self._rules[candidate.code].unless
                ),
                tuple(
                    (
                        index,
                        candidate.answer,
                        texts(self._rules[candidate.code].options, "spawning"),
                    )
                    for index, candidate in enumerate(report.candidates)
                    if candidate.answer >= 0
                ),
            )
            for name, report in reports.items()
            if report.suppressions or report.candidates
        }

    # ------------------------------------------------------------------ filtering

    def _reported(self, found: Iterable[Found], files: _Files) -> list[Found]:
        kept = [item for item in found if self._is_reported(item, files)]
        kept = told_once(kept, self._catalog.rules)
        return sorted(kept, key=lambda item: order(item.diagnostic))

    def _is_reported(self, item: Found, files: _Files) -> bool:
        diagnostic = item.diagnostic
        rule = self._catalog.rules[diagnostic.code]
        if files.asked.isdisjoint(item.files):
            return False
        if rule.always:
            return True
        if not self._is_in_force(item, files):
            return False
        if _SEVERITIES.index(diagnostic.severity) < _SEVERITIES.index(self._config.min_severity):
            return False
        wanted = self._config.min_confidence
        if diagnostic.confidence is Confidence.LIKELY:
            return rule.likely if wanted is None else wanted is Confidence.LIKELY
        return True

    def _is_in_force(self, item: Found, files: _Files) -> bool:
        """Return whether the rule of a finding is on for its file."""
        code, held = item.diagnostic.code, files.contexts[item.relative]
        if code not in self._selected:
            return False
        rule = self._catalog.rules[code]
        # Of comments in files that only some rules look at nobody can tell.
        is_ours = rule.family == "linter" and () not in self._worlds_of(held)
        if is_ours or self._skips(rule, held):
            return False
        ignored = ignored_for_file(self._config, item.relative)
        return not (ignored and code in codes_of(ignored, self._catalog))

    # ------------------------------------------------------------------ the baseline

    def _unknown(self, found: list[Found], files: _Files) -> tuple[list[Found], Matched]:
        """Return what the baseline does not know, and what has become of that.

        All of the program is looked at, whatever is asked for, so that nothing is taken for gone
        that is only elsewhere; while some of it cannot be looked at, nothing is.
        """
        if self._baseline is None:
            return found, Matched()
        rules = self._catalog.rules
        judged = [item for item in found if self._is_judged(item, files)]
        judged.sort(key=lambda item: order(item.diagnostic))
        entries = baselines.entries(judged)
        baseline = [entry for entry in self._baseline if entry.rule in self._selected]
        defined = Defined(files.sources, self._in_memory)
        matched = baselines.match(baseline, entries, defined.is_gone)
        if any(rules[item.diagnostic.code].always for item in found):
            matched = matched._replace(gone=())
        known = frozenset(matched.known)
        hidden = {id(item) for item, e in zip(judged, entries, strict=True) if e in known}
        return [item for item in found if id(item) not in hidden], matched

    def _is_judged(self, item: Found, files: _Files) -> bool:
        """Return whether a finding is of interest, however few of them are asked for now."""
        diagnostic, rule = item.diagnostic, self._catalog.rules[item.diagnostic.code]
        is_believed = (
            rule.likely
            or diagnostic.confidence is Confidence.CERTAIN
            or self._config.min_confidence is Confidence.LIKELY
        )
        return not rule.always and is_believed and self._is_in_force(item, files)


# ---------------------------------------------------------------------- helpers


def _configured(rule: Rule, given: Mapping[str, object]) -> Rule:
    """Return a rule with the severity and the options that the user gives it."""
    options = dict(rule.options)
    for key, value in given.items():
        if key != "severity":
            options[key] = of_project(value) if key in rule.patterns else value
    severity = Severity(given["severity"]) if "severity" in given else rule.severity
    return msgspec.structs.replace(rule, options=options, severity=severity)


def _used(said: Linked, reports: Mapping[str, FileReport]) -> set[tuple[str, int]]:
    """Return the comments that end walks, and those of files of which nobody can tell."""
    return {*said.cuts} | {
        (name, index)
        for name, _ in said.failures
        for index in range(len(reports[name].suppressions))
    }


def _has_check(rule: Rule) -> bool:
    return find_spec(f"bedev_lint.visitors.{rule.name.replace('-', '_')}") is not None
