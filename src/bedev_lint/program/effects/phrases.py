"""Names of functions that follow a grammar."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bedev_lint.catalog import Phrase
from bedev_lint.model import Attr, Expr, FunctionFacts, Instance, Name
from bedev_lint.names import words

__all__ = ["matches_phrase"]


def matches_phrase(
    name: str, phrase: Phrase, around: Iterable[str], facts: FunctionFacts, *, gives: bool
) -> bool:
    """Return whether a function's name follows the grammar of a phrase (see `Phrase`).

    `around` are the names of its class and module. `gives` says whether it returns anything: one of
    several words that does not begins with a verb, known or not.
    """
    parts = list(words(name))
    for index, word in enumerate(parts):
        if index > 0 and word in phrase.drop_after:
            parts = parts[:index]
            break
    if len(parts) > 1 and parts[-1] in phrase.units and _is_noun(parts[:-1], phrase):
        parts.pop()
    if not parts or not _is_noun(parts, phrase):
        return False
    if parts[-1] in phrase.shared and not _has_sign(phrase, (*parts[:-1], *around), facts):
        return False
    if parts[0] in phrase.verbs:
        return True
    return (gives or len(parts) == 1) and parts[0] not in phrase.other_verbs


def _has_sign(phrase: Phrase, around: Iterable[str], facts: FunctionFacts) -> bool:
    """Return whether the names around a function, or one that it uses, hold a sign of a phrase.

    The order that rows stand in, `order_by`, is none.
    """
    return any(
        not phrase.signs.isdisjoint(words(name))
        for name in (*around, *_names_used(facts))
        if not name.endswith("_by")
    )


def _names_used(facts: FunctionFacts) -> Iterator[str]:
    """Return the names of parameters and variables, and of what is read, called and given."""
    for param in facts.params:
        yield param.name
        yield from _names(param.annotation)
    for site in facts.sites:
        yield from _names(site.func)
        for argument in site.args:
            yield from _names(argument)
        for keyword, argument in site.keywords:
            yield keyword
            yield from _names(argument)
    for binding in facts.bindings:
        yield from _names(binding.target)


def _names(expr: Expr | None) -> Iterator[str]:
    while isinstance(expr, (Attr, Instance)):
        if isinstance(expr, Attr):
            yield expr.name
        expr = expr.base if isinstance(expr, Attr) else expr.of
    if isinstance(expr, Name):
        yield expr.id


def _is_noun(parts: Sequence[str], phrase: Phrase) -> bool:
    return parts[-1] in phrase.nouns or " ".join(parts[-2:]) in phrase.pairs
