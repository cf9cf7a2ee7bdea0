"""A URL with a literal password: `scheme://user:password@host`."""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from bedev_lint.model import Options
from bedev_lint.names import words
from bedev_lint.options import patterns
from bedev_lint.secrets import folded, is_placeholder
from bedev_lint.syntax import Finding, Module, visits
from bedev_lint.syntax.literals import (
    LITERALS,
    is_docstring,
    is_part,
    may_hold,
    names_around,
    text_of,
)

# All before the first `/` is the authority; the last `@` in it ends the password. The user's name
# may hold one too, where it is an address of mail.
_URL = re.compile(
    r"(?P<scheme>[a-z][a-z0-9+.-]{0,30})://(?P<user>[^\s/:\"'`]*):(?P<password>[^\s/\"'`]+)@[^\s/@\"'`]",
    re.IGNORECASE,
)
# A sentence tells how such a URL is written.
_PROSE = re.compile(r"(?<![a-z])[a-z]{2,} [a-z]{2,} [a-z]{2}", re.IGNORECASE)
_STAND_INS = frozenset("pass password passwd pwd pw secret".split())
_SHOWN = frozenset(
    "help description hint message label placeholder example examples doc docs".split()
)
_MARKS = frozenset("{}%<>$*[]\0")


@visits(*LITERALS)
def check(node: cst.CSTNode, module: Module, options: Options) -> Iterator[Finding]:
    if not may_hold(node, "@") or is_part(node, module) or is_docstring(node, module):
        return
    text = text_of(node)
    if "://" not in text or _PROSE.search(text):
        return
    for url in _URL.finditer(text):
        if _is_secret(url["password"], options) and not _is_shown(node, module):
            yield Finding(node, fields={"scheme": url["scheme"].lower()})
            return


def _is_secret(password: str, options: Options) -> bool:
    if not _MARKS.isdisjoint(password) or folded(password) in _STAND_INS:
        return False
    return not is_placeholder(password, patterns(options, "placeholders"))


def _is_shown(node: cst.CSTNode, module: Module) -> bool:
    """Return whether a text is only shown, as an example of what to write."""
    return any(not _SHOWN.isdisjoint(words(name)) for name in names_around(node, module))
