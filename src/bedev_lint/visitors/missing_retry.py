"""A client of another service that gives up at the first error."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from bedev_lint.deferred import cst, needs
from bedev_lint.deferred.handling import handlers
from bedev_lint.model import Options
from bedev_lint.names import any_match
from bedev_lint.options import texts
from bedev_lint.prefilter.index import PrefilterIndex
from bedev_lint.source import Rows
from bedev_lint.source.lines import lines
from bedev_lint.visiting import Finding, visits

if TYPE_CHECKING:
    from bedev_lint.syntax import Module


def candidates(index: PrefilterIndex, options: Options) -> Iterator[Rows]:
    """Name the functions in which something may be asked for by a method that can be repeated."""
    if "class" not in index.text:
        return
    asking = _asking(texts(options, "verbs"))
    for row, line in enumerate(lines(index.text), 1):
        if asking.search(line):
            yield index.around(row)


@cache
def _asking(verbs: tuple[str, ...]) -> re.Pattern[str]:
    words = "|".join((*verbs, *(f"[\"']{verb}[\"']" for verb in verbs)))
    return re.compile(rf"(?i)(?<!\w)(?:{words})(?!\w)")


@visits("ClassDef", prefilter=candidates)
def check(node: cst.CSTNode, module: Module, options: Options) -> Iterator[Finding]:
    if not isinstance(node, cst.ClassDef) or _is_abstract(node, module, options):
        return
    name = node.name.value
    if any_match((name,), texts(options, "others")):
        return
    calls = tuple(
        call
        for call in module.below(node.body, cst.Call, nested=True, whole=False)
        if _class_around(call, module) is node and _may_be_repeated(call, options)
    )
    if not calls:
        return
    is_client = any_match((name,), texts(options, "clients"))
    yield Finding(
        node,
        {"client": name},
        needs=(
            *(() if is_client else (needs.Needed("within", "client-contexts"),)),
            needs.Needed("not-retried", "retrying", within=calls, names=(module.qualname(node),)),
        ),
    )


def _class_around(node: cst.CSTNode, module: Module) -> cst.CSTNode | None:
    return next(
        (above for above in module.ancestors(node) if isinstance(above, cst.ClassDef)), None
    )


def _is_abstract(node: cst.ClassDef, module: Module, options: Options) -> bool:
    """Return whether a class is only there for others to be derived from it."""
    bases = (module.qualified(arg.value) or "" for arg in (*node.bases, *node.keywords))
    marks = (
        module.qualified(mark.decorator) or ""
        for function in module.below(node.body, cst.FunctionDef, whole=False)
        for mark in function.decorators
    )
    return any_match((*bases, *marks), texts(options, "abstract"))


def _may_be_repeated(call: cst.Call, options: Options) -> bool:
    """Return whether a call is of such a method of HTTP: `.get(…)`, `request("GET", …)`."""
    verbs = texts(options, "verbs")
    if handlers.called_name(call).lower() in verbs:
        return True
    return any(
        isinstance(arg.value, cst.SimpleString) and arg.value.raw_value.lower() in verbs
        for arg in call.args
    )
