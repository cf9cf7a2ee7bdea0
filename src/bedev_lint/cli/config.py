"""`bedev-lint config`: the configuration in force."""

from __future__ import annotations

from pathlib import Path

import click

from bedev_lint.cli.group import HelpfulCommand
from bedev_lint.cli.options import configured
from bedev_lint.cli.project import load
from bedev_lint.streams import emit

__all__ = ["config"]


@click.command(cls=HelpfulCommand)
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
