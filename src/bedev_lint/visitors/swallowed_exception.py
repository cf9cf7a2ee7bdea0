"""A handler after which nobody can know that the error happened."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from bedev_lint.deferred import cst, literals, needs
from bedev_lint.deferred.handling import (
    aftermath,
    cleaning,
    excuses,
    forms,
    handlers,
    lineage,
    log,
    messages,
    misses,
    observing,
    outcomes,
    reading,
    several,
    silence,
    wording,
)
from bedev_lint.error_words import ErrorWords, error_words
from bedev_lint.model import Options, Severity
from bedev_lint.options import patterns, texts
from bedev_lint.prefilter.handlers import around, asked_behind
from bedev_lint.prefilter.index import ECHO, HOLE, Clause, PrefilterIndex
from bedev_lint.source import (
    BASE,
    BROAD,
    Rows,
    constant_text,
    dotted_name,
    rows_of,
    suites,
    words_in,
)
from bedev_lint.visiting import HANDLERS, Finding, visits

if TYPE_CHECKING:
    from bedev_lint.syntax import Module


def candidates(index: PrefilterIndex, options: Options) -> Iterator[Rows]:
    """Name the handlers that may hide something, with what is around them."""
    unheard: list[Clause] = []
    tells = error_words(options)
    for clause in index.clauses["except"]:
        handler = clause.node
        assert isinstance(handler, ast.ExceptHandler)
        if all(map(_is_silence, handler.body)):
            if _misses(handler, index, options):
                continue
            if not _is_broad(handler, index):
                # What the function binds, and what it does with that.
                yield clause.around
            unheard.append(clause)
        elif not _is_heard(handler, tells) and _may_be_broad(handler, index):
            unheard.append(clause)
    yield from around(unheard, index)
    yield from _returns({clause.owner for clause in unheard if _gives_nothing(clause.node)})
    for clause in unheard:
        if _only_binds(clause):  # what the function does with that
            yield clause.around
        if isinstance(clause.owner, ast.Module):
            yield from asked_behind(clause)


def _only_binds(clause: Clause) -> bool:
    """Return whether all that a `try` and its handler do is to bind something."""
    done = [*getattr(clause.tried, "body", ()), *getattr(clause.node, "body", ())]
    return all(isinstance(node, _BINDING) for node in done)


_BINDING = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Import, ast.ImportFrom, ast.Pass)


def _misses(handler: ast.ExceptHandler, index: PrefilterIndex, options: Options) -> bool:
    """Return whether all that a handler catches are misses, for certain, which are no fault."""
    if options.get("misses", False) or handler.type is None:
        return False
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    names = [dotted_name(node) for node in caught]
    absent = texts(options, "absent")
    return (
        bool(names)
        and all(name and not index.binds(name) for name in names)
        and all(any(fnmatchcase(name.split(".")[-1], one) for one in absent) for name in names)
    )


def _gives_nothing(handler: ast.AST) -> bool:
    """Return whether the last that a handler does is to return nothing."""
    last = handler.body[-1] if isinstance(handler, ast.ExceptHandler) else None
    if not isinstance(last, ast.Return):
        return False
    value = last.value
    return value is None or (isinstance(value, ast.Constant) and value.value is None)


def _returns(functions: Iterable[ast.AST]) -> Iterator[Rows]:
    """Return the rows of all that returns from these functions."""
    stack = [*functions]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Return):
            yield rows_of(node)
        stack += chain(*suites(node))


def _is_broad(handler: ast.ExceptHandler, index: PrefilterIndex) -> bool:
    """Return whether a handler catches every error, for certain."""
    name = dotted_name(handler.type) if handler.type else "BaseException"
    return name in BROAD and not index.binds(name)


def _may_be_broad(handler: ast.ExceptHandler, index: PrefilterIndex) -> bool:
    """Return False only for a handler that cannot catch every error, under whatever names."""
    return handler.type is None or not index.naming(BROAD).isdisjoint(words_in(handler.type))


def _is_silence(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Return):
        value = statement.value
        return value is None or (isinstance(value, ast.Constant) and value.value is None)
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, (ast.Constant, ast.JoinedStr))
    return isinstance(statement, (ast.Pass, ast.Continue))


def _is_heard(handler: ast.ExceptHandler, tells: ErrorWords) -> bool:
    """Return whether a handler raises, uses what it caught, or tells of an error, for certain.

    What stands in other nodes than these may only decide what is run, or run later.
    """
    stack: list[ast.AST] = list(handler.body)
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Raise) or _tells(node, tells):
            return True
        if isinstance(node, ast.Name):
            if node.id == handler.name:
                return True
        elif isinstance(node, ast.Call):
            stack += [*node.args, *(keyword.value for keyword in node.keywords)]
            if isinstance(node.func, ast.Attribute) and not tells.undoes(node.func.attr):
                stack.append(node.func)
        elif isinstance(node, ast.Expr):
            if not isinstance(node.value, (ast.Name, ast.Constant, ast.JoinedStr)):
                stack.append(node.value)
        elif isinstance(node, (ast.If, ast.With, ast.AsyncWith)):
            stack += [*node.body, *getattr(node, "orelse", ())]
        elif isinstance(node, ast.JoinedStr):
            stack += (part for part in node.values if isinstance(part, ast.FormattedValue))
        elif isinstance(node, (ast.List, ast.Tuple)):
            stack += node.elts
        elif isinstance(node, (ast.Attribute, ast.Await, ast.FormattedValue, ast.Return)):
            stack += [node.value] if node.value else []
    return False


def _tells(node: ast.AST, tells: ErrorWords) -> bool:
    """Return whether a name or a text tells of an error."""
    if isinstance(node, ast.Name):
        return tells.in_name(node.id)
    if isinstance(node, ast.Attribute):
        return tells.in_name(node.attr)
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and tells.in_name(node.func.id)
    if isinstance(node, ast.JoinedStr):
        text = "".join(constant_text(part) or HOLE for part in node.values)
        return tells.in_text(text) and not ECHO.search(text)
    return isinstance(node, ast.Constant) and tells.in_text(constant_text(node) or "")


@visits(*HANDLERS, prefilter=candidates)
def check(handler: handlers.Handler, module: Module, options: Options) -> Iterator[Finding]:
    names = handlers.caught(handler, module)
    if log.is_in_log(handler, module, texts(options, "in-log")) or aftermath.does_nothing(
        handlers.try_of(handler, module)
    ):
        return
    if BROAD & set(names):
        yield from _broad(handler, names, module, options)
    elif (
        options.get("narrow", True)
        and silence.is_silent(handler)
        and (options.get("misses", False) or not _is_miss(handler, module, options))
        and not silence.is_explained(handler, module)
        and not _is_announced(handler, names, module, options)
        and not excuses.is_excused(handler, names, module, options)
        and not _is_last_resort(handler, module, options)
    ):
        answers = _answers(handler, module)
        if not _is_told(answers, module, options):
            calls = _calls(answers)
            fields = {"handler": wording.handler_name(handler, names), "swallowed": "the error"}
            severity = Severity.WARNING
            answer, needed = _answering(handler, module, options), _untold(handler, module)
            yield Finding(handler, fields, calls, severity, answer=answer, needs=(needed,))


def _is_announced(
    handler: handlers.Handler, names: list[str], module: Module, options: Options
) -> bool:
    """Return whether somebody says before that the error may be passed over in silence."""
    telling, nothing = patterns(options, "telling"), patterns(options, "giving-nothing")
    if silence.is_announced(
        handler, names, module, (*telling, *nothing), patterns(options, "explaining")
    ):
        return True
    if misses.is_one_of_reasons(handler, names, module, options):
        nothing = ()
    if silence.is_promised(handler, module, (*telling, *nothing)):
        return True
    function = module.function_of(handler)
    return (
        function is not None
        and silence.is_promised(handler, module, patterns(options, "trying"))
        and misses.gives_value(function.body)
    )


def _untold(handler: handlers.Handler, module: Module) -> needs.Needed:
    """Return the need that not all who raise what a handler catches have told of it before."""
    tried = handlers.try_of(handler, module)
    names = tuple(handlers.written(handler.type, module))
    return needs.Needed("untold", "told-by", tuple(handlers.statements(tried.body)), names)


def _is_last_resort(handler: handlers.Handler, module: Module, options: Options) -> bool:
    tried = handlers.try_of(handler, module)
    return log.is_last_resort(tried, module, texts(options, "outputs"))


def _is_miss(handler: handlers.Handler, module: Module, options: Options) -> bool:
    tried = handlers.try_of(handler, module)
    own = excuses.raised_in(tried.body, module)
    return reading.only_reads(tried, module, options) or any(
        misses.is_miss([name for name in names if name not in own], tried, module, options)
        for names in lineage.readings(handler, module)
        if not own.issuperset(names)
    )


def _broad(
    handler: handlers.Handler, names: list[str], module: Module, options: Options
) -> Iterator[Finding]:
    tells = error_words(options)
    if observing.is_observed(handler, module, tells):
        return
    tried = handlers.try_of(handler, module)
    if (
        aftermath.only_raises(tried)
        or aftermath.is_noted(handler, tried, module)
        or aftermath.raises_without(handler, tried, module)
        or forms.is_other_form(handler, tried, module, options)
        or forms.tries_forms(handler, tried, module, options)
    ):
        return
    gathering, holding = texts(options, "gathering"), texts(options, "message-words")
    if (
        messages.leaves_message(handler, tried, module, gathering, holding)
        or several.keeps_apart(handler, module, options)
        or several.counts(handler, tried, module)
    ):
        return
    telling = partial(observing.tells_of_error, module=module, tells=tells)
    if aftermath.is_told_anyway(handler, tried, module, telling):
        return
    if silence.is_silent(handler) and (
        aftermath.is_finalizing(tried, module) or _is_last_resort(handler, module, options)
    ):
        return
    everything = BASE in names
    undo = texts(options, "undo")
    # Clean-up may fail; who takes Ctrl-C for that too goes on where it should have ended.
    if (
        not everything
        and (silence.is_silent(handler) or cleaning.cleans_up_more(handler, undo))
        and cleaning.only_cleans_up(tried, module, undo, texts(options, "lines"))
    ):
        return
    if log.is_for_log(handler, tried, module, texts(options, "logged")):
        return
    if (
        outcomes.tells_by_flag(handler, tried, module)
        or outcomes.tells_by_status(handler, tried, module)
        or aftermath.is_kept(tried, module)
    ):
        return
    answers = _answers(handler, module)
    if handlers.loop_around(tried, module) is None:
        answers += aftermath.only_after(handler, tried, module)
    if _is_told(answers, module, options):
        return
    # Who takes everything and says nothing has no order to stop in mind to pass on.
    awaits = handlers.awaits(tried.body)
    orders = ["Ctrl-C", *(["cancellation"] if awaits else [])] if everything else []
    fields = {
        "handler": wording.handler_name(handler, names),
        "swallowed": wording.listed(["the error", *orders]),
    }
    # A line of a log that cannot be written cannot be told of either.
    logged = (
        log.only_call(tried.body, texts(options, "logged")) if silence.is_silent(handler) else []
    )
    lines = log.told_after(handler, tried, module, texts(options, "told-after"), tells)
    # Who cannot be told of an error that has been logged has gone.
    if silence.is_silent(handler) and telling(tried.body):
        lines += log.told_before(tried, module)
    calls = [*_calls([handler.body]), *_calls(answers), *logged, *lines]
    if any(_is_line_of_log(call, options) for call in (*_calls([handler.body]), *lines)):
        return
    if any(tells.in_name(handlers.called_name(call)) for call in lines):
        return
    answer = _failing(handler, module, options) if not everything else None
    needed = _no_error(handler, module)
    yield Finding(handler, fields, calls, prevails=everything, answer=answer, needs=needed)


def _no_error(handler: handlers.Handler, module: Module) -> tuple[needs.Needed, ...]:
    """Return the need that a handler does not return a response that always says an error."""
    returned = (node.value for node in handlers.own(handler.body) if isinstance(node, cst.Return))
    values = (one.expression if isinstance(one, cst.Await) else one for one in returned)
    called = (module.dotted(value.func) for value in values if isinstance(value, cst.Call))
    return tuple(
        needs.Needed("no-error", "error-answers", names=(name,)) for name in called if name
    )


def _is_line_of_log(call: cst.Call, options: Options) -> bool:
    """Return whether a call is one of a logger by its names, whatever the project makes of that."""
    func, names = call.func, texts(options, "loggers")
    if isinstance(func, cst.Name):  # what makes loggers may give a function: `log("…")`
        is_text = bool(call.args) and isinstance(call.args[0].value, cst.BaseString)
        return func.value in names and is_text
    if not isinstance(func, cst.Attribute) or func.attr.value not in texts(options, "logged"):
        return False
    return literals.last_name(func.value) in names


def _answering(
    handler: handlers.Handler, module: Module, options: Options
) -> cst.FunctionDef | None:
    """Return the function that gives nothing where there is the error, else a value."""
    function = module.function_of(handler)
    if not isinstance(function, cst.FunctionDef) or not misses.gives_value(function.body):
        return None
    names = handlers.caught(handler, module)
    if misses.is_one_of_reasons(handler, names, module, options):
        return None
    return (
        function
        if aftermath.gives_nothing(handler, handlers.try_of(handler, module), module)
        else None
    )


def _failing(handler: handlers.Handler, module: Module, options: Options) -> cst.FunctionDef | None:
    """Return the function of which the caller can tell that there was an error, if it asks."""
    function, tried = module.function_of(handler), handlers.try_of(handler, module)
    if not isinstance(function, cst.FunctionDef) or misses.answers_yes_or_no(function, options):
        return None
    return function if outcomes.gives_otherwise(handler, tried, module) else None


def _answers(handler: handlers.Handler, module: Module) -> list[cst.CSTNode]:
    """Return what is done where somebody asks behind the `try` for what it came to."""
    return [*aftermath.answers_after(handler, handlers.try_of(handler, module), module)]


def _is_told(answers: list[cst.CSTNode], module: Module, options: Options) -> bool:
    tells = error_words(options)
    return any(observing.tells_of_error(answer, module, tells) for answer in answers)


def _calls(blocks: list[cst.CSTNode]) -> list[cst.Call]:
    return [node for block in blocks for node in handlers.own(block) if isinstance(node, cst.Call)]
