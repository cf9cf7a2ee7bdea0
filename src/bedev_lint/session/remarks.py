"""What `-v` tells of the search for files: what was not looked at, and globs that match nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bedev_lint.files.discovery import Notes
from bedev_lint.settings.config import Config
from bedev_lint.settings.globs import Globs, anchored

__all__ = ["remarks"]


def remarks(config: Config, notes: Notes, names: Iterable[str]) -> Iterator[str]:
    """Return a line for each remark; `names` are the relative paths of all files found."""
    own = Globs((*(config.exclude or ()), *config.extend_exclude))
    excluded = sum(own.verdict(*entry) is True for entry in notes.spoken_of)
    if excluded or notes.ignored:
        yield f"not looked at: {excluded} excluded, {len(notes.ignored)} ignored by git"
    for folder in sorted(notes.generated):
        yield f"not looked at, an environment or what a build has made: {folder}"
    yield from _unmatched(config, notes, list(names))


def _unmatched(config: Config, notes: Notes, names: list[str]) -> Iterator[str]:
    for key in ("exclude", "extend_exclude"):
        for glob in getattr(config, key) or ():
            lines = Globs([glob.removeprefix("!")])
            if not any(lines.verdict(*entry) for entry in notes.spoken_of):
                yield f"{_where(config, key, glob)}: {glob} matches no folder and no Python file"
    for glob in config.per_file_ignores:
        lines = Globs([glob.removeprefix("!")])
        if not any(map(lines.holds, names)):
            yield f"{_where(config, 'per_file_ignores', glob)}: {glob} matches no Python file"


def _where(config: Config, key: str, glob: str) -> str:
    """Return where a glob was given: an option of the command line, or a key of the file."""
    name, globs = key.replace("_", "-"), config.command_line.get(key) or ()
    if glob in (anchored(pattern, str(config.root)) for pattern in globs):
        return f"--{name}"
    return config.where(name)
