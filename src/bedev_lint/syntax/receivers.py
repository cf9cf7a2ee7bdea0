"""Handlers that receive the webhooks of others, and what they say of who may call them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase

import libcst as cst

from bedev_lint.model import Options
from bedev_lint.names import words
from bedev_lint.options import texts
from bedev_lint.syntax.handling.handlers import called_name
from bedev_lint.syntax.literals import last_name, text_of
from bedev_lint.syntax.module import Module

__all__ = ["is_open", "is_receiver", "looks_at_sender", "names_of_request"]

_TEXTS = (cst.SimpleString, cst.ConcatenatedString, cst.FormattedString)
_PARAMETER = re.compile(r"[<{](?:[\w()., ]{1,40}:)?(\w{1,60})(?::[^<>{}]{1,60})?[>}]")
_METHOD = "post"


def is_receiver(function: cst.FunctionDef, module: Module, options: Options) -> bool:
    """Return whether a function is called for a webhook: it takes POST, and is named so.

    Where it asks which user is there, or is only for users, a person calls it.
    """
    if _is_for_users(function, module, options):
        return False
    cls = module.class_of(function)
    is_verb = cls is not None and function.name.value == _METHOD and _may_be_view(cls, module)
    if not is_verb and not _takes_post(function, module, options):
        return False
    name = cls.name.value if cls is not None and is_verb else function.name.value
    if not set(words(name)).isdisjoint(texts(options, "managing")):
        return False
    paths = list(_paths(function, module, options))
    said = {word for text in (name, *paths) for word in words(text)}
    return not said.isdisjoint(texts(options, "receiving")) and not _is_managing(paths, options)


def _may_be_view(cls: cst.ClassDef, module: Module) -> bool:
    """Return whether a class has a base, or is told a path: a client has a `post` as well."""
    return bool(cls.bases) or any(
        isinstance(arg.value, _TEXTS) and "/" in text_of(arg.value)
        for mark in cls.decorators
        for arg in getattr(mark.decorator, "args", ())
    )


def _is_for_users(function: cst.FunctionDef, module: Module, options: Options) -> bool:
    """Return whether a function asks which user is there, or is told, or lets in nobody else."""
    names = [_name_of(mark) for mark in _marks(function, module)]
    return (
        any(fnmatchcase(name, one) for name in names for one in texts(options, "signed-in"))
        or any(param.name.value in texts(options, "users") for param in _parameters(function))
        or any(
            attribute.attr.value == "user" and last_name(attribute.value) in texts(options, "asked")
            for attribute in module.below(function.body, cst.Attribute)
        )
    )


def _is_managing(paths: Iterable[str], options: Options) -> bool:
    """Return whether the last part of a path that is no parameter says so."""
    managing = texts(options, "managing")
    for path in paths:
        parts = [part for part in path.split("/") if part and part[0] not in "<{"]
        if parts and not set(words(parts[-1])).isdisjoint(managing):
            return True
    return False


def _takes_post(function: cst.FunctionDef, module: Module, options: Options) -> bool:
    for mark in function.decorators:
        name = _name_of(mark)
        if name in texts(options, "posting") or name in texts(options, "opening"):
            return True
        if name in texts(options, "routing"):
            written = module.code(mark)
            if any(method in written for method in texts(options, "changing")):
                return False
            if any(method in written for method in texts(options, "methods")):
                return True
    return False


def _marks(function: cst.FunctionDef, module: Module) -> list[cst.Decorator]:
    """Return the decorators of a function, and of its class."""
    cls = module.class_of(function)
    return [*function.decorators, *(cls.decorators if cls is not None else ())]


def _paths(function: cst.FunctionDef, module: Module, options: Options) -> Iterator[str]:
    """Return the paths that decorators give a function."""
    verbs = (*texts(options, "posting"), *texts(options, "routing"))
    for mark in _marks(function, module):
        if isinstance(mark.decorator, cst.Call) and _name_of(mark) in verbs:
            for arg in mark.decorator.args:
                if isinstance(arg.value, _TEXTS) and "/" in text_of(arg.value):
                    yield text_of(arg.value)


# ---------------------------------------------------------------------- who may come in


def is_open(function: cst.FunctionDef, module: Module, options: Options) -> bool:
    """Return whether nothing around a handler, or in its parameters, may ask who the sender is."""
    cls, marks = module.class_of(function), _marks(function, module)
    if not all(_is_neutral(mark, module, options) for mark in marks):
        return False
    if any(_is_of_imported(mark, module, options) for mark in marks):
        return False
    paths = _paths(function, module, options)
    if not all(_is_guessable(name, options) for path in paths for name in _PARAMETER.findall(path)):
        return False
    if not all(_is_harmless(param, module, options) for param in _parameters(function)):
        return False
    written = [module.code(mark) for mark in marks]
    if cls is not None:
        return _is_open_class(cls, module, options)
    names = [_name_of(mark) for mark in marks]
    if not set(names).isdisjoint(texts(options, "ruling")):
        return any(one in text for text in written for one in texts(options, "anybody")) or any(
            "authentication_classes([])" in text for text in written
        )
    return True


def _is_of_imported(mark: cst.Decorator, module: Module, options: Options) -> bool:
    """Return whether a route is added to what another module has made, which may ask first."""
    func = mark.decorator.func if isinstance(mark.decorator, cst.Call) else mark.decorator
    base = func.value if isinstance(func, cst.Attribute) else None
    made = texts(options, "made-here")
    return (
        isinstance(base, cst.Name)
        and _name_of(mark) in made
        and any(isinstance(binder, cst.ImportAlias) for binder in module.bindings(base))
    )


def _is_open_class(cls: cst.ClassDef, module: Module, options: Options) -> bool:
    bases = [module.qualified(base.value) or "" for base in cls.bases]
    plain, ruled = texts(options, "plain-bases"), texts(options, "ruled-bases")
    if not bases or not all(base in plain or base in ruled for base in bases):
        return False
    said = {
        last_name(target.target): module.code(one.value)
        for one in module.below(cls.body, cst.Assign)
        for target in one.targets
    }
    guards = [value for name, value in said.items() if name in texts(options, "guarding")]
    opens = [value in ("[]", "()") or _is_anybody(value, options) for value in guards]
    if not all(opens):
        return False
    return bool(guards) or all(base in plain for base in bases)


def _is_anybody(value: str, options: Options) -> bool:
    inner = value.strip("[](), ")
    return inner in texts(options, "anybody")


def _is_neutral(mark: cst.Decorator, module: Module, options: Options) -> bool:
    """Return whether a decorator asks nobody who he is, nor what it is given."""
    name = _name_of(mark)
    if not any(fnmatchcase(name, pattern) for pattern in texts(options, "neutral")):
        return False
    call = mark.decorator
    if not isinstance(call, cst.Call):
        return True
    if name in texts(options, "guarding"):
        return all(
            module.code(arg.value) in ("[]", "()") or _is_anybody(module.code(arg.value), options)
            for arg in call.args
        )
    return not any(arg.keyword and arg.keyword.value == "dependencies" for arg in call.args)


def _parameters(function: cst.FunctionDef) -> Iterator[cst.Param]:
    params = function.params
    yield from (*params.posonly_params, *params.params, *params.kwonly_params)


def _is_harmless(param: cst.Param, module: Module, options: Options) -> bool:
    """Return whether what a framework gives a parameter tells nothing of who the sender is."""
    annotation = param.annotation.annotation if param.annotation is not None else None
    written = [module.code(part) for part in (annotation, param.default) if part is not None]
    said = {word for text in (*written, param.name.value) for word in words(text)}
    if not said.isdisjoint(texts(options, "proving")):
        return False
    injected = any(name in text for text in written for name in texts(options, "injecting"))
    return not injected or any(
        fnmatchcase(param.name.value, pattern) for pattern in texts(options, "harmless")
    )


def _is_guessable(name: str, options: Options) -> bool:
    return words(name)[-1:] != () and words(name)[-1] in texts(options, "guessable")


def looks_at_sender(function: cst.FunctionDef, module: Module, options: Options) -> bool:
    """Return whether a name or text in a handler is of what proves who somebody is."""
    proving = frozenset(texts(options, "proving"))
    for node in module.below(function.body, cst.Name, cst.Integer, *_TEXTS, nested=True):
        if _is_text(module.statement_of(node)):
            continue  # a docstring
        written = node.value if isinstance(node, (cst.Name, cst.Integer)) else text_of(node)
        if not proving.isdisjoint(words(written)):
            return True
    return False


def _is_text(statement: cst.CSTNode) -> bool:
    return isinstance(statement, cst.Expr) and isinstance(statement.value, _TEXTS)


def names_of_request(function: cst.FunctionDef) -> tuple[str, ...]:
    """Return the names by which a handler knows what it was sent."""
    names = (param.name.value for param in _parameters(function))
    return ("request", *(name for name in names if name not in ("self", "cls", "request")))


def _name_of(mark: cst.Decorator) -> str:
    decorator = mark.decorator
    if isinstance(decorator, cst.Call):
        return called_name(decorator)
    return last_name(decorator) or ""
