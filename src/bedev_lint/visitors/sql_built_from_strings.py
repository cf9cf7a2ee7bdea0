"""A value that is put into the text of SQL, where a parameter could stand."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from typing import TYPE_CHECKING

from bedev_lint.deferred import cst, literals, needs
from bedev_lint.deferred.sql import building, sql_texts, value_sources
from bedev_lint.model import Confidence, Options
from bedev_lint.names import words
from bedev_lint.options import texts
from bedev_lint.prefilter import sql
from bedev_lint.prefilter.index import HOLE, PrefilterIndex, Text
from bedev_lint.source import Rows
from bedev_lint.source.nodes import bound_names
from bedev_lint.visiting import Finding, visits

if TYPE_CHECKING:
    import ast

    from bedev_lint.syntax import Module
    from bedev_lint.syntax.sql.building import Part


def candidates(index: PrefilterIndex, options: Options) -> Iterator[Rows]:
    """Name the statements with a text of SQL that something may be put into."""
    by_statement: dict[ast.AST, list[Text]] = {}
    for text in index.texts:
        if not text.is_statement:
            by_statement.setdefault(text.node, []).append(text)
    names: set[str] = set()
    for statement, found in by_statement.items():
        if not any(sql.looks_like_sql(text.value) for text in found):
            continue
        names.update(bound_names(statement))
        if any(sql.may_hold_value(text.value) for text in found):
            yield found[0].rows
    if names:
        yield from index.rows_holding(names)


@visits("FormattedString", "ConcatenatedString", "BinaryOperation", "Call", prefilter=candidates)
def check(node: cst.CSTNode, module: Module, options: Options) -> Iterator[Finding]:
    if building.around(node, module) is not None:
        return  # a part of a larger text, which is looked at itself
    parts = building.parts_of(node, module)
    if parts is None or all(isinstance(part, str) for part in parts):
        return
    text = building.as_text(parts)
    if not sql.looks_like_sql(text) or _is_about_other(node, module, options):
        return
    values = value_sources.Sources(module, options, sql.ends_search)
    found = [(one, quoted) for value, quoted in _values(parts) for one in values.of(value)]
    # Of what is not known nobody can tell; between quotes it is likely to be a text.
    likely = [one for one, quoted in found if quoted or not isinstance(one, cst.Call)]
    certain = [one for one in likely if not isinstance(one, cst.Call)]
    if not likely:
        return
    if sql_texts.is_run(node, module, options) or (
        any(quoted for one, quoted in found if one in likely)
        and sql.is_whole(text)
        and not sql_texts.is_told(node, module, options)
    ):
        yield Finding(
            node,
            {"value": _written(likely[0], module)},
            confidence=Confidence.CERTAIN if certain else Confidence.LIKELY,
            needs=_needs(certain),
        )


def _written(source: cst.CSTNode, module: Module) -> str:
    name = source.name.value if isinstance(source, cst.Param) else module.dotted(source)
    return f"`{name}`" if name else "a value"


def _needs(sources: list[cst.CSTNode]) -> tuple[needs.Needed, ...]:
    """Return what the program has to show where all that is put in is given by callers."""
    names = tuple(one.name.value for one in sources if isinstance(one, cst.Param))
    is_given = bool(names) and len(names) == len(sources)
    return (needs.Needed("given", "safe-calls", names=names),) if is_given else ()


def _values(parts: list[Part]) -> Iterator[tuple[cst.BaseExpression, bool]]:
    """Return what stands for a value in SQL, and whether it is between quotes."""
    before = ""
    for part, after in zip_longest(parts, parts[1:], fillvalue=""):
        if isinstance(part, str):
            before += part
            continue
        if sql.is_value_place(before, after if isinstance(after, str) else HOLE):
            yield part, sql.is_quoted(before)
        before = sql.tail(before) + HOLE


def _is_about_other(node: cst.CSTNode, module: Module, options: Options) -> bool:
    """Return whether the names around a text say that it is of another language, or a schema."""
    languages = {*texts(options, "other-languages"), *texts(options, "schema-words")}
    names = [*literals.names_around(node, module), module.qualname(node), module.name]
    return any(not languages.isdisjoint(words(name)) for name in names)
