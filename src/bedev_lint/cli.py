"""The command: arguments and streams. What is done with them, Session does.

Everything but click is imported when a command needs it, so that `--version` is quick.
"""

from __future__ import annotations

import os
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from bedev_lint import __version__

if TYPE_CHECKING:
    from bedev_lint.catalog import Catalog
    from bedev_lint.model import Diagnostic
    from bedev_lint.report.text import Page
    from bedev_lint.session.config import Config
    from bedev_lint.session.run import Outcome

__all__ = ["cli", "main"]

CLEAN, FOUND, FAILED, INTERRUPTED = 0, 1, 2, 130
STDIN = "-"
_SECONDS_BETWEEN_PROGRESS = 0.1


class Failure(click.ClickException):
    """Something that the user is told in a line or several, with exit status 2."""

    exit_code = FAILED

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))

    def show(self, file: Any = None) -> None:
        from bedev_lint.report.text import escape

        for problem in self.problems:
            click.echo(f"bedev-lint: {escape(problem)}", file=file, err=file is None)


class CheckByDefault(click.Group):
    """A group whose arguments, unless they begin with a command, are those of `check`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        own = {name for parameter in self.get_params(ctx) for name in parameter.opts}
        if not args or (args[0] not in self.commands and args[0] not in own):
            args = ["check", *args]
        return super().parse_args(ctx, args)


def _split(
    _context: click.Context, _parameter: click.Parameter, values: Sequence[str]
) -> tuple[str, ...]:
    """Return the parts of options that may be repeated, and may hold several with commas."""
    return tuple(part.strip() for value in values for part in value.split(",") if part.strip())


def _several(*names: str, help: str, metavar: str = "RULES") -> Callable[..., Any]:
    return click.option(*names, multiple=True, callback=_split, metavar=metavar, help=help)


def _configured(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say which configuration counts."""
    command = click.option("--isolated", is_flag=True, help="Ignore all configuration files.")(
        command
    )
    return click.option(
        "--config",
        "explicit",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Use this pyproject.toml or bedev-lint.toml.",
    )(command)


@click.group(cls=CheckByDefault, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version", prog_name="bedev-lint")
def cli() -> None:
    """House rules for Python backends, enforced by machine.

    `bedev-lint [OPTIONS] [PATHS]` is short for `bedev-lint check [OPTIONS] [PATHS]`; see
    `bedev-lint check --help` for the options.
    """


@cli.command()
@click.argument("paths", nargs=-1)
@_several("--select", help="Run these rules only: codes, prefixes, names, families, ALL.")
@_several("--ignore", help="Do not run these rules.")
@_several("--extend-select", help="Run these rules too.")
@click.option(
    "--min-confidence",
    type=click.Choice(["likely", "certain"]),
    help="Leave out findings less certain than this, whatever their rule says.",
)
@click.option(
    "--min-severity",
    type=click.Choice(["info", "warning", "error"]),
    help="Leave out findings less severe than this.",
)
@click.option(
    "--output-format",
    type=click.Choice(["full", "concise", "json"]),
    default="full",
    show_default=True,
    help="How findings are written.",
)
@click.option(
    "-o",
    "--output-file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write findings to this file.",
)
@_configured
@_several("--exclude", metavar="GLOBS", help="Leave out these files, not the default ones.")
@_several("--extend-exclude", metavar="GLOBS", help="Leave out these files too.")
@click.option("--force-exclude", is_flag=True, help="Leave them out even if they are given.")
@click.option("--include-tests", is_flag=True, help="Check tests, migrations and examples too.")
@click.option("--stdin-filename", metavar="FILE", help="The name of what `-` reads.")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 even if there are findings.")
@click.option("--statistics", is_flag=True, help="Count the findings of each rule.")
@click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    show_default=True,
    help="When to colour; auto heeds NO_COLOR and FORCE_COLOR.",
)
@click.option("--no-cache", is_flag=True, help="Neither read nor write a cache.")
@click.option("-j", "--jobs", type=click.IntRange(min=0), help="How many processes may work.")
@click.option("-q", "--quiet", is_flag=True, help="Print findings only.")
@click.option("-v", "--verbose", is_flag=True, help="Say what is used and how long it takes.")
@click.option("--debug", is_flag=True, help="Show where bedev-lint itself fails.")
@click.pass_context
def check(ctx: click.Context, /, paths: tuple[str, ...], **options: Any) -> None:
    """Check files and folders (by default the current one).

    Exit status: 0 clean, 1 findings, 2 something could not be checked, or a wrong option or
    configuration.
    """
    from bedev_lint.catalog import CatalogError
    from bedev_lint.report.text import statistics
    from bedev_lint.session.discovery import NoSuchPath
    from bedev_lint.session.examples import check_own
    from bedev_lint.session.run import Session

    started = time.monotonic()
    stdin = _standard_input(paths, options["stdin_filename"])
    given = [Path(path) for path in paths if path != STDIN] if stdin is None else []
    if not given and stdin is None:
        given = [Path()]
    first = Path(stdin[0]) if stdin is not None else given[0]
    config, catalog = _load(first, options, _overrides(options))
    try:
        check_own(config, catalog)
        outcome = Session(config, catalog).run(given, stdin, _progress(options["quiet"]))
    except NoSuchPath as error:
        raise Failure(map(_no_such_path, error.paths)) from error
    except CatalogError as error:
        raise Failure(error.problems) from error
    page = _page(outcome, options)
    _write(_rendered(outcome, page, options["output_format"]), page, options["output_file"])
    if page.statistics and options["output_format"] == "json":
        _tell(statistics(outcome.diagnostics))
    if options["verbose"] or options["debug"]:
        _tell(_about(config, outcome, time.monotonic() - started))
    ctx.exit(_status(outcome, catalog, options["exit_zero"]))


