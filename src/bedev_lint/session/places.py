"""Where functions and sites of a linked program stand: files are read again for those asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import libcst as cst

from bedev_lint import facts
from bedev_lint.model import Location
from bedev_lint.program import Program, Step
from bedev_lint.program.project import Unit
from bedev_lint.syntax import (
    Limit,
    Module,
    Undecodable,
    Unparsable,
    decode,
    locate,
    parse,
    trusted_parser,
)

__all__ = ["FUNCTION", "find"]

# As the site of a step: the function itself.
FUNCTION = -1
_START = Location(1, 1)


def find(program: Program, root: Path, wanted: Iterable[Step]) -> Mapping[Step, Location]:
    """Return where steps stand. What cannot be found again stands at the start of its file."""
    by_module: dict[int, set[Step]] = {}
    for step in wanted:
        by_module.setdefault(step.function.module, set()).add(step)
    found: dict[Step, Location] = {}
    with trusted_parser():
        for module, steps in sorted(by_module.items()):
            found.update(_in_unit(program.project.units[module], root, steps))
    return found


def _in_unit(unit: Unit, root: Path, steps: set[Step]) -> Mapping[Step, Location]:
    try:
        text = decode((root / unit.path).read_bytes())
        tree = parse(text)
        module = Module(tree, text, unit.path, unit.name, is_package=unit.facts.is_package)
        nodes = _nodes(module, steps)
    except (OSError, Undecodable, Unparsable, Limit, RecursionError):
        return dict.fromkeys(steps, _START)
    places = locate(tree, text, set(nodes.values()))
    return {step: places.span(nodes[step]).start if step in nodes else _START for step in steps}


def _nodes(module: Module, steps: set[Step]) -> dict[Step, cst.CSTNode]:
    extracted = facts.extract(module)
    found: dict[Step, cst.CSTNode] = {}
    defined = _definitions(module) if any(step.site == FUNCTION for step in steps) else {}
    functions = extracted.facts.functions
    for step in steps:
        index = step.function.function
        if index >= len(functions):
            continue  # the file has changed meanwhile
        nodes = extracted.nodes[index]
        if 0 <= step.site < len(nodes):
            found[step] = nodes[step.site]
        elif step.site == FUNCTION:
            name = functions[index].qualname
            namesakes = [i for i, function in enumerate(functions) if function.qualname == name]
            definitions = defined.get(name, [])
            position = namesakes.index(index)
            if position < len(definitions):
                found[step] = definitions[position]
            elif nodes:
                found[step] = nodes[0]  # a lambda has no name to be found by
    return found


def _definitions(module: Module) -> dict[str, list[cst.CSTNode]]:
    """Return the nodes of all functions by their dotted name, in the order of the source."""
    found: dict[str, list[cst.CSTNode]] = {}
    for node in module.below(module.tree, cst.FunctionDef, nested=True):
        found.setdefault(module.qualname(node), []).append(node.name)
    return found
