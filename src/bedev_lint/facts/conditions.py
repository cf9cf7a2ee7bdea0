"""What a condition tells, where it stands, of parameters and of what was looked up before."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import NamedTuple

from bedev_lint.facts.branches import keeps
from bedev_lint.facts.constant_tags import sentinel, tag, tags
from bedev_lint.facts.function import Function
from bedev_lint.facts.memos import is_looked_up, parts_of
from bedev_lint.facts.recorder import Recorder
from bedev_lint.model import Attr, Elem, Expr, Item, Name, Part, RegionKind, Result, Site
from bedev_lint.names import words
from bedev_lint.source import dotted_name

__all__ = [
    "Condition",
    "asks_unfilled",
    "kept_within",
    "known_after",
    "known_otherwise",
    "known_where",
    "not_none_parameter",
]

_CONSTANTS = (Name("False"), Name("None"), Name("True"))


class Condition(NamedTuple):
    """A kind of region: the parameter that is so there, and the constants that it may be."""

    kind: RegionKind
    names: tuple[str, ...] = ()


def known_after(node: ast.If, rest: Sequence[ast.stmt], record: Recorder) -> list[Condition]:
    """Return where what follows an `if` stands that leaves: `if flag: return`."""
    function = record.function
    last = node.body[-1]
    kept = _kept_after(node, rest, function)
    if kept is not None:
        return [kept]
    if not isinstance(last, (ast.Return, ast.Raise, ast.Continue, ast.Break)):
        return []
    is_answer = isinstance(last, ast.Return) and last.value is not None
    present = _present(node.test)
    if is_answer and (keeps(present, rest, function.globals) or _is_left_empty(present, record)):
        return [Condition("once")]
    # Whose attribute it is may be another object each time; what it shares with others is not.
    if isinstance(last, ast.Return) and any(
        isinstance(part, ast.Name)
        and part.id in function.globals
        and keeps(part, rest, function.globals)
        for part in parts_of(node.test, ast.Or)
    ):
        return [Condition("once")]
    return known_where(node.test, False, function)


def _kept_after(node: ast.If, rest: Sequence[ast.stmt], function: Function) -> Condition | None:
    """Return where what follows an `if` stands that answers with what was kept, else None.

    `if caching and key in known: return known[key]`, and the same in two steps.
    """
    last, asked = node.body[-1], _flags(node.test, True, function)
    if isinstance(last, ast.If) and not last.orelse:
        inner = _kept_after(last, rest, function)
        return inner and Condition("once_per_key", (*asked, *inner.names))
    is_answer = isinstance(last, ast.Return) and last.value is not None
    return _kept_by(node.test, rest, function) if is_answer else None


def known_otherwise(node: ast.If, function: Function) -> list[Condition]:
    """Return where the `else` of an `if` stands, which may keep what was not there.

    `if key in known: found = known[key]`, `else: found = known[key] = …`.
    """
    if not node.orelse:
        return []
    kept = _kept_by(node.test, node.orelse, function)
    return [*([kept] if kept else []), *known_where(node.test, False, function)]


def _kept_by(test: ast.expr, body: Sequence[ast.stmt], function: Function) -> Condition | None:
    """Return where a body stands that keeps what a test has not found, else None."""
    if any(is_looked_up(part, ast.IsNot, body, function) for part in parts_of(test, ast.And)):
        return Condition("once_per_key", _flags(test, True, function))
    return None


def kept_within(node: ast.If, function: Function) -> Condition | None:
    """Return where the body of an `if` stands that asks for what was not kept, and keeps it.

    `if fresh or key not in known: known[key] = …`, `if key and key not in known: …`.
    """
    parts = (*parts_of(node.test, ast.Or), *parts_of(node.test, ast.And))
    if any(is_looked_up(part, ast.Is, node.body, function) for part in parts):
        return Condition("once_per_key", _flags(node.test, False, function))
    return None


def _flags(test: ast.expr, holds: bool, function: Function) -> tuple[str, ...]:
    """Return the parameters of which a test holds, or does not, behind `+` if they are true then.

    Those that are false then stand behind `-`.
    """
    signs = {"if_param_true": "+", "if_param_false": "-"}
    known = known_where(test, holds, function)
    return tuple(f"{signs[kind]}{names[0]}" for kind, names in known if kind in signs)


def _present(test: ast.expr) -> ast.expr:
    """Return what a test says is there: `x`, `x is not None`; else the test itself."""
    is_not = isinstance(test, ast.Compare) and isinstance(test.ops[0], ast.IsNot)
    return test.left if isinstance(test, ast.Compare) and is_not else test


def known_where(test: ast.expr, holds: bool, function: Function) -> list[Condition]:
    """Return what is known of parameters where a test holds, or does not."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return known_where(test.operand, not holds, function)
    if isinstance(test, ast.BoolOp):
        # Of `a and b` that does not hold, either may be false.
        is_known = isinstance(test.op, ast.And) == holds
        return (
            [ask for part in test.values for ask in known_where(part, holds, function)]
            if is_known
            else []
        )
    known = _known_leaf(test, holds, function)
    asked = _asked_for(test) if holds else ""
    if not function.naming.verbosity.isdisjoint(words(asked)):
        known = [Condition("wordy"), *known]
    is_flag = isinstance(test, (ast.Name, ast.Attribute)) and asked.isupper()
    if is_flag and not function.naming.rehearsal.isdisjoint(words(asked)):
        known = [Condition("rehearsed"), *known]
    return known


