"""A URL with a literal password: `scheme://user:password@host`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from bedev_lint.deferred import cst, literals
from bedev_lint.deferred.strings import environment, overlays, purpose
from bedev_lint.model import Options
from bedev_lint.names import words
from bedev_lint.options import texts
from bedev_lint.secrets import folded, is_placeholder, secret_values
from bedev_lint.visiting import LITERALS, Finding, visits

if TYPE_CHECKING:
    from bedev_lint.syntax import Module

# All before the first `/` is the authority; the last `@` in it ends the password. The user's name
# may hold one too, where it is an address of mail.
_URL = re.compile(
    r"(?P<scheme>[a-z][a-z0-9+.-]{0,30})://(?P<user>[^\s/:\"'`]*):(?P<password>[^\s/\"'`]+)@[^\s/@\"'`]",
    re.IGNORECASE,
)
# A sentence tells how such a URL is written.
_PROSE = re.compile(r"(?<![a-z])[a-z]{2,} [a-z]{2,} [a-z]{2}", re.IGNORECASE)
_LOOPBACK = re.compile(r"(?:localhost|127\.[0-9.]+|\[::1\])(?![\w.-])", re.IGNORECASE)
# A line of a file of variables: `DATABASE_URL="…"`.
_VARIABLE = re.compile(r"(?:export[ \t]+)?[A-Z][A-Z0-9_]*=\S*[ \t]*")
# A database of a machine next to this one, or of this one.
_DATABASE = re.compile(
    r"(?:[a-z0-9_-]+|127\.0\.0\.1)(?::[0-9]+)?/(?P<name>[\w-]+)(?![\w./-])", re.I
)
_MARKS = frozenset("{}%<>$*[]\0")


@visits(*LITERALS, holding="@")
def check(node: cst.CSTNode, module: Module, options: Options) -> Iterator[Finding]:
    if (
        not literals.may_hold(node, "@")
        or literals.is_part(node, module)
        or literals.is_docstring(node, module)
    ):
        return
    text = literals.text_of(node)
    if "://" not in text or _PROSE.search(text):
        return
    for url in _URL.finditer(text):
        if not _is_secret(url["password"], options):
            continue
        if not _is_shown(node, module, options) and not _is_excused(url, node, module, options):
            yield Finding(
                node,
                fields={"scheme": url["scheme"].lower()},
                needs=overlays.staying(node, module),
            )
        return


def _is_excused(url: re.Match[str], node: cst.CSTNode, module: Module, options: Options) -> bool:
    """Return whether nobody gets in with a password: made up, or of an account for the loopback."""
    if (
        purpose.is_made_up(node, module, options)
        or purpose.ends_sentence(node, module)
        or _is_own_default(url)
    ):
        return True
    account = f"{url['user']}:{url['password']}"
    return (
        account in texts(options, "loopback-accounts")
        and _LOOPBACK.match(url.string, url.end("password") + 1) is not None
        and environment.default_of(node, module, environment.lookups(options)) is not None
    )


def _is_own_default(url: re.Match[str]) -> bool:
    """Return whether a text is lines for a file of variables, and a URL the one of a fresh start.

    There user, password and database have one name, and the database stands next to what asks it:
    `DATABASE_URL="postgres://shop:shop@db/shop"`. Who has the file sets it.
    """
    database = _DATABASE.match(url.string, url.end("password") + 1)
    if database is None or {url["user"], url["password"]} != {database["name"]}:
        return False
    lines = (line.strip() for line in url.string.splitlines())
    return all(not line or line[0] == "#" or _VARIABLE.fullmatch(line) for line in lines)


def _is_secret(password: str, options: Options) -> bool:
    if not password.isascii():  # `user:密码@host`: what is to be put in, in the reader's language
        return False
    if not _MARKS.isdisjoint(password) or folded(password) in texts(options, "stand-ins"):
        return False
    return not is_placeholder(password, secret_values(options))


def _is_shown(node: cst.CSTNode, module: Module, options: Options) -> bool:
    """Return whether a text is only shown, as an example of what to write."""
    shown = frozenset(texts(options, "shown-words"))
    return any(not shown.isdisjoint(words(name)) for name in literals.names_around(node, module))
