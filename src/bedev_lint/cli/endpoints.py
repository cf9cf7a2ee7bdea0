"""`bedev-lint endpoints`: what a project answers, what that does, and which tests ask for it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from bedev_lint.cli.group import HelpfulCommand
from bedev_lint.cli.options import configured, working
from bedev_lint.cli.project import load, overrides, session
from bedev_lint.streams import CLEAN, FAILED, coloured, emit, progress, tell

__all__ = ["endpoints"]


@click.command(cls=HelpfulCommand)
@click.argument("path", type=click.Path(exists=True, path_type=Path), default=Path())
@click.option("--output-format", type=click.Choice(["text", "json"]), default="text")
@configured
@working
@click.pass_context
def endpoints(ctx: click.Context, /, path: Path, **options: Any) -> None:
    """List the endpoints of a file or folder, their effects and their tests.

    Exit status: 0, or 2 if something could not be read.
    """
    import msgspec

    from bedev_lint.explore.endpoints import rule_of_endpoints, summaries
    from bedev_lint.report.endpoints import as_json, as_page
    from bedev_lint.report.text import Page

    config, catalog = load(path, options, overrides(options))
    rule = rule_of_endpoints(catalog)
    assert rule is not None  # it comes with bedev-lint
    config = msgspec.structs.replace(config, select=(rule.code,), extend_select=(), ignore=())
    survey = session(config, catalog, options).survey([path], progress(quiet=False))
    rows = summaries(survey, config, catalog, rule)
    if options["output_format"] == "json":
        emit(as_json(rows))
    else:
        page = Page(base=os.getcwd(), colour=coloured("auto"))
        emit(as_page(rows, page), page.colour)
    tell(*(f"{p.filename}:{p.span.start.row}: {p.message}" for p in survey.problems))
    tell(*(f"{r} is a project of its own: give a path in it" for r in survey.projects))
    ctx.exit(FAILED if survey.problems else CLEAN)
