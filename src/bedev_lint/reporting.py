"""Which reports of a run are made, and where each of them goes."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from bedev_lint.report import FORMATS, renderer
from bedev_lint.streams import Failure, coloured, is_terminal, tell, write

if TYPE_CHECKING:
    from bedev_lint.model import Diagnostic
    from bedev_lint.output import How
    from bedev_lint.report.text import Page

__all__ = ["Destination", "destinations", "publish"]

DEFAULT = "full"
# Where GitLab looks for its report of code quality, as its documentation has it.
_GITLAB_FILE = "gl-code-quality-report.json"


class Destination(NamedTuple):
    """A report that is wanted: its format, and the file that it goes to, None for the output.

    `how` says what becomes of a file that is there. A report that nobody has asked for
    (`is_extra`) is no reason to fail if it cannot be written.
    """

    format: str
    file: Path | None = None
    how: How = "replace"
    is_extra: bool = False


def destinations(
    requested: Sequence[tuple[str, str]], output_file: Path | None, environment: Mapping[str, str]
) -> list[Destination]:
    """Return the reports to make: those asked for, each as format and file, and what a CI expects.

    The output file is for those that name none. In the jobs of GitHub and GitLab, unless a format
    is asked for, there are annotations besides. Raises ValueError for a file that two would take.
    """
    wanted = [
        Destination(name, Path(file) if file else output_file)
        for name, file in requested or [(DEFAULT, "")]
    ]
    files = [
        os.path.realpath(destination.file) for destination in wanted if destination.file is not None
    ]
    twice = next((file for file in files if files.count(file) > 1), None)
    if twice is not None:
        raise ValueError(f"two formats would be written to {os.path.relpath(twice)}")
    if not requested:
        wanted += _annotations(environment)
    summary = environment.get("GITHUB_STEP_SUMMARY")
    if summary and any(destination.format == "github" for destination in wanted):
        wanted.append(Destination("markdown", Path(summary), "append", is_extra=True))
    return wanted


def _annotations(environment: Mapping[str, str]) -> list[Destination]:
    if environment.get("GITHUB_ACTIONS") == "true":
        return [Destination("github", is_extra=True)]
    if environment.get("GITLAB_CI") == "true":
        file = Path(environment.get("CI_PROJECT_DIR", ""), _GITLAB_FILE)
        # Whatever stands there may be the project's own, and lead anywhere.
        return [Destination("gitlab", file, "create", is_extra=True)]
    return []


def publish(
    diagnostics: Sequence[Diagnostic], page: Page, wanted: Sequence[Destination], colour: str
) -> str:
    """Write all reports; return what was written to the output. Raises Failure."""
    printed = ""
    for destination in wanted:
        is_coloured = coloured(colour, destination.file) and not destination.is_extra
        links = is_coloured and destination.file is None and is_terminal()
        shown = replace(page, colour=is_coloured, links=links)
        text = renderer(destination.format)(diagnostics, shown)
        is_obeyed = FORMATS[destination.format].is_obeyed
        try:
            text = write(
                text, destination.file, is_coloured, annotations=is_obeyed, how=destination.how
            )
        except Failure as error:
            if not destination.is_extra:
                raise
            how = f"`--output-format {destination.format}:FILE` writes elsewhere"
            tell(*(f"bedev-lint: {problem}; {how}" for problem in error.problems))
        if destination.file is None:
            printed += text
    return printed
