"""`bedev-lint clean`: a project without its cache."""

from __future__ import annotations

import os
from pathlib import Path

import click

from bedev_lint.cli.group import HelpfulCommand
from bedev_lint.streams import Failure, tell

__all__ = ["clean"]


@click.command(cls=HelpfulCommand)
@click.argument("path", type=click.Path(exists=True, path_type=Path), default=Path())
@click.option("--cache-dir", type=click.Path(file_okay=False, path_type=Path), metavar="FOLDER")
def clean(path: Path, cache_dir: Path | None) -> None:
    """Remove the cache of a project."""
    from bedev_lint.cache.folder import FOLDER
    from bedev_lint.cache.folder import clean as remove
    from bedev_lint.settings.finding import project_root

    folder = Path(os.path.realpath(cache_dir)) if cache_dir else project_root(path) / FOLDER
    try:
        removed = remove(folder)
    except OSError as error:
        raise Failure([f"cannot remove {folder}: {error.strerror}"]) from error
    tell(f"removed {folder}" if removed else f"there is no cache at {folder}")
