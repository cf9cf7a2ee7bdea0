"""`bedev-lint graph`: a drawing of a project."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from bedev_lint.cli.group import HelpfulCommand
from bedev_lint.cli.options import configured, working
from bedev_lint.cli.project import load, overrides, session
from bedev_lint.streams import CLEAN, FAILED, Failure, is_terminal, progress, tell, write

__all__ = ["graph"]


@click.command(cls=HelpfulCommand)
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
    checked_paths = list(paths) or [Path()]
    root = _only_root(checked_paths, options)
    config, catalog = load(root, options, overrides(options))
    with TemporaryDirectory() as folder:  # else, without a cache, all is read twice
        run = session(config, catalog, options, spare=Path(folder))
        outcome = run.run(checked_paths, None, progress(quiet=False))
        survey = run.survey(checked_paths)
    overview = Overview(survey, config, catalog)
    map_ = overview.map(outcome.diagnostics, survey.selected)
    write(as_html(map_) if to_html else as_mermaid(map_), output_file)
    if outcome.unchecked:
        tell(f"{outcome.unchecked} files could not be read and are missing; see `bedev-lint check`")
    tell(*(f"{inner} is a project of its own, and not in this graph" for inner in outcome.projects))
    ctx.exit(FAILED if outcome.unchecked else CLEAN)


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
