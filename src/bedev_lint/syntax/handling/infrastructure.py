"""Handlers of errors that the code itself has not foreseen: broad, or of the infrastructure."""

from __future__ import annotations

import builtins
from fnmatch import fnmatchcase

import libcst as cst

from bedev_lint.model import Options
from bedev_lint.names import words
from bedev_lint.options import texts
from bedev_lint.prefilter.answering import errors_of_infrastructure, is_judging
from bedev_lint.source import BROAD
from bedev_lint.syntax.handling.answers import matches
from bedev_lint.syntax.handling.handlers import (
    Handler,
    Try,
    called_name,
    caught,
    own,
    statements,
    written,
)
from bedev_lint.syntax.module import Module
from bedev_lint.syntax.needs import Needed
from bedev_lint.syntax.scopes import dotted

__all__ = ["is_broad", "is_infrastructure", "may_reach_in", "only_judges", "reaches_in"]

_CLASSES = frozenset(dir(builtins))


def is_broad(handler: Handler, module: Module) -> bool:
    """Return whether a handler catches every error."""
    return not BROAD.isdisjoint(caught(handler, module))


def is_infrastructure(
    handler: Handler, module: Module, options: Options
) -> tuple[Needed, ...] | None:
    """Return what the program has to show for a handler to be of infrastructure errors.

    That is nothing where names say so, and None where they say that it is not.
    """
    names = caught(handler, module)
    if any(matches(name, errors_of_infrastructure(options)) for name in names):
        return ()
    own_names = tuple(name for name in written(handler.type, module) if _may_be(name, options))
    return (Needed("is", "infrastructure-errors", names=own_names),) if own_names else None


def _may_be(name: str, options: Options) -> bool:
    """Return whether a class of this name may be one of the project's on top of such an error."""
    last = name.split(".")[-1]
    return (
        last not in _CLASSES
        and not any(fnmatchcase(last, pattern) for pattern in texts(options, "own-errors"))
        and set(words(last)[-1:]) <= {*texts(options, "infrastructure-words")}
    )


def only_judges(tried: Try, options: Options) -> bool:
    """Return whether all that a `try` calls parses, converts, decodes or checks, by its names.

    Raises PrunedAccess, unless it is known not to from what is there.
    """
    return _calls_only_judging(tried, options, whole=False) and _calls_only_judging(
        tried, options, whole=True
    )


def _calls_only_judging(tried: Try, options: Options, *, whole: bool) -> bool:
    calls = (node for node in own(tried.body, whole=whole) if isinstance(node, cst.Call))
    names = (dotted(call.func) or called_name(call) for call in calls)
    return all(is_judging(name, options) for name in names if name)


def reaches_in(block: cst.CSTNode) -> Needed:
    """Return the need that something in a block reaches a database or another service."""
    return Needed("reach", "reaching", within=tuple(statements(block)))


def may_reach_in(block: cst.CSTNode) -> Needed:
    """Return the need that something in a block does so, or is not known not to."""
    return Needed("may-reach", "reaching", within=tuple(statements(block)))
