"""A literal that by its form is a provider's live credential, or a private key with a body."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import libcst as cst

from bedev_lint.model import Confidence, Options
from bedev_lint.options import hints, patterns, table, texts
from bedev_lint.source import Landmarks, Rows
from bedev_lint.syntax import Finding, Module, visits
from bedev_lint.syntax.literals import LITERALS, is_part, text_of

# No provider's token is shorter.
_MIN_LENGTH = 20
_WORD = frozenset(string.ascii_letters + string.digits + "_-")
_KEY = re.compile(
    r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----(?P<body>.{40,}?)(?:-----END|\Z)",
    re.DOTALL,
)
_BODY = re.compile(r"(?:[A-Za-z0-9+/=]|\s|\\n)*[A-Za-z0-9+/=]{32,}(?:[A-Za-z0-9+/=]|\s|\\[nr])*\Z")


class _Form(NamedTuple):
    provider: str
    form: re.Pattern[str]
    # Texts of which one stands in whatever has the form: a test that is cheap.
    hints: tuple[str, ...]

    def may_match(self, text: str) -> bool:
        return not self.hints or any(hint in text for hint in self.hints)


def _where(landmarks: Landmarks, options: Options) -> Iterator[Rows]:
    forms = _forms(table(options, "tokens"))
    known = {"PRIVATE KEY", *(hint for form in forms for hint in form.hints)}
    is_known = all(form.hints for form in forms)
    for text in landmarks.texts:
        # The pieces around a field may be one token.
        if len(text.value) >= _MIN_LENGTH // 2 and (
            not is_known or any(hint in text.value for hint in known)
        ):
            yield text.rows


@visits(*LITERALS, where=_where)
def check(node: cst.CSTNode, module: Module, options: Options) -> Iterator[Finding]:
    if isinstance(node, cst.SimpleString) and len(node.value) < _MIN_LENGTH:
        return
    if is_part(node, module):
        return
    text = text_of(node)
    if len(text) < _MIN_LENGTH:
        return
    if _holds_private_key(text):
        yield Finding(node, fields={"provider": "private key"})
        return
    documented = patterns(options, "documented")
    for form in _forms(table(options, "tokens")):
        if not form.may_match(text):
            continue
        for token in form.form.finditer(text):
            if not _is_alone(text, token) or any(
                pattern.fullmatch(token[0]) for pattern in documented
            ):
                continue
            likely = form.provider in texts(options, "likely")
            yield Finding(
                node,
                fields={"provider": form.provider},
                confidence=Confidence.LIKELY if likely else Confidence.CERTAIN,
            )
            return


def _is_alone(text: str, token: re.Match[str]) -> bool:
    """Return whether a token is no piece of a longer word."""
    around = text[token.start() - 1 : token.start()] if token.start() else ""
    return _WORD.isdisjoint(around + text[token.end() : token.end() + 1])


def _holds_private_key(text: str) -> bool:
    if "PRIVATE KEY" not in text:
        return False
    key = _KEY.search(text)
    if key is None:
        return False
    # The headers of an encrypted key are no part of its body.
    body = re.sub(r"[A-Za-z-]+: [^\n]*(?:\n|\\n)", "", key["body"])
    return _BODY.match(body) is not None and len(set(body)) > 8


@lru_cache(maxsize=16)
def _forms(tokens: tuple[tuple[str, str], ...]) -> tuple[_Form, ...]:
    return tuple(_Form(provider, re.compile(form), hints(form)) for provider, form in tokens)
