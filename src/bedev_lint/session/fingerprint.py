"""An identity for a diagnostic that survives moved lines and tells no secret."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from itertools import chain

__all__ = ["cause", "fingerprint"]


def fingerprint(code: str, path: str, function: str, statement: str, ordinal: int) -> str:
    """Return 32 hexadecimal digits.

    `path` is relative to the repository, with `/`; `statement` is the reported statement
    with every literal masked, so that nothing in the digest depends on a secret; `ordinal`
    counts the diagnostics that are equal in all the rest, from 0.
    """
    return _digest(code, path, function, statement, str(ordinal))


def cause(code: str, hops: Iterable[tuple[str, str]]) -> str:
    """Return 32 hexadecimal digits for a rule and the hops that several diagnostics share.

    Each hop is a dotted name and the path of a file, relative to the repository, with `/`.
    """
    return _digest(code, *chain.from_iterable(hops))


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:32]
