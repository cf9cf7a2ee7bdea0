"""A secret, a request as a whole, or what tells of a person, that is written to a log."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bedev_lint.deferred import cst
from bedev_lint.deferred.handling import log_lines, logged
from bedev_lint.model import Options, Severity
from bedev_lint.names import words
from bedev_lint.options import texts
from bedev_lint.prefilter.index import PrefilterIndex
from bedev_lint.search import holding
from bedev_lint.secrets import may_name_secrets, secret_names
from bedev_lint.source import Rows, lines
from bedev_lint.visiting import Finding, visits

if TYPE_CHECKING:
    from bedev_lint.syntax import Module


def candidates(index: PrefilterIndex, options: Options) -> Iterator[Rows]:
    """Name the rows with a word of what must not be logged, where there is a log at all."""
    if not any(f".{method}" in index.text for method in texts(options, "loud")):
        return
    names = (*texts(options, "personal-names"), *texts(options, "private-names"))
    sought = {*(words(name)[-1] for name in names), *texts(options, "request-parts")}
    rows = [line.lower() for line in lines(index.text)]
    found = holding(rows, [word.lower() for word in sought])
    for row in found | may_name_secrets(rows, secret_names(options)):
        yield row + 1, row + 1


@visits("Call", prefilter=candidates)
def check(node: cst.CSTNode, module: Module, options: Options) -> Iterator[Finding]:
    if not isinstance(node, cst.Call) or not log_lines.is_line(node, options):
        return
    told = {
        what.kind: what.name
        for what in logged.told_by(node, options)
        if what.kind != "request" or not _is_made_here(what.value, module)
    }
    for kind, severity in _SEVERITIES.items():
        if kind in told:
            yield Finding(node, {"value": told[kind]}, severity=severity)
            return


def _is_made_here(node: cst.CSTNode, module: Module) -> bool:
    """Return whether a name stands for what was made in the function: an answer, by its name."""
    return isinstance(node, cst.Name) and any(
        isinstance(binder, (cst.Assign, cst.AnnAssign)) for binder in module.bindings(node)
    )


# The worst first.
_SEVERITIES = {"secret": Severity.ERROR, "request": Severity.ERROR, "personal": Severity.WARNING}
