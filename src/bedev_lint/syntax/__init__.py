"""All that knows LibCST: guarded parse, walk, scopes and names, positions."""

from bedev_lint.syntax.module import Check, Finding, Module, visits
from bedev_lint.syntax.parse import Limit, Undecodable, Unparsable, decode, parse, trusted_parser
from bedev_lint.syntax.parts import only_defining
from bedev_lint.syntax.positions import Places, locate
from bedev_lint.syntax.scopes import Names, absolute_module, dotted, target_names
from bedev_lint.syntax.walk import Tree, VisitorWalk, children, walk

__all__ = [
    "Check",
    "Finding",
    "Limit",
    "Module",
    "Names",
    "Places",
    "Tree",
    "Undecodable",
    "Unparsable",
    "VisitorWalk",
    "absolute_module",
    "children",
    "decode",
    "dotted",
    "locate",
    "only_defining",
    "parse",
    "target_names",
    "trusted_parser",
    "visits",
    "walk",
]
