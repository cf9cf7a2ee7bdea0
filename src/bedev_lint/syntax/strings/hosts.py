"""The host that an address names: whether something can be reached there, and by whom."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

from bedev_lint.model import Options
from bedev_lint.names import words
from bedev_lint.options import texts
from bedev_lint.prefilter.index import HOLE

__all__ = [
    "address_in",
    "is_alone",
    "is_concrete",
    "is_location",
    "is_namespace",
    "is_of_provider",
    "is_public",
    "is_reserved",
    "name_of",
]

_URL = re.compile(
    r"""
    (?P<scheme>[a-z][a-z0-9+.-]*)://
    (?:[^/?\s]+@)?(?![^/?\s@]*@)
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
# Names reserved for documentation (RFC 2606, RFC 6761), and addresses that are (RFC 5737), or that
# lead nowhere (RFC 1122).
_RESERVED = re.compile(
    r"(?:.*\.)?(?:example\.(?:com|net|org|edu)|example|test|invalid)"
    r"|(?:192\.0\.2|198\.51\.100|203\.0\.113)\.[0-9]+|0\.[0-9.]+",
    re.IGNORECASE,
)
# The host that a reader is to fill in.
_BLANK = re.compile(
    r"(?:.*[.-])?(?:your|my)[-_]?(?:[\w-]{0,62}[-_])?"
    r"(?:host|hostname|domain|server|site|company|org|instance)[\w-]*(?:\..*)?|host|hostname|domain|foo|bar|foo\.(?:bar|com)|test\.com|x+|(?:.*\.)?your_\w+_here(?:\..*)?|(?:[\w.-]+[.-])?place-?holder(?:[.-].*)?",
    re.IGNORECASE,
)

_ADDRESS = re.compile(r"[0-9.]+|\[.*\]")
# The port that a scheme has anyway says nothing more.
_PORTS = {"http": "80", "ws": "80", "https": "443", "wss": "443"}
# What listens there listens everywhere: no machine has such an address.
_EVERY_INTERFACE = frozenset({"0.0.0.0", "[::]"})  # noqa: S104
# So many letters has the name of a country at the end of a host.
_COUNTRY = 2
# What somebody is to fill in, or what is kept from being seen: `https://shop.io/<order>/***`.
_MASKED = re.compile(r"\*{2,}|<[a-z][\w -]*>|\.{3}$|…|x{4,}", re.IGNORECASE)


def is_namespace(address: str, options: Options) -> bool:
    """Return whether an address, without its scheme, only names something in a vocabulary."""
    return address.startswith(texts(options, "namespaces")) or any(
        part in address.partition("?")[0] for part in texts(options, "namespace-parts")
    )


def address_in(head: str) -> re.Match[str] | None:
    """Return the address that a text is, or begins with: its `scheme`, `host` and `end`."""
    return _URL.match(head)


def is_alone(text: str) -> bool:
    """Return whether a text, or its first line, is only a URL, or several; not a sentence."""
    parts = text.strip().split("\n", 1)[0].split()
    return len(parts) <= 1 or all("://" in part for part in parts)


def name_of(url: re.Match[str]) -> str:
    """Return the host of an address in small letters, with `…` for what is dynamic in it."""
    rest = _DOMAIN.match(url.string, url.start("end"))
    if rest is not None and url.end("host") == url.start("end"):
        return f"{url['host'].lower()}…{rest['rest'].lower()}"
    return url["host"].lower().rstrip(".")


def is_location(url: re.Match[str], options: Options) -> bool:
    """Return whether something can be reached at an address: its scheme, and its host, say so."""
    scheme, _, transport = url["scheme"].lower().partition("+")
    host = url["host"].lower().rstrip(".")
    if scheme not in texts(options, "schemes") or transport in texts(options, "local-transports"):
        return False
    if transport and scheme in texts(options, "source-schemes"):
        return False
    if host in _EVERY_INTERFACE or host in texts(options, "platform-hosts"):
        return False
    if _RESERVED.fullmatch(host) or _BLANK.fullmatch(host):
        return False
    return not (_MASKED.search(url.string, url.start("end")) or _is_sentinel(url, host, options))


def _is_sentinel(url: re.Match[str], host: str, options: Options) -> bool:
    """Return whether a host says in words that there is none: `http://unable-to-get-url`.

    Of a dotted one the last label, which no country has: `https://page.none`, not `https://bank.no`.
    """
    if url.end("host") < url.start("end"):
        return False
    last = host.rpartition(".")[2]
    said = words(host) if last == host else [last] if len(last) > _COUNTRY else []
    return not frozenset(said).isdisjoint(texts(options, "sentinel-words"))


def is_reserved(text: str) -> bool:
    """Return whether a text begins with an address that is reserved for examples."""
    url = address_in(text)
    return url is not None and _RESERVED.fullmatch(url["host"]) is not None


def is_public(
    url: re.Match[str], host: str, options: Options, besides: frozenset[str] = frozenset()
) -> bool:
    """Return whether the same host serves all environments, as far as its name tells.

    Whatever labels it has `besides`.
    """
    port = url.string[url.end("host") : url.start("end")].removeprefix(":")
    has_port = url.string[url.end("host") : url.end("host") + 1] == ":"
    if host in texts(options, "public-hosts") and not has_port:
        return True
    if (has_port and port != _PORTS.get(url["scheme"].lower())) or _ADDRESS.fullmatch(host):
        return False
    if "." not in host.strip(".") or host.endswith(texts(options, "internal-endings")):
        return False
    # The last two labels are the domain itself: `web.dev`.
    labels = re.split(r"[.-]", host.rsplit(".", 2)[0]) if host.count(".") > 1 else ()
    environments = frozenset(texts(options, "environment-labels")) - besides
    return environments.isdisjoint(labels)


def is_concrete(url: re.Match[str]) -> bool:
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


def is_of_provider(head: str, options: Options) -> bool:
    """Return whether a provider of identities has this endpoint for everybody, as a whole.

    The option `identity-endpoints` lists them, without the scheme.
    """
    endpoint = head.partition("://")[2].partition("?")[0]
    listed = texts(options, "identity-endpoints")
    return HOLE not in endpoint and any(fnmatchcase(endpoint, one) for one in listed)
