"""An index of one module: its texts, handlers and names, by which rules find where to look."""

from __future__ import annotations

import ast
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate, chain
from typing import Any, NamedTuple
from unicodedata import normalize

from bedev_lint.search import holding
from bedev_lint.source import line_starts, lines, words_in
from bedev_lint.source.nodes import (
    FIELDS,
    FUNCTIONS,
    SUITES,
    TRIES,
    bound_names,
    constant_text,
    first_row,
    rows_of,
    suites,
)
from bedev_lint.source.rows import Rows, is_among
from bedev_lint.source.statements import header_of

__all__ = ["ECHO", "HOLE", "MANY", "Clause", "PrefilterIndex", "Text", "indexed"]

# What stands for more words than so many may stand for any.
MANY = 50
# Stands in a text for what only the running program knows.
HOLE = "\0"
# Before it may stand an expression, which Python writes into the text of `{x=}`.
ECHO = re.compile(rf"=\s*{HOLE}")
_WORD = re.compile(r"\w+")
_WITH_FIELDS = (ast.JoinedStr, getattr(ast, "TemplateStr", ast.JoinedStr))

# The fields of each kind of statement that hold none of its suites.
_OWN = {
    kind: tuple(name for name in FIELDS[kind] if name not in inner)
    for kind, inner in SUITES.items()
}


class Text(NamedTuple):
    """A literal text, with `HOLE` for each of its fields.

    `rows` are the first and last row of its statement (of a compound one of the header), and
    `node` is that statement, or case, and `owner` the function that it stands in, or the module.
    `is_statement` says that it is one by itself, as docstrings are.
    """

    value: str
    rows: Rows
    node: ast.AST
    owner: ast.AST
    is_statement: bool

    @property
    def around(self) -> Rows:
        """The rows of the function; of the statement, if it stands in none."""
        return self.rows if isinstance(self.owner, ast.Module) else rows_of(self.owner)


class Clause(NamedTuple):
    """A handler, or a `finally`, of which `node` is the `try` itself.

    `rows` are those of the clause alone; `owner` is the function that the `try` stands in, or
    the module; `behind` the statement that follows on the `try` in its suite.
    """

    node: ast.AST
    rows: Rows
    tried: ast.AST
    owner: ast.AST
    behind: ast.stmt | None

    @property
    def around(self) -> Rows:
        """The rows of the function; of the `try`, if it stands in none."""
        return rows_of(self.tried if isinstance(self.owner, ast.Module) else self.owner)


class _Binding(NamedTuple):
    names: tuple[str, ...]
    value: ast.AST
    rows: Rows


Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(eq=False)
class PrefilterIndex:
    """All strings and functions; and handlers (`except`) and each `try` with a `finally`.

    `calls` are the statements that make a call and do no more, by the last name of what it calls.
    """

    text: str
    texts: list[Text] = field(default_factory=list)
    clauses: dict[str, list[Clause]] = field(default_factory=lambda: {"except": [], "finally": []})
    functions: list[Function] = field(default_factory=list)
    calls: dict[str, list[Rows]] = field(default_factory=dict)
    _outermost: list[Rows] = field(default_factory=list)
    _bindings: list[_Binding] = field(default_factory=list)
    _naming: dict[frozenset[str], frozenset[str]] = field(default_factory=dict)

    def written(self, rows: Rows) -> str:
        """Return the text of these rows."""
        return self.text[self._starts[rows[0] - 1] : self._starts[rows[1]]]

    def around(self, row: int) -> Rows:
        """Return the rows of the outermost function that has this one; else the row alone."""
        before = bisect_right(self._in_order, row, key=lambda rows: rows[0])
        rows = self._in_order[before - 1] if before else (0, 0)
        return rows if row <= rows[1] else (row, row)

    @cached_property
    def _in_order(self) -> list[Rows]:
        return sorted(self._outermost)

    @cached_property
    def _starts(self) -> list[int]:
        return [*line_starts(self.text), len(self.text)]

    def known_as(
        self,
        words_given: Callable[[ast.AST], Iterable[str]],
        same: Callable[[ast.AST], Iterable[str]] | None = None,
    ) -> dict[str, set[str]]:
        """Return the names that the module gives to values in which there are certain words.

        `given(value)` says which; and `same(value)` the names that a value is another for, all
        that occur in it if that is not said. Of `from a import b as c` and `d = c` both `c` and
        `d` are found if `b` is such a word. To a name with more than `MANY` words not all are said.
        """
        aliases: dict[str, set[str]] = {}
        words = [set(words_given(binding.value)) for binding in self._bindings]
        if not any(words):
            return aliases
        same = same or words_in
        # Which bindings give the value of a name to other names.
        passing: dict[str, list[tuple[str, ...]]] = {}
        for binding in self._bindings:
            for other in {*same(binding.value)}:
                passing.setdefault(other, []).append(binding.names)
        todo = [
            (name, own)
            for binding, own in zip(self._bindings, words, strict=True)
            for name in binding.names
            if own
        ]
        while todo:
            name, behind = todo.pop()
            words_of_name = aliases.setdefault(name, set())
            new = behind - words_of_name if len(words_of_name) <= MANY else ()
            if new:
                words_of_name |= new
                todo += ((to, new) for names in passing.get(name, ()) for to in names)
        return aliases

    def binds(self, name: str) -> bool:
        """Return whether the module gives this name to a value."""
        return name in self._bound

    @cached_property
    def _bound(self) -> frozenset[str]:
        return frozenset(chain(*(binding.names for binding in self._bindings)))

    def naming(self, words: frozenset[str]) -> frozenset[str]:
        """Return these words, and the names that the module gives to values in which one stands."""
        if words not in self._naming:
            row_ranges = self.rows_holding(words)
            aliases: Iterable[str] = ()
            if any(is_among(binding.rows, row_ranges) for binding in self._bindings):
                aliases = self.known_as(lambda value: words.intersection(words_in(value)))
            self._naming[words] = words.union(aliases)
        return self._naming[words]

    def rows_holding(self, words: Iterable[str]) -> list[Rows]:
        """Return the rows on which one of these words stands, in order."""
        return [(index + 1, index + 1) for index in sorted(holding(lines(self.text), words))]

    def rows_with(self, name: str) -> Iterator[Rows]:
        """Return the rows on which a name stands, or one that the module gives to it."""
        if name in self.text:
            names = self.naming(frozenset({name}))
            for row, line in enumerate(lines(self.text), 1):
                # Python reads names so, whatever letters they are written in.
                if not names.isdisjoint(_WORD.findall(normalize("NFKC", line))):
                    yield row, row

    def _note(self, node: ast.AST, owner: ast.AST, suite: Sequence[Any], place: int) -> None:
        """Note a statement that binds names, or a clause, which stands at a place of a suite."""
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            if node.value is not None:
                self._bindings.append(_Binding(bound_names(node), node.value, rows_of(node)))
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            named = (alias for alias in node.names if alias.asname)
            rows = rows_of(node)
            self._bindings += (_Binding((alias.asname or "",), alias, rows) for alias in named)
        elif isinstance(node, ast.Expr):
            call = node.value.value if isinstance(node.value, ast.Await) else node.value
            func = call.func if isinstance(call, ast.Call) else None
            if isinstance(func, (ast.Attribute, ast.Name)):
                name = func.attr if isinstance(func, ast.Attribute) else func.id
                self.calls.setdefault(name, []).append(rows_of(node))
        elif isinstance(node, FUNCTIONS):
            self.functions.append(node)
            if isinstance(owner, ast.Module):
                self._outermost.append(rows_of(node))
        elif isinstance(node, TRIES):
            behind = suite[place + 1] if place + 1 < len(suite) else None
            self.clauses["except"] += (
                Clause(handler, rows_of(handler), node, owner, behind) for handler in node.handlers
            )
            if last := node.finalbody:
                rows = first_row(last[0]), rows_of(last[-1])[1]
                self.clauses["finally"].append(Clause(node, rows, node, owner, behind))