def _known_leaf(test: ast.expr, holds: bool, function: Function) -> list[Condition]:
    if isinstance(test, ast.Constant):
        return [] if bool(test.value) == holds else [Condition("never")]
    if isinstance(test, ast.Compare):
        operator, right = test.ops[0], test.comparators[0]
        if holds and _is_main(test):
            return [Condition("started")]
        is_none = isinstance(right, ast.Constant) and right.value is None
        if not is_none or not isinstance(operator, (ast.Is, ast.IsNot)):
            return _known_to_be(test, holds, function)
        test, holds = test.left, isinstance(operator, ast.IsNot) == holds
    if isinstance(test, ast.Call):
        name = _said_to_be_url(test, function) if holds else ""
        return [Condition("if_param_url", (name,))] if name else []
    if not isinstance(test, ast.Name):
        return []
    is_flag = _is_flag(test.id, function)
    names = (test.id,) if is_flag else _taken_from_rest(test.id, function)
    return [Condition("if_param_true" if holds else "if_param_false", names)] if names else []


def _taken_from_rest(name: str, function: Function) -> tuple[str, ...]:
    """Return a name that is a keyword of the caller's, and which constant it is without, or ().

    `commit = kw.pop("commit", False)`, where `**kw` is what the caller has given.
    """
    value = function.bound.get(name)
    is_bound_once = function.times.get(name) == 1 and name not in function.globals
    if not is_bound_once or not isinstance(value, Result):
        return ()
    site = function.sites[value.site]
    func, defaults, key = site.func, site.args[1:], tag(ast.Constant(name), function.key)
    is_taken = isinstance(func, Attr) and func.name in ("get", "pop")
    if not is_taken or dict(site.constants).get("0") != (key,):
        return ()
    if not _is_rest(func, function.sites[: value.site], function):
        return ()
    default = defaults[0] if defaults else Name("None")
    return name, default.id if default in _CONSTANTS and isinstance(default, Name) else ""


def _is_rest(func: Expr, before: Sequence[Site], function: Function) -> bool:
    """Return whether this is a method of `**kw`, to which nothing was added `before`."""
    rest = func.base if isinstance(func, Attr) else func
    if not isinstance(rest, Name) or rest.id in function.bound:
        return False
    return (
        any((param.name, param.kind) == (rest.id, "kwargs") for param in function.params)
        and not any(
            isinstance(binding.target, Item) and binding.target.base == rest
            for binding in function.bindings
        )
        and not any(
            rest in site.args or site.func in (Attr(rest, "update"), Attr(rest, "setdefault"))
            for site in before
        )
    )


def _said_to_be_url(test: ast.Call, function: Function) -> str:
    """Return the parameter of which a test asks whether it is a URL, or "".

    `source.startswith("http")`, `source.lower().startswith(("http://", "ftp://"))`.
    """
    func = test.func
    if not isinstance(func, ast.Attribute) or func.attr != "startswith" or not test.args:
        return ""
    text, beginning = func.value, test.args[0]
    if isinstance(text, ast.Call) and isinstance(text.func, ast.Attribute) and not text.args:
        text = text.func.value  # `source.strip()`
    beginnings = beginning.elts if isinstance(beginning, ast.Tuple) else [beginning]
    are_urls = bool(beginnings) and all(map(_begins_url, beginnings))
    is_parameter = isinstance(text, ast.Name) and _is_flag(text.id, function)
    return dotted_name(text) if are_urls and is_parameter else ""


def _begins_url(node: ast.expr) -> bool:
    text = node.value if isinstance(node, ast.Constant) else None
    return isinstance(text, str) and (text.rstrip("s:/") == "http" or "://" in text)


