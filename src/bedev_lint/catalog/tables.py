"""What all tables of TOML in a catalog have in common."""

from __future__ import annotations

from msgspec import Struct

__all__ = ["Table", "as_tuple"]


class Table(Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """A table of TOML: keys in kebab-case, unknown ones refused."""


def as_tuple(names: str | tuple[str, ...]) -> tuple[str, ...]:
    """Return the names that a key lists, which may also be one without a list."""
    return (names,) if isinstance(names, str) else names
