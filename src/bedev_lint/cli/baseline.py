"""`bedev-lint baseline`: findings that are recorded, and not reported again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from bedev_lint.cli.group import HelpfulCommand
from bedev_lint.cli.options import configured, selecting, working
from bedev_lint.cli.project import known_findings, load, overrides, session
from bedev_lint.streams import CLEAN, FAILED, Failure, progress, tell

__all__ = ["baseline"]


@click.command(cls=HelpfulCommand)
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
