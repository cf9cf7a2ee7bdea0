"""Handlers that do nothing, and when that is the right answer to what they catch.

The words that decide (which errors, which calls) are the rule's options.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Iterator
from fnmatch import fnmatchcase

import libcst as cst

from bedev_lint.model import Options
from bedev_lint.names import words
from bedev_lint.options import table, texts
from bedev_lint.syntax.handlers import (
    Handler,
    Try,
    always,
    awaits_cancelled,
    called_name,
    ends_main_loop,
    expand,
    following,
    is_falsy,
    is_name,
    is_parameter,
    own,
    statements,
    try_of,
)
from bedev_lint.syntax.module import NESTED, Module
from bedev_lint.syntax.scopes import target_names
from bedev_lint.syntax.walk import one_by_one

__all__ = ["is_excused", "is_explained", "is_silent"]

_LOOPS = (cst.For, cst.While)
_LOOP_ENDS = ("KeyboardInterrupt", "EOFError")
_Bound = cst.Assign | cst.AnnAssign


def is_silent(handler: Handler) -> bool:
    """Return whether a body is only `pass`, `...`, `continue`, a docstring, or returns nothing."""
    return all(
        isinstance(statement, (cst.Pass, cst.Continue))
        or (isinstance(statement, cst.Return) and _is_nothing(statement.value))
        or (
            isinstance(statement, cst.Expr)
            and isinstance(statement.value, (cst.Ellipsis, cst.BaseString))
        )
        for statement in statements(handler.body)
    )


def _is_nothing(value: cst.CSTNode | None) -> bool:
    return value is None or is_name(value, "None")


# ---------------------------------------------------------------- explained by a comment

_DIRECTIVE = re.compile(
    r"(noqa|error|type:\s*ignore|pragma|nosec|pylint|ruff|flake8|mypy|pyright|pyre|fmt|isort|nosemgrep"
    r"|bedev|noinspection|sonar|coverage)\b[:\s]*((ignore|disable|no ?cover|no ?branch)\b[=:\s]*)?"
    r"(\[[^][]*\]|[A-Z]+\d+\b|[a-z]+(-[a-z]+)+|[,\s=])*",
    re.IGNORECASE,
)
_WORDS = re.compile(r"[^\W\d_]{2,}")


def is_explained(handler: Handler, module: Module) -> bool:
    """Return whether a comment tells why: directives to tools and code commented out do not.

    It stands in the handler, at the end of the `try` body, or directly behind the handler.
    """
    tried = try_of(handler, module)
    comments = [
        *module.comments(handler),
        *_comments_at_end(tried.body),
        *_comment_behind(handler, tried, module),
    ]
    for comment in comments:
        text = _DIRECTIVE.sub(" ", comment.lstrip("#! "))
        if _WORDS.search(text) and not _is_code(text.strip()):
            return True
    return False


def _comments_at_end(suite: cst.CSTNode) -> Iterator[str]:
    """Return the comments on and below the last line of a suite."""
    block: cst.CSTNode | None = suite
    while isinstance(block, cst.IndentedBlock):
        yield from _comments_of(block.footer)
        last = block.body[-1]
        if isinstance(last, cst.SimpleStatementLine) and last.trailing_whitespace.comment:
            yield last.trailing_whitespace.comment.value
        block = getattr(last, "body", None)


def _comment_behind(handler: Handler, tried: Try, module: Module) -> Iterator[str]:
    """Return the comment on the line behind a handler, whatever statement it is taken for."""
    if handler is not tried.handlers[-1]:
        return
    after = tried.orelse or tried.finalbody
    if after is not None:
        lines = after.leading_lines
    else:
        suite = module.parent(tried)
        if not isinstance(suite, (cst.IndentedBlock, cst.Module)):
            return
        index = module.place(tried, suite, suite.body) + 1
        if index < len(suite.body):
            lines = getattr(suite.body[index], "leading_lines", ())
        else:
            lines = suite.footer
    yield from _comments_of(lines[:1])


def _comments_of(lines: Iterable[cst.EmptyLine]) -> Iterator[str]:
    return (line.comment.value for line in lines if line.comment is not None)


def _is_code(text: str) -> bool:
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return not all(isinstance(s, (ast.Expr, ast.AnnAssign)) for s in body) or any(
        isinstance(s, ast.Expr) and isinstance(s.value, (ast.Call, ast.Await)) for s in body
    )


# ---------------------------------------------------------------- right without a word


def is_excused(handler: Handler, names: list[str], module: Module, options: Options) -> bool:
    """Return whether silence is the right answer to these errors at this place."""
    tried = try_of(handler, module)
    return (
        _all_match(names, _expected(tried, names, options))
        or _only_calls(tried.body, texts(options, "cleanup"))
        or (_all_match(names, _LOOP_ENDS) and ends_main_loop(handler, module))
        or ("asyncio.CancelledError" in names and awaits_cancelled(tried, module))
        or set(names) <= _raised_in(tried.body, module)
        or _all_match(names, texts(options, "reached"))
        or _is_wished_for(handler, tried)
        or _raises_after(handler, tried, module)
        or _has_default(tried, module)
        or _is_one_of_several(handler, tried, module, options)
        or (
            _is_miss(names, tried, module, options)
            and (
                _is_answered(handler, tried, module)
                or _leaves_as_it_was(handler, tried, module, options)
                or _has_nothing_to_do(names, tried, options)
            )
        )
    )


def _all_match(names: Iterable[str], patterns: Collection[str]) -> bool:
    """Return whether each class, by its dotted or its last name, matches one of the patterns."""
    return all(
        any(fnmatchcase(name, p) or fnmatchcase(name.split(".")[-1], p) for p in patterns)
        for name in names
    )


def _called_in(block: cst.CSTNode) -> set[str]:
    return {called_name(node) for node in own(block) if isinstance(node, cst.Call)}


def _expected(tried: Try, names: Iterable[str], options: Options) -> list[str]:
    """Return the errors that tell of nothing new after what this `try` does."""
    calls = _called_in(tried.body)
    expected = [*texts(options, "signals"), *texts(options, "gone")]
    imports = texts(options, "imports")
    if _imports(tried.body, calls) and any(name in imports for name in names):
        expected += [*imports, "AttributeError"]
    expected += [error for call, error in table(options, "answers") if call in calls]
    return expected


def _imports(block: cst.CSTNode, calls: Iterable[str]) -> bool:
    return any("import" in words(name) for name in calls) or any(
        isinstance(node, (cst.Import, cst.ImportFrom)) for node in own(block)
    )


def _only_calls(block: cst.CSTNode, allowed: Collection[str]) -> bool:
    """Return whether a block holds such calls only; what they are of may be set to None."""
    seen = False
    for node in own(block):
        if isinstance(node, (cst.Assign, cst.AnnAssign)):
            if node.value is None or not is_falsy(node.value):
                return False
        elif isinstance(node, cst.Expr):
            call = _call_of(node)
            if call is None or called_name(call) not in allowed:
                return False
            seen = True
        elif isinstance(node, cst.BaseSmallStatement) and not isinstance(node, cst.Pass):
            return False
    return seen


def _call_of(statement: cst.CSTNode) -> cst.Call | None:
    """Return the call that a statement consists of, awaited or not."""
    value = getattr(statement, "value", None)
    value = value.expression if isinstance(value, cst.Await) else value
    return value if isinstance(value, cst.Call) else None


def _raised_in(block: cst.CSTNode, module: Module) -> set[str]:
    """Return the classes that a block raises itself: how it says that it is to be left."""
    raised = (node.exc for node in own(block) if isinstance(node, cst.Raise))
    return {name for exc in raised if exc is not None for name in expand(exc, module)}


def _raises_after(handler: Handler, tried: Try, module: Module) -> bool:
    """Return whether the way on from a silent handler leads to a `raise`, if not to an answer."""
    silence = statements(handler.body)
    if any(isinstance(statement, cst.Return) for statement in silence):
        return False
    start: cst.CSTNode = tried
    if _continues(handler):
        # Python parses a `continue` outside of any loop too.
        start = _loop_around(tried, module) or tried
    bound = {name for name, _ in _bound_in(tried, module)}
    for statement in following(start, module):
        if always([statement], lambda s: isinstance(s, cst.Raise)):
            return True
        if isinstance(statement, (cst.Return, cst.Break, cst.Continue)):
            return False
        if (
            isinstance(statement, cst.If)
            and any(isinstance(node, cst.Raise) for node in own(statement))
            and any(module.dotted(node) in bound for node in own(statement.test))
        ):
            return True
    return False


def _is_wished_for(handler: Handler, tried: Try) -> bool:
    """Return whether the error is the good case: where it does not come, the `try` raises."""
    done = list(statements(tried.body))
    goes_on = not any(isinstance(each, cst.Return) for each in statements(handler.body))
    return goes_on and len(done) > 1 and isinstance(done[-1], cst.Raise)


def _continues(handler: Handler) -> bool:
    return any(isinstance(statement, cst.Continue) for statement in statements(handler.body))


def _loop_around(node: cst.CSTNode, module: Module) -> cst.For | cst.While | None:
    """Return the innermost loop of the same function around a node."""
    for above in module.ancestors(node):
        if isinstance(above, _LOOPS):
            return above
        if isinstance(above, NESTED):
            return None
    return None


def _bound_in(tried: Try, module: Module) -> Iterator[tuple[str, _Bound]]:
    """Return what the body of a `try` assigns to, as it is written."""
    for node in own(tried.body):
        if isinstance(node, (cst.Assign, cst.AnnAssign)):
            yield from ((module.code(target), node) for target in _targets(node))


def _targets(node: _Bound) -> Iterator[cst.BaseExpression]:
    """Return what an assignment binds, tuples taken apart."""
    stack: list[cst.BaseExpression] = (
        [t.target for t in node.targets] if isinstance(node, cst.Assign) else [node.target]
    )
    while stack:
        target = stack.pop()
        if isinstance(target, (cst.Tuple, cst.List)):
            stack += [element.value for element in target.elements]
        else:
            yield target


def _has_default(tried: Try, module: Module) -> bool:
    """Return whether assignments just before a `try` bind what its body would have bound."""
    wanted = {name for name, _ in _bound_in(tried, module)}
    return bool(wanted) and any(
        module.code(target) in wanted
        for node in _just_before(tried, module)
        for target in _targets(node)
    )


def _just_before(tried: Try, module: Module) -> Iterator[_Bound]:
    """Return the assignments that stand directly before a statement, nearest first."""
    at: cst.CSTNode = tried
    for above in module.ancestors(tried):
        if isinstance(above, (cst.IndentedBlock, cst.Module)):
            for place in range(module.place(at, above, above.body) - 1, -1, -1):
                for statement in reversed(list(one_by_one([above.body[place]]))):
                    if not isinstance(statement, (cst.Assign, cst.AnnAssign)):
                        return
                    yield statement
        elif not isinstance(above, (cst.If, cst.Else, cst.With)):
            return
        at = above


# ---------------------------------------------------------------- one of several


def _is_one_of_several(handler: Handler, tried: Try, module: Module, options: Options) -> bool:
    """Return whether a scan leaves out what fails, and what it has gathered is looked at later.

    What it gathers in is a collection, number or flag that was made before the loop, or is
    returned behind it; a generator gives each to its caller.
    """
    loop = _loop_around(tried, module)
    if loop is None or any(isinstance(s, cst.Return) for s in statements(handler.body)):
        return False
    skipped = _skipped(handler, tried, module)
    if any(isinstance(node, cst.Yield) for part in skipped for node in own(part)):
        return True
    gathering = texts(options, "gathering")
    gathered = {root for part in skipped for root in _gathered(part, gathering) if root}
    gathered -= {name.value for name in _loop_names(loop)}
    if not gathered:
        return False
    after = [node for statement in following(loop, module) for node in own(statement)]
    looked_at = gathered & {node.value for node in after if isinstance(node, cst.Name)}
    returned = {
        node.value
        for statement in after
        if isinstance(statement, (cst.Return, cst.Yield))
        for node in own(statement)
        if isinstance(node, cst.Name)
    }
    return bool(looked_at & (returned | _made_outside(loop, module)))


def _skipped(handler: Handler, tried: Try, module: Module) -> list[cst.CSTNode]:
    """Return the code that is not run to its end where the handler is run."""
    # `continue` leaves out the rest of the iteration as well.
    found: list[cst.CSTNode] = [tried.body, *([tried.orelse] if tried.orelse else [])]
    loop = _loop_around(tried, module)
    if _continues(handler) and loop is not None:
        for statement in following(tried, module):
            if not any(above is loop for above in module.ancestors(statement)):
                break
            found.append(statement)
    return found


def _loop_names(loop: cst.For | cst.While) -> Iterator[cst.Name]:
    return target_names(loop.target) if isinstance(loop, cst.For) else iter(())


def _gathered(part: cst.CSTNode, gathering: Collection[str]) -> Iterator[str]:
    """Return the names of what something is put in: `x.append(…)`, `x[k] = …`, `x += …`."""
    for node in own(part):
        if isinstance(node, cst.Expr):
            call = _call_of(node)
            if call is not None and called_name(call) in gathering:
                yield _root(call.func)
        elif isinstance(node, cst.AugAssign):
            yield _root(node.target)
        elif isinstance(node, (cst.Assign, cst.AnnAssign)):
            is_flag = node.value is not None and is_name(node.value, "True", "False")
            for target in _targets(node):
                if is_flag or isinstance(target, (cst.Subscript, cst.Attribute)):
                    yield _root(target)


def _root(node: cst.CSTNode) -> str:
    """Return the name that an access begins with: `a` of `a.b[c].d()`."""
    while True:
        if isinstance(node, (cst.Attribute, cst.Subscript)):
            node = node.value
        elif isinstance(node, cst.Call):
            node = node.func
        else:
            return node.value if isinstance(node, cst.Name) else ""


_COLLECTIONS = frozenset(
    "list dict set tuple deque Counter defaultdict OrderedDict copy deepcopy sorted int "
    "namedtuple fromkeys zip bytearray".split()
)
_LITERALS = (
    cst.BaseList,
    cst.BaseSet,
    cst.BaseDict,
    cst.Tuple,
    cst.BaseNumber,
    cst.BaseString,
    cst.BinaryOperation,
)


def _made_outside(loop: cst.CSTNode, module: Module) -> set[str]:
    """Return the names of collections, numbers and flags that are made outside of a loop."""
    function = module.function_of(loop)
    inside = {id(node) for node in own(loop)}
    return {
        target.value
        for node in own(function.body if function is not None else module.tree)
        if isinstance(node, (cst.Assign, cst.AnnAssign)) and id(node) not in inside
        if node.value is not None and _makes_collection(node.value)
        for target in _targets(node)
        if isinstance(target, cst.Name)
    }


def _makes_collection(node: cst.CSTNode) -> bool:
    return (
        isinstance(node, _LITERALS)
        or is_name(node, "True", "False", "None")
        or (isinstance(node, cst.Call) and called_name(node) in _COLLECTIONS)
    )


# ---------------------------------------------------------------- look-ups and parsing


def _is_miss(names: Collection[str], tried: Try, module: Module, options: Options) -> bool:
    """Return whether these errors say that something is not there, or not of the right form."""
    misses = texts(options, "misses")
    if _all_match(names, misses):
        return True
    malformed = [*misses, *texts(options, "malformed")]
    return _all_match(names, malformed) and _parses(tried, module, options)


def _parses(tried: Try, module: Module, options: Options) -> bool:
    """Return whether a `try` converts something.

    By a call, one of a function that was handed in too; by unpacking; in a function that is named
    for it; or the errors can come from nothing but the values, since nothing is called.
    """
    parsing = texts(options, "parsing")
    calls = [node for node in own(tried.body) if isinstance(node, cst.Call)]
    names = {called_name(call) for call in calls}.difference(texts(options, "plain"))
    function = module.function_of(tried)
    around = {function.name.value} if isinstance(function, cst.FunctionDef) else set()
    return (
        not names
        or any(name[:1].isupper() for name in names)
        or any(not set(words(name)).isdisjoint(parsing) for name in names | around)
        or any(is_parameter(call.func, module) for call in calls)
        or any(
            isinstance(target.target, (cst.Tuple, cst.List))
            for node in own(tried.body)
            if isinstance(node, cst.Assign)
            for target in node.targets
        )
    )


def _is_answered(handler: Handler, tried: Try, module: Module) -> bool:
    """Return whether a miss gives a value: the `try` returns a hit, what follows answers a miss."""
    for statement in statements(handler.body):
        if isinstance(statement, cst.Return):
            function = module.function_of(tried)
            return statement.value is not None or (
                function is not None and _gives_value(function.body)
            )
    return any(map(_gives_value, _skipped(handler, tried, module)))


def _gives_value(block: cst.CSTNode) -> bool:
    # Backwards: the last statement tells it most often, and what is before may be left out.
    return any(
        isinstance(node, cst.Yield) or (isinstance(node, cst.Return) and node.value is not None)
        for node in own(block, backwards=True)
    )


def _leaves_as_it_was(handler: Handler, tried: Try, module: Module, options: Options) -> bool:
    """Return whether what is bound or filled where it works is there without it.

    A name that was bound before the `try` and is used behind it (`x = int(x)` too); a mapping that
    gets one entry less, also one that the caller has handed in.
    """
    skipped = _skipped(handler, tried, module)
    filled = {root for part in skipped for root in _gathered(part, texts(options, "gathering"))}
    params = _params_of(tried, module)
    if filled & params:
        return True
    bound = {
        target.value
        for part in skipped
        for node in own(part)
        if isinstance(node, (cst.Assign, cst.AnnAssign))
        for target in _targets(node)
        if isinstance(target, cst.Name)
    }
    known = (filled | bound) & (params | _bound_before(tried, module))
    return bool(known) and any(
        isinstance(node, cst.Name) and node.value in known
        for statement in following(tried, module)
        for node in own(statement)
    )


def _params_of(tried: Try, module: Module) -> set[str]:
    function = module.function_of(tried)
    if function is None:
        return set()
    params = function.params
    every = (*params.posonly_params, *params.params, *params.kwonly_params)
    return {param.name.value for param in every}


def _bound_before(tried: Try, module: Module) -> set[str]:
    """Return the names that the function around a `try` has bound when it comes there."""
    function = module.function_of(tried)
    bound: set[str] = set()
    for node in own(function.body if function is not None else module.tree):
        if node is tried:
            break
        if isinstance(node, (cst.Assign, cst.AnnAssign)):
            bound |= {target.value for target in _targets(node) if isinstance(target, cst.Name)}
        elif isinstance(node, cst.For):
            bound |= {name.value for name in target_names(node.target)}
    return bound


def _has_nothing_to_do(names: Collection[str], tried: Try, options: Options) -> bool:
    """Return whether without what was looked up there is nothing to be done.

    It would only have been removed; it is the stored state of what has yet to be stored; or it
    is a relation that may be empty.
    """
    return (
        _only_removes(tried.body, texts(options, "removing"))
        or _looks_itself_up(tried.body)
        or (
            _all_match(names, texts(options, "empty-relations"))
            and not any(
                set(words(name)) & set(texts(options, "querying"))
                for name in _called_in(tried.body)
            )
        )
    )


def _only_removes(block: cst.CSTNode, removing: Collection[str]) -> bool:
    """Return whether all that a block does, apart from looking up, is to remove something."""
    removes = False
    for node in own(block):
        if isinstance(node, cst.Del):
            removes = True
        elif isinstance(node, (cst.Expr, cst.Return)):
            call = _call_of(node)
            if call is None or set(words(called_name(call))).isdisjoint(removing):
                return False
            removes = True
        elif isinstance(node, (cst.AugAssign, cst.Raise)):
            return False
    return removes


_OWN_KEYS = frozenset({"pk", "id"})
_OWN_NAMES = frozenset({"self", "instance"})


def _looks_itself_up(block: cst.CSTNode) -> bool:
    """Return whether a row is looked up by the key of the object in hand: `get(pk=self.pk)`."""
    return any(
        isinstance(node, cst.Arg)
        and isinstance(node.value, cst.Attribute)
        and node.value.attr.value in _OWN_KEYS
        and isinstance(node.value.value, cst.Name)
        and node.value.value.value in _OWN_NAMES
        for node in own(block)
    )
