"""What of a cache is believed: what this user's key has sealed.

A linted project may bring a cache folder along. So all that is kept is sealed with a key that
stands outside of any project, or in the environment. Little is imported here: the whole answer
to a command is found without more.
"""

from __future__ import annotations

import os
from _operator import _compare_digest as is_equal  # in constant time

from bedev_lint import filesystem

try:
    from _blake2 import blake2b  # `hashlib` imports OpenSSL first, as costly as all the rest
except ImportError:
    from hashlib import blake2b

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "VARIABLE",
    "NoKey",
    "content_key",
    "digest",
    "file_name",
    "is_equal",
    "known_key",
    "made_key",
    "project_of",
    "seal",
]

VARIABLE = "BEDEV_LINT_CACHE_KEY"
# What is shorter could be found by trying.
_LEAST = 32
# The key as it is written: hexadecimal digits, and the end of the line.
_BYTES = 32
_WRITTEN = 2 * _BYTES + 1
# Of a seal or digest, in bytes.
_SIZE = 16
_CONFIGURATION = ("bedev-lint.toml", "pyproject.toml")

_NO_LINK = getattr(os, "O_NOFOLLOW", 0)


class NoKey(Exception):
    """There is no key. `is_mistake` says that one was given, and cannot be used."""

    def __init__(self, reason: str, *, is_mistake: bool = False) -> None:
        super().__init__(reason)
        self.is_mistake = is_mistake


# ------------------------------------------------------------------ places


def project_of(folders: Iterable[str]) -> str:
    """Return the largest folder that may be one project with the first, of those upwards from it.

    That is the repository; without one, the topmost folder that has a configuration.
    """
    largest = ""
    for folder in folders:
        largest = largest or folder
        if os.path.lexists(os.path.join(folder, ".git")):
            return folder
        if any(os.path.lexists(os.path.join(folder, name)) for name in _CONFIGURATION):
            largest = folder
    return largest


# ------------------------------------------------------------------ seals


def seal(key: bytes, purpose: bytes, *pieces: bytes | memoryview) -> bytes:
    """Return what only who has the key can tell of these pieces, in this order and number."""
    made = blake2b(key=key, person=purpose, digest_size=_SIZE)
    for piece in pieces:
        made.update(len(piece).to_bytes(8, "little"))
        made.update(piece)
    return made.digest()


def content_key(key: bytes) -> bytes:
    """Return what digests of files are made with: who is given it can seal nothing."""
    return seal(key, b"content")


def digest(data: bytes, key: bytes) -> bytes:
    """Return what content is known by; without the key nobody can try what it may have been."""
    return blake2b(data, key=key, digest_size=_SIZE).digest()


def file_name(kind: str, key: bytes, what: bytes) -> str:
    """Return the name of a file in the cache; `what` is known by all but `kind` of it.

    It begins with what the files of one key have in common: two users may share a folder.
    """
    return f"{kind}-{seal(key, b'user').hex()[:8]}-{seal(key, b'name', what).hex()}"


# ------------------------------------------------------------------ the key


def known_key() -> tuple[bytes, str]:
    """Return the key, and where it stands, "" for the environment. Raises NoKey."""
    from_environment = os.environ.get(VARIABLE)
    if from_environment:
        if len(from_environment) < _LEAST:
            raise NoKey(f"{VARIABLE} needs {_LEAST} characters or more", is_mistake=True)
        data = from_environment.encode("utf-8", "surrogateescape")
        return blake2b(data, person=b"environment", digest_size=_BYTES).digest(), ""
    path = _path()
    try:
        data, status = filesystem.read(path, _WRITTEN, follow=False)
        folder = os.stat(os.path.dirname(path))
    except FileNotFoundError:
        raise NoKey(f"there is no key at {path}") from None
    except OSError:
        raise NoKey(f"{path} is no file that can be read") from None
    if not (_is_own(status, 0o077) and _is_own(folder, 0o022)):
        raise NoKey(f"{path} belongs to somebody else, or others can get at it")
    try:
        key = bytes.fromhex(data.decode("ascii"))
    except ValueError:
        key = b""
    if len(key) != _BYTES:
        raise NoKey(f"{path} holds no key; remove it, and another is made")
    return key, path


def made_key() -> tuple[bytes, str]:
    """Return the key, which is made if there is none, and where it stands. Raises NoKey."""
    try:
        return known_key()
    except NoKey:
        if os.environ.get(VARIABLE):
            raise
    try:
        if not os.path.lexists(_path()):  # another run may have made one meanwhile
            _make(_path())
    except OSError as error:
        raise NoKey(f"no key can be made at {_path()}: {error.strerror}") from error
    return known_key()


def _path() -> str:
    configured = os.environ.get("XDG_CACHE_HOME", "")
    folder = (
        configured if os.path.isabs(configured) else os.path.expanduser(os.path.join("~", ".cache"))
    )
    if not os.path.isabs(folder):
        raise NoKey("there is no home folder to keep a key in")
    return os.path.join(os.path.realpath(folder), "bedev-lint", "key")


def _is_own(status: os.stat_result, nobody_else: int) -> bool:
    """Return whether something belongs to this user, and these rights are given to nobody else."""
    if not hasattr(os, "geteuid"):
        return True  # Windows says nothing of either here
    return status.st_uid == os.geteuid() and not status.st_mode & nobody_else


def _make(path: str) -> None:
    """Write a key, unless another run does so first. Raises OSError."""
    from contextlib import suppress  # not where an answer is known already

    folder = above = os.path.dirname(path)
    while not os.path.lexists(above):
        above = os.path.dirname(above)
    if hasattr(os, "geteuid") and os.geteuid() == 0 != os.stat(above).st_uid:
        # Who is root for a moment must not leave folders there that the user cannot change.
        raise PermissionError(0, f"{above} belongs to somebody else")
    os.makedirs(os.path.dirname(folder), 0o700, exist_ok=True)
    os.makedirs(folder, 0o700, exist_ok=True)
    temporary = f"{path}.{os.urandom(8).hex()}"
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_LINK, 0o600)
    with suppress(FileNotFoundError, FileExistsError):
        try:
            with open(handle, "wb") as file:
                file.write(os.urandom(_BYTES).hex().encode() + b"\n")
                file.flush()
                os.fsync(handle)
            _put(temporary, path)
        finally:
            os.unlink(temporary)


def _put(source: str, path: str) -> None:
    """Let a path name a file that is written to its end. Raises FileExistsError if it has one."""
    try:
        os.link(source, path)
    except FileExistsError:
        raise
    except (OSError, AttributeError):  # not every file system has such links
        os.rename(source, path)
