"""`bedev-lint server`: findings in an editor."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from bedev_lint.cli.checking import load_project
from bedev_lint.cli.group import HelpfulCommand
from bedev_lint.cli.options import configured, working
from bedev_lint.cli.project import session
from bedev_lint.streams import Failure

__all__ = ["server"]

_EXTRA = ("pygls", "lsprotocol")


@click.command(cls=HelpfulCommand)
@click.option("--stdio", is_flag=True, help="What is done anyway; some editors say it.")
@configured
@working
def server(**options: Any) -> None:
    """Serve an editor: speak the Language Server Protocol over standard input and output.

    An editor starts this. It needs the extra `lsp`: pip install 'bedev-lint[lsp]'
    """
    try:
        from bedev_lint.server import Loading, serve
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in _EXTRA:
            raise
        raise Failure(["the server needs more: pip install 'bedev-lint[lsp]'"]) from error
    from bedev_lint.session.projects import by_project

    def root_of(path: Path, folder: Path | None) -> Path:
        paths = [path] if folder is None else [folder, path]
        projects = by_project(paths, options["explicit"], options["isolated"])
        return next(root for root, of_project in projects.items() if path in of_project)

    # An editor shows files that nobody wants to be checked, too.
    options |= {"force_exclude": True, "baseline": True, "quiet": True}
    loading = Loading(
        root_of,
        lambda root: load_project(root, options),
        lambda config, catalog: session(config, catalog, options),
    )
    serve(loading)
