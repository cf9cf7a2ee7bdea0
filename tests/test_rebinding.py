"""Names that are bound to what is made of them: whoever asks what they are comes to an end."""

from __future__ import annotations

from pathlib import Path

import pytest

from scratch import lint, write

# How a name may be made of itself, or of another that is made of it.
MADE = (
    *("sorted({})", "list({})", "tuple({}.items())", "set({}).difference({})", "dict({})"),
    *("max({}, 1)", "min(1, {}, 2)", "len({})", "range({})", "{}[0]", "{}[1:]", "{}.get('a')"),
    *("{} or ()", "() if {} else {}", "[*{}]", "{{**{}}}", "{} + ['a']", "{}()", "{}.filter(a=1)"),
    *("cast(list, {})", "partial({}, 1)", "{}.other", "[each for each in {}]", "await_({})"),
    *("{}.connect()", "{}.begin()", "({}, {})", "lambda: {}", "next(iter({}))", "type({})"),
)
FIRST = ("()", "{}", "session.query(Order)", "('a', 'b')", "session")
USES = """
        for each in {name}:
            session.get(Order, each)
            session.commit()
            requests.get("https://goods.shop", **{name})
            if {name}:
                break
        for number in range({name}):
            session.get(Order, number)
        for each in {name}.items():
            {name}[each] = session.get(Order, each)
        with {name}.begin():
            requests.post({name}, timeout={name}, data=[{name}])
        with session.begin():
            {name}.save()
            {name}()
        subprocess.run({name}, check={name})
        task = asyncio.create_task({name}())
        thread = Thread(target={name}, args={name})
        try:
            {name}.delete()
        except {name}:
            pass
        raise {name}
"""
HEAD = """
import asyncio
import subprocess
from functools import partial
from threading import Thread
from typing import cast

import requests
from sqlalchemy.orm import DeclarativeBase, Session


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"


"""


def functions() -> str:
    """Return functions in which names are made of themselves, and of each other."""
    lines = []
    for number, made in enumerate(MADE):
        first = FIRST[number % len(FIRST)]
        once, other = (made.format(*[name] * made.count("{}")) for name in ("one", "two"))
        lines.append(
            f"def use_{number}(session: Session, *rest):\n"
            f"    one = two = {first}\n"
            f"    one = {other}\n"
            f"    two = {once}\n"
            f"    while rest:{USES.format(name='one')}"
        )
    return "\n\n".join(lines)


@pytest.mark.parametrize("scope", ["function", "class", "module"])
def test_what_is_made_of_itself(tmp_path: Path, scope: str) -> None:
    code = HEAD + functions()
    if scope == "class":
        code = code.replace("def use", "class Use").replace("(session: Session, *rest)", "")
        code = code.replace("while rest:", "def go(self, session: Session, *rest):")
        code = code.replace("(one", "(self.one").replace("in one", "in self.one")
    elif scope == "module":
        code = HEAD + "session, rest = Session(), [1]\n" + functions()
        code = code.replace("def use", "if rest:  # use").replace("(session: Session, *rest):", "")
    root = write(tmp_path, {"shop/app.py": code})
    found = lint(root, "--select", "ALL", "--no-cache")
    assert found
    assert [item["message"] for item in found if item["code"].startswith("BD00")] == []
