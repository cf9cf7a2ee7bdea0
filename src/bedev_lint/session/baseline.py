"""Findings that were there when a project took the linter up: kept in a file, and told no more.

An entry holds no row and no text of the code. Literals are masked before a digest is made of a
statement, so nothing that is secret can be found by trying. What formatters change does not count
either: white space, quotes, brackets around an expression, a comma before the closing one.

In the file each entry is a line that ends with a comma, and digests of the lines decide their
order, so that what two branches add rarely meets, and lines of both can simply be kept.
"""

from __future__ import annotations

import hashlib
import json
import os
import posixpath
import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
from msgspec import Struct

from bedev_lint import filesystem
from bedev_lint.output import write_text
from bedev_lint.session.findings import Found
from bedev_lint.source import MAX_BYTES, Limit, Undecodable, Unparsable, decode, parse, statements

__all__ = [
    "FILE",
    "BadBaseline",
    "Defined",
    "Entry",
    "Matched",
    "entries",
    "load",
    "match",
    "save",
    "text",
]

FILE = ".bedev-lint-baseline.json"
_VERSION = 1
# Longer than a file with an entry for each of 100,000 findings.
_MOST = 32_000_000

_QUOTES = re.compile(r"""["']+""")
_PREFIX = re.compile(r'\b[bBfFrRuU]{1,2}(?=")')
_LAST_COMMA = re.compile(r",\s*(?=[)\]}])")
_AROUND = str.maketrans("()\\", "   ")
_SPACE = re.compile(r"(?<!\w) | (?!\w)")


class BadBaseline(Exception):
    """A file that is no baseline; the text says which and why."""


