"""Which addresses are links to one of many things on a public site, made where they are shown."""

from __future__ import annotations

import re

import libcst as cst

from bedev_lint.model import Options
from bedev_lint.names import words
from bedev_lint.options import texts
from bedev_lint.prefilter.index import HOLE
from bedev_lint.syntax.literals import last_name, names_around
from bedev_lint.syntax.module import Module
from bedev_lint.syntax.strings.shown import is_cloned, is_fetched

__all__ = ["is_permalink"]

# Where the path or the query of an address begins, and what is put in: `{id}`, `%s`, `%(id)d`.
_PATH = re.compile("[/?]")
_FIELD = re.compile(rf"{HOLE}|\{{[^{{}}]{{0,40}}\}}|%(?:\(\w{{1,40}}\))?[sdi]")
_WORD = re.compile("([a-z]+)[0-9]*")
# What a text goes through until it is used, `"…".format(…)` among it.
_PARTS = (
    cst.Attribute,
    cst.BinaryOperation,
    cst.Call,
    cst.ConcatenatedString,
    cst.FormattedString,
    cst.FormattedStringExpression,
)
_COLLECTING = frozenset({"add", "append", "appendleft", "insert"})
# What is sent to an address beside it.
_SENT = frozenset({"body", "data", "json", "method", "params"})


def is_permalink(head: str, node: cst.CSTNode, module: Module, options: Options) -> bool:
    """Return whether a text leads to one thing of many on a site, and nothing here asks it.

    `https://news.org/item?id={id}`: what is dynamic says which one, of which kind says a word
    before it, unless the host is of a site by its name. An interface for programs has one of the
    option `endpoint-words` in its address, or in the name of what is given it. What another
    function does with it is not looked at.
    """
    scheme, _, address = head.partition("://")
    begin = _PATH.search(address)
    field = _FIELD.search(address, begin.start()) if begin is not None else None
    if begin is None or field is None or scheme.lower() not in ("http", "https"):
        return False
    kind = address[begin.start() : field.start()]
    if not (_WORD.search(kind.lower()) or address.startswith("www.")):
        return False  # an address to begin others with
    names = " ".join(names_around(node, module, calls=False))
    said = {word for match in _WORD.finditer(address.lower()) for word in (match[0], match[1])}
    return (
        said.union(words(names)).isdisjoint(texts(options, "endpoint-words"))
        and _is_kept(node, module)
        and not is_fetched(node, module, options)
        and not is_cloned(node, module, options)
    )


def _is_kept(node: cst.CSTNode, module: Module) -> bool:
    """Return whether an address is returned, bound, or put into something: not used at once."""
    for parent in module.ancestors(node):
        if isinstance(parent, cst.Arg):
            call = module.parent(parent)
            if not isinstance(call, cst.Call):
                return False
            if parent.keyword is None:
                return last_name(call.func) in _COLLECTING
            beside = {arg.keyword.value for arg in call.args if arg.keyword is not None}
            return beside.isdisjoint(_SENT)
        if not isinstance(parent, _PARTS):
            return True
    return True
