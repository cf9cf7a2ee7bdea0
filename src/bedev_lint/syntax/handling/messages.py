"""A handler that leaves a message where somebody will read it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

import libcst as cst

from bedev_lint.names import words
from bedev_lint.syntax.handling.handlers import Handler, Try, called_name, own
from bedev_lint.syntax.handling.tries import bound_in, call_of, root
from bedev_lint.syntax.literals import text_of
from bedev_lint.syntax.module import Module

__all__ = ["leaves_message"]

# What is written for people has several words.
_SENTENCE = re.compile(r"[^\W\d_]{2}[,;:]?\s{1,9}(\S{1,30}\s{1,9})?[^\W\d_]{2}")
_TEXTS = (cst.SimpleString, cst.ConcatenatedString, cst.FormattedString)


def leaves_message(
    handler: Handler,
    tried: Try,
    module: Module,
    gathering: Collection[str],
    holding: Collection[str],
) -> bool:
    """Return whether a handler adds a message to a collection that outlives it.

    `gathering` are the methods that add. A message is a sentence, or an object that is made with
    one; or any text or such object, where `holding` has a word of the name of the collection.
    """
    made_here = bound_in(tried.body, module) | bound_in(handler.body, module)
    for node in own(handler.body):
        call = call_of(node) if isinstance(node, cst.Expr) else None
        if call is None or called_name(call) not in gathering:
            continue
        into = call.func.value if isinstance(call.func, cst.Attribute) else call.func
        if not root(into) or module.dotted(into) in made_here:
            continue
        holds = not set(words(_last_name(into))).isdisjoint(holding)
        if any(_is_message(arg.value, holds) for arg in call.args):
            return True
    return False


def _is_message(value: cst.CSTNode, of_any_kind: bool) -> bool:
    texts = list(_texts_of(value))
    return any(_SENTENCE.search(text) for text in texts) or (of_any_kind and bool(texts))


def _texts_of(value: cst.CSTNode) -> Iterator[str]:
    """Return the texts of a text, or of the object that is made with them."""
    if isinstance(value, _TEXTS):
        yield text_of(value)
    elif isinstance(value, cst.Call) and called_name(value):
        for arg in value.args:
            yield from _texts_of(arg.value)


def _last_name(node: cst.CSTNode) -> str:
    if isinstance(node, cst.Attribute):
        return node.attr.value
    return node.value if isinstance(node, cst.Name) else ""
