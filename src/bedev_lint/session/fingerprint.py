"""An identity for a diagnostic that survives moved lines and tells no secret."""

from __future__ import annotations

import hashlib

__all__ = ["fingerprint"]


def fingerprint(code: str, path: str, function: str, statement: str, ordinal: int) -> str:
    """Return 32 hexadecimal digits.

    `path` is relative to the configuration, with `/`; `statement` is the reported statement
    with every literal masked, so that nothing in the digest depends on a secret; `ordinal`
    counts the diagnostics that are equal in all the rest, from 0.
    """
    parts = (code, path, function, statement, str(ordinal))
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:32]
