"""A literal that by its form is a provider's live credential, or a private key with a body."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from bedev_lint.model import Confidence, Options
from bedev_lint.options import texts
from bedev_lint.syntax import Finding, Module, visits
from bedev_lint.syntax.literals import LITERALS, is_part, text_of
from bedev_lint.triggers.hardcoded_token import provider_in


@visits(*LITERALS)
def check(node: cst.CSTNode, module: Module, options: Options) -> Iterator[Finding]:
    provider = None if is_part(node, module) else provider_in(text_of(node), options)
    if provider is not None:
        likely = provider in texts(options, "likely")
        confidence = Confidence.LIKELY if likely else Confidence.CERTAIN
        yield Finding(node, fields={"provider": provider}, confidence=confidence)
