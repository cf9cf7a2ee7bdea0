"""A handler after which nobody can know that the error happened."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import libcst as cst

from bedev_lint.model import Options, Severity
from bedev_lint.options import patterns, texts
from bedev_lint.source import BASE, BROAD
from bedev_lint.syntax import Finding, Module, visits
from bedev_lint.syntax.aftermath import (
    asked_after,
    gives_nothing,
    is_cleaned_up,
    is_dropped,
    is_given_up,
    is_in_log,
    is_noted,
    is_told_anyway,
    only_after,
    only_call,
)
from bedev_lint.syntax.excuses import is_excused
from bedev_lint.syntax.handlers import HANDLERS, Handler, awaits, caught, loop_around, own, try_of
from bedev_lint.syntax.lineage import readings
from bedev_lint.syntax.messages import leaves_message
from bedev_lint.syntax.misses import gives_value, is_miss, is_other_form
from bedev_lint.syntax.observing import is_observed, tells_of_error
from bedev_lint.syntax.silence import is_announced, is_explained, is_silent
from bedev_lint.triggers.swallowed_exception import error_words


@visits(*HANDLERS)
def check(handler: Handler, module: Module, options: Options) -> Iterator[Finding]:
    names = caught(handler, module)
    if is_silent(handler) and is_in_log(try_of(handler, module), module, texts(options, "in-log")):
        return
    if BROAD & set(names):
        yield from _broad(handler, names, module, options)
    elif (
        options.get("narrow", True)
        and is_silent(handler)
        and (options.get("misses", False) or not _is_miss(handler, module, options))
        and not is_explained(handler, module)
        and not is_announced(handler, module, patterns(options, "telling"))
        and not is_excused(handler, names, module, options)
    ):
        answers = _answers(handler, module)
        if not _is_told(answers, module, options):
            calls = _calls(answers)
            fields = _fields(names, handler)
            severity = Severity.WARNING
            answer = _answering(handler, module)
            yield Finding(handler, fields, calls, severity, answer=answer)


def _is_miss(handler: Handler, module: Module, options: Options) -> bool:
    tried = try_of(handler, module)
    return any(is_miss(names, tried, module, options) for names in readings(handler, module))


def _broad(
    handler: Handler, names: list[str], module: Module, options: Options
) -> Iterator[Finding]:
    tells = error_words(options)
    if is_observed(handler, module, tells) or is_given_up(handler, texts(options, "giving-up")):
        return
    tried = try_of(handler, module)
    if is_noted(handler, tried, module) or is_other_form(handler, tried, module, options):
        return
    gathering, holding = texts(options, "gathering"), texts(options, "message-words")
    if leaves_message(handler, tried, module, gathering, holding):
        return
    if is_silent(handler) and (
        is_told_anyway(tried, module, partial(tells_of_error, module=module, tells=tells))
        or is_cleaned_up(tried, tried.body, module, texts(options, "undo"))
        or is_dropped(tried, module, texts(options, "undo"))
    ):
        return
    answers = _answers(handler, module)
    if loop_around(tried, module) is None:
        answers += only_after(handler, tried, module)
    if _is_told(answers, module, options):
        return
    # Who takes everything and says nothing has no order to stop in mind to pass on.
    everything = BASE in names
    cancelled = " and cancellation" if awaits(tried.body) else ""
    fields = _fields(names, handler, also=f", and it takes Ctrl-C{cancelled} too")
    # A line of a log that cannot be written cannot be told of either.
    logged = only_call(tried.body, texts(options, "logged")) if is_silent(handler) else []
    calls = [*_calls([handler.body]), *_calls(answers), *logged]
    yield Finding(handler, fields, calls, prevails=everything)


def _answering(handler: Handler, module: Module) -> cst.FunctionDef | None:
    """Return the function that gives nothing where there is the error, else a value."""
    function = module.function_of(handler)
    if not isinstance(function, cst.FunctionDef) or not gives_value(function.body):
        return None
    return function if gives_nothing(handler, try_of(handler, module), module) else None


def _answers(handler: Handler, module: Module) -> list[cst.CSTNode]:
    """Return what is done where somebody asks behind the `try` for what it came to."""
    conditions = asked_after(handler, try_of(handler, module), module)
    return [
        block
        for condition in conditions
        for block in (condition.body, condition.orelse)
        if block is not None
    ]


def _is_told(answers: list[cst.CSTNode], module: Module, options: Options) -> bool:
    tells = error_words(options)
    return any(tells_of_error(answer, module, tells) for answer in answers)


def _calls(blocks: list[cst.CSTNode]) -> list[cst.Call]:
    return [node for block in blocks for node in own(block) if isinstance(node, cst.Call)]


def _fields(names: list[str], handler: Handler, also: str = "") -> dict[str, str]:
    """Return what fills the message; `also` ends it for a handler of `BaseException`."""
    shown = ", ".join(name.split(".")[-1] for name in names if name) or "an error"
    return {
        "caught": "everything" if handler.type is None else shown,
        "also": also if BASE in names else "",
    }
