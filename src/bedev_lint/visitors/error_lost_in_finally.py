"""A `return`, `break` or `continue` in `finally` that discards the exception in flight."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from bedev_lint.model import Options
from bedev_lint.syntax import Finding, Module, visits

_WORDS = {cst.Return: "return", cst.Break: "break", cst.Continue: "continue"}


@visits(cst.Return, cst.Break, cst.Continue)
def check(node: cst.CSTNode, module: Module, options: Options) -> Iterator[Finding]:
    if _leaves_finally(node, module):
        yield Finding(node, fields={"jump": _WORDS[type(node)]})


def _leaves_finally(node: cst.CSTNode, module: Module) -> bool:
    """Say whether a `finally` lies between a jump and what it jumps to."""
    stays = not isinstance(node, cst.Return)
    child = node
    for above in module.ancestors(node):
        if isinstance(above, cst.Finally):
            return True
        if isinstance(above, (cst.FunctionDef, cst.Lambda, cst.ClassDef)):
            return False
        # A jump in the `else` of a loop belongs to the loop around it.
        if stays and isinstance(above, (cst.For, cst.While)) and child is above.body:
            return False
        child = above
    return False
