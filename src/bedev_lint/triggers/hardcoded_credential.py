"""Literals that may be a secret by the names that they stand under."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from bedev_lint.model import Options
from bedev_lint.names import words
from bedev_lint.options import patterns, texts
from bedev_lint.secrets import (
    in_connection,
    is_credential,
    is_placeholder,
    is_random,
    is_secret_name,
)
from bedev_lint.source import Landmarks, Rows
from bedev_lint.triggers.named import where_bound

_SCHEME = re.compile(
    r"(?:Basic|Bearer|Token|Digest|ApiKey|Key|JWT|OAuth)[ =:]+([^\s=:].*)", re.IGNORECASE
)


def where(landmarks: Landmarks, options: Options) -> Iterator[Rows]:
    def holds(name: str, text: str) -> bool:
        return any(holds_secret(name, text, options, listed=listed) for listed in (False, True))

    blank = patterns(options, "placeholders")
    connections = (text.rows for text in landmarks.texts if in_connection(text.value, blank))
    return chain(where_bound(landmarks, options, holds), connections)


def holds_secret(
    name: str, text: str, options: Options, *, compared: bool = False, listed: bool = False
) -> bool:
    """Return whether a text is a secret, by the name that it is bound to or `compared` with.

    One of several (`listed`) has to look like one too, and their name may be a plural.
    """
    blank = (*patterns(options, "placeholders"), *patterns(options, "publishable"))
    if words(name)[-1:] == ("authorization",):
        scheme = _SCHEME.fullmatch(text)
        return scheme is not None and not is_placeholder(scheme[1], blank)
    name = name.rstrip("sS") if listed else name
    if not is_secret_name(name, texts(options, "secret-names")):
        return False
    if not is_random(text) and (listed or words(name) == ("pass",)):
        return False
    return is_credential(text, name, compared=compared, extra=blank)
