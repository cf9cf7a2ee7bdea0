"""A literal secret bound to a secret-like name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain, pairwise
from typing import TYPE_CHECKING

from bedev_lint.deferred import cst, literals
from bedev_lint.deferred.strings import (
    constants,
    developing,
    overlays,
    purpose,
    remarks,
    self_tests,
    uses,
)
from bedev_lint.model import Options
from bedev_lint.names import words
from bedev_lint.options import patterns, texts
from bedev_lint.prefilter.bound_names import where_bound
from bedev_lint.prefilter.index import PrefilterIndex
from bedev_lint.secrets import (
    Setting,
    in_connection,
    is_credential,
    is_made_of_words,
    is_numbered,
    is_placeholder,
    is_random,
    is_secret_name,
    is_variable,
    secret_values,
)
from bedev_lint.source import Rows
from bedev_lint.visiting import LITERALS, Finding, visits

if TYPE_CHECKING:
    from bedev_lint.syntax import Module

# What is said of a secret, where something is answered or raised.
_SENTENCE = re.compile(r"[A-Za-z']+(?: [A-Za-z']+){2,}[.!?]*")
# What makes another verb of one that shows something: `log_in`.
_PARTICLES = frozenset({"in", "into", "on", "onto"})
_WORD = re.compile("[a-z]+")
# How many entries of a list are looked at for each, so that a long one costs no square.
_ENTRIES = 32
# So many digits everybody tries.
_FEW_DIGITS = 8
_LOOK_UPS = frozenset({"get", "pop", "setdefault"})


_SCHEME = re.compile(
    r"(?:Basic|Bearer|Token|Digest|ApiKey|Key|JWT|OAuth)[ =:]+([^\s=:].*)", re.IGNORECASE
)


def candidates(index: PrefilterIndex, options: Options) -> Iterator[Rows]:
    def holds(name: str, text: str) -> bool:
        return any(holds_secret(name, text, options, listed=listed) for listed in (False, True))

    values = secret_values(options)
    connections = (text.rows for text in index.texts if in_connection(text.value, values))
    return chain(where_bound(index, options, holds), connections)


def holds_secret(
    name: str, text: str, options: Options, *, compared: bool = False, listed: bool = False
) -> bool:
    """Return whether a text is a secret, by the name that it is bound to or `compared` with.

    One of several (`listed`) has to look like one too, and their name may be a plural.
    """
    values = secret_values(options)
    if words(name)[-1:] == ("authorization",):
        scheme = _SCHEME.fullmatch(text)
        return scheme is not None and not is_placeholder(scheme[1], values)
    if listed:
        if not values.refused.isdisjoint(words(name)):
            return False
        name = name.rstrip("sS")
    if not is_secret_name(name, values.names):
        return False
    if not is_random(text, values) and (listed or words(name) == ("pass",)):
        return False
    return is_credential(text, name, values, compared=compared)


@visits(*LITERALS, prefilter=candidates)
def check(node: cst.CSTNode, module: Module, options: Options) -> Iterator[Finding]:
    if literals.is_part(node, module) or len(getattr(node, "value", "long")) < 3:
        return
    wrappers = frozenset(texts(options, "wrappers"))
    comparers = frozenset(texts(options, "comparers"))
    bound = literals.bound_to(node, module, wrappers, comparers)
    text = module.string(node) if bound else None
    named = (one for one in bound if text and _holds(one, text, options))
    named_by = next(named, None)
    secret = (
        Setting(named_by.name, text)
        if named_by and text
        else in_connection(literals.text_of(node), secret_values(options))
    )
    if (
        secret is None
        or literals.is_docstring(node, module)
        or purpose.is_made_up(node, module, options)
        or self_tests.is_for_runner(
            node,
            module,
            texts(options, "configuring-functions"),
            texts(options, "test-running-words"),
        )
        or _is_for_local_script(secret.value, module, options)
    ):
        return
    if _is_about_secrets(node, module, named_by, options) or _is_shown(node, module, options):
        return
    if text and is_made_of_words(text) and purpose.is_tried_out(node, module):
        return
    if named_by and named_by.listed and _are_no_secrets(node, named_by.name, module, options):
        return
    if named_by and (
        (named_by.compared and _is_refused(node, module, options)) or _is_key(node, module)
    ):
        return
    if named_by and _names_entry(node, named_by.name, module):
        return
    flags = texts(options, "developer-words")
    if _is_kind_of_field(node, module, options) or developing.is_replaced_for_others(
        node, module, flags
    ):
        return
    if text and any(one.fullmatch(" ".join(words(text))) for one in patterns(options, "denials")):
        return
    if _is_told_to_be_none(node, module, options) or _is_known_default(node, module, options):
        return
    yield Finding(node, fields={"name": secret.name}, needs=overlays.staying(node, module))


def _is_for_local_script(value: str, module: Module, options: Options) -> bool:
    """Return whether a script has a plain word, or a few digits: one of a developer's own machine.

    It lies in a folder of scripts, by its name.
    """
    folders = module.path.split("/")[:-1]
    is_plain = value.isalpha() or (value.isdigit() and len(value) <= _FEW_DIGITS)
    return is_plain and not frozenset(texts(options, "script-folders")).isdisjoint(folders)


def _is_shown(node: cst.CSTNode, module: Module, options: Options) -> bool:
    """Return whether a text is given to what shows it, by its name, and nothing comes of that.

    Or it is a sentence in a table that is answered or raised: `return Response({"password": …})`.
    """
    statement = module.statement_of(node)
    if isinstance(statement, (cst.Return, cst.Raise)):
        is_entry = isinstance(module.parent(node), cst.DictElement)
        return is_entry and _SENTENCE.fullmatch(literals.text_of(node)) is not None
    if not isinstance(statement, cst.Expr):
        return False
    called = words((constants.given_to(node, module) or "").rpartition(".")[2])
    showing = texts(options, "showing-words")
    return any(
        word in showing and after not in _PARTICLES for word, after in pairwise((*called, ""))
    )


def _holds(bound: literals.Bound, text: str, options: Options) -> bool:
    return holds_secret(bound.name, text, options, compared=bound.compared, listed=bound.listed)


def _are_no_secrets(node: cst.CSTNode, name: str, module: Module, options: Options) -> bool:
    """Return whether the list that a literal stands in is one of something else than secrets.

    Of names of variables or of secrets, `["app_secret", "smtp_password"]`; or, where they are
    called `tokens`, of pieces of a text: not all of them have the shape of a token, or this one is
    a word with a number, as `sha-256` is.
    """
    element = module.parent(node)
    entries = module.parent(element) if isinstance(element, cst.Element) else None
    if not isinstance(entries, (cst.List, cst.Tuple, cst.Set)):
        return False
    first = (module.string(entry.value) for entry in entries.elements[:_ENTRIES])
    listed = [text for text in first if text is not None]
    if len(listed) > 1 and (all(map(is_variable, listed)) or _are_names(listed, options)):
        return True
    if words(name)[-1:] != ("tokens",):
        return False
    is_plain = words(name) == ("tokens",)
    return is_numbered(module.string(node) or "") or (
        is_plain and not all(holds_secret(name, text, options, listed=True) for text in listed)
    )


def _are_names(listed: list[str], options: Options) -> bool:
    """Return whether texts are names as in code, and some of them, by these, of secrets."""
    names, kinds = secret_values(options).names, texts(options, "secret-kinds")
    return all(
        text in kinds or (text.isidentifier() and len(words(text)) > 1) for text in listed
    ) and (sum(text in kinds or is_secret_name(text, names) for text in listed) > 1)


def _is_refused(node: cst.CSTNode, module: Module, options: Options) -> bool:
    """Return whether what is a literal is an error there, or replaced: a bad default.

    Or all that comes of it is that somebody is told.
    """
    compared: cst.BaseExpression | None = None
    for parent in module.ancestors(node):
        if isinstance(parent, cst.ComparisonTarget) and isinstance(
            parent.operator, (cst.NotEqual, cst.NotIn)
        ):
            return False
        if isinstance(parent, cst.Comparison) and any(
            isinstance(target.operator, (cst.NotEqual, cst.NotIn)) for target in parent.comparisons
        ):
            return False
        if isinstance(parent, cst.Comparison):
            compared = parent.left
        if isinstance(parent, cst.If):
            lines = parent.body.body
            is_told = parent.orelse is None and all(_only_tells(line, options) for line in lines)
            return is_told or any(_refuses(line, compared) for line in lines)
        if isinstance(parent, (cst.BaseSmallStatement, cst.BaseCompoundStatement)):
            return False
    return False


def _only_tells(line: cst.CSTNode, options: Options) -> bool:
    """Return whether a line only prints, logs or warns."""
    statement = line.body[0] if isinstance(line, cst.SimpleStatementLine) else None
    call = statement.value if isinstance(statement, cst.Expr) else None
    telling = (*texts(options, "showing-words"), *texts(options, "warning-words"))
    return isinstance(call, cst.Call) and any(
        word in telling for word in words(literals.last_name(call.func) or "")
    )


def _refuses(line: cst.CSTNode, compared: cst.BaseExpression | None) -> bool:
    """Return whether a line raises, or binds what was compared to something else.

    Or it says no, where what was compared is a setting: nobody else has given that.
    """
    statement = line.body[0] if isinstance(line, cst.SimpleStatementLine) else None
    if isinstance(statement, (cst.Assign, cst.Return)) and _is_no(statement.value):
        if compared is not None and (literals.name_of_constant(compared) or "").isupper():
            return True
    if isinstance(statement, cst.Assign) and compared is not None:
        return any(one.target.deep_equals(compared) for one in statement.targets)
    return isinstance(statement, cst.Raise)


def _is_no(value: cst.BaseExpression | None) -> bool:
    return isinstance(value, cst.Name) and value.value == "False"


def _is_key(node: cst.CSTNode, module: Module) -> bool:
    """Return whether a plain word is given to a variable that something is looked up by.

    `access_key = "default"` before `views.get(access_key)` or `views[access_key]`.
    """
    text, statement = module.string(node), module.parent(node)
    function = module.function_of(node)
    if (
        not isinstance(statement, cst.Assign)
        or function is None
        or _WORD.fullmatch(text or "") is None
    ):
        return False
    target = statement.targets[0].target
    if not isinstance(target, cst.Name):
        return False
    uses = module.below(function, cst.Name, nested=True)
    return any(_looks_up_by(use, module) for use in uses if use.value == target.value)


def _names_entry(node: cst.CSTNode, name: str, module: Module) -> bool:
    """Return whether a text that ends as its name does is only what entries are found by.

    `CONFIG_SECRET = "shop_secret"` before `config[CONFIG_SECRET]` or `config.get(CONFIG_SECRET)`,
    also beside `{CONFIG_SECRET: given}`.
    """
    text = module.string(node) or ""
    spelled = words(text)
    if not is_made_of_words(text) or len(spelled) < 2 or spelled[-1:] != words(name)[-1:]:
        return False
    of_name = uses.uses_of(node, module)
    return any(_looks_up_by(use, module) for use in of_name) and all(
        _looks_up_by(use, module)
        or constants.is_key(use, module)
        or purpose.recognises(use, module)
        for use in of_name
    )


def _is_kind_of_field(node: cst.CSTNode, module: Module, options: Options) -> bool:
    """Return whether a table of kinds of fields has a plain word for one and for others.

    `{"text": "entry", "search": "entry", "password": "entry"}`, or has the kinds of fields by their
    names: `{"user": "string", "client_secret": "password"}`.
    """
    element = module.parent(node)
    table = module.parent(element) if isinstance(element, cst.DictElement) else None
    value = module.string(node)
    if not isinstance(table, cst.Dict) or _WORD.fullmatch(value or "") is None:
        return False
    kinds = texts(options, "field-kinds")
    entries = [one for one in table.elements if isinstance(one, cst.DictElement)]
    if value in secret_values(options).kinds:
        return any(module.string(one.value) in kinds for one in entries)
    others = [module.string(one.value) for one in entries if module.string(one.key) in kinds]
    return len(others) > 1 and value in others


def _looks_up_by(name: cst.CSTNode, module: Module) -> bool:
    parent = module.parent(name)
    if isinstance(parent, cst.Index):
        return True
    call = module.parent(parent) if isinstance(parent, cst.Arg) else None
    if not isinstance(call, cst.Call) or call.args[0] is not parent:
        return False
    return isinstance(call.func, cst.Attribute) and call.func.attr.value in _LOOK_UPS


def _is_known_default(node: cst.CSTNode, module: Module, options: Options) -> bool:
    """Return whether a constant is a default that others are only compared with: it is known."""
    statement = module.statement_of(node)
    if module.function_of(node) is not None or not isinstance(statement, cst.Assign):
        return False
    target = statement.targets[0].target
    if not isinstance(target, cst.Name):
        return False
    if frozenset(texts(options, "default-words")).isdisjoint(words(target.value)):
        return False
    names = module.below(module.tree, cst.Name, nested=True)
    uses = [name for name in names if name.value == target.value and name is not target]
    compared = (cst.Comparison, cst.ComparisonTarget)
    return bool(uses) and all(isinstance(module.parent(use), compared) for use in uses)


def _is_told_to_be_none(node: cst.CSTNode, module: Module, options: Options) -> bool:
    """Return whether the comment behind a literal, or above, says that it is no secret."""
    if remarks.says_above(node, module, patterns(options, "remarks-above")):
        return True
    denying = patterns(options, "remarks-behind")
    child = node
    for parent in module.ancestors(node):
        after: cst.CSTNode | None = None
        if isinstance(parent, (cst.DictElement, cst.Element, cst.Arg)):
            after = parent.comma if isinstance(parent.comma, cst.Comma) else None
        elif isinstance(parent, cst.Dict):
            after = parent.rbrace if child is parent.elements[-1] else None
        elif isinstance(parent, cst.SimpleStatementLine):
            after = parent.trailing_whitespace
        elif isinstance(parent, cst.BaseCompoundStatement):
            return False
        comments = module.comments(after) if after is not None else ()
        if any(pattern.search(comment) for comment in comments for pattern in denying):
            return True
        child = parent
    return False


def _is_about_secrets(
    node: cst.CSTNode, module: Module, bound: literals.Bound | None, options: Options
) -> bool:
    """Return whether a literal is displayed, or stands for a kind of secret in an enumeration."""
    around = iter(literals.names_around(node, module))
    if bound is not None:  # its own name says that it is a secret
        next(around, None)
    displayed = frozenset(texts(options, "displayed-words"))
    if any(not displayed.isdisjoint(words(name)) for name in around):
        return True
    return constants.enumeration_of(node, module) is not None
