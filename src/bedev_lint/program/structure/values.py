"""What an expression can stand for, and the small language of types in vocabularies."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import chain
from typing import NamedTuple

from msgspec import Struct

from bedev_lint.model import Expr

__all__ = [
    "Assigned",
    "Class",
    "ClassRef",
    "External",
    "FunctionRef",
    "Member",
    "Object",
    "ProjectFunction",
    "ProjectModule",
    "TypeExpr",
    "TypeVariable",
    "Value",
    "Values",
    "in_tuples",
    "label_of",
    "parse_type",
    "union",
]


_TUPLE = "builtins.tuple"


class _Plain(Struct, frozen=True, array_like=True, cache_hash=True):
    """Plain data, to be written as it is; most of it is asked for again and again."""


class FunctionRef(_Plain, frozen=True, order=True):
    """A function of the project: index of the module, and of the function in its facts."""

    module: int
    function: int


class ClassRef(_Plain, frozen=True, order=True):
    """A class of the project: index of the module, and of the class in its facts."""

    module: int
    cls: int


class Assigned(Struct, frozen=True, array_like=True):
    """The objects of the type `owner` give under a name what an expression stands for.

    That stands in the function `scope`; of a call, it gives the type `type` of a vocabulary.
    """

    owner: str
    name: str
    scope: FunctionRef
    value: Expr
    type: str = ""


class ProjectModule(_Plain, frozen=True, tag="m"):
    """A module of the project."""

    module: int


class External(_Plain, frozen=True, tag="e"):
    """A module, class or function outside the project, by its dotted name."""

    name: str
    args: tuple[Values, ...] = ()


class Class(_Plain, frozen=True, tag="c"):
    """A class of the project, as an object; `args` are its type arguments."""

    ref: ClassRef
    args: tuple[Values, ...] = ()


class Object(_Plain, frozen=True, tag="o"):
    """An instance of a class of the project, or of a dotted name outside it.

    `certain` is False where only a naming convention says so. `loading` says how relations are
    loaded: of a query, `eager` (with its rows), `joined` (those to one row are), `loaded` (it
    has run already), or, where it is the relation of a row, `own` or, if nothing is known of the
    row, `unknown`; of a row, `loaded`, `joined`, `lazy` where the query that gave it loads none,
    `own` if it is the method's own object or came with it (its caller knows), or `unknown`.
    `along` are the relations that are, `a` and `a__b`, where they are joined or loaded by name.
    """

    of: ClassRef | str
    args: tuple[Values, ...] = ()
    certain: bool = True
    loading: str = ""
    along: tuple[str, ...] | None = None


class ProjectFunction(_Plain, frozen=True, tag="f"):
    """A function of the project, with the object or class that it is bound to."""

    ref: FunctionRef
    receiver: Object | Class | None = None


class Member(_Plain, frozen=True, tag="a"):
    """A member that a vocabulary knows: of which type, its name, on what it is looked up."""

    owner: str
    name: str
    receiver: Object | Class | External | None = None


class TypeVariable(_Plain, frozen=True, tag="v"):
    """A type parameter, until the receiver says what it is."""

    name: str


Value = ProjectModule | External | Class | Object | ProjectFunction | Member | TypeVariable
Values = tuple[Value, ...]

# More alternatives than this say nothing any more.
_MOST = 12


def union(*groups: Values) -> Values:
    """Return all values of these groups once, in order."""
    filled = [group for group in groups if group]
    if len(filled) < 2:  # as nearly always
        return filled[0] if filled else ()
    return tuple(dict.fromkeys(chain.from_iterable(filled)))[:_MOST]


def in_tuples(values: Values) -> Iterator[Value]:
    """Return these values, and of tuples what they hold."""
    for value in values:
        if isinstance(value, Object) and value.of == _TUPLE:
            for items in value.args:
                yield from in_tuples(items)
        else:
            yield value


class TypeExpr(NamedTuple):
    """A type as a vocabulary writes it: `name[args]`."""

    name: str
    args: tuple[TypeExpr, ...] = ()

    @property
    def holds_given(self) -> bool:
        """Whether the one argument is what a call was given: `list[given]`."""
        return [arg.name.partition(".")[0] for arg in self.args] == ["given"]


_TOKEN = re.compile(r"[\w.]+|[\[\],|]")


@cache
def parse_type(text: str) -> tuple[TypeExpr, ...]:
    """Parse `a.B[item] | self`; raises ValueError."""
    tokens = _TOKEN.findall(text)
    if "".join(tokens) != re.sub(r"\s+", "", text):
        raise ValueError(f'"{text}" is no type')
    types, rest = _parse_union(tokens)
    if rest:
        raise ValueError(f'"{text}" is no type')
    return types


def _parse_union(tokens: list[str]) -> tuple[tuple[TypeExpr, ...], list[str]]:
    first, tokens = _parse_one(tokens)
    alternatives = [first]
    while tokens and tokens[0] == "|":
        following, tokens = _parse_one(tokens[1:])
        alternatives.append(following)
    return tuple(alternatives), tokens


def _parse_one(tokens: list[str]) -> tuple[TypeExpr, list[str]]:
    if not tokens or tokens[0] in "[],|":
        raise ValueError("a name is missing in a type")
    name, tokens = tokens[0], tokens[1:]
    args: list[TypeExpr] = []
    if tokens and tokens[0] == "[":
        while tokens and tokens[0] in "[,":
            arg, tokens = _parse_one(tokens[1:])
            args.append(arg)
        if not tokens or tokens[0] != "]":
            raise ValueError("a ] is missing in a type")
        tokens = tokens[1:]
    return TypeExpr(name, tuple(args)), tokens


def label_of(value: Value) -> str:
    """Return what people call a value that is known, "" for any other."""
    if isinstance(value, External):
        return value.name.removeprefix("builtins.")
    if isinstance(value, Member):
        return f"{value.owner.rsplit('.', 1)[-1]}.{value.name}"
    if isinstance(value, Object) and isinstance(value.of, str):
        return value.of.rsplit(".", 1)[-1]
    return ""
