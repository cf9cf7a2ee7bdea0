"""A handler of webhooks that changes something, whoever has sent it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bedev_lint.deferred import cst, needs, receivers
from bedev_lint.model import Options
from bedev_lint.prefilter.index import PrefilterIndex
from bedev_lint.prefilter.receiving import receivers as rows_of_receivers
from bedev_lint.source import Rows
from bedev_lint.visiting import Finding, visits

if TYPE_CHECKING:
    from bedev_lint.syntax import Module


def candidates(index: PrefilterIndex, options: Options) -> Iterator[Rows]:
    """Name the rows of a file that may have a handler of webhooks."""
    return rows_of_receivers(index, options)


@visits("FunctionDef", prefilter=candidates)
def check(node: cst.CSTNode, module: Module, options: Options) -> Iterator[Finding]:
    if (
        isinstance(node, cst.FunctionDef)
        and receivers.is_receiver(node, module, options)
        and receivers.is_open(node, module, options)
        and not receivers.looks_at_sender(node, module, options)
    ):
        given = receivers.names_of_request(node)
        yield Finding(
            node,
            {"function": node.name.value},
            needs=(
                needs.Needed("reach", "changing", within=(node.body,)),
                needs.Needed("never", "verifying", names=given),
            ),
        )
