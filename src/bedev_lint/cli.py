"""The command: arguments and streams. What is done with them, Session does.

Everything but click is imported when a command needs it, so that `--version` is quick.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bedev_lint import __version__
from bedev_lint.arguments import (
    STDIN,
    CheckByDefault,
    changes,
    complete_rules,
    configured,
    judging,
    known_findings,
    load,
    no_empty_path,
    overrides,
    reports,
    selecting,
    session,
    several,
    standard_input,
    working,
)
from bedev_lint.checking import checked, rewritten, suppressible
from bedev_lint.streams import (
    FAILED,
    Failure,
    coloured,
    emit,
    is_terminal,
    progress,
    tell,
    usage,
    write,
)

if TYPE_CHECKING:
    from bedev_lint.catalog import Catalog
    from bedev_lint.fixing import Change
    from bedev_lint.report.text import Page
    from bedev_lint.session.projects import Checked
    from bedev_lint.session.run import Outcome, Survey
    from bedev_lint.settings.config import Config

__all__ = ["cli", "main"]

CLEAN, FOUND, INTERRUPTED = 0, 1, 130
_COULD_SHRINK = "the baseline lists findings that are gone: run `bedev-lint baseline --prune`"


@click.group(cls=CheckByDefault, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version", prog_name="bedev-lint")
def cli() -> None:
    """Lint Python backends against house rules, following effects through calls.

    `bedev-lint [OPTIONS] [PATHS]` is short for `bedev-lint check [OPTIONS] [PATHS]`; see
    `bedev-lint check --help` for the options.
    """


@cli.command()
@click.argument("paths", nargs=-1, type=click.Path(readable=False), callback=no_empty_path)
@judging
@configured
@working
@click.pass_context
def check(ctx: click.Context, /, paths: tuple[str, ...], **options: Any) -> None:
    """Check files and folders, by default the current folder.

    Exit status: 0 clean, 1 findings, 2 something could not be checked, or an option or the
    configuration is wrong.
    """
    from bedev_lint.catalog import CatalogError
    from bedev_lint.files.discovery import NoSuchPath
    from bedev_lint.report import FORMATS
    from bedev_lint.report.text import statistics
    from bedev_lint.reporting import publish
    from bedev_lint.session.projects import existing, merged
    from bedev_lint.settings.config import ConfigError

    started = time.monotonic()
    wanted = reports(options)
    stdin = standard_input(paths, options["stdin_filename"], fix=options["fix"])
    given = [Path(path) for path in paths if path != STDIN] or [Path()]
    try:
        there, absent = existing(given) if stdin is None else ([Path(stdin[0])], [])
        projects = _fixed(there, options) if options["fix"] else checked(there, stdin, options)
        changed = changes(there, options)
    except NoSuchPath as error:
        raise Failure(map(_no_such_path, error.paths)) from error
    except (ConfigError, CatalogError) as error:
        raise Failure(error.problems) from error
    outcome = merged([project.outcome for project in projects], absent)
    page = _page(outcome, projects, options)
    if changed is not None:
        outcome, page = _only_changed(outcome, changed, page)
    written = publish(outcome.diagnostics, page, wanted, options["color"])
    if page.statistics and not any(FORMATS[each.format].counts for each in wanted):
        tell(*statistics(outcome.diagnostics).splitlines())
    if options["verbose"] or options["debug"]:
        tell(*_about(projects, time.monotonic() - started))
    if options["debug"]:
        tell(*chain.from_iterable(map(_resolved, projects)))
    could_shrink = options["ratchet"] and bool(outcome.baseline.gone)
    problems = [*outcome.problems, *([_COULD_SHRINK] if could_shrink else [])]
    tell(*(f"bedev-lint: {problem}" for problem in problems))
    status = _status(outcome, could_shrink, options["exit_zero"])
    said_more = page.statistics or options["verbose"] or options["debug"] or problems
    to_files = any(each.file is not None for each in wanted)
    depends_on_more = stdin is not None or changed is not None or options["fix"]
    if ctx.obj is not None and not (depends_on_more or said_more or to_files):
        _remember(ctx.obj, there, projects, status, written)
    ctx.exit(status)


@cli.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path), default=Path())
@click.option("--prune", is_flag=True, help="Only remove findings that are gone.")
@selecting
@click.option("--include-tests", is_flag=True, help="Include tests.")
@configured
@working
@click.pass_context
def baseline(ctx: click.Context, /, path: Path, **options: Any) -> None:
    """Record findings, so that only new ones are reported.

    The file is .bedev-lint-baseline.json, beside the configuration or in the root of the
    repository. Exit status: 0, or 2 if something could not be checked.
    """
    from bedev_lint.report.text import counted
    from bedev_lint.session.baseline import BadBaseline, save
    from bedev_lint.settings.selection import selected_codes

    config, catalog = load(path, options, overrides(options))
    before = known_findings(config) or ()
    run = session(config, catalog, options, baseline=before)
    outcome = run.run([config.root], None, progress(quiet=False))
    found, kept = outcome.baseline, [*outcome.baseline.known]
    if options["prune"]:
        idle = catalog.rules.keys() - selected_codes(config, catalog)
        kept += (entry for entry in before if entry.rule in idle)
    else:
        kept += found.new
    try:
        file = save(config.root, kept)
    except (OSError, BadBaseline) as error:
        raise Failure([f"cannot write the baseline: {error}"]) from error
    gone = f", {len(found.gone)} removed" if found.gone else ""
    tell(f"{file}: {counted(len(kept), 'finding')}{gone}")
    tell(*(f"bedev-lint: {problem}" for problem in outcome.problems))
    if outcome.unchecked:
        tell(f"{counted(outcome.unchecked, 'file')} could not be checked; see `bedev-lint check`")
    ctx.exit(FAILED if outcome.unchecked or outcome.problems else CLEAN)


@cli.command()
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--reason", default="", help="Why they are suppressed; it becomes part of the comment."
)
@selecting
@click.option("--include-tests", is_flag=True, help="Include tests.")
@configured
@working
@click.pass_context
def suppress(ctx: click.Context, /, paths: tuple[Path, ...], **options: Any) -> None:
    """Add comments that suppress the present findings.

    Exit status: 0, 1 if some cannot be suppressed, 2 if something could not be checked.
    """
    from bedev_lint.catalog import CatalogError
    from bedev_lint.fixing import suppress as suppressions
    from bedev_lint.report.text import counted, shown_path
    from bedev_lint.settings.config import ConfigError

    reason = options["reason"].strip()
    if not reason.isprintable() or "#" in reason:
        raise click.UsageError("--reason: one line without `#`.")
    options |= {"quiet": False, "baseline": True}
    try:
        done = rewritten(
            lambda: checked(list(paths) or [Path()], None, options),
            lambda projects: suppressions(suppressible(projects, reason), reason),
        )
    except (ConfigError, CatalogError) as error:
        raise Failure(error.problems) from error
    left = list(suppressible(done.projects, reason))
    tell(f"suppressed {counted(done.findings, 'finding')} in {counted(done.files, 'file')}")
    for each in left:
        start, path = each.span.start, shown_path(each.filename, os.getcwd())
        tell(
            f"{path}:{start.row}:{start.column}: {each.code} cannot be suppressed by a comment here"
        )
    unchecked = any(project.outcome.unchecked for project in done.projects)
    ctx.exit(FAILED if unchecked else FOUND if left else CLEAN)


@cli.command()
@click.argument("target", metavar="PATH|MODULE:FUNCTION")
@several("--effect", metavar="NAMES", help="Show only these effects, such as db.write.")
@click.option("--output-format", type=click.Choice(["text", "json"]), default="text")
@click.option("--include-tests", is_flag=True, help="Include tests.")
@configured
@working
@click.pass_context
def effects(ctx: click.Context, /, target: str, **options: Any) -> None:
    """Show the effects of functions, and the calls behind them.

    PATH shows all functions of a file or folder; one function is given as `shop.checkout:place` or
    `shop/checkout.py:Cart.total`. Exit status: 0, or 2 if something could not be read.
    """
    from bedev_lint.explore.overview import NoSuchFunction, Overview
    from bedev_lint.report.effects import as_json, as_page
    from bedev_lint.report.text import Page

    place, function = _split_target(target)
    path = Path(place) if os.path.exists(place) else None
    config, catalog, survey = _survey(path, options)
    unknown = [name for name in options["effect"] if name not in catalog.effects]
    if unknown:
        raise Failure(_unknown("effect", name, list(catalog.effects)) for name in unknown)
    overview = Overview(survey, config, catalog)
    try:
        if path is None:
            refs = overview.named(place, function)
        elif function:
            refs = overview.named(os.path.relpath(os.path.realpath(path), config.root), function)
        else:
            refs = overview.in_files(survey.asked)
    except NoSuchFunction as error:
        raise Failure([*_unread(survey), str(error)]) from error
    summaries_of = overview.summaries_of(refs, options["effect"])
    page = Page(base=os.getcwd(), colour=coloured("auto"))
    if options["output_format"] == "json":
        emit(as_json(summaries_of))
    else:
        emit(as_page(summaries_of, page, in_full=bool(function)), page.colour)
    tell(*_unread(survey))
    ctx.exit(FAILED if survey.problems else CLEAN)


@cli.command()
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option(
    "-o",
    "--output-file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write to this file.",
)
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["html", "mermaid"]),
    default="html",
    show_default=True,
    help="An HTML page, or a Mermaid chart for Markdown.",
)
@click.option("--include-tests", is_flag=True, help="Include tests.")
@configured
@working
@click.pass_context
def graph(ctx: click.Context, /, paths: tuple[Path, ...], **options: Any) -> None:
    """Draw the layers of a project, their effects and findings.

    Exit status: 0, or 2 if something could not be read.
    """
    from tempfile import TemporaryDirectory

    from bedev_lint.explore.overview import Overview
    from bedev_lint.report.graph import as_html, as_mermaid

    output_file, to_html = options["output_file"], options["output_format"] == "html"
    if to_html and output_file is None and is_terminal():
        raise click.UsageError("HTML is not for a terminal; name a file: `-o graph.html`.")
    given = list(paths) or [Path()]
    root = _only_root(given, options)
    config, catalog = load(root, options, overrides(options))
    with TemporaryDirectory() as folder:  # else, without a cache, all is read twice
        run = session(config, catalog, options, spare=Path(folder))
        outcome = run.run(given, None, progress(quiet=False))
        survey = run.survey(given)
    overview = Overview(survey, config, catalog)
    map_ = overview.map(outcome.diagnostics, survey.asked)
    write(as_html(map_) if to_html else as_mermaid(map_), output_file)
    if outcome.unchecked:
        tell(f"{outcome.unchecked} files could not be read and are missing; see `bedev-lint check`")
    tell(*(f"{inner} is a project of its own, and not in this graph" for inner in outcome.projects))
    ctx.exit(FAILED if outcome.unchecked else CLEAN)


@cli.command()
@click.argument("rule", metavar="CODE|NAME", shell_complete=complete_rules)
@configured
def explain(rule: str, explicit: Path | None, isolated: bool) -> None:
    """Explain a rule: why, what to do, and examples."""
    from bedev_lint.catalog import nearest
    from bedev_lint.report import manual

    _, catalog = load(Path(), {"explicit": explicit, "isolated": isolated})
    found = catalog.rule(rule)
    if found is None:
        known = [*catalog.rules, *(known.name for known in catalog.rules.values())]
        raise Failure([f'there is no rule "{rule}"{nearest(rule, known)}'])
    emit(manual.explain(found))


@cli.command()
@click.option("--output-format", type=click.Choice(["text", "json"]), default="text")
@click.option("--schema", is_flag=True, help="Print the JSON Schema of files with rules instead.")
@configured
def rules(output_format: str, schema: bool, explicit: Path | None, isolated: bool) -> None:
    """List all rules."""
    from bedev_lint.report import manual

    if schema:
        from bedev_lint.schema import as_json, of_rules

        emit(as_json(of_rules()))
        return
    _, catalog = load(Path(), {"explicit": explicit, "isolated": isolated})
    known = catalog.rules.values()
    emit(manual.rules_as_json(known) if output_format == "json" else manual.table(known))


@cli.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path), default=Path())
@click.option("--schema", is_flag=True, help="Print the JSON Schema of the configuration instead.")
@configured
def config(path: Path, schema: bool, explicit: Path | None, isolated: bool) -> None:
    """Show the configuration in force, and its source."""
    from bedev_lint.report import manual
    from bedev_lint.settings.config import DEFAULT_EXCLUDES, in_force
    from bedev_lint.settings.selection import selected_codes

    settings, catalog = load(path, {"explicit": explicit, "isolated": isolated})
    if schema:
        from bedev_lint.schema import as_json, of_settings

        emit(as_json(of_settings(catalog)))
        return
    heading = [
        f"from: {settings.source or 'no configuration file; these are the defaults'}",
        f"root: {settings.root}",
        f"excludes, unless set: build, dist, {', '.join(DEFAULT_EXCLUDES)}",
        f"rules that run: {', '.join(sorted(selected_codes(settings, catalog)))}",
    ]
    emit(manual.heading(heading) + manual.as_toml(in_force(settings)))


@cli.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path), default=Path())
@click.option("--cache-dir", type=click.Path(file_okay=False, path_type=Path), metavar="FOLDER")
def clean(path: Path, cache_dir: Path | None) -> None:
    """Remove the cache of a project."""
    from bedev_lint.cache.folder import FOLDER
    from bedev_lint.cache.folder import clean as remove
    from bedev_lint.settings.config import project_root

    folder = Path(os.path.realpath(cache_dir)) if cache_dir else project_root(path) / FOLDER
    try:
        removed = remove(folder)
    except OSError as error:
        raise Failure([f"cannot remove {folder}: {error.strerror}"]) from error
    tell(f"removed {folder}" if removed else f"there is no cache at {folder}")


# ------------------------------------------------------------------ what goes in


def _fixed(paths: Sequence[Path], options: Mapping[str, Any]) -> list[Checked]:
    """Check projects, and remove the comments that suppress nothing."""
    from bedev_lint.fixing import removals
    from bedev_lint.report.text import counted
    from bedev_lint.session.changed import touching

    def idle(projects: Sequence[Checked]) -> Iterator[Change]:
        changed = changes(paths, options)
        for project in projects:
            found = project.outcome.diagnostics
            told = found if changed is None else touching(found, changed)
            yield from removals(told, project.catalog.rules)

    done = rewritten(lambda: checked(paths, None, options), idle)
    if done.findings:
        tell(f"fixed {counted(done.findings, 'problem')} in {counted(done.files, 'file')}")
    return done.projects


def _only_root(paths: Sequence[Path], options: Mapping[str, Any]) -> Path:
    """Return the root of the one project that paths belong to. Raises Failure for several."""
    from bedev_lint.session.projects import by_project

    roots = sorted(by_project(paths, options["explicit"], options["isolated"]))
    if len(roots) > 1:
        several = ", ".join(map(str, roots))
        raise Failure(
            [f"a graph shows one project, and these paths belong to {len(roots)}: {several}"]
        )
    return roots[0]


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


def _split_target(target: str) -> tuple[str, str]:
    """Return the file, folder or module of a target, and the function, "" for all."""
    if os.path.exists(target):
        return target, ""
    place, colon, function = target.rpartition(":")
    if colon and place and function:
        return place, function
    raise Failure([f"{_no_such_path(target)}; a function is named as module:function"])


def _survey(path: Path | None, options: Mapping[str, Any]) -> tuple[Config, Catalog, Survey]:
    """Load the configuration for a path, and link the program that it belongs to."""
    config, catalog = load(path or Path(), options, overrides(options))
    given = [path] if path is not None else []
    run = session(config, catalog, options)
    return config, catalog, run.survey(given, progress(quiet=False))


def _unread(survey: Survey) -> list[str]:
    from bedev_lint.report.text import counted, left_out

    found = [f"{p.filename}:{p.span.start.row}: {p.message}" for p in survey.problems]
    if survey.left_out:
        found.append(f"{counted(len(survey.asked), 'file')}, {left_out(survey.left_out)}")
    found += (f"{root} is a project of its own: give a path in it" for root in survey.projects)
    return found


def _unknown(kind: str, name: str, known: Sequence[str]) -> str:
    from bedev_lint.catalog import nearest

    return f'there is no {kind} "{name}"{nearest(name, known)}'


def _no_such_path(path: str) -> str:
    from bedev_lint.catalog import nearest

    commands = list(cli.commands) if path.isidentifier() else []
    hint = nearest(path, commands).replace("mean", "mean the command")
    return f"no such file or folder: {path}{hint}"


# ------------------------------------------------------------------ what comes out


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
        known=len(outcome.baseline.known),
        gone=len(outcome.baseline.gone),
        quiet=options["quiet"],
        statistics=options["statistics"],
    )


def _only_changed(
    outcome: Outcome, changed: Mapping[str, Sequence[tuple[int, int]]], page: Page
) -> tuple[Outcome, Page]:
    """Leave out what has nothing to do with changed rows, save for what could not be checked."""
    from bedev_lint.session.changed import touching

    told = {id(diagnostic) for diagnostic in touching(outcome.diagnostics, changed)}
    every = outcome.diagnostics
    left = [each for each in every if id(each) in told or page.rules[each.code].always]
    return replace(outcome, diagnostics=left), replace(page, elsewhere=len(every) - len(left))


def _about(projects: Sequence[Checked], seconds: float) -> list[str]:
    lines = list(chain.from_iterable(map(_about_one, projects)))
    if len(projects) > 1:
        lines.append(f"projects: {len(projects)}")
    return [*lines, f"time: {seconds:.2f} s"]


def _about_one(project: Checked) -> Iterator[str]:
    from bedev_lint.report.text import left_out

    config, outcome = project.config, project.outcome
    leads_out = f"not followed, it leads out of {config.within}: "
    yield from (leads_out + link for link in outcome.outside)
    for gone in outcome.baseline.gone:
        yield f"no longer there: {gone.rule} {gone.path} {gone.function}".rstrip()
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


def _status(outcome: Outcome, could_shrink: bool, exit_zero: bool) -> int:
    if outcome.unchecked or outcome.problems:
        return FAILED
    return FOUND if (outcome.diagnostics or could_shrink) and not exit_zero else CLEAN


# ------------------------------------------------------------------ the process


def main(arguments: Sequence[str]) -> int:
    """Run the command line; return its exit status. Raises SystemExit if it is interrupted."""
    arguments = list(arguments)
    try:
        return cli.main(arguments, "bedev-lint", standalone_mode=False, obj=arguments) or CLEAN
    except Failure as error:
        error.show()
        return error.exit_code
    except click.ClickException as error:
        tell(*usage(error))
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        sys.exit(INTERRUPTED)
    except Exception as error:
        tell(*_crash(error, "--debug" in arguments))
        return FAILED


def _crash(error: Exception, debug: bool) -> list[str]:
    """Return where bedev-lint itself failed.

    Not the text of the error, which may quote the linted project, secrets and all.
    """
    import traceback

    frames = traceback.extract_tb(error.__traceback__)
    name, last = type(error).__name__, frames[-1]
    if debug:
        lines = "".join(traceback.format_list(frames)).splitlines()
        return [*lines, f"bedev-lint failed with {name}"]
    where = f"{os.path.basename(last.filename)}:{last.lineno}"
    return [f"bedev-lint failed with {name} at {where}; --debug shows more"]
