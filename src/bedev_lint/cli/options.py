"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

__all__ = [
    "Command",
    "clustered",
    "complete_rules",
    "configured",
    "selecting",
    "several",
    "with_options",
    "working",
]


Command = Callable[..., Any]

# Of those that Dask speaks, what every installation of it does.
_PROTOCOLS = ("tcp", "tls")


def several(*names: str, help: str, metavar: str = "RULES") -> Callable[..., Any]:
    """Return an option that may be repeated, and may hold several values with commas."""
    complete = complete_rules if metavar == "RULES" else None
    return click.option(
        *names, multiple=True, callback=_parts, metavar=metavar, help=help, shell_complete=complete
    )


def with_options(command: Command, *options: Command) -> Command:
    """Add options to a command, so that its help lists them in this order."""
    for option in reversed(options):
        command = option(command)
    return command


def configured(command: Command) -> Command:
    """Add the options that say which configuration counts."""
    return with_options(
        command,
        click.option(
            "--config",
            "explicit",
            type=click.Path(path_type=Path),
            metavar="FILE",
            callback=_one_configuration,
            help="Use this pyproject.toml or bedev-lint.toml.",
        ),
        click.option(
            "--isolated",
            is_flag=True,
            callback=_one_configuration,
            help="Ignore all configuration files.",
        ),
    )


def _one_configuration(
    context: click.Context, _parameter: click.Parameter, value: Path | bool | None
) -> Path | bool | None:
    """Return the value of `--config` or `--isolated`, of which only one can be given."""
    if value and (context.params.get("explicit") or context.params.get("isolated")):
        raise click.UsageError("--config and --isolated cannot be combined.")
    return value


def working(command: Command) -> Command:
    """Add the options that say how the work is done."""
    return with_options(
        command,
        click.option(
            "--cache-dir",
            type=click.Path(file_okay=False, path_type=Path),
            metavar="FOLDER",
            help="Where to keep the cache.  [default: .bedev_lint_cache in the project]",
        ),
        click.option("--no-cache", is_flag=True, help="Neither read nor write the cache."),
        click.option(
            "-j",
            "--jobs",
            type=click.IntRange(min=0),
            default=0,
            help="Number of processes; 0 for one per core.  [default: 0]",
        ),
    )


def clustered(command: Command) -> Command:
    """Add the option that says who else does the work. No configuration can: sources are sent."""
    option = click.option(
        "--cluster",
        default="",
        callback=_address,
        envvar="BEDEV_LINT_CLUSTER",
        metavar="URL",
        help="Send files to this Dask cluster to be read, as tcp://scheduler:8786.",
    )
    return option(command)


def _address(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    """Return the address of a cluster, "" for none."""
    from urllib.parse import urlsplit

    if value:
        try:
            parts = urlsplit(value)
            is_address = bool(parts.scheme in _PROTOCOLS and parts.hostname and parts.port)
        except ValueError:
            is_address = False
        if not is_address:
            raise click.BadParameter(f"{value!r} is no address such as tcp://scheduler:8786.")
    return value


def selecting(command: Command) -> Command:
    """Add the options that say which rules count."""
    return with_options(
        command,
        several("--select", help="Run only these rules: codes, prefixes, names, families or ALL."),
        several("--ignore", help="Do not run these rules."),
        several("--extend-select", help="Run these rules too."),
    )


def complete_rules(
    _context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Return the codes and names of rules that may end a value, which may hold several."""
    from bedev_lint.catalog import builtin_rules, load

    before, comma, last = incomplete.rpartition(",")
    return [
        CompletionItem(f"{before}{comma}{word}", help=rule.title)
        for rule in load([builtin_rules()]).rules.values()
        for word in (rule.code, rule.name)
        if last and word.startswith(last)
    ]


def _parts(
    _context: click.Context, _parameter: click.Parameter, values: Sequence[str]
) -> tuple[str, ...]:
    """Return the parts of options that may be repeated, and may hold several with commas.

    An option that holds none (`--select "$RULES"`) is a mistake: it must not mean the default.
    """
    parts = [[part.strip() for part in value.split(",") if part.strip()] for value in values]
    if not all(parts):
        raise click.BadParameter("the value is empty.")
    return tuple(part for several in parts for part in several)
