"""Several projects in one run: each path belongs to one of them, and each is a program."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path

from bedev_lint.catalog import Catalog, CatalogError
from bedev_lint.files.discovery import NoSuchPath, missing
from bedev_lint.session.baseline import Matched
from bedev_lint.session.examples import check_own
from bedev_lint.session.findings import order
from bedev_lint.session.run import Outcome, Session
from bedev_lint.settings.config import Config, ConfigError
from bedev_lint.settings.finding import find_configuration, project_root

__all__ = ["Checked", "Make", "Run", "by_project", "check", "existing", "merged"]

Load = Callable[[Path], tuple[Config, Catalog]]
Make = Callable[[Config, Catalog], Session]
Run = Callable[[Session, Sequence[Path]], Outcome]


@dataclass(frozen=True)
class Checked:
    """A project that has been checked, for the sake of these paths."""

    config: Config
    catalog: Catalog
    session: Session
    paths: Sequence[Path]
    outcome: Outcome


def existing(paths: Iterable[Path]) -> tuple[list[Path], list[str]]:
    """Return the paths that there are, and those that there are not.

    Raises NoSuchPath if there is none.
    """
    paths = list(paths)
    there = [path for path in paths if os.path.lexists(path)]
    absent = [str(path) for path in paths if not os.path.lexists(path)]
    if absent and not there:
        raise NoSuchPath(absent)
    return there, absent


def by_project(
    paths: Iterable[Path], explicit: Path | None = None, isolated: bool = False
) -> dict[Path, list[Path]]:
    """Return paths by the root of the project that each belongs to.

    That is the folder of the nearest configuration. Those that have none, or share the explicit
    one, are of one project where the root of one lies in that of another.
    """

    @cache
    def root_of(folder: Path) -> tuple[Path, bool]:
        shares = isolated or explicit is not None or find_configuration(folder) is None
        return project_root(folder, explicit, isolated), shares

    roots = [(path, *root_of(_folder(path))) for path in paths]
    shared = {root for _, root, shares in roots if shares}
    projects: dict[Path, list[Path]] = {}
    for path, root, shares in roots:
        around = [above for above in root.parents if shares and above in shared]
        projects.setdefault(around[-1] if around else root, []).append(path)
    return projects


def _folder(path: Path) -> Path:
    """Return the folder that decides which project a path belongs to."""
    return Path(os.path.realpath(path if os.path.isdir(path) else path.parent))


def check(
    projects: Mapping[Path, Sequence[Path]], load: Load, make: Make, run: Run
) -> list[Checked]:
    """Check projects, given by their roots, for the sake of paths, and those come by in them.

    `load` reads the configuration of a root, `make` begins a session, and `run` runs it. Raises
    ConfigError and CatalogError with the problems of all projects.
    """
    todo, done = dict(projects), []
    problems: list[str] = []
    while todo:
        root = min(todo)  # a project before those within it, which it may add to
        paths = todo.pop(root)
        try:
            config, catalog = load(root)
            if problems:  # nothing will be said of what is found
                continue
            session = make(config, catalog)
            check_own(config, catalog, session.cache)
        except (ConfigError, CatalogError) as error:
            problems += error.problems
            continue
        outcome = run(session, paths)
        for inner in outcome.projects:
            todo[inner] = [*todo.get(inner, ()), inner]
        done.append(Checked(config, catalog, session, paths, outcome))
    if problems:
        raise ConfigError(dict.fromkeys(problems))
    return done


def merged(outcomes: Sequence[Outcome], absent: Iterable[str] = ()) -> Outcome:
    """Return what several runs have found as one; `absent` are paths that do not exist."""
    left_out: Counter[str] = Counter()
    for outcome in outcomes:
        left_out.update(outcome.left_out)
    problems = chain(map(missing, absent), *(outcome.problems for outcome in outcomes))
    return Outcome(
        sorted(chain.from_iterable(outcome.diagnostics for outcome in outcomes), key=order),
        sum(outcome.files for outcome in outcomes),
        dict(sorted(left_out.items(), key=lambda one: (-one[1], one[0]))),
        sum(outcome.unchecked for outcome in outcomes),
        tuple(dict.fromkeys(problems)),
        tuple(sorted({link for outcome in outcomes for link in outcome.outside})),
        baseline=Matched(
            *(
                tuple(chain.from_iterable(entries))
                for entries in zip(*(outcome.baseline for outcome in outcomes), strict=True)
            )
        ),
    )
