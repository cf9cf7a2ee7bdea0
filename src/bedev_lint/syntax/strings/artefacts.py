"""Which literals lead to one file of one release, which is the same for all environments."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

import libcst as cst

from bedev_lint.model import Options
from bedev_lint.names import words
from bedev_lint.options import texts
from bedev_lint.syntax.literals import text_of
from bedev_lint.syntax.module import Module

__all__ = ["is_pinned"]

_LISTS = (cst.List, cst.Tuple, cst.Set)
# `https://shop.io/v1.2/orders.tar.gz`, `https://shop.io/orders/1.2.0/orders`: a version of two
# numbers and what kind of file it is, or one of three.
_PATH = re.compile(r"[a-z]+://[^/]+/([^?#\s]*)", re.IGNORECASE)
_TWO_NUMBERS = re.compile(r"[0-9]\.[0-9]|\0")
_THREE_NUMBERS = re.compile(r"[0-9]\.[0-9]+\.[0-9]")
_FILE = re.compile(
    r"\.(?:7z|apk|bin|bz2|deb|dmg|exe|gz|jar|msi|onnx|rpm|so|tar|tgz|whl|xz|zip|zst)"
    r"(?:\.(?:asc|md5|sha1|sha256|sha512|sig))?\Z",
    re.IGNORECASE,
)
_DIGEST = re.compile(
    r"(?:(?:md5|sha[0-9]+)[:-])?(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64,128})", re.I
)
# How many entries of a list are looked at for each, so that a long one costs no square.
_FIRST = 16


def is_pinned(node: cst.CSTNode, module: Module, options: Options) -> bool:
    """Return whether a literal is one of a table of downloads, each of one version.

    Beside it stands what is expected there (one of the rule's option `pinning-keys`, or a digest):
    `{"url": "https://…", "sha256": "…"}`, `File("https://…", md5="…")`; or it is one of several
    files of releases, in a list or under the keys of a dictionary.
    """
    keys = texts(options, "pinning-keys")
    for parent in module.ancestors(node):
        if isinstance(parent, (cst.Arg, cst.Element, cst.DictElement)):
            continue
        if isinstance(parent, cst.Call):
            return _says_what(parent, [key for key in keys if "size" not in key])
        if not isinstance(parent, (cst.Dict, *_LISTS)):
            return False
        if _says_what(parent, keys) or _has_releases(parent):
            return True
    return False


def _says_what(record: cst.Call | cst.BaseExpression, keys: Sequence[str]) -> bool:
    """Return whether a record says what is to be found at the address in it."""
    return any(
        any(fnmatchcase("".join(words(name)), key) for key in keys)
        or _DIGEST.fullmatch(text_of(value))
        for name, value in _fields(record)
    )


def _fields(record: cst.CSTNode) -> Iterator[tuple[str, cst.BaseExpression]]:
    """Return the first values of a record, each with its name, which may be empty."""
    if isinstance(record, cst.Dict):
        for entry in record.elements[:_FIRST]:
            if isinstance(entry, cst.DictElement):
                yield Module.string(entry.key) or "", entry.value
    elif isinstance(record, cst.Call):
        for arg in record.args[:_FIRST]:
            yield arg.keyword.value if arg.keyword is not None else "", arg.value
    elif isinstance(record, _LISTS):
        for element in record.elements[:_FIRST]:
            yield "", element.value


def _has_releases(table: cst.BaseExpression) -> bool:
    """Return whether at least two, and half, of the entries of a table are files of releases."""
    entries = [_address(value) for _, value in _fields(table)]
    releases = sum(_is_release(entry) for entry in entries)
    return releases > 1 and 2 * releases >= len(entries)


def _is_release(address: str) -> bool:
    path = _PATH.fullmatch(address)
    if path is None:
        return False
    if _THREE_NUMBERS.search(path[1]):
        return True
    file = _FILE.search(path[1])
    return file is not None and _TWO_NUMBERS.search(path[1], 0, file.start()) is not None


def _address(entry: cst.BaseExpression) -> str:
    """Return the text of an entry, or of the first field of one that is a list."""
    if isinstance(entry, _LISTS) and entry.elements:
        entry = entry.elements[0].value
    return text_of(entry)
