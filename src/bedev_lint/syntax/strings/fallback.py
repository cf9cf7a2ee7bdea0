"""Which literals stand in for what a configuration did not say."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import libcst as cst

from bedev_lint.names import words
from bedev_lint.syntax.handling.handlers import is_name
from bedev_lint.syntax.literals import LITERALS, last_name, text_of
from bedev_lint.syntax.module import Module
from bedev_lint.syntax.scopes import assigned, dotted
from bedev_lint.syntax.strings.environment import Lookups, default_of, is_looked_up, names_read
from bedev_lint.syntax.strings.uses import uses_of, uses_of_variable
from bedev_lint.syntax.walk import one_by_one

__all__ = [
    "is_fallback",
    "is_overlaid",
    "is_put_into_parser",
]

_ASSIGNMENTS = (cst.Assign, cst.AnnAssign)
_STATEMENTS = (cst.BaseSmallStatement, cst.BaseCompoundStatement)
# What goes over a table by its name; so many of a table's entries are looked at for each.
_OVERLAYS = frozenset({"kwargs", "override", "overrides", "opts"})
_LATER = 16
# What reads configuration files, what fills it, and what reads one.
_PARSERS = frozenset({"configparser.ConfigParser", "configparser.RawConfigParser"})
_FILLED = frozenset({"read_dict", "set"})
_READING = frozenset({"read", "read_file"})


def is_fallback(node: cst.CSTNode, module: Module, lookups: Lookups) -> bool:
    """Return whether a literal is only reached where a look-up has found nothing.

    `if not url: url = "…"`, `if url: return url` with `return "…"` behind it or under `else`,
    `if url: self.url = url; return` with `self.url = "…"` anywhere behind it; `url = "…"` with
    `if config.url: url = config.url` behind it; or it is given to a variable that is nothing but
    the default of look-ups: `config.url or default`; or a constructor gives it to an attribute
    which is the default of one: `self.url = config.get("url", self.url)`.
    Raises PrunedAccess.
    """
    statement = next((one for one in module.ancestors(node) if isinstance(one, _STATEMENTS)), None)
    if isinstance(statement, _ASSIGNMENTS) and _is_first_of_object(
        node, statement, module, lookups
    ):
        return True
    if not isinstance(statement, (cst.Return, cst.Assign)):
        return False
    uses = uses_of_variable(node, module)
    if uses and all(default_of(use, module, lookups) is not None for use in uses):
        return True
    if _is_replaced(statement, module, lookups):
        return True
    blocks = list(_blocks(statement, module))
    return bool(blocks) and (
        _is_default_of_block(statement, *blocks[0], module, lookups)
        or any(
            _is_given_before(statement, line, block, module, lookups) for line, block, _ in blocks
        )
        or any(_fills(statement, around, module, lookups) for _, _, around in blocks)
    )


def _is_first_of_object(
    node: cst.CSTNode, statement: cst.Assign | cst.AnnAssign, module: Module, lookups: Lookups
) -> bool:
    """Return whether a constructor gives an attribute what a look-up of the class may replace.

    `self.url = "…"` before `self.url = config.get("url", self.url)`, or before
    `url = config.get("url", self.url)` with `self.url = url.strip()` behind it.
    """
    function, attributes = module.function_of(statement), _attributes(statement)
    if not isinstance(function, cst.FunctionDef) or function.name.value != "__init__":
        return False
    return bool(attributes) and any(
        _goes_to(use, attributes, module)
        for use in uses_of(node, module)
        if default_of(use, module, lookups) is not None
        and isinstance(method := module.function_of(use), cst.FunctionDef)
        and module.class_of(method) is module.class_of(function)
    )


def _attributes(statement: cst.Assign | cst.AnnAssign) -> set[str | None]:
    """Return the names of the attributes that a statement assigns to."""
    return {last_name(one) for one in assigned(statement) if isinstance(one, cst.Attribute)}


def _goes_to(use: cst.CSTNode, attributes: Collection[str | None], module: Module) -> bool:
    """Return whether a value goes to one of these attributes, at once or by one variable."""
    line = next((one for one in module.ancestors(use) if isinstance(one, _ASSIGNMENTS)), None)
    function = module.function_of(use)
    if line is None or function is None:
        return False
    names = {one.value for one in assigned(line) if isinstance(one, cst.Name)}
    return not _attributes(line).isdisjoint(attributes) or any(
        part.value in names
        for other in module.below(function, *_ASSIGNMENTS)
        if isinstance(other, _ASSIGNMENTS)
        and other.value is not None
        and not _attributes(other).isdisjoint(attributes)
        for part in module.below(other.value, cst.Name)
    )


def _fills(
    statement: cst.Return | cst.Assign, around: cst.CSTNode, module: Module, lookups: Lookups
) -> bool:
    """Return whether a block is for when that is missing which a statement gives, at any depth."""
    if not isinstance(around, cst.If) or not isinstance(statement, cst.Assign):
        return False
    targets = _names_of(statement)
    return any(
        (dotted(one) or last_name(one)) in targets and is_looked_up(one, module, lookups)
        for one in _missing(around.test)
    )


def _blocks(
    statement: cst.CSTNode, module: Module
) -> Iterator[tuple[cst.CSTNode, cst.IndentedBlock, cst.CSTNode]]:
    """Return the blocks around a statement within its function, innermost first.

    Each with the line of it that the statement stands in, and with what has the block.
    """
    line: cst.CSTNode | None = None
    for parent in module.ancestors(statement):
        around = module.parent(parent)
        if isinstance(parent, cst.IndentedBlock) and line is not None and around is not None:
            yield line, parent, around
        if isinstance(parent, (cst.FunctionDef, cst.ClassDef)):
            return
        line = parent


def _is_default_of_block(
    statement: cst.Return | cst.Assign,
    line: cst.CSTNode,
    block: cst.IndentedBlock,
    around: cst.CSTNode,
    module: Module,
    lookups: Lookups,
) -> bool:
    """Return whether a block, or what stands before it, asks for what a statement stands in for."""
    if isinstance(around, cst.ExceptHandler):
        return _stands_in(statement, around, module, lookups)
    if isinstance(around, cst.If):
        if any(is_looked_up(node, module, lookups) for node in _missing(around.test)):
            return True
    if isinstance(around, (cst.If, cst.Else)):
        return any(
            _gives(before, statement, module, lookups)
            or (isinstance(statement, cst.Return) and _answers(before, module, lookups))
            for before in _before(around, module)
        )
    if isinstance(statement, cst.Assign):
        return False
    earlier = one_by_one(block.body[: module.place(line, block, block.body)])
    return any(isinstance(one, cst.If) and _answers(one, module, lookups) for one in earlier)


def _before(branch: cst.If | cst.Else, module: Module) -> Iterator[cst.If]:
    """Return the branches that were not taken where this one is: of `elif` and `else`."""
    child: cst.CSTNode = branch
    above = module.parent(child)
    while isinstance(above, cst.If) and above.orelse is child:
        yield above
        child, above = above, module.parent(above)


def _is_given_before(
    statement: cst.Return | cst.Assign,
    line: cst.CSTNode,
    block: cst.IndentedBlock,
    module: Module,
    lookups: Lookups,
) -> bool:
    """Return whether a block ends earlier where what is looked up is there, and is given."""
    earlier = one_by_one(block.body[: module.place(line, block, block.body)])
    return any(
        isinstance(one, cst.If)
        and _ends_with_return(one)
        and _gives(one, statement, module, lookups)
        for one in earlier
    )


def _gives(
    branch: cst.If, statement: cst.Return | cst.Assign, module: Module, lookups: Lookups
) -> bool:
    """Return whether what is asked for is given to the same name, or returned as well."""
    tested = _tested(branch.test)
    if not is_looked_up(tested, module, lookups):
        return False
    targets = _names_of(statement)
    return any(
        isinstance(one, type(statement))
        and _names_of(one) == targets
        and _is_in_place(one.value, statement.value, module, lookups)
        for one in one_by_one(branch.body.body)
        if isinstance(one, (cst.Return, cst.Assign)) and one.value is not None
    )


def _is_in_place(
    value: cst.BaseExpression,
    other: cst.BaseExpression | None,
    module: Module,
    lookups: Lookups,
) -> bool:
    """Return whether a value is what is looked up, or is made of it, in place of a literal.

    `normalised(settings.url)` for `"…"`, `urljoin(settings.url, path)` for `urljoin("…", path)`.
    """
    if isinstance(other, LITERALS):
        return _names_within(value, module, lookups) is not None
    if not isinstance(value, cst.Call) or not isinstance(other, cst.Call):
        return is_looked_up(value, module, lookups)
    return is_looked_up(value, module, lookups) or (
        dotted(value.func) == dotted(other.func) is not None
        and any(
            "://" in text_of(literal.value) and is_looked_up(one.value, module, lookups)
            for one, literal in zip(value.args, other.args, strict=False)
        )
    )


def _names_within(
    value: cst.BaseExpression, module: Module, lookups: Lookups
) -> tuple[str, ...] | None:
    """Return what is looked up, also within a call: `cast(str, settings.url)`."""
    names = names_read(value, module, lookups)
    if names is not None or not isinstance(value, cst.Call):
        return names
    within = (_names_within(arg.value, module, lookups) for arg in value.args)
    return next((one for one in within if one is not None), None)


def _is_replaced(statement: cst.Return | cst.Assign, module: Module, lookups: Lookups) -> bool:
    """Return whether what is looked up takes the place of a literal, if that is there."""
    line = module.parent(statement)
    block = module.parent(line) if line is not None else None
    if line is None or not isinstance(block, (cst.Module, cst.IndentedBlock)):
        return False
    later = block.body[module.place(line, block, block.body) + 1 :][:_LATER]
    return any(
        isinstance(one, cst.If)
        and _gives(one, statement, module, lookups)
        and names_read(_tested(one.test), module, lookups) == _names_given(one, module, lookups)
        for one in one_by_one(later)
    )


def _names_given(branch: cst.If, module: Module, lookups: Lookups) -> tuple[str, ...] | None:
    given = [one for one in one_by_one(branch.body.body) if isinstance(one, cst.Assign)]
    return _names_within(given[0].value, module, lookups) if len(given) == 1 else None


def _names_of(statement: cst.Return | cst.Assign) -> list[str | None]:
    if isinstance(statement, cst.Return):
        return []
    return [dotted(target.target) or last_name(target.target) for target in statement.targets]


def _stands_in(
    statement: cst.Return | cst.Assign, handler: cst.ExceptHandler, module: Module, lookups: Lookups
) -> bool:
    """Return whether a handler gives what a look-up has failed to: `return settings.url`."""
    attempt = module.parent(handler)
    if not isinstance(attempt, cst.Try):
        return False
    last = list(one_by_one(attempt.body.body))[-1:]
    return (
        bool(last)
        and isinstance(last[0], type(statement))
        and isinstance(last[0], (cst.Return, cst.Assign))
        and last[0].value is not None
        and is_looked_up(last[0].value, module, lookups)
    )


def is_overlaid(node: cst.CSTNode, module: Module, configuration_words: Collection[str]) -> bool:
    """Return whether a configuration goes over the table that a literal stands in.

    `{"url": "…", **options}`, `{"url": "…"} | options`.
    """
    child = node
    for parent in module.ancestors(node):
        if isinstance(parent, cst.Dict):
            own = module.place(child, parent, parent.elements)
            later = parent.elements[own + 1 :][:_LATER]
            starred = (one.value for one in later if isinstance(one, cst.StarredDictElement))
            if any(_is_given(one, configuration_words) for one in starred):
                return True
        elif isinstance(parent, cst.BinaryOperation):
            is_union = isinstance(parent.operator, cst.BitOr) and child is parent.left
            if is_union and _is_given(parent.right, configuration_words):
                return True
        elif isinstance(parent, _STATEMENTS):
            return False
        child = parent
    return False


def _is_given(node: cst.BaseExpression, configuration_words: Collection[str]) -> bool:
    parts = frozenset(words(dotted(node) or last_name(node) or ""))
    return not parts.isdisjoint(configuration_words) or not _OVERLAYS.isdisjoint(parts)


def _answers(branch: cst.If, module: Module, lookups: Lookups) -> bool:
    """Return whether what is looked up is returned if it is there: `if url: return url`."""
    return _ends_with_return(branch) and is_looked_up(_tested(branch.test), module, lookups)


def _ends_with_return(branch: cst.If) -> bool:
    last = list(one_by_one(branch.body.body))[-1:]
    return bool(last) and isinstance(last[0], cst.Return)


def _tested(test: cst.BaseExpression) -> cst.BaseExpression:
    """Return what must be there for a condition to hold: of `url is not None` the `url`."""
    if isinstance(test, cst.NamedExpr):
        return test.value
    if isinstance(test, cst.Comparison) and len(test.comparisons) == 1:
        if isinstance(test.comparisons[0].operator, (cst.IsNot, cst.NotEqual)):
            return test.left
    return test


def _missing(test: cst.BaseExpression) -> Iterator[cst.BaseExpression]:
    """Return what is empty where a condition holds: `not url`, `url is None`, `url == ""`."""
    if isinstance(test, cst.UnaryOperation) and isinstance(test.operator, cst.Not):
        yield test.expression
    elif isinstance(test, cst.BooleanOperation) and isinstance(test.operator, cst.Or):
        yield from _missing(test.left)
    elif isinstance(test, cst.Comparison) and len(test.comparisons) == 1:
        target = test.comparisons[0]
        is_empty = is_name(target.comparator, "None") or Module.string(target.comparator) == ""
        if is_empty and isinstance(target.operator, (cst.Is, cst.Equal)):
            yield test.left


def is_put_into_parser(node: cst.CSTNode, module: Module) -> bool:
    """Return whether a literal is put into a parser of configuration files, which reads one too.

    `parser["shop"] = {"url": "…"}`, `parser.read_dict({"shop": {"url": "…"}})`,
    `parser.set("shop", "url", "…")`. Raises PrunedAccess.
    """
    statement = module.statement_of(node)
    base: cst.BaseExpression | None = None
    if isinstance(statement, cst.Assign):
        base = statement.targets[0].target
        while isinstance(base, cst.Subscript):
            base = base.value
    elif isinstance(statement, cst.Expr) and isinstance(statement.value, cst.Call):
        func = statement.value.func
        is_filled = isinstance(func, cst.Attribute) and func.attr.value in _FILLED
        base = func.value if isinstance(func, cst.Attribute) and is_filled else None
    if not isinstance(base, cst.Name) or not _is_parser(base, module):
        return False
    calls = module.below(module.function_of(node) or module.tree, cst.Call)
    return any(
        isinstance(call.func, cst.Attribute)
        and call.func.attr.value in _READING
        and isinstance(call.func.value, cst.Name)
        and call.func.value.value == base.value
        for call in calls
    )


def _is_parser(name: cst.Name, module: Module) -> bool:
    return any(
        isinstance(binder, (cst.Assign, cst.AnnAssign))
        and isinstance(binder.value, cst.Call)
        and module.qualified(binder.value.func) in _PARSERS
        for binder in module.bindings(name)
    )
