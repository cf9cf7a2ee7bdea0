"""Which links only people follow, and which addresses are only the names of something."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

import libcst as cst

from bedev_lint.model import Options
from bedev_lint.names import words
from bedev_lint.options import texts
from bedev_lint.syntax.literals import last_name, makes_object, text_of
from bedev_lint.syntax.module import Module
from bedev_lint.syntax.scopes import dotted
from bedev_lint.syntax.strings.uses import uses_of

__all__ = [
    "is_answered",
    "is_asked_a_token_for",
    "is_cloned",
    "is_fetched",
    "is_in_policy",
    "is_profile",
    "shown_by",
]

# How many sources of a policy are looked at for each, so that a long list costs no square.
_FIRST = 16
# What a text goes through until it is shown.
_PARTS = (
    cst.Arg,
    cst.Attribute,
    cst.BinaryOperation,
    cst.ConcatenatedString,
    cst.Dict,
    cst.DictElement,
    cst.Element,
    cst.FormattedString,
    cst.FormattedStringExpression,
    cst.IfExp,
    cst.List,
    cst.Set,
    cst.Tuple,
)


def shown_by(node: cst.CSTNode, module: Module, styling: Sequence[str]) -> str | None:
    """Return the dotted name of the function that is given a text, perhaps in a longer one.

    What `styling` functions (patterns) make of it is still that text:
    `print("See " + click.style(url))`. The name is as resolved through imports, else as it is
    written: `self.stdout.write`, `*.write`.
    """
    child = node
    for parent in module.ancestors(node):
        if isinstance(parent, cst.Call):
            if parent.func is not child:
                called = module.qualified(parent.func) or _written(parent.func)
                if not any(fnmatchcase(called, pattern) for pattern in styling):
                    return called
        elif not isinstance(parent, _PARTS):
            return None
        child = parent
    return None


def _written(func: cst.BaseExpression) -> str:
    """Return what the name of a method is, with that of its object, or of a function: `*.name`."""
    written = dotted(func) or ""
    return written if "." in written else f"*.{last_name(func) or ''}"


def is_asked_a_token_for(node: cst.CSTNode, module: Module, options: Options) -> bool:
    """Return whether an address names what a token is asked for: a scope, resource or audience.

    `credential.get_token("https://…")`: an argument of one of the rule's option `token-functions`
    (patterns for the names of an object and its method, in lower case), in a list or a text too.
    """
    child = node
    for parent in module.ancestors(node):
        if isinstance(parent, cst.Call) and parent.func is not child:
            return _is_token_function(parent.func, options)
        if not isinstance(parent, (*_PARTS, cst.Call)):
            return False
        child = parent
    return False


def _is_token_function(func: cst.BaseExpression, options: Options) -> bool:
    base = func.value if isinstance(func, cst.Attribute) else None
    if isinstance(base, cst.Call):
        base = base.func
    owner = last_name(base) if base is not None else None
    written = f"{owner or ''}.{last_name(func) or ''}".lower()
    return any(fnmatchcase(written, pattern) for pattern in texts(options, "token-functions"))


def is_profile(address: str, node: cst.CSTNode, module: Module, options: Options) -> bool:
    """Return whether a link leads to somebody's page on a site for all, and is not fetched here.

    `twitter.com/{name}`, `linkedin.com/in/{name}`: one name behind one of the option `profiles`, or
    the place of one; or a project of somebody on one of the hosts of the option `forges`.
    """
    page = address.partition("?")[0].removeprefix("www.").rstrip("/")
    before = page.rpartition("/")[0]
    profiles, forges = texts(options, "profiles"), texts(options, "forges")
    is_project = before.rpartition("/")[0] in forges and not page.endswith(".git")
    if not (page in profiles or before in (*profiles, *forges) or is_project):
        return False
    if not {*page.split("/")[1:2]}.isdisjoint(texts(options, "forge-paths")):
        return False
    return not is_fetched(node, module, options) and not is_cloned(node, module, options)


def is_cloned(node: cst.CSTNode, module: Module, options: Options) -> bool:
    """Return whether an address stands in the arguments of a command that gets what is there."""
    element = module.parent(node)
    owner = module.parent(element) if isinstance(element, cst.Element) else None
    beside = {module.string(one.value) for one in getattr(owner, "elements", ())}
    return not beside.isdisjoint(texts(options, "cloning-words"))


def is_fetched(node: cst.CSTNode, module: Module, options: Options) -> bool:
    """Return whether an address, or what it is assigned to, is given to what fetches it.

    By the options `fetching-words` and `fetching-functions`.
    """
    fetching = frozenset(texts(options, "fetching-words"))
    functions = texts(options, "fetching-functions")
    given = (one for one in (node, *uses_of(node, module)) if not _is_parameter(one, module))
    called = (shown_by(one, module, ()) for one in given)
    return any(
        one is not None
        and (one in functions or not fetching.isdisjoint(words(one.rpartition(".")[2])))
        for one in called
    )


def _is_parameter(node: cst.CSTNode, module: Module) -> bool:
    """Return whether a literal is a parameter of a request: `get(url, params={…: it})`."""
    entry = module.parent(node)
    table = module.parent(entry) if isinstance(entry, cst.DictElement) else None
    arg = module.parent(table) if isinstance(table, cst.Dict) else None
    return isinstance(arg, cst.Arg) and arg.keyword is not None


def is_answered(
    call: cst.Call, arg: cst.Arg, module: Module, options: Options, *, is_public: bool
) -> bool:
    """Return whether what a call that is given an address answers is something else.

    So a name of that tells nothing of the address: `docs = client.get("https://shop.io")`. One of
    a single environment is no part of a text or a record either, if it is given by a name:
    `document = Page(base_url="http://localhost:8000")`.
    """
    fetching = frozenset(texts(options, "fetching-words"))
    if not makes_object(call) and not fetching.isdisjoint(words(last_name(call.func) or "")):
        return True
    is_kept = (module.qualified(call.func) or "") in texts(options, "wrappers")
    return not is_public and arg.keyword is not None and not is_kept


def is_in_policy(node: cst.CSTNode, module: Module, options: Options) -> bool:
    """Return whether a literal is one of the sources that a policy allows a page to load from."""
    element = module.parent(node)
    sources = module.parent(element) if isinstance(element, cst.Element) else None
    if not isinstance(sources, (cst.List, cst.Tuple, cst.Set)):
        return False
    marks = texts(options, "policy-marks")
    # They stand first, perhaps by a name: `SELF = "'self'"`.
    return any(_value_of(one.value, module) in marks for one in sources.elements[:_FIRST])


def _value_of(node: cst.BaseExpression, module: Module) -> str:
    """Return the text of a literal, or of the one that a name stands for."""
    binders = module.bindings(node) if isinstance(node, cst.Name) else []
    if len(binders) == 1 and isinstance(binders[0], cst.Assign):
        node = binders[0].value
    return text_of(node)
