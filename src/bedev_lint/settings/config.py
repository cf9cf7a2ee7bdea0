"""The user's configuration: read, validated, and every error in it told at once."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin

import msgspec
from msgspec import Meta, Struct

from bedev_lint import filesystem
from bedev_lint.catalog import nearest
from bedev_lint.limits import FILE_TIMEOUT
from bedev_lint.model import Confidence, Severity
from bedev_lint.settings.finding import (
    SHARED_FILE,
    TABLE,
    find_configuration,
    leads_out,
    own_table,
    repository_in,
    root_of,
)
from bedev_lint.settings.globs import anchored, is_glob
from bedev_lint.tables import BadTable, Key, decoded, dotted, row_of

__all__ = [
    "DEFAULT_EXCLUDES",
    "Config",
    "ConfigError",
    "Settings",
    "in_force",
    "load_config",
    "shown",
]

_NO_PREFIX = f"; {'.'.join(TABLE)} is for {SHARED_FILE}: here its keys stand without that prefix"
# What to do about a file, or a folder named in one, that is not of the project.
_GIVE = "what is outside of it must be asked for: --config FILE"

# Besides these, discovery leaves out virtual environments of any name and the output of builds.
DEFAULT_EXCLUDES = (
    *(".bzr", ".git", ".hg", ".svn", "CVS"),
    *(".direnv", ".nox", ".tox", ".venv", "venv", "virtualenv", "site-packages", "__pypackages__"),
    *(".eggs", "*.egg-info", "__pycache__", "node_modules", "bower_components", "_build"),
    *(".mypy_cache", ".pytest_cache", ".ruff_cache", ".pytype", ".pants.d", "buck-out"),
    *(".idea", ".vscode", ".ipynb_checkpoints"),
    ".#*",  # what an editor has open: a link that leads nowhere
)

Selectors = tuple[str, ...]
Globs = tuple[str, ...]
Tables = dict[str, dict[str, Any]]

_SELECTORS = Meta(description="an array of codes, prefixes, names or families of rules, or ALL")
_GLOBS = Meta(description="an array of globs, written as in .gitignore")
_FOLDERS = Meta(description="an array of existing folders")
_TABLES = Meta(description="a table of tables")
_SECONDS = Meta(ge=1, le=86_400, description="a number of seconds, at least 1")
_YES_OR_NO = Meta(description="true or false")


class Settings(Struct, frozen=True, kw_only=True, rename="kebab"):
    """What a configuration file may say; a key not given has the value that stands here.

    select            run only these rules, instead of those that are on by default
    ignore            do not run these rules
    extend-select     run these rules too
    per-file-ignores  do not run these rules on the files that a glob matches
    exclude           leave these files out, instead of those that are left out by default
    extend-exclude    leave these files out too
    source-roots      folders in which imports start; by default `src` and the root
    rules             folders with rules and vocabulary of the project's own
    require-reason    whether a suppression without a reason suppresses nothing
    include-tests     whether tests are checked too
    file-timeout      seconds of processor time that a file may take
    min-confidence    report only findings of at least this confidence; by default each rule decides
    min-severity      report only findings of at least this severity
    rule              options of rules, by their names
    context           contexts of the project's own, and additions to those that there are
    type              what the project's own libraries do, by the dotted names of types and modules
    """

    select: Annotated[Selectors | None, _SELECTORS] = None
    ignore: Annotated[Selectors, _SELECTORS] = ()
    extend_select: Annotated[Selectors, _SELECTORS] = ()
    per_file_ignores: Annotated[
        dict[str, Selectors], Meta(description="a table of globs, each with an array of rules")
    ] = {}
    exclude: Annotated[Globs | None, _GLOBS] = None
    extend_exclude: Annotated[Globs, _GLOBS] = ()
    source_roots: Annotated[tuple[Path, ...], _FOLDERS] = ()
    rules: Annotated[tuple[Path, ...], _FOLDERS] = ()
    require_reason: Annotated[bool, _YES_OR_NO] = False
    include_tests: Annotated[bool, _YES_OR_NO] = False
    file_timeout: Annotated[int, _SECONDS] = FILE_TIMEOUT
    min_confidence: Annotated[Confidence | None, Meta(description='"likely" or "certain"')] = None
    min_severity: Annotated[Severity, Meta(description='"info", "warning" or "error"')] = (
        Severity.INFO
    )
    rule: Annotated[Tables, _TABLES] = {}
    context: Annotated[Tables, _TABLES] = {}
    type: Annotated[Tables, _TABLES] = {}


class Config(Settings, frozen=True, kw_only=True):
    """The settings in force. Globs are relative to `root`; `source` is the file, if any.

    `command_line` holds what options of the command line have said, and `is_explicit` is true if
    one of them named the file. `hierarchical` says that a folder below with a configuration of its
    own is another project.
    """

    root: Path
    source: Path | None = None
    is_explicit: bool = False
    hierarchical: bool = True
    force_exclude: bool = False
    command_line: dict[str, Any] = {}

    @property
    def under(self) -> Key:
        """The key of the table in the file that holds the settings."""
        return _under(self.source) if self.source is not None else ()

    @property
    def within(self) -> Path:
        """What the project cannot lead out of: its repository, or else its root."""
        return repository_in((self.root, *self.root.parents)) or self.root

    @property
    def in_repository(self) -> str:
        """Where in its repository the root stands, with a slash at the end; "" at the top."""
        inner = self.root.relative_to(self.within).as_posix()
        return "" if inner == "." else f"{inner}/"

    def where(self, *key: str) -> str:
        """Return the place of a key of the file as an error names it."""
        return _where(self.source, *key) if self.source is not None else dotted(key)


class ConfigError(Exception):
    """A configuration that is wrong: all its problems, and what could be read of it."""

    def __init__(self, problems: Iterable[str], config: Config | None = None) -> None:
        self.problems = tuple(problems)
        self.config = config
        super().__init__("\n".join(self.problems))


def load_config(
    first_path: Path, explicit: Path | None, isolated: bool, overrides: Mapping[str, Any]
) -> Config:
    """Read the configuration nearest to a path, or the explicit one, or (isolated) none.

    `overrides` are settings of the command line by field name. Raises ConfigError.
    """
    problems: list[str] = []
    source = explicit
    if source is None and not isolated:
        source = find_configuration(first_path)
    values: dict[str, Any] = {}
    if source is not None:
        source = Path(os.path.abspath(source))
        values = _settings(source, problems, is_explicit=explicit is not None)
    root = root_of(first_path, source)
    for name, pattern in _wrong_globs(overrides):
        problems.append(f"--{name}: expected a glob, got {shown(pattern)}")
    config = Config(
        **_anchored(_overridden(values, overrides), str(root)),
        root=root,
        source=source,
        is_explicit=explicit is not None,
        hierarchical=explicit is None and not isolated,
        command_line=dict(overrides),
    )
    if problems:
        raise ConfigError(problems, config)
    return config


def in_force(config: Config) -> dict[str, Any]:
    """Return the settings by the keys of the file; those that are unset are left out."""
    names = {info.encode_name: info.name for info in msgspec.structs.fields(Settings)}
    values = {key: getattr(config, name) for key, name in names.items()}
    return {key: value for key, value in values.items() if value is not None}


# ------------------------------------------------------------------ reading


def _settings(source: Path, problems: list[str], *, is_explicit: bool) -> dict[str, Any]:
    above = source.parents
    within = None if is_explicit else repository_in(above) or source.parent
    if within is not None and leads_out(source, within):
        raise ConfigError([f"{source}: leads out of {within}; {_GIVE}"])
    try:
        _, document = decoded(filesystem.read(source, filesystem.MAX_SETTINGS)[0])
    except OSError as error:
        raise ConfigError([f"{source}: cannot be read: {filesystem.reason(error)}"]) from error
    except BadTable as error:
        raise ConfigError([f"{source}: {error}"]) from error
    table = own_table(document) if source.name == SHARED_FILE else document
    if table is None:
        raise ConfigError([f"{source}: expected a table [{'.'.join(TABLE)}]"])
    if not isinstance(table, dict):
        raise ConfigError([f"{_where(source)}: expected a table, got {shown(table)}"])
    return _validated(table, source, within, problems)


def _under(source: Path) -> Key:
    return TABLE if source.name == SHARED_FILE else ()


def _where(source: Path, *key: str) -> str:
    key = (*_under(source), *key)
    try:
        row = row_of(decoded(filesystem.read(source, filesystem.MAX_SETTINGS)[0])[0], key)
    except (OSError, BadTable):  # it could be read a moment ago
        row = 1
    return f"{source}:{row}: {dotted(key)}"


def _existing_folder(source: Path, within: Path | None, _kind: type, value: Any) -> Any:
    if not isinstance(value, str):
        raise TypeError(f"got {shown(value)}")
    folder = Path(os.path.normpath(source.parent / value))
    if value and within is not None and leads_out(folder, within):
        raise ValueError(f'"{value}" leads out of {within}; {_GIVE}')
    if not value or not folder.is_dir():
        siblings = folder.parent.iterdir() if value and folder.parent.is_dir() else ()
        names = sorted(entry.name for entry in siblings if entry.is_dir())
        raise ValueError(f'there is no "{value}"{nearest(folder.name, names)}')
    return folder


def _validated(
    table: dict[str, Any], source: Path, within: Path | None, problems: list[str]
) -> dict[str, Any]:
    """Return the valid settings by field name; say what is wrong with the others.

    Folders may not lead out of the folder `within`.
    """
    fields = {info.encode_name: info for info in msgspec.structs.fields(Settings)}
    values: dict[str, Any] = {}
    existing_folder = partial(_existing_folder, source, within)
    for key, value in table.items():
        info = fields.get(key)
        if info is None:
            hint = _NO_PREFIX if key == TABLE[0] else nearest(key, list(fields))
            problems.append(f"{_where(source, key)}: unknown key{hint}")
            continue
        wrong = dict(_wrong_entries(info, value))
        if wrong:
            problems += [f"{_where(source, key, name)}: {what}" for name, what in wrong.items()]
            value = {name: entry for name, entry in value.items() if name not in wrong}
        try:
            values[info.name] = msgspec.convert(value, info.type, dec_hook=existing_folder)
        except msgspec.ValidationError as error:
            expected = f"expected {_expected(info)}{_got(value, error)}"
            problems.append(f"{_where(source, key)}: {expected}")
    for name, pattern in _wrong_globs(values):
        problems.append(f"{_where(source, name)}: expected a glob, got {shown(pattern)}")
    return values


def _wrong_entries(info: msgspec.structs.FieldInfo, value: Any) -> Iterator[tuple[str, str]]:
    """Return the entries of a table that are not what they should be, each with what is wrong."""
    kind, *_ = get_args(info.type)
    if get_origin(kind) is not dict or not isinstance(value, dict):
        return
    inner = get_args(kind)[1]
    expected = "an array of rules" if inner is Selectors else "a table"
    for name, entry in value.items():
        try:
            msgspec.convert(entry, inner)
        except msgspec.ValidationError:
            yield name, f"expected {expected}, got {shown(entry)}"


def _wrong_globs(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Return the globs that can match nothing, each after the key that it is given for."""
    for name in ("exclude", "extend_exclude", "per_file_ignores"):
        for pattern in values.get(name) or ():
            if not is_glob(pattern):
                yield name.replace("_", "-"), pattern


