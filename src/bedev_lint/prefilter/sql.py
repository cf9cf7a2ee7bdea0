"""What SQL looks like: where it begins, and where in it values stand. More may look so than is."""

from __future__ import annotations

import re

from bedev_lint.prefilter.index import HOLE

__all__ = [
    "ends_search",
    "is_quoted",
    "is_statement",
    "is_value_place",
    "is_whole",
    "looks_like_sql",
    "may_hold_value",
    "tail",
]

# Behind comments, brackets and what is put in. In what begins otherwise no parameter may stand.
_STATEMENT = "SELECT|INSERT|UPDATE|DELETE|WITH|MERGE|REPLACE|EXPLAIN|CALL|VALUES"
_CLAUSE = "AND|OR|WHERE|HAVING|LIMIT|OFFSET|ORDER|GROUP|UNION|FROM|JOIN|LEFT|INNER|ON|CASE|NOT"
_BEGINS = re.compile(rf"(?:{_STATEMENT}|{_CLAUSE})\b", re.IGNORECASE)
_BEGINS_STATEMENT = re.compile(rf"(?:{_STATEMENT})\b", re.IGNORECASE)
_COMMENT = re.compile(r"--[^\n]*|/\*[^*]*\*/")
_BEFORE = " \t\r\n(" + HOLE

# A whole one, by its two keywords.
_WHOLE = tuple(
    (re.compile(rf"{first}\b", re.IGNORECASE), re.compile(rf"\b{second}\b", re.IGNORECASE))
    for first, second in (
        ("SELECT", "FROM"),
        (r"INSERT\s+INTO", "VALUES|SELECT"),
        ("UPDATE", "SET"),
        (r"DELETE\s+FROM", "WHERE"),
        ("WITH", "SELECT"),
    )
)
_BEFORE_VALUE = re.compile(
    r"(?:[=<>]"
    r"|\b(?:LIKE|ILIKE|LIMIT|OFFSET|BETWEEN|IN)"
    r"|\b(?:IN|VALUES)\s{0,9}\([^()]{0,500}"
    r"|\bBETWEEN\s{1,9}[^\s]{1,99}\s{1,9}AND)\Z",
    re.IGNORECASE,
)
_PLACEHOLDER = re.compile(r"(?:[:$@]|%\()\w{0,50}\Z")
# Between quotes there is the name of a table or a sequence, too.
_BEFORE_NAME = re.compile(
    r"\b(?:setval|nextval|currval|pg_get_serial_sequence|to_regclass)\s{0,9}\(\s{0,9}'[^']{0,99}\Z",
    re.IGNORECASE,
)
_TO_NAME = ("'::regclass", "'::regtype", "' :: regclass")
# So much before a value is looked at.
_BACK = 600
_OPEN_ENDS = (
    "=",
    "<",
    ">",
    "'",
    '"',
    "(",
    ",",
    "%",
    "like",
    "limit",
    "offset",
    "between",
    "in",
    "and",
)


def looks_like_sql(text: str) -> bool:
    """Return whether a text begins as a statement, or a clause of one, does."""
    return _BEGINS.match(_bare(text)) is not None


def is_statement(text: str) -> bool:
    """Return whether a text begins as a statement of SQL does, in which there are parameters."""
    return _BEGINS_STATEMENT.match(_bare(text)) is not None


def is_whole(text: str) -> bool:
    """Return whether a text is a statement of SQL from its first keyword to its second."""
    bare = _bare(text)
    return any(first.match(bare) and second.search(bare) for first, second in _WHOLE)


def _bare(text: str) -> str:
    return _COMMENT.sub(" ", text).lstrip(_BEFORE)


def is_value_place(before: str, after: str) -> bool:
    """Return whether between these two pieces of SQL there is a value, and no name or clause."""
    if is_quoted(before):
        is_name = _BEFORE_NAME.search(before[-_BACK:]) or after.startswith(_TO_NAME)
        return not is_name
    is_behind = _BEFORE_VALUE.search(before[-_BACK:].rstrip()) is not None
    return is_behind and not after.startswith((".", "("))


def is_quoted(before: str) -> bool:
    """Return whether what stands behind this piece of SQL is between the quotes of a value."""
    if before.count("'") % 2:
        return not before[: before.rindex("'")].rstrip().upper().endswith(" AS")
    if before.count('"') % 2:
        # Quotes of names, unless there is a value.
        return is_value_place(before[: before.rindex('"')].replace('"', ""), "")
    return False


def tail(before: str) -> str:
    """Return as much of a piece of SQL as decides what stands behind it."""
    quoted = next((mark for mark in ("'", '"') if before.count(mark) % 2), None)
    start = before.rindex(quoted) if quoted else len(before)
    kept = before[max(0, start - _BACK) : start]
    return kept.replace("'", "").replace('"', "") + before[start:]


def ends_search(text: str, before: str | None) -> bool:
    """Return whether a text is a statement by itself, or what stands before a value names it.

    The one is looked at where it stands, the other a placeholder: `:name`, `%(name)s`, `$1`, `@x`.
    """
    return (
        is_statement(text) if before is None else _PLACEHOLDER.search(before[-_BACK:]) is not None
    )


def may_hold_value(text: str) -> bool:
    """Return whether something may be put into a text, or behind it, as a value."""
    return HOLE in text or "%" in text or "{" in text or text.rstrip().lower().endswith(_OPEN_ENDS)
