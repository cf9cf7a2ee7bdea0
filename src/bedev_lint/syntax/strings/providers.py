"""Which addresses are those of the one provider that the code around them speaks of."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from bedev_lint.names import words
from bedev_lint.syntax.literals import last_name
from bedev_lint.syntax.module import Module

__all__ = ["is_of_provider"]

_SCOPES = (cst.FunctionDef, cst.ClassDef, cst.Lambda)
# A word so long may begin the name of a domain: `github` that of githubusercontent.com.
_LONG = 5
# The label of a domain is longer than what registries sell below: `shop.co.uk`.
_SHORT = 3


def is_of_provider(node: cst.CSTNode, host: str, module: Module) -> bool:
    """Return whether what is put into a URL, or asked before it is used, has the host's name.

    `f"https://github.com/{github_user}"`, or under `if "github.com" in url`: whichever machine
    this runs on, that provider is meant.
    """
    labels = host.split(".")
    is_below = len(labels) > 2 and len(labels[-2]) <= _SHORT
    domain = "".join(words(labels[-3 if is_below else -2])) if len(labels) > 1 else host
    said = [*_put_in(node, module), *_asked(node, module)]
    return any(_speaks_of(name, domain) for name in said)


def _speaks_of(name: str, domain: str) -> bool:
    parts = words(name)
    return (len(domain) > _SHORT and domain in "".join(parts)) or any(
        len(word) >= _LONG and domain.startswith(word) for word in parts
    )


def _put_in(node: cst.CSTNode, module: Module) -> Iterator[str]:
    """Return the names of what is put into a text: by fields, `+`, `%` or `format`."""
    child = node
    for part in getattr(node, "parts", ()):
        if isinstance(part, cst.FormattedStringExpression):
            yield last_name(part.expression) or ""
    for parent in module.ancestors(node):
        if isinstance(parent, cst.BinaryOperation):
            sides = [side for side in (parent.left, parent.right) if side is not child]
            yield from (last_name(side) or "" for side in sides)
        elif isinstance(parent, cst.Call) and parent.func is child:
            yield from (last_name(arg.value) or "" for arg in parent.args)
        elif not isinstance(parent, (cst.Attribute, cst.ConcatenatedString)):
            return
        child = parent


def _asked(node: cst.CSTNode, module: Module) -> Iterator[str]:
    """Return the names and texts in the conditions under which a node is used in its function."""
    child = node
    for parent in module.ancestors(node):
        if isinstance(parent, (cst.If, cst.IfExp)) and child is parent.body:
            yield from (one.value for one in module.below(parent.test, cst.Name))
            yield from (one.value for one in module.below(parent.test, cst.SimpleString))
        elif isinstance(parent, _SCOPES):
            return
        child = parent
