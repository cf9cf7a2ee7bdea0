"""A look-up of a secret in the environment, or its settings field, with a literal default."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bedev_lint.deferred import cst, literals, needs
from bedev_lint.deferred.strings import environment, overlays, purpose
from bedev_lint.model import Options
from bedev_lint.options import patterns, texts
from bedev_lint.prefilter.bound_names import DEFAULTS, where_default
from bedev_lint.prefilter.index import PrefilterIndex
from bedev_lint.secrets import (
    is_credential,
    is_made_of_words,
    is_secret_name,
    secret_names,
    secret_values,
)
from bedev_lint.source import Rows
from bedev_lint.visiting import LITERALS, Finding, visits

if TYPE_CHECKING:
    from bedev_lint.syntax import Module

_NO_DEFAULTS = frozenset({"alias", "description", "help", "name", "title"})


def candidates(index: PrefilterIndex, options: Options) -> Iterator[Rows]:
    def holds(name: str, text: str) -> bool:
        return holds_secret(name, text, options)

    return where_default(index, options, holds)


def holds_secret(name: str, text: str, options: Options) -> bool:
    """Return whether a text is a secret, by the name of what it is the default of."""
    values = secret_values(options)
    return is_secret_name(name, values.names) and (
        is_credential(text, name, values, looked_up=True)
        or any(pattern.fullmatch(text) for pattern in patterns(options, "working-defaults"))
    )


@visits(*LITERALS, prefilter=candidates)
def check(node: cst.CSTNode, module: Module, options: Options) -> Iterator[Finding]:
    lookups = environment.lookups(options)
    if not _may_be_default(node, module, lookups.keywords) or literals.is_part(node, module):
        return
    text = module.string(node)
    if not text:
        return
    default = environment.default_of(node, module, lookups, frozenset(texts(options, "wrappers")))
    if (
        default is None
        or _is_key(node, text, default, module, options)
        or purpose.is_made_up(node, module, options)
        or (is_made_of_words(text) and purpose.is_tried_out(node, module))
    ):
        return
    for name in default.names:
        if holds_secret(name, text, options):
            asks = (*overlays.staying(node, module), *_taking(node, module))
            yield Finding(node, fields={"name": name}, needs=asks)
            return


def _is_key(
    node: cst.CSTNode, text: str, default: environment.Default, module: Module, options: Options
) -> bool:
    """Return whether a text is looked up itself, in a section: `config.get("mail", "password")`.

    What stands before another key, or in a call with a default by keyword, is no default.
    """
    call = _called(node, module)
    arguments = call.args if call is not None else ()
    place = next((at for at, arg in enumerate(arguments) if arg.value is node), 0)
    if any(_makes_key_of_those_before(other, module) for other in arguments[place + 1 :]):
        return True
    first = default.names[0] if default.names else ""
    names = secret_names(options)
    is_listed = text in default.names or place > 1
    return is_listed and is_secret_name(text, names) and not is_secret_name(first, names)


def _makes_key_of_those_before(argument: cst.Arg, module: Module) -> bool:
    if argument.keyword is not None:
        return argument.keyword.value in DEFAULTS
    return (module.string(argument.value) or "").isidentifier()


def _taking(node: cst.CSTNode, module: Module) -> tuple[needs.Needed, ...]:
    """Return what the program must show of a look-up that is given a literal without a keyword.

    Whatever one takes that way is a key if it takes any number.
    """
    call = _called(node, module)
    name = module.dotted(call.func) if call else None
    return (needs.Needed("takes-few", "", names=(name,)),) if name else ()


def _called(node: cst.CSTNode, module: Module) -> cst.Call | None:
    """Return the call that is given a literal without a keyword."""
    parent = module.parent(node)
    call = module.parent(parent) if isinstance(parent, cst.Arg) and not parent.keyword else None
    return call if isinstance(call, cst.Call) else None


def _may_be_default(node: cst.CSTNode, module: Module, naming: frozenset[str]) -> bool:
    """Return False, cheaply, for most of what is no default.

    A call with a keyword of those `naming` a variable has its default first.
    """
    parent = module.parent(node)
    if isinstance(parent, cst.DictElement):
        return node is parent.value
    if not isinstance(parent, cst.Arg):
        return _carries(parent)
    if parent.keyword is not None:
        return parent.keyword.value not in _NO_DEFAULTS
    call = module.parent(parent)
    if isinstance(call, cst.Call) and parent is call.args[0]:
        # Of a look-up the name; only of a wrapper the default.
        named = any(arg.keyword is not None and arg.keyword.value in naming for arg in call.args)
        return named or _carries(module.parent(call))
    return True


def _carries(node: cst.CSTNode | None) -> bool:
    """Return whether a default may stand in such a node."""
    return isinstance(
        node,
        (
            cst.Arg,
            cst.AnnAssign,
            cst.BooleanOperation,
            cst.IfExp,
            cst.Attribute,
            cst.Lambda,
            cst.Element,
        ),
    )