class Entry(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A finding, by what stays when its lines move.

    `path` is relative to the project, with `/`; `function` is the dotted name of the functions and
    classes around it; `statement` a digest; `number` counts those that are equal in all the rest.
    """

    rule: str
    path: str
    function: str
    statement: str
    number: int = 0


class _File(Struct, forbid_unknown_fields=True):
    version: int
    # The last one is none: every entry before it ends with a comma.
    findings: list[Entry | None]


class Matched(NamedTuple):
    """What has become of a baseline: which findings it knows, which not, and what it has too many.

    `known` and `new` are the findings as they are now, `gone` entries as they stand in the file.
    """

    known: tuple[Entry, ...] = ()
    new: tuple[Entry, ...] = ()
    gone: tuple[Entry, ...] = ()


# ------------------------------------------------------------------ the file


def load(root: Path) -> tuple[Entry, ...] | None:
    """Return the baseline of a project, None if it has none. Raises BadBaseline."""
    path = root / FILE
    if not os.path.lexists(path):
        return None
    try:
        data, _ = filesystem.read(path, _MOST, follow=False)
        file = msgspec.json.decode(data, type=_File)
    except OSError as error:
        reason = "it is a link" if os.path.islink(path) else filesystem.reason(error)
        raise BadBaseline(f"{path}: cannot be read: {reason}") from error
    except msgspec.MsgspecError as error:
        raise BadBaseline(
            f"{path}: is no baseline; resolve its conflicts, "
            "or delete it and run `bedev-lint baseline`"
        ) from error
    if file.version != _VERSION:
        raise BadBaseline(
            f"{path}: has version {file.version}, and this bedev-lint reads {_VERSION}; "
            "use the one that wrote it, or delete it and run `bedev-lint baseline`"
        )
    return tuple(dict.fromkeys(entry for entry in file.findings if entry is not None))


def save(root: Path, entries: Iterable[Entry]) -> Path:
    """Write the baseline of a project; return where. Raises OSError, and BadBaseline for a link."""
    path = root / FILE
    if os.path.islink(path):
        raise BadBaseline(f"{path} is a link")
    write_text(path, text(entries))
    return path


def text(entries: Iterable[Entry]) -> str:
    """Return what stands in the file."""
    lines = [json.dumps(msgspec.to_builtins(entry)) for entry in entries]
    lines.sort(key=lambda line: hashlib.sha256(line.encode()).digest())
    listed = "".join(f"{line},\n" for line in lines)
    return f'{{"version": {_VERSION}, "findings": [\n{listed}null]}}\n'


# ------------------------------------------------------------------ findings


def entries(findings: Iterable[Found]) -> list[Entry]:
    """Return the entry of each finding; they are given in the order of the code."""
    numbers: Counter[Entry] = Counter()
    made = []
    for item in findings:
        code = item.diagnostic.code
        first = Entry(code, item.relative, item.function, _digest(code, item.statement))
        made.append(msgspec.structs.replace(first, number=numbers[first]))
        numbers[first] += 1
    return made


def _digest(code: str, statement: str) -> str:
    plain = _LAST_COMMA.sub("", _PREFIX.sub("", _QUOTES.sub('"', statement)))
    plain = _SPACE.sub("", " ".join(plain.translate(_AROUND).split()))
    return hashlib.sha256(f"{code}\0{plain}".encode("utf-8", "replace")).hexdigest()[:24]


# ------------------------------------------------------------------ old and new


def match(
    baseline: Sequence[Entry], current: Sequence[Entry], is_gone: Callable[[Entry], bool]
) -> Matched:
    """Tell what a baseline knows of the current findings.

    Besides equal ones it knows those that have moved, where that is unmistakable: there is one of
    its kind on either side, and what it was in, a file or a function, `is_gone`.
    """
    old, new = dict.fromkeys(baseline), dict.fromkeys(current)
    recognized = old.keys() & new.keys()
    for kind_of in (_in_file, _in_function, _in_name):
        left = _alone((entry for entry in old if entry not in recognized), kind_of)
        come = _alone((entry for entry in new if entry not in recognized), kind_of)
        for kind, entry in left.items():
            if kind in come and is_gone(entry):
                del old[entry]
                recognized.add(come[kind])
    return Matched(
        tuple(entry for entry in new if entry in recognized),
        tuple(entry for entry in new if entry not in recognized),
        tuple(entry for entry in old if entry not in recognized),
    )


def _in_file(entry: Entry) -> tuple[Hashable, ...]:
    return (posixpath.basename(entry.path), *_in_function(entry))


def _in_function(entry: Entry) -> tuple[Hashable, ...]:
    return (entry.rule, entry.function, entry.statement, entry.number)


def _in_name(entry: Entry) -> tuple[Hashable, ...]:
    name = entry.function.rpartition(".")[2]
    return (entry.rule, name, entry.statement, entry.number)


def _alone(
    candidates: Iterable[Entry], key: Callable[[Entry], Hashable]
) -> Mapping[Hashable, Entry]:
    """Return the entries of which there is only one of a kind, by that."""
    kinds: dict[Hashable, list[Entry]] = {}
    for entry in candidates:
        kinds.setdefault(key(entry), []).append(entry)
    return {kind: all_[0] for kind, all_ in kinds.items() if len(all_) == 1}


class Defined:
    """What is defined in the files of a program, by their paths relative to the project.

    `texts` are files that are not read from the disk, by their absolute paths.
    """

    def __init__(self, sources: Mapping[str, str], texts: Mapping[str, bytes]) -> None:
        self._sources, self._texts = sources, texts
        self._names: dict[str, frozenset[str] | None] = {}

    def is_gone(self, entry: Entry) -> bool:
        """Return whether the file of an entry, or its function in it, is no longer there."""
        if entry.path not in self._sources:
            return True
        if entry.path not in self._names:
            self._names[entry.path] = self._read(self._sources[entry.path])
        names = self._names[entry.path]
        return bool(entry.function) and names is not None and entry.function not in names

    def _read(self, path: str) -> frozenset[str] | None:
        try:
            data = self._texts[path] if path in self._texts else filesystem.read(path, MAX_BYTES)[0]
            text = decode(data)
            return frozenset(statement.function for statement in statements(parse(text), text))
        except (OSError, Undecodable, Unparsable, Limit, RecursionError):
            return None  # of what cannot be read nothing is gone
