"""When the code of a branch runs: once in a while, once for each key, or never again after it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from bedev_lint.model import RegionKind
from bedev_lint.source import DEFINITIONS, below, dotted_name, suites

__all__ = [
    "conditional_kind",
    "endings",
    "is_first_time",
    "is_none",
    "is_with_none",
    "keeps",
    "left_by",
    "memo_of",
    "missing_in",
    "stores",
]

_LOOPS = (ast.For, ast.AsyncFor, ast.While)
# Methods that note something in a container or cache.
_STORING = ("add", "set", "setdefault", "update")
# Attributes that tell an element from all others.
_IDENTIFYING = ("key", "name", "id", "slug")
_BROAD = frozenset({"Exception", "BaseException"})
# Ends of names of what reading a value raises that has another form, or less in it, than expected.
_OF_VALUES = (
    "ValueError",
    "TypeError",
    "KeyError",
    "IndexError",
    "LookupError",
    "AttributeError",
    "DecodeError",
    "ValidationError",
)
# How it is logged that something is as it should never be.
_ALARMS = frozenset({"error", "critical", "exception", "fatal"})
_NOT_OF_LOOP = (*_LOOPS, *DEFINITIONS)
_ENTERED = (ast.With, ast.AsyncWith)
_LEAVING: dict[type[ast.stmt], str] = {ast.Break: "break", ast.Return: "return", ast.Raise: "raise"}


def endings(handlers: Sequence[ast.ExceptHandler]) -> tuple[str, ...]:
    """Return how those of these handlers go on that do not raise: `continue`, `break`, `return`.

    And `narrow`, if one of these expects some errors, and not any; `of values`, if one of all
    takes what comes of values of another form, whether it raises or not, and does not keep any
    error to itself; and `raise 0`, if one stands in the first of them.
    """
    ways = set()
    for number, handler in enumerate(handlers):
        if _may_raise(handler.body):
            ways.add(f"raise {number}")
        last = handler.body[-1]
        expects = any(name.endswith(_OF_VALUES) for name in _caught(handler))
        if expects or (_is_broad(handler) and _says_something(handler)):
            ways.add("of values")
        if not isinstance(last, ast.Raise):
            is_left = isinstance(last, (ast.Return, ast.Break))
            ways.add(last.__class__.__name__.lower() if is_left else "continue")
            if not _is_broad(handler):
                ways.add("narrow")
    return tuple(sorted(ways))


def _says_something(handler: ast.ExceptHandler) -> bool:
    return any(isinstance(node, (ast.Call, ast.Raise)) for node in ast.walk(handler))


def _may_raise(body: Sequence[ast.AST]) -> bool:
    return any(
        isinstance(statement, ast.Raise)
        or (
            not isinstance(statement, DEFINITIONS)
            and any(_may_raise(suite) for suite in suites(statement))
        )
        for statement in body
    )


def _is_broad(handler: ast.ExceptHandler) -> bool:
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(kind is None or dotted_name(kind) in _BROAD for kind in kinds)


def _caught(handler: ast.ExceptHandler) -> Iterator[str]:
    """Return the last names of the classes that a handler names."""
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return (dotted_name(kind).rpartition(".")[2] for kind in kinds if kind is not None)


def left_by(body: Sequence[ast.stmt]) -> tuple[int, str]:
    """Return from which statement on a suite leaves the loop around it, and how.

    That is "break", "return" or "raise"; "" if it does not.
    """
    how = _LEAVING.get(body[-1].__class__, "") if body else ""
    if body and isinstance(body[-1], _ENTERED):
        how = left_by(body[-1].body)[1]
    going_on = [index for index, statement in enumerate(body) if _goes_on(statement)] if how else []
    return (going_on[-1] + 1 if going_on else 0), how


def _goes_on(statement: ast.AST) -> bool:
    """Return whether a `continue` of the loop around this stands in it."""
    if isinstance(statement, ast.Continue):
        return True
    if isinstance(statement, _NOT_OF_LOOP):
        return False
    return any(_goes_on(inner) for suite in suites(statement) for inner in suite)


def conditional_kind(
    node: ast.If, targets: Sequence[str], outer: Sequence[str]
) -> RegionKind | None:
    """Return why the body of an `if` does not run in each iteration of a loop around it, else None.

    `now_and_then`: every so many (`index % 1000 == 0`, `len(rows) >= size`, or `count >= size` of
    what the body counts from 0 again), or where an element is told of as an error.
    `once_per_key`: once for each key (`if key not in known: known[key] = ...`). `once`: at all
    (`if self.x is None: self.x =`, `if "x" not in g: g.x =`). `for_one_element`: for the one
    element that is equal to a constant, or whose name is; `targets` is what the loop binds,
    `outer` are the names that the function declares global or nonlocal.
    """
    test = node.test
    if isinstance(test, ast.BoolOp):
        if any(_is_count(value) or _starts_again(value, node, targets) for value in test.values):
            return "now_and_then"
        if isinstance(test.op, ast.And):
            # Of several names, the first is the key of a mapping.
            if any(_is_for_one(value, targets[:1]) for value in test.values):
                return "for_one_element"
            test = test.values[0]
    if _is_count(test) or _starts_again(test, node, targets) or _is_alarmed(node.body):
        return "now_and_then"
    absent: type[ast.cmpop] = ast.NotIn
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        test, absent = test.operand, ast.In
        if keeps(test, node.body, outer):
            return "once"
    if not isinstance(test, ast.Compare):
        return None
    left, operator, right = test.left, test.ops[0], test.comparators[0]
    if isinstance(operator, ast.Eq) and (_is_text(right) or _is_constant(right)):
        return "for_one_element" if _is_for_one(test, targets) else None
    if isinstance(operator, ast.Is):
        return "once" if keeps(left, node.body, outer) else None
    if not isinstance(operator, absent):
        return None
    kept = f"{dotted_name(right)}.{left.value!s}" if isinstance(left, ast.Constant) else ""
    if kept and _binds(node.body, kept):
        return "once"
    return "once_per_key" if memo_of(node.body, right) else None


def _is_for_one(test: ast.expr, targets: Sequence[str]) -> bool:
    """Return whether a test holds for the one element that is equal to a constant, or its name."""
    if not isinstance(test, ast.Compare) or not isinstance(test.ops[0], ast.Eq):
        return False
    whole, right = test.left, test.comparators[0]
    if isinstance(whole, ast.Attribute) and whole.attr in _IDENTIFYING:
        whole = whole.value
    return (
        (_is_text(right) or _is_constant(right))
        and isinstance(whole, ast.Name)
        and whole.id in targets
    )


def is_none(test: ast.expr, name: str) -> bool:
    """Return whether a test asks if a name stands for nothing: `not x`, `x is None`."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        test = test.operand
    elif isinstance(test, ast.Compare) and is_with_none(test, ast.Is):
        test = test.left
    else:
        return False
    return isinstance(test, ast.Name) and test.id == name


