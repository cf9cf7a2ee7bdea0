"""A module with what cannot matter left out, every line where it was: LibCST is slow."""

from __future__ import annotations

import ast
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import chain
from operator import itemgetter
from typing import NamedTuple

from bedev_lint.source.lines import line_starts
from bedev_lint.source.nodes import parted, rows_of, suites, target_names

__all__ = ["Part", "Rows", "is_left_out", "parts", "without"]

Rows = tuple[int, int]

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_SCOPES = (*_FUNCTIONS, ast.ClassDef)
# No source has such a character: no real string is taken for one that stands for a part.
_MARK = "'''\0"
_QUOTES = "'''"
_GOES_ON = ("\\\n", "\\\r\n", "\\\r")


class Part(NamedTuple):
    """Statements of a suite, one after the other, which are left out.

    `start` is the offset of the first character behind the indentation, `end` that of the line
    after them. `head` is what has to stay: of a function that others name, its name.
    """

    first_row: int
    last_row: int
    start: int
    end: int
    head: str = ""


def parts(tree: ast.Module, text: str, wanted: Sequence[Rows]) -> list[Part]:
    """Return all that can be left out if these rows matter, in the order of the text.

    With a statement on such a row stays all around it but other suites, and whatever binds a
    name that occurs in what stays.
    """
    return list(_Parts(text, _Kept(tree, text, wanted)).of(tree.body))


def without(text: str, left_out: Sequence[Part]) -> str:
    """Return the text without these parts, in the order of the text."""
    pieces: list[str] = []
    at = 0
    for part in left_out:
        # One string costs less to parse than many empty lines.
        rows = "\n" * (part.last_row - part.first_row)
        pieces += [text[at : part.start], f"{part.head}{_MARK}{rows}{_QUOTES}"]
        at = part.end
        while at > part.start and text[at - 1] in "\r\n":
            at -= 1
    return "".join([*pieces, text[at:]])


def is_left_out(literal: str) -> bool:
    """Return whether a string, as it is written, stands for a part that was left out."""
    return literal.startswith(_MARK)


class _Scope:
    """A module, class or function of which something stays.

    `binders` are the statements in it by the names that they bind, `used` the names that occur
    in what stays of it, and of the scopes in it.
    """

    def __init__(self, outer: _Scope | None) -> None:
        self.outer = outer
        self.binders: dict[str, list[ast.AST]] = {}
        self.used: set[str] = set()


class _Kept:
    """Which statements stay, and which functions only with their name (`named`)."""

    def __init__(self, tree: ast.Module, text: str, wanted: Sequence[Rows]) -> None:
        self.statements: set[ast.AST] = set()
        self.named: set[ast.AST] = set()
        self._wanted = _merged(wanted)
        self._assigns_anywhere = ":=" in text
        self._declares = "global" in text
        # Where each statement stands: in what other statement, and in what scope.
        self._above: dict[ast.AST, tuple[ast.AST, _Scope]] = {}
        self._module = _Scope(None)
        for node in self._index(tree):
            self._keep(node)

    def _index(self, tree: ast.Module) -> list[ast.AST]:
        """Note what binds what in each scope; return all statements that matter by themselves."""
        found: list[ast.AST] = []
        stack: list[tuple[ast.AST, ast.AST, _Scope]] = [
            (node, tree, self._module) for node in tree.body
        ]
        while stack:
            node, owner, scope = stack.pop()
            if isinstance(node, (ast.ExceptHandler, ast.match_case)):
                stack += ((inner, owner, scope) for inner in node.body)
                continue
            self._above[node] = owner, scope
            for name in _bound(node, anywhere=self._assigns_anywhere):
                scope.binders.setdefault(name, []).append(node)
            matters = _is_among(rows_of(node), self._wanted)
            if matters:
                found.append(node)
            if isinstance(node, ast.Global):
                for name in node.names:
                    self._module.binders.setdefault(name, []).append(node)
            elif isinstance(node, _SCOPES):
                if matters or (self._declares and _declares(node)):
                    inner_scope = _Scope(scope)
                    stack += ((inner, node, inner_scope) for inner in node.body)
            else:
                stack += ((inner, node, scope) for inner in chain(*suites(node)))
        return found

    def _keep(self, node: ast.AST) -> None:
        todo = [node]
        while todo:
            at = todo.pop()
            if at in self.statements or at not in self._above:
                continue
            self.statements.add(at)
            owner, scope = self._above[at]
            todo.append(owner)
            for name in _names(at):
                todo += self._binders(name, scope)

    def _binders(self, name: str, scope: _Scope | None) -> Iterator[ast.AST]:
        """Return what has to stay since this name occurs in a scope."""
        while scope is not None and name not in scope.used:
            scope.used.add(name)
            for binder in scope.binders.get(name, ()):
                if isinstance(binder, _FUNCTIONS):
                    self.named.add(binder)
                    yield self._above[binder][0]
                else:
                    yield binder
            scope = scope.outer


def _is_among(rows: Rows, ranges: Sequence[Rows]) -> bool:
    """Return whether one of these ranges, which follow one another, has one of these rows."""
    at = bisect_left(ranges, rows[0], key=itemgetter(1))
    return at < len(ranges) and ranges[at][0] <= rows[1]