@cli.command()
@click.argument("rule", metavar="CODE|NAME")
@_configured
def explain(rule: str, explicit: Path | None, isolated: bool) -> None:
    """Explain a rule: what it says, why, what to do, with examples."""
    from bedev_lint.catalog import nearest
    from bedev_lint.report import manual

    _, catalog = _load(Path(), {"explicit": explicit, "isolated": isolated})
    found = catalog.rule(rule)
    if found is None:
        known = [*catalog.rules, *(known.name for known in catalog.rules.values())]
        raise Failure([f'there is no rule "{rule}"{nearest(rule, known)}'])
    _print(manual.explain(found))


@cli.command()
@click.option("--output-format", type=click.Choice(["text", "json"]), default="text")
@_configured
def rules(output_format: str, explicit: Path | None, isolated: bool) -> None:
    """List all rules."""
    from bedev_lint.report import manual

    _, catalog = _load(Path(), {"explicit": explicit, "isolated": isolated})
    known = catalog.rules.values()
    _print(manual.rules_as_json(known) if output_format == "json" else manual.table(known))


@cli.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path), default=Path())
@_configured
def config(path: Path, explicit: Path | None, isolated: bool) -> None:
    """Print the configuration in force for a path, and where it comes from."""
    from bedev_lint.report import manual
    from bedev_lint.session.config import DEFAULT_EXCLUDES, in_force
    from bedev_lint.session.selection import selected_codes

    settings, catalog = _load(path, {"explicit": explicit, "isolated": isolated})
    _print(
        f"# from: {settings.source or 'no configuration file; these are the defaults'}\n"
        f"# root: {settings.root}\n"
        f"# excludes, unless set: build, dist, {', '.join(DEFAULT_EXCLUDES)}\n"
        f"# rules that run: {', '.join(sorted(selected_codes(settings, catalog)))}\n"
        + manual.as_toml(in_force(settings))
    )


# ------------------------------------------------------------------ what goes in


def _standard_input(paths: Sequence[str], filename: str | None) -> tuple[str, bytes] | None:
    if STDIN not in paths:
        if filename is not None:
            raise click.UsageError("--stdin-filename names what is read from `-`: give that too.")
        return None
    if len(paths) > 1:
        raise click.UsageError("`-` stands alone: no other paths beside it.")
    folder, name = os.path.split(os.path.abspath(filename or "stdin.py"))
    return os.path.join(os.path.realpath(folder), name), sys.stdin.buffer.read()


