"""What a statement answers to a request: a web error, a response, a plain value; with which status.

Names decide as far as they can; what remains open is `Answer.asks`, which the program is asked.
"""

from __future__ import annotations

import http
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import NamedTuple

import libcst as cst

from bedev_lint.model import Options
from bedev_lint.names import any_match, words
from bedev_lint.options import table, texts
from bedev_lint.syntax.handling.handlers import Handler, own, try_of
from bedev_lint.syntax.handling.tries import targets
from bedev_lint.syntax.literals import last_name
from bedev_lint.syntax.module import Module
from bedev_lint.syntax.needs import Needed

__all__ = [
    "Answer",
    "answers_behind",
    "answers_in",
    "is_about_input",
    "is_in_background",
    "is_test_of_reach",
    "matches",
]

_ENDING = (cst.Return, cst.Raise, cst.Continue, cst.Break)
_OK, _FIRST_ERROR, _LAST_ERROR = 200, 400, 599
# `HTTP_404_NOT_FOUND`, as frameworks call their constants; `HTTP_STATUS_BAD_REQUEST`, as others do.
_CONSTANT = re.compile(r"HTTP_(\d{3})\b|HTTP_(\d{3})_")
_OWN_CONSTANT = re.compile(r"HTTP(?:_STATUS|_CODE|_ERROR){0,3}_(?P<name>[A-Z_]{1,40})")


class Answer(NamedTuple):
    """A statement that answers a request.

    `body` are the expressions that the client may get to read, `status` is 0 where it is not
    written, `asks` what the program has to show for it to be an answer at all.
    """

    statement: cst.CSTNode
    body: tuple[cst.BaseExpression, ...]
    status: int = 0
    asks: tuple[Needed, ...] = ()


def answers_in(block: cst.CSTNode, module: Module, options: Options) -> Iterator[Answer]:
    """Return the statements of a block that may answer a request, in their order.

    What is called for a name is what is answered by it: `error = ShopError(…)`, `raise error`.
    """
    made: dict[str, cst.BaseExpression] = {}
    for node in own(block):
        value: cst.BaseExpression | None = None
        if isinstance(node, cst.Raise):
            value = node.exc
        elif isinstance(node, (cst.Return, cst.Expr, cst.Assign)):
            value = node.value
        if isinstance(value, cst.Await):
            value = value.expression
        if isinstance(node, cst.Assign):
            if isinstance(value, cst.Call):
                made.update((t.value, value) for t in targets(node) if isinstance(t, cst.Name))
            continue
        if isinstance(value, cst.Name) and not isinstance(node, cst.Expr):
            value = made.get(value.value, value)
        if value is not None:
            answer = _answer(node, value, module, options)
            if answer is not None:
                yield answer


def answers_behind(handler: Handler, module: Module, options: Options) -> Iterator[Answer]:
    """Return the answer right behind the `try` of a handler that does not answer itself.

    `except E as error: data = {…}`, `return JsonResponse(data)`
    """
    if any(isinstance(node, _ENDING) for node in own(handler.body)):
        return
    tried = try_of(handler, module)
    suite = module.parent(tried)
    if isinstance(suite, (cst.IndentedBlock, cst.Module)):
        place = module.place(tried, suite, suite.body)
        for statement in suite.body[place + 1 : place + 2]:
            yield from answers_in(statement, module, options)


def _answer(
    statement: cst.CSTNode, value: cst.BaseExpression, module: Module, options: Options
) -> Answer | None:
    if isinstance(value, cst.Call) and not isinstance(statement, cst.Raise):
        own_answer = _own_answer(statement, value, module, options)
        if own_answer is not None:
            return own_answer
    if isinstance(statement, cst.Raise):
        is_denial = _is_denial(statement, value, module, options)
        return None if is_denial else _error(statement, value, module, options)
    if isinstance(statement, cst.Expr):
        return _abortion(statement, value, module, options)
    if isinstance(value, cst.Tuple) and len(value.elements) in (2, 3):
        body, status = value.elements[0].value, _status(value.elements[1].value)
        made = _response(statement, body, module, options) if isinstance(body, cst.Call) else None
        if made is None or made.asks:  # else it is one wherever it is returned
            made = Answer(statement, (body,), status, (_IN_ENDPOINT,))
        return made._replace(status=status) if status else None
    if isinstance(value, cst.Call) and not _is_text(value, module, options):
        return _response(statement, value, module, options)
    # A name may stand for a response that was made elsewhere.
    is_open = isinstance(value, (cst.Name, cst.Attribute))
    return None if is_open else Answer(statement, (value,), _OK, (_IN_ENDPOINT,))


