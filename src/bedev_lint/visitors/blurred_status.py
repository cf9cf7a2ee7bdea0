"""A handler that answers a failure of the infrastructure as if it were the client's fault."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from http import HTTPStatus
from typing import TYPE_CHECKING

from bedev_lint.deferred import cst, literals
from bedev_lint.deferred.handling import (
    answers,
    handlers,
    infrastructure,
    leaks,
    tries,
    wording,
)
from bedev_lint.model import Options
from bedev_lint.names import words
from bedev_lint.options import table, texts
from bedev_lint.prefilter.answering import last_name, may_be_unforeseen, parts_of_answers
from bedev_lint.prefilter.index import PrefilterIndex
from bedev_lint.source import Rows, rows_of
from bedev_lint.visiting import HANDLERS, Finding, visits

if TYPE_CHECKING:
    from bedev_lint.syntax import Module, Needed
    from bedev_lint.syntax.handling.answers import Answer

_CLIENT = range(400, 500)
# How constants of such a status are called: `HTTPStatus.NOT_FOUND`, `HTTP_404_NOT_FOUND`; or how
# their names end: `HTTP_STATUS_BAD_REQUEST`.
_CONSTANTS = tuple(name for name, status in HTTPStatus.__members__.items() if status in _CLIENT)
_CONSTANT = re.compile(r"HTTP_4\d\d")
_BUILTINS = frozenset(dir(builtins))


def candidates(index: PrefilterIndex, options: Options) -> Iterator[Rows]:
    """Name each `try` with a handler that may answer with a status below 500."""
    for clause in index.clauses["except"]:
        handler = clause.node
        assert isinstance(handler, ast.ExceptHandler)
        if _may_blame(handler, index, options) and may_be_unforeseen(handler, index, options):
            yield rows_of(clause.tried)


def _may_blame(handler: ast.ExceptHandler, index: PrefilterIndex, options: Options) -> bool:
    raised = {id(node.exc) for node in ast.walk(handler) if isinstance(node, ast.Raise)}
    return any(
        _may_say_its_own(value, id(value) in raised, index, options)
        or any(map(_is_status, ast.walk(value)))
        for value in parts_of_answers(handler, index, options)
    )


def _may_say_its_own(
    value: ast.expr, is_raised: bool, index: PrefilterIndex, options: Options
) -> bool:
    """Return whether an answer may say a status by its name, or by what is called for it.

    That is a class, if it is raised, or a function of the project.
    """
    inner = value.value if isinstance(value, ast.Await) else value
    made = inner.func if isinstance(inner, ast.Call) else None
    name = last_name(made or inner)
    if not name or is_raised or index.binds(name):
        return bool(name)
    classes = [pattern.split(".")[-1].strip("*") for pattern, _ in table(options, "statuses")]
    return bool(made and _may_be_function(name)) or any(part in name for part in classes)


def _may_be_function(name: str) -> bool:
    """Return whether a function of the project may have this last name, and no class."""
    return name.lstrip("_")[:1].islower() and name not in _BUILTINS


def _is_status(node: ast.AST) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, int) and node.value in _CLIENT
    name = last_name(node)
    is_named = name.isupper() and name.endswith(_CONSTANTS)
    return is_named or _CONSTANT.match(name) is not None


@visits(*HANDLERS, prefilter=candidates)
def check(handler: handlers.Handler, module: Module, options: Options) -> Iterator[Finding]:
    blaming = _blaming(handler, module, options)
    if blaming is None or _asks_for_it(handler, module, options):
        return
    if answers.is_in_background(handler, module, options):
        return
    if tries.all_match(handlers.caught(handler, module), texts(options, "of-input")):
        return
    if _asks_address_of_client(handler, module, options):
        return
    needs = _needs(handler, handlers.try_of(handler, module), module, options)
    if needs is not None:
        answer, said = blaming
        status = str(answer.status) if answer.status else "a client error"
        fields = {
            "handler": wording.handler_name(handler, handlers.caught(handler, module)),
            "status": status,
        }
        yield Finding(answer.statement, fields, needs=(*needs, *answer.asks, *said))


def _blaming(
    handler: handlers.Handler, module: Module, options: Options
) -> tuple[Answer, tuple[Needed, ...]] | None:
    """Return the first statement of a handler that answers with a status of the client's fault.

    With it what the program has to show of that, which is nothing where the status is written; such
    a statement goes before the others.
    """
    names = leaks.names_made_from(handler, module, options)
    found = None
    for answer in answers.answers_in(handler.body, module, options):
        said = None if _is_builtin(answer, module) else _says(answer, options)
        if said is None or leaks.is_decided_by(answer.statement, names, handler, module):
            continue
        if not said:
            return answer, said
        found = found or (answer, said)
    return found


def _says(answer: Answer, options: Options) -> tuple[Needed, ...] | None:
    """Return what must be shown for an answer to blame the client, None where it does not."""
    if answer.status:
        fits = answer.status in _CLIENT and str(answer.status) not in texts(options, "fitting")
        return () if fits else None
    made = _made(answer)
    if made is None or not answer.asks or _is_told_status(made, options):
        return None
    return (answer.asks[0]._replace(proof="blames", option="blaming"),)


def _made(answer: Answer) -> cst.BaseExpression | None:
    """Return what an answer raises or returns, which may be a call of the project's own."""
    if isinstance(answer.statement, cst.Raise):
        return answer.statement.exc
    value = answer.statement.value if isinstance(answer.statement, cst.Return) else None
    value = value.expression if isinstance(value, cst.Await) else value
    name = literals.last_name(value.func) if isinstance(value, cst.Call) else None
    return value if name and _may_be_function(name) else None


