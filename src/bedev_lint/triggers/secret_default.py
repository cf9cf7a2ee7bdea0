"""Literals that may be the default of what is named like a secret."""

from __future__ import annotations

from collections.abc import Iterator

from bedev_lint.model import Options
from bedev_lint.options import patterns, texts
from bedev_lint.secrets import is_credential, is_secret_name
from bedev_lint.source import Landmarks, Rows
from bedev_lint.triggers.named import where_default


def where(landmarks: Landmarks, options: Options) -> Iterator[Rows]:
    def holds(name: str, text: str) -> bool:
        return holds_secret(name, text, options)

    return where_default(landmarks, options, holds)


def holds_secret(name: str, text: str, options: Options) -> bool:
    """Return whether a text is a secret, by the name of what it is the default of."""
    extra = texts(options, "secret-names")
    blank = (*patterns(options, "placeholders"), *patterns(options, "publishable"))
    return is_secret_name(name, extra) and is_credential(text, name, extra=blank)
