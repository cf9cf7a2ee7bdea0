"""Session.run(): files in, diagnostics out."""

from __future__ import annotations

import gc
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

import msgspec

from bedev_lint.catalog import Catalog, CatalogError, Context, Rule, nearest
from bedev_lint.model import (
    Candidate,
    Confidence,
    Diagnostic,
    FileReport,
    Hop,
    Location,
    Severity,
    SiteRef,
    Span,
    Suppression,
)
from bedev_lint.program import Crossing, Cut, Program, Step
from bedev_lint.session import discovery
from bedev_lint.session.config import Config
from bedev_lint.session.fingerprint import fingerprint
from bedev_lint.session.inspect import (
    Active,
    Source,
    inspect,
    load_check,
    sites_of,
    unreadable,
)
from bedev_lint.session.modules import default_roots, module_name
from bedev_lint.session.selection import codes_of, ignored_for_file, selected_codes

__all__ = ["Outcome", "Session"]

_SEVERITIES = [Severity.INFO, Severity.WARNING, Severity.ERROR]
_HEAD = 600  # the bytes in which a generated file says that it is one


@dataclass(frozen=True)
class Outcome:
    """What a run has found: sorted diagnostics, and how many files it read.

    `left_out` counts the files asked for that are no production code, `unchecked` those that
    could not be analysed.
    """

    diagnostics: list[Diagnostic]
    files: int
    left_out: int
    unchecked: int
    program: Program | None = None


@dataclass(frozen=True)
class _Found:
    """A diagnostic on its way to the report, with what decides whether it gets there."""

    diagnostic: Diagnostic
    relative: str
    function: str
    statement: str
    rows: tuple[int, int]
    # Files in which it counts as found: where it stands, and where its path ends.
    files: frozenset[str]


@dataclass
class _Files:
    """The files of a run, by their path relative to the project."""

    sources: dict[str, Path] = field(default_factory=dict)
    asked: frozenset[str] = frozenset()
    left_out: frozenset[str] = frozenset()
    # The contexts that each file belongs to as a whole, for rules to skip.
    contexts: dict[str, frozenset[str]] = field(default_factory=dict)


