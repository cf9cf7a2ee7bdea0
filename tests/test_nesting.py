"""Whatever nests in Python is never given to a native parser deeper than its stack holds."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bedev_lint.source import Limit, check_nesting

# Each nests so many times by what stands before, around and behind a name.
SHAPES = {
    "brackets": "{(}a{)}",
    "displays": "{[*}a{]}",
    "calls": "a{()}",
    "calls over lines": "(a{()\n})",
    "arguments": "{f(b=}a{)}",
    "subscripts over lines": "a[0{][0\n}]",
    "methods over lines": "(a{\n.b()})",
    "signs over lines": "({~\n}a)",
    "powers": "a{**-a}",
    "sums over lines": "a{ + \\\na}",
    "negations over lines": "({not\n}a)",
    "lambdas": "({lambda b, c=0 in 0, d=1:\n}a)",
    "choices": "({a\nif b\nelse }c)",
    "loops of a comprehension": "[a{ for b, c in d}]",
    "strings in a row": "({'b'\n})",
    "brackets in a field": "f'{{{(}a{)}}}'",
    "brackets in a raw field": "rF'\\{{{(}a{)}}}'",
    "brackets in a format": "f'{{b:{{{(}a{)}}}}}'",
    "negations in a field": "f'''{{({not\n}a)}}'''",
    "commas between": "[a, {(b, c + }a{)}]",
}


def nested(shape: str, depth: int) -> str:
    """Return an expression in which all that stands in single braces stands so many times."""
    shape = shape.replace("{{", "\0").replace("}}", "\1")
    parts = shape.replace("}", "{").split("{")
    repeated = (part * (depth if number % 2 else 1) for number, part in enumerate(parts))
    return f"x = {''.join(repeated)}\n".replace("\0", "{").replace("\1", "}")


@pytest.mark.parametrize("name", SHAPES)
def test_what_nests_too_deeply_is_kept_out(name: str) -> None:
    check_nesting(nested(SHAPES[name], 40))
    for depth in (1_001, 20_000):
        with pytest.raises(Limit):
            check_nesting(nested(SHAPES[name], depth))


def test_branches_count_for_each_if_alone() -> None:
    branches = "if a:\n  pass\n" + "elif b:\n  '''\nx\n'''\n" * 400
    check_nesting(branches * 20)
    with pytest.raises(Limit):
        check_nesting(branches + "elif b: pass\n" * 700)


def test_long_texts_that_do_not_nest_are_let_through() -> None:
    fields = "f'a{b}: {c!r:>{d}}' + (1 - 2), 'it\\'s', lambda a, b: a,\n"
    check_nesting(f"x = [{fields * 1_000}]\n")
    check_nesting("def f(a, b=(1, 2)):\n    return a.b(c)[0] if a and not b else -1\n" * 1_000)


@pytest.mark.parametrize("name", ["brackets in a field", "negations over lines", "lambdas"])
def test_no_depth_ends_the_process(tmp_path: Path, name: str) -> None:
    swallowed = "try:\n    f()\nexcept Exception:\n    pass\n"
    (tmp_path / "other.py").write_text(swallowed)
    for depth in (150, 1_500, 100_000):
        (tmp_path / f"deep{depth}.py").write_text(nested(SHAPES[name], depth) + swallowed)
    command = [sys.executable, "-m", "bedev_lint", "check", str(tmp_path), "--isolated"]
    result = subprocess.run(
        [*command, "--no-cache", "-j1", "--output-format", "concise"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 2, result.stderr
    assert "other.py:3:1: BD101" in result.stdout
