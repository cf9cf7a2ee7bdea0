"""Literals moved out of the code: to the environment, or to the settings that a module imports."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache

import libcst as cst

from bedev_lint.names import words
from bedev_lint.syntax import literals
from bedev_lint.syntax.editing.importing import can_import, with_import
from bedev_lint.syntax.editing.replacing import replaced
from bedev_lint.syntax.module import Module

__all__ = ["from_environment", "relocated", "relocated_origin", "relocated_url"]

_ORIGIN = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<host>\[[0-9A-Fa-f:.]+\]|[^/?#\s:@\\'\"{}%]+)"
    r"(?::[0-9]+)?"
)
_ACCOUNT = re.compile(r"//[^/\s]*@")
# What every client has: only with the name of its owner it is that of one setting.
_GENERIC = frozenset(
    "address api auth base client default endpoint host key pass passwd password path prefix pwd "
    "root secret server service target token uri url user".split()
)
# What files and folders are called in every package.
_COMMON = frozenset(
    "adapter adapters app apps common conf config constants core helpers lib main models provider "
    "providers services settings src tasks utils views".split()
)
_SETTINGS = re.compile("(?:Settings|Config|Configuration)$")
_WORDS = re.compile("(?<=[a-z0-9])(?=[A-Z])")
_TEMPLATE = re.compile(r"\{\w*\}|%[sd(]")
_UNNAMED_HOST = re.compile(r"localhost|[0-9.]+|\[.*\]")
# What a field is called that goes on with the host before it.
_OF_HOSTS = frozenset("domain env environment host port region stage suffix tld zone".split())
# Where there can be nothing but a literal.
_ONLY_LITERALS = (cst.MatchValue, cst.Annotation, cst.FormattedStringExpression)
_PIECES = (cst.ConcatenatedString, cst.FormattedString, cst.TemplatedString)


def relocated(node: cst.CSTNode, module: Module, settings: Collection[str]) -> cst.Module | None:
    """Return the tree of a module with a literal read from the environment, by its name.

    Where the module imports one of these `settings` it is an attribute of them. None for a literal
    without a name, or where several with other values would get the same one.
    """
    name = _variable(_name(node, module), node, module)
    if not name or module.string(node) is None or _is_ambiguous(name, node, module):
        return None
    return _replaced_by(name, node, module, settings)


def relocated_url(
    node: cst.CSTNode, module: Module, settings: Collection[str]
) -> cst.Module | None:
    """Return the tree with all of a URL read as by `relocated`; without a name, by its host."""
    if tree := relocated(node, module, settings):
        return tree
    origin = _ORIGIN.match(_ACCOUNT.sub("//", literals.text_of(node), count=1))
    if origin is None or module.string(node) is None:
        return None
    name = _variable_of_host(origin, module)
    return None if _is_ambiguous(name, node, module) else _replaced_by(name, node, module, settings)


def relocated_origin(
    node: cst.CSTNode, module: Module, settings: Collection[str]
) -> cst.Module | None:
    """Return the tree with a URL read as by `relocated` if it is that of a constant with a name.

    Of others the scheme and host are read, and the rest stays.
    """
    is_whole = _is_constant(node, module) and not _TEMPLATE.search(literals.text_of(node))
    if is_whole and _name(node, module):
        return relocated(node, module, settings)
    if not isinstance(node, (cst.SimpleString, cst.FormattedString)):
        return None
    text = _first_text(node)
    origin = _ORIGIN.match(text)
    if origin is None or "b" in node.prefix.lower() or _goes_on(node, origin):
        return None
    name = _variable_of_host(origin, module)
    if len(_origins(module)[name]) > 1:
        return None
    value = _looked_up(name, node, module, settings)
    if value is None or not _can_be_replaced(node, module):
        return None
    new = _with_origin(node, value, text[origin.end() :])
    return _imported(replaced(module, node, new), value)


def from_environment(
    key: cst.BaseExpression, node: cst.CSTNode, module: Module
) -> cst.BaseExpression | None:
    """Return `os.environ[key]`, None where `os` is something else."""
    if not can_import("os", node, module):
        return None
    return cst.parse_expression(f"os.environ[{cst.Module([]).code_for_node(key)}]")


# ---------------------------------------------------------------------- names


def _name(node: cst.CSTNode, module: Module) -> str:
    """Return the variable, parameter, keyword or key that a literal is the value of, else ""."""
    return next((one.name for one in literals.bound_to(node, module) if words(one.name)), "")


def _variable(name: str, node: cst.CSTNode, module: Module) -> str:
    """Return the name of a setting for a name of the code: where another may have it, longer."""
    parts = [word for word in words(name) if word != "default"]
    if not parts:
        return ""
    cls = module.class_of(node)
    is_generic = _GENERIC.issuperset(parts)
    if cls is not None and (is_generic or not _SETTINGS.search(cls.name.value)):
        parts = [_WORDS.sub("_", _SETTINGS.sub("", cls.name.value)), *parts]
    elif is_generic:
        parts = [*_owner(module.path), *parts]
    return "_".join(parts).upper()


def _variable_of_host(origin: re.Match[str], module: Module) -> str:
    host = origin["host"].lower().removeprefix("www.")
    if _UNNAMED_HOST.fullmatch(host):
        parts = [*_owner(module.path), *words(origin["scheme"])]
    else:
        parts = re.findall("[a-z0-9]+", host)
    return "_".join([*parts, "url"]).upper()


def _owner(path: str) -> list[str]:
    """Return the words that tell a module from others: of its file, and of folders around it."""
    owner: list[str] = []
    for part in reversed(path.removesuffix(".py").split("/")):
        if part != "__init__":
            owner = [*words(part), *owner]
            if not (_GENERIC | _COMMON).issuperset(words(part)):
                break
    return owner


def _is_constant(node: cst.CSTNode, module: Module) -> bool:
    """Return whether a literal is the value of a variable of a module or class."""
    parent = module.parent(node)
    if module.function_of(node) is not None or not isinstance(parent, (cst.Assign, cst.AnnAssign)):
        return False
    return parent.value is node


def _is_ambiguous(name: str, node: cst.CSTNode, module: Module) -> bool:
    """Return whether another literal, of another value, would be the same setting.

    So would one that may be unset: what is instead of it cannot ask for it.
    """
    others = _values(module).get(name, set()) - {module.string(node), ""}
    return bool(others) or name in _asked_for(module)


@lru_cache(maxsize=1)
def _asked_for(module: Module) -> frozenset[str | None]:
    """Return the texts that a module asks a function for: `os.getenv("REDIS_URL")`."""
    return frozenset(
        module.string(call.args[0].value) for call in module.nodes(cst.Call) if call.args
    )


@lru_cache(maxsize=1)
def _values(module: Module) -> dict[str, set[str | None]]:
    """Return the values of all literals of a module by the names of settings that they may get."""
    values: dict[str, set[str | None]] = {}
    for node in module.nodes(cst.SimpleString, cst.ConcatenatedString):
        if name := _variable(_name(node, module), node, module):
            values.setdefault(name, set()).add(module.string(node))
    return values


# ---------------------------------------------------------------------- values


def _replaced_by(
    name: str, node: cst.CSTNode, module: Module, settings: Collection[str]
) -> cst.Module | None:
    value = _looked_up(name, node, module, settings)
    if value is None or not _can_be_replaced(node, module):
        return None
    first = node
    while isinstance(first, cst.ConcatenatedString):
        first = first.left
    new = value
    if isinstance(first, cst.SimpleString) and "b" in first.prefix.lower():
        new = cst.Call(cst.Attribute(value, cst.Name("encode")))
    if isinstance(node, cst.SimpleString):  # around one name no lines have to be held together
        new = new.with_changes(lpar=node.lpar, rpar=node.rpar)
    return _imported(replaced(module, node, new), value)


def _can_be_replaced(node: cst.CSTNode, module: Module) -> bool:
    """Return whether an expression that is no literal can stand in the place of one.

    As the default of a parameter it would be read once, when nobody has asked for it yet.
    """
    return not isinstance(module.parent(node), (*_PIECES, cst.Param)) and not any(
        isinstance(parent, _ONLY_LITERALS) for parent in module.ancestors(node)
    )


def _looked_up(
    name: str, node: cst.CSTNode, module: Module, settings: Collection[str]
) -> cst.BaseExpression | None:
    owner = _settings_of(module, settings)
    if not owner:
        return from_environment(cst.SimpleString(f'"{name}"'), node, module)
    if any(module.function_of(binder) for binder in module.names.bindings(owner, node)):
        return None
    attributes = [
        attribute.attr.value
        for attribute in module.nodes(cst.Attribute)
        if isinstance(attribute.value, cst.Name) and attribute.value.value == owner
    ]
    is_lower = any(map(str.islower, attributes)) and not any(map(str.isupper, attributes))
    return cst.Attribute(cst.Name(owner), cst.Name(name.lower() if is_lower else name))


def _settings_of(module: Module, settings: Collection[str]) -> str:
    """Return what the settings of the project are called, if a module imports them at its top."""
    for line in module.tree.body:
        for small in line.body if isinstance(line, cst.SimpleStatementLine) else ():
            if isinstance(small, cst.ImportFrom) and not isinstance(small.names, cst.ImportStar):
                for alias in small.names:
                    name = alias.evaluated_alias or alias.evaluated_name
                    if name in settings:
                        return name
    return ""


def _imported(tree: cst.Module, value: cst.BaseExpression) -> cst.Module:
    return with_import(tree, "os") if isinstance(value, cst.Subscript) else tree


# ---------------------------------------------------------------------- URLs in parts


def _first_text(node: cst.SimpleString | cst.FormattedString) -> str:
    """Return a literal as it is written, up to its first field."""
    if isinstance(node, cst.SimpleString):
        return node.raw_value
    first = node.parts[0] if node.parts else None
    return first.value if isinstance(first, cst.FormattedStringText) else ""


@lru_cache(maxsize=1)
def _origins(module: Module) -> dict[str, set[str]]:
    """Return the origins of all URLs of a module by the names of settings that they may get."""
    origins: dict[str, set[str]] = {}
    whole, in_parts = module.nodes(cst.SimpleString), module.nodes(cst.FormattedString)
    for text in (*map(_first_text, whole), *map(_first_text, in_parts)):
        if origin := _ORIGIN.match(text):
            origins.setdefault(_variable_of_host(origin, module), set()).add(origin[0])
    return origins


def _goes_on(node: cst.SimpleString | cst.FormattedString, origin: re.Match[str]) -> bool:
    """Return whether a host may go on in a field: `f"https://shop-{stage}.example.com"`."""
    if isinstance(node, cst.SimpleString):
        return origin.string.startswith(("{", "%"), origin.end())
    if origin.end() < len(origin.string) or len(node.parts) < 2:
        return False
    field, *behind = node.parts[1:]
    is_more = bool(behind) and (
        isinstance(behind[0], cst.FormattedStringText) and behind[0].value.startswith((".", "-"))
    )
    return is_more or _is_of_host(field) or "." not in origin["host"]


def _is_of_host(field: cst.BaseFormattedStringContent) -> bool:
    """Return whether a field goes on with a host, by its name: `{account.tld}`, `{REGION}`."""
    if not isinstance(field, cst.FormattedStringExpression):
        return False
    return not _OF_HOSTS.isdisjoint(words(literals.last_name(field.expression) or ""))


def _with_origin(
    node: cst.SimpleString | cst.FormattedString, value: cst.BaseExpression, rest: str
) -> cst.BaseExpression:
    """Return a text that begins with a value and goes on as the literal does."""
    code = cst.Module([]).code_for_node(value)
    key = "'" if '"' in node.quote else '"'
    field = cst.FormattedStringExpression(cst.parse_expression(code.replace('"', key)))
    if isinstance(node, cst.FormattedString):
        kept = [cst.FormattedStringText(rest)] if rest else []
        return node.with_changes(parts=[field, *kept, *node.parts[1:]])
    if not rest:
        return value.with_changes(lpar=node.lpar, rpar=node.rpar)
    text = rest.replace("{", "{{").replace("}", "}}")
    return cst.FormattedString(
        [field, cst.FormattedStringText(text)],
        start=f"f{node.prefix.lower().replace('u', '')}{node.quote}",
        end=node.quote,
        lpar=node.lpar,
        rpar=node.rpar,
    )
