"""The project that a command is about: its configuration, its catalog, and a session."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bedev_lint.streams import Failure, tell

if TYPE_CHECKING:
    from bedev_lint.catalog import Catalog
    from bedev_lint.session.baseline import Entry
    from bedev_lint.session.run import Session
    from bedev_lint.settings.config import Config

__all__ = ["cache_folder", "job_count", "known_findings", "load", "overrides", "session"]


def load(
    first: Path, options: Mapping[str, Any], overrides: Mapping[str, Any] | None = None
) -> tuple[Config, Catalog]:
    """Return the configuration for a path, and the catalog that it asks for."""
    from bedev_lint.settings.config import ConfigError
    from bedev_lint.settings.loading import load

    try:
        return load(first, options["explicit"], options["isolated"], overrides)
    except ConfigError as error:
        raise Failure(error.problems) from error


def overrides(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that the command line makes, by field name."""
    from bedev_lint.model import Confidence, Severity

    several = ("select", "ignore", "extend_select", "exclude", "extend_exclude")
    flags = ("include_tests", "force_exclude")
    names = (*several, *flags)
    made: dict[str, Any] = {name: options[name] for name in names if options.get(name)}
    if options.get("min_confidence"):
        made["min_confidence"] = Confidence(options["min_confidence"])
    if options.get("min_severity"):
        made["min_severity"] = Severity(options["min_severity"])
    return made


def session(
    config: Config,
    catalog: Catalog,
    options: Mapping[str, Any],
    spare: Path | None = None,
    baseline: Sequence[Entry] | None = None,
) -> Session:
    """Return a session as the options say, and tell what keeps it from having a cache.

    `spare` is where one is kept if the options want none; `baseline` is what is not to be told,
    else that of the project, if the options want it. Raises Failure.
    """
    from bedev_lint.session.run import Session

    if baseline is None and options.get("baseline") and not options["isolated"]:
        baseline = known_findings(config)
    folder, jobs = cache_folder(config, options) or spare, job_count(options["jobs"])
    cluster = options.get("cluster", "")
    made = Session(config, catalog, jobs, folder, baseline=baseline, cluster=cluster)
    says_all = options.get("verbose") or options.get("debug")
    if made.place.why_not and (says_all or (made.place.is_odd and not options.get("quiet"))):
        tell(f"no cache: {made.place.why_not}")
    return made


def known_findings(config: Config) -> tuple[Entry, ...] | None:
    """Return the baseline of a project, None if it has none. Raises Failure."""
    from bedev_lint.session.baseline import BadBaseline, load

    try:
        return load(config.root)
    except BadBaseline as error:
        raise Failure([str(error)]) from error


def cache_folder(config: Config, options: Mapping[str, Any]) -> Path | None:
    """Return where the cache is to be kept, None if nowhere; a folder given may be a link."""
    from bedev_lint.cache.folder import FOLDER, is_free

    if options["no_cache"]:
        return None
    cache_dir = options["cache_dir"]
    if cache_dir is None:
        return config.root / FOLDER
    if not is_free(cache_dir):
        raise Failure(
            [f"--cache-dir: {cache_dir} holds other files; the cache needs a folder of its own"]
        )
    return Path(os.path.realpath(cache_dir))


def job_count(requested: int) -> int:
    """Return how many processes may work, given what the option says."""
    if requested:
        return requested
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
