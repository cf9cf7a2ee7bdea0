"""A handler after which nobody can know that the error happened."""

from __future__ import annotations

import ast
import http
import re
from collections.abc import Collection, Iterable, Iterator
from fnmatch import fnmatchcase

import libcst as cst

from bedev_lint.model import Options, Severity
from bedev_lint.names import words
from bedev_lint.options import texts
from bedev_lint.source import BROAD
from bedev_lint.syntax import Finding, Module, visits
from bedev_lint.syntax.handlers import (
    HANDLERS,
    Handler,
    Try,
    always,
    awaits_cancelled,
    called_name,
    caught,
    ends_main_loop,
    expand,
    following,
    own,
    statements,
    try_of,
)
from bedev_lint.syntax.literals import text_of
from bedev_lint.syntax.walk import children, one_by_one
from bedev_lint.triggers.swallowed_exception import (
    ERROR_WORDS,
    is_error_name,
    is_error_text,
    undoes,
)

_LOOP_ENDS = ("KeyboardInterrupt", "EOFError")


@visits(*HANDLERS)
def check(handler: Handler, module: Module, options: Options) -> Iterator[Finding]:
    names = caught(handler, module)
    if BROAD & set(names):
        if not _observed(handler, module):
            calls = [node for node in own(handler.body) if isinstance(node, cst.Call)]
            yield Finding(handler, fields={"caught": _shown(names, handler)}, unless=calls)
    elif (
        options.get("narrow", True)
        and _silent(handler)
        and not _explained(handler, module)
        and not _excused(handler, names, module, options)
    ):
        fields = {"caught": _shown(names, handler)}
        yield Finding(handler, fields=fields, severity=Severity.WARNING)


def _shown(names: list[str], handler: Handler) -> str:
    if handler.type is None:
        return "everything"
    return ", ".join(name.split(".")[-1] for name in names if name) or "an error"


# ---------------------------------------------------------------- broad: is the error observed?
#
# Calls of loggers and the like are not looked at here: the program knows them by type.

_SUCCESS_WORDS = frozenset("success successful succeeded ok okay healthy valid passed".split())
_STATUS_WORDS = frozenset("status code".split())
_RESPONDING = frozenset("response abort json jsonify send status http reply respond render".split())
_CURRENT = frozenset({"sys.exc_info", "sys.exception", "traceback.format_exc"})


def _observed(handler: Handler, module: Module) -> bool:
    bound = handler.name.name.value if handler.name else None  # type: ignore[union-attr]
    stack: list[cst.CSTNode] = [handler.body]
    while stack:
        node = stack.pop()
        if isinstance(node, (*HANDLERS, cst.FunctionDef, cst.Lambda, cst.ClassDef)):
            continue
        if isinstance(node, cst.Raise) or _fails(node):
            return True
        if _asks_for_current(node, module) or _error_shaped(node, bound, module):
            return True
        stack.extend(_outcomes(node))
    return bound is not None and _uses(handler.body, bound)


def _fails(node: cst.CSTNode) -> bool:
    """Say whether this is `assert False`."""
    return isinstance(node, cst.Assert) and _is_falsy(node.test)


def _asks_for_current(node: cst.CSTNode, module: Module) -> bool:
    """Say whether this is `sys.exc_info()` or the like, which is the exception by another name."""
    return isinstance(node, cst.Call) and module.qualified(node.func) in _CURRENT


def _condition(node: cst.CSTNode) -> cst.CSTNode | None:
    """Return the part of a node that only decides what is run."""
    if isinstance(node, (cst.If, cst.While, cst.IfExp, cst.CompIf, cst.Assert)):
        return node.test
    return node.subject if isinstance(node, cst.Match) else None


def _uses(body: cst.CSTNode, bound: str) -> bool:
    """Say whether the bound exception goes anywhere: a condition, `_` or `del` is nowhere."""
    stack = [body]
    while stack:
        node = stack.pop()
        if _is_name(node, bound):
            return True
        if isinstance(node, HANDLERS) and node.name and _is_name(node.name.name, bound):
            continue
        if isinstance(node, cst.Del) or (
            isinstance(node, cst.Expr) and isinstance(node.value, cst.Name)
        ):
            continue
        if isinstance(node, cst.Assign) and all(
            _is_name(t.target, "_") or _is_name(t.target, bound) for t in node.targets
        ):
            continue
        condition = _condition(node)
        stack.extend(child for child in children(node) if child is not condition)
    return False


