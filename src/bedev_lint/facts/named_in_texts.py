"""Strings that name something of the project, or a key: of other texts nothing is kept."""

from __future__ import annotations

import ast
import re

from bedev_lint.facts.recorder import Class, Recorder
from bedev_lint.model import Expr, Key, Named, Scope
from bedev_lint.secrets import is_secret_name, secret_names
from bedev_lint.source import bound_names

__all__ = ["ATTRIBUTE_NAME", "is_secret", "key_in", "named_in", "tells_outcome"]

# A dotted name of a class, without digits: nothing that somebody keeps secret.
_CLASS_NAME = re.compile(r"(?:[a-z_]{1,30}\.){0,4}[A-Z][A-Za-z]{1,40}")
# An attribute, or its name for each class that inherits what is declared.
_RELATED_NAME = re.compile(r"[A-Za-z_]{1,40}|[A-Za-z_]{0,40}%\(class\)s[A-Za-z_]{0,40}")
ATTRIBUTE_NAME = re.compile(r"[A-Za-z_]{1,40}")
_KEY = re.compile(r"[A-Za-z_][A-Za-z_.]{0,79}")


def is_secret(name: str, record: Recorder) -> bool:
    """Return whether a name is one of a secret."""
    return is_secret_name(name, secret_names(record.naming.secrets))


def key_in(node: ast.expr) -> Key | None:
    """Return the name that a string is, which is none where it has digits or much else."""
    text = node.value if isinstance(node, ast.Constant) else None
    return Key(text) if isinstance(text, str) and _KEY.fullmatch(text) else None


def named_in(text: object, keyword: str, owner: Class, record: Recorder) -> Expr | None:
    """Read what a class body names in a string, a class or attribute; no other text is kept."""
    if not isinstance(text, str) or not (keyword == "to" or keyword in record.naming.keywords):
        return None
    # A statement that gives a value to a secret-like name may hold a secret.
    if any(is_secret(name, record) for name in bound_names(record.statement)):
        return None
    if text == "self" and keyword == "to":
        return Scope(owner.index, is_class=True)
    form = _CLASS_NAME if keyword == "to" else _RELATED_NAME
    return Named(text) if form.fullmatch(text) else None


def tells_outcome(key: ast.expr, of: ast.expr, record: Recorder) -> bool:
    """Return whether what is looked up by a key may say of the whole how it went.

    So may any, where it is an error if it is not as it should be; and what is looked up of an
    attribute, such as the headers.
    """
    text = key.value if isinstance(key, ast.Constant) else None
    is_verdict = text in record.naming.verdicts or record.function.use.fails
    return not isinstance(text, str) or is_verdict or isinstance(of, ast.Attribute)
