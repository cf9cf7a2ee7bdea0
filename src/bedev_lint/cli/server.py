"""`bedev-lint server`: findings in an editor."""

from __future__ import annotations

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
    from bedev_lint.settings.finding import project_root

    # An editor shows files that nobody wants to be checked, too.
    options |= {"force_exclude": True, "baseline": True, "quiet": True}
    loading = Loading(
        lambda path: project_root(path, options["explicit"], options["isolated"]),
        lambda root: load_project(root, options),
        lambda config, catalog: session(config, catalog, options),
    )
    serve(loading)
