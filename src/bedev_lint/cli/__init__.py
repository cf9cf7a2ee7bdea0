"""The command line: what is done with its arguments, Session does.

Everything but click is imported when a command needs it, so that `--version` is quick.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from bedev_lint import __version__
from bedev_lint.cli.baseline import baseline
from bedev_lint.cli.check import check
from bedev_lint.cli.clean import clean
from bedev_lint.cli.config import config
from bedev_lint.cli.effects import effects
from bedev_lint.cli.endpoints import endpoints
from bedev_lint.cli.explain import explain
from bedev_lint.cli.graph import graph
from bedev_lint.cli.group import CheckByDefault
from bedev_lint.cli.rules import rules
from bedev_lint.cli.server import server
from bedev_lint.cli.suppress import suppress
from bedev_lint.streams import CLEAN, FAILED, Failure, crash, tell, usage

__all__ = ["cli", "main"]

_INTERRUPTED = 130


@click.group(cls=CheckByDefault, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version", prog_name="bedev-lint")
def cli() -> None:
    """Lint Python backends against house rules, following effects through calls.

    `bedev-lint [OPTIONS] [PATHS]` is short for `bedev-lint check [OPTIONS] [PATHS]`; see
    `bedev-lint check --help` for the options.
    """


for command in (
    check,
    baseline,
    suppress,
    effects,
    endpoints,
    graph,
    explain,
    rules,
    config,
    server,
    clean,
):
    cli.add_command(command)


def main(arguments: Sequence[str]) -> int:
    """Run the command line; return its exit status. Raises SystemExit if it is interrupted."""
    arguments = list(arguments)
    try:
        return cli.main(arguments, "bedev-lint", standalone_mode=False, obj=arguments) or CLEAN
    except Failure as error:
        error.show()
        return error.exit_code
    except click.ClickException as error:
        tell(*usage(error))
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        sys.exit(_INTERRUPTED)
    except Exception as error:
        if "--debug" in arguments:
            import traceback

            frames = traceback.format_tb(error.__traceback__)
            tell(*"".join(frames).splitlines(), crash(error))
        else:
            tell(f"{crash(error)}; --debug shows more")
        return FAILED