def _outcomes(node: cst.CSTNode) -> list[cst.CSTNode]:
    """Return the parts of a node that may make an outcome: no conditions, targets or keys."""
    if isinstance(node, (cst.Assign, cst.AnnAssign, cst.AugAssign, cst.DictElement, cst.Arg)):
        return [node.value] if node.value is not None else []
    if isinstance(node, cst.Attribute):
        return [node.value]
    if isinstance(node, cst.Call):
        func = node.func
        skipped = isinstance(func, cst.Name) or undoes(called_name(node))
        return [*([] if skipped else [func]), *node.args]
    if isinstance(node, cst.Del) or (
        isinstance(node, cst.Expr) and isinstance(node.value, (cst.BaseString, cst.Name))
    ):
        return []
    condition = _condition(node)
    return [child for child in children(node) if child is not condition]


def _error_shaped(node: cst.CSTNode, bound: str | None, module: Module) -> bool:
    """Say whether a node makes an outcome that the caller can tell from success."""
    if isinstance(node, cst.Name):
        return node.value != bound and is_error_name(node.value)
    if isinstance(node, cst.Attribute):
        return is_error_name(node.attr.value) or _error_status(node)
    if isinstance(node, cst.Call):
        name = called_name(node)
        responds = not _RESPONDING.isdisjoint(words(name))
        return is_error_name(name) or (responds and any(_error_status(a.value) for a in node.args))
    if isinstance(node, cst.Arg):
        return node.keyword is not None and _error_binding(node.keyword.value, node.value, module)
    if isinstance(node, cst.DictElement):
        return _error_binding(module.string(node.key) or "", node.value, module)
    if isinstance(node, (cst.Assign, cst.AnnAssign, cst.AugAssign)):
        value = node.value
        return value is not None and any(
            _error_binding(name, value, module) for name in _bound_names(node, module)
        )
    if isinstance(node, cst.Tuple):
        return _error_tuple([element.value for element in node.elements], module)
    return isinstance(node, cst.BaseString) and is_error_text(text_of(node))


def _error_status(node: cst.CSTNode) -> bool:
    """Say whether this is an HTTP status of 400 and above: a number, or `HTTPStatus.CONFLICT`."""
    if isinstance(node, cst.Integer):
        return 400 <= node.evaluated_value <= 599
    if not isinstance(node, cst.Attribute):
        return False
    known = http.HTTPStatus.__members__.get(node.attr.value)
    return known is not None and known >= 400


def _error_binding(name: str, value: cst.CSTNode, module: Module) -> bool:
    """Say whether binding this value to this name, key or keyword tells of an error."""
    parts = words(name)
    if not parts or undoes(name):
        return False
    if _is_falsy(value):
        return parts[-1] in _SUCCESS_WORDS and _is_name(value, "False")
    if _STATUS_WORDS & set(parts) and _error_status(value):
        return True
    if name == "errors" and module.string(value) is not None:  # bytes.decode(errors="replace")
        return False
    return not ERROR_WORDS.isdisjoint(parts)


def _bound_names(node: cst.Assign | cst.AnnAssign | cst.AugAssign, module: Module) -> list[str]:
    """Return the names, attributes and string keys that an assignment binds."""
    stack: list[cst.CSTNode] = (
        [t.target for t in node.targets] if isinstance(node, cst.Assign) else [node.target]
    )
    found: list[str] = []
    while stack:
        target = stack.pop()
        if isinstance(target, cst.Name):
            found.append(target.value)
        elif isinstance(target, cst.Attribute):
            found.append(target.attr.value)
        elif isinstance(target, cst.Subscript):
            stack.append(target.value)
            found += [text for n in own(target) if (text := module.string(n)) is not None]
        elif isinstance(target, (cst.Tuple, cst.List)):
            stack += [element.value for element in target.elements]
    return found


