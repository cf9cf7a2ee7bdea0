"""Which literals are only defaults: of a look-up, of a field of a settings class."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import takewhile
from typing import NamedTuple

import libcst as cst

from bedev_lint.model import Options
from bedev_lint.names import words
from bedev_lint.options import texts
from bedev_lint.prefilter.bound_names import DEFAULTS
from bedev_lint.syntax.literals import last_name, name_of_constant
from bedev_lint.syntax.module import Module
from bedev_lint.syntax.scopes import dotted
from bedev_lint.syntax.strings.constants import is_kind_of, is_taken_apart
from bedev_lint.syntax.strings.uses import asks_for

__all__ = ["Default", "Lookups", "default_of", "is_looked_up", "lookups", "names_read"]

_MAPPINGS = frozenset({"os.environ", "os.environb"})
_FUNCTIONS = frozenset({"os.getenv", "os.getenvb"})
_METHODS = frozenset({"get", "setdefault", "pop"})
# Functions that ask whoever runs the program.
_ASKING = frozenset({"input", "prompt"})
# What the name of a function of the project that looks something up begins with.
_READS = frozenset({"get", "read", "lookup", "fetch"})
# The keywords under which a look-up is told what to look up.
_NAMES = frozenset({"name", "key", "setting", "option", "variable", "var"})
# What the name of a function begins with that gives a value to something, or makes something of it.
_GIVES = frozenset(
    "add assign build connect create define init insert join make new open patch post publish "
    "push put register replace request save send set setattr setenv setitem store sub update "
    "write".split()
)
# The keywords that say what a setting is for, or of what kind it is.
_DECLARING = frozenset(
    "cast choices convert converter description doc env envvar flags help help_text parser "
    "required validate validator validators".split()
)
# A function or object of the project is taken for an environment by these words of its name.
_ENVIRONMENT = re.compile(r"_(?:env|environ|getenv|env_?var|get_secret|environment_var(iable)?)s?_")


class Lookups(NamedTuple):
    """What reads the environment, by the libraries that a project uses (dotted names).

    `functions` read it, as do instances of `classes` and their methods; `settings` are base
    classes or decorators of settings classes (`*` matches any text); a call with one of the
    `keywords` names the variable that overrides its default; what has one of the `words` in its
    name is a configuration.
    """

    functions: frozenset[str]
    classes: frozenset[str]
    settings: tuple[str, ...]
    keywords: frozenset[str]
    words: frozenset[str]


def lookups(options: Options) -> Lookups:
    """Return what a rule's options `lookup-functions`, `lookup-classes` … say."""
    return Lookups(
        frozenset(texts(options, "lookup-functions")),
        frozenset(texts(options, "lookup-classes")),
        texts(options, "settings-classes"),
        frozenset(texts(options, "variable-keywords")),
        frozenset(texts(options, "configuration-words")),
    )


class Default(NamedTuple):
    """A literal is the default of these: what is looked up by name, or a settings field."""

    names: tuple[str, ...]


def default_of(
    node: cst.CSTNode, module: Module, lookups: Lookups, wrappers: frozenset[str] | None = None
) -> Default | None:
    """Return what a literal is the default of, if a look-up can override it.

    The literal may stand anywhere in the default; or, where `wrappers` are given, only as the
    default itself or in a call of one of these, which keep the value as it is.
    """
    child = node
    for parent in module.ancestors(node):
        if isinstance(parent, cst.Call) and isinstance(child, cst.Arg):
            names = _call_default(child, parent, module, lookups)
            if names is not None:
                return Default((*names, *_targets_above(parent, module)))
            if wrappers is None:
                if is_taken_apart(parent, module):
                    return None
            elif not _keeps(child, parent, module, wrappers):
                return None
        elif isinstance(parent, cst.BooleanOperation):
            if isinstance(parent.operator, cst.Or) and child is parent.right:
                names = _names_asked(parent.left, module, lookups)
                if names is not None:
                    return Default((*names, *_targets_above(parent, module)))
        elif isinstance(parent, cst.IfExp):
            other = parent.body if child is parent.orelse else parent.orelse
            names = None if child is parent.test else names_read(other, module, lookups)
            # A flag of a deployment says where a literal is fixed, unless that is a secret.
            is_asked = wrappers is not None or asks_for(parent.test, other, names or (), module)
            if names is not None and is_asked:
                return Default((*names, *_targets_above(parent, module)))
        elif isinstance(parent, cst.Dict):
            names = _entry_default(child, parent, module, lookups)
            if names is not None:
                return Default(names)
        elif isinstance(parent, cst.AnnAssign):
            if child is parent.value and _is_settings(parent, module, lookups):
                return Default((last_name(parent.target) or "",))
            return None
        elif isinstance(parent, (cst.BaseSmallStatement, cst.BaseCompoundStatement)):
            return None
        child = parent
    return None


