"""A literal that is, or begins with, the address of a machine: `scheme://host…`."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator
from fnmatch import fnmatchcase
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from bedev_lint.deferred import cst, literals
from bedev_lint.deferred.strings import (
    artefacts,
    configured,
    constants,
    environment,
    fallback,
    hosts,
    kept,
    nearby,
    opening,
    overlays,
    permalinks,
    purpose,
    records,
    remarks,
    shown,
    unfiled,
    uses,
)
from bedev_lint.model import Options, Severity
from bedev_lint.names import words
from bedev_lint.options import patterns, texts
from bedev_lint.prefilter.index import PrefilterIndex
from bedev_lint.source import Rows
from bedev_lint.visiting import LITERALS, Finding, visits

if TYPE_CHECKING:
    from bedev_lint.syntax import Module

# What only a regular expression has.
_REGEX = re.compile(r"\\[.dwsbDWSB/?()+*-]|\.[*+]|\(\?|\[\^|\[[A-Za-z0-9]-[A-Za-z0-9]|\)[*+?]")

# How many literals of a statement are looked at for each, so that a long table costs no square.
_LITERALS, _ADDRESSES = 200, 16
# What is to be read: `https://shop.io/docs/orders`, `https://shop.io/guide#orders` (no server is
# told what stands behind the `#`).
_READ = re.compile(
    r"/(?:[^?#\s]*/)?(?:docs|documentation|help|faq|kb|more-info|learn-more)(?:/|$)|[^#\s]*#[a-z%]\S*$",
    re.IGNORECASE,
)
# Grammars of documents, which name them by where they once stood; namespaces and terms in them.
_GRAMMAR = re.compile(
    r"/(?:[^?#\s]*\.(?:xsd|dtd|rng|owl|jsonld)$|(?:(?:xml)?ns|dtd|terms)/)", re.IGNORECASE
)


class _Address(NamedTuple):
    """An address that a literal names; `is_public`: the same host serves all environments."""

    scheme: str
    host: str
    is_public: bool


_BEGIN = re.compile("[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_GIVING = (ast.Assign, ast.AnnAssign, ast.Return)


def candidates(index: PrefilterIndex, _options: Options) -> Iterator[Rows]:
    texts = (text for text in index.texts if "://" in text.value and not text.is_statement)
    # What becomes of a variable, and what was returned before, stands elsewhere in the function.
    return (
        text.around if isinstance(text.node, _GIVING) else text.rows
        for text in texts
        if _BEGIN.match(text.value)
    )


@visits(*LITERALS, prefilter=candidates)
def check(node: cst.CSTNode, module: Module, options: Options) -> Iterator[Finding]:
    place = _place(node, module, options)
    if place is None:
        return
    is_constant = place.is_public and _is_constant(node, module, options)
    if is_constant and not options.get("public-constants", True):
        return
    if place.is_public and _is_reported(node, module, options, None if is_constant else place.host):
        return
    severity = Severity.WARNING if is_constant else None
    fields = {"scheme": place.scheme, "host": place.host}
    yield Finding(node, fields=fields, severity=severity, needs=overlays.staying(node, module))


def _place(node: cst.CSTNode, module: Module, options: Options) -> _Address | None:
    """Return the place that a literal names, if something may go there, and None otherwise."""
    if (
        not literals.may_hold(node, "://")
        or literals.is_part(node, module)
        or literals.is_docstring(node, module)
    ):
        return None
    head = _head(node, module)
    url = hosts.address_in(head)
    if url is None or not hosts.is_concrete(url) or not hosts.is_alone(head) or _REGEX.search(head):
        return None
    if not hosts.is_location(url, options) or _is_set_apart(node, head, module, options):
        return None
    scheme, host = url["scheme"].lower(), hosts.name_of(url)
    is_public = scheme not in texts(options, "bucket-schemes") and (
        hosts.is_public(url, host, options)
        or (
            hosts.is_public(url, host, options, frozenset(texts(options, "trial-words")))
            and records.has_twin(node, module, options)
        )
    )
    if constants.is_command_option(node, module):
        return None
    if not is_public and (
        _is_field_of_data(url, host, node, module, options)
        or nearby.is_within(url, host, node, module, options)
        or configured.is_in_configuration(node, module, texts(options, "field-classes"))
    ):
        return None
    is_page, address = not host.startswith("api"), head.split("://", 1)[1]
    if is_public and (
        _GRAMMAR.match(head, url.start("end"))
        or (
            is_page and (_READ.match(head, url.start("end")) or _is_followed(node, module, options))
        )
        or _is_page(address, node, module, options, "pictures")
        or shown.is_profile(address, node, module, options)
        or (
            is_page
            and permalinks.is_permalink(head, node, module, options)
            and not _is_constant(node, module, options)
        )
        or records.is_shown(node, module, options)
        or _is_labelled(node, module, options)
        or records.is_problem(node, module, options)
        or purpose.is_tried_out(node, module)
        or configured.is_in_class_of_settings(node, module)
        or artefacts.is_pinned(node, module, options)
        or constants.can_be_set(node, module, texts(options, "field-classes"))
        or _only_stands_in(node, module, options, is_page=is_page)
        or remarks.says_above(node, module, patterns(options, "reading-remarks"))
        or constants.is_key(node, module)
        or records.is_in_catalogue(node, module, options)
        or records.is_in_link_table(node, module, options)
        or _is_kept_for_readers(node, module, options)
        or (hosts.is_of_provider(head, options) and _is_constant(node, module, options))
    ):
        return None
    return _Address(scheme, host, is_public)


def _is_constant(node: cst.CSTNode, module: Module, options: Options) -> bool:
    is_named = constants.is_named_constant(node, module, texts(options, "wrappers"))
    return is_named or constants.serves_as_constant(node, module)


def _is_field_of_data(
    url: re.Match[str], host: str, node: cst.CSTNode, module: Module, options: Options
) -> bool:
    """Return whether only a label of a host speaks of an environment, and a catalogue holds it."""
    labels = frozenset(texts(options, "environment-labels"))
    return (
        url["scheme"].lower() not in texts(options, "bucket-schemes")
        and hosts.is_public(url, host, options, labels)
        and records.is_in_catalogue(node, module, options)
    )


def _is_labelled(node: cst.CSTNode, module: Module, options: Options) -> bool:
    """Return whether the label of a link stands beside it, and nothing here fetches it."""
    return records.is_beside_label(node, module, options) and not shown.is_fetched(
        node, module, options
    )


def _is_followed(node: cst.CSTNode, module: Module, options: Options) -> bool:
    """Return whether a browser goes to an address, by its name: the link of a page, its style."""
    names = literals.names_around(node, module, calls=False)
    return any(_is_named_link(name, options) for name in names)


def _is_named_link(name: str, options: Options) -> bool:
    ends = tuple(f"_{end}" for end in texts(options, "link-names"))
    return "_".join(("", *words(name))).endswith(ends)


def _is_kept_for_readers(node: cst.CSTNode, module: Module, options: Options) -> bool:
    """Return whether an address is one of the links of a catalogue that calls fill.

    By the parameter that it is given to: `add("Tea", "https://tea.io")` of `def add(name, link)`.
    """

    def leads(name: str, beside: Collection[str]) -> bool:
        return (
            _is_named_link(name, options)
            or _tells_of_text(name, options)
            or records.is_link_among(name, beside, options)
        )

    fetching = frozenset(texts(options, "fetching-words"))
    return kept.is_kept(node, module, kept.Asked(leads, fetching))


def _is_set_apart(node: cst.CSTNode, head: str, module: Module, options: Options) -> bool:
    """Return whether nothing goes to an address from where it stands, or it can be set."""
    address, lookups = head.split("://", 1)[1], environment.lookups(options)
    return (
        hosts.is_namespace(address, options)
        or address.endswith(texts(options, "scope-endings"))
        or _is_page(address, node, module, options, "pages")
        or shown.is_asked_a_token_for(node, module, options)
        or purpose.ends_sentence(node, module)
        or purpose.is_in_sentence(node, module)
        or _is_piece(head, node, module)
        or purpose.recognises(node, module)
        or purpose.gives_only_path(node, module, texts(options, "wrappers"))
        or opening.is_opened(node, module, options)
        or records.is_server_described(node, module, options)
        or _is_excused(node, head, module, options)
        or uses.are_all(node, module, partial(_is_told, module=module, options=options))
        or environment.default_of(node, module, lookups) is not None
        or configured.is_among_defaults(node, module, lookups.words)
        or fallback.is_fallback(node, module, lookups)
        or fallback.is_overlaid(node, module, lookups.words)
        or overlays.is_replaced_below(
            node, module, lookups.words, texts(options, "overlaying-functions")
        )
        or fallback.is_put_into_parser(node, module)
        or unfiled.is_for_missing_file(node, module, lookups.words)
        or records.is_identifier(node, module)
        or records.is_default_of_option(node, module, options)
        or _is_host_set(node, head, module, options)
    )


def _is_reported(node: cst.CSTNode, module: Module, options: Options, host: str | None) -> bool:
    """Return whether a statement is told of where another public address stands in it.

    With a `host` one of that host.
    """
    whole = node
    for parent in module.ancestors(node):
        if isinstance(parent, (cst.BaseSmallStatement, cst.BaseCompoundStatement)):
            break
        whole = parent
    around = islice(module.below(whole, *literals.LITERALS), _LITERALS)
    addresses = (literal for literal in around if literals.may_hold(literal, "://"))
    for literal in islice(addresses, _ADDRESSES):
        if literal is node:
            return False
        place = _place(literal, module, options)
        if place is not None and place.is_public and host in (None, place.host):
            return True
    return False


def _head(node: cst.CSTNode, module: Module) -> str:
    """Return the text of a literal with all that is added to it."""
    text = literals.text_of(node)
    child = node
    for parent in module.ancestors(node):
        if not isinstance(parent, cst.BinaryOperation) or child is not parent.left:
            break
        if not isinstance(parent.operator, cst.Add):
            break
        text += literals.text_of(parent.right)
        child = parent
    return text


def _is_piece(head: str, node: cst.CSTNode, module: Module) -> bool:
    """Return whether a text is put for another and stops within the host: `"https://app"`."""
    host = head.split("://", 1)[1].lower()
    called = constants.given_to(node, module) or ""
    return called.endswith(".replace") and host.isalnum() and host != "localhost"


def _is_excused(node: cst.CSTNode, head: str, module: Module, options: Options) -> bool:
    """Return whether the names around a URL say that nothing connects to it."""
    url = hosts.address_in(head)
    is_public = url is not None and hosts.is_public(url, hosts.name_of(url), options)
    used = partial(shown.is_answered, module=module, options=options, is_public=is_public)
    names = literals.names_around(node, module, calls=False, ends=used)
    if any(_tells_of_text(name, options) for name in names):
        return True
    named = (
        constants.registered_as(node, module),
        constants.enumeration_of(node, module),
        constants.class_of_constants(node, module),
    )
    if any(name is not None and _tells_of_text(name, options) for name in named):
        return True
    if (
        purpose.is_made_up(node, module, options)
        or shown.is_in_policy(node, module, options)
        or records.is_left_out(node, module, options)
    ):
        return True
    return _is_shown(node, module, options)


def _is_told(node: cst.CSTNode, module: Module, options: Options) -> bool:
    """Return whether what a URL is given to is there to be read, or may be replaced.

    It is put into a sentence, shown, looked for in another text, kept under a name that says so
    (`{"author_url": url}`), or it is a default.
    """
    return (
        purpose.is_in_sentence(node, module)
        or purpose.recognises(node, module)
        or _is_shown(node, module, options)
        or shown.is_asked_a_token_for(node, module, options)
        or records.is_identifier(node, module)
        or any(_tells_of_text(one.name, options) for one in literals.bound_to(node, module))
        or any(_tells_of_text(name, options) for name in literals.names_of_filled(node, module))
        or records.is_chosen(node, module, options)
        or records.is_default_of_option(node, module, options)
        or environment.default_of(node, module, environment.lookups(options)) is not None
    )


def _only_stands_in(node: cst.CSTNode, module: Module, options: Options, *, is_page: bool) -> bool:
    """Return whether all uses of what a public URL is given to are to be read, or defaults.

    Or a browser goes there, if it may be a page by its host. Others may be compared with it
    besides: whether it is the default.
    """
    fields, words_of_settings = texts(options, "field-classes"), environment.lookups(options).words

    def stands_in(use: cst.CSTNode) -> bool:
        return (
            _is_told(use, module, options)
            or configured.is_among_defaults(use, module, words_of_settings)
            or records.is_shown(use, module, options)
            or (is_page and _is_followed(use, module, options))
            or isinstance(module.parent(use), cst.AssignTarget)  # another value
            or constants.can_be_set(use, module, fields)
            or purpose.is_compared(use, module)
        )

    return uses.are_all(node, module, stands_in) and not _is_only_compared(node, module)


def _is_only_compared(node: cst.CSTNode, module: Module) -> bool:
    """Return whether all that becomes of what a URL is given to is that others are compared."""
    return uses.are_all(node, module, partial(purpose.is_compared, module=module), depth=1)


def _is_page(address: str, node: cst.CSTNode, module: Module, options: Options, pages: str) -> bool:
    """Return whether a link leads to what people look at, and nothing here fetches it.

    It has one of the forms that the option `pages` lists.
    """
    is_listed = any(fnmatchcase(address, pattern) for pattern in texts(options, pages))
    return is_listed and not shown.is_fetched(node, module, options)


def _tells_of_text(name: str, options: Options) -> bool:
    """Return whether what has this name is a text that people read, or no address at all."""
    ends, anywhere = texts(options, "text-names"), texts(options, "documentation-names")
    if name in ends or (name.startswith("__") and name.endswith("__")):
        return True
    joined = f"_{'_'.join(words(name))}_"
    return (
        joined.strip("_") in texts(options, "metadata-names")
        or any(joined.endswith(f"_{end}_") for end in ends)
        or any(f"_{inner}_" in joined for inner in anywhere)
    )


def _is_shown(node: cst.CSTNode, module: Module, options: Options) -> bool:
    """Return whether a text is given to what shows it, or takes it for a name or a pattern."""
    called = shown.shown_by(node, module, texts(options, "styling-functions"))
    return called is not None and (
        called.startswith("re.")
        or called.rpartition(".")[2] in texts(options, "translating-functions")
        or any(fnmatchcase(called, pattern) for pattern in texts(options, "name-functions"))
    )


def _is_host_set(node: cst.CSTNode, head: str, module: Module, options: Options) -> bool:
    """Return whether a setting is part of the host: `f"https://queue.{settings.REGION}.cloud.io"`."""
    while isinstance(node, cst.ConcatenatedString):
        node = node.left
    if not isinstance(node, cst.FormattedString) or literals.HOLE not in head:
        return False
    if not head.partition("://")[2].partition("/")[0].partition(literals.HOLE)[2].startswith("."):
        return False
    fields = (part for part in node.parts if isinstance(part, cst.FormattedStringExpression))
    first = next(fields, None)
    return first is not None and environment.is_looked_up(
        first.expression, module, environment.lookups(options)
    )
