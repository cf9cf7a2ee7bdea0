"""Steps of migrations that lock a large table, or take a name from code that still runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import libcst as cst

from bedev_lint.model import Options
from bedev_lint.options import patterns, texts
from bedev_lint.syntax.handling.handlers import called_name, is_name
from bedev_lint.syntax.literals import last_name, text_of
from bedev_lint.syntax.module import Module

__all__ = ["harm_of", "index_table"]

_TEXTS = (cst.SimpleString, cst.ConcatenatedString, cst.FormattedString)
_LENGTHS = ("length", "precision")


def harm_of(call: cst.Call, module: Module, options: Options) -> str | None:
    """Return which of the options that a project may switch on speaks of a step, if one does."""
    name = called_name(call)
    given = {arg.keyword.value: arg.value for arg in call.args if arg.keyword is not None}
    if name in texts(options, "indexing"):
        return None if _is(given.get("postgresql_concurrently"), "True") else "indexes"
    if name in texts(options, "renaming") or (
        name in texts(options, "altering") and _NEW & {*given}
    ):
        return None if _waits_briefly(module, options) else "renames"
    if name in texts(options, "altering"):
        if "type_" in given and _is_rewritten(given):
            return "types"
        if _is(given.get("nullable"), "False") and not _waits_briefly(module, options):
            return "not-null"
    if name in texts(options, "saving") and _is_of_whole_table(call, module, options):
        return "rows"
    return None


_NEW = {"new_column_name"}


def _is(value: cst.BaseExpression | None, name: str) -> bool:
    return value is not None and last_name(value) == name


def index_table(call: cst.Call, module: Module) -> str | None:
    """Return the name of the table of an index: `create_index("by_day", "orders", ["day"])`."""
    place = call.args[1] if len(call.args) > 1 else None
    if place is not None and place.keyword is None:
        return module.string(place.value)
    return None


def _waits_briefly(module: Module, options: Options) -> bool:
    """Return whether a migration says how long it waits, or had the rows checked before."""
    written = (text_of(one) for kind in _TEXTS for one in module.nodes(kind))
    prepared = patterns(options, "preparing")
    return any(one.search(text) for text in written for one in prepared)


# ---------------------------------------------------------------------- types


def _is_rewritten(given: Mapping[str, cst.BaseExpression]) -> bool:
    """Return whether rows have to be written anew for another type; if it is not known, no."""
    new, old = given["type_"], given.get("existing_type")
    if not isinstance(new, cst.Call) or not isinstance(old, cst.Call):
        return False
    kinds = called_name(old), called_name(new)
    if "Enum" in kinds:
        return False  # how one is kept is decided elsewhere
    if all(kind in _OF_TEXT for kind in kinds):
        return _is_narrower(new, old)
    if all(kind in ("Numeric", "DECIMAL") for kind in kinds):
        return _is_narrower(new, old)
    return kinds[0] != kinds[1]


_OF_TEXT = frozenset({"String", "Text", "Unicode", "UnicodeText", "VARCHAR", "TEXT", "AutoString"})


def _is_narrower(new: cst.Call, old: cst.Call) -> bool:
    """Return whether a type has less room than another; without a number it has all."""
    room, before = _room(new), _room(old)
    return room is not None and (before is None or room < before)


def _room(kind: cst.Call) -> int | None:
    numbers = [
        arg.value.evaluated_value
        for arg in kind.args
        if isinstance(arg.value, cst.Integer)
        and (arg.keyword is None or arg.keyword.value in _LENGTHS)
    ]
    return numbers[0] if numbers else None


# ---------------------------------------------------------------------- rows


def _is_of_whole_table(call: cst.Call, module: Module, options: Options) -> bool:
    """Return whether a row is saved in a loop over all rows of a table, going forwards."""
    if not isinstance(call.func, cst.Attribute):
        return False
    loop = next((one for one in module.ancestors(call) if isinstance(one, cst.For)), None)
    function = module.function_of(call)
    return (
        loop is not None
        and isinstance(loop.target, cst.Name)
        and is_name(call.func.value, loop.target.value)
        and _is_everything(loop.iter, options)
        and isinstance(function, cst.FunctionDef)
        and function.name.value not in _reversing(module)
    )


def _is_everything(rows: cst.BaseExpression, options: Options) -> bool:
    """Return whether these are all rows of a table: `Order.objects.all()`."""
    if not isinstance(rows, cst.Call) or called_name(rows) != "all":
        return False
    manager = rows.func.value if isinstance(rows.func, cst.Attribute) else None
    if not isinstance(manager, cst.Attribute) or manager.attr.value != "objects":
        return False
    return last_name(manager.value) not in texts(options, "small-tables")


def _reversing(module: Module) -> Iterator[str]:
    """Return the names of the functions by which steps are undone."""
    for call in module.nodes(cst.Call):
        if called_name(call) == "RunPython":
            for place, arg in enumerate(call.args):
                is_reverse = (
                    place == 1 if arg.keyword is None else arg.keyword.value == "reverse_code"
                )
                if is_reverse:
                    yield last_name(arg.value) or ""
