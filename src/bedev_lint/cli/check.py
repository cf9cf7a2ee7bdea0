"""`bedev-lint check`: findings, as reports and an exit status."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bedev_lint import __version__
from bedev_lint.cli.check_options import (
    STDIN,
    baseline_for_ratchet,
    changes,
    no_empty_path,
    reporting,
    reports,
    standard_input,
)
from bedev_lint.cli.checking import checked
from bedev_lint.cli.fixing import edited, fix, show_diff
from bedev_lint.cli.group import HelpfulCommand
from bedev_lint.cli.options import clustered, configured, working
from bedev_lint.cli.paths import no_such_path
from bedev_lint.cli.watching import watch
from bedev_lint.streams import CLEAN, FAILED, FOUND, Failure, tell

if TYPE_CHECKING:
    from bedev_lint.report.text import Page
    from bedev_lint.reporting import Destination
    from bedev_lint.session.projects import Checked
    from bedev_lint.session.run import Outcome

__all__ = ["check"]


_COULD_SHRINK = "the baseline lists findings that are gone: run `bedev-lint baseline --prune`"


@click.command(cls=HelpfulCommand)
@click.argument("paths", nargs=-1, type=click.Path(readable=False), callback=no_empty_path)
@reporting
@configured
@working
@clustered
@click.pass_context
def check(ctx: click.Context, /, paths: tuple[str, ...], **options: Any) -> None:
    """Check files and folders, by default the current folder.

    Exit status: 0 clean, 1 findings, 2 something could not be checked, or an option or the
    configuration is wrong.
    """
    if not options["watch"]:
        ctx.exit(_run(paths, options, ctx.obj))
    if STDIN in paths:
        raise click.UsageError("--watch cannot be combined with `-`.")
    watch(lambda: _run(paths, options), [Path(path) for path in paths] or [Path()], options)


def _run(
    paths: Sequence[str], options: Mapping[str, Any], arguments: Sequence[str] | None = None
) -> int:
    """Check once, and make the reports; return the exit status.

    The answer is kept for the next time that these arguments are given.
    """
    from bedev_lint.reporting import publish
    from bedev_lint.session.projects import existing, merged

    started = time.monotonic()
    baseline_for_ratchet(options)
    wanted = reports(options)
    stdin = standard_input(
        paths, options["stdin_filename"], fixes=options["fix"] or options["diff"]
    )
    checked_paths = [Path(path) for path in paths if path != STDIN] or [Path()]
    with _absence_told():
        there, absent = existing(checked_paths) if stdin is None else ([Path(stdin[0])], [])
        changed = changes(there, options)
        if options["fix"]:
            projects = fix(there, options)
        else:
            projects = checked(there, stdin, options, changed.contents if changed else {})
    outcome = merged(_outcomes(projects, wanted), absent)
    if options["diff"]:
        return _diffed(outcome, projects, there, options)
    page = _page(outcome, projects, options)
    if changed is not None:
        outcome, page = _only_changed(outcome, changed.rows, page)
    written = publish(outcome.diagnostics, page, wanted, options["color"])
    gone = list(_gone(outcome)) if options["ratchet"] else []
    said_more = list(_remarks(outcome, page, projects, wanted, options, started))
    problems = [*outcome.problems, *([_COULD_SHRINK, *gone] if gone else [])]
    tell(*said_more, *(f"bedev-lint: {problem}" for problem in problems))
    status = _status(outcome, bool(gone), options["exit_zero"])
    to_files = any(report.file is not None for report in wanted)
    depends_on_more = stdin is not None or changed is not None or options["fix"]
    if arguments is not None and not (depends_on_more or said_more or problems or to_files):
        _remember(arguments, there, projects, status, written)
    return status


@contextmanager
def _absence_told() -> Iterator[None]:
    """Raise Failure for paths that are not there, which says so of each."""
    from bedev_lint.files.discovery import NoSuchPath

    try:
        yield
    except NoSuchPath as error:
        raise Failure(map(no_such_path, error.paths)) from error


def _remarks(
    outcome: Outcome,
    page: Page,
    projects: Sequence[Checked],
    wanted: Sequence[Destination],
    options: Mapping[str, Any],
    started: float,
) -> Iterator[str]:
    """Return what is said beside the reports, by the options that ask for it."""
    from bedev_lint.report import FORMATS
    from bedev_lint.report.text import statistics

    if page.statistics and not any(FORMATS[report.format].counts for report in wanted):
        yield from statistics(outcome.diagnostics).splitlines()
    if options["verbose"] or options["debug"]:
        yield from _about(projects, time.monotonic() - started)
    if options["debug"]:
        yield from chain.from_iterable(map(_resolved, projects))


def _outcomes(projects: Sequence[Checked], wanted: Sequence[Destination]) -> list[Outcome]:
    """Return what has been found in projects, with what is changed by fixes if a report says it."""
    from bedev_lint.report import FORMATS

    if any(FORMATS[destination.format].has_edits for destination in wanted):
        return edited(projects)
    return [project.outcome for project in projects]


def _remember(
    arguments: Sequence[str],
    paths: Sequence[Path],
    projects: Sequence[Checked],
    status: int,
    written: str,
) -> None:
    """Keep the answer to a command, if all projects keep something, where the first path is."""
    from bedev_lint.cache.answer import remember

    if all(project.session.place.folder is not None for project in projects):
        trails = [project.session.trail(project.paths) for project in projects]
        home = next(project for project in projects if paths[0] in project.paths)
        remember(arguments, __version__, trails, status, written, home.session.keep)


def _page(outcome: Outcome, projects: Sequence[Checked], options: Mapping[str, Any]) -> Page:
    from bedev_lint.report.text import Page

    return Page(
        base=os.getcwd(),
        root=os.path.commonpath([project.config.within for project in projects]),
        rules=dict(chain.from_iterable(project.catalog.rules.items() for project in projects)),
        files=outcome.files,
        left_out=outcome.left_out,
        unchecked=outcome.unchecked,
        outside=len(outcome.outside),
        in_baseline=len(outcome.baseline.known),
        gone=len(outcome.baseline.gone),
        quiet=options["quiet"],
        statistics=options["statistics"],
        unsafe_fixes=options["unsafe_fixes"],
        is_fixed=options["fix"],
    )


def _only_changed(
    outcome: Outcome, changed: Mapping[str, Sequence[tuple[int, int]]], page: Page
) -> tuple[Outcome, Page]:
    """Leave out what has nothing to do with changed rows, save for what could not be checked."""
    from bedev_lint.session.changed import touching

    on_changed_rows = {id(diagnostic) for diagnostic in touching(outcome.diagnostics, changed)}
    remaining = [
        diagnostic
        for diagnostic in outcome.diagnostics
        if id(diagnostic) in on_changed_rows or page.rules[diagnostic.code].always
    ]
    elsewhere = len(outcome.diagnostics) - len(remaining)
    return replace(outcome, diagnostics=remaining), replace(page, elsewhere=elsewhere)


def _about(projects: Sequence[Checked], seconds: float) -> list[str]:
    lines = list(chain.from_iterable(map(_about_one, projects)))
    if len(projects) > 1:
        lines.append(f"projects: {len(projects)}")
    return [*lines, f"time: {seconds:.2f} s"]


def _gone(outcome: Outcome) -> Iterator[str]:
    for entry in outcome.baseline.gone:
        yield f"no longer there: {entry.rule} {entry.path} {entry.function}".rstrip()


def _about_one(project: Checked) -> Iterator[str]:
    from bedev_lint.report.text import left_out

    config, outcome = project.config, project.outcome
    leads_out = f"not followed, it leads out of {config.within}: "
    yield from (leads_out + link for link in outcome.outside)
    yield from _gone(outcome)
    yield f"configuration: {config.source or 'no configuration file'}"
    yield f"root: {config.root}"
    counts = f"{outcome.files:,} checked, {outcome.unchecked} could not be checked"
    yield f"files: {counts}{f', {left_out(outcome.left_out)}' if outcome.left_out else ''}"
    cached = "" if outcome.analysed >= outcome.files else ", the others are known from the cache"
    yield f"analysed: {outcome.analysed:,}{cached}"
    yield from project.session.remarks()


def _resolved(project: Checked) -> list[str]:
    """Return what the calls of a program are resolved to, and why the rest is not."""
    from bedev_lint.program.resolve.coverage import Calls
    from bedev_lint.report.resolution import as_lines

    program = project.session.survey(project.paths).program
    return as_lines(*Calls(program.project, project.catalog, program.resolver).coverage())


def _diffed(
    outcome: Outcome, projects: Sequence[Checked], paths: Sequence[Path], options: Mapping[str, Any]
) -> int:
    """Print what would be fixed; return the exit status."""
    would_change = show_diff(projects, paths, options)
    tell(*(f"bedev-lint: {problem}" for problem in outcome.problems))
    if outcome.unchecked or outcome.problems:
        return FAILED
    return FOUND if would_change and not options["exit_zero"] else CLEAN


def _status(outcome: Outcome, could_shrink: bool, exit_zero: bool) -> int:
    if outcome.unchecked or outcome.problems:
        return FAILED
    return FOUND if (outcome.diagnostics or could_shrink) and not exit_zero else CLEAN
