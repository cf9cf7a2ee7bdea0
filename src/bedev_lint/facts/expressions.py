"""Expressions, in the order in which Python runs them: `ast` → `model.Expr`."""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import partial

from msgspec.structs import replace

from bedev_lint.facts.annotations import read_type
from bedev_lint.facts.conditions import known_where, not_none_parameter
from bedev_lint.facts.constant_tags import constants_of
from bedev_lint.facts.constants import UNKNOWN, combined, constant, joined, negated
from bedev_lint.facts.displays import dict_of, is_set, list_or_set, part_taken, tuple_of
from bedev_lint.facts.named_in_texts import (
    ATTRIBUTE_NAME,
    is_secret,
    key_in,
    named_in,
    tells_outcome,
)
from bedev_lint.facts.parameters import parameters
from bedev_lint.facts.recorder import Recorder
from bedev_lint.facts.routing import is_about_routes, kept_parts, note_compared, with_text
from bedev_lint.model import (
    ANY_NAME,
    Attr,
    Binding,
    Either,
    Elem,
    Expr,
    Item,
    Key,
    Literal,
    Name,
    Part,
    Result,
    Scope,
    TupleOf,
    last_name,
)
from bedev_lint.source import below, target_names

__all__ = ["annotation", "bind", "read", "read_base", "truth"]

_GETATTR, _ISINSTANCE = Name("getattr"), Name("isinstance")
# What may be of a type that somebody asks for where it is kept.
_KEPT = (Name, Attr, Result, Item, Either, Scope)


def read(node: ast.AST, record: Recorder) -> Expr:
    """Note what runs in an expression, and return what it gives."""
    kind = node.__class__
    if kind is ast.Name:  # almost every second one is
        name: str = node.id  # type: ignore[attr-defined]
        record.function.reads(name)
        return Name(name)
    reader = _READERS.get(kind)
    if reader is not None:
        return reader(node, record)
    for child in below(node):
        read(child, record)
    return UNKNOWN


