"""`bedev-lint effects`: what functions do, and through which calls."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bedev_lint.cli.group import HelpfulCommand
from bedev_lint.cli.options import configured, several, working
from bedev_lint.cli.paths import no_such_path
from bedev_lint.cli.project import load, overrides, session
from bedev_lint.streams import CLEAN, FAILED, Failure, coloured, emit, progress, tell

if TYPE_CHECKING:
    from bedev_lint.catalog import Catalog
    from bedev_lint.session.run import Survey
    from bedev_lint.settings.config import Config

__all__ = ["effects"]


@click.command(cls=HelpfulCommand)
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
        every = f"there are: {', '.join(sorted(catalog.effects))}"
        told = (_unknown("effect", name, list(catalog.effects)) for name in unknown)
        raise Failure(f"{problem}; {every}" for problem in told)
    overview = Overview(survey, config, catalog)
    try:
        if path is None:
            refs = overview.named(place, function)
        elif function:
            refs = overview.named(os.path.relpath(os.path.realpath(path), config.root), function)
        else:
            refs = overview.in_files(survey.selected)
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


def _split_target(target: str) -> tuple[str, str]:
    """Return the file, folder or module of a target, and the function, "" for all."""
    if os.path.exists(target):
        return target, ""
    place, colon, function = target.rpartition(":")
    if colon and place and function:
        return place, function
    raise Failure([f"{no_such_path(target)}; a function is named as module:function"])


def _survey(path: Path | None, options: Mapping[str, Any]) -> tuple[Config, Catalog, Survey]:
    """Load the configuration for a path, and link the program that it belongs to."""
    config, catalog = load(path or Path(), options, overrides(options))
    paths = [path] if path is not None else []
    run = session(config, catalog, options)
    return config, catalog, run.survey(paths, progress(quiet=False))


def _unread(survey: Survey) -> list[str]:
    from bedev_lint.report.text import counted, left_out

    lines = [f"{p.filename}:{p.span.start.row}: {p.message}" for p in survey.problems]
    if survey.left_out:
        lines.append(f"{counted(len(survey.selected), 'file')}, {left_out(survey.left_out)}")
    lines += (f"{root} is a project of its own: give a path in it" for root in survey.projects)
    return lines


def _unknown(kind: str, name: str, names: Sequence[str]) -> str:
    from bedev_lint.catalog import nearest

    return f'there is no {kind} "{name}"{nearest(name, names)}'
