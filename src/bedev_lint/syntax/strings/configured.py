"""Which literals are what a configuration, or a table of defaults, consists of."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import islice
from typing import TypeGuard

import libcst as cst

from bedev_lint.names import words
from bedev_lint.syntax.literals import HOLE, last_name, text_of
from bedev_lint.syntax.module import Module
from bedev_lint.syntax.scopes import assigned
from bedev_lint.syntax.strings.constants import can_be_set, is_kind_of
from bedev_lint.syntax.walk import one_by_one

__all__ = ["is_among_defaults", "is_in_class_of_settings", "is_in_configuration"]

_TABLES = frozenset({"defaults"})
_DEFAULT = "default"
# So many settings make a class one of them; so many of its lines are looked at for each.
_MANY, _SETTINGS = 4, 32
_CONFIGURATIONS = frozenset({"config", "configuration", "settings"})


def is_in_configuration(node: cst.CSTNode, module: Module, fields: Sequence[str]) -> bool:
    """Return whether a literal is the default of a field of a configuration.

    Of a class of such a name that is made with its fields: one of `fields` is its base or
    decorator (patterns): `class ShopConfig(BaseModel)`.
    """
    cls = module.class_of(node)
    return (
        cls is not None
        and module.function_of(node) is None
        and not _CONFIGURATIONS.isdisjoint(words(cls.name.value)[-1:])
        and is_kind_of(cls, module, fields)
        and can_be_set(node, module, fields)
    )


def is_in_class_of_settings(node: cst.CSTNode, module: Module) -> bool:
    """Return whether a literal is one of the settings that a class of such a name consists of.

    Many constants, not all of them texts: `class Config`, of which a deployment has another, or
    which it replaces from a file. Raises PrunedAccess.
    """
    cls, statement = module.class_of(node), module.statement_of(node)
    if (
        cls is None
        or module.function_of(node) is not None
        or not isinstance(statement, cst.Assign)
        or _CONFIGURATIONS.isdisjoint(words(cls.name.value)[-1:])
    ):
        return False
    settings = [one for one in islice(one_by_one(cls.body.body), _SETTINGS) if _is_setting(one)]
    plain = sum(text_of(one.value) != HOLE for one in settings)
    return _is_setting(statement) and len(settings) >= _MANY and plain < len(settings)


def _is_setting(statement: cst.CSTNode) -> TypeGuard[cst.Assign]:
    return isinstance(statement, cst.Assign) and all(
        isinstance(target.target, cst.Name) and target.target.value.isupper()
        for target in statement.targets
    )


def is_among_defaults(
    node: cst.CSTNode, module: Module, configuration_words: Collection[str]
) -> bool:
    """Return whether a literal is an entry of a table, class or module of defaults, by its name.

    `DEFAULTS = {"url": "…"}`, `DEFAULT_SETTINGS = dict(url="…")`, `class DefaultConfig`,
    `settings/defaults.py`, a table in `def settings_defaults()`: what the configuration says takes
    its place.
    """
    above = module.name.rpartition(".")[2]
    if module.function_of(node) is None and _are_defaults(above, configuration_words):
        return True
    child: cst.CSTNode = node
    for parent in module.ancestors(node):
        if isinstance(parent, (cst.Assign, cst.AnnAssign)) and child is not node:
            names = (last_name(target) or "" for target in assigned(parent))
            if any(_are_defaults(name, configuration_words) for name in names):
                return True
        elif isinstance(parent, cst.ClassDef):
            return _are_defaults(parent.name.value, configuration_words)
        elif isinstance(parent, cst.FunctionDef):
            return _are_defaults(parent.name.value, configuration_words) and _is_entry(node, module)
        child = parent
    return False


def _is_entry(node: cst.CSTNode, module: Module) -> bool:
    """Return whether a literal is a value in a table or an object that is returned or given a name.

    `return {"url": "…"}`, `config = Config(url="…")`, `options["url"] = "…"`.
    """
    is_value = False
    child: cst.CSTNode = node
    for parent in module.ancestors(node):
        if isinstance(parent, (cst.Assign, cst.AnnAssign)):
            return is_value or any(isinstance(one, cst.Subscript) for one in assigned(parent))
        if isinstance(parent, cst.BaseSmallStatement):
            return is_value and isinstance(parent, cst.Return)
        if isinstance(parent, cst.Call):
            called = last_name(parent.func) or ""
            if called != "dict" and not called[:1].isupper():
                return False
        is_value |= isinstance(parent, cst.DictElement) and child is parent.value
        is_value |= isinstance(parent, cst.Arg) and parent.keyword is not None
        child = parent
    return False


def _are_defaults(name: str, configuration_words: Collection[str]) -> bool:
    parts = frozenset(words(name))
    return not _TABLES.isdisjoint(parts) or (
        _DEFAULT in parts and not parts.isdisjoint(configuration_words)
    )
