"""Which function or class of a linked program answers which path, as web frameworks are told."""

from __future__ import annotations

from bedev_lint.endpoints.definitions import Definitions, Scoped
from bedev_lint.endpoints.paths import ANY, MANY, Path, fits, opened, path_of, shown
from bedev_lint.endpoints.routes import VERBS, Endpoint, Handler, endpoints
from bedev_lint.endpoints.texts import CONSTANT, Text, Texts

__all__ = [
    "ANY",
    "CONSTANT",
    "MANY",
    "VERBS",
    "Definitions",
    "Endpoint",
    "Handler",
    "Path",
    "Scoped",
    "Text",
    "Texts",
    "endpoints",
    "fits",
    "opened",
    "path_of",
    "shown",
]
