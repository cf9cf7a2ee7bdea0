"""A look-up of a secret in the environment, or its settings field, with a literal default."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from bedev_lint.model import Options
from bedev_lint.options import texts
from bedev_lint.secrets import is_secret_name
from bedev_lint.syntax import Finding, Module, visits
from bedev_lint.syntax.environment import Default, default_of, lookups
from bedev_lint.syntax.literals import LITERALS, is_part
from bedev_lint.syntax.purpose import is_made_up
from bedev_lint.triggers.secret_default import holds_secret

_CARRIERS = (
    cst.Arg,
    cst.AnnAssign,
    cst.BooleanOperation,
    cst.IfExp,
    cst.Attribute,
    cst.Lambda,
    cst.Element,
)

_NO_DEFAULTS = frozenset({"alias", "description", "help", "name", "title"})


@visits(*LITERALS)
def check(node: cst.CSTNode, module: Module, options: Options) -> Iterator[Finding]:
    if not _may_be_default(node, module) or is_part(node, module):
        return
    text = module.string(node)
    if not text:
        return
    default = default_of(node, module, lookups(options), frozenset(texts(options, "wrappers")))
    if default is None or _is_option(text, default) or is_made_up(node, module, options):
        return
    for name in default.names:
        if holds_secret(name, text, options):
            yield Finding(node, fields={"name": name})
            return


def _is_option(text: str, default: Default) -> bool:
    """Return whether a text is looked up itself, in a section: `config.get("mail", "password")`."""
    first = default.names[0] if default.names else ""
    return is_secret_name(text) and text in default.names and not is_secret_name(first)


def _may_be_default(node: cst.CSTNode, module: Module) -> bool:
    """Return False, cheaply, for most of what is no default."""
    parent = module.parent(node)
    if isinstance(parent, cst.DictElement):
        return node is parent.value
    if not isinstance(parent, cst.Arg):
        return isinstance(parent, _CARRIERS)
    if parent.keyword is not None:
        return parent.keyword.value not in _NO_DEFAULTS
    call = module.parent(parent)
    if isinstance(call, cst.Call) and parent is call.args[0]:
        # Of a look-up the name; only of a wrapper the default.
        return isinstance(module.parent(call), _CARRIERS)
    return True
