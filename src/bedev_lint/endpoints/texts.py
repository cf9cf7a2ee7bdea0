"""The texts that an expression may be, put together from constants wherever they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice, product

from bedev_lint.endpoints.definitions import Definitions, Scoped
from bedev_lint.model import (
    Attr,
    Either,
    Elem,
    Expr,
    Item,
    Key,
    Literal,
    Name,
    Result,
    Site,
    TupleOf,
    last_name,
)
from bedev_lint.names import any_of
from bedev_lint.program import Program
from bedev_lint.program.structure.values import FunctionRef, ProjectFunction

__all__ = ["CONSTANT", "UNKNOWN", "Text", "Texts"]

# The parts of a text in order; None is one that is not known.
Text = tuple[str | None, ...]

UNKNOWN: Text = (None,)
# What the name of a constant begins with where it stands for a text of which nothing is kept.
CONSTANT = "="
_MOST = 200  # alternatives that are looked at
_MOST_CALLERS = 30
_DEEPEST = 6
_NOTHING = any_of(())
_FIELD = re.compile(r"\{[^{}]*\}")


class Texts:
    """Says which texts an expression may be.

    `making` is what names of calls that make a value are like: listed for a parameter, they mark no
    row.
    """

    def __init__(
        self, program: Program, definitions: Definitions, making: re.Pattern[str] = _NOTHING
    ) -> None:
        self._project, self._graph = program.project, program.graph
        self._resolver, self._definitions = program.resolver, definitions
        self._making = making

    def of(self, expr: Expr, ref: FunctionRef, depth: int = 0) -> list[Text]:
        """Return the texts that an expression may be in a function; UNKNOWN for any other."""
        if depth > _DEEPEST:
            return [UNKNOWN]
        texts = dict.fromkeys(islice(self._of(expr, ref, depth + 1), _MOST))
        return list(texts) or [UNKNOWN]

    def names(self, expr: Expr, ref: FunctionRef) -> list[Text]:
        """Return the texts that the name of something may be, or its constant's name for one."""
        texts = self.of(expr, ref)
        constant = self._definitions.constant(expr, ref) if texts == [UNKNOWN] else ""
        return [(CONSTANT + constant,)] if constant else texts

    def _of(self, expr: Expr, ref: FunctionRef, depth: int) -> Iterator[Text]:
        if isinstance(expr, Literal):
            yield from self._joined(expr, ref, depth)
        elif isinstance(expr, Key):
            yield (expr.name,)
        elif isinstance(expr, Either):
            for option in expr.options:
                yield from self.of(option, ref, depth)
        elif isinstance(expr, (Name, Attr)):
            yield from self._named(expr, ref, depth)
        elif isinstance(expr, (Elem, Item)):
            yield from self._elements(expr, ref, depth)
        elif isinstance(expr, Result):
            yield from self._called(self._project.site(ref, expr.site), ref, depth)

    def _joined(self, literal: Literal, ref: FunctionRef, depth: int) -> Iterator[Text]:
        if not literal.text:
            if literal.kind == "str" and literal.form == "empty":
                yield ("",)
            return
        choices = [
            [(part,)] if isinstance(part, str) else self.of(part, ref, depth)
            for part in literal.text
        ]
        for choice in islice(product(*choices), _MOST):
            yield tuple(part for text in choice for part in text)

    def _named(self, expr: Name | Attr, ref: FunctionRef, depth: int) -> Iterator[Text]:
        bound = list(self._definitions.bound(expr, ref))
        for scoped in bound:
            for text in self.of(scoped.expr, scoped.ref, depth):
                # What a class leaves empty those below it fill.
                yield UNKNOWN if text == ("",) and isinstance(expr, Attr) else text
        if isinstance(expr, Name) and (not bound or self._is_parameter(expr.id, ref)):
            yield from self._parameter(expr.id, ref, depth)

    def _is_parameter(self, name: str, ref: FunctionRef) -> bool:
        """Return whether a function is given a name, whatever it binds it to besides."""
        return any(param.name == name for param in self._project.function(ref).params)

    def _elements(self, expr: Elem | Item, ref: FunctionRef, depth: int) -> Iterator[Text]:
        for scoped in self._definitions.of(expr.base, ref):
            items = scoped.expr.items if isinstance(scoped.expr, (Literal, TupleOf)) else ()
            for item in items:
                yield from self.of(item, scoped.ref, depth)

    def _parameter(self, name: str, ref: FunctionRef, depth: int) -> Iterator[Text]:
        """Return what callers give a parameter, or, of a test, those who repeat it."""
        facts = self._project.function(ref)
        params = [param.name for param in facts.params]
        if name not in params:
            if facts.parent > 0:
                yield from self._parameter(name, FunctionRef(ref.module, facts.parent), depth)
            return
        position = params.index(name) - (facts.owner >= 0 and params[0] in ("self", "cls"))
        default = facts.params[params.index(name)].default
        if default is not None:
            yield from self.of(default, FunctionRef(ref.module, max(facts.parent, 0)), depth)
        callers = sorted(self._graph.callers(ref), key=self._place)
        for caller, index in callers[:_MOST_CALLERS]:
            site = self._project.site(caller, index) if index >= 0 else None
            value = _argument(site, position, name) if site is not None else None
            if value is not None:
                yield from self.of(value, caller, depth)
        for listed in self.repeated(name, ref, depth):
            yield from self.of(listed.expr, listed.ref, depth)

    def _place(self, call: tuple[FunctionRef, int]) -> tuple[str, int, int]:
        caller, index = call
        return self._project.path(caller.module), caller.function, index

    def repeated(self, name: str, ref: FunctionRef, depth: int = 0) -> Iterator[Scoped]:
        """Return what decorators list for a parameter: `@parametrize("url", [...])`."""
        around = FunctionRef(ref.module, max(self._project.function(ref).parent, 0))
        for decorator in self._project.function(ref).decorators:
            if not isinstance(decorator, Result):
                continue
            site = self._project.site(around, decorator.site)
            listed = self._listed_for(site, ref, around, depth)
            if name not in listed:
                continue
            is_single = len(site.args) > 1 and len(listed) == 1
            for row in self.rows(site, around, is_single=is_single):
                if listed.index(name) < len(row):
                    yield row[listed.index(name)]

    def _listed_for(
        self, site: Site, ref: FunctionRef, around: FunctionRef, depth: int
    ) -> list[str]:
        """Return the parameters that a decorator lists values for: all, where it names none."""
        if len(site.args) == 1:
            facts = self._project.function(ref)
            return [param.name for param in facts.params[facts.owner >= 0 :]]
        if not site.args:
            return []
        first = site.args[0]
        written = first.items if isinstance(first, (TupleOf, Literal)) and first.items else (first,)
        names = ["".join(p or "" for p in self.of(one, around, depth)[0]) for one in written]
        return [part.strip() for part in ",".join(names).split(",")]

    def rows(
        self, site: Site, ref: FunctionRef, *, is_single: bool = False
    ) -> Iterator[list[Scoped]]:
        """Return the values that a decorator lists for parameters, row by row.

        They stand behind the names of the parameters, or alone: `@expand([("x", 404)])`.
        `is_single` says that there is one parameter, and what is listed are its values. A call that
        is neither of the project nor of a text only marks a row: `param("x", 404, id="x")`.
        """
        for scoped in self._definitions.of(site.args[:2][-1], ref) if site.args else ():
            for item in getattr(scoped.expr, "items", ()):
                for value in item.options if isinstance(item, Either) else (item,):
                    yield [Scoped(scoped.ref, one) for one in self._row(value, scoped, is_single)]

    def _row(self, value: Expr, listed: Scoped, is_single: bool) -> Sequence[Expr]:
        if isinstance(value, Result):
            site = self._project.site(listed.ref, value.site)
            is_of_text = isinstance(site.func, Attr) and isinstance(site.func.base, Literal)
            is_value = is_of_text or self._making.match(last_name(site.func)) is not None
            made_by = self._resolver.evaluate(site.func, listed.ref)
            if not is_value and not any(isinstance(one, ProjectFunction) for one in made_by):
                return site.args
        if not is_single and isinstance(value, (TupleOf, Literal)) and value.items:
            return value.items
        return (value,)

    def _called(self, site: Site, ref: FunctionRef, depth: int) -> Iterator[Text]:
        func = site.func
        if isinstance(func, Attr) and func.name == "format":
            for text in self.of(func.base, ref, depth):
                yield tuple(part for piece in text for part in _open_fields(piece))
            return
        if last_name(func) == "urljoin" and len(site.args) == 2:
            both = (self.of(argument, ref, depth) for argument in site.args)
            yield from (_resolved(base, text) for base, text in product(*both))
            return
        if last_name(func) in ("str", "quote", "lstrip", "rstrip", "strip") and (
            site.args or isinstance(func, Attr)
        ):
            yield from self.of(func.base if isinstance(func, Attr) else site.args[0], ref, depth)
            return
        for value in self._resolver.evaluate(func, ref):
            if isinstance(value, ProjectFunction):
                for result in self._project.function(value.ref).results:
                    yield from self.of(result, value.ref, depth)


def _argument(site: Site, position: int, name: str) -> Expr | None:
    value = dict(site.keywords).get(name)
    if value is None and 0 <= position < len(site.args):
        return site.args[position]
    return value


def _resolved(base: Text, text: Text) -> Text:
    """Return what a path leads to from another one, in whose place its last segment stands."""
    if text and re.match("/|https?:", text[0] or ""):
        return text
    last = base[-1] if base else ""
    folder = (None, "/") if last is None else (last[: last.rfind("/") + 1],)
    return (*base[:-1], *folder, *text)


def _open_fields(piece: str | None) -> Iterator[str | None]:
    """Return a text with what `format` puts in as unknown parts."""
    if piece is None:
        yield None
        return
    texts = _FIELD.split(piece)
    for index, text in enumerate(texts):
        if index:
            yield None
        if text:
            yield text
