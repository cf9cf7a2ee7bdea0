"""What all tables of TOML in a catalog have in common."""

from __future__ import annotations

from msgspec import Struct

__all__ = ["Table"]


class Table(Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """A table of TOML: keys in kebab-case, unknown ones refused."""
