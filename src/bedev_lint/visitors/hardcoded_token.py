"""A literal that by its form is a provider's live credential, or a private key with a body."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from bedev_lint.deferred import cst, literals
from bedev_lint.model import Confidence, Options
from bedev_lint.names import words
from bedev_lint.options import compiled, hints, is_of_project, patterns, remembered, table, texts
from bedev_lint.prefilter.index import ECHO, PrefilterIndex
from bedev_lint.search import holding
from bedev_lint.source import Rows
from bedev_lint.visiting import LITERALS, Finding, visits

if TYPE_CHECKING:
    from bedev_lint.syntax import Module


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


class _Forms:
    """The forms of a rule, each with texts of which one stands in whatever has that form."""

    def __init__(self, forms: tuple[tuple[str, str], ...]) -> None:
        self._all = [_Form(*form) for form in forms]
        # The linked project's own may match any text, those of the rule one without blanks.
        self.of_rule: dict[str, list[int]] = {}
        self.of_project: dict[str, list[int]] = {}
        for number, form in enumerate(self._all):
            hinted = self.of_project if is_of_project(form.expression) else self.of_rule
            for hint in hints(form.expression) or ("",):
                hinted.setdefault(hint, []).append(number)

    def of(self, text: str) -> list[_Form]:
        """Return the forms that tokens in a text may have, in their order."""
        runs = _runs(text)
        numbers = [some for hint, some in self.of_project.items() if hint in text]
        if runs:
            numbers += [some for hint, some in self.of_rule.items() if hint in runs]
        return [self._all[number] for number in sorted({*chain(*numbers)})] if numbers else []


def candidates(index: PrefilterIndex, options: Options) -> Iterator[Rows]:
    forms = _forms(options, "tokens")
    values = [text.value for text in index.texts]
    with_hint = holding(values, {*forms.of_project, "PRIVATE KEY"})
    for number in with_hint | holding(list(map(_runs, values)), forms.of_rule):
        text = index.texts[number]
        if ECHO.search(text.value) or provider_in(text.value, options) is not None:
            yield text.rows


def _runs(text: str) -> str:
    """Return what of a text may be a token: much less to search."""
    return " ".join(_RUN.findall(text))


def provider_in(text: str, options: Options) -> str | None:
    """Return whose credential a text holds, None if it holds none."""
    if _holds_private_key(text):
        return _PRIVATE_KEY
    for form in _forms(options, "tokens").of(text):
        # Few of the forms are ever compiled: that takes long.
        for first, last in (match.span() for match in compiled(form.expression).finditer(text)):
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
    key_lines = _ROW_END.split(key["body"])
    body = "\n".join(row for row in key_lines if not _HEADER.match(row))
    if not _BODY.fullmatch(body) or not _LONG_ROW.search(body):
        return False
    return len(set(body)) > 8


@remembered
def _forms(options: Options, key: str) -> _Forms:
    return _Forms(table(options, key))


@visits(*LITERALS, prefilter=candidates)
def check(node: cst.CSTNode, module: Module, options: Options) -> Iterator[Finding]:
    provider = (
        None if literals.is_part(node, module) else provider_in(literals.text_of(node), options)
    )
    if provider is not None:
        likely = provider in texts(options, "likely")
        if likely and _is_example(node, module, options):
            return
        confidence = Confidence.LIKELY if likely else Confidence.CERTAIN
        yield Finding(node, fields={"provider": provider}, confidence=confidence)


def _is_example(node: cst.CSTNode, module: Module, options: Options) -> bool:
    """Return whether a literal stands for such as itself, by its name: `EXAMPLE = "…"`."""
    sought = texts(options, "example-words")
    return any(
        not frozenset(words(name)).isdisjoint(sought)
        for name in literals.names_around(node, module, calls=False)
    )
