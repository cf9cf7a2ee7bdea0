"""`bedev-lint rules`: all rules."""

from __future__ import annotations

from pathlib import Path

import click

from bedev_lint.cli.group import HelpfulCommand
from bedev_lint.cli.options import configured
from bedev_lint.cli.project import load
from bedev_lint.streams import emit

__all__ = ["rules"]


@click.command(cls=HelpfulCommand)
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
    every_rule = catalog.rules.values()
    emit(manual.rules_as_json(every_rule) if output_format == "json" else manual.table(every_rule))