def _is_text(call: cst.Call, module: Module, options: Options) -> bool:
    """Return whether a call makes a text of what it is given: `str(error)`, `"…".format(error)`.

    A method of that name of anything else may make whatever it likes.
    """
    func = call.func
    if last_name(func) not in texts(options, "making-text"):
        return False
    base = func.value if isinstance(func, cst.Attribute) else None
    is_of_text = isinstance(base, (cst.BaseString, cst.ConcatenatedString))
    return base is None or is_of_text or module.qualified(func) is not None


def _abortion(
    statement: cst.Expr, value: cst.BaseExpression, module: Module, options: Options
) -> Answer | None:
    """Return what a statement answers that is a call which raises."""
    name = _name(value.func, module) if isinstance(value, cst.Call) else ""
    last = name.split(".")[-1]
    is_known = last in texts(options, "aborting")
    if not is_known and {*words(last)}.isdisjoint(texts(options, "raising-words")):
        return None
    error = _error(statement, value, module, options)
    if error is None or not error.asks:
        return error
    if not is_known:
        return error._replace(asks=(Needed("raises", "web-errors", names=error.asks[0].names[:1]),))
    # A function of the project's own, or one that it hands on, is told the status.
    names = error.asks[0].names[:1]
    asks = (Needed("is", "aborts", names=names),)
    return error._replace(asks=asks) if error.status >= _FIRST_ERROR else None


def _own_answer(
    statement: cst.CSTNode, call: cst.Call, module: Module, options: Options
) -> Answer | None:
    """Return what a handler answers by a method of its own: `self.finish(…)`."""
    name = module.dotted(call.func) or ""
    if name.removeprefix("self.") not in texts(options, "own-answers") or "." not in name:
        return None
    function = module.function_of(statement)
    cls = module.class_of(function) if isinstance(function, cst.FunctionDef) else None
    patterns = texts(options, "answering-bases")
    bases = () if cls is None else (last_name(base.value) or "" for base in cls.bases)
    if not any_match(bases, patterns):
        return None
    asks = (Needed("within", "answering"), Needed("comes-to", "sending", names=(name,)))
    return Answer(statement, _body(call.args, options), _status_of(call.args, name, options), asks)


def _is_denial(
    statement: cst.Raise, value: cst.BaseExpression, module: Module, options: Options
) -> bool:
    """Return whether a backend denies a user by this error, which nobody answers with."""
    name = _name(value.func if isinstance(value, cst.Call) else value, module)
    if not matches(name, texts(options, "denials")):
        return False
    function = module.function_of(statement)
    cls = module.class_of(function) if isinstance(function, cst.FunctionDef) else None
    return cls is not None and any(
        matches(_name(base.value, module), texts(options, "denying")) for base in cls.bases
    )


_IN_ENDPOINT = Needed("within", "endpoints")


def _error(
    statement: cst.CSTNode, value: cst.BaseExpression, module: Module, options: Options
) -> Answer | None:
    """Return what raising this, or calling what raises, answers."""
    call = value if isinstance(value, cst.Call) else None
    func = call.func if call is not None else value
    name = _name(func, module)
    if not name:
        return None
    is_known = matches(name, texts(options, "web-errors"))
    # A method of its class may make an error too: `ShopError.of(order)`.
    made_by = [func, *([func.value] if call and isinstance(func, cst.Attribute) else [])]
    names = tuple(_written(maker, module) for maker in made_by)
    asks = () if is_known else (Needed("answers", "web-errors", (statement,), names),)
    args = call.args if call is not None else ()
    causes = texts(options, "cause-keywords")
    told = [arg for arg in args if arg.keyword is None or arg.keyword.value not in causes]
    return Answer(statement, _body(told, options), _status_of(args, name, options), asks)


def _response(
    statement: cst.CSTNode, call: cst.Call, module: Module, options: Options
) -> Answer | None:
    name = _name(call.func, module)
    if not name:
        return None
    is_response = matches(name, texts(options, "web-responses"))
    is_known = is_response or matches(name, texts(options, "web-errors"))
    names = (_written(call.func, module),)
    asks = () if is_known else (Needed("is", "web-responses", names=names),)
    # What a response is given first is its body: `HttpResponse(400)` is a text, answered with 200.
    has_body = is_response and not matches(name, texts(options, "bodiless"))
    is_body = has_body and bool(call.args) and call.args[0].keyword is None
    status = _status_of(call.args[1:] if is_body else call.args, name, options)
    # With which status a function of the project answers, only the program knows.
    return Answer(statement, _body(call.args, options), status or (_OK if is_known else 0), asks)


