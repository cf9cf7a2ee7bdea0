"""One file per visitor rule, called as the rule is: which nodes it looks at, and what it says."""

from __future__ import annotations

import importlib

from bedev_lint.catalog import Rule
from bedev_lint.visiting import Visitor

__all__ = ["load"]


def load(rule: Rule) -> Visitor:
    """Return the visitor of a rule. LibCST is not imported by that."""
    visitor: Visitor = importlib.import_module(f"{__name__}.{rule.name.replace('-', '_')}").check
    return visitor
