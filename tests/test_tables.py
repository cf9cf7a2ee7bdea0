"""On which row a key of TOML stands."""

from __future__ import annotations

import pytest

from bedev_lint.tables import Key, dotted, row_of

TEXT = '''\
# a comment with a = 1
a = 1
b.c = [
    "a = 3",
    """
    d = 4
    """,
]

[d]  # a table
text = """
[e]
f = 1
"""
"x.y" = { e = { f = 1 } }

[[list]]
name = "first"
[[list]]
other = "second"
[list.inner]
g = 1
'''


@pytest.mark.parametrize(
    ("key", "row"),
    [
        (("a",), 2),
        (("b",), 3),
        (("b", "c"), 3),
        (("b", "c", "unknown"), 3),
        (("d",), 10),
        (("d", "unknown"), 10),
        (("d", "text"), 11),
        (("d", "x.y"), 15),
        (("d", "x.y", "e", "f"), 15),
        (("e",), 1),
        (("list",), 17),
        (("list", "other"), 20),
        (("list", "inner", "g"), 22),
        ((), 1),
    ],
)
def test_rows(key: Key, row: int) -> None:
    assert row_of(TEXT, key) == row
    assert row_of(TEXT.replace("\n", "\r\n"), key) == row


def test_dotted() -> None:
    assert dotted(("type", "shop.Db", "add")) == 'type."shop.Db".add'
