"""The configuration and the catalog that it asks for, each checked against the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from bedev_lint import catalog as catalogs
from bedev_lint.cache.place import CacheLocation
from bedev_lint.catalog import Catalog, CatalogError, ConfiguredVocabulary, kept
from bedev_lint.settings.config import Config, ConfigError, load_config
from bedev_lint.settings.finding import leads_out
from bedev_lint.settings.selection import check

__all__ = ["load"]


def load(
    first_path: Path,
    explicit: Path | None = None,
    isolated: bool = False,
    overrides: Mapping[str, Any] | None = None,
    cache_of: Callable[[Config], CacheLocation] | None = None,
) -> tuple[Config, Catalog]:
    """Return the configuration for these paths and the catalog that it asks for.

    `cache_of` says where our own rules may be kept as they are read, by the configuration.
    Raises ConfigError with every problem of the configuration and of the rules it names.
    """
    problems: list[str] = []
    try:
        config = load_config(first_path, explicit, isolated, overrides or {})
    except ConfigError as error:
        if error.config is None:
            raise
        problems, config = list(error.problems), error.config
    folders = [catalogs.builtin_rules(), *config.rules]
    outside = _links_out(config)
    if outside:  # they are not even read
        raise ConfigError([*problems, *outside])
    try:
        is_ours = not (config.rules or config.context or config.type)
        if is_ours:
            catalog = kept.builtin(cache_of(config) if cache_of else CacheLocation())
        else:
            catalog = catalogs.load(folders, _vocabulary(config))
    except CatalogError as error:
        problems += error.problems
        # With the rules alone, if they are right, the rest of the configuration can be checked.
        with suppress(CatalogError):
            problems += check(config, catalogs.load(folders))
        raise ConfigError(problems) from error
    problems += check(config, catalog)
    if problems:
        raise ConfigError(problems)
    return config, catalog


def _links_out(config: Config) -> list[str]:
    """Return which files of the rules folders lie elsewhere."""
    if config.is_explicit:
        return []
    return [
        f"{path}: leads out of {config.within}: put the file itself there"
        for folder in config.rules
        for path in sorted(folder.rglob("*.toml"))
        if path.is_symlink() and leads_out(path, config.within)
    ]


def _vocabulary(config: Config) -> ConfiguredVocabulary:
    return ConfiguredVocabulary(
        {"context": config.context, "type": config.type}, config.source, config.under
    )