def indexed(tree: ast.Module, text: str) -> PrefilterIndex:
    """Return the index of a module."""
    index = PrefilterIndex(text)
    text_lines = lines(text)
    # How many rows with a quote there are up to each: where there is none, no string stands.
    quotes = list(accumulate(('"' in row or "'" in row for row in text_lines), initial=0))
    # Each with the function that it stands in, or the module.
    stack: list[tuple[list[Any], ast.AST]] = [(tree.body, tree)]
    while stack:
        suite, owner = stack.pop()
        for place, node in enumerate(suite):
            index._note(node, owner, suite, place)
            around = _header_rows(node)
            if quotes[around[0] - 1] < quotes[around[1]]:
                index.texts += _texts(node, owner, around, text_lines)
            if SUITES[node.__class__]:
                inner = node if isinstance(node, FUNCTIONS) else owner
                stack += ((inner_suite, inner) for inner_suite in suites(node))
    return index


def _header_rows(node: Any) -> Rows:
    """Return the first and the last row in which a statement's own strings may stand."""
    if not SUITES[node.__class__]:
        return node.lineno, node.end_lineno or node.lineno
    if isinstance(node, ast.match_case):
        return node.pattern.lineno, node.body[0].lineno
    if isinstance(node, ast.Match):
        return node.lineno, node.cases[0].pattern.lineno
    return first_row(node), node.body[0].lineno


def _texts(
    node: ast.AST, owner: ast.AST, around: Rows, text_lines: Sequence[str]
) -> Iterator[Text]:
    values = _strings(node)
    if not values:
        return
    if isinstance(node, (ast.stmt, ast.ExceptHandler)):
        first, _, _, last, _ = header_of(node, text_lines)
        around = (first, last)
    is_statement = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    for value in values:
        yield Text(value, around, node, owner, is_statement)


def _strings(statement: ast.AST) -> list[str]:
    """Return the strings of a statement without those of its suites."""
    strings: list[str] = []
    stack: list[Any] = []
    _push(statement, _OWN[statement.__class__], stack)
    while stack:
        node = stack.pop()
        kind = node.__class__
        if kind is ast.Constant:
            text = constant_text(node)
            if text is not None:
                strings.append(text)
        elif kind in _WITH_FIELDS:
            strings.append("".join(constant_text(part) or HOLE for part in node.values))
            stack += (part for part in node.values if part.__class__ is not ast.Constant)
        elif names := FIELDS.get(kind):
            _push(node, names, stack)
    return strings


def _push(node: ast.AST, names: Sequence[str], stack: list[Any]) -> None:
    """Put the nodes in these fields of a node onto a stack."""
    for name in names:
        value = getattr(node, name, None)
        if value.__class__ is list:
            stack += value
        elif value is not None:
            stack.append(value)
