"""`contextlib.suppress` with `Exception` or wider: every error of the block is lost."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from bedev_lint.deferred import aftermath, cst, handlers
from bedev_lint.model import Options
from bedev_lint.options import texts
from bedev_lint.source import BROAD
from bedev_lint.visiting import Finding, visits

if TYPE_CHECKING:
    from bedev_lint.syntax import Module


@visits("Call", calling="contextlib.suppress")
def check(call: cst.Call, module: Module, options: Options) -> Iterator[Finding]:
    if module.qualified(call.func) != "contextlib.suppress":
        return
    broad = [
        name for arg in call.args for name in handlers.expand(arg.value, module) if name in BROAD
    ]
    if not broad:
        return
    within = [above for above in module.ancestors(call) if isinstance(above, cst.With)][:1]
    if not _cleans_up(within, module, texts(options, "cleanup")):
        # A line of a log that cannot be written cannot be told of either.
        logged = [
            line
            for each in within
            for line in aftermath.only_call(each.body, texts(options, "logged"))
        ]
        yield Finding(call, {"suppressed": broad[0]}, logged)


def _cleans_up(within: list[cst.With], module: Module, cleanup: Collection[str]) -> bool:
    """Return whether the block only cleans up after an error or in a `finally`, or waits for it."""
    return any(
        aftermath.is_cleaned_up(each, each.body, module, cleanup)
        or aftermath.cleans_up_after(each, each.body, module, cleanup)
        or aftermath.only_waits(each, each.body, module)
        for each in within
    )