def _is_builtin(answer: Answer, module: Module) -> bool:
    """Return whether an answer without a status is an exception of Python itself, so none."""
    raised = answer.statement.exc if isinstance(answer.statement, cst.Raise) else None
    made = raised.func if isinstance(raised, cst.Call) else None
    return (
        not answer.status
        and isinstance(made, cst.Name)
        and made.value in _BUILTINS
        and module.qualified(made) == made.value
    )


def _is_told_status(error: cst.BaseExpression, options: Options) -> bool:
    """Return whether an error is made with a status, whatever its class says."""
    keywords = texts(options, "status-keywords")
    args = error.args if isinstance(error, cst.Call) else ()
    return any(arg.keyword is not None and arg.keyword.value in keywords for arg in args)


def _needs(
    handler: handlers.Handler, tried: handlers.Try, module: Module, options: Options
) -> tuple[Needed, ...] | None:
    """Return what the program has to show for a handler to take errors of the infrastructure."""
    if not infrastructure.is_broad(handler, module):
        needs = infrastructure.is_infrastructure(handler, module, options)
        is_of_files = set(handlers.caught(handler, module)) <= {*texts(options, "of-files")}
        if needs is not None and (is_of_files or infrastructure.only_judges(tried, options)):
            return (*needs, infrastructure.reaches_in(tried.body))
        return needs
    for other in tried.handlers:
        if other is handler:
            break
        if infrastructure.is_infrastructure(other, module, options) == ():
            return None
    return (infrastructure.reaches_in(tried.body),)


def _asks_for_it(handler: handlers.Handler, module: Module, options: Options) -> bool:
    """Return whether what the client has asked for is the test itself, or the exception decides."""
    if answers.is_test_of_reach(handler, module, options):
        return True
    names = leaks.names_of_it(handler)
    return bool(names) and any(
        isinstance(part, cst.Name) and part.value in names
        for node in handlers.own(handler.body)
        if isinstance(node, (cst.If, cst.IfExp, cst.Match)) and not _only_binds(node, module)
        for part in handlers.own(node.subject if isinstance(node, cst.Match) else node.test)
    )


def _only_binds(node: cst.If | cst.IfExp | cst.Match, module: Module) -> bool:
    """Return whether all that hangs on a condition is what a name stands for, such as a text.

    A status that is written where the request is answered does not hang on it.
    """
    if isinstance(node, cst.IfExp):
        return isinstance(next(_statements_around(node, module), None), (cst.Assign, cst.AnnAssign))
    inner = (part for part in handlers.own(node) if isinstance(part, cst.BaseSmallStatement))
    return isinstance(node, cst.If) and all(
        isinstance(part, (cst.Assign, cst.AnnAssign)) for part in inner
    )


def _statements_around(node: cst.CSTNode, module: Module) -> Iterator[cst.CSTNode]:
    return (one for one in module.ancestors(node) if isinstance(one, cst.BaseSmallStatement))


def _asks_address_of_client(handler: handlers.Handler, module: Module, options: Options) -> bool:
    """Return whether an error of the network comes of an address that the client has sent.

    It may be of a host that there is not, as much as of one that is down.
    """
    if not tries.all_match(handlers.caught(handler, module), texts(options, "of-network")):
        return False
    return any(
        _is_address_of_client(arg.value, module, options)
        for call in handlers.own(handlers.try_of(handler, module).body)
        if isinstance(call, cst.Call)
        for arg in call.args
        if arg.keyword is None or arg.keyword.value in texts(options, "addresses")
    )


def _is_address_of_client(value: cst.BaseExpression, module: Module, options: Options) -> bool:
    """Return whether an argument is, by its name and by what it is bound to, such an address."""
    if not {*texts(options, "addresses")} & {*words(module.code(value))}:
        return False
    made: list[cst.CSTNode] = [value]
    if isinstance(value, cst.Name):
        made = [getattr(binder, "value", binder) for binder in module.bindings(value)]
    sent = texts(options, "sent")
    return bool(made) and all(
        any(
            isinstance(part, cst.Attribute)
            and any(fnmatchcase(module.dotted(part) or "", pattern) for pattern in sent)
            for part in handlers.own(one)
        )
        for one in made
    )