def is_with_none(test: ast.Compare, operator: type[ast.cmpop]) -> bool:
    """Return whether a comparison is one with None by this operator."""
    right = test.comparators[0]
    is_to_none = isinstance(right, ast.Constant) and right.value is None
    return is_to_none and isinstance(test.ops[0], operator)


def is_first_time(node: ast.If) -> str:
    """Return the name that sees to it that the body of an `if` runs once, as it binds it, or "".

    `if rows is None: rows = load()`, `if not loaded: loaded = True`, `if first: first = False`.
    """
    tests = [node.test]
    if isinstance(node.test, ast.BoolOp) and isinstance(node.test.op, ast.And):
        tests = node.test.values
    for test in tests:
        names = [part.id for part in (test, *below(test)) if isinstance(part, ast.Name)]
        name = names[0] if names else ""
        if isinstance(test, ast.Name):
            if _binds(node.body, name, to_nothing=True):
                return name
        elif name and is_none(test, name) and _binds(node.body, name):
            return name
    return ""


def keeps(wanted: ast.expr, body: Sequence[ast.stmt], outer: Sequence[str]) -> bool:
    """Return whether a body binds what was asked for, for longer than its function runs.

    That is an attribute, `hasattr` of it, or a name of the module.
    """
    name = dotted_name(wanted)
    if isinstance(wanted, ast.Call) and dotted_name(wanted.func) == "hasattr":
        owner, attribute = (*wanted.args, None, None)[:2]
        if owner is not None and isinstance(attribute, ast.Constant):
            return _binds(body, f"{dotted_name(owner)}.{attribute.value!s}")
    is_kept = isinstance(wanted, ast.Attribute) or name.isupper() or name in outer
    return is_kept and bool(name) and _binds(body, name)


def memo_of(body: Sequence[ast.stmt], memo: ast.expr | str) -> bool:
    """Return whether a body notes something in what was asked for it: a dotted name."""
    name = memo if isinstance(memo, str) else dotted_name(memo)
    return bool(name) and any(stores(statement, name) for statement in body)