def _targets_above(node: cst.CSTNode, module: Module) -> Iterator[str]:
    """Return the names that the value of a look-up is assigned to."""
    statement = module.statement_of(node)
    if isinstance(statement, cst.Assign):
        for target in statement.targets:
            name = last_name(target.target)
            if name and _is_value_of(node, statement.value, module):
                yield name
    elif isinstance(statement, cst.AnnAssign):
        name = last_name(statement.target)
        if name and statement.value is not None and _is_value_of(node, statement.value, module):
            yield name


def _is_value_of(node: cst.CSTNode, value: cst.CSTNode, module: Module) -> bool:
    """Return whether `value` is the node itself, or the node with methods called on it."""
    while node is not value:
        above = module.parent(node)
        called = isinstance(above, cst.Call) and above.func is node
        if not called and not isinstance(above, (cst.Attribute, cst.BooleanOperation, cst.IfExp)):
            return False
        assert above is not None
        node = above
    return True


def _call_default(
    argument: cst.Arg, call: cst.Call, module: Module, lookups: Lookups
) -> tuple[str, ...] | None:
    """Return the variables that a call looks up, if this argument is its default."""
    keyword = argument.keyword.value if argument.keyword is not None else None
    is_default = keyword is None or keyword in DEFAULTS
    for other in call.args:
        if is_default and other.keyword is not None and other.keyword.value in lookups.keywords:
            return tuple(_texts(other.value))
    if (module.qualified(call.func) or "") in lookups.classes:
        # Env(DATABASE_URL=(str, "default")): a table of defaults.
        return (keyword,) if keyword is not None else None
    if not is_default or last_name(call.func) == "dict":
        return None
    if keyword is not None:
        return _variables(call)
    # What `getattr` asks for is its second argument.
    if argument in call.args[: 2 if last_name(call.func) == "getattr" else 1]:
        return None
    is_look_up = (
        _looks_up(call, argument, lookups)
        or _reads_environment(call, module, lookups)
        or (argument is call.args[1] and _declares(call, module, lookups))
    )
    return _variables(call, argument) if is_look_up else None


def _variables(call: cst.Call, default: cst.Arg | None = None) -> tuple[str, ...]:
    """Return the names that a look-up asks for; also the last of a section and a name in it.

    They stand before its `default`, if that is an argument without a keyword.
    """
    plain = [arg.value for arg in call.args if arg.keyword is None]
    before = max(2, len(_before(default, call)) if default is not None else 0)
    named = [a.value for a in call.args if a.keyword is not None and a.keyword.value in _NAMES]
    keys = plain[1:2] if last_name(call.func) == "getattr" else plain[:before]
    return tuple(
        name
        for value in (*keys, *named)
        for name in _texts(value) or [name_of_constant(value) or ""]
        if name
    )


def _before(argument: cst.Arg, call: cst.Call) -> list[cst.Arg]:
    return list(takewhile(lambda one: one is not argument, call.args))


def _looks_up(call: cst.Call, default: cst.Arg, lookups: Lookups) -> bool:
    """Return whether a call looks up a name, and answers this argument if nothing is there.

    What is looked up comes first, or, of a function that is told where, right before the default:
    `get_setting(parser, "shop", "url", "…")`.
    """
    name = last_name(call.func) or ""
    if name == "getattr":
        return len(call.args) == 3
    before = _before(default, call)
    if before and _is_read_from(call, default, lookups):
        return True
    if not before or not (_is_key(before[0].value) or _is_key(before[-1].value)):
        return False
    if name in _METHODS:
        return isinstance(call.func, cst.Attribute) and _is_key(before[0].value)
    return _is_named_look_up(call, lookups)


