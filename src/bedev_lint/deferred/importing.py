"""Modules that are imported when something of them is used."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

__all__ = ["Deferred", "deferred"]


class Deferred:
    """A module that is imported when something of it is used."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        value = getattr(importlib.import_module(self._name), attribute)
        setattr(self, attribute, value)  # asked for once
        return value


def deferred(package: str) -> Callable[[str], Deferred]:
    """Return a `__getattr__` of a module that stands for a package: what it has is deferred."""

    def deferred_module(name: str) -> Deferred:
        if name.startswith("_"):
            raise AttributeError(name)
        return Deferred(f"{package}.{name}")

    return deferred_module
