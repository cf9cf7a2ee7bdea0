"""Options of `check`, and what becomes of their values."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bedev_lint import streams
from bedev_lint.cli.options import Command, selecting, several, with_options
from bedev_lint.report import FORMATS
from bedev_lint.reporting import Destination, destinations
from bedev_lint.streams import Failure

if TYPE_CHECKING:
    from bedev_lint.git import Changed

__all__ = [
    "STDIN",
    "baseline_for_ratchet",
    "changes",
    "no_empty_path",
    "reporting",
    "reports",
    "standard_input",
]


STDIN = "-"


def reporting(command: Command) -> Command:
    """Add the options that say what is reported, of what, and how."""
    return selecting(_narrowing(_comparing(_fixing(_writing(_excluding(_telling(command)))))))


def _narrowing(command: Command) -> Command:
    """Add the options that say which findings count."""
    return with_options(
        command,
        click.option(
            "--min-confidence",
            type=click.Choice(["likely", "certain"]),
            help="Report only findings of at least this confidence.",
        ),
        click.option(
            "--min-severity",
            type=click.Choice(["info", "warning", "error"]),
            help="Report only findings of at least this severity.",
        ),
    )


def _comparing(command: Command) -> Command:
    """Add the options that say which findings are no news."""
    return with_options(
        command,
        click.option(
            "--baseline/--no-baseline",
            default=True,
            help="Leave out findings that the project's baseline lists.  "
            "[default: baseline, without --isolated]",
        ),
        click.option(
            "--ratchet", is_flag=True, help="Fail if the baseline lists findings that are gone."
        ),
        click.option(
            "--since",
            metavar="REVISION",
            help="Report only findings on lines changed since the branch left this revision, or "
            "whose call path goes through one.",
        ),
        click.option("--staged", is_flag=True, help="The same, for lines staged in git."),
    )


def _fixing(command: Command) -> Command:
    """Add the options that say what becomes of findings that can be fixed."""
    return with_options(
        command,
        click.option("--fix", is_flag=True, help="Fix findings, where a fix is safe."),
        click.option(
            "--unsafe-fixes",
            is_flag=True,
            help="With --fix and --diff: fix also where the program may do something else then.",
        ),
        click.option(
            "--diff", is_flag=True, help="Print what --fix would change, and change nothing."
        ),
    )


def _writing(command: Command) -> Command:
    """Add the options that say where findings are written, and how."""
    return with_options(
        command,
        click.option(
            "--output-format",
            multiple=True,
            callback=_formats,
            shell_complete=_complete_formats,
            envvar="BEDEV_LINT_OUTPUT_FORMAT",
            metavar="FORMAT[:FILE]",
            help=f"Report format, and the file to write it to: {', '.join(FORMATS)}. May be "
            "repeated.  [default: full, and annotations in GitHub Actions and GitLab CI]",
        ),
        click.option(
            "-o",
            "--output-file",
            type=click.Path(dir_okay=False, path_type=Path),
            metavar="FILE",
            help="Write the report to this file, unless its format names one.",
        ),
    )


def _excluding(command: Command) -> Command:
    """Add the options that say which files count."""
    return with_options(
        command,
        several(
            "--exclude", metavar="GLOBS", help="Exclude these files instead of the default ones."
        ),
        several("--extend-exclude", metavar="GLOBS", help="Exclude these files too."),
        click.option(
            "--force-exclude", is_flag=True, help="Exclude files even if they are given by name."
        ),
        click.option("--include-tests", is_flag=True, help="Check tests too."),
        click.option("--stdin-filename", metavar="FILE", help="File name of what `-` reads."),
    )


def _telling(command: Command) -> Command:
    """Add the options that say what else is done or told, and by which exit status."""
    return with_options(
        command,
        click.option(
            "--watch", is_flag=True, help="Check again whenever code or configuration changes."
        ),
        click.option("--exit-zero", is_flag=True, help="Exit with 0 even if there are findings."),
        click.option(
            "--statistics", is_flag=True, help="Print only how many findings each rule has."
        ),
        click.option(
            "--color",
            type=click.Choice(["auto", "always", "never"]),
            default="auto",
            show_default=True,
            help="When to use colour; auto heeds NO_COLOR and FORCE_COLOR.",
        ),
        click.option("-q", "--quiet", is_flag=True, help="Print findings only."),
        click.option(
            "-v",
            "--verbose",
            is_flag=True,
            help="Show configuration, files left out, and time taken.",
        ),
        click.option(
            "--debug",
            is_flag=True,
            help="Show how calls are resolved, and where bedev-lint itself fails.",
        ),
    )


def _complete_formats(
    _context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[str]:
    return [name for name in FORMATS if name.startswith(incomplete)]


def _formats(
    _context: click.Context, _parameter: click.Parameter, values: Sequence[str]
) -> tuple[tuple[str, str], ...]:
    """Return the formats asked for, each with the file that it names, "" for none."""
    formats = []
    for value in values:
        name, colon, file = value.partition(":")
        if name not in FORMATS:
            raise click.BadParameter(f"{name!r} is not one of {', '.join(FORMATS)}.")
        if colon and not file:
            raise click.BadParameter(f"the file name after {name!r} is empty.")
        formats.append((name, file))
    return tuple(formats)


def no_empty_path(
    _context: click.Context, _parameter: click.Parameter, paths: Sequence[str]
) -> Sequence[str]:
    """Return the paths given; an empty one (`"$FOLDER"`) must not mean the current folder."""
    if "" in paths:
        raise click.BadParameter("a path is empty; the current folder is `.`")
    return paths


def reports(options: Mapping[str, Any]) -> list[Destination]:
    """Return which reports to make, as the options and the environment say."""
    try:
        wanted = destinations(options["output_format"], options["output_file"], os.environ)
    except ValueError as error:
        raise click.UsageError(f"{error}: name one for each, as `sarif:out.sarif`.") from error
    to_terminal = any(FORMATS[report.format].is_page and report.file is None for report in wanted)
    if to_terminal and streams.is_terminal():
        raise click.UsageError("HTML is not for a terminal; name a file: `html:findings.html`.")
    return wanted


def baseline_for_ratchet(options: Mapping[str, Any]) -> None:
    """Raise UsageError if a baseline is to be short, and is not looked at."""
    if options["ratchet"] and (options["isolated"] or not options["baseline"]):
        other = "--isolated" if options["isolated"] else "--no-baseline"
        raise click.UsageError(f"--ratchet and {other} cannot be combined.")


def standard_input(
    paths: Sequence[str], filename: str | None, *, fixes: bool = False
) -> tuple[str, bytes] | None:
    """Return the name and contents of what `-` stands for, None if it is not given.

    What is read from there cannot be fixed.
    """
    if STDIN in paths and fixes:
        raise click.UsageError("--fix and --diff cannot be combined with `-`.")
    if STDIN not in paths:
        if filename is not None:
            raise click.UsageError("--stdin-filename needs `-` as the path.")
        return None
    if len(paths) > 1:
        raise click.UsageError("`-` cannot be combined with other paths.")
    folder, name = os.path.split(os.path.abspath(filename or "stdin.py"))
    return os.path.join(os.path.realpath(folder), name), streams.standard_input()


def changes(paths: Sequence[Path], options: Mapping[str, Any]) -> Changed | None:
    """Return the rows that have changed around paths, None if all count. Raises Failure."""
    since, is_staged = options["since"], options["staged"]
    if since is not None and is_staged:
        raise click.UsageError("--since and --staged cannot be combined.")
    if is_staged and (options["fix"] or options["diff"]):
        raise click.UsageError("--fix and --diff cannot be combined with --staged.")
    if since is None and not is_staged:
        return None
    from bedev_lint.git import Changed, GitError, changed_since, repository, staged

    changed = Changed({}, {})
    try:
        for root in sorted({repository(path) for path in paths}):
            in_root = staged(root) if since is None else changed_since(root, since)
            changed.rows.update(in_root.rows)
            changed.contents.update(in_root.contents)
    except GitError as error:
        raise Failure([f"--{'staged' if is_staged else 'since'}: {error}"]) from error
    return changed
