"""Expressions as facts keep them: only what resolution and rules need.

They know no vocabulary, and no text of a string literal that no rule names: of a literal only its
kind, its form and, for SQL, the leading keyword.
"""

from __future__ import annotations

from msgspec import Struct

__all__ = [
    "ANY_NAME",
    "Attr",
    "Caught",
    "Either",
    "Elem",
    "Entered",
    "Expr",
    "Instance",
    "Item",
    "Key",
    "Literal",
    "Name",
    "Named",
    "Part",
    "Result",
    "Scope",
    "TupleOf",
    "is_literal",
    "is_slice",
    "last_name",
    "text_of",
]


class Name(Struct, frozen=True, array_like=True, tag="n"):
    """A name, looked up in the scope where it stands."""

    id: str


class Attr(Struct, frozen=True, array_like=True, tag="a"):
    """`base.name`."""

    base: Expr
    name: str


# The name of an attribute that is picked at run time: `getattr(client, method)`.
ANY_NAME = "?"


class Result(Struct, frozen=True, array_like=True, tag="r"):
    """What the call at this index of the function's sites returns."""

    site: int


class Item(Struct, frozen=True, array_like=True, tag="i"):
    """`base[args]`: an element of a value, or a generic with its arguments."""

    base: Expr
    args: tuple[Expr, ...]


class Literal(Struct, frozen=True, array_like=True, tag="l"):
    """A literal or display; `kind` is a builtin's name, `sql` the keyword a string starts with.

    `form` is `empty`, `formatted` (built from values), `negative`, or, of what a rule names, its
    `repr`. Of a dict whose keys are all constants it is `keys` with the `repr` of those that a rule
    names, each after a space. `head` is the first words of a string, or the server of a URL, and
    `tail` its last words, if a rule names them.
    `text` is there where a rule about endpoints is on, and the string may be a path or the name of
    a route: what it is made of, in order, texts and what is put between them.
    A `slice` is `short` if it gives fewer than ten elements, whatever it is taken of.
    `flat` says of an f-string that it is no URL: it has no slash, and nothing named like one.
    `tables` are what SQL has put where it names a table.
    """

    kind: str
    sql: str = ""
    items: tuple[Expr, ...] = ()
    form: str = ""
    text: tuple[str | Expr, ...] = ()
    head: str = ""
    tail: str = ""
    flat: bool = False
    tables: tuple[Expr, ...] = ()


class Either(Struct, frozen=True, array_like=True, tag="e"):
    """One of several: `a if c else b`, `a or b`, `X | Y`."""

    options: tuple[Expr, ...]


class Elem(Struct, frozen=True, array_like=True, tag="m"):
    """What iterating over `base` gives."""

    base: Expr


class Part(Struct, frozen=True, array_like=True, tag="p"):
    """Element `index` of a tuple that is taken apart."""

    base: Expr
    index: int


class Entered(Struct, frozen=True, array_like=True, tag="w"):
    """What `with base as x` binds."""

    base: Expr


class Caught(Struct, frozen=True, array_like=True, tag="x"):
    """An instance of a class caught by `except base as x`."""

    base: Expr


class Instance(Struct, frozen=True, array_like=True, tag="t"):
    """A value whose declared type is the annotation `of`."""

    of: Expr


class TupleOf(Struct, frozen=True, array_like=True, tag="u"):
    """A tuple display."""

    items: tuple[Expr, ...]


class Scope(Struct, frozen=True, array_like=True, tag="f"):
    """The function (lambda, nested function) or class at this index of the module's facts."""

    function: int
    is_class: bool = False


class Named(Struct, frozen=True, array_like=True, tag="d"):
    """What a string in a class body names: a class (`Order`, `shop.Order`), or an attribute.

    `%(class)s` in it stands for the class, or for each that inherits it.
    """

    name: str


class Key(Struct, frozen=True, array_like=True, tag="k"):
    """A string that names what is kept under it: `app["db"]`, `add_method(make, "db")`."""

    name: str


Expr = (
    Named
    | Key
    | Name
    | Attr
    | Result
    | Item
    | Literal
    | Either
    | Elem
    | Part
    | Entered
    | Caught
    | Instance
    | TupleOf
    | Scope
)


def is_slice(args: tuple[Expr, ...]) -> bool:
    """Return whether these are the arguments of a subscript that takes a part: `rows[:10]`."""
    return bool(args) and isinstance(args[0], Literal) and args[0].kind == "slice"


def is_literal(expr: Expr) -> bool:
    """Return whether this is written as it is: a literal, a display, or None."""
    return isinstance(expr, Literal) or expr == Name("None")


def last_name(expr: Expr) -> str:
    """Return the last name of a chain, "" for anything else."""
    if isinstance(expr, Name):
        return expr.id
    return expr.name if isinstance(expr, Attr) else ""


def text_of(expr: Expr) -> str:
    """Return the text that a class body names, or the last name of a chain; "" for the rest."""
    return expr.name if isinstance(expr, Named) else last_name(expr)
