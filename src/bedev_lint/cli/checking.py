"""Checking the projects that paths belong to, and changing files in them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from bedev_lint.cli.project import cache_folder, overrides, session
from bedev_lint.streams import Failure, progress

if TYPE_CHECKING:
    from bedev_lint.cache.place import CacheLocation
    from bedev_lint.catalog import Catalog
    from bedev_lint.fixing import Change
    from bedev_lint.model import Diagnostic
    from bedev_lint.session.projects import Checked, Make, Run
    from bedev_lint.settings.config import Config

__all__ = ["Rewritten", "check_projects", "checked", "load_project", "rewritten", "suppressible"]

# What one change does away with may bring something else to light, and overlapping ones wait.
_MOST_ROUNDS = 10

Check = Callable[[], "list[Checked]"]


class Rewritten(NamedTuple):
    """Projects as they are when files have been changed, and what that came to."""

    projects: list[Checked]
    findings: int
    files: int
    dropped: int


def checked(
    paths: Sequence[Path],
    stdin: tuple[str, bytes] | None,
    options: Mapping[str, Any],
    contents: Mapping[str, bytes] = MappingProxyType({}),
) -> list[Checked]:
    """Check the projects that paths belong to. Raises Failure, NoSuchPath.

    `contents` are those of files, by their absolute paths, that are not to be read from the disk.
    """
    from bedev_lint.session.projects import by_project
    from bedev_lint.settings.finding import project_root

    explicit, isolated = options["explicit"], options["isolated"]
    if stdin is None:
        projects = by_project(paths, explicit, isolated)
    else:
        projects = {project_root(paths[0], explicit, isolated): []}
    unsaved = dict(contents)
    if stdin is not None:
        unsaved[os.path.abspath(stdin[0])] = stdin[1]
    return check_projects(
        projects,
        options,
        lambda config, catalog: session(config, catalog, options),
        lambda run, project_paths: run.run(project_paths, unsaved, progress(options["quiet"])),
    )


def check_projects(
    projects: Mapping[Path, Sequence[Path]], options: Mapping[str, Any], begin: Make, run: Run
) -> list[Checked]:
    """Check projects, given by their roots, for the sake of paths, and those that lie in them.

    Raises Failure with what is wrong with the configurations of all of them, or with a cluster.
    """
    from bedev_lint.catalog import CatalogError
    from bedev_lint.inspection.parallel import ClusterError
    from bedev_lint.session.projects import check
    from bedev_lint.settings.config import ConfigError

    try:
        return check(projects, lambda root: load_project(root, options), begin, run)
    except (ConfigError, CatalogError) as error:
        raise Failure(error.problems) from error
    except ClusterError as error:
        raise Failure([str(error)]) from error


def load_project(root: Path, options: Mapping[str, Any]) -> tuple[Config, Catalog]:
    """Return the configuration of a project, and its catalog. Raises ConfigError, Failure."""
    from bedev_lint.cache.place import place
    from bedev_lint.settings.loading import load

    explicit, isolated = options["explicit"], options["isolated"]

    def cache_of(config: Config) -> CacheLocation:
        return place(cache_folder(config, options), config.root)

    return load(root, explicit, isolated, overrides(options), cache_of)


def rewritten(check: Check, changes: Callable[[Sequence[Checked]], Iterable[Change]]) -> Rewritten:
    """Check projects and write the changes that this gives rise to, until there are none.

    Raises Failure for a file that cannot be written.
    """
    projects, findings, files, dropped = check(), 0, set[str](), 0
    for _ in range(_MOST_ROUNDS):
        planned = [*changes(projects)]
        dropped = sum(change.dropped for change in planned)
        written = [change for change in planned if _is_saved(change)]
        if not written:
            break
        findings += sum(change.findings for change in written)
        files.update(change.path for change in written)
        projects = check()
    return Rewritten(projects, findings, len(files), dropped)


def suppressible(projects: Iterable[Checked], reason: str) -> Iterator[Diagnostic]:
    """Return the findings that a comment with a reason can suppress: none about comments.

    Raises Failure where there has to be a reason, and is none.
    """
    for project in projects:
        if project.config.require_reason and not reason:
            raise Failure([f"{project.config.where('require-reason')}: give one, with --reason"])
        rules = project.catalog.rules
        for diagnostic in project.outcome.diagnostics:
            if rules[diagnostic.code].family != "linter":
                yield diagnostic


def _is_saved(change: Change) -> bool:
    from bedev_lint.fixing import save

    try:
        return change.after != change.before and save(change)
    except OSError as error:
        raise Failure([f"cannot write {change.path}: {error.strerror}"]) from error
