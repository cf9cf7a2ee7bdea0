"""What a run looks for, and the files that it looks at, as plain data for other processes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bedev_lint.catalog import Rule
from bedev_lint.limits import FILE_TIMEOUT
from bedev_lint.model import NO_NAMES, Naming

__all__ = ["Plan", "SourceFile"]


@dataclass(frozen=True)
class Plan:
    """What to look for in every file.

    `rules` are the visitor rules that are on, their options resolved, `linter` the linter's
    own rules by name, `letters` what the codes of all known rules start with, and `words` these
    codes and the rules' names. `naming` says whose strings are names and `literals` what is kept of
    texts (see `facts.extract`), `file_timeout` the seconds of processor time that one file may
    take, and `key` is what digests are made with (see `trust.content_key`).
    """

    rules: tuple[Rule, ...]
    linter: Mapping[str, Rule]
    letters: frozenset[str]
    words: frozenset[str]
    naming: Naming = NO_NAMES
    literals: frozenset[str | int | float] = frozenset()
    file_timeout: int = FILE_TIMEOUT
    key: bytes = b""


@dataclass(frozen=True)
class SourceFile:
    """A file to inspect. `path` is absolute, `relative` to the project, with `/`.

    `data` is what it holds, where that is not on the disk; `memo` what is known of what rules
    found in it before it changed. A file that is no part of a program is looked at by `rules`
    alone, by their codes; None: by all of them, and it has facts.
    """

    path: str
    relative: str
    module: str
    is_package: bool
    data: bytes | None = None
    memo: bytes = b""
    rules: tuple[str, ...] | None = None
