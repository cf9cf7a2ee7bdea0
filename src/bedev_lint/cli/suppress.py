"""`bedev-lint suppress`: comments that suppress what is found."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from bedev_lint.cli.checking import checked, rewritten, suppressible
from bedev_lint.cli.group import HelpfulCommand
from bedev_lint.cli.options import clustered, configured, selecting, working
from bedev_lint.streams import CLEAN, FAILED, FOUND, tell

__all__ = ["suppress"]


@click.command(cls=HelpfulCommand)
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--reason", default="", help="Why they are suppressed; it becomes part of the comment."
)
@selecting
@click.option("--include-tests", is_flag=True, help="Include tests.")
@configured
@working
@clustered
@click.pass_context
def suppress(ctx: click.Context, /, paths: tuple[Path, ...], **options: Any) -> None:
    """Add comments that suppress the present findings.

    Exit status: 0, 1 if some cannot be suppressed, 2 if something could not be checked.
    """
    from bedev_lint.fixing import suppress as suppressions
    from bedev_lint.report.text import counted, shown_path

    reason = options["reason"].strip()
    if not reason.isprintable() or "#" in reason:
        raise click.UsageError("--reason: one line without `#`.")
    options |= {"quiet": False, "baseline": True}
    done = rewritten(
        lambda: checked(list(paths) or [Path()], None, options),
        lambda projects: suppressions(suppressible(projects, reason), reason),
    )
    remaining = list(suppressible(done.projects, reason))
    tell(f"suppressed {counted(done.findings, 'finding')} in {counted(done.files, 'file')}")
    known = sum(len(project.outcome.baseline.known) for project in done.projects)
    if known:
        tell(f"{counted(known, 'finding')} known from the baseline left alone")
    for diagnostic in remaining:
        start, path = diagnostic.span.start, shown_path(diagnostic.filename, os.getcwd())
        place = f"{path}:{start.row}:{start.column}"
        tell(f"{place}: {diagnostic.code} cannot be suppressed by a comment here")
    unchecked = any(project.outcome.unchecked for project in done.projects)
    ctx.exit(FAILED if unchecked else FOUND if remaining else CLEAN)
