"""Which rows of a repository have changed, as git knows it, without running anything of its.

What stands in a repository's configuration can make git start programs: a monitor of files, hooks,
filters, drivers of diffs, pagers, whatever a remote names. All that is switched off, and git is
asked for nothing that needs it; what a revision is called is never taken for an option.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

__all__ = ["Changed", "GitError", "changed_since", "repository", "staged"]

# The first and the last row.
Rows = tuple[int, int]
Changes = dict[str, list[Rows]]

_EVERYTHING = (1, 1 << 62)
_FILES = ("*.py", "*.pyi")
_OFF = {
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "core.untrackedCache": "false",
    "core.quotePath": "true",
    "safe.bareRepository": "explicit",
}
_SURROUNDINGS = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_PAGER": "",
    "LC_ALL": "C",
}
_DIFF = (
    *("diff", "--no-color", "--no-ext-diff", "--no-textconv", "--no-relative"),
    *("--ignore-submodules=all", "--unified=0", "--inter-hunk-context=0", "--find-renames"),
    *("--src-prefix=a/", "--dst-prefix=b/"),
)
_HUNK = re.compile(rb"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_ESCAPE = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)
_LETTERS = {b"a": b"\a", b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t"}
_LETTERS |= {b"v": b"\v"}


# What git says how to do where a repository is another user's, as in the containers of a CI.
_TRUST = "config --global --add safe.directory"


class GitError(Exception):
    """Git cannot say what has changed; the text tells why."""


class Changed(NamedTuple):
    """The rows that have changed, by the absolute paths of files.

    `contents` hold the files in which they stand there, as far as the working tree has others.
    """

    rows: Changes
    contents: dict[str, bytes]


class _Hunk(NamedTuple):
    """Rows that have become others; where there are none, it stands behind the row before."""

    old: int
    old_count: int
    new: int
    new_count: int


def repository(path: Path) -> str:
    """Return the root of the repository that a path is in, its own folder if it is in none."""
    real = os.path.realpath(path)
    folder = Path(real if os.path.isdir(real) else os.path.dirname(real))
    around = (folder, *folder.parents)
    return str(next((above for above in around if os.path.lexists(above / ".git")), folder))


def changed_since(root: str, revision: str) -> Changed:
    """Return the rows of each file that differ from where a revision and HEAD have parted.

    Files are absolute, rows are those of the working tree, staged or not; files that git does not
    know have changed as a whole. Raises GitError.
    """
    git = _Git(root)
    base = git.merge_base(revision)
    changes = {path: list(map(_rows_of_hunk, hunks)) for path, hunks in git.diff(base).items()}
    for path in git.unknown():
        changes[path] = [_EVERYTHING]
    return Changed(changes, {})


def staged(root: str) -> Changed:
    """Return the rows that the next commit would change, of files as it would hold them.

    Raises GitError.
    """
    git = _Git(root)
    changes = {
        path: list(map(_rows_of_hunk, hunks)) for path, hunks in git.diff("--cached").items()
    }
    contents = {path: git.in_index(path) for path in git.diff()}
    return Changed(changes, {path: data for path, data in contents.items() if data is not None})


def _rows_of_hunk(hunk: _Hunk) -> Rows:
    """Return the rows of a hunk; where rows are gone, those around them."""
    if hunk.new_count:
        return hunk.new, hunk.new + hunk.new_count - 1
    return max(hunk.new, 1), hunk.new + 1


class _Git:
    """Git in the repository of this root. Raises GitError."""

    def __init__(self, root: str) -> None:
        self._root = root
        program = shutil.which("git")
        if program is None:
            raise GitError("git is not installed")
        self._program = os.path.realpath(program)
        self._settings = dict(_OFF)
        if self._try("config", "--get", "core.hooksPath").strip() != os.fsencode(os.devnull):
            raise GitError("a newer git is needed, 2.31 or later")  # this one heeds no settings
        self._settings.update(self._filters())
        top = os.fsdecode(self._run("rev-parse", "--show-toplevel").removesuffix(b"\n"))
        if os.path.realpath(top) != root:
            raise GitError(f"{root} is no root of a repository")

    def merge_base(self, revision: str) -> str:
        """Return the commit at which a revision and HEAD have parted."""
        if not revision or revision.startswith("-") or not revision.isprintable():
            raise GitError(f'"{revision}" is no revision')
        parsing = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        commit = self._try(*parsing).strip().decode("ascii", "replace")
        if not commit:
            raise GitError(
                f'there is no revision "{revision}"; has all of the history been fetched?'
            )
        base = self._try("merge-base", commit, "HEAD").strip().decode("ascii", "replace")
        if not base:
            raise GitError(f'"{revision}" and HEAD share no commit; fetch more of the history')
        return base.split("\n")[0]

    def diff(self, *against: str) -> dict[str, list[_Hunk]]:
        """Return the hunks of each file that is still there, by its absolute path."""
        lines = iter(self._run(*_DIFF, *against, "--", *_FILES).split(b"\n"))
        by_path: dict[str, list[_Hunk]] = {}
        hunks: list[_Hunk] = []
        for line in lines:
            if line.startswith(b"+++ "):
                hunks = []
                name = _unquoted(line[4:].removesuffix(b"\t"))
                if name.startswith(b"b/"):
                    by_path[os.path.join(self._root, os.fsdecode(name[2:]))] = hunks
            elif (match := _HUNK.match(line)) is not None:
                old, old_count, new, new_count = (int(n) if n else 1 for n in match.groups())
                hunks.append(_Hunk(old, old_count, new, new_count))
                _skip(lines, old_count + new_count)
        return by_path

    def unknown(self) -> list[str]:
        """Return the files that git neither knows nor ignores."""
        listed = self._run("ls-files", "-z", "--others", "--exclude-standard", "--", *_FILES)
        return [os.path.join(self._root, os.fsdecode(name)) for name in listed.split(b"\0") if name]

    def in_index(self, path: str) -> bytes | None:
        """Return what the next commit would hold of a file, None if that is not decided yet."""
        name = os.path.relpath(path, self._root).replace(os.sep, "/")
        done = self._done(("cat-file", "blob", f":0:{name}"))
        return done.stdout if not done.returncode else None

    def _filters(self) -> Mapping[str, str]:
        """Return settings that keep all filters of files from being run."""
        names = self._try("config", "-z", "--name-only", "--get-regexp", r"^filter\.")
        settings: dict[str, str] = {}
        for key in names.split(b"\0"):
            name = os.fsdecode(key).rpartition(".")[0]
            if name:
                settings |= {f"{name}.{kind}": "" for kind in ("clean", "smudge", "process")}
                settings[f"{name}.required"] = "false"
        return settings

    def _run(self, *arguments: str) -> bytes:
        done = self._done(arguments)
        if done.returncode:
            told = done.stderr.decode("utf-8", "replace").strip()
            reason = told.splitlines()[0] if told else "failed"
            how = f"; if you trust it: git {_TRUST} {self._root}" if _TRUST in told else ""
            raise GitError(f"git {arguments[0]}: {reason}{how}")
        return done.stdout

    def _try(self, *arguments: str) -> bytes:
        done = self._done(arguments)
        return done.stdout if not done.returncode else b""

    def _done(self, arguments: Sequence[str]) -> subprocess.CompletedProcess[bytes]:
        # By the environment, since a name may hold what `-c` takes for the end of it.
        configured = os.environ.get("GIT_CONFIG_COUNT", "")
        first = int(configured) if configured.isdecimal() else 0
        settings = {"GIT_CONFIG_COUNT": str(first + len(self._settings))}
        for number, (key, value) in enumerate(self._settings.items(), first):
            settings |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
        command = [self._program, "--no-pager", *arguments]
        environment = {**os.environ, **_SURROUNDINGS, **settings}
        try:
            return subprocess.run(  # noqa: S603  of the repository nothing is in the command
                command,
                cwd=self._root,
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
            )
        except OSError as error:
            raise GitError(f"git cannot be run: {error.strerror}") from error


def _skip(lines: Iterator[bytes], count: int) -> None:
    """Go past the lines of a hunk, whatever they look like."""
    while count:
        line = next(lines, None)
        if line is None:
            return
        count -= not line.startswith(b"\\")


def _unquoted(name: bytes) -> bytes:
    if not name.startswith(b'"'):
        return name
    return _ESCAPE.sub(_character, name[1:].removesuffix(b'"'))


def _character(match: re.Match[bytes]) -> bytes:
    escaped = match[1]
    if len(escaped) == 3:
        return bytes([int(escaped, 8) & 0xFF])
    return _LETTERS.get(escaped, escaped)