def _overrides(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that the command line makes, by field name."""
    from bedev_lint.model import Confidence, Severity

    several = ("select", "ignore", "extend_select", "exclude", "extend_exclude")
    flags = ("include_tests", "force_exclude")
    made: dict[str, Any] = {name: options[name] for name in (*several, *flags) if options[name]}
    if options["min_confidence"]:
        made["min_confidence"] = Confidence(options["min_confidence"])
    if options["min_severity"]:
        made["min_severity"] = Severity(options["min_severity"])
    return made


def _load(
    first: Path, options: Mapping[str, Any], overrides: Mapping[str, Any] | None = None
) -> tuple[Config, Catalog]:
    from bedev_lint.session.config import ConfigError, load

    try:
        return load(first, options["explicit"], options["isolated"], overrides)
    except ConfigError as error:
        raise Failure(error.problems) from error


def _no_such_path(path: str) -> str:
    from bedev_lint.catalog import nearest

    commands = list(cli.commands) if path.isidentifier() else []
    hint = nearest(path, commands).replace("mean", "mean the command")
    return f"no such file or folder: {path}{hint}"


# ------------------------------------------------------------------ what comes out


def _page(outcome: Outcome, options: Mapping[str, Any]) -> Page:
    from bedev_lint.report.text import Page

    return Page(
        base=os.getcwd(),
        files=outcome.files,
        left_out=outcome.left_out,
        unchecked=outcome.unchecked,
        colour=_coloured(options["color"], options["output_file"]),
        quiet=options["quiet"],
        statistics=options["statistics"],
    )


def _coloured(when: str, output_file: Path | None) -> bool:
    if when != "auto":
        return when == "always"
    if os.environ.get("NO_COLOR") or output_file is not None:
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def _rendered(outcome: Outcome, page: Page, output_format: str) -> str:
    from bedev_lint.report import concise, full, json

    formats: dict[str, Callable[[Sequence[Diagnostic], Page], str]] = {
        "full": full.render,
        "concise": concise.render,
        "json": json.render,
    }
    return formats[output_format](outcome.diagnostics, page)


def _write(text: str, page: Page, output_file: Path | None) -> None:
    if output_file is None:
        _print(text, page.colour)
        return
    try:
        output_file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Failure([f"cannot write {output_file}: {error.strerror}"]) from error


def _print(text: str, colour: bool = False) -> None:
    """Write to standard output; what it cannot encode as an escape, and to nobody quietly."""
    _be_lenient(sys.stdout)
    try:
        click.echo(text, nl=False, color=colour)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has seen enough. Python would complain of it once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _tell(text: str) -> None:
    from bedev_lint.report.text import escape

    _be_lenient(sys.stderr)
    for line in text.splitlines():
        click.echo(escape(line), err=True)


def _be_lenient(stream: TextIO) -> None:
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")


def _progress(quiet: bool) -> Callable[[int, int], None] | None:
    """Return what shows progress on a terminal, `None` where there is none."""
    if quiet or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        return None
    shown_at = time.monotonic()

    def show(done: int, total: int) -> None:
        nonlocal shown_at
        now = time.monotonic()
        if done >= total:
            click.echo("\r\x1b[K", nl=False, err=True)
        elif now - shown_at > _SECONDS_BETWEEN_PROGRESS:
            shown_at = now
            click.echo(f"\r\x1b[K{done}/{total} files", nl=False, err=True)

    return show


def _about(config: Config, outcome: Outcome, seconds: float) -> str:
    source = config.source or "no configuration file"
    return (
        f"configuration: {source}\nroot: {config.root}\n"
        f"files: {outcome.files} checked, {outcome.left_out} left out, "
        f"{outcome.unchecked} could not be checked\ntime: {seconds:.2f} s"
    )


def _status(outcome: Outcome, catalog: Catalog, exit_zero: bool) -> int:
    rules = catalog.rules
    if outcome.unchecked or any(rules[found.code].always for found in outcome.diagnostics):
        return FAILED
    return FOUND if outcome.diagnostics and not exit_zero else CLEAN


# ------------------------------------------------------------------ the process


def main() -> None:
    """Run the command line, and end with its exit status, however it ends."""
    try:
        status = cli.main(prog_name="bedev-lint", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        status = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        status = INTERRUPTED
    except Exception as error:
        status = FAILED
        _tell(_crash(error, "--debug" in sys.argv))
    sys.exit(status or CLEAN)


def _crash(error: Exception, debug: bool) -> str:
    """Return where bedev-lint itself failed.

    Not the text of the error, which may quote the linted project, secrets and all.
    """
    frames = traceback.extract_tb(error.__traceback__)
    name, last = type(error).__name__, frames[-1]
    if debug:
        return "".join(traceback.format_list(frames)) + f"bedev-lint failed with {name}"
    where = f"{os.path.basename(last.filename)}:{last.lineno}"
    return f"bedev-lint failed with {name} at {where}; --debug shows more"
