"""What is known of a linked program, for those who look for what breaks rules in it."""

from __future__ import annotations

from typing import NamedTuple

from bedev_lint.catalog import Catalog
from bedev_lint.program.checks.violation import EdgeSuppressions
from bedev_lint.program.effects.callgraph import CallGraph
from bedev_lint.program.effects.places import Within
from bedev_lint.program.resolve import Resolver
from bedev_lint.program.structure.project import Project

__all__ = ["Analysis"]


class Analysis(NamedTuple):
    """The program, the rules' words, what calls what, and where comments silence rules."""

    project: Project
    catalog: Catalog
    graph: CallGraph
    resolver: Resolver
    within: Within
    suppressions: EdgeSuppressions
