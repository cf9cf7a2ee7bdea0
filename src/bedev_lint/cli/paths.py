"""What is said of paths that do not exist."""

from __future__ import annotations

import click

__all__ = ["no_such_path"]


def no_such_path(path: str) -> str:
    """Return what is wrong with a path, which may be a command with a slip of the pen."""
    from bedev_lint.catalog import nearest

    commands = click.get_current_context().find_root().command
    assert isinstance(commands, click.Group)
    names = list(commands.commands) if path.isidentifier() else []
    hint = nearest(path, names).replace("mean", "mean the command")
    first = ", which comes before options and paths" if path in names else ""
    return f"no such file or folder: {path}{hint}{first}"
