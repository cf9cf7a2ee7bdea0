"""Every form of token in the table: one that has it is found, one that just misses it is not.

Both are made from the form itself, so that no scanner takes this file for a leak.
"""

from __future__ import annotations

import importlib
import random
import re
import string
import sys
from pathlib import Path
from typing import Any

import pytest

from bedev_lint import catalog as catalogs
from bedev_lint.options import hints, table
from bedev_lint.visitors.hardcoded_token import provider_in
from scratch import lint, write

parser: Any = importlib.import_module("re._parser" if sys.version_info >= (3, 11) else "sre_parse")

RULE = catalogs.load([catalogs.builtin_rules()]).rules["BD303"]
FORMS = table(RULE.options, "tokens")


def shortest(form: str) -> str:
    """Return a shortest text that a form matches, its characters mixed."""
    return _made(parser.parse(form), random.Random(form))


def _made(steps: Any, chance: random.Random) -> str:
    made = ""
    for kind, value in steps:
        name = str(kind)
        if name == "LITERAL":
            made += chr(value)
        elif name == "IN":
            made += chance.choice(_letters(value))
        elif name in ("MAX_REPEAT", "MIN_REPEAT"):
            made += "".join(_made(value[2], chance) for _ in range(value[0]))
        elif name == "SUBPATTERN":
            made += _made(value[3], chance)
        elif name == "ASSERT_NOT":
            continue
        elif name == "BRANCH":
            made += _made(value[1][0], chance)
        else:
            raise AssertionError(f"{name} is new in a form of token")
    return made


def _letters(steps: Any) -> str:
    letters = ""
    for kind, value in steps:
        last = value[1] if str(kind) == "RANGE" else value
        first = value[0] if str(kind) == "RANGE" else value
        letters += "".join(map(chr, range(first, last + 1)))
    return "".join(letter for letter in letters if letter in string.printable)


def test_there_are_well_over_a_hundred_forms_and_none_is_searched_for_everywhere() -> None:
    assert len(FORMS) > 150
    assert [name for name, form in FORMS if not hints(form)] == []


@pytest.mark.parametrize(("provider", "form"), FORMS, ids=[name for name, _ in FORMS])
def test_a_token_of_the_form_and_none_that_just_misses_it(provider: str, form: str) -> None:
    token = shortest(form)
    assert re.fullmatch(form, token)
    assert provider_in(f"token={token}", RULE.options) is not None
    for miss in (token[:-1] + " ", token[: len(token) // 2] + "," + token[len(token) // 2 + 1 :]):
        assert provider_in(miss, RULE.options) != provider, miss


def test_tokens_are_found_in_code_under_whatever_name(tmp_path: Path) -> None:
    code = "".join(f"A{at} = {shortest(form)!r}\n" for at, (_, form) in enumerate(FORMS))
    found = lint(write(tmp_path, {"app.py": code}), "--min-confidence", "likely")
    rows = {finding["location"]["row"] for finding in found if finding["code"] == "BD303"}
    assert rows == set(range(1, len(FORMS) + 1))
