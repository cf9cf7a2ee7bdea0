"""Which addresses lead no further than to the same machine."""

from __future__ import annotations

import re

import libcst as cst

from bedev_lint.model import Options
from bedev_lint.names import words
from bedev_lint.options import texts
from bedev_lint.syntax.literals import HOLE, names_around
from bedev_lint.syntax.module import Module
from bedev_lint.syntax.strings.developing import is_for_developers
from bedev_lint.syntax.strings.purpose import (
    has_transport,
    is_beside_examples,
    is_own_port,
    is_spoken_of,
)
from bedev_lint.syntax.strings.records import is_shown

__all__ = ["is_within"]

_LOOPBACK = re.compile(r"localhost|127\.[0-9.]+|\[::1\]")


def is_within(
    url: re.Match[str], host: str, node: cst.CSTNode, module: Module, options: Options
) -> bool:
    """Return whether an address leads no further than to the process, or to a developer's machine.

    To what it has started itself, to a socket or an application that needs no host, though a
    library asks for one; or that it is only there for form.
    """
    if _is_connected_otherwise(node, module, options) or is_beside_examples(node, module):
        return True
    served = url["scheme"].lower() in texts(options, "transport-schemes")
    if _LOOPBACK.fullmatch(host) and (
        is_for_developers(node, module, texts(options, "developer-words"))
        or _is_named_for_developers(node, module, options)
        or is_own_port(node, module, served=served)
        or _is_named_default(node, module)
        or _is_callback(url, node, module, options)
        or is_shown(node, module, options)
    ):
        return True
    has_port = url.end("host") < url.start("end")
    if has_port or "." in host or not served:
        return False
    return has_transport(node, module) or is_spoken_of(
        node, module, texts(options, "transport-words")
    )


def _is_connected_otherwise(node: cst.CSTNode, module: Module, options: Options) -> bool:
    """Return whether a call is also told what connects, which decides where something goes.

    `create_engine("postgresql://", creator=connect)`
    """
    arg = module.parent(node)
    call = module.parent(arg) if isinstance(arg, cst.Arg) else None
    return isinstance(call, cst.Call) and any(
        one.keyword is not None and one.keyword.value in texts(options, "connecting-keywords")
        for one in call.args
    )


def _is_callback(url: re.Match[str], node: cst.CSTNode, module: Module, options: Options) -> bool:
    """Return whether a program on a user's machine is called back there, at a port of its own."""
    if not url.string.startswith(f":{HOLE}", url.end("host")):
        return False
    names = ("_".join(words(name)) for name in names_around(node, module, calls=False))
    return any(name.endswith(texts(options, "callback-names")) for name in names)


def _is_named_default(node: cst.CSTNode, module: Module) -> bool:
    """Return whether a name says that something else may be set: `DEFAULT_QUEUE_URL`."""
    names = names_around(node, module, calls=False)
    return any("default" in words(name)[:-1] for name in names)


def _is_named_for_developers(node: cst.CSTNode, module: Module, options: Options) -> bool:
    flags = frozenset(texts(options, "developer-words")) - {"main", "local", "localhost"}
    return any(not flags.isdisjoint(words(name)) for name in names_around(node, module))
