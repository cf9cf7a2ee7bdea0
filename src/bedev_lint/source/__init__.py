"""The text of a module as Python itself reads it: decoding, parsing, and parts of it.

Nothing here knows LibCST, which costs as much to import as a hundred files to read.
"""

from bedev_lint.source.comments import comments
from bedev_lint.source.landmarks import Clause, Landmarks, Text, landmarks
from bedev_lint.source.lines import Columns, line_starts, lines
from bedev_lint.source.nodes import TypeAlias, below, bound_names, dotted_name, suites, target_names
from bedev_lint.source.parts import Part, is_left_out, parts, without
from bedev_lint.source.read import (
    Limit,
    Undecodable,
    Unparsable,
    check_size,
    decode,
    parse,
    without_quotes,
)
from bedev_lint.source.statements import (
    DEFINITIONS,
    FAR,
    Statement,
    header_of,
    innermost,
    statements,
)

__all__ = [
    "DEFINITIONS",
    "FAR",
    "Clause",
    "Columns",
    "Landmarks",
    "Limit",
    "Part",
    "Statement",
    "Text",
    "TypeAlias",
    "Undecodable",
    "Unparsable",
    "below",
    "bound_names",
    "check_size",
    "comments",
    "decode",
    "dotted_name",
    "header_of",
    "innermost",
    "is_left_out",
    "landmarks",
    "line_starts",
    "lines",
    "parse",
    "parts",
    "statements",
    "suites",
    "target_names",
    "without",
    "without_quotes",
]
