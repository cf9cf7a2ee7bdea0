"""What literals are for: which are made up, and which only recognise a value."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from itertools import chain, islice, pairwise, takewhile

import libcst as cst

from bedev_lint.model import Options
from bedev_lint.names import any_match, words
from bedev_lint.options import texts
from bedev_lint.syntax.literals import HOLE, LITERALS, last_name, text_of
from bedev_lint.syntax.module import Module
from bedev_lint.syntax.scopes import assigned
from bedev_lint.syntax.strings.hosts import is_reserved
from bedev_lint.syntax.strings.self_tests import is_self_test
from bedev_lint.syntax.strings.uses import names_in

__all__ = [
    "ends_sentence",
    "gives_only_path",
    "has_transport",
    "is_beside_examples",
    "is_compared",
    "is_in_sentence",
    "is_made_up",
    "is_own_port",
    "is_spoken_of",
    "is_tried_out",
    "recognises",
]

_METHODS = frozenset(
    "startswith endswith removeprefix removesuffix find rfind index rindex count split rsplit "
    "partition rpartition strip lstrip rstrip replace".split()
)
# Functions that take something off the beginning or the end of a text, or tell how much to take.
_STRIPPING = frozenset({"len", "remove_prefix", "remove_suffix", "strip_prefix", "strip_suffix"})
# The endings of the keywords of a look-up by a part of a value: `url__startswith=…`.
_LOOK_UPS = frozenset(
    "startswith istartswith endswith iendswith contains icontains regex iregex".split()
)
# A port is the first that is put in.
_PORT = re.compile(r"\w+://[\w.\[\]:]*?:(?:\{\}|%s|%d)")
# Signs and marks for a terminal may stand before the first word: `→ See`, `[bold]See[/bold]`.
_SENTENCE = re.compile(r"(?:\[/?[a-z ]+\]|[^\w'\"{}$/<\[-])*[A-Z][a-z']*(?:\[/?[a-z ]*\])?[ ,:]")
# A field of a text that is the address of a link in Markdown or HTML.
_LINK = re.compile(rf"""(?:\]\(|\bhref=['"]?)(?:\{{\w*\}}|%s|{re.escape(HOLE)})""")
# Packages of tests.
_TESTS = frozenset({"tests", "test_utils"})
_LISTS = (cst.Tuple, cst.List, cst.Set)
_TABLES = (*_LISTS, cst.Dict, cst.Call)
_SCOPES = (cst.FunctionDef, cst.ClassDef)
# What an address has besides its host, by the names that libraries give to the attributes.
_BEHIND_HOST = frozenset({"path", "query", "fragment", "params", "query_params", "path_segments"})
# How many literals of a table are looked at for each, so that a long one costs no square.
_LITERALS = 64
# How many calls of a function are looked at for each literal in it, so that many cost no square.
_CALLS = 16


def is_made_up(node: cst.CSTNode, module: Module, options: Options) -> bool:
    """Return whether what is around a node says that what it holds is made up.

    A function or class by its name, which is one of the rule's option `sample-scopes`, or a table
    (`sample-tables`); or a call around it makes what stands in for something in a test
    (`sample-calls`, or it is imported from what lies among tests); or the module tests itself with
    it. Raises PrunedAccess.
    """
    scopes, calls = texts(options, "sample-scopes"), texts(options, "sample-calls")
    tables = texts(options, "sample-tables")
    child = node
    for parent in module.ancestors(node):
        if isinstance(parent, (cst.FunctionDef, cst.ClassDef)):
            if _is_called(parent.name.value, scopes):
                return True
        elif isinstance(parent, cst.Call):
            if _is_called(last_name(parent.func) or "", calls) or _is_of_tests(parent, module):
                return True
        elif isinstance(parent, (cst.Assign, cst.AnnAssign)) and isinstance(child, _TABLES):
            if any(_is_called(last_name(one) or "", tables) for one in assigned(parent)):
                return True
        child = parent
    return is_self_test(node, module)


def _is_of_tests(call: cst.Call, module: Module) -> bool:
    """Return whether what is called lies among tests: `shop.tests.factories.Order`."""
    called = module.qualified(call.func) or ""
    return not _TESTS.isdisjoint(called.split(".")[:-1])


def _is_called(name: str, patterns: Collection[str]) -> bool:
    joined = f"_{'_'.join(words(name))}_"
    return any_match((joined,), tuple(patterns))


def is_beside_examples(node: cst.CSTNode, module: Module) -> bool:
    """Return whether a table holds a literal and an address for examples: all of it is made up.

    `{"site": "https://example.com", "page": "http://localhost:8000"}`
    """
    statement = module.statement_of(node)
    above = list(takewhile(lambda one: one is not statement, module.ancestors(node)))
    tables = [one for one in above if isinstance(one, cst.Dict)]
    if not tables:
        return False
    beside = islice(module.below(tables[-1], *LITERALS), _LITERALS)
    return any(is_reserved(text_of(one)) for one in beside)


def gives_only_path(node: cst.CSTNode, module: Module, parsers: Collection[str]) -> bool:
    """Return whether an address is taken apart at once, for what stands behind its host.

    `furl("http://any/" + page).path`: one of `parsers`, which asks for a host, is given it.
    """
    while isinstance(arg := module.parent(node), cst.BinaryOperation):
        node = arg
    call = module.parent(arg) if isinstance(arg, cst.Arg) else None
    part = module.parent(call) if isinstance(call, cst.Call) else None
    return (
        isinstance(call, cst.Call)
        and isinstance(part, cst.Attribute)
        and part.attr.value in _BEHIND_HOST
        and module.qualified(call.func) in parsers
    )


def recognises(node: cst.CSTNode, module: Module) -> bool:
    """Return whether a literal is looked for in another text.

    The first argument of `startswith`, `replace` and the like (or another with the same host), the
    left of `in`, the value of `url__startswith=…`; it may stand in a list. Or it is a key that
    something is looked up by: `claims["https://…"]`.
    """
    child = node
    for parent in module.ancestors(node):
        if isinstance(parent, cst.Arg):
            return _is_looked_for(parent, module)
        if isinstance(parent, cst.Index):
            return True
        if isinstance(parent, cst.Comparison):
            operator = parent.comparisons[0].operator
            return child is parent.left and isinstance(operator, (cst.In, cst.NotIn))
        if not isinstance(parent, (*_LISTS, cst.Element, cst.BinaryOperation)):
            return False
        child = parent
    return False


def is_compared(node: cst.CSTNode, module: Module, depth: int = 2) -> bool:
    """Return whether others are only compared with an expression, or with what is listed there.

    `x in hosts`, `host != x`, `x.startswith(host)`, `any(x.startswith(one) for one in hosts)`.
    """
    parent = module.parent(node)
    if isinstance(parent, (cst.Comparison, cst.ComparisonTarget)):
        return True
    if isinstance(parent, (cst.CompFor, cst.For)) and parent.iter is node:
        loop = module.parent(parent) if isinstance(parent, cst.CompFor) else parent
        if loop is None or not isinstance(parent.target, cst.Name) or not depth:
            return False
        one = parent.target
        names = module.below(loop, cst.Name, nested=True)
        uses = [name for name in names if name.value == one.value and name is not one]
        return bool(uses) and all(is_compared(use, module, depth - 1) for use in uses)
    return recognises(node, module)


def ends_sentence(node: cst.CSTNode, module: Module) -> bool:
    """Return whether a literal is added to a longer text, as the end of a sentence is."""
    parent = module.parent(node)
    if not isinstance(parent, cst.BinaryOperation) or parent.right is not node:
        return False
    before = parent.left
    while isinstance(before, cst.BinaryOperation):
        before = before.right
    return text_of(before).endswith((" ", "\n"))


def is_in_sentence(node: cst.CSTNode, module: Module) -> bool:
    """Return whether an expression is put into a text that begins as a sentence does, or as a link.

    `f"See {url} for more"`, `"See {}".format(url)`, `"See %s" % url`, `"See " + url`, also behind
    an `or`; a command such as `f"curl {url}"` does not.
    """
    while isinstance(parent := module.parent(node), cst.BooleanOperation) or (
        isinstance(parent, cst.IfExp) and node is not parent.test
    ):
        node = parent
    text: cst.CSTNode | None = None
    if isinstance(parent, cst.BinaryOperation) and parent.right is node:
        text = parent.left
    elif isinstance(parent, cst.FormattedStringExpression):
        text = module.parent(parent)
    elif isinstance(parent, cst.Arg) and isinstance(call := module.parent(parent), cst.Call):
        func = call.func
        if isinstance(func, cst.Attribute) and func.attr.value == "format":
            text = func.value
    said = text_of(text) if text is not None else ""
    return bool(_SENTENCE.match(said) or _LINK.search(said))


def _is_looked_for(arg: cst.Arg, module: Module) -> bool:
    if arg.keyword is not None:
        _, is_look_up, ending = arg.keyword.value.rpartition("__")
        return bool(is_look_up) and ending in _LOOK_UPS
    call = module.parent(arg)
    if isinstance(call, cst.Call) and isinstance(call.func, cst.Name):
        return call.func.value in _STRIPPING
    if not isinstance(call, cst.Call) or not isinstance(call.func, cst.Attribute):
        return False
    if call.func.attr.value not in _METHODS:
        return False
    first = call.args[0]
    return first is arg or _host(first.value) == _host(arg.value)


def _host(node: cst.CSTNode) -> str:
    """Return what stands between `://` and the next slash of a literal."""
    return text_of(node).partition("://")[2].partition("/")[0]


def is_tried_out(node: cst.CSTNode, module: Module) -> bool:
    """Return whether a node stands where a module of classes tries them, if it is run by hand.

    In `if __name__ == "__main__"`; a module without classes may be a program that begins there.
    """
    child, is_by_hand = node, False
    for parent in module.ancestors(node):
        if isinstance(parent, (cst.FunctionDef, cst.ClassDef)):
            return False
        if isinstance(parent, cst.If):
            is_by_hand = child is parent.body and "__name__" in _compared(parent.test)
        child = parent
    return is_by_hand and any(
        isinstance(statement, ast.ClassDef) for statement in module.by_python.body
    )


def _compared(test: cst.BaseExpression) -> set[str | None]:
    """Return the names of which a condition is that they have a value: of `x == 1` the `x`."""
    if not isinstance(test, cst.Comparison):
        return set()
    return {last_name(test.left), *(last_name(one.comparator) for one in test.comparisons)}


def is_spoken_of(node: cst.CSTNode, module: Module, sought: Collection[str]) -> bool:
    """Return whether where a node is used there is a name that holds one of these words.

    In the function or class around it, or, if it is a constant of the module, around a use of that;
    or in what such a function is given here. Raises PrunedAccess.
    """
    scope = _outermost(node, module)
    scopes = list(_using(node, module)) if scope is None else [scope]
    places = chain(scopes, _given_to_any(scopes, module))
    return any(not _words_in(place, module).isdisjoint(sought) for place in places)


@lru_cache(maxsize=16)  # many literals stand in one function
def _words_in(place: cst.CSTNode, module: Module) -> frozenset[str]:
    """Return the words of all names and keywords under a node. Raises PrunedAccess."""
    names = {
        last_name(one) if not isinstance(one, cst.Arg) else one.keyword and one.keyword.value
        for one in module.below(place, cst.Name, cst.Attribute, cst.Arg, nested=True)
    }
    return frozenset(chain(*(words(name) for name in names if name)))


def has_transport(node: cst.CSTNode, module: Module) -> bool:
    """Return whether a call that a literal is given to has a transport of its own beside it.

    That decides where something goes, unless it is one for HTTP: `Proxy(url, transport=socket)`.
    """
    arg = module.parent(node)
    call = module.parent(arg) if isinstance(arg, cst.Arg) else None
    if not isinstance(call, cst.Call):
        return False
    values = (one.value for one in call.args if one.keyword and one.keyword.value == "transport")
    made = (value.func if isinstance(value, cst.Call) else value for value in values)
    return any("http" not in (last_name(one) or "").lower() for one in made)


def _outermost(node: cst.CSTNode, module: Module) -> cst.CSTNode | None:
    """Return the outermost function or class around a node."""
    scopes = [one for one in module.ancestors(node) if isinstance(one, _SCOPES)]
    return scopes[-1] if scopes else None


def _using(node: cst.CSTNode, module: Module) -> Iterator[cst.CSTNode]:
    """Return the outermost functions and classes that use the constant that a node is given to."""
    statement = module.statement_of(node)
    if not isinstance(statement, (cst.Assign, cst.AnnAssign)):
        return
    target = statement.targets[0].target if isinstance(statement, cst.Assign) else statement.target
    if not isinstance(target, cst.Name):
        return
    for name in names_in(module.tree, module).get(target.value, ()):
        scope = _outermost(name, module)
        if scope is not None:
            yield scope


def _given_to_any(functions: list[cst.CSTNode], module: Module) -> Iterator[cst.CSTNode]:
    """Return what calls of these functions of the module are given there, of each the first ones.

    Of `with open_client(path) as client: version(client)` it is `open_client(path)`.
    """
    names = {one.name.value for one in functions if isinstance(one, cst.FunctionDef)}
    calls = _calls(module) if names else {}
    for arg in (arg for name in names for call in calls.get(name, ()) for arg in call.args):
        yield arg.value
        for binder in module.bindings(arg.value) if isinstance(arg.value, cst.Name) else ():
            if isinstance(binder, cst.WithItem):
                yield binder.item
            elif isinstance(binder, (cst.Assign, cst.AnnAssign)) and binder.value is not None:
                yield binder.value


@lru_cache(maxsize=4)
def _calls(module: Module) -> Mapping[str, list[cst.Call]]:
    """Return the calls of plain names in a module, by these. Raises PrunedAccess."""
    calls: dict[str, list[cst.Call]] = {}
    for call in module.below(module.tree, cst.Call, nested=True):
        if isinstance(call.func, cst.Name):
            alike = calls.setdefault(call.func.value, [])
            if len(alike) < _CALLS:
                alike.append(call)
    return calls


def _within_str(node: cst.BaseExpression) -> cst.BaseExpression:
    """Return what `str(…)` makes a text of."""
    is_str = isinstance(node, cst.Call) and last_name(node.func) == "str" and len(node.args) == 1
    return node.args[0].value if isinstance(node, cst.Call) and is_str else node


def is_own_port(node: cst.CSTNode, module: Module, *, served: bool) -> bool:
    """Return whether a URL goes on with a port that its function has.

    `f"http://localhost:{port}"`, `"http://localhost:%s" % self.port`: the server there is one that
    was just started. By a protocol that the process may serve itself (`served`) the port may also
    come from elsewhere: `settings.PORT`, `free_port()`; in a module as well, `args.port`.
    """
    port = _port(node, module)
    if served and isinstance(port, (cst.Attribute, cst.Call)):
        return True
    if module.function_of(node) is None:
        return False
    if isinstance(port, cst.Subscript):  # self.address[1]
        port = port.value
    base = port.value if isinstance(port, cst.Attribute) else port
    if not isinstance(base, cst.Name) or not base.value.islower():
        return False
    return base is port or base.value == "self"


def _port(node: cst.CSTNode, module: Module) -> cst.CSTNode | None:
    """Return what is put in behind the first `:` of a host, if something is."""
    if isinstance(node, cst.FormattedString):
        for text, field in pairwise(node.parts):
            is_text = isinstance(text, cst.FormattedStringText) and text.value.endswith(":")
            if is_text and isinstance(field, cst.FormattedStringExpression):
                return field.expression
        return None
    parent, url = module.parent(node), text_of(node)
    if isinstance(parent, cst.BinaryOperation) and parent.left is node:
        if isinstance(parent.operator, cst.Add) and url.endswith(":"):
            return _within_str(parent.right)
        right = parent.right if _PORT.match(url) else None
        return right.elements[0].value if isinstance(right, cst.Tuple) else right
    if _PORT.match(url) is None:
        return None
    call = module.parent(parent) if isinstance(parent, cst.Attribute) else None
    return call.args[0].value if isinstance(call, cst.Call) and call.args else None
