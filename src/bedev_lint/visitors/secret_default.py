"""A look-up of a secret in the environment, or its settings field, with a literal default."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from bedev_lint.model import Options
from bedev_lint.options import patterns, texts
from bedev_lint.secrets import is_credential, is_secret_name
from bedev_lint.syntax import Finding, Module, visits
from bedev_lint.syntax.environment import default_of, lookups
from bedev_lint.syntax.literals import is_part

_CARRIERS = (
    cst.Arg,
    cst.AnnAssign,
    cst.BooleanOperation,
    cst.IfExp,
    cst.Attribute,
    cst.Lambda,
    cst.Element,
)


@visits(cst.SimpleString, cst.ConcatenatedString, cst.FormattedString)
def check(node: cst.CSTNode, module: Module, options: Options) -> Iterator[Finding]:
    if is_part(node, module) or not isinstance(module.parent(node), _CARRIERS):
        return
    text = module.string(node)
    if not text:
        return
    default = default_of(node, module, lookups(options), frozenset(texts(options, "wrappers")))
    if default is None:
        return
    extra, blank = texts(options, "secret-names"), patterns(options, "placeholders")
    for name in default.names:
        if is_secret_name(name, extra) and is_credential(text, name, extra=blank):
            yield Finding(node, fields={"name": name})
            return
