"""All that knows LibCST: guarded parse, walk, scopes and names, positions, conversion."""

from bedev_lint.syntax.convert import converted
from bedev_lint.syntax.module import Module
from bedev_lint.syntax.needs import Needed
from bedev_lint.syntax.parse import parse, trusted_parser
from bedev_lint.syntax.positions import AllSpans, Positions
from bedev_lint.syntax.scopes import Names, absolute_module, dotted, target_names
from bedev_lint.syntax.walk import PrunedAccess, Tree, VisitorWalk, children, walk

__all__ = [
    "AllSpans",
    "Module",
    "Names",
    "Needed",
    "Positions",
    "PrunedAccess",
    "Tree",
    "VisitorWalk",
    "absolute_module",
    "children",
    "converted",
    "dotted",
    "parse",
    "target_names",
    "trusted_parser",
    "walk",
]