def _error_tuple(values: list[cst.BaseExpression], module: Module) -> bool:
    """Say whether this is `(body, 500)`, or `(False, "why")`."""
    if any(_error_status(value) for value in values):
        return True
    failed = any(_is_name(value, "False") or _is_name(value, "None") for value in values)
    return failed and any(
        isinstance(value, cst.FormattedString) or module.string(value) for value in values
    )


def _is_falsy(node: cst.CSTNode) -> bool:
    if isinstance(node, cst.Name):
        return node.value in ("None", "False")
    if isinstance(node, cst.Integer):
        return node.evaluated_value == 0
    if isinstance(node, cst.SimpleString):
        return not node.raw_value
    return isinstance(node, (cst.Tuple, cst.List, cst.Dict)) and not node.elements


def _is_name(node: cst.CSTNode, name: str) -> bool:
    return isinstance(node, cst.Name) and node.value == name


# ---------------------------------------------------------------- narrow: silent without a reason

_DIRECTIVE = re.compile(
    r"(noqa|error|type:\s*ignore|pragma|nosec|pylint|ruff|flake8|mypy|pyright|pyre|fmt|isort|nosemgrep"
    r"|bedev|noinspection|sonar|coverage)\b[:\s]*((ignore|disable|no ?cover|no ?branch)\b[=:\s]*)?"
    r"(\[[^][]*\]|[A-Z]+\d+\b|[a-z]+(-[a-z]+)+|[,\s=])*",
    re.IGNORECASE,
)
_WORDS = re.compile(r"[^\W\d_]{2,}")


def _silent(handler: Handler) -> bool:
    """Say whether the body is only `pass`, `...`, `continue`, a docstring or a bare `return`."""
    return all(
        isinstance(statement, (cst.Pass, cst.Continue))
        or (isinstance(statement, cst.Return) and statement.value is None)
        or (
            isinstance(statement, cst.Expr)
            and isinstance(statement.value, (cst.Ellipsis, cst.BaseString))
        )
        for statement in statements(handler.body)
    )


def _explained(handler: Handler, module: Module) -> bool:
    """Say whether a comment tells why: directives to tools and code commented out do not."""
    for comment in module.comments(handler):
        text = _DIRECTIVE.sub(" ", comment.lstrip("#! "))
        if _WORDS.search(text) and not _is_code(text.strip()):
            return True
    return False


def _is_code(text: str) -> bool:
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return not all(isinstance(s, (ast.Expr, ast.AnnAssign)) for s in body) or any(
        isinstance(s, ast.Expr) and isinstance(s.value, (ast.Call, ast.Await)) for s in body
    )


def _excused(handler: Handler, names: list[str], module: Module, options: Options) -> bool:
    """Say whether silence is the right answer to these errors at this place."""
    tried = try_of(handler, module)
    calls = {called_name(node) for node in own(tried.body) if isinstance(node, cst.Call)}
    expected = [*texts(options, "signals"), *texts(options, "gone")]
    imports = texts(options, "imports")
    if _imports(tried.body, calls) and any(name in imports for name in names):
        expected += [*imports, "AttributeError"]
    if not calls.isdisjoint(("mkdir", "makedirs")):
        expected.append("FileExistsError")
    return (
        _all_match(names, expected)
        or _only_cleans_up(tried.body, texts(options, "cleanup"))
        or (_all_match(names, _LOOP_ENDS) and ends_main_loop(handler, module))
        or ("asyncio.CancelledError" in names and awaits_cancelled(tried, module))
        or set(names) <= _raised_in(tried.body, module)
        or _raises_after(handler, tried, module)
        or _has_default(tried, module)
        or (_all_match(names, texts(options, "misses")) and _answered(handler, tried, module))
    )


def _all_match(names: Iterable[str], patterns: Iterable[str]) -> bool:
    """Say whether each class, by its dotted or its last name, matches one of the patterns."""
    return all(
        any(fnmatchcase(name, p) or fnmatchcase(name.split(".")[-1], p) for p in patterns)
        for name in names
    )


def _imports(block: cst.CSTNode, calls: set[str]) -> bool:
    return not calls.isdisjoint(("import_module", "__import__")) or any(
        isinstance(node, (cst.Import, cst.ImportFrom)) for node in own(block)
    )


