"""The dotted names of files' modules."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from bedev_lint.filesystem import is_below

__all__ = ["Modules"]


class Modules:
    """Names modules as they are imported. Asks nothing twice of a folder.

    `only` are the paths of all files there are, if they are not on the disk.
    """

    def __init__(
        self, root: Path, source_roots: Iterable[Path] = (), only: Iterable[str] | None = None
    ) -> None:
        configured = [str((root / folder).resolve()) for folder in source_roots]
        self._is_file = os.path.isfile if only is None else frozenset(only).__contains__
        source = os.path.join(root, "src")
        has_source = any(is_below(p, source) for p in only) if only else os.path.isdir(source)
        self._roots = configured or ([source, str(root)] if has_source else [str(root)])
        self._is_package: dict[str, bool] = {}
        self._prefixes: dict[str, tuple[str, ...]] = {}

    def name(self, path: str) -> tuple[str, bool]:
        """Return the name that the module is imported by, and whether it is a package itself.

        A file in packages is named from the topmost of them; any other from the nearest
        source root (PEP 420).
        """
        folder, last = os.path.split(path)
        prefix = self._prefixes.get(folder)
        if prefix is None:
            prefix = self._prefixes[folder] = self._prefix(folder)
        stem = last.rpartition(".")[0] or last
        if stem == "__init__":
            return ".".join(prefix), True
        return ".".join((*prefix, stem)), False

    def _prefix(self, folder: str) -> tuple[str, ...]:
        if self._holds_init(folder):
            top = folder
            while top not in self._roots and self._holds_init(os.path.dirname(top)):
                if top == (above := os.path.dirname(top)):
                    break
                top = above
            base = os.path.dirname(top)
        else:
            around = [root for root in self._roots if is_below(folder, root)]
            base = max(around, key=len, default=folder)
        inner = folder[len(base) :].strip(os.sep)
        return tuple(inner.split(os.sep)) if inner else ()

    def _holds_init(self, folder: str) -> bool:
        is_package = self._is_package.get(folder)
        if is_package is None:
            is_package = any(
                self._is_file(os.path.join(folder, f"__init__{suffix}"))
                for suffix in (".py", ".pyi")
            )
            self._is_package[folder] = is_package
        return is_package
