"""Texts in which a provider's credential stands, or a private key."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from bedev_lint.model import Options
from bedev_lint.options import compiled, hints, is_of_project, patterns, table
from bedev_lint.search import holding
from bedev_lint.source import ECHO, Landmarks, Rows

_PRIVATE_KEY = "private key"
# A token whose form comes with the rule is a part of such a run; the project's may be anything.
_RUN = re.compile(r"[A-Za-z0-9_.~+/=:@$!-]{20,}")
_WORD = frozenset(string.ascii_letters + string.digits + "_-")
_KEY = re.compile(
    r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----(?P<body>.{40,}?)(?:-----END|\Z)",
    re.DOTALL,
)
_ROW_END = re.compile(r"\n|\\[nr]")
_HEADER = re.compile(r"\s*[A-Za-z-]+: ")
_BODY = re.compile(r"[A-Za-z0-9+/=\s]*")
_LONG_ROW = re.compile(r"[A-Za-z0-9+/=]{32}")


class _Form(NamedTuple):
    provider: str
    expression: str
    # The linked project's own may match any text, those of the rule one without blanks.
    is_of_project: bool
    # Texts of which one stands in whatever has the form: a test that is cheap.
    hints: tuple[str, ...]

    def spans(self, text: str, runs: str) -> Iterator[tuple[int, int]]:
        """Return where tokens stand. Few of the forms are ever compiled: that takes long."""
        held = text if self.is_of_project else runs
        if any(hint in held for hint in self.hints):
            for found in compiled(self.expression).finditer(text):
                yield found.span()


def where(landmarks: Landmarks, options: Options) -> Iterator[Rows]:
    of_rule: set[str] = set()
    of_project = {"PRIVATE KEY"}
    for form in _forms(table(options, "tokens")):
        (of_project if form.is_of_project else of_rule).update(form.hints)
    values = [text.value for text in landmarks.texts]
    for index in holding(values, of_project) | holding(list(map(_runs, values)), of_rule):
        text = landmarks.texts[index]
        if ECHO.search(text.value) or provider_in(text.value, options) is not None:
            yield text.rows


def _runs(text: str) -> str:
    """Return what of a text may be a token: much less to search."""
    return " ".join(_RUN.findall(text))


def provider_in(text: str, options: Options) -> str | None:
    """Return whose credential a text holds, None if it holds none."""
    if _holds_private_key(text):
        return _PRIVATE_KEY
    runs = _runs(text)
    for form in _forms(table(options, "tokens")):
        for first, last in form.spans(text, runs):
            if _is_alone(text, first, last) and not any(
                pattern.fullmatch(text[first:last]) for pattern in patterns(options, "documented")
            ):
                return form.provider
    return None


def _is_alone(text: str, first: int, last: int) -> bool:
    """Return whether a token is no piece of a longer word."""
    return _WORD.isdisjoint(text[max(first - 1, 0) : first] + text[last : last + 1])


def _holds_private_key(text: str) -> bool:
    if "PRIVATE KEY" not in text:
        return False
    key = _KEY.search(text)
    if key is None:
        return False
    # The headers of an encrypted key are no part of its body.
    rows = _ROW_END.split(key["body"])
    body = "\n".join(row for row in rows if not _HEADER.match(row))
    if not _BODY.fullmatch(body) or not _LONG_ROW.search(body):
        return False
    return len(set(body)) > 8


@lru_cache(maxsize=16)
def _forms(tokens: tuple[tuple[str, str], ...]) -> tuple[_Form, ...]:
    return tuple(
        _Form(provider, form, is_of_project(form), hints(form) or ("",))
        for provider, form in tokens
    )