def _only_cleans_up(block: cst.CSTNode, cleanup: Collection[str]) -> bool:
    """Say whether a block holds clean-up calls only; what they clean may be set to None."""
    seen = False
    for node in own(block):
        if isinstance(node, (cst.Assign, cst.AnnAssign)):
            if node.value is None or not _is_falsy(node.value):
                return False
        elif isinstance(node, cst.Expr):
            value = node.value.expression if isinstance(node.value, cst.Await) else node.value
            if not isinstance(value, cst.Call) or called_name(value) not in cleanup:
                return False
            seen = True
        elif isinstance(node, cst.BaseSmallStatement) and not isinstance(node, cst.Pass):
            return False
    return seen


def _raised_in(block: cst.CSTNode, module: Module) -> set[str]:
    """Return the classes that a block raises itself: how it says that it is to be left."""
    raised = (node.exc for node in own(block) if isinstance(node, cst.Raise))
    return {name for exc in raised if exc is not None for name in expand(exc, module)}


def _raises_after(handler: Handler, tried: Try, module: Module) -> bool:
    """Say whether the way on from a silent handler leads to a `raise`, if not to an answer."""
    silence = statements(handler.body)
    if any(isinstance(statement, cst.Return) for statement in silence):
        return False
    start: cst.CSTNode = tried
    if any(isinstance(statement, cst.Continue) for statement in silence):
        # Python parses a `continue` outside of any loop too.
        loops = (n for n in module.ancestors(tried) if isinstance(n, (cst.For, cst.While)))
        start = next(loops, tried)
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


def _bound_in(tried: Try, module: Module) -> Iterator[tuple[str, cst.Assign | cst.AnnAssign]]:
    """Return what the body of a `try` assigns to, as it is written."""
    for node in own(tried.body):
        if isinstance(node, (cst.Assign, cst.AnnAssign)):
            yield from ((text, node) for text in _targets(node, module))


def _targets(node: cst.Assign | cst.AnnAssign, module: Module) -> Iterator[str]:
    stack: list[cst.BaseExpression] = (
        [t.target for t in node.targets] if isinstance(node, cst.Assign) else [node.target]
    )
    while stack:
        target = stack.pop()
        if isinstance(target, (cst.Tuple, cst.List)):
            stack += [element.value for element in target.elements]
        else:
            yield module.code(target)


def _has_default(tried: Try, module: Module) -> bool:
    """Say whether assignments just before a `try` bind what its body would have bound."""
    wanted = {name for name, _ in _bound_in(tried, module)}
    return bool(wanted) and any(
        not wanted.isdisjoint(_targets(node, module)) for node in _just_before(tried, module)
    )


def _just_before(tried: Try, module: Module) -> Iterator[cst.Assign | cst.AnnAssign]:
    """Return the assignments that stand directly before a statement, nearest first."""
    at: cst.CSTNode = tried
    for above in module.ancestors(tried):
        if isinstance(above, (cst.IndentedBlock, cst.Module)):
            index = next(i for i, child in enumerate(above.body) if child is at)
            for line in reversed(above.body[:index]):
                for statement in reversed(list(one_by_one([line]))):
                    if not isinstance(statement, (cst.Assign, cst.AnnAssign)):
                        return
                    yield statement
        elif not isinstance(above, (cst.If, cst.Else, cst.With)):
            return
        at = above


def _answered(handler: Handler, tried: Try, module: Module) -> bool:
    """Say whether a miss gives a value: the `try` returns a hit, what follows answers a miss.

    Or a conversion leaves the name as it was: `x = int(x)`.
    """
    silence = statements(handler.body)
    if any(isinstance(statement, cst.Return) for statement in silence):
        function = module.function_of(tried)
        return function is not None and _returns_value(function.body)
    if _returns_value(tried.body) or (tried.orelse is not None and _returns_value(tried.orelse)):
        return True
    return not any(isinstance(statement, cst.Continue) for statement in silence) and any(
        node.value is not None and any(module.code(part) == name for part in own(node.value))
        for name, node in _bound_in(tried, module)
    )


def _returns_value(block: cst.CSTNode) -> bool:
    # Backwards: the last statement tells it most often, and what is before may be left out.
    return any(
        isinstance(node, cst.Return) and node.value is not None
        for node in own(block, backwards=True)
    )
