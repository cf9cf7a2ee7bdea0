"""Which literals stand in for a file of configuration that is not there."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

import libcst as cst

from bedev_lint.names import words
from bedev_lint.syntax.literals import last_name
from bedev_lint.syntax.module import Module
from bedev_lint.syntax.scopes import dotted
from bedev_lint.syntax.walk import one_by_one

__all__ = ["is_for_missing_file"]

_READING = frozenset({"load", "loads", "read", "parse"})
_BLOCKS = (cst.If, cst.Else, cst.ExceptHandler)


def is_for_missing_file(
    node: cst.CSTNode, module: Module, configuration_words: Collection[str]
) -> bool:
    """Return whether a table is the configuration only where the file of it was not read.

    `if path.exists(): config = json.load(file)` before `else: config = {"url": "…"}`, or `try`
    before `except`, or the other way round. Raises PrunedAccess.
    """
    table = module.statement_of(node)
    if not isinstance(table, cst.Assign) or not isinstance(table.value, cst.Dict):
        return False
    targets = [dotted(target.target) for target in table.targets]
    if not any(
        name and not frozenset(words(name)).isdisjoint(configuration_words) for name in targets
    ):
        return False
    return any(
        [dotted(target.target) for target in one.targets] == targets and _is_read(one, module)
        for one in _assignments(_instead(table, module))
    )


def _instead(statement: cst.CSTNode, module: Module) -> Iterator[cst.CSTNode]:
    """Return the lines that were run, or tried, where a branch with a statement in it is not."""
    block = next((one for one in module.ancestors(statement) if isinstance(one, _BLOCKS)), None)
    above = module.parent(block) if block is not None else None
    before = cst.Try if isinstance(block, cst.ExceptHandler) else cst.If
    if isinstance(block, (cst.Else, cst.ExceptHandler)) and isinstance(above, before):
        yield from one_by_one(above.body.body)
    elif isinstance(block, cst.If) and isinstance(block.orelse, cst.Else):
        yield from one_by_one(block.orelse.body.body)


def _assignments(lines: Iterable[cst.CSTNode]) -> Iterator[cst.Assign]:
    """Return the assignments among these lines, also where a file is open, or it is tried."""
    for line in lines:
        if isinstance(line, cst.Assign):
            yield line
        elif isinstance(line, (cst.With, cst.Try)):
            yield from _assignments(one_by_one(line.body.body))


def _is_read(assign: cst.Assign, module: Module) -> bool:
    """Return whether a value is read by a call: `json.load(file)`, `yaml.safe_load(text)`."""
    return any(
        not _READING.isdisjoint(words(last_name(call.func) or ""))
        for call in module.below(assign.value, cst.Call)
    )
