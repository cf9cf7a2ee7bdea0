"""Steps of migrations that add a column, and whether rows that are there have a value for it."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

import libcst as cst

from bedev_lint.model import Options
from bedev_lint.options import patterns, table, texts
from bedev_lint.syntax.handling.handlers import called_name
from bedev_lint.syntax.literals import last_name, text_of
from bedev_lint.syntax.module import Module
from bedev_lint.syntax.sql.emptying import is_emptied_before

__all__ = [
    "column_of",
    "completes_first",
    "goes_forwards",
    "is_first",
    "is_of_known_table",
    "lacks_value",
    "stands_for_others",
]

_TEXTS = (cst.SimpleString, cst.ConcatenatedString, cst.FormattedString)


def column_of(call: cst.Call, module: Module, options: Options) -> cst.Call | None:
    """Return the column that a step adds going forwards, if it adds one."""
    name = called_name(call)
    if name not in dict(table(options, "adding")) or not goes_forwards(call, module, options):
        return None
    keyword = dict(table(options, "adding"))[name]
    for arg in reversed(call.args):
        if (arg.keyword is None or arg.keyword.value == keyword) and isinstance(
            arg.value, cst.Call
        ):
            return arg.value
    return None


def goes_forwards(call: cst.Call, module: Module, options: Options) -> bool:
    """Return whether a step is one of going forwards, and one of the database."""
    for above in module.ancestors(call):
        if isinstance(above, cst.FunctionDef):
            return above.name.value in texts(options, "forwards")
        if isinstance(above, cst.Arg) and above.keyword is not None:
            if above.keyword.value in texts(options, "only-state"):
                return False
        if isinstance(above, cst.Assign) and any(
            last_name(target.target) in texts(options, "only-state") for target in above.targets
        ):
            return False
    return True


def lacks_value(column: cst.Call, module: Module, options: Options) -> bool:
    """Return whether a column may not be empty, and nothing says what it holds."""
    given = {arg.keyword.value: arg.value for arg in column.args if arg.keyword is not None}
    if any(arg.star for arg in column.args) or not given.keys().isdisjoint(
        texts(options, "giving")
    ):
        return False
    made = [called_name(arg.value) for arg in column.args if isinstance(arg.value, cst.Call)]
    if not {*made}.isdisjoint(texts(options, "generating")):
        return False
    null = last_name(given["nullable"]) if "nullable" in given else None
    if called_name(column) in texts(options, "columns"):
        return null == "False"
    name = module.qualified(column.func) or ""
    if not any(fnmatchcase(name, pattern) for pattern in texts(options, "fields")):
        return False
    kind = called_name(column)
    is_text = any(fnmatchcase(kind, pattern) for pattern in texts(options, "text-fields"))
    return (
        not any(fnmatchcase(kind, pattern) for pattern in texts(options, "other-fields"))
        and not (is_text and _is_true(given.get("blank")))
        and not _is_true(given.get("null"))
    )


def _is_true(node: cst.CSTNode | None) -> bool:
    return node is not None and last_name(node) != "False"


def is_first(module: Module, options: Options) -> bool:
    """Return whether a migration says that it is one of the first, or stands for several."""
    if stands_for_others(module, options):
        return True
    for names, value in _assigned(module):
        if ("initial" in names and value == "True") or (
            not names.isdisjoint(texts(options, "before")) and value == "None"
        ):
            return True
    return False


def completes_first(module: Module, options: Options) -> bool:
    """Return whether a migration adds to the first one of its app what waited for another's tables.

    Whoever has migrations generated is asked for the value of a column that may not be empty, and
    that is written down; unless it is a key, and its table is as new as the one that it is of.
    """
    *_, folder, _, _ = ["", "", *module.path.split("/")]
    before = [*_dependencies(module, options)]
    own = [name for app, name in before if app == folder]
    first = texts(options, "first")
    if len(own) == len(before) or not own:
        return False
    if not all(any(fnmatchcase(name, pattern) for pattern in first) for name in own):
        return False
    lacking = [
        (step, column)
        for step in module.nodes(cst.Call)
        if (column := column_of(step, module, options)) is not None
        and lacks_value(column, module, options)
    ]
    return all(
        called_name(column) in texts(options, "keys")
        and not any(_says(arg, options) for arg in step.args)
        for step, column in lacking
    )


def _says(arg: cst.Arg, options: Options) -> bool:
    """Return whether an argument of a step tells of a value that was asked for."""
    return arg.keyword is not None and arg.keyword.value in texts(options, "asked")


def _dependencies(module: Module, options: Options) -> Iterator[tuple[str, str]]:
    """Return the apps and the names of the migrations that one says to come after."""
    for assigned in module.nodes(cst.Assign):
        if any(last_name(one.target) in texts(options, "after") for one in assigned.targets):
            for pair in module.below(assigned, cst.Tuple):
                written = [module.string(element.value) or "" for element in pair.elements]
                if len(written) == 2:
                    yield written[0], written[1]


def stands_for_others(module: Module, options: Options) -> bool:
    """Return whether a migration names those that it replaces: they are there as well."""
    squashing = texts(options, "squashing")
    return any(not names.isdisjoint(squashing) for names, _ in _assigned(module))


def _assigned(module: Module) -> Iterator[tuple[set[str | None], str | None]]:
    """Return the names that a module and its classes assign to, and what of each is assigned."""
    for node in module.nodes(cst.Assign):
        yield {last_name(one.target) for one in node.targets}, last_name(node.value)
    for annotated in module.nodes(cst.AnnAssign):
        if annotated.value is not None:
            yield {last_name(annotated.target)}, last_name(annotated.value)


def is_of_known_table(
    call: cst.Call, module: Module, options: Options, table_name: str | None = None
) -> bool:
    """Return whether the table of a step is made, or emptied, in this migration too.

    Its name is that of the first argument, if it is not given.
    """
    name = table_name.lower() if table_name is not None else _table_of(call, module)
    if not name:
        return True
    for other in module.nodes(cst.Call):
        called = called_name(other)
        if called in texts(options, "creating") and name in _names_in(other, module):
            return True
        if called == "execute" and any(
            name in text.lower() and any(one.search(text) for one in patterns(options, "emptying"))
            for text in map(text_of, module.below(other, *_TEXTS))
        ):
            return True
    return is_emptied_before(call, name, module, options)


def _names_in(call: cst.Call, module: Module) -> Iterator[str]:
    return (
        (module.string(arg.value) or "").lower()
        for arg in call.args
        if arg.keyword is None or arg.keyword.value in ("name", "table_name")
    )


def _table_of(call: cst.Call, module: Module) -> str:
    """Return the name of a step's table, in lower case, "" if it is not known.

    `op.add_column("orders", …)`, `AddField("order", …)`, and within a batch that of the batch.
    """
    for arg in call.args[:1]:
        written = module.string(arg.value)
        if written is not None:
            return written.lower()
    for arg in call.args:
        if arg.keyword is not None and arg.keyword.value in ("model_name", "table_name"):
            return (module.string(arg.value) or "").lower()
    for above in module.ancestors(call):
        for item in above.items if isinstance(above, cst.With) else ():
            if isinstance(item.item, cst.Call) and item.item.args:
                return (module.string(item.item.args[0].value) or "").lower()
    return ""