def _is_read_from(call: cst.Call, default: cst.Arg, lookups: Lookups) -> bool:
    """Return whether a function that reads is given a configuration, this argument and only keys.

    `nested_get(config, "https://…", "urls", "home")`; what could be a key is taken for one.
    """
    others = [one.value for one in call.args[1:] if one is not default]
    return (
        not _READS.isdisjoint(words(last_name(call.func) or ""))
        and not lookups.words.isdisjoint(words(last_name(call.args[0].value) or "")[-1:])
        and not _is_key(default.value)
        and bool(others)
        and all(_is_key(one) for one in others)
    )


def _is_named_look_up(call: cst.Call, lookups: Lookups) -> bool:
    """Return whether a function of the project looks up a setting, by its name: `get_setting`."""
    name = last_name(call.func) or ""
    parts = words(name)
    return (
        bool(parts)
        and not name.lstrip("_")[:1].isupper()  # a record
        and not lookups.words.isdisjoint(words(dotted(call.func) or name))
        and (parts[0] in _READS or lookups.words.issuperset(parts))
    )


def _declares(call: cst.Call, module: Module, lookups: Lookups) -> bool:
    """Return whether a call declares a setting: `URL = conf.text("SHOP_URL", "…", help="…")`.

    It names the setting first, in upper case, and says what that is for, or has the name that its
    value is given to, or the end of that.
    """
    setting, name = Module.string(call.args[0].value), last_name(call.func) or ""
    if not setting or not name or words(name)[:1] == () or words(name)[0] in _GIVES:
        return False
    if name.lstrip("_")[:1].isupper() and lookups.words.isdisjoint(words(name)):  # a record
        return False
    parts, is_upper = words(setting), setting.isupper() and setting.isidentifier()
    constants = [one for one in _targets_above(call, module) if is_upper or one.isupper()]
    if parts and any(words(one)[-len(parts) :] == parts for one in constants):
        return True
    keywords = {arg.keyword.value for arg in call.args if arg.keyword is not None}
    return is_upper and not _DECLARING.isdisjoint(keywords)


def _is_key(node: cst.CSTNode) -> bool:
    """Return whether an expression names what is looked up: a text, or a constant."""
    text = Module.string(node)
    return "://" not in text if text is not None else (name_of_constant(node) or "").isupper()


def _is_configuration(node: cst.CSTNode, lookups: Lookups) -> bool:
    """Return whether an expression is a configuration by its name: `settings`, `self.config`."""
    return not lookups.words.isdisjoint(words(last_name(node) or ""))


def _entry_default(
    entry: cst.CSTNode, table: cst.Dict, module: Module, lookups: Lookups
) -> tuple[str, ...] | None:
    """Return the variables read beside it, if this entry is the default in a table of one option.

    `{"default": …, "env": os.getenv("X")}`
    """
    if not isinstance(entry, cst.DictElement) or Module.string(entry.key) not in DEFAULTS:
        return None
    for other in table.elements:
        names = names_read(other.value, module, lookups)
        if names is not None:
            return names
    return None


def _keeps(argument: cst.Arg, call: cst.Call, module: Module, wrappers: frozenset[str]) -> bool:
    if argument.keyword is not None:
        return argument.keyword.value in DEFAULTS
    return argument is call.args[0] and module.qualified(call.func) in wrappers


def _texts(node: cst.CSTNode) -> list[str]:
    text = Module.string(node)
    if text is not None:
        return [text]
    if isinstance(node, (cst.List, cst.Tuple)):
        return [text for element in node.elements for text in _texts(element.value)]
    return []


def is_looked_up(node: cst.CSTNode, module: Module, lookups: Lookups) -> bool:
    """Return whether an expression reads the environment or a configuration."""
    return names_read(node, module, lookups) is not None