def is_about_input(answer: Answer, options: Options) -> bool:
    """Return whether an answer is an error that says, by its name, that the input is wrong."""
    error = answer.statement.exc if isinstance(answer.statement, cst.Raise) else None
    name = last_name(error.func if isinstance(error, cst.Call) else error) if error else None
    return not set(words(name or "")).isdisjoint(texts(options, "of-input"))


def is_test_of_reach(node: cst.CSTNode, module: Module, options: Options) -> bool:
    """Return whether a node stands in what is asked whether something works, by its name.

    A function whose name begins with one of the rule's option `testing`, or a class that has one.
    """
    testing = texts(options, "testing")
    function, cls = module.function_of(node), None
    if isinstance(function, cst.FunctionDef):
        cls = module.class_of(function)
        if not {*words(function.name.value)[:1]}.isdisjoint(testing):
            return True
    return cls is not None and not {*words(cls.name.value)}.isdisjoint(testing)


def is_in_background(node: cst.CSTNode, module: Module, options: Options) -> bool:
    """Return whether a node stands in what a worker runs, as a decorator says: nobody is answered.

    The last part of its name is one of the option `background`.
    """
    function = module.function_of(node)
    if not isinstance(function, cst.FunctionDef):
        return False
    names = (module.dotted(_called(d.decorator)) or "" for d in function.decorators)
    return not {name.rpartition(".")[2] for name in names}.isdisjoint(texts(options, "background"))


def _called(decorator: cst.BaseExpression) -> cst.BaseExpression:
    return decorator.func if isinstance(decorator, cst.Call) else decorator


def matches(name: str, patterns: tuple[str, ...]) -> bool:
    """Return whether a dotted name is like one of these patterns, `*.` before which may be none."""
    return any_match((name, f"?.{name}"), patterns)


def _name(func: cst.CSTNode, module: Module) -> str:
    return (module.qualified(func) or module.dotted(func) or "").removeprefix("builtins.")


def _written(func: cst.CSTNode, module: Module) -> str:
    return module.dotted(func) or ""


def _body(args: tuple[cst.Arg, ...] | object, options: Options) -> tuple[cst.BaseExpression, ...]:
    """Return the arguments that the client may get to read."""
    statuses = texts(options, "status-keywords")
    return tuple(
        arg.value
        for arg in (args if isinstance(args, (tuple, list)) else ())
        if arg.keyword is None or arg.keyword.value not in statuses
    )


def _status_of(args: object, name: str, options: Options) -> int:
    """Return the status that is written as an argument, or that the name says; 0 for none.

    The name says none where a variable does: `ValidationError(text, code=code)`.
    """
    keywords = texts(options, "status-keywords")
    for arg in args if isinstance(args, (tuple, list)) else ():
        if arg.keyword is None or arg.keyword.value in keywords:
            status = _status(arg.value)
            if status:
                return status
            if arg.keyword is not None and _is_variable(arg.value):
                return 0
    last = name.split(".")[-1]
    for pattern, status_text in table(options, "statuses"):
        if fnmatchcase(name, pattern) or fnmatchcase(last, pattern):
            return int(status_text)
    return 0


def _is_variable(value: cst.BaseExpression) -> bool:
    return isinstance(value, cst.Name) and value.value.islower()


def _status(node: cst.CSTNode) -> int:
    """Return the status that an expression is for certain: `404`, `HTTPStatus.NOT_FOUND`; or 0."""
    if isinstance(node, cst.Integer):
        value = node.evaluated_value
        return value if 100 <= value <= _LAST_ERROR else 0
    name = last_name(node) if isinstance(node, (cst.Attribute, cst.Name)) else None
    if not name:
        return 0
    if name == "value" and isinstance(node, cst.Attribute):
        return _status(node.value)
    constant = _CONSTANT.match(name)
    if constant is not None:
        return int(constant[1] or constant[2])
    own_constant = _OWN_CONSTANT.fullmatch(name)
    if own_constant is not None:
        return int(http.HTTPStatus.__members__.get(own_constant["name"], 0))
    status = http.HTTPStatus.__members__.get(name) if isinstance(node, cst.Attribute) else None
    return int(status) if status is not None else 0
