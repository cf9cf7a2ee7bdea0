"""What the commands take: options that several share, and what becomes of their values."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from bedev_lint import streams
from bedev_lint.report import FORMATS
from bedev_lint.reporting import Destination, destinations
from bedev_lint.streams import Failure, tell

if TYPE_CHECKING:
    from bedev_lint.catalog import Catalog
    from bedev_lint.session.baseline import Entry
    from bedev_lint.session.run import Session
    from bedev_lint.settings.config import Config

__all__ = [
    "STDIN",
    "CheckByDefault",
    "changes",
    "complete_rules",
    "configured",
    "job_count",
    "judging",
    "known_findings",
    "load",
    "no_empty_path",
    "overrides",
    "reports",
    "selecting",
    "session",
    "several",
    "standard_input",
    "working",
]

STDIN = "-"

Command = Callable[..., Any]


def _show_help(context: click.Context, _parameter: click.Parameter, is_asked: bool) -> None:
    if is_asked and not context.resilient_parsing:
        streams.emit(f"{context.get_help()}\n")
        context.exit()


class _Helpful(click.Command):
    """A command whose help is printed as everything else is."""

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        option = super().get_help_option(ctx)
        if option is not None:
            option.callback = _show_help
        return option


class CheckByDefault(_Helpful, click.Group):
    """A group whose arguments, unless they begin with a command, are those of `check`."""

    command_class = _Helpful

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        own = {name for parameter in self.get_params(ctx) for name in parameter.opts}
        is_first_asked = ctx.resilient_parsing and not args  # what could be the first argument
        if not is_first_asked and not (args and (args[0] in self.commands or args[0] in own)):
            args = ["check", *args]
        return super().parse_args(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return what may come first: a command, or what `check` takes."""
        check = self.commands["check"]
        inner = check.make_context("check", [], parent=ctx, resilient_parsing=True)
        own = super().shell_complete(ctx, incomplete)
        if incomplete.startswith("-"):
            return [*own, *check.shell_complete(inner, incomplete)]
        paths = next(each for each in check.params if isinstance(each, click.Argument))
        return own or paths.shell_complete(inner, incomplete)  # a shell takes no mixture


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


