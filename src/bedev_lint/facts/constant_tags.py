"""Which constants a call gives, and which ones a condition asks for: by tags, never by text."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b

from bedev_lint.source import dotted_name

__all__ = ["Constants", "constants_of", "sentinel", "tag", "tags"]

# The tags of constants that are given, by the keyword or position of the argument.
Constants = tuple[tuple[str, tuple[str, ...]], ...]
# What is longer is no option that somebody asks for.
_LONGEST = 32
_SIZE = 2  # bytes of a tag
_KINDS = (str, int, type(None), type(...))
_TAGGED = frozenset({ast.Constant, ast.Attribute, ast.Dict})


def tag(node: ast.expr | None, key: bytes) -> str:
    """Return what tells a short constant from others, or "" for anything else.

    Without the key nobody can try what the constant is: that may be a secret. The tag of a member
    of an enumeration, `Mode.READ`, begins with a dot: it may be equal to a plain constant.
    """
    member = _member(node)
    if member:
        return f".{blake2b(member.encode(), key=key, digest_size=_SIZE).hexdigest()}"
    if not isinstance(node, ast.Constant) or not isinstance(node.value, _KINDS):
        return ""
    value = node.value
    if isinstance(value, str) and len(value) > _LONGEST:
        return ""
    # Whoever is equal has the same tag: `True` that of 1.
    return _digest(int(value) if isinstance(value, bool) else value, key)


def sentinel(node: ast.expr | None, key: bytes) -> str:
    """Return what tells one name of an object from others, or "" for anything else.

    It begins with a colon: by two names may be called what is equal, or the same, so that this
    says something only of a default of a parameter that is compared by identity.
    """
    name = dotted_name(node) if node is not None else ""
    return f":{_digest((name,), key)}" if name else ""


@lru_cache(maxsize=4096)
def _digest(value: object, key: bytes) -> str:
    return blake2b(repr(value).encode(), key=key, digest_size=_SIZE).hexdigest()


def _member(node: ast.expr | None) -> str:
    """Return the names of an enumeration and of its member, or "" for anything else."""
    if not isinstance(node, ast.Attribute) or not node.attr.isupper():
        return ""
    owner = dotted_name(node.value).rpartition(".")[2]
    return f"{owner}.{node.attr}" if owner[:1].isupper() and not owner.isupper() else ""


def tags(nodes: Sequence[ast.expr | None], key: bytes) -> tuple[str, ...]:
    """Return the tags of constants; nothing if one of them is something else."""
    all_tags = tuple(tag(node, key) for node in nodes)
    return all_tags if all(all_tags) else ()


def constants_of(node: ast.Call, key: bytes) -> Constants:
    """Return the tags of a call's arguments that are constants, or dicts with such keys."""
    tagged: list[tuple[str, tuple[str, ...]]] = []
    for position, value in enumerate(node.args):
        if value.__class__ in _TAGGED:
            tagged.append(_tagged(str(position), value, key))
    for keyword in node.keywords:
        if keyword.value.__class__ in _TAGGED and keyword.arg is not None:
            tagged.append(_tagged(keyword.arg, keyword.value, key))
    return tuple([(name, constants) for name, constants in tagged if constants])


def _tagged(name: str, value: ast.expr, key: bytes) -> tuple[str, tuple[str, ...]]:
    """Return the tags of an argument; of a dict, those of its keys."""
    if isinstance(value, ast.Dict):
        return f"*{name}", tags(value.keys, key)
    return name, tags([value], key)