class Session:
    """One run over a project. Raises CatalogError for a rule without a check."""

    def __init__(self, config: Config, catalog: Catalog) -> None:
        self._config, self._catalog = config, catalog
        self._selected = selected_codes(config, catalog)
        self._rules = {
            code: _configured(rule, config.rule.get(rule.name, {}))
            for code, rule in catalog.rules.items()
        }
        self._linter = {rule.name: rule for rule in self._rules.values() if rule.family == "linter"}
        self._active = self._active_rules()
        self._stdin: dict[str, bytes] = {}
        roots = [(config.root / root).resolve() for root in config.source_roots]
        self._roots = tuple(roots) or default_roots(config.root)
        self._packages: dict[Path, bool] = {}

    def _active_rules(self) -> list[Active]:
        """Return the visitor rules to run: those selected, and those they yield to."""
        chosen = [rule for code, rule in self._rules.items() if code in self._selected]
        needed = {rule.code for rule in chosen}
        needed.update(code for rule in chosen for code in rule.yields_to)
        active, missing = [], []
        for code, rule in self._rules.items():
            if code not in needed or not rule.is_visitor:
                continue
            check = load_check(rule)
            if check is None:
                missing.append(
                    f"{rule.name}.toml:1: rule {code} has no [boundary]: nothing checks it"
                )
            else:
                active.append(Active(rule, check, rule.options))
        if missing:
            raise CatalogError(missing)
        return active

    # ------------------------------------------------------------------ running

    def run(
        self,
        paths: Sequence[Path],
        stdin: tuple[str, bytes] | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> Outcome:
        """Lint the files given, as part of the whole program.

        `stdin` is the name and the contents of a file that is read from there instead.
        Raises discovery.NoSuchPath.
        """
        files = self._files(paths, stdin)
        reports = self._inspect_all(files, progress)
        program = self._link(reports)
        found = list(self._problems(reports))
        found += self._from_candidates(reports, program)
        used: set[tuple[str, int]] = set()
        if program is not None:
            found += self._from_crossings(reports, program, used)
        kept = self._kept(found, reports, used)
        kept += self._unused(reports, used)
        diagnostics = _with_fingerprints(self._reported(kept, files))
        unchecked = {d.filename for d in diagnostics if self._catalog.rules[d.code].always}
        checked = files.asked - files.left_out
        return Outcome(
            diagnostics, len(checked), len(files.asked & files.left_out), len(unchecked), program
        )

    def _files(self, paths: Sequence[Path], stdin: tuple[str, bytes] | None) -> _Files:
        every = discovery.discover(self._config.root, self._config)
        given = discovery.selected(paths, self._config, every) if paths or stdin is None else []
        if stdin is not None:
            name = Path(os.path.abspath(stdin[0]))
            self._stdin[str(name)] = stdin[1]
            if not (self._config.force_exclude and discovery.excluded(name, self._config)):
                given = [*given, name]
        sources = {self._relative(path): path for path in [*every, *given]}
        contexts = {name: self._file_contexts(name, path) for name, path in sources.items()}
        asked = frozenset(self._relative(path) for path in given)
        skipped = self._skipped_by_all()
        left_out = frozenset(name for name, held in contexts.items() if held & skipped)
        return _Files(sources, asked, left_out, contexts)

    def _relative(self, path: Path) -> str:
        return Path(os.path.relpath(path, self._config.root)).as_posix()

    def _read(self, path: Path) -> bytes:
        known = self._stdin.get(str(path))
        return path.read_bytes() if known is None else known

    # ------------------------------------------------------------------ which files

    def _file_contexts(self, name: str, path: Path) -> frozenset[str]:
        """Return the contexts, of those that rules skip, that a whole file belongs to."""
        if self._config.include_tests:
            return frozenset()
        skipped = {context for rule in self._rules.values() for context in rule.skip}
        contexts = self._catalog.contexts
        return frozenset(c for c in skipped if _is_file_of(contexts[c], name, path))

    def _skipped_by_all(self) -> frozenset[str]:
        """Return the contexts whose files no selected rule wants: they are not even read."""
        skipped = [
            set(rule.skip)
            for code, rule in self._rules.items()
            if code in self._selected and rule.family != "linter"
        ]
        return frozenset(set.intersection(*skipped)) if skipped else frozenset()

    # ------------------------------------------------------------------ one file at a time

    def _inspect_all(
        self, files: _Files, progress: Callable[[int, int], None] | None
    ) -> dict[str, FileReport]:
        names = sorted(set(files.sources) - files.left_out)
        reports: dict[str, FileReport] = {}
        collecting = gc.isenabled()
        gc.disable()  # a tree has no cycles worth the search
        try:
            for count, name in enumerate(names):
                reports[name] = self._inspect(name, files.sources[name])
                if progress is not None:
                    progress(count + 1, len(names))
                if count % 50 == 49:
                    gc.collect(0)
        finally:
            if collecting:
                gc.enable()
        return reports

    def _source(self, name: str, path: Path) -> Source:
        module, is_package = module_name(path, self._roots, self._is_package)
        return Source(str(path), name, module, is_package, self._read(path))

    def _inspect(self, name: str, path: Path) -> FileReport:
        try:
            source = self._source(name, path)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            return unreadable(str(path), self._linter["unreadable-file"], reason)
        return inspect(source, self._active, self._linter)

    def _is_package(self, folder: Path) -> bool:
        known = self._packages.get(folder)
        if known is None:
            known = any((folder / f"__init__{suffix}").is_file() for suffix in (".py", ".pyi"))
            self._packages[folder] = known
        return known

    # ------------------------------------------------------------------ the whole program

    def _link(self, reports: Mapping[str, FileReport]) -> Program | None:
        needed = any(
            rule.boundary is not None or rule.unless
            for code, rule in self._rules.items()
            if code in self._selected
        )
        if not needed:
            return None
        facts = {name: r.facts for name, r in reports.items() if r.facts is not None}
        return Program(facts, self._catalog)

    def _problems(self, reports: Mapping[str, FileReport]) -> Iterator[_Found]:
        for name, report in reports.items():
            for problem in report.problems:
                rows = (problem.span.start.row, problem.span.start.row)
                yield _Found(problem, name, "", "", rows, frozenset({name}))

    def _from_candidates(
        self, reports: Mapping[str, FileReport], program: Program | None
    ) -> Iterator[_Found]:
        for name, report in reports.items():
            taken: dict[tuple[str, Span], None] = {}
            remaining = [
                candidate
                for candidate in report.candidates
                if not self._excused(name, candidate, program)
            ]
            taken = {(candidate.code, candidate.span): None for candidate in remaining}
            for candidate in remaining:
                rule = self._rules[candidate.code]
                if any((code, candidate.span) in taken for code in rule.yields_to):
                    continue
                yield _Found(
                    _diagnostic(rule, candidate, report.path, self._severity(rule)),
                    name,
                    candidate.function,
                    candidate.statement,
                    candidate.rows,
                    frozenset({name}),
                )

    def _severity(self, rule: Rule) -> Severity | None:
        """Return the severity that the user gives a rule: it overrules the finding's own."""
        given = self._config.rule.get(rule.name, {}).get("severity")
        return None if given is None else Severity(given)

    def _excused(self, name: str, candidate: Candidate, program: Program | None) -> bool:
        unless = self._rules[candidate.code].unless
        if not unless or program is None or not candidate.unless:
            return False
        return program.excused(name, candidate.unless, frozenset(unless))

    def _from_crossings(
        self,
        reports: Mapping[str, FileReport],
        program: Program,
        used: set[tuple[str, int]],
    ) -> Iterator[_Found]:
        rules = [
            rule
            for code, rule in self._rules.items()
            if code in self._selected and rule.boundary is not None
        ]
        silenced = {
            name: tuple(self._silences(suppression) for suppression in report.suppressions)
            for name, report in reports.items()
            if report.suppressions
        }
        crossings, cuts = program.crossings(rules, silenced)
        used.update(self._cut_comments(cuts, program))
        places = self._places(crossings, reports, program)
        for crossing in crossings:
            yield self._crossed(crossing, reports, program, places)

    @staticmethod
    def _cut_comments(cuts: Iterable[Cut], program: Program) -> Iterator[tuple[str, int]]:
        for cut in cuts:
            yield program.project.units[cut.module].path, cut.suppression

    def _places(
        self,
        crossings: Sequence[Crossing],
        reports: Mapping[str, FileReport],
        program: Program,
    ) -> dict[Step, tuple[Span, Candidate]]:
        """Find every step of every path in its file again: positions are only asked for here."""
        wanted: dict[str, dict[SiteRef, Step]] = {}
        for crossing in crossings:
            for step in (*crossing.path, *crossing.reached_from):
                if step.site >= 0:
                    ref = SiteRef(step.function.function, step.site)
                    wanted.setdefault(program.path(step), {})[ref] = step
        found: dict[Step, tuple[Span, Candidate]] = {}
        for name, refs in wanted.items():
            source = self._source(name, Path(reports[name].path))
            for ref, place in sites_of(source, refs).items():
                found[refs[ref]] = place
        return found

    def _crossed(
        self,
        crossing: Crossing,
        reports: Mapping[str, FileReport],
        program: Program,
        places: Mapping[Step, tuple[Span, Candidate]],
    ) -> _Found:
        rule = self._rules[crossing.rule]

        def hop(step: Step, function: str | None = None) -> Hop:
            place = places.get(step)
            at = place[0].start if place is not None else Location(1, 1)
            name = function or program.function_name(step.function)
            return Hop(name, reports[program.path(step)].path, at)

        first, last = crossing.path[0], crossing.path[-1]
        span, shown = places[first]
        hops = (*(hop(step) for step in crossing.path), hop(last, crossing.label))
        names = [_short(h.function) for h in hops[:-1]] + [crossing.label]
        fields = {"function": names[0], "path": " → ".join(names), "effect": crossing.label}
        diagnostic = Diagnostic(
            rule.code,
            rule.name,
            rule.message.format_map(fields),
            rule.severity,
            Confidence.CERTAIN if crossing.sure else Confidence.LIKELY,
            reports[program.path(first)].path,
            span,
            rule.help,
            hops,
            tuple(hop(step) for step in crossing.reached_from),
            snippet=shown.snippet,
        )
        name = program.path(first)
        files = frozenset({name, program.path(last)})
        return _Found(diagnostic, name, shown.function, shown.statement, shown.rows, files)

    # ------------------------------------------------------------------ suppressions

    def _silences(self, suppression: Suppression) -> frozenset[str]:
        """Return the codes that a comment silences."""
        if self._config.require_reason and suppression.form == "bedev" and not suppression.reason:
            return frozenset()
        codes = set()
        for word in suppression.codes:
            rule = self._catalog.rule(word)
            if rule is not None and not rule.always:
                codes.add(rule.code)
        return frozenset(codes)

    def _kept(
        self,
        found: Iterable[_Found],
        reports: Mapping[str, FileReport],
        used: set[tuple[str, int]],
    ) -> list[_Found]:
        """Return what no comment silences, and note the comments that do."""
        kept = []
        for item in found:
            silenced = False
            for index, suppression in enumerate(reports[item.relative].suppressions):
                if item.diagnostic.code not in self._silences(suppression):
                    continue
                if _covers(suppression, item.rows):
                    used.add((item.relative, index))
                    silenced = True
            if not silenced:
                kept.append(item)
        return kept

    def _unused(
        self, reports: Mapping[str, FileReport], used: set[tuple[str, int]]
    ) -> Iterator[_Found]:
        rule = self._linter.get("unused-suppression")
        if rule is None:
            return
        for name, report in reports.items():
            for index, suppression in enumerate(report.suppressions):
                reason = self._why_unused(suppression, (name, index) in used)
                if reason is None:
                    continue
                at = Location(suppression.row, suppression.column)
                diagnostic = Diagnostic(
                    rule.code,
                    rule.name,
                    rule.message.format_map({"reason": reason}),
                    rule.severity,
                    Confidence.CERTAIN,
                    report.path,
                    Span(at, at),
                    rule.help,
                )
                rows = (suppression.row, suppression.row)
                yield _Found(diagnostic, name, "", "", rows, frozenset({name}))

    def _why_unused(self, suppression: Suppression, used: bool) -> str | None:
        known = {word: self._catalog.rule(word) for word in suppression.codes}
        if suppression.form == "noqa":
            ours = [rule for rule in known.values() if rule is not None]
            if used or not ours or not all(rule.code in self._selected for rule in ours):
                return None
            return "nothing here is reported as " + ", ".join(rule.code for rule in ours)
        if not suppression.codes:
            return "it names no rule: write the code in brackets"
        for word, rule in known.items():
            if rule is None:
                names = [*self._catalog.rules, *(r.name for r in self._catalog.rules.values())]
                return f'there is no rule "{_plain(word)}"{nearest(word, names)}'
            if rule.always:
                return f"{rule.code} cannot be suppressed"
        if self._config.require_reason and not suppression.reason:
            return "it gives no reason: add one after ` -- `"
        rules = [rule for rule in known.values() if rule is not None]
        if used or not all(rule.code in self._selected for rule in rules):
            return None
        return "nothing here is reported as " + ", ".join(rule.code for rule in rules)

    # ------------------------------------------------------------------ filtering

    def _reported(self, found: Iterable[_Found], files: _Files) -> list[_Found]:
        kept = [item for item in found if self._is_reported(item, files)]
        return sorted(kept, key=lambda item: _order(item.diagnostic))

    def _is_reported(self, item: _Found, files: _Files) -> bool:
        diagnostic = item.diagnostic
        rule = self._catalog.rules[diagnostic.code]
        if files.asked.isdisjoint(item.files):
            return False
        if rule.always:
            return True
        if diagnostic.code not in self._selected or files.contexts[item.relative] & set(rule.skip):
            return False
        ignored = ignored_for_file(self._config, item.relative)
        if ignored and diagnostic.code in codes_of(ignored, self._catalog):
            return False
        if _SEVERITIES.index(diagnostic.severity) < _SEVERITIES.index(self._config.min_severity):
            return False
        wanted = self._config.min_confidence
        if diagnostic.confidence is Confidence.LIKELY:
            return rule.likely if wanted is None else wanted is Confidence.LIKELY
        return True


# ---------------------------------------------------------------------- helpers


def _configured(rule: Rule, given: Mapping[str, object]) -> Rule:
    """Return a rule with the severity and the options that the user gives it."""
    options = {**rule.options, **{k: v for k, v in given.items() if k != "severity"}}
    severity = Severity(given["severity"]) if "severity" in given else rule.severity
    return msgspec.structs.replace(rule, options=options, severity=severity)


def _is_file_of(context: Context, name: str, path: Path) -> bool:
    if any(fnmatchcase(f"/{name}", pattern) for pattern in context.files):
        return True
    if not context.content:
        return False
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD).decode("utf-8", "replace")
    except OSError:
        return False
    comments = [line.lstrip("# \t") for line in head.splitlines() if line.startswith("#")]
    return any(re.search(pattern, line) for line in comments for pattern in context.content)