def missing_in(value: ast.expr) -> str:
    """Return the dotted name of that which the elements of a comprehension are not in, or ""."""
    if not isinstance(value, (ast.ListComp, ast.SetComp)):
        return ""
    for test in value.generators[-1].ifs:
        if isinstance(test, ast.Compare) and isinstance(test.ops[0], ast.NotIn):
            return dotted_name(test.comparators[0])
    return ""


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes))


def _is_constant(node: ast.expr) -> bool:
    """Return whether this is named like a constant, a class, or a member of an enumeration."""
    return dotted_name(node).rpartition(".")[2][:1].isupper()


def _is_count(test: ast.expr) -> bool:
    """Return whether a test holds every so many times: `n % 100 == 0`, `len(rows) >= size`."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        test = test.operand
    if isinstance(test, ast.BinOp):
        return isinstance(test.op, ast.Mod)
    if not isinstance(test, ast.Compare):
        return False
    left, size = test.left, test.comparators[0]
    if isinstance(left, ast.BinOp):
        return isinstance(left.op, ast.Mod)
    at_least = isinstance(test.ops[0], (ast.Gt, ast.GtE, ast.Eq))
    if not at_least or not isinstance(left, ast.Call) or dotted_name(left.func) != "len":
        return False
    is_large = isinstance(size, ast.Constant) and isinstance(size.value, int) and size.value >= 10
    return is_large or bool(dotted_name(size))


def _is_alarmed(body: Sequence[ast.stmt]) -> bool:
    """Return whether a body begins by logging an error: `logger.error(…)`, `log.critical(…)`.

    That it should never be so is what such a branch says: `log.error(order.id); repair(order)`.
    """
    statement = body[0]
    call = statement.value if isinstance(statement, ast.Expr) else None
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
        return False
    logger = dotted_name(call.func.value).rpartition(".")[2].lower()
    return call.func.attr in _ALARMS and "log" in logger


def _starts_again(test: ast.expr, node: ast.If, targets: Sequence[str]) -> bool:
    """Return whether a test of an `if` holds for a large number, which is 0 again after its body.

    `if pending >= 100: commit(); pending = 0`. It is none of the element that a loop binds to
    one of these targets.
    """
    if not isinstance(test, ast.Compare) or not isinstance(test.ops[0], (ast.Gt, ast.GtE, ast.Eq)):
        return False
    counted, size = dotted_name(test.left), test.comparators[0]
    is_size = bool(dotted_name(size)) or (
        isinstance(size, ast.Constant) and isinstance(size.value, int) and size.value > 1
    )
    is_own = bool(counted) and counted.partition(".")[0] not in targets
    return is_own and is_size and any(_sets_to_zero(one, counted) for one in node.body)


def _sets_to_zero(statement: ast.stmt, name: str) -> bool:
    """Return whether a statement assigns the number 0 to a dotted name."""
    if not isinstance(statement, ast.Assign) or not isinstance(statement.value, ast.Constant):
        return False
    is_zero = statement.value.value == 0 and not isinstance(statement.value.value, bool)
    return is_zero and any(dotted_name(target) == name for target in statement.targets)


def _binds(body: Sequence[ast.stmt], name: str, *, to_nothing: bool = False) -> bool:
    """Return whether a suite assigns to this dotted name, at any depth, perhaps False or None."""
    return any(_binds_in(statement, name, to_nothing) for statement in body)


def _binds_in(statement: ast.AST, name: str, to_nothing: bool) -> bool:
    if isinstance(statement, (ast.Assign, ast.AnnAssign)):
        value = statement.value
        if to_nothing and not (isinstance(value, ast.Constant) and not value.value):
            return False
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        parts = (
            part
            for target in targets
            for part in (target.elts if isinstance(target, ast.Tuple) else [target])
        )
        return any(dotted_name(part) == name for part in parts)
    if isinstance(statement, DEFINITIONS):
        return False
    return any(_binds_in(inner, name, to_nothing) for suite in suites(statement) for inner in suite)


def stores(node: ast.AST, name: str) -> bool:
    """Return whether a statement assigns to an item of this name, or adds to it."""
    if isinstance(node, DEFINITIONS):
        return False
    if isinstance(node, ast.Assign):
        return any(
            isinstance(target, ast.Subscript) and dotted_name(target.value) == name
            for target in node.targets
        )
    if isinstance(node, ast.Call):
        kept_in, _, how = dotted_name(node.func).rpartition(".")
        if kept_in == name and how in _STORING:
            return True
    return any(stores(child, name) for child in below(node))
