"""TOML → Catalog: the rules, and the vocabularies that give facts their meaning.

A folder of rules is walked; every `*.toml` file in it is read. A file with a `code` is a
rule, named after the file and of the family that its folder is called. Any file may also
hold vocabulary: `[effect.<name>]`, `[type."<dotted name>"]`, `[names]`, `[context.<name>]`,
`[option-set.<name>]`, `[router."<dotted name>"]`, `[route."<dotted name>"]`.
Nothing is registered anywhere else. What these tables may hold is described in `rules`,
`calls`, `contexts` and `vocabulary`.
"""

from __future__ import annotations

from bedev_lint.catalog.calls import STATES, Argument, Block, Bulk, Call
from bedev_lint.catalog.comments import comments_on_options
from bedev_lint.catalog.contexts import Context, Phrase
from bedev_lint.catalog.file import nearest
from bedev_lint.catalog.reading import CatalogError, ConfiguredVocabulary, builtin_rules, load
from bedev_lint.catalog.routing import Mark, Resource, Route, Router, routing_names
from bedev_lint.catalog.rules import PLACES, Boundary, Example, Rule, Tests
from bedev_lint.catalog.vocabulary import (
    Catalog,
    Gets,
    MemberSpec,
    Reverse,
    Sets,
    TypeSpec,
)

__all__ = [
    "PLACES",
    "STATES",
    "Argument",
    "Block",
    "Boundary",
    "Bulk",
    "Call",
    "Catalog",
    "CatalogError",
    "ConfiguredVocabulary",
    "Context",
    "Example",
    "Gets",
    "Mark",
    "MemberSpec",
    "Phrase",
    "Resource",
    "Reverse",
    "Route",
    "Router",
    "Rule",
    "Sets",
    "Tests",
    "TypeSpec",
    "builtin_rules",
    "comments_on_options",
    "load",
    "nearest",
    "routing_names",
]
