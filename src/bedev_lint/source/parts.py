"""A module with what cannot matter left out, every line where it was: LibCST is slow."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from bedev_lint.source.lines import line_starts
from bedev_lint.source.nodes import first_row, suites

__all__ = ["Part", "is_left_out", "parts", "without"]

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_COMPOUND = (
    *_FUNCTIONS,
    ast.ClassDef,
    ast.If,
    ast.For,
    ast.AsyncFor,
    ast.While,
    ast.With,
    ast.AsyncWith,
    ast.Try,
    ast.Match,
    *([ast.TryStar] if hasattr(ast, "TryStar") else []),
)
_QUOTES = "'''"


class Part(NamedTuple):
    """A function that stands in no other, or simple statements of a class one after the other.

    `start` is the offset of its first character behind the indentation, `end` that of the line
    after it. `head` is what has to stay of it: a function binds its name. `owner` are the rows
    of the class that statements stand in; (0, 0) for a function.
    """

    first_row: int
    last_row: int
    start: int
    end: int
    head: str
    owner: tuple[int, int]


def parts(tree: ast.Module, text: str) -> list[Part]:
    """Return all that can be left out of a module, in the order of the text."""
    starts = [*line_starts(text), len(text)]
    return list(_parts(tree.body, text, starts, (0, 0)))


def _parts(
    suite: Sequence[ast.AST], text: str, starts: Sequence[int], owner: tuple[int, int]
) -> Iterator[Part]:
    run: list[ast.AST] = []
    for node in suite:
        if owner[0] and not isinstance(node, _COMPOUND):
            run.append(node)
            continue
        yield from _part(run, "", text, starts, owner)
        run = []
        if isinstance(node, _FUNCTIONS):
            yield from _part([node], f"def {node.name}(): ", text, starts, (0, 0))
            continue
        for inner in suites(node):
            is_class = isinstance(node, ast.ClassDef)
            yield from _parts(inner, text, starts, _rows(node) if is_class else (0, 0))
    yield from _part(run, "", text, starts, owner)


def _part(
    nodes: Sequence[ast.AST], head: str, text: str, starts: Sequence[int], owner: tuple[int, int]
) -> Iterator[Part]:
    """Return these statements as one part; nothing if they share their rows with others."""
    if not nodes:
        return
    first = min(_rows(node)[0] for node in nodes)
    last = max(_rows(node)[1] for node in nodes)
    line = text[starts[first - 1] : starts[first]]
    start = starts[first - 1] + len(line) - len(line.lstrip(" \t"))
    column = nodes[0].col_offset if isinstance(nodes[0], ast.stmt) else 0
    if column == start - starts[first - 1]:
        yield Part(first, last, start, starts[last], head, owner)


def _rows(node: ast.AST) -> tuple[int, int]:
    assert isinstance(node, ast.stmt)
    return first_row(node), node.end_lineno or node.lineno


def without(text: str, left_out: Sequence[Part]) -> str:
    """Return the text without these parts, in the order of the text."""
    pieces: list[str] = []
    at = 0
    for part in left_out:
        # One string costs less to parse than many empty lines.
        rows = "\n" * (part.last_row - part.first_row)
        pieces += [text[at : part.start], f"{part.head}{_QUOTES}{rows}{_QUOTES}"]
        at = part.end
        while at > part.start and text[at - 1] in "\r\n":
            at -= 1
    return "".join([*pieces, text[at:]])


def is_left_out(literal: str) -> bool:
    """Return whether a string, as it is written, stands for a part that was left out."""
    return (
        len(literal) >= 2 * len(_QUOTES)
        and literal.startswith(_QUOTES)
        and not literal.strip("'").strip("\n")
    )
