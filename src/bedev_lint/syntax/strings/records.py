"""What literals are that stand in records and tables, by what stands beside them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase

import libcst as cst

from bedev_lint.model import Options
from bedev_lint.names import words
from bedev_lint.options import texts
from bedev_lint.syntax.literals import last_name, makes_object, names_around, text_of
from bedev_lint.syntax.module import Module
from bedev_lint.syntax.scopes import assigned, dotted
from bedev_lint.syntax.walk import one_by_one

__all__ = [
    "has_twin",
    "is_beside_label",
    "is_chosen",
    "is_default_of_option",
    "is_identifier",
    "is_in_catalogue",
    "is_in_link_table",
    "is_left_out",
    "is_link_among",
    "is_problem",
    "is_server_described",
    "is_shown",
]

_DISPLAYS = (cst.Dict, cst.List, cst.Set, cst.Tuple)
# What stands between a literal and what is declared with it.
_PARTS = (
    cst.Arg,
    cst.Attribute,
    cst.BooleanOperation,
    cst.Call,
    cst.DictElement,
    cst.Element,
    cst.IfExp,
)
# The status of an answer that tells of a problem.
_STATUS = re.compile("[45][0-9]{2}")
_FIELD = re.compile(r"%s|\{\w*\}|\0")
# Under which key a name stands, and what shows beside it that it is one: of a schema, of what a
# token is asked for.
_SCHEMAS = {"id": "$schema", "schema": "namespace", "resource": "grant_type"}
# How many entries of a table are looked at for each, so that a long one costs no square.
_ENTRIES, _FIRST = 200, 16


def is_shown(node: cst.CSTNode, module: Module, options: Options) -> bool:
    """Return whether a link stands beside the text that is shown with it, or in markup.

    `{"title": …, "url": …}`, `App(app_url=…, app_title=…)`, `("Our tea", "https://…")`; or beside
    who has made something: `setup(url=…, author=…)`.
    """
    value = node
    while isinstance(above := module.parent(value), cst.IfExp) and value is not above.test:
        value = above
    entry = module.parent(value)
    record = module.parent(entry) if entry is not None else None
    if isinstance(record, cst.Tuple):
        label = Module.string(record.elements[0].value)
        if label is not None and "://" not in label and label[:1].isupper():
            return True
        if any(
            " " in text_of(one.value) and _is_label(one.value) for one in record.elements[:_FIRST]
        ):
            return True
        translating = texts(options, "translating-functions")
        return any(_is_translated(one.value, translating) for one in record.elements[:_FIRST])
    linking = texts(options, "linking-words")
    if isinstance(entry, cst.Arg) and isinstance(record, cst.Call) and _is_called(record, linking):
        if _name_of(entry) == "href":
            return True
        place = module.place(entry, record, record.args)
        beside = [*record.args[max(place - 1, 0) : place], *record.args[place + 1 : place + 2]]
        translating = texts(options, "translating-functions")
        if any(_is_label(one.value) or _is_translated(one.value, translating) for one in beside):
            return True
    own = words(_name_of(entry) or "")
    if own[-1:] and own[-1] in texts(options, "link-keys"):
        if any(_name_of(one) in texts(options, "credit-keys") for one in _entries(record)):
            return True
        if is_link_among(_name_of(entry) or "", _names_beside(record, options), options):
            return True
        if len(own) == 1 and isinstance(entry, cst.DictElement):
            lists = texts(options, "shown-lists")
            return any(name in lists for name in names_around(value, module))
    for parent in module.ancestors(node):
        if isinstance(parent, (cst.BaseSmallStatement, cst.BaseCompoundStatement)):
            return False
        if isinstance(parent, cst.Call) and isinstance(parent.func, cst.Attribute):
            if "href=" in _template(parent.func.value):
                return True
        elif isinstance(parent, cst.BinaryOperation) and "href=" in _template(parent.left):
            return True
    return False


def is_link_among(name: str, beside: Iterable[str], options: Options) -> bool:
    """Return whether a name is that of a link, and among others that of the text it is shown with.

    `url` and `title`, `app_url` and `app_title`.
    """
    own = words(name)
    shown = {"_".join((*own[:-1], key)) for key in texts(options, "shown-keys")}
    is_link = own[-1:] and own[-1] in texts(options, "link-keys")
    return bool(is_link) and any("_".join(words(one)) in shown for one in beside)


def is_beside_label(node: cst.CSTNode, module: Module, options: Options) -> bool:
    """Return whether a constant is a link, and one beside it the label that it is shown with.

    `SOURCE_URL = "https://…"` beside `SOURCE_LABEL`. A plain `url` has other reasons to stand
    beside a `title`.
    """
    assign = module.parent(node)
    if not isinstance(assign, (cst.Assign, cst.AnnAssign)) or module.function_of(node) is not None:
        return False
    names = [last_name(target) or "" for target in assigned(assign)]
    beside = [name for name, _ in _named_beside(assign, module)]
    return any(len(words(name)) > 1 and is_link_among(name, beside, options) for name in names)


def is_identifier(node: cst.CSTNode, module: Module) -> bool:
    """Return whether a literal is the name of a schema or resource, or a namespace is made of it.

    `{"id": "https://…", "$schema": …}`, `{"schema": "https://…", "namespace": …}`,
    `{"grant_type": …, "resource": "https://…"}`, `IriNamespace("https://…")`
    """
    entry = module.parent(node)
    call = module.parent(entry) if isinstance(entry, cst.Arg) else None
    if isinstance(call, cst.Call):
        is_made = makes_object(call) and words(last_name(call.func) or "")[-1:] == ("namespace",)
        return is_made and call.args[0] is entry and call.args[0].keyword is None
    if not isinstance(entry, cst.DictElement):
        return False
    beside = _SCHEMAS.get(Module.string(entry.key) or "")
    return beside is not None and _has_key(module.parent(entry), (beside,))


def is_problem(node: cst.CSTNode, module: Module, options: Options) -> bool:
    """Return whether a literal names a kind of problem, beside the status and text of an answer.

    `Problem("https://…", 404, "No such order")`, which is the `type` of RFC 9457.
    """
    arg = module.parent(node)
    call = module.parent(arg) if isinstance(arg, cst.Arg) else None
    if not isinstance(call, cst.Call):
        return False
    beside = [one.value for one in call.args if one is not arg]
    translating = texts(options, "translating-functions")
    return any(_STATUS.fullmatch(module.code(one)) for one in beside) and any(
        _is_label(one) or _is_translated(one, translating) for one in beside
    )


def has_twin(node: cst.CSTNode, module: Module, options: Options) -> bool:
    """Return whether a trial system stands beside the live one, and a setting chooses.

    `{"PAY_URL": "https://pay.io", "PAY_SANDBOX_URL": "https://sandbox.pay.io"}`, or the two under
    names such as "sandbox" and "live", also of constants beside each other, or as the two sides of
    `… if … else …`.
    """
    parent = module.parent(node)
    if isinstance(parent, cst.IfExp) and node is not parent.test:
        other = parent.orelse if node is parent.body else parent.body
        return _domain(other) == _domain(node)
    trial, live = texts(options, "trial-words"), texts(options, "live-words")
    beside = [(words(name), value) for name, value in _named_beside(parent, module)]
    own = next((name for name, value in beside if value is node), ())
    plain = [word for word in own if word not in trial]
    if len(plain) == len(own):
        return False
    return any(
        [word for word in name if word not in live] == plain and _domain(value) == _domain(node)
        for name, value in beside
        if value is not node
    )


def _named_beside(
    parent: cst.CSTNode | None, module: Module
) -> Iterator[tuple[str, cst.BaseExpression]]:
    """Return the values beside one, and its own, with their names: of a table, or in its suite."""
    above = module.parent(parent) if parent is not None else None
    if isinstance(parent, cst.DictElement) and isinstance(above, cst.Dict):
        for entry in above.elements[:_ENTRIES]:
            if isinstance(entry, cst.DictElement):
                yield Module.string(entry.key) or "", entry.value
    elif isinstance(parent, (cst.Assign, cst.AnnAssign)) and above is not None:
        suite = module.parent(above)
        lines = suite.body if isinstance(suite, (cst.Module, cst.IndentedBlock)) else ()
        place = module.place(above, suite, lines) if suite is not None and lines else 0
        for one in one_by_one(lines[max(place - _FIRST, 0) : place + _FIRST]):
            if isinstance(one, (cst.Assign, cst.AnnAssign)) and one.value is not None:
                yield last_name(next(iter(assigned(one)))) or "", one.value


def _domain(node: cst.CSTNode) -> str:
    """Return the last two labels of the host of a literal."""
    host = text_of(node).partition("://")[2].partition("/")[0]
    return ".".join(host.split(".")[-2:])


def is_server_described(node: cst.CSTNode, module: Module, options: Options) -> bool:
    """Return whether a URL is that of a server that the description of an interface lists.

    `openapi["servers"] = [{"url": …}]`, `FastAPI(servers=[{"url": …}])`
    """
    entry = module.parent(node)
    own = Module.string(entry.key) if isinstance(entry, cst.DictElement) else None
    if own not in texts(options, "link-keys"):
        return False
    names = list(names_around(node, module))
    described = frozenset(texts(options, "interface-words"))
    return not frozenset(texts(options, "shown-lists")).isdisjoint(names) and any(
        not described.isdisjoint((*words(name), name.lower())) for name in names
    )


def is_default_of_option(node: cst.CSTNode, module: Module, options: Options) -> bool:
    """Return whether a literal is the default of an option that is declared.

    `{"default": …, "help": …}`, `{"value": …, "validator": …}`, an argument of one of the rule's
    option `option-functions`, `default = …` in the class of an option, or what a function with one
    of the decorators `default-decorators` returns.
    """
    parent = module.parent(node)
    above = module.parent(parent) if parent is not None else None
    if isinstance(parent, cst.DictElement):
        key = Module.string(parent.key)
        if key in texts(options, "default-keys"):
            return _has_key(above, texts(options, "option-keys"))
        if key == "value" and _has_key(above, texts(options, "checking-keys")):
            return True
    return _is_declared(node, module, options)


def _is_declared(node: cst.CSTNode, module: Module, options: Options) -> bool:
    """Return whether a literal, or a collection that holds it, is declared to be a default."""
    child = node
    for parent in module.ancestors(node):
        if isinstance(parent, cst.Call) and parent.func is not child:
            called = module.qualified(parent.func) or f"*.{last_name(parent.func) or ''}"
            functions = texts(options, "option-functions")
            return any(fnmatchcase(called, pattern) for pattern in functions)
        if isinstance(parent, (cst.Assign, cst.AnnAssign)):
            names = [last_name(target) for target in assigned(parent)]
            is_default = any(name in texts(options, "default-keys") for name in names)
            return is_default and module.class_of(parent) is not None
        if isinstance(parent, cst.Return):
            function = module.function_of(parent)
            return isinstance(function, cst.FunctionDef) and any(
                fnmatchcase(module.qualified(mark) or dotted(mark) or "", pattern)
                for mark in map(_marked, function.decorators)
                for pattern in texts(options, "default-decorators")
            )
        if not isinstance(parent, (*_DISPLAYS, *_PARTS)):
            return False
        child = parent
    return False


def _marked(mark: cst.Decorator) -> cst.BaseExpression:
    """Return what a decorator is, or is made by."""
    return mark.decorator.func if isinstance(mark.decorator, cst.Call) else mark.decorator


def is_chosen(table: cst.CSTNode, module: Module, options: Options) -> bool:
    """Return whether an option of the command line says which entry of a table is used.

    `HOSTS[args.shop]`, `HOSTS.get(options["shop"])`, `choices=HOSTS`; what holds parsed options
    has one of the names `parsed-options`.
    """
    parent = module.parent(table)
    key: cst.CSTNode | None = None
    if isinstance(parent, cst.Subscript) and parent.value is table and len(parent.slice) == 1:
        index = parent.slice[0].slice
        key = index.value if isinstance(index, cst.Index) else None
    elif isinstance(parent, cst.Attribute) and parent.attr.value == "get":
        call = module.parent(parent)
        key = call.args[0].value if isinstance(call, cst.Call) and call.args else None
    if isinstance(key, (cst.Attribute, cst.Subscript)):
        return last_name(key.value) in texts(options, "parsed-options")
    return key is None and "choices" in names_around(table, module)


def is_left_out(node: cst.CSTNode, module: Module, options: Options) -> bool:
    """Return whether a literal stands in a list of what is left alone: `SKIPPED_HOSTS = […]`."""
    parent = module.parent(node)
    if not isinstance(parent, cst.Element):
        return False
    left_out = frozenset(texts(options, "left-out-words"))
    return any(
        not left_out.isdisjoint(words(name)) for name in names_around(node, module, calls=False)
    )


def is_in_catalogue(node: cst.CSTNode, module: Module, options: Options) -> bool:
    """Return whether a literal is a field of one of many records: data, not a place to call."""
    is_in_record = False
    for parent in module.ancestors(node):
        if isinstance(parent, _DISPLAYS):
            if is_in_record and len(parent.elements) >= int(str(options["catalogue"])):
                return True
            is_in_record = True
        elif isinstance(parent, cst.Call):
            is_in_record = True
        elif isinstance(parent, (cst.BaseSmallStatement, cst.BaseCompoundStatement)):
            return False
    return False


def is_in_link_table(node: cst.CSTNode, module: Module, options: Options) -> bool:
    """Return whether a literal is one of many templates of links, to as good as as many hosts."""
    entry = module.parent(node)
    table = module.parent(entry) if isinstance(entry, cst.DictElement) else None
    if not isinstance(table, cst.Dict):
        return False
    least = int(str(options["link-table"]))
    if len(table.elements) < least:
        return False
    templates = [text_of(element.value) for element in table.elements[:_ENTRIES]]
    if not all("://" in one and _FIELD.search(one) for one in templates):
        return False
    return len({one.split("://")[1].split("/")[0] for one in templates}) >= least


def _name_of(entry: cst.CSTNode | None) -> str | None:
    """Return the key of an entry of a dictionary, or the keyword of an argument."""
    if isinstance(entry, cst.DictElement):
        return Module.string(entry.key)
    if isinstance(entry, cst.Arg) and entry.keyword is not None:
        return entry.keyword.value
    return None


def _names_beside(record: cst.CSTNode | None, options: Options) -> list[str]:
    """Return the names of what a dictionary, an object that is made, or a link consists of.

    Of any other call that fetches nothing, those of the texts that describe something.
    """
    entries = _entries(record)
    if isinstance(record, cst.Call) and not _is_called(record, texts(options, "linking-words")):
        if not (last_name(record.func) or "").lstrip("_")[:1].isupper():
            if _is_called(record, texts(options, "fetching-words")):
                return []
            entries = [one for one in record.args if _is_label(one.value)]
    return [name for entry in entries if (name := _name_of(entry))]


def _entries(record: cst.CSTNode | None) -> Sequence[cst.CSTNode]:
    """Return what a dictionary consists of, or what is given to a call."""
    if isinstance(record, cst.Dict):
        return record.elements
    return record.args if isinstance(record, cst.Call) else ()


def _is_called(call: cst.Call, sought: Sequence[str]) -> bool:
    """Return whether the name of what is called has one of these words."""
    return any(word in sought for word in words(last_name(call.func) or ""))


def _is_label(node: cst.BaseExpression) -> bool:
    """Return whether a text is the label of a link: `Terms of service`, not `GET`."""
    label = Module.string(node) or ""
    return "://" not in label and label[:1].isupper() and not label.isupper()


def _template(node: cst.BaseExpression) -> str:
    """Return the text that something is put into: a literal, perhaps one that is translated."""
    if isinstance(node, cst.Call) and node.args:
        node = node.args[0].value
    return text_of(node)


def _is_translated(node: cst.BaseExpression, translating: Sequence[str]) -> bool:
    return (
        isinstance(node, cst.Call)
        and last_name(node.func) in translating
        and bool(text_of(node.args[0].value) if node.args else "")
    )


def _has_key(record: cst.CSTNode | None, keys: Sequence[str]) -> bool:
    return isinstance(record, cst.Dict) and any(
        isinstance(entry, cst.DictElement) and Module.string(entry.key) in keys
        for entry in record.elements
    )