def _names_asked(
    node: cst.BaseExpression, module: Module, lookups: Lookups
) -> tuple[str, ...] | None:
    """Return what is looked up, or asked of who runs the program, before an `or`.

    `options.get("url") or …` is `options.get("url", …)`, whatever has the options.
    """
    if isinstance(node, cst.Call):
        if last_name(node.func) in _ASKING:
            return ()
        is_get = isinstance(node.func, cst.Attribute) and node.func.attr.value in _METHODS
        if is_get and len(node.args) == 1 and _is_key(node.args[0].value):
            return _variables(node)
    return names_read(node, module, lookups)


def names_read(
    node: cst.CSTNode, module: Module, lookups: Lookups, depth: int = 0
) -> tuple[str, ...] | None:
    """Return what an expression reads from the environment or a configuration, else None."""
    if isinstance(node, cst.Call):
        if last_name(node.func) == "getattr" or _reads_environment(node, module, lookups):
            return _variables(node)
        if node.args and _is_key(node.args[0].value) and _is_named_look_up(node, lookups):
            return _variables(node)
        if isinstance(node.func, cst.Attribute):
            if node.func.attr.value in _METHODS and _is_configuration(node.func.value, lookups):
                return _variables(node)
            return names_read(node.func.value, module, lookups, depth)
    elif isinstance(node, cst.Subscript):
        if module.qualified(node.value) in _MAPPINGS or _is_configuration(node.value, lookups):
            return tuple(filter(None, [last_name(node)]))
    elif isinstance(node, cst.Attribute):
        # `settings.shop.url` is one of the settings, as is `settings.url`.
        if not lookups.words.isdisjoint(words(dotted(node.value) or last_name(node.value) or "")):
            return (node.attr.value,)
    elif isinstance(node, cst.BooleanOperation):
        left = names_read(node.left, module, lookups, depth)
        return left if left is not None else names_read(node.right, module, lookups, depth)
    elif isinstance(node, cst.IfExp):
        body = names_read(node.body, module, lookups, depth)
        return body if body is not None else names_read(node.orelse, module, lookups, depth)
    elif isinstance(node, cst.Name) and depth < 3:
        for binder in module.bindings(node):
            if isinstance(binder, (cst.Assign, cst.AnnAssign)) and binder.value is not None:
                names = names_read(binder.value, module, lookups, depth + 1)
                names = _read_by_own_name(node.value, binder.value) if names is None else names
                if names is not None:
                    return names
    return None


def _read_by_own_name(name: str, value: cst.BaseExpression) -> tuple[str, ...] | None:
    """Return what is looked up under the name of its target: `URL = get_secret("URL", None)`."""
    if not isinstance(value, cst.Call) or not value.args:
        return None
    key = Module.string(value.args[0].value) or ""
    is_read = not _READS.isdisjoint(words(last_name(value.func) or "")[:1])
    return (key,) if is_read and words(key) and words(key) == words(name) else None


def _reads_environment(call: cst.Call, module: Module, lookups: Lookups) -> bool:
    name = module.qualified(call.func)
    if name is not None:
        if name in _FUNCTIONS or name in lookups.functions:
            return True
        base, _, method = name.rpartition(".")
        if base in _MAPPINGS or base in lookups.functions:
            return method in _METHODS or base in lookups.functions
    written = dotted(call.func)
    if written is None:
        return False
    if any(_ENVIRONMENT.search(f"_{'_'.join(words(part))}_") for part in written.split(".")[-2:]):
        return True
    func = call.func
    while isinstance(func, cst.Attribute):
        func = func.value
    return isinstance(func, cst.Name) and any(
        isinstance(binder, (cst.Assign, cst.AnnAssign))
        and isinstance(binder.value, cst.Call)
        and module.qualified(binder.value.func) in lookups.classes
        for binder in module.bindings(func)
    )


def _is_settings(assign: cst.AnnAssign, module: Module, lookups: Lookups) -> bool:
    """Return whether an assignment is a field of a settings class."""
    cls = module.class_of(assign)
    return cls is not None and is_kind_of(cls, module, lookups.settings)
