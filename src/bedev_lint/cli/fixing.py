"""Findings that are fixed, or shown as if they were."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bedev_lint.cli.check_options import changes
from bedev_lint.cli.checking import checked, rewritten
from bedev_lint.streams import emit, tell

if TYPE_CHECKING:
    from bedev_lint.fixing import Change
    from bedev_lint.model import Span
    from bedev_lint.session.projects import Checked
    from bedev_lint.session.run import Outcome

__all__ = ["edited", "fix", "show_diff"]


def fix(paths: Sequence[Path], options: Mapping[str, Any]) -> list[Checked]:
    """Check projects and fix what can be fixed; return them as they are then."""
    from bedev_lint.report.text import counted

    result = rewritten(
        lambda: checked(paths, None, options), lambda projects: _fixes(projects, paths, options)
    )
    if result.findings:
        problems, files = counted(result.findings, "problem"), counted(result.files, "file")
        tell(f"Fixed {problems} in {files}")
    if result.dropped:
        tell(f"{counted(result.dropped, 'fix')} left out: the result would not parse")
    return result.projects


def edited(projects: Iterable[Checked]) -> list[Outcome]:
    """Return what has been found in projects, with what each fix changes."""
    from bedev_lint.fixing import with_edits

    return [
        replace(outcome, diagnostics=[*with_edits(outcome.diagnostics, project.session, config)])
        for project in projects
        for outcome, config in [(project.outcome, project.config)]
    ]


def show_diff(
    projects: Sequence[Checked], paths: Sequence[Path], options: Mapping[str, Any]
) -> bool:
    """Print what `--fix` would change; return whether there is anything."""
    from bedev_lint.report.text import counted

    changed = [*_fixes(projects, paths, options)]
    secrets = _secrets(projects)
    for change in changed:
        emit(_diff(change, secrets.get(change.path, ())))
    count = sum(change.findings for change in changed)
    if count:
        tell(f"Would fix {counted(count, 'problem')} in {counted(len(changed), 'file')}")
    else:
        tell("No fixes available")
    overlapping = sum(change.overlapping for change in changed)
    if overlapping:
        tell(f"{counted(overlapping, 'fix')} left out of the diff: they overlap others")
    return count > 0


def _diff(change: Change, secrets: Sequence[Span]) -> str:
    from bedev_lint.report.diff import unified
    from bedev_lint.report.text import shown_path
    from bedev_lint.source import decode

    name = shown_path(change.path, os.getcwd())
    return unified(name, decode(change.before), decode(change.after), secrets)


def _secrets(projects: Iterable[Checked]) -> dict[str, list[Span]]:
    """Return where secrets stand that are reported, by file."""
    secrets: dict[str, list[Span]] = {}
    for project in projects:
        for diagnostic in project.outcome.diagnostics:
            if project.catalog.rules[diagnostic.code].finds_credentials:
                secrets.setdefault(diagnostic.filename, []).append(diagnostic.span)
    return secrets


def _fixes(
    projects: Sequence[Checked], paths: Sequence[Path], options: Mapping[str, Any]
) -> Iterator[Change]:
    """Return the changes that fix what is reported, as the options want it."""
    from bedev_lint.fixing import fixes
    from bedev_lint.session.changed import touching

    changed = changes(paths, options)
    for project in projects:
        reported = project.outcome.diagnostics
        if changed is not None:
            reported = touching(reported, changed.rows)
        yield from fixes(reported, project.session, project.config, unsafe=options["unsafe_fixes"])