def _merged(ranges: Sequence[Rows]) -> list[Rows]:
    found: list[Rows] = []
    for first, last in sorted(ranges):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(last, found[-1][1]))
        else:
            found.append((first, last))
    return found


def _declares(node: ast.AST) -> bool:
    """Return whether `global` stands in a function or class."""
    stack = [node]
    while stack:
        at = stack.pop()
        if isinstance(at, ast.Global):
            return True
        stack += chain(*suites(at))
    return False


def _bound(statement: ast.AST, *, anywhere: bool) -> Iterator[str]:
    """Return the names that a statement binds itself, `anywhere` in its expressions too."""
    if isinstance(statement, (*_SCOPES, ast.ExceptHandler)):
        yield statement.name or ""
    elif isinstance(statement, (ast.Import, ast.ImportFrom)):
        yield from (alias.asname or alias.name.split(".", 1)[0] for alias in statement.names)
    elif isinstance(statement, ast.Assign):
        yield from chain(*map(target_names, statement.targets))
    elif isinstance(statement, (ast.AnnAssign, ast.AugAssign, ast.For, ast.AsyncFor)):
        yield from target_names(statement.target)
    elif isinstance(statement, (ast.With, ast.AsyncWith)):
        yield from chain(
            *(target_names(i.optional_vars) for i in statement.items if i.optional_vars)
        )
    elif isinstance(statement, ast.Global):
        yield from statement.names
    elif isinstance(statement, ast.Match):
        for node in chain(*(ast.walk(case.pattern) for case in statement.cases)):
            yield getattr(node, "name", None) or ""
    elif handlers := getattr(statement, "handlers", None):
        yield from chain(*(_bound(handler, anywhere=False) for handler in handlers))
    if anywhere:
        for node in chain(*map(ast.walk, _own(statement))):
            if isinstance(node, ast.NamedExpr):
                yield from target_names(node.target)


def _names(statement: ast.AST) -> Iterator[str]:
    """Return the names that occur in what of a statement stays with it."""
    if isinstance(statement, ast.Global):
        yield from statement.names
    for node in chain(*map(ast.walk, _own(statement))):
        if isinstance(node, ast.Name):
            yield node.id


def _own(statement: ast.AST) -> list[ast.AST]:
    """Return what of a statement stays with it: all but its suites; of `try` also the handlers."""
    inner, own = parted(statement)
    for node in inner:
        if isinstance(node, ast.ExceptHandler):
            own.append(node)
        elif isinstance(node, ast.match_case):
            own += parted(node)[1]
    return own


class _Parts:
    """What is left out of the suites of a module, given what stays."""

    def __init__(self, text: str, kept: _Kept) -> None:
        self._text, self._kept = text, kept
        self._starts = [*line_starts(text), len(text)]

    def of(self, suite: Sequence[ast.AST]) -> Iterator[Part]:
        run: list[ast.AST] = []
        for group in self._groups(suite):
            node = group[0]
            if self._stays(group):
                yield from self._part(run)
                run = []
                for inner in chain(*map(_bodies, group)):
                    yield from self.of(inner)
            elif isinstance(node, _FUNCTIONS) and node in self._kept.named:
                yield from self._part(run)
                run = []
                yield from self._part(group, f"def {node.name}(): ")
            else:
                run += group
        yield from self._part(run)

    def _groups(self, suite: Sequence[ast.AST]) -> Iterator[list[ast.AST]]:
        """Return the statements of a suite, together those that share a row."""
        group: list[ast.AST] = []
        end = 0
        for node in suite:
            first, last = rows_of(node)
            if group and first > end and not self._goes_on(first):
                yield group
                group = []
            group.append(node)
            end = max(end, last)
        if group:
            yield group

    def _stays(self, group: Sequence[ast.AST]) -> bool:
        """Return whether statements matter; or share a row with what is around them."""
        node, first = group[0], rows_of(group[0])[0]
        start = self._start(first)
        column = node.col_offset if isinstance(node, ast.stmt) else 0
        return (
            not self._kept.statements.isdisjoint(group)
            or column != start - self._starts[first - 1]
            or self._goes_on(first)
            or (isinstance(node, ast.If) and self._text.startswith("elif", start))
        )

    def _goes_on(self, row: int) -> bool:
        """Return whether a row goes on with what the one before it has begun."""
        return self._text.endswith(_GOES_ON, 0, self._starts[row - 1])

    def _start(self, row: int) -> int:
        """Return the offset of the first character of a row behind its indentation."""
        line = self._text[self._starts[row - 1] : self._starts[row]]
        return self._starts[row - 1] + len(line) - len(line.lstrip(" \t"))

    def _part(self, nodes: Sequence[ast.AST], head: str = "") -> Iterator[Part]:
        if nodes:
            first, last = rows_of(nodes[0])[0], max(rows_of(node)[1] for node in nodes)
            yield Part(first, last, self._start(first), self._starts[last], head)


def _bodies(statement: ast.AST) -> Iterator[Sequence[ast.AST]]:
    """Return the suites of a statement of which something may be left out: none of handlers."""
    for suite in suites(statement):
        if isinstance(suite[0], ast.match_case):
            yield from (case.body for case in suite if isinstance(case, ast.match_case))
        elif not isinstance(suite[0], ast.ExceptHandler):
            yield suite
