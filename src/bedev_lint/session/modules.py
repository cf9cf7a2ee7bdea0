"""The dotted name of a file's module."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

__all__ = ["default_roots", "module_name"]


def default_roots(root: Path) -> tuple[Path, ...]:
    """Return the source roots of a project that names none: its `src` folder, and itself."""
    source = root / "src"
    return (source, root) if source.is_dir() else (root,)


def module_name(
    path: Path, roots: Sequence[Path], is_package: Callable[[Path], bool]
) -> tuple[str, bool]:
    """Return the name that the module is imported by, and whether it is a package itself.

    `is_package` says whether a folder holds an `__init__`. A file in packages is named
    from the topmost of them; any other from the nearest source root (PEP 420).
    """
    is_init = path.stem == "__init__"
    folder = path.parent
    if is_package(folder):
        top = folder
        while is_package(top.parent) and top.parent != top and top not in roots:
            top = top.parent
        base = top.parent
    else:
        around = [root for root in roots if root in path.parents]
        base = max(around, key=lambda root: len(root.parts), default=path.parent)
    parts = list(path.relative_to(base).with_suffix("").parts)
    if is_init:
        parts.pop()
    return ".".join(parts), is_init
