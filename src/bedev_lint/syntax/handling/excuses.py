"""Errors to which silence is the right answer.

The words that decide (which errors, which calls) are the rule's options.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from fnmatch import fnmatchcase

import libcst as cst

from bedev_lint.model import Options
from bedev_lint.names import words
from bedev_lint.options import table, texts
from bedev_lint.syntax.handling.aftermath import (
    gives_nothing,
    goes_on,
    is_flagged,
    tries_again,
)
from bedev_lint.syntax.handling.folders import are_used_later
from bedev_lint.syntax.handling.forms import is_named_for
from bedev_lint.syntax.handling.handlers import (
    Handler,
    Try,
    always,
    called_name,
    expand,
    following,
    is_name,
    is_return,
    loop_around,
    own,
    statements,
    try_of,
)
from bedev_lint.syntax.handling.interrupts import awaits_cancelled, ends_main_loop
from bedev_lint.syntax.handling.lineage import are_of_flow
from bedev_lint.syntax.handling.misses import (
    answers_yes_or_no,
    gives_value,
    has_nothing_to_do,
    is_answered,
    is_miss,
    is_one_of_reasons,
    leaves_as_it_was,
    may_give_none,
    says_true_or_false,
)
from bedev_lint.syntax.handling.reading import asks_of_file
from bedev_lint.syntax.handling.several import is_one_of_several
from bedev_lint.syntax.handling.tries import (
    all_match,
    assigned_before,
    bound_in,
    call_of,
    called_in,
    continues,
    is_empty_before,
    only_calls,
    only_dispatches,
    skipped,
    targets,
)
from bedev_lint.syntax.literals import text_of
from bedev_lint.syntax.module import Module

__all__ = ["is_excused", "raised_in"]

_IMPORTING = frozenset({"import", "module", "modules"})
# `shop.stores.Disk`: a file has no name of two dots that are followed by a capital.
_DOTTED_PATH = re.compile(r"(?:[a-z_]\w*\.){2,}[A-Z]\w*")
_LOOP_ENDS = ("KeyboardInterrupt", "EOFError")


def is_excused(handler: Handler, names: list[str], module: Module, options: Options) -> bool:
    """Return whether silence is the right answer to these errors at this place."""
    tried = try_of(handler, module)
    return (
        all_match(names, _expected(tried, names, options))
        or only_calls(tried.body, texts(options, "cleanup"), texts(options, "lines"))
        or (
            all_match(names, texts(options, "of-files"))
            and only_calls(tried.body, texts(options, "taking-away"))
        )
        or (all_match(names, texts(options, "of-files")) and are_used_later(tried, module, options))
        or (all_match(names, _LOOP_ENDS) and ends_main_loop(handler, module))
        or ("asyncio.CancelledError" in names and awaits_cancelled(tried, module))
        or set(names) <= raised_in(tried.body, module)
        or all_match(names, texts(options, "reached"))
        or _is_answer(handler, names, tried, module, options)
        or _is_refused(handler, names, tried, module, options)
        or _is_read(names, tried, options)
        or (all_match(names, texts(options, "unimplemented")) and only_dispatches(tried.body))
        or (all_match(names, texts(options, "of-files")) and asks_of_file(tried, module, options))
        or _skips_one(handler, names, tried, module, options)
        or goes_on(handler, tried, module)
        or (
            all_match(names, texts(options, "races"))
            and tries_again(tried, module, texts(options, "querying"))
        )
        or (all_match(names, texts(options, "late")) and _waits_again(tried, module, options))
        or (
            all_match(names, texts(options, "full"))
            and _puts_again(handler, tried, module, options)
        )
        or _is_wished_for(handler, tried)
        or _is_tested(tried, options)
        or is_flagged(handler, tried, module)
        or are_of_flow(handler, module, texts(options, "flow"))
        or _raises_after(handler, tried, module)
        or _has_default(tried, module)
        or is_one_of_several(handler, tried, module, options)
        or (
            is_miss(names, tried, module, options)
            and (
                is_answered(handler, tried, module)
                or leaves_as_it_was(handler, tried, module, options)
                or has_nothing_to_do(names, tried, options)
            )
        )
    )


def _expected(tried: Try, names: Iterable[str], options: Options) -> list[str]:
    """Return the errors that tell of nothing new after what this `try` does."""
    calls = called_in(tried.body)
    expected = [*texts(options, "signals"), *texts(options, "gone")]
    imports = texts(options, "imports")
    if _imports(tried.body, calls) and any(name in imports for name in names):
        expected += [*imports, "AttributeError"]
    expected += [
        error
        for pattern, error in table(options, "answers")
        if any(fnmatchcase(call, pattern) for call in calls)
    ]
    return expected


def _imports(block: cst.CSTNode, calls: Iterable[str]) -> bool:
    """Return whether a block imports, or hands over the dotted path of what is to be imported."""
    return any(not _IMPORTING.isdisjoint(words(name)) for name in calls) or any(
        isinstance(node, (cst.Import, cst.ImportFrom))
        or (isinstance(node, cst.SimpleString) and _DOTTED_PATH.fullmatch(text_of(node)))
        for node in own(block)
    )


def _is_answer(
    handler: Handler, names: Collection[str], tried: Try, module: Module, options: Options
) -> bool:
    """Return whether a function answers a question, and the error is one of the two answers.

    It is named for that, gives a truth value, or says in its signature that it may give None,
    for no other reason.
    """
    function = module.function_of(handler)
    if not isinstance(function, cst.FunctionDef) or not gives_value(function.body):
        return False
    loop = loop_around(tried, module)
    if loop is not None and not any(map(is_return, statements(handler.body))):
        # One after another is asked: where all of them fail, that is the answer.
        after = next(following(loop, module), None)
        return isinstance(after, cst.Return) and answers_yes_or_no(function, options)
    if answers_yes_or_no(function, options):
        return True
    if says_true_or_false(function):
        return True
    return (
        gives_nothing(handler, tried, module)
        and may_give_none(function)
        and not is_one_of_reasons(handler, names, module, options)
    )


def _is_refused(
    handler: Handler, names: Iterable[str], tried: Try, module: Module, options: Options
) -> bool:
    """Return whether who may not have something is given None instead: one of two answers."""
    last = statements(handler.body)[-1]
    return (
        isinstance(last, cst.Return)
        and all_match(names, (*texts(options, "absent"), *texts(options, "refused")))
        and is_answered(handler, tried, module)
    )


def _is_read(names: Iterable[str], tried: Try, options: Options) -> bool:
    """Return whether a `try` only reads what may not be there, and calls nothing."""
    return all_match(names, (*texts(options, "absent"), *texts(options, "unbound"))) and not any(
        isinstance(node, (cst.Call, cst.Raise, cst.Del)) for node in own(tried.body)
    )


def _skips_one(
    handler: Handler, names: Iterable[str], tried: Try, module: Module, options: Options
) -> bool:
    """Return whether a loop only looks something up for each, and skips those without it."""
    done = statements(tried.body)
    return (
        all_match(names, texts(options, "absent"))
        and continues(handler)
        and isinstance(loop_around(tried, module), cst.For)
        and len(done) == 1
        and isinstance(done[0], (cst.Assign, cst.AnnAssign))
    )


def raised_in(block: cst.CSTNode, module: Module) -> set[str]:
    """Return the classes that a block raises itself: how it says that it is to be left."""
    nodes = [*own(block)]
    raised = (node.exc for node in nodes if isinstance(node, cst.Raise))
    asserted = {"AssertionError"} if any(isinstance(n, cst.Assert) for n in nodes) else set()
    return asserted | {name for exc in raised if exc is not None for name in expand(exc, module)}


def _raises_after(handler: Handler, tried: Try, module: Module) -> bool:
    """Return whether the way on from a silent handler leads to a `raise`, if not to an answer."""
    silence = statements(handler.body)
    if any(isinstance(statement, cst.Return) for statement in silence):
        return False
    start: cst.CSTNode = tried
    if continues(handler):
        # Python parses a `continue` outside of any loop too.
        start = loop_around(tried, module) or tried
    if isinstance(start, (cst.For, cst.While)) and start.orelse is not None:
        if always(statements(start.orelse.body), _is_raise):
            return True  # where no iteration ends the loop with `break`
    bound = bound_in(tried.body, module)
    for statement in following(start, module):
        if start is not tried and _asks_for_skipped(statement, handler, tried, module):
            return True
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


def _asks_for_skipped(statement: cst.CSTNode, handler: Handler, tried: Try, module: Module) -> bool:
    """Return whether what follows a loop raises if nothing is found that a miss leaves unbound.

    `for kind in kinds: try: … except …: continue; found = kind`, `if found is None: raise …`.
    """
    if not isinstance(statement, cst.If) or not any(map(_is_raise, statements(statement.body))):
        return False
    missing = _missing(statement.test)
    return missing is not None and any(
        module.code(missing) in bound_in(part, module) for part in skipped(handler, tried, module)
    )


def _missing(test: cst.BaseExpression) -> cst.BaseExpression | None:
    """Return what is empty where a condition holds: `not url`, `url is None`."""
    if isinstance(test, cst.UnaryOperation) and isinstance(test.operator, cst.Not):
        return test.expression
    if isinstance(test, cst.Comparison) and len(test.comparisons) == 1:
        asked = test.comparisons[0]
        if isinstance(asked.operator, cst.Is) and is_name(asked.comparator, "None"):
            return test.left
    return None


def _is_raise(statement: cst.CSTNode) -> bool:
    return isinstance(statement, cst.Raise)


def _waits_again(tried: Try, module: Module, options: Options) -> bool:
    """Return whether a `try` only waits for a while for what comes whenever it comes.

    A loop asks the same again: `while True`, `await wait_for(queue.get(), 1)`; or what is waited
    for goes on: `await wait_for(shield(task), 1)`.
    """
    calls = [node for node in own(tried.body) if isinstance(node, cst.Call)]
    others = [call for call in calls if called_name(call) not in texts(options, "waiting")]
    if any(call.args or called_name(call) not in texts(options, "arriving") for call in others):
        return False
    if others:
        return isinstance(loop_around(tried, module), cst.While)
    return any(called_name(call) in texts(options, "shielding") for call in calls)


def _puts_again(handler: Handler, tried: Try, module: Module, options: Options) -> bool:
    """Return whether all that a loop does is to offer the same until there is room, or it is over.

    `while not stop.is_set(): try: queue.put(order, timeout=1); break`. What is made anew each time
    would be lost: `queue.put(read(), timeout=1)`.
    """
    loop = loop_around(tried, module)
    otherwise = statements(tried.orelse.body) if tried.orelse is not None else []
    offered, *after = [*statements(tried.body), *otherwise]
    call = call_of(offered) if isinstance(offered, cst.Expr) else None
    return (
        isinstance(loop, cst.While)
        and statements(loop.body) == [tried]
        and not any(isinstance(node, cst.NamedExpr) for node in own(loop.test))
        and not any(map(is_return, statements(handler.body)))
        and call is not None
        and called_name(call) in texts(options, "offering")
        and not any(isinstance(node, cst.Call) for arg in call.args for node in own(arg))
        and len(after) == 1
        and isinstance(after[0], (cst.Break, cst.Return))
    )


def _is_wished_for(handler: Handler, tried: Try) -> bool:
    """Return whether the error is the good case: where it does not come, the `try` raises."""
    done = list(statements(tried.body))
    goes_on = not any(isinstance(statement, cst.Return) for statement in statements(handler.body))
    return goes_on and len(done) > 1 and isinstance(done[-1], cst.Raise)


def _is_tested(tried: Try, options: Options) -> bool:
    """Return whether a `try` only looks whether something is there, or of what form it is.

    What is done where it is stands in the `else`; or that raises, so that the error is wished for.
    """
    if tried.orelse is None:
        return False
    if always(statements(tried.orelse.body), lambda statement: isinstance(statement, cst.Raise)):
        return True
    testing = {
        *texts(options, "probing"),
        *texts(options, "parsing"),
        *texts(options, "querying"),
        *texts(options, "asking"),
    }
    names = called_in(tried.body).difference(texts(options, "plain"))
    return len(statements(tried.body)) == 1 and all(
        name[:1].isupper() or not testing.isdisjoint(words(name)[:1]) or is_named_for(name, options)
        for name in names
    )


def _has_default(tried: Try, module: Module) -> bool:
    """Return whether what the body of a `try` would have bound is bound before.

    To anything just before it; further up in the same function, to something empty.
    """
    wanted = bound_in(tried.body, module)
    return bool(wanted) and (
        any(
            module.code(target) in wanted
            for node in assigned_before(tried, module)
            for target in targets(node)
        )
        or is_empty_before(wanted, tried, module)
    )
