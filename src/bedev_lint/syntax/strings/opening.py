"""Which literals go nowhere but to a person's browser."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

import libcst as cst

from bedev_lint.model import Options
from bedev_lint.options import texts
from bedev_lint.syntax.module import Module
from bedev_lint.syntax.strings.constants import given_to
from bedev_lint.syntax.strings.uses import uses_of_variable

__all__ = ["is_opened"]

# Where nothing is done with the answer of a call, but to ask whether it has worked.
_UNUSED = (cst.Expr, cst.Return, cst.If, cst.UnaryOperation)


def is_opened(node: cst.CSTNode, module: Module, options: Options) -> bool:
    """Return whether an address is opened in a browser, and used for nothing but to show it.

    It is given to one of the rule's option `browser-functions`, or so is the variable that it is
    put into; others that show it are `name-functions`.
    """
    opening, showing = texts(options, "browser-functions"), texts(options, "name-functions")
    if _is_given(node, module, opening):
        return True
    uses = uses_of_variable(node, module)
    return any(_is_given(use, module, opening) for use in uses) and all(
        _is_given(use, module, opening) or _matches(given_to(use, module), showing) for use in uses
    )


def _is_given(node: cst.CSTNode, module: Module, functions: Sequence[str]) -> bool:
    call = module.parent(arg) if isinstance(arg := module.parent(node), cst.Arg) else None
    return (
        isinstance(call, cst.Call)
        and isinstance(module.parent(call), _UNUSED)
        and _matches(given_to(node, module), functions)
    )


def _matches(called: str | None, functions: Sequence[str]) -> bool:
    return called is not None and any(fnmatchcase(called, one) for one in functions)
