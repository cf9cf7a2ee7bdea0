"""The whole answer to a command that was given before, if nothing at all has changed since.

It is found without reading, and without importing, anything else: the text that was printed
stands behind the list of everything that was looked at to print it. Only the standard library
is imported here, and little of that.
"""

from __future__ import annotations

import os
import sys

from bedev_lint import filesystem
from bedev_lint.cache import trust

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

__all__ = ["FOLDER", "Trail", "recall", "remember"]

FOLDER = ".bedev_lint_cache"

# Of what is in a folder only this can matter: Python, folders, and the files of these names.
_SUFFIXES = (".py", ".pyi", ".toml", ".gitignore")
_NAMES = frozenset({".git", "conda-meta", "pyvenv.cfg", "setup.cfg"})
_NEVER = frozenset({"__pycache__", FOLDER})
_CONFIGURATION = ("bedev-lint.toml", "pyproject.toml")
_ENVIRONMENT = (
    *("NO_COLOR", "FORCE_COLOR", "TERM", "BEDEV_LINT_OUTPUT_FORMAT"),
    *("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "GITLAB_CI", "CI_PROJECT_DIR"),
)
# Of the seal at the end of an answer, in bytes.
_SEAL = 16
# No answer is that long.
_MOST = 1 << 28
_IN_A_SECOND = 1_000_000_000


# ------------------------------------------------------------------ asking


def recall(arguments: Sequence[str], version: str) -> tuple[int, str] | None:
    """Return the exit status and the output of this command, if it would be the same again."""
    if "--no-cache" in arguments:
        return None
    try:
        key, key_path = trust.known_key()
    except trust.NoKey:
        return None  # without a key nothing was kept: the run itself says why
    question = _question(arguments, version)
    name = _name(question, key)
    first = _first_path(arguments)
    for folder in _folders(arguments, first):
        try:
            data = _unsealed(os.path.join(folder, name), key)
        except (OSError, ValueError):
            continue  # no answer is kept there, or it is not ours
        if _brings(key_path, folder, first):
            continue
        head, _, rest = str(data, "utf-8", "surrogateescape").partition("\0\n")
        things, separator, answer = rest.partition("\0\n")
        if separator and head == question and _are_same(things, key):
            status, _, text = answer.partition("\n")
            return int(status), text
    return None


def _unsealed(path: str, key: bytes) -> memoryview:
    """Return what is in an answer. Raises OSError, and ValueError if it is not what was written."""
    if os.path.islink(os.path.dirname(path)):
        raise ValueError("led elsewhere")
    written, _ = filesystem.read(path, _MOST, follow=False)
    data = memoryview(written)[:-_SEAL]  # no copy: it may be large
    if not trust.is_equal(trust.seal(key, b"answer", data), written[-_SEAL:]):
        raise ValueError("not ours")
    return data


def _brings(key_path: str, folder: str, first: str) -> bool:
    """Return whether the key lies in the project itself, which may have brought it along."""
    if not key_path:
        return False
    around = (os.path.dirname(os.path.realpath(folder)), trust.project_of(_upwards(first)))
    return any(filesystem.is_below(key_path, project) for project in around)


def _first_path(arguments: Sequence[str]) -> str:
    paths = (name for name in arguments if name[:1] != "-" and os.path.exists(name))
    return next(paths, ".")


def _folders(arguments: Sequence[str], first: str) -> Iterator[str]:
    """Return where the answer may be: the cache given, or one above the first path given."""
    for argument, following in zip(arguments, [*arguments[1:], ""], strict=False):
        if argument == "--cache-dir":
            yield os.path.realpath(following)
        elif argument.startswith("--cache-dir="):
            yield os.path.realpath(argument.partition("=")[2])
    yield from (os.path.join(folder, FOLDER) for folder in _upwards(first))


def _upwards(path: str) -> Iterator[str]:
    folder = os.path.realpath(path)
    while True:
        yield folder
        above = os.path.dirname(folder)
        if above == folder:
            return
        folder = above


def _question(arguments: Sequence[str], version: str) -> str:
    """Return all that decides what is printed, save for what is on the disk."""
    surroundings = [os.environ.get(name) for name in _ENVIRONMENT]
    return repr(
        (version, sys.version_info[:3], list(arguments), os.getcwd(), surroundings, os.isatty(1))
    )


def _name(question: str, key: bytes) -> str:
    return trust.file_name("answer", key, _encoded(question))


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _are_same(things: str, key: bytes) -> bool:
    stat = os.stat
    for line in things.split("\n"):
        expected, _, path = line.partition("\t")
        try:
            status = stat(path)
            if expected == f"{status.st_size} {status.st_mtime_ns} {status.st_ino}":
                continue
        except OSError:
            if expected == "absent":
                continue
            return False
        if not _is_same_inside(expected, path, key):
            return False
    return True


def _is_same_inside(expected: str, path: str, key: bytes) -> bool:
    """Compare what changes from outside without meaning anything, or not when it should."""
    kind, _, expected = expected.partition(" ")
    if kind == "there":
        return True
    if kind == "folder":
        # `expected` are its time of change, 0 if that is not to be trusted, and what is in it.
        changed, _, content = expected.partition(" ")
        return int(changed) == os.stat(path).st_mtime_ns or content == _listing(path, key)
    if kind == "tracked":
        from bedev_lint.git_index import is_tracked

        return int(expected) == is_tracked(path)
    if kind == "content":
        size, _, content = expected.partition(" ")
        try:
            data, _ = filesystem.read(path, int(size))
        except OSError:
            return False
        return trust.digest(data, trust.content_key(key)).hex() == content
    return False


def _listing(folder: str, key: bytes) -> str:
    lines = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                name = entry.name
                if entry.is_symlink():
                    lines.append(f"{name}@{os.readlink(entry.path)}")
                elif entry.is_dir():
                    if name not in _NEVER:
                        lines.append(name + "/")
                elif name.endswith(_SUFFIXES) or name in _NAMES:
                    lines.append(name)
    except OSError:
        return "?"
    return trust.seal(key, b"listing", _encoded("\0".join(sorted(lines)))).hex()


# ------------------------------------------------------------------ remembering


class Trail:
    """Everything that a run, which began at this time in nanoseconds, has looked at."""

    def __init__(self, started: int, key: bytes) -> None:
        self._started, self.key = started, key
        self._lines: dict[str, str] = {}
        self._above: set[str] = set()
        self.is_certain = True

    def file(self, path: str) -> None:
        """Note a file (or the lack of it) of which every change counts."""
        try:
            status = os.stat(path)
        except OSError:
            self._lines[path] = "absent"
            return
        self.is_certain &= self._is_old(status)
        self._lines[path] = f"{status.st_size} {status.st_mtime_ns} {status.st_ino}"

    def existence(self, path: str) -> None:
        self._lines[path] = "there" if os.path.exists(path) else "absent"

    def folder(self, path: str) -> None:
        """Note a folder, of which only counts what is in it."""
        try:
            status = os.stat(path)
        except OSError:
            self.is_certain = False
            return
        self.is_certain &= status.st_mtime_ns <= self._started
        changed = status.st_mtime_ns if self._is_old(status) else 0
        self._lines[path] = f"folder {changed} {_listing(path, self.key)}"

    def read(self, path: str, stamp: tuple[int, int, int], content: bytes) -> None:
        """Note a file as it was when it was read."""
        if stamp[1]:
            self._lines[path] = "{} {} {}".format(*stamp)
        elif content:
            self._lines[path] = f"content {stamp[0]} {content.hex()}"
        else:
            self.is_certain = False

    def configuration(self, start: str) -> None:
        """Note what decides which project a folder belongs to, and what is ignored there."""
        for folder in _upwards(start):
            if folder in self._above:
                break
            self._above.add(folder)
            for name in _CONFIGURATION:
                self.file(os.path.join(folder, name))
            self.existence(os.path.join(folder, ".git"))
            self.file(os.path.join(folder, ".gitignore"))
            self.file(os.path.join(folder, ".git", "info", "exclude"))

    def tracked(self, folder: str) -> None:
        """Note a folder of which git was asked whether it knows of something in it."""
        from bedev_lint.git_index import is_tracked

        self._lines[folder + os.sep] = f"tracked {is_tracked(folder):d}"

    def all_below(self, folder: str, suffix: str) -> None:
        """Note all files below a folder that end like this."""
        for path, folders, names in os.walk(folder):
            folders[:] = [name for name in folders if name not in _NEVER]
            self.folder(path)
            for name in names:
                if name.endswith(suffix):
                    self.file(os.path.join(path, name))

    def _is_old(self, status: os.stat_result) -> bool:
        return status.st_mtime_ns < self._started - 2 * _IN_A_SECOND

    def lines(self) -> Iterable[str]:
        return (f"{expected}\t{path}" for path, expected in self._lines.items())


def remember(
    arguments: Sequence[str],
    version: str,
    trails: Sequence[Trail],
    status: int,
    text: str,
    keep: Callable[..., None],
) -> None:
    """Keep an answer for the next time: `keep` is given a name, and pieces to store under it."""
    lines = list(dict.fromkeys(line for trail in trails for line in trail.lines()))
    # What changed while it was looked at may have been seen in part; names may hold anything.
    if not all(trail.is_certain for trail in trails) or any(
        "\n" in line or "\0" in line for line in lines
    ):
        return
    question = _question(arguments, version)
    things = "\n".join(lines)
    data = _encoded(f"{question}\0\n{things}\0\n{status}\n{text}")
    key = trails[0].key
    keep(_name(question, key), data, trust.seal(key, b"answer", data))
