"""The text of a module as Python itself reads it: decoding, parsing, and parts of it.

Nothing here knows LibCST, which costs as much to import as a hundred files to read.
"""

from bedev_lint.source.comments import comments
from bedev_lint.source.lines import Columns, line_starts, lines
from bedev_lint.source.masks import Masks
from bedev_lint.source.nesting import check_nesting
from bedev_lint.source.nodes import (
    BASE,
    BROAD,
    DEFINITIONS,
    TypeAlias,
    below,
    bound_names,
    constant_text,
    declared_names,
    dotted_name,
    first_row,
    parted,
    rows_of,
    suites,
    target_names,
    words_in,
)
from bedev_lint.source.pruning import (
    Part,
    enclosing,
    is_left_out,
    names_bound,
    parts,
    unchanging,
    without,
)
from bedev_lint.source.read import (
    MAX_BYTES,
    Limit,
    Undecodable,
    Unparsable,
    check_size,
    decode,
    parse,
    without_quotes,
)
from bedev_lint.source.rows import Rows, is_among, merged
from bedev_lint.source.statements import FAR, Innermost, Statement, header_of, statements

__all__ = [
    "BASE",
    "BROAD",
    "DEFINITIONS",
    "FAR",
    "MAX_BYTES",
    "Columns",
    "Innermost",
    "Limit",
    "Masks",
    "Part",
    "Rows",
    "Statement",
    "TypeAlias",
    "Undecodable",
    "Unparsable",
    "below",
    "bound_names",
    "check_nesting",
    "check_size",
    "comments",
    "constant_text",
    "declared_names",
    "decode",
    "dotted_name",
    "enclosing",
    "first_row",
    "header_of",
    "is_among",
    "is_left_out",
    "line_starts",
    "lines",
    "merged",
    "names_bound",
    "parse",
    "parted",
    "parts",
    "rows_of",
    "statements",
    "suites",
    "target_names",
    "unchanging",
    "without",
    "without_quotes",
    "words_in",
]
