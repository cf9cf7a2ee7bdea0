"""`bedev-lint baseline`: findings that are recorded, and not reported again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bedev_lint.cli.checking import check_projects
from bedev_lint.cli.group import HelpfulCommand
from bedev_lint.cli.options import clustered, configured, selecting, working
from bedev_lint.cli.project import known_findings, session
from bedev_lint.streams import CLEAN, FAILED, Failure, progress, tell

if TYPE_CHECKING:
    from bedev_lint.catalog import Catalog
    from bedev_lint.session.baseline import Entry
    from bedev_lint.session.projects import Checked
    from bedev_lint.session.run import Session
    from bedev_lint.settings.config import Config

__all__ = ["baseline"]


@click.command(cls=HelpfulCommand)
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--prune", is_flag=True, help="Only remove findings that are gone.")
@selecting
@click.option("--include-tests", is_flag=True, help="Include tests.")
@configured
@working
@clustered
@click.pass_context
def baseline(ctx: click.Context, /, paths: tuple[Path, ...], **options: Any) -> None:
    """Record findings, so that only new ones are reported.

    Every project that one of the paths belongs to, or that lies below its root, is checked as a
    whole and gets a file of its own: .bedev-lint-baseline.json, beside its configuration or in the
    root of the repository. Exit status: 0, or 2 if something could not be checked.
    """
    from bedev_lint.report.text import counted
    from bedev_lint.session.projects import by_project, merged

    before: dict[Path, Sequence[Entry] | None] = {}

    def begin(config: Config, catalog: Catalog) -> Session:
        before[config.root] = known_findings(config)
        return session(config, catalog, options, baseline=before[config.root] or ())

    roots = by_project(list(paths) or [Path()], options["explicit"], options["isolated"])
    projects = check_projects(
        {root: [root] for root in roots},
        options,
        begin,
        lambda run, root: run.run(root, {}, progress(quiet=False)),
    )
    for project in projects:
        known = before[project.config.root]
        if options["prune"] and known is None:
            how = "`bedev-lint baseline` writes one"
            tell(f"{project.config.root}: there is no baseline to prune; {how}")
            continue
        kept = _kept(project, known or (), options["prune"])
        file, removed = _saved(project.config.root, kept), len(project.outcome.baseline.gone)
        tell(f"{file}: {counted(len(kept), 'finding')}{f', {removed} removed' if removed else ''}")
    outcome = merged([project.outcome for project in projects])
    tell(*(f"bedev-lint: {problem}" for problem in outcome.problems))
    if outcome.unchecked:
        tell(f"{counted(outcome.unchecked, 'file')} could not be checked; see `bedev-lint check`")
    ctx.exit(FAILED if outcome.unchecked or outcome.problems else CLEAN)


def _kept(project: Checked, before: Sequence[Entry], prune: bool) -> list[Entry]:
    """Return the entries that the baseline of a project holds from now on.

    Those of rules that do not run are kept: nobody has looked whether they are gone.
    """
    from bedev_lint.settings.selection import selected_codes

    matched = project.outcome.baseline
    idle = project.catalog.rules.keys() - selected_codes(project.config, project.catalog)
    unseen = (entry for entry in before if entry.rule in idle)
    return [*matched.known, *(() if prune else matched.new), *unseen]


def _saved(root: Path, entries: Sequence[Entry]) -> Path:
    """Write the baseline of a project; return where. Raises Failure."""
    from bedev_lint.filesystem import reason
    from bedev_lint.session.baseline import FILE, BadBaseline, save

    try:
        return save(root, entries)
    except BadBaseline as error:
        raise Failure([f"cannot write the baseline: {error}"]) from error
    except OSError as error:
        raise Failure([f"cannot write {root / FILE}: {reason(error)}"]) from error