def _expected(info: msgspec.structs.FieldInfo) -> str:
    return next(meta.description or "" for meta in info.type.__metadata__ if isinstance(meta, Meta))


def _got(value: Any, error: msgspec.ValidationError) -> str:
    """Return what was found instead, and where in an array or table."""
    message, _, place = str(error).partition(" - at ")
    if message.startswith(("there is no", "got ")) or message.endswith(_GIVE):
        return f"; {message}"
    if isinstance(value, str):
        words = [str(word.value) for kind in (Severity, Confidence) for word in kind]
        return f", got {shown(value)}{nearest(value, words)}"
    inner = place.strip("`").lstrip("$")
    return f", got {shown(value)}" + (f" ({message} at {inner})" if inner else "")


def shown(value: Any) -> str:
    """Return a value of TOML as an error shows it: a simple one itself, others by their kind."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, (list, dict)):
        return "an array" if isinstance(value, list) else "a table"
    return str(value)


def _anchored(values: dict[str, Any], root: str) -> dict[str, Any]:
    """Return settings with all globs as .gitignore writes them."""
    anchored_values = dict(values)
    for name in ("exclude", "extend_exclude"):
        if values.get(name):
            anchored_values[name] = tuple(anchored(glob, root) for glob in values[name])
    ignores: dict[str, Selectors] = {}
    for glob, selectors in values.get("per_file_ignores", {}).items():
        glob = anchored(glob, root)
        ignores[glob] = (*ignores.get(glob, ()), *selectors)
    return {**anchored_values, "per_file_ignores": ignores}


def _overridden(values: dict[str, Any], overrides: Mapping[str, Any]) -> dict[str, Any]:
    """Lay the command line over the file.

    --select says everything: what the file selects and ignores no longer counts. The other
    selectors and --extend-exclude add to the file's; anything else replaces it.
    """
    merged = {**values, **overrides}
    if "select" in overrides:
        merged["extend_select"] = overrides.get("extend_select", ())
        merged["ignore"] = overrides.get("ignore", ())
        return merged
    wanted = tuple(overrides.get("extend_select", ()))
    merged["extend_select"] = (*values.get("extend_select", ()), *wanted)
    merged["ignore"] = (
        *(selector for selector in values.get("ignore", ()) if selector not in wanted),
        *overrides.get("ignore", ()),
    )
    merged["extend_exclude"] = (
        *values.get("extend_exclude", ()),
        *overrides.get("extend_exclude", ()),
    )
    return merged