def truth(node: ast.expr, record: Recorder, *, fails: bool = False) -> None:
    """Read an expression whose truth is asked for; it `fails` if that is not as it should be."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        truth(node.operand, record, fails=fails)
    elif isinstance(node, ast.BoolOp):
        truth(node.values[0], record, fails=fails)
        with record.function.maybe():
            for value in node.values[1:]:
                truth(value, record, fails=fails)
    else:
        with record.function.asking(fails=fails):
            # Who asks for the truth of a name does nothing else with what it stands for.
            result = read_base(node, record) if isinstance(node, ast.Name) else read(node, record)
        record.function.ask(result)
        record.use("bool", "__bool__", result, node)


def annotation(node: ast.AST, record: Recorder) -> Expr:
    """Return the type that an annotation names."""
    return read_type(node, record, read)


def read_base(node: ast.expr, record: Recorder) -> Expr:
    """Read what an attribute is read of, or what is iterated over."""
    function = record.function
    if isinstance(node, ast.Name):
        function.reads(node.id, as_base=True)
        return Name(node.id)
    value = read(node, record)
    function.use.pick(value)
    return value


def bind(target: ast.AST, value: Expr, record: Recorder) -> None:
    """Note that an assignment target is bound to a value."""
    if isinstance(target, ast.Name):
        record.bind(target.id, value)
    elif isinstance(target, ast.Attribute):
        attribute = Attr(read_base(target.value, record), target.attr)
        record.function.bindings.append(Binding(attribute, value))
    elif isinstance(target, (ast.Tuple, ast.List)):
        for index, element in enumerate(target.elts):
            if isinstance(element, ast.Starred):
                bind(element.value, Literal("list", "", (Elem(value),)), record)
            elif isinstance(value, TupleOf) and index < len(value.items):
                bind(element, value.items[index], record)
            else:
                bind(element, Part(value, index), record)
    elif isinstance(target, ast.Subscript):
        kept = read(target, record)
        # A display that is filled is known by its elements, and no text is asked for anything.
        if isinstance(kept, Item) and _is_kept(kept, value):
            record.function.bindings.append(Binding(kept, value))


def _is_kept(item: Item, value: Expr) -> bool:
    is_named = len(item.args) == 1 and isinstance(item.args[0], (Key, Name, Attr))
    return is_named and isinstance(item.base, (Name, Attr, Item)) and isinstance(value, _KEPT)


# ------------------------------------------------------------------ names, calls, values


def _attribute(node: ast.Attribute, record: Recorder) -> Expr:
    attribute = Attr(read_base(node.value, record), node.attr)
    if isinstance(attribute.base, (Name, Attr, Result, Item, Elem)):
        record.site("get", attribute, node)
    return attribute


def _call(node: ast.Call, record: Recorder) -> Expr:
    func: Expr
    if isinstance(node.func, ast.Attribute):
        key = node.args[0] if node.func.attr == "get" and node.args else None
        if key is None or tells_outcome(key, node.func.value, record):
            base = read_base(node.func.value, record)
        else:
            with record.function.telling():
                base = read_base(node.func.value, record)
        func = Attr(base, node.func.attr)
    else:
        func = read(node.func, record)
    args: list[Expr] = []
    keywords: list[tuple[str, Expr]] = []
    is_routing = is_about_routes(last_name(func), record)
    record.routing += is_routing
    argument = _naming_argument if last_name(func) in record.naming.calls else _argument
    # A first argument counts as `to`, or as what is called: `backref=backref("lines")`.
    first = last_name(func) if last_name(func) in record.naming.keywords else "to"
    for arg in node.args:
        if isinstance(arg, ast.Starred):
            keywords.append(("*", read(arg.value, record)))
        else:
            args.append(argument(arg, "" if args else first, record))
    for keyword in node.keywords:
        name = keyword.arg or "**"
        keywords.append((name, argument(keyword.value, name, record)))
    record.routing -= is_routing
    if func == _ISINSTANCE and args:
        record.function.ask(args[0])
    constants = constants_of(node, record.key)
    site = record.site("call", func, node, tuple(args), tuple(keywords), constants=constants)
    result = Result(site)
    return _picked(node, args, record) if func == _GETATTR and len(args) > 1 else result


def _picked(node: ast.Call, args: list[Expr], record: Recorder) -> Expr:
    """Return what `getattr` gives: an attribute, perhaps of a name that only a run knows."""
    name = node.args[1]
    text = name.value if isinstance(name, ast.Constant) else ""
    is_name = isinstance(text, str) and ATTRIBUTE_NAME.fullmatch(text)
    attribute = Attr(args[0], str(text) if is_name else ANY_NAME)
    if is_name:
        record.site("get", attribute, node)
    return Either((attribute, args[2])) if len(args) > 2 else attribute


def _argument(value: ast.expr, keyword: str, record: Recorder) -> Expr:
    if record.owner is not None and isinstance(value, ast.Constant):
        return named_in(value.value, keyword, record.owner, record) or read(value, record)
    return read(value, record)


def _naming_argument(value: ast.expr, keyword: str, record: Recorder) -> Expr:
    key = None if is_secret(keyword, record) else key_in(value)
    return key or _argument(value, keyword, record)


def _await(node: ast.Await, record: Recorder) -> Expr:
    value = read(node.value, record)
    if isinstance(value, Result):
        record.awaited(value)
    # A lazy query runs where it is awaited.
    record.use("await", "__await__", value, node.value)
    return value


def _subscript(node: ast.Subscript, record: Recorder) -> Expr:
    index = node.slice
    if tells_outcome(index, node.value, record):
        base = read(node.value, record)
    else:
        with record.function.telling():
            base = read(node.value, record)
    args = []
    for element in index.elts if isinstance(index, ast.Tuple) else [index]:
        value = key_in(element) or read(element, record)
        args.append(part_taken(element) or value)
    record.use("index", "__getitem__", base, node, args=tuple(args))
    return Item(base, tuple(args))


def _named(node: ast.NamedExpr, record: Recorder) -> Expr:
    with record.function.telling():
        value = read(node.value, record)
    bind(node.target, value, record)
    record.function.use.name(node.target.id, None)
    return value


def _yield(node: ast.Yield | ast.YieldFrom, record: Recorder) -> Expr:
    function = record.function
    function.yields = function.yields or []
    if isinstance(node, ast.YieldFrom):
        source = read(node.value, record)
        record.use("iter", "__iter__", source, node.value)
        function.yields.append(Elem(source))
    elif node.value is not None:
        function.yields.append(read(node.value, record))
    # Where a context manager yields is where the body of its `with` runs.
    record.site("yield", UNKNOWN, node)
    return UNKNOWN


def _lambda(node: ast.Lambda, record: Recorder) -> Expr:
    made = record.add_function("<lambda>", parameters(node.args, record, read), node)
    with record.inside(made):
        made.results.append(read(node.body, record))
    return Scope(made.index)


# ------------------------------------------------------------------ literals and comprehensions


def _constant(node: ast.Constant, record: Recorder) -> Expr:
    value = constant(node, record.literals)
    return value if record.naming.tests is None else with_text(value, node.value, record)


def _joined(node: ast.JoinedStr, record: Recorder) -> Expr:
    parts = [
        str(part.value) if isinstance(part, ast.Constant) else _filled_in(part, record)
        for part in node.values
    ]
    value, text = joined(parts, record.literals, record.naming.addresses), kept_parts(parts, record)
    return replace(value, text=text) if text else value


def _filled_in(part: ast.expr, record: Recorder) -> Expr:
    if not isinstance(part, ast.FormattedValue):
        return read(part, record)
    value = read(part.value, record)
    if part.format_spec is not None:
        read(part.format_spec, record)
    return value


_Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


def _comprehension(node: _Comprehension, record: Recorder) -> Expr:
    function = record.function
    # A name bound here must not be seen outside, but a function's scope is near enough.
    with record.inside(function):
        iterable = _iterated(node.generators[0], record)  # runs for no elements as well
        with function.maybe():
            for index, loop in enumerate(node.generators):
                iterable = _iterated(loop, record) if index else iterable
                function.open("comprehension", iterable, tuple(target_names(loop.target)))
                bind(loop.target, Elem(iterable), record)
                for condition in loop.ifs:
                    truth(condition, record)
            if isinstance(node, ast.DictComp):
                read(node.key, record)
            element = read(node.value if isinstance(node, ast.DictComp) else node.elt, record)
            if element == _kept_whole(node):
                element = Elem(iterable)
    # Unlike a display it has as many elements as there are data.
    return Literal(_COMPREHENSIONS[node.__class__], "", (Either((element,)),))


def _kept_whole(node: _Comprehension) -> Name | None:
    """Return the name of the elements, if a comprehension may keep each of them as it is.

    Another loop may bind it too, to what stands in what is made here.
    """
    loop = node.generators[0]
    if len(node.generators) > 1 or loop.ifs or not isinstance(loop.target, ast.Name):
        return None
    return Name(loop.target.id)


def _iterated(loop: ast.comprehension, record: Recorder) -> Expr:
    """Read what a part of a comprehension runs over."""
    iterable = read_base(loop.iter, record)
    record.use("iter", "__aiter__" if loop.is_async else "__iter__", iterable, loop.iter)
    return iterable


# ------------------------------------------------------------------ operators


def _if_exp(node: ast.IfExp, record: Recorder) -> Expr:
    truth(node.test, record)
    function = record.function
    with function.maybe():
        body = read(node.body, record)
        name = not_none_parameter(node.test, function)
        if name:
            function.open("if_param_false", None, (name,))
        return Either((body, read(node.orelse, record)))


def _boolean(node: ast.BoolOp, record: Recorder) -> Expr:
    first = before = node.values[0]
    values = [read(first, record)]
    for value in node.values[1:]:
        record.function.ask(values[-1])
        record.use("bool", "__bool__", values[-1], first, before)
        with record.function.maybe():
            for kind, names in known_where(before, isinstance(node.op, ast.And), record.function):
                record.function.open(kind, None, names)
            values.append(read(value, record))
        before = value
    return values[-1] if isinstance(node.op, ast.And) else Either(tuple(values))


def _unary(node: ast.UnaryOp, record: Recorder) -> Expr:
    return negated(read(node.operand, record), node.op)


def _binary(node: ast.BinOp, record: Recorder) -> Expr:
    left, right = read(node.left, record), read(node.right, record)
    is_part = isinstance(node.op, (ast.Sub, ast.BitAnd)) and is_set(left, record.function)
    return left if is_part else combined(left, right, node.op)


def _comparison(node: ast.Compare, record: Recorder) -> Expr:
    with record.function.asking():
        left = read(node.left, record)
        note_compared(left, record)
        if any(isinstance(constant, ast.Constant) for constant in node.comparators):
            record.function.ask(left)
        for operator, comparator in zip(node.ops, node.comparators, strict=True):
            value = read(comparator, record)
            note_compared(value, record)
            if isinstance(operator, (ast.In, ast.NotIn)):
                record.use("iter", "__contains__", value, comparator)
    return Literal("bool")


# ------------------------------------------------------------------ which reads what

_COMPREHENSIONS: dict[type[ast.AST], str] = {
    ast.ListComp: "list",
    ast.SetComp: "set",
    ast.DictComp: "dict",
    ast.GeneratorExp: "generator",
}
_READERS: dict[type[ast.AST], Callable[..., Expr]] = {
    ast.Attribute: _attribute,
    ast.Call: _call,
    ast.Await: _await,
    ast.Subscript: _subscript,
    ast.Constant: _constant,
    ast.JoinedStr: _joined,
    ast.Tuple: partial(tuple_of, read=read),
    ast.List: partial(list_or_set, read=read),
    ast.Set: partial(list_or_set, read=read),
    ast.Dict: partial(dict_of, read=read),
    ast.Lambda: _lambda,
    **dict.fromkeys(_COMPREHENSIONS, _comprehension),
    ast.IfExp: _if_exp,
    ast.BoolOp: _boolean,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.Compare: _comparison,
    ast.NamedExpr: _named,
    ast.Yield: _yield,
    ast.YieldFrom: _yield,
}
# What only newer versions of Python have.
if hasattr(ast, "TemplateStr"):
    _READERS[ast.TemplateStr] = _joined
