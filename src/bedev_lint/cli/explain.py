"""`bedev-lint explain`: what there is to know about a rule."""

from __future__ import annotations

from pathlib import Path

import click

from bedev_lint.cli.group import HelpfulCommand
from bedev_lint.cli.options import complete_rules, configured
from bedev_lint.cli.project import load
from bedev_lint.streams import Failure, emit

__all__ = ["explain"]


@click.command(cls=HelpfulCommand)
@click.argument("rule", metavar="CODE|NAME", shell_complete=complete_rules)
@click.option("--all-examples", is_flag=True, help="Show all examples, not only the first ones.")
@configured
def explain(rule: str, explicit: Path | None, isolated: bool, all_examples: bool) -> None:
    """Explain a rule: why, what to do, examples, and options."""
    from bedev_lint.catalog import comments_on_options, nearest
    from bedev_lint.report import manual

    _, catalog = load(Path(), {"explicit": explicit, "isolated": isolated})
    explained = catalog.rule(rule)
    if explained is None:
        names = [*catalog.rules, *(other.name for other in catalog.rules.values())]
        hint = nearest(rule, names)
        raise Failure([f'there is no rule "{rule}"{hint}; `bedev-lint rules` lists all'])
    comments = comments_on_options(explained)
    emit(manual.explain(explained, comments, all_examples=all_examples))