def _diagnostic(
    rule: Rule, candidate: Candidate, path: str, severity: Severity | None
) -> Diagnostic:
    return Diagnostic(
        rule.code,
        rule.name,
        rule.message.format_map(candidate.fields),
        severity or candidate.severity or rule.severity,
        candidate.confidence,
        path,
        candidate.span,
        rule.help,
        snippet=candidate.snippet,
    )


def _covers(suppression: Suppression, rows: tuple[int, int]) -> bool:
    if suppression.first_row == 0:
        return True
    first, last = rows
    return (
        first <= suppression.row <= last or suppression.first_row <= first <= suppression.last_row
    )


def _short(function: str) -> str:
    """Return the last two parts of a dotted name: enough to know a function by."""
    return ".".join(function.split(".")[-2:])


def _plain(word: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in word[:40])


def _order(diagnostic: Diagnostic) -> tuple[object, ...]:
    return (diagnostic.filename, diagnostic.span, diagnostic.code, diagnostic.message)


def _with_fingerprints(found: Sequence[_Found]) -> list[Diagnostic]:
    seen: dict[tuple[str, ...], int] = {}
    diagnostics = []
    for item in found:
        code = item.diagnostic.code
        key = (code, item.relative, item.function, item.statement)
        ordinal = seen.get(key, 0)
        seen[key] = ordinal + 1
        print_ = fingerprint(*key, ordinal)
        diagnostics.append(msgspec.structs.replace(item.diagnostic, fingerprint=print_))
    return diagnostics
