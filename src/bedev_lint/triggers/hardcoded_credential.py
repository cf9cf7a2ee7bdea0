"""Literals that may be a secret by the names that they stand under."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bedev_lint.model import Options
from bedev_lint.names import words
from bedev_lint.options import patterns, texts
from bedev_lint.secrets import is_credential, is_placeholder, is_secret_name
from bedev_lint.source import Landmarks, Rows
from bedev_lint.triggers.named import where_bound

_SCHEME = re.compile(
    r"(?:Basic|Bearer|Token|Digest|ApiKey|Key|JWT|OAuth)[ =:]+([^\s=:].*)", re.IGNORECASE
)


def where(landmarks: Landmarks, options: Options) -> Iterator[Rows]:
    def holds(name: str, text: str) -> bool:
        return holds_secret(name, text, options)

    return where_bound(landmarks, options, holds)


def holds_secret(name: str, text: str, options: Options, *, compared: bool = False) -> bool:
    """Return whether a text is a secret, by the name that it is bound to or `compared` with."""
    blank = patterns(options, "placeholders")
    if words(name)[-1:] == ("authorization",):
        scheme = _SCHEME.fullmatch(text)
        return scheme is not None and not is_placeholder(scheme[1], blank)
    if not is_secret_name(name, texts(options, "secret-names")):
        return False
    return is_credential(text, name, compared=compared, extra=blank)