def _complete_formats(
    _context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[str]:
    return [name for name in FORMATS if name.startswith(incomplete)]


def _formats(
    _context: click.Context, _parameter: click.Parameter, values: Sequence[str]
) -> tuple[tuple[str, str], ...]:
    """Return the formats asked for, each with the file that it names, "" for none."""
    found = []
    for value in values:
        name, colon, file = value.partition(":")
        if name not in FORMATS:
            raise click.BadParameter(f"{name!r} is not one of {', '.join(FORMATS)}.")
        if colon and not file:
            raise click.BadParameter(f"the file name after {name!r} is empty.")
        found.append((name, file))
    return tuple(found)


def reports(options: Mapping[str, Any]) -> list[Destination]:
    """Return which reports to make, as the options and the environment say."""
    asked, output_file = options["output_format"], options["output_file"]
    try:
        wanted = destinations(asked, output_file, os.environ)
    except ValueError as error:
        raise click.UsageError(f"{error}: name one for each, as `sarif:out.sarif`.") from error
    to_terminal = [each for each in wanted if FORMATS[each.format].is_page and each.file is None]
    if to_terminal and streams.is_terminal():
        raise click.UsageError("HTML is not for a terminal; name a file: `html:findings.html`.")
    return wanted


def no_empty_path(
    _context: click.Context, _parameter: click.Parameter, paths: Sequence[str]
) -> Sequence[str]:
    """Return the paths given; an empty one (`"$FOLDER"`) must not mean the current folder."""
    if "" in paths:
        raise click.BadParameter("a path is empty; the current folder is `.`")
    return paths


def several(*names: str, help: str, metavar: str = "RULES") -> Callable[..., Any]:
    """Return an option that may be repeated, and may hold several values with commas."""
    complete = complete_rules if metavar == "RULES" else None
    return click.option(
        *names,
        multiple=True,
        callback=_parts,
        metavar=metavar,
        help=help,
        shell_complete=complete,
    )


def _with(command: Command, *options: Command) -> Command:
    """Add options to a command, so that its help lists them in this order."""
    for option in reversed(options):
        command = option(command)
    return command


def configured(command: Command) -> Command:
    """Add the options that say which configuration counts."""
    return _with(
        command,
        click.option(
            "--config",
            "explicit",
            type=click.Path(path_type=Path),
            metavar="FILE",
            help="Use this pyproject.toml or bedev-lint.toml.",
        ),
        click.option("--isolated", is_flag=True, help="Ignore all configuration files."),
    )


def working(command: Command) -> Command:
    """Add the options that say how the work is done."""
    return _with(
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


def judging(command: Command) -> Command:
    """Add the options that say what is reported, of what, and how."""
    return selecting(_narrowing(_comparing(_writing(_excluding(_telling(command))))))


def selecting(command: Command) -> Command:
    """Add the options that say which rules count."""
    return _with(
        command,
        several(
            "--select",
            help="Run only these rules: codes, prefixes, names, families or ALL.",
        ),
        several("--ignore", help="Do not run these rules."),
        several("--extend-select", help="Run these rules too."),
    )


def _narrowing(command: Command) -> Command:
    """Add the options that say which findings count."""
    return _with(
        command,
        click.option(
            "--min-confidence",
            type=click.Choice(["likely", "certain"]),
            help="Report only findings of at least this confidence.",
        ),
        click.option(
            "--min-severity",
            type=click.Choice(["info", "warning", "error"]),
            help="Report only findings of at least this severity.",
        ),
    )


def _comparing(command: Command) -> Command:
    """Add the options that say which findings are no news."""
    return _with(
        command,
        click.option(
            "--baseline/--no-baseline",
            default=True,
            help="Leave out findings that the project's baseline lists.  "
            "[default: baseline, without --isolated]",
        ),
        click.option(
            "--ratchet", is_flag=True, help="Fail if the baseline lists findings that are gone."
        ),
        click.option(
            "--since",
            metavar="REVISION",
            help="Report only findings on lines changed since the branch left this revision, or "
            "whose call path goes through one.",
        ),
        click.option("--staged", is_flag=True, help="The same, for lines staged in git."),
    )


def _writing(command: Command) -> Command:
    """Add the options that say where findings are written, and how."""
    return _with(
        command,
        click.option(
            "--output-format",
            multiple=True,
            callback=_formats,
            shell_complete=_complete_formats,
            envvar="BEDEV_LINT_OUTPUT_FORMAT",
            metavar="FORMAT[:FILE]",
            help=f"Report format, and the file to write it to: {', '.join(FORMATS)}. May be "
            "repeated.  [default: full, and annotations in GitHub Actions and GitLab CI]",
        ),
        click.option(
            "-o",
            "--output-file",
            type=click.Path(dir_okay=False, path_type=Path),
            metavar="FILE",
            help="Write the report to this file, unless its format names one.",
        ),
    )


def _excluding(command: Command) -> Command:
    """Add the options that say which files count."""
    return _with(
        command,
        several(
            "--exclude", metavar="GLOBS", help="Exclude these files instead of the default ones."
        ),
        several("--extend-exclude", metavar="GLOBS", help="Exclude these files too."),
        click.option(
            "--force-exclude", is_flag=True, help="Exclude files even if they are given by name."
        ),
        click.option("--include-tests", is_flag=True, help="Check tests too."),
        click.option("--stdin-filename", metavar="FILE", help="File name of what `-` reads."),
    )


def _telling(command: Command) -> Command:
    """Add the options that say what else is done or told, and by which exit status."""
    return _with(
        command,
        click.option("--fix", is_flag=True, help="Remove suppressions that have no effect."),
        click.option("--exit-zero", is_flag=True, help="Exit with 0 even if there are findings."),
        click.option(
            "--statistics", is_flag=True, help="Print only how many findings each rule has."
        ),
        click.option(
            "--color",
            type=click.Choice(["auto", "always", "never"]),
            default="auto",
            show_default=True,
            help="When to use colour; auto heeds NO_COLOR and FORCE_COLOR.",
        ),
        click.option("-q", "--quiet", is_flag=True, help="Print findings only."),
        click.option(
            "-v",
            "--verbose",
            is_flag=True,
            help="Show configuration, files left out, and time taken.",
        ),
        click.option(
            "--debug",
            is_flag=True,
            help="Show how calls are resolved, and where bedev-lint itself fails.",
        ),
    )


# ------------------------------------------------------------------ what becomes of them


def standard_input(
    paths: Sequence[str], filename: str | None, *, fix: bool = False
) -> tuple[str, bytes] | None:
    """Return the name and contents of what `-` stands for, None if it is not given.

    What is read from there cannot be fixed.
    """
    if STDIN in paths and fix:
        raise click.UsageError("--fix cannot be combined with `-`.")
    if STDIN not in paths:
        if filename is not None:
            raise click.UsageError("--stdin-filename needs `-` as the path.")
        return None
    if len(paths) > 1:
        raise click.UsageError("`-` cannot be combined with other paths.")
    folder, name = os.path.split(os.path.abspath(filename or "stdin.py"))
    return os.path.join(os.path.realpath(folder), name), streams.standard_input()


def job_count(given: int) -> int:
    """Return how many processes may work, given what the option says."""
    if given:
        return given
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


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
    folder, jobs = _cache_folder(config, options) or spare, job_count(options["jobs"])
    made = Session(config, catalog, jobs, folder, baseline=baseline)
    is_told = options.get("verbose") or options.get("debug")
    if made.place.why_not and (is_told or (made.place.is_odd and not options.get("quiet"))):
        tell(f"no cache: {made.place.why_not}")
    return made


def changes(
    paths: Sequence[Path], options: Mapping[str, Any]
) -> dict[str, list[tuple[int, int]]] | None:
    """Return the rows that have changed around paths, by file, None if all count.

    Raises Failure.
    """
    since, is_staged = options["since"], options["staged"]
    if since is not None and is_staged:
        raise click.UsageError("--since and --staged cannot be combined.")
    if is_staged and options.get("fix"):
        raise click.UsageError("--fix and --staged cannot be combined.")
    if since is None and not is_staged:
        return None
    from bedev_lint.git import GitError, changed_since, repository, staged

    found: dict[str, list[tuple[int, int]]] = {}
    try:
        for root in sorted({repository(path) for path in paths}):
            found |= staged(root) if since is None else changed_since(root, since)
    except GitError as error:
        raise Failure([f"--{'staged' if is_staged else 'since'}: {error}"]) from error
    return found


def known_findings(config: Config) -> tuple[Entry, ...] | None:
    """Return the baseline of a project, None if it has none. Raises Failure."""
    from bedev_lint.session.baseline import BadBaseline, load

    try:
        return load(config.root)
    except BadBaseline as error:
        raise Failure([str(error)]) from error


def _cache_folder(config: Config, options: Mapping[str, Any]) -> Path | None:
    """Return where the cache is to be kept, None if nowhere; a folder given may be a link."""
    from bedev_lint.cache.folder import FOLDER, is_free

    if options["no_cache"]:
        return None
    given = options["cache_dir"]
    if given is None:
        return config.root / FOLDER
    if not is_free(given):
        raise Failure(
            [f"--cache-dir: {given} holds other files; the cache needs a folder of its own"]
        )
    return Path(os.path.realpath(given))


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
