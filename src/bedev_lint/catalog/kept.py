"""The catalog of our own rules as an earlier run has read it, which takes a quarter of the time."""

from __future__ import annotations

import zlib
from functools import lru_cache
from pathlib import Path

import msgspec

from bedev_lint import filesystem
from bedev_lint.cache import folder as folders
from bedev_lint.cache.place import CacheLocation
from bedev_lint.cache.project import key_of
from bedev_lint.cache.trust import digest, file_name, is_equal, seal
from bedev_lint.catalog.reading import builtin_rules, load
from bedev_lint.catalog.vocabulary import Catalog

__all__ = ["builtin"]

# Of the seal in front of what is kept, in bytes.
_SEAL = 16
# The examples of rules, which SARIF shows, are long and much alike.
_QUICKLY = 1
# No catalog is that long.
_MOST = 1 << 26


@lru_cache(maxsize=4)
def builtin(place: CacheLocation) -> Catalog:
    """Return the catalog of the rules that come with bedev-lint, and keep it if there is a place.

    What was kept of other rules, by other code, or by somebody else, is as good as not there.
    """
    ours = builtin_rules()
    if place.folder is None:
        return load([ours])
    name = file_name("catalog", place.key, key_of(place.key, str(ours), _contents(ours, place.key)))
    catalog = _kept(place.folder / name, place.key)
    if catalog is None:
        catalog = load([ours])
        data = zlib.compress(msgspec.msgpack.encode(catalog), _QUICKLY)
        folders.keep(place.folder, name, _sealed(name, data, place.key), data)
    return catalog


def _contents(ours: Path, key: bytes) -> list[tuple[str, bytes]]:
    files = sorted(ours.rglob("*.toml"))
    return [(str(path.relative_to(ours)), digest(path.read_bytes(), key)) for path in files]


def _kept(path: Path, key: bytes) -> Catalog | None:
    try:
        whole, _ = filesystem.read(path, _MOST, follow=False)
    except OSError:
        return None
    seal_, data = whole[:_SEAL], whole[_SEAL:]
    if not is_equal(_sealed(path.name, data, key), seal_):
        return None
    return msgspec.msgpack.decode(zlib.decompress(data), type=Catalog)


def _sealed(name: str, data: bytes, key: bytes) -> bytes:
    return seal(key, b"catalog", name.encode(), data)
