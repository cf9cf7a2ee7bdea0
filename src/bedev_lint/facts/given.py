"""Which constants a call gives, and which ones a condition asks for: by tags, never by text."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from zlib import crc32

__all__ = ["Constants", "constants_of", "tag", "tags"]

# The tags of constants that are given, by the keyword or position of the argument.
Constants = tuple[tuple[str, tuple[str, ...]], ...]
# What is longer is no option that somebody asks for.
_LONGEST = 32
_BITS = 0xFFFF


def tag(node: ast.expr | None) -> str:
    """Return what tells a short constant from others, or "" for anything else.

    It is too short to tell what the constant is: that may be a secret.
    """
    if not isinstance(node, ast.Constant) or not isinstance(node.value, (str, int, type(None))):
        return ""
    value = node.value
    if isinstance(value, str) and len(value) > _LONGEST:
        return ""
    # Whoever is equal has the same tag: `True` that of 1.
    same = int(value) if isinstance(value, bool) else value
    return f"{crc32(repr(same).encode()) & _BITS:x}"


def tags(nodes: Sequence[ast.expr | None]) -> tuple[str, ...]:
    """Return the tags of constants; nothing if one of them is something else."""
    found = tuple(map(tag, nodes))
    return found if all(found) else ()


def constants_of(node: ast.Call) -> Constants:
    """Return the tags of a call's arguments that are constants, or dicts with such keys."""
    found = []
    for position, value in enumerate(node.args):
        found.append((str(position), value))
    for keyword in node.keywords:
        if keyword.arg is not None:
            found.append((keyword.arg, keyword.value))
    result = []
    for name, value in found:
        if isinstance(value, ast.Constant):
            result.append((name, tags([value])))
        elif isinstance(value, ast.Dict):
            result.append((f"*{name}", tags(value.keys)))
    return tuple((name, known) for name, known in result if known)
