"""Each `finally` in which a jump stands."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import chain

from bedev_lint.model import Options
from bedev_lint.source import Landmarks, Rows


def where(landmarks: Landmarks, _options: Options) -> Iterator[Rows]:
    for clause in landmarks.clauses["finally"]:
        last = chain(*map(ast.walk, getattr(clause.node, "finalbody", ())))
        if any(isinstance(node, (ast.Return, ast.Break, ast.Continue)) for node in last):
            yield clause.rows
