"""A handler that takes what it needs from the body of a request, and never asks what is there."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache
from typing import TYPE_CHECKING
from unicodedata import normalize

from bedev_lint.deferred import cst, literals, needs, raw_bodies
from bedev_lint.deferred.handling import handlers
from bedev_lint.model import Options
from bedev_lint.options import texts
from bedev_lint.prefilter.index import PrefilterIndex
from bedev_lint.source import Rows
from bedev_lint.source.lines import line_starts
from bedev_lint.visiting import Finding, visits

if TYPE_CHECKING:
    from bedev_lint.syntax import Module


def candidates(index: PrefilterIndex, options: Options) -> Iterator[Rows]:
    """Name the functions that read the body of a request somewhere."""
    parts = (*texts(options, "encoded"), *texts(options, "decoded"))
    requests = {name.rpartition(".")[2] for name in texts(options, "request-names")}
    of_request = _reading(
        frozenset(requests), frozenset((*parts, *texts(options, "decoded-by-call")))
    )
    # Python reads names so, whatever letters they are written in.
    text = index.text if index.text.isascii() else normalize("NFKC", index.text)
    is_named = any(name in text for name in requests)
    matches = list(of_request.finditer(text)) if is_named else []
    starts = line_starts(text) if matches else ()
    for match in matches:
        yield index.around(bisect_right(starts, match.start()))


@cache
def _reading(requests: frozenset[str], parts: frozenset[str]) -> re.Pattern[str]:
    """Return what finds `request.json`, on one row or several."""
    between = r"[\s\\()]*"
    names, attributes = ("|".join(map(re.escape, sorted(words))) for words in (requests, parts))
    return re.compile(rf"\b(?:{names})\b{between}\.{between}(?:{attributes})\b")


@visits("FunctionDef", prefilter=candidates)
def check(node: cst.CSTNode, module: Module, options: Options) -> Iterator[Finding]:
    if not isinstance(node, cst.FunctionDef) or _is_declared(node, options):
        return
    given = (*node.params.posonly_params, *node.params.params, *node.params.kwonly_params)
    names = {param.name.value for param in given}
    is_handed = not names.isdisjoint(texts(options, "request-names"))
    for use, key in raw_bodies.RawBodies(node, module, options).unchecked():
        if _is_checked_before(node, key, module, options, frozenset()):
            continue
        what = f"`{key}`" if key else "all"
        yield Finding(
            use,
            {"function": node.name.value, "what": what},
            needs=(needs.Needed("handed" if is_handed else "within", "handlers"),),
        )
        return


def _is_checked_before(
    function: cst.FunctionDef,
    key: str,
    module: Module,
    options: Options,
    visited: frozenset[cst.FunctionDef],
) -> bool:
    """Return whether all of a module that hand a request on to a function check it before that.

    What is decorated is called by others.
    """
    if function in visited or function.decorators:
        return False
    callers = list(raw_bodies.handing_on(function, module))
    return bool(callers) and all(
        _is_declared(caller, options)
        or raw_bodies.RawBodies(caller, module, options).is_checked(call, key)
        or _is_checked_before(caller, key, module, options, visited | {function})
        for caller, call in callers
    )


def _is_declared(function: cst.FunctionDef, options: Options) -> bool:
    """Return whether a decorator may check the body."""
    for mark in function.decorators:
        call = mark.decorator
        name = (
            handlers.called_name(call)
            if isinstance(call, cst.Call)
            else literals.last_name(call) or ""
        )
        if any(fnmatchcase(name, pattern) for pattern in texts(options, "declaring")):
            return True
    return False
