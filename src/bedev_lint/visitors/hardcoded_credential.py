"""A literal secret bound to a secret-like name."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from bedev_lint.model import Options
from bedev_lint.names import words
from bedev_lint.options import texts
from bedev_lint.syntax import Finding, Module, visits
from bedev_lint.syntax.literals import (
    LITERALS,
    bound_to,
    is_part,
    names_around,
)
from bedev_lint.syntax.scopes import dotted
from bedev_lint.triggers.hardcoded_credential import holds_secret

# Under these names stand texts about a secret, and the types or widgets of its field.
_DISPLAYED = frozenset(
    "label labels help text texts message messages error errors title titles placeholder "
    "placeholders description descriptions verbose hint hints widget widgets translation "
    "translations exception warning alias aliases mapping map rename renames scope scopes "
    "example examples choices schema properties types columns fields".split()
)
_ENUMERATIONS = ("Enum", "Choices", "Flag")


@visits(*LITERALS)
def check(node: cst.CSTNode, module: Module, options: Options) -> Iterator[Finding]:
    if is_part(node, module) or len(getattr(node, "value", "long")) < 3:
        return
    wrappers = frozenset(texts(options, "wrappers"))
    comparers = frozenset(texts(options, "comparers"))
    bound = bound_to(node, module, wrappers, comparers)
    text = module.string(node) if bound else None
    if not text:
        return
    held = (b.name for b in bound if holds_secret(b.name, text, options, compared=b.compared))
    name = next(held, None)
    if name is None or _is_about_secrets(node, module):
        return
    yield Finding(node, fields={"name": name})


def _is_about_secrets(node: cst.CSTNode, module: Module) -> bool:
    """Return whether a literal is displayed, or stands for a kind of secret in an enumeration."""
    around = iter(names_around(node, module))
    next(around, None)
    if any(not _DISPLAYED.isdisjoint(words(name)) for name in around):
        return True
    cls = module.class_of(node)
    return cls is not None and any(
        (dotted(base.value) or "").endswith(_ENUMERATIONS) for base in cls.bases
    )
