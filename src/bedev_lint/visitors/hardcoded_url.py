"""A literal that is, or begins with, the address of a machine: `scheme://host…`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase

import libcst as cst

from bedev_lint.model import Options, Severity
from bedev_lint.names import words
from bedev_lint.options import texts
from bedev_lint.syntax import Finding, Module, visits
from bedev_lint.syntax.constants import can_be_set, given_to, is_named_constant
from bedev_lint.syntax.environment import default_of, lookups
from bedev_lint.syntax.literals import (
    HOLE,
    LITERALS,
    is_docstring,
    is_part,
    may_hold,
    names_around,
    text_of,
)

_URL = re.compile(
    r"""
    (?P<scheme>[a-z][a-z0-9+.-]*)://
    (?:[^/?\s]*@)?(?![^/?\s@]*@)
    (?P<host>\[[0-9a-f:.]+\]|[a-z0-9_][a-z0-9_.-]*)
    (?: (?::(?:[0-9]+|(?=[\0{%])))? (?P<end>[/?\#\s"'<>(),;|&\\\0{%$]|$) )
    """,
    re.VERBOSE | re.IGNORECASE,
)
# The rest of a host after something dynamic in it.
_DOMAIN = re.compile(
    r"(?:\0|\{[^{}]*\}|%s|%\(\w+\)s)(?P<rest>(?:\.[a-z0-9_-]+){2,})(?![a-z0-9_.\0{%-])",
    re.IGNORECASE,
)
# Names reserved for documentation (RFC 2606, RFC 6761).
_RESERVED = re.compile(
    r"(?:.*\.)?(?:example\.(?:com|net|org|edu)|example|test|invalid)", re.IGNORECASE
)
# The host that a reader is to fill in.
_BLANK = re.compile(
    r"(?:.*[.-])?(?:your|my)[-_]?(?:[\w-]{0,62}[-_])?"
    r"(?:host|hostname|domain|server|site|company|org|instance)[\w-]*(?:\..*)?|host|hostname|domain|foo|bar|foo\.(?:bar|com)|x+",
    re.IGNORECASE,
)

_ADDRESS = re.compile(r"[0-9.]+|\[.*\]")
# What only a regular expression has.
_REGEX = re.compile(r"\\[.dwsbDWSB/?()+*-]|\.[*+]|\(\?|\[\^|\[[A-Za-z0-9]-[A-Za-z0-9]|\)[*+?]")

_DISPLAYS = (cst.Dict, cst.List, cst.Set, cst.Tuple)
_TEXT_METHODS = frozenset({"replace", "startswith", "removeprefix", "split", "partition", "find"})


@visits(*LITERALS)
def check(node: cst.CSTNode, module: Module, options: Options) -> Iterator[Finding]:
    if not may_hold(node, "://") or is_part(node, module) or is_docstring(node, module):
        return
    head = _head(node, module)
    url = _URL.match(head)
    if url is None or not _is_concrete(url) or not _is_alone(head) or _REGEX.search(head):
        return
    scheme, host = url["scheme"].lower(), url["host"].lower().rstrip(".")
    if scheme.split("+", 1)[0] not in texts(options, "schemes"):
        return
    if _RESERVED.fullmatch(host) or _BLANK.fullmatch(host):
        return
    if any(fnmatchcase(host, known) for known in texts(options, "documentation-hosts")):
        return
    address = head.split("://", 1)[1]
    if address.startswith(texts(options, "namespaces")) or _is_piece(url, node, module):
        return
    if address.endswith(texts(options, "scope-endings")):
        return
    if _is_excused(node, module, options) or default_of(node, module, lookups(options)):
        return
    rest = _DOMAIN.match(head, url.start("end"))
    if rest is not None and url.end("host") == url.start("end"):
        host = f"{url['host'].lower()}…{rest['rest'].lower()}"
    is_public = scheme not in texts(options, "bucket-schemes") and _is_public(url, host, options)
    if is_public and can_be_set(node, module, texts(options, "field-classes")):
        return
    is_constant = is_public and is_named_constant(node, module, texts(options, "wrappers"))
    if is_public and _is_in_catalogue(node, module, options):
        return
    if not is_constant or options.get("public-constants", True):
        severity = Severity.WARNING if is_constant else None
        yield Finding(node, fields={"scheme": scheme, "host": host}, severity=severity)


def _is_in_catalogue(node: cst.CSTNode, module: Module, options: Options) -> bool:
    """Return whether a literal is a field of one of many records: data, not a place to call."""
    is_in_record = False
    if module.function_of(node) is not None:
        return False
    for parent in module.ancestors(node):
        if isinstance(parent, _DISPLAYS):
            if is_in_record and len(parent.elements) >= int(str(options["catalogue"])):
                return True
            is_in_record = True
        elif isinstance(parent, cst.Call):
            is_in_record = True
    return False


def _is_public(url: re.Match[str], host: str, options: Options) -> bool:
    """Return whether the same host serves all environments, as far as its name tells."""
    if url.string[url.end("host") : url.end("host") + 1] == ":" or _ADDRESS.fullmatch(host):
        return False
    if "." not in host.strip(".") or host.endswith(texts(options, "internal-endings")):
        return False
    # The last two labels are the domain itself: `web.dev`.
    labels = re.split(r"[.-]", host.rsplit(".", 2)[0]) if host.count(".") > 1 else ()
    return frozenset(texts(options, "environment-labels")).isdisjoint(labels)


def _head(node: cst.CSTNode, module: Module) -> str:
    """Return the text of a literal with all that is added to it."""
    text = text_of(node)
    child = node
    for parent in module.ancestors(node):
        if not isinstance(parent, cst.BinaryOperation) or child is not parent.left:
            break
        if not isinstance(parent.operator, cst.Add):
            break
        text += text_of(parent.right)
        child = parent
    return text


def _is_concrete(url: re.Match[str]) -> bool:
    """Return whether the host is all there: it may go on where something dynamic follows it."""
    if url["end"] not in tuple(HOLE + "{%$"):
        return True
    if url.end("host") < url.start("end"):
        return True
    host = url["host"].lower()
    if host[-1] in ".-":
        # `https://queue.{region}.cloud.com`: the domain is there.
        return _DOMAIN.match(url.string, url.start("end")) is not None
    return host == "localhost" or "." in host


def _is_alone(text: str) -> bool:
    """Return whether a text, or its first line, is only a URL, or several; not a sentence."""
    parts = text.strip().split("\n", 1)[0].split()
    return len(parts) <= 1 or all("://" in part for part in parts)


def _is_piece(url: re.Match[str], node: cst.CSTNode, module: Module) -> bool:
    """Return whether a literal is a piece of a longer text.

    It is added to one, as the end of a sentence is, or looked for in one and stops within the host.
    """
    parent = module.parent(node)
    if isinstance(parent, cst.Arg):
        call = module.parent(parent)
        method = call.func if isinstance(call, cst.Call) else None
        if isinstance(method, cst.Attribute) and method.attr.value in _TEXT_METHODS:
            host = url["host"].lower()
            return (
                "." not in host.strip(".") and host != "localhost" and url.end() == url.end("host")
            )
    if not isinstance(parent, cst.BinaryOperation) or parent.right is not node:
        return False
    before = parent.left
    while isinstance(before, cst.BinaryOperation):
        before = before.right
    return text_of(before).endswith((" ", "\n"))


def _is_excused(node: cst.CSTNode, module: Module, options: Options) -> bool:
    """Return whether the names around a URL say that nothing connects to it."""
    ends, anywhere = texts(options, "text-names"), texts(options, "documentation-names")
    whole = texts(options, "metadata-names")
    for name in names_around(node, module, calls=False):
        if name in ends or (name.startswith("__") and name.endswith("__")):
            return True
        joined = f"_{'_'.join(words(name))}_"
        if joined.strip("_") in whole or any(joined.endswith(f"_{end}_") for end in ends):
            return True
        if any(f"_{inner}_" in joined for inner in anywhere):
            return True
    called = given_to(node, module)
    return called is not None and (
        called.startswith("re.")
        or any(fnmatchcase(called, known) for known in texts(options, "name-functions"))
    )