def _asked_for(test: ast.expr) -> str:
    """Return the name of what a condition asks for: `x` of `self.x`, `a["x"]`, `x > 1`, `a.x()`."""
    if isinstance(test, ast.Compare):
        return _asked_for(test.left)
    if isinstance(test, ast.Call):
        key = test.args[0] if test.args else None
        is_text = isinstance(key, ast.Constant) and isinstance(key.value, str)
        return _asked_for(key if key is not None and is_text else test.func)
    if isinstance(test, ast.Subscript):
        return _asked_for(test.slice)
    if isinstance(test, ast.Constant):
        return test.value if isinstance(test.value, str) else ""
    return test.attr if isinstance(test, ast.Attribute) else dotted_name(test)


def _is_main(test: ast.Compare) -> bool:
    """Return whether this is `__name__ == "__main__"`."""
    name, text = test.left, test.comparators[0]
    is_name = isinstance(name, ast.Name) and name.id == "__name__"
    return is_name and isinstance(text, ast.Constant) and text.value == "__main__"


def _known_to_be(test: ast.Compare, holds: bool, function: Function) -> list[Condition]:
    """Return which constants a parameter is, or is not, or a key of it, where a test holds."""
    if len(test.ops) > 1:
        return []
    operator, left, right = test.ops[0], test.left, test.comparators[0]
    if isinstance(operator, (ast.NotEq, ast.NotIn, ast.IsNot)):
        holds = not holds
    elif not isinstance(operator, (ast.Eq, ast.In, ast.Is)):
        return []
    is_one = isinstance(operator, (ast.In, ast.NotIn))
    if is_one and isinstance(right, ast.Name):
        has = tag(left, function.key)
        is_flag = bool(has) and holds and _is_flag(right.id, function)
        return [Condition("if_param_in", (f"*{right.id}", has))] if is_flag else []
    if isinstance(right, (ast.Tuple, ast.List, ast.Set)):
        constants = tags(right.elts, function.key) if is_one else ()
    else:
        constants = () if is_one else tags([right], function.key)
        named = sentinel(right, function.key)
        if named and isinstance(operator, (ast.Is, ast.IsNot)):
            constants = constants or (named,)
    name = _asked_of(left, function) if constants else ""
    kind: RegionKind = "if_param_in" if holds else "if_param_not_in"
    return [Condition(kind, (name, *constants))] if name else []


def _asked_of(node: ast.expr, function: Function) -> str:
    """Return the parameter that this is, `*` and the one of whose keys it is one, or ""."""
    if not isinstance(node, ast.Name):
        return ""
    if _is_flag(node.id, function):
        return node.id
    value = function.bound.get(node.id)
    if isinstance(value, Part) and value.index == 0:
        value, method = value.base, "items"
    else:
        method = "keys"
    owner = value.base if isinstance(value, Elem) else None
    if isinstance(owner, Result):
        func = function.sites[owner.site].func
        owner = func.base if isinstance(func, Attr) and func.name == method else None
    elif method == "items":
        return ""
    return f"*{owner.id}" if isinstance(owner, Name) and _is_flag(owner.id, function) else ""


def _is_flag(name: str, function: Function) -> bool:
    """Return whether a name is a parameter that was bound to nothing else so far."""
    return name not in function.bound and any(param.name == name for param in function.params)


def not_none_parameter(test: ast.expr, function: Function) -> str:
    """Return the parameter of which a test asks `is not None`, or ""."""
    if not isinstance(test, ast.Compare) or not isinstance(test.left, ast.Name):
        return ""
    name = test.left.id
    is_asked = isinstance(test.ops[0], ast.IsNot)
    return name if is_asked and any(param.name == name for param in function.params) else ""


def asks_unfilled(test: ast.expr, record: Recorder) -> bool:
    """Return whether a test asks for what the module left empty, for somebody to fill once.

    `_TYPES = {}` at the top, and `if not _TYPES: load()` or `if _TYPES is None: load()` here.
    """
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        tested = test.operand
    elif isinstance(test, ast.Compare) and isinstance(test.ops[0], ast.Is):
        tested = test.left
    else:
        return False
    return _is_left_empty(tested, record)


def _is_left_empty(tested: ast.expr, record: Recorder) -> bool:
    """Return whether this is a name that the module left empty, for somebody to fill once."""
    function = record.function
    if not isinstance(tested, ast.Name) or function.index == 0:
        return False
    if any(param.name == tested.id for param in function.params):
        return False
    if tested.id in function.bound and tested.id not in function.globals:
        return False
    return record.is_left_empty(tested.id)
