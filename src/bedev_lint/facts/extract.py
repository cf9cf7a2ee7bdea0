"""The reader of one module: its statements in the order in which Python runs them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bedev_lint.facts.branches import conditional_kind, endings, is_first_time, left_by, missing_in
from bedev_lint.facts.checks import name_of
from bedev_lint.facts.conditions import (
    Condition,
    asks_unfilled,
    kept_within,
    known_after,
    known_otherwise,
    known_where,
)
from bedev_lint.facts.constants import UNKNOWN
from bedev_lint.facts.expressions import annotation, bind, read, read_base, truth
from bedev_lint.facts.filtering import filtered_names
from bedev_lint.facts.function import Function
from bedev_lint.facts.guarding import guards
from bedev_lint.facts.memos import is_missing, is_tried_first
from bedev_lint.facts.parameters import parameters
from bedev_lint.facts.recorder import Recorder
from bedev_lint.facts.searching import is_sought
from bedev_lint.model import (
    NO_NAMES,
    Attr,
    Caught,
    Elem,
    Entered,
    Instance,
    ModuleFacts,
    Name,
    Naming,
    Scope,
    SourceMap,
)
from bedev_lint.source import TypeAlias, below, lines, target_names

__all__ = ["Extracted", "extract"]


_LEAVING = (ast.Return, ast.Raise, ast.Continue, ast.Break)


@dataclass
class Extracted:
    """Facts, and where all that they speak of stands: columns in bytes of UTF-8, as in `ast`."""

    facts: ModuleFacts
    places: SourceMap


def extract(
    tree: ast.Module,
    text: str,
    name: str,
    *,
    is_package: bool = False,
    naming: Naming = NO_NAMES,
    literals: frozenset[str | int | float] = frozenset(),
    key: bytes = b"",
) -> Extracted:
    """Read one module's facts from its tree and text; `name` is its dotted name.

    `naming` says whose strings are names; `literals` are the texts and numbers of which is kept
    where they stand, and of others only what is made with the `key`. Raises RecursionError for what
    is too deep.
    """
    record = Recorder(tree, lines(text), naming, literals, key)
    record.keeps_errors = _KEEPING in text
    _suite(tree.body, record)
    return Extracted(record.facts(name, is_package), record.places())


# The keyword by which errors are put among results.
_KEEPING = "return_exceptions"


# ------------------------------------------------------------------ suites


def _suite(
    body: Sequence[ast.stmt], record: Recorder, loop: ast.For | ast.AsyncFor | None = None
) -> None:
    function = record.function
    leaves_from, how = left_by(body) if function.regions else (0, "")
    with function.nested():
        if len(body) > 1 and isinstance(body[-1], ast.Raise):
            function.open("raises")
        for index, statement in enumerate(body):
            if how and index == leaves_from:
                function.open("exits_loop", None, (how,))
            record.enter(statement)
            fork = function.forks + 1  # that of this statement, if it is one
            with function.nested():
                if function.regions and is_sought(body, index, loop):
                    function.open("search_result")
                _READERS.get(statement.__class__, _other)(statement, record)
            if isinstance(statement, _LEAVING) and index + 1 < len(body):
                function.open("never")
            if isinstance(statement, ast.If) and not statement.orelse:
                _where(known_after(statement, body[index + 1 :], record), function)
                if isinstance(statement.body[-1], _LEAVING):
                    function.take(str(fork) if function.forks >= fork else "")
            if isinstance(statement, ast.Try) and is_tried_first(statement, body[index + 1 :]):
                function.open("once_per_key")


def _where(conditions: Sequence[Condition], function: Function) -> None:
    """Say that what is read from now on runs only where parameters are so."""
    for kind, names in conditions:
        function.open(kind, None, names)


def _branch(body: Sequence[ast.stmt], record: Recorder) -> None:
    """Read a suite that may not run; nothing if it is empty."""
    if body:
        with record.function.maybe():
            _suite(body, record)


# ------------------------------------------------------------------ simple statements


def _other(node: ast.stmt, record: Recorder) -> None:
    for child in below(node):
        read(child, record)


def _expression(node: ast.Expr, record: Recorder) -> None:
    record.function.use.drop(read(node.value, record))


def _assign(node: ast.Assign, record: Recorder) -> None:
    value = read(node.value, record)
    container = missing_in(node.value)
    for target in node.targets:
        bind(target, value, record)
        if isinstance(target, ast.Name):
            record.function.missing_in[target.id] = container


def _ann_assign(node: ast.AnnAssign, record: Recorder) -> None:
    bind(node.target, Instance(annotation(node.annotation, record)), record)
    if node.value is not None:
        bind(node.target, read(node.value, record), record)


def _aug_assign(node: ast.AugAssign, record: Recorder) -> None:
    read(node.value, record)
    if isinstance(node.target, ast.Name):
        record.function.use.whole.add(node.target.id)
    if isinstance(node.target, ast.Attribute):
        bind(node.target, UNKNOWN, record)


def _return(node: ast.Return, record: Recorder) -> None:
    function = record.function
    if node.value is not None:
        with function.within("exits_loop", None, ("return",)):
            function.results.append(function.latest(read(node.value, record)))
    function.left = True


def _raise(node: ast.Raise, record: Recorder) -> None:
    for part in (node.exc, node.cause):
        value = read(part, record) if part is not None else UNKNOWN
        if part is node.exc and isinstance(value, (Name, Attr)):
            record.function.raised.append(value)
        if part is node.exc and record.naming.tests is not None:
            record.function.raising.append(value)
    if record.function.must_fail:
        record.function.raises = True


def _assert(node: ast.Assert, record: Recorder) -> None:
    truth(node.test, record, fails=True)
    if node.msg is not None:
        read(node.msg, record)


def _global(node: ast.Global | ast.Nonlocal, record: Recorder) -> None:
    record.function.globals.extend(node.names)
    record.function.use.whole.update(node.names)


def _type_alias(node: ast.AST, record: Recorder) -> None:
    name, value = getattr(node, "name", None), getattr(node, "value", None)
    if isinstance(name, ast.Name) and isinstance(value, ast.expr):
        record.bind(name.id, annotation(value, record))


def _import(node: ast.Import, record: Recorder) -> None:
    for alias in node.names:
        # `import a.b` binds `a`, and makes `a.b` known.
        bound = alias.name if alias.asname else alias.name.split(".", 1)[0]
        record.add_import(alias.asname or bound, bound, "", 0)


def _import_from(node: ast.ImportFrom, record: Recorder) -> None:
    for alias in node.names:
        name = alias.asname or alias.name
        record.add_import(name, node.module or "", alias.name, node.level)


# ------------------------------------------------------------------ definitions


def _function(node: ast.FunctionDef | ast.AsyncFunctionDef, record: Recorder) -> None:
    decorators = tuple(read(decorator, record) for decorator in node.decorator_list)
    params = parameters(node.args, record, read)
    returns = annotation(node.returns, record) if node.returns is not None else None
    made = record.add_function(node.name, params, node)
    made.decorators, made.returns = decorators, returns
    made.is_async = isinstance(node, ast.AsyncFunctionDef)
    guarding = guards(node.body)
    if guarding is not None:
        made.guards = tuple(
            tuple(annotation(function, record) for function in alternatives)
            for alternatives in guarding
        )
    if record.owner is not None:
        record.owner.add_method(made)
    else:
        record.bind(node.name, Scope(made.index))
    if record.keeps_errors:
        made.filtered_names = filtered_names(node)
    with record.inside(made):
        _suite(node.body, record)


def _class(node: ast.ClassDef, record: Recorder) -> None:
    decorators = tuple(read(decorator, record) for decorator in node.decorator_list)
    bases = [annotation(base, record) for base in node.bases if not isinstance(base, ast.Starred)]
    keywords = [
        (keyword.arg, read(keyword.value, record))
        for keyword in node.keywords
        if keyword.arg is not None
    ]
    made = record.add_class(node.name, tuple(bases), tuple(keywords), decorators)
    # Of an older Python no such field is known.
    made.type_params = tuple(parameter.name for parameter in getattr(node, "type_params", ()))
    if record.naming.tests is not None:
        record.site("class", UNKNOWN, name_of(node), (Scope(made.index, is_class=True),))
    if record.owner is not None:
        record.owner.classes[made.name] = made.index
    else:
        record.bind(made.name, Scope(made.index, is_class=True))
    with record.inside(record.function, made):
        _suite(node.body, record)


# ------------------------------------------------------------------ compound statements


def _if(node: ast.If, record: Recorder, once_in: int = -1) -> None:
    """Read an `if` that holds once in so many loops around it, if that is known already."""
    record.enter(node)
    truth(node.test, record, fails=isinstance(node.body[-1], ast.Raise))
    function = record.function
    kind = conditional_kind(node, _loop_targets(function), function.globals)
    kept = kept_within(node, function) if not kind else None
    if not kind and (is_missing(node, function) or asks_unfilled(node.test, record)):
        kind, kept = "once_per_key", None
    once_in = _once_in(node, function) if once_in < 0 else once_in
    following = node.orelse[0] if len(node.orelse) == 1 else None
    # What is bound in one branch is not bound in another.
    then_once_in = _once_in(following, function) if isinstance(following, ast.If) else 0
    holding = [Condition(kind)] if kind else [kept] if kept else []
    holding += [Condition("once_in_loops", (str(once_in),))] if once_in else []
    holding += known_where(node.test, True, function)
    otherwise = known_otherwise(node, function)
    fork = function.fork() if node.orelse or isinstance(node.body[-1], _LEAVING) else ""
    ways = function.ways()
    with function.maybe():
        function.take(fork)
        _where(holding, function)
        _suite(node.body, record)
    ways.turn()
    with function.maybe():
        function.take(fork)
        _where(otherwise, function)
        if isinstance(following, ast.If):
            _if(following, record, then_once_in)
        elif node.orelse:
            _suite(node.orelse, record)
    ways.join()


def _once_in(node: ast.If, function: Function) -> int:
    """Return in how many of the loops around it an `if` holds once, as it sees to itself."""
    return function.loops_since(is_first_time(node)) if function.region >= 0 else 0


def _loop_targets(function: Function) -> tuple[str, ...]:
    """Return the names that the innermost loop binds."""
    region = function.region
    while region >= 0 and function.regions[region].kind not in ("for", "comprehension", "while"):
        region = function.regions[region].parent
    return function.regions[region].targets if region >= 0 else ()


def _while(node: ast.While, record: Recorder) -> None:
    with record.function.within("while"):
        truth(node.test, record)
        _branch(node.body, record)
    _branch(node.orelse, record)


def _for(node: ast.For | ast.AsyncFor, record: Recorder) -> None:
    function = record.function
    iterable = read_base(node.iter, record)
    method = "__iter__" if isinstance(node, ast.For) else "__aiter__"
    record.use("iter", method, iterable, node.iter)
    with function.within("for", iterable, tuple(target_names(node.target))), function.maybe():
        bind(node.target, Elem(iterable), record)
        _suite(node.body, record, node)
    _branch(node.orelse, record)


def _with(node: ast.With | ast.AsyncWith, record: Recorder) -> None:
    function, prefix = record.function, "__" if isinstance(node, ast.With) else "__a"
    with function.nested():
        for item in node.items:
            manager = read(item.context_expr, record)
            record.use("enter", f"{prefix}enter__", manager, item.context_expr)
            record.use("exit", f"{prefix}exit__", manager, item.context_expr)
            function.open("with", manager)
            if item.optional_vars is not None:
                bind(item.optional_vars, Entered(manager), record)
        _suite(node.body, record)


def _try(node: ast.Try, record: Recorder) -> None:
    function, caught_by_all = record.function, []
    with function.trying(endings(node.handlers)):
        tried = function.region
        _suite(node.body, record)
    for handler in node.handlers:
        with function.within("except"), function.maybe():
            record.enter(handler)
            caught = read(handler.type, record) if handler.type is not None else UNKNOWN
            caught_by_all.append(caught)
            if handler.name is not None:
                record.bind(handler.name, Caught(caught))
            _suite(handler.body, record)
    function.expect(tried, caught_by_all)
    _branch(node.orelse, record)
    if node.finalbody:
        with function.within("finally"):
            _suite(node.finalbody, record)


def _match(node: ast.Match, record: Recorder) -> None:
    with record.function.asking():
        record.function.ask(read(node.subject, record))
    fork = record.function.fork()
    for case in node.cases:
        record.enter(node)
        with record.function.maybe():
            record.function.take(fork)
            if case.guard is not None:
                truth(case.guard, record)
            _suite(case.body, record)


_READERS: dict[type[ast.AST], Callable[..., None]] = {
    ast.Expr: _expression,
    ast.Assign: _assign,
    ast.AnnAssign: _ann_assign,
    ast.AugAssign: _aug_assign,
    ast.Return: _return,
    ast.Raise: _raise,
    ast.Assert: _assert,
    ast.Global: _global,
    ast.Nonlocal: _global,
    ast.Import: _import,
    ast.ImportFrom: _import_from,
    TypeAlias: _type_alias,
    ast.FunctionDef: _function,
    ast.AsyncFunctionDef: _function,
    ast.ClassDef: _class,
    ast.If: _if,
    ast.While: _while,
    ast.For: _for,
    ast.AsyncFor: _for,
    ast.With: _with,
    ast.AsyncWith: _with,
    ast.Try: _try,
    ast.Match: _match,
}
# What only newer versions of Python have.
if hasattr(ast, "TryStar"):
    _READERS[ast.TryStar] = _try
