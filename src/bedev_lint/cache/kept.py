"""What a cache keeps, and what is raised where it cannot be used."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Row", "Unusable"]


class Unusable(Exception):
    """What was kept is damaged, is not to be had, or has been written anew by another run."""


class Row(NamedTuple):
    """Something kept, and the digests of the blobs that it speaks of, empty for none."""

    kind: str
    name: str
    data: bytes
    facts: bytes = b""
    places: bytes = b""
