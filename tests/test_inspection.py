"""What goes wrong with a file is a diagnostic: nothing crashes, and nothing is silently clean."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import libcst as cst
import pytest
from click.testing import CliRunner, Result

from bedev_lint.catalog import Rule
from bedev_lint.cli import cli
from bedev_lint.inspection import inspect, visitor_runner
from bedev_lint.model import Options
from bedev_lint.syntax import Module
from bedev_lint.visiting import Finding, Visitor, visits


def run(path: Path, *options: str) -> Result:
    return CliRunner().invoke(cli, ["check", str(path), "--isolated", "--no-cache", *options])


def codes(result: Result) -> list[str]:
    return [found["code"] for found in json.loads(result.stdout)]


DEEP = {
    "attributes": "x = a" + ".b" * 20_000,
    "calls": "x = a" + "()" * 20_000,
    "subscripts": "x = a" + "[0]" * 20_000,
    "sums": "x = 1" + " + 1" * 20_000,
    "sums over lines": "x = (1" + "\n  + 1" * 20_000 + ")",
    "signs": "x = " + "-" * 20_000 + "1",
    "negations": "x = " + "not " * 20_000 + "1",
    "lambdas": "x = " + "lambda: " * 20_000 + "1",
    "choices": "x = " + "1 if 1 else " * 20_000 + "1",
    "conjunctions": "x = 1" + " and 1" * 20_000,
    "brackets": "x = " + "[" * 5_000 + "]" * 5_000,
    "branches": "if 1:\n    pass\n" + "elif 1:\n    pass\n" * 20_000,
}


@pytest.mark.parametrize("name", DEEP)
def test_what_is_too_deep_is_said_to_be(tmp_path: Path, name: str) -> None:
    (tmp_path / "app.py").write_text(DEEP[name] + "\n")
    result = run(tmp_path, "--output-format", "json")
    assert (result.exit_code, codes(result)) == (2, ["BD005"])


def test_the_other_files_are_still_read(tmp_path: Path) -> None:
    (tmp_path / "deep.py").write_text(DEEP["brackets"] + "\n")
    (tmp_path / "broken.py").write_text("def f(:\n")
    (tmp_path / "latin.py").write_bytes(b"name = '\xe9'\n")
    (tmp_path / "app.py").write_text("try:\n    f()\nexcept Exception:\n    pass\n")
    result = run(tmp_path, "--output-format", "json", "--exit-zero")
    assert result.exit_code == 2
    assert sorted(codes(result)) == ["BD001", "BD003", "BD005", "BD101"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "\ufeffx = 1\n",
        "x = 1",
        "x = 1\r\ny = 2\r\n",
        "x = 1\ry = 2\r",
        "x = 'a\\\nb'\n",
        "s = '\u2028'\ny = 1\n",
        "if x:\n\ty = 1\n",
        "# only a comment",
        "x = 1; y = 2;\n",
        "def f(a, /, b, *, c): ...\n",
        "async def f():\n    return [x async for x in y if await z]\n",
        "type A[T] = list[T]\n",
        "match x:\n    case [1, *rest] | {'a': A(b=c)}:\n        pass\n",
        "with (open(a) as b, open(c) as d):\n    pass\n",
        "x = f'{a!r:>{width}} {b=}'\n",
    ],
)
def test_any_python_is_read(tmp_path: Path, text: str) -> None:
    (tmp_path / "app.py").write_bytes(text.encode())
    result = run(tmp_path)
    assert result.exit_code == 0, result.output


def test_a_rule_that_fails_is_told_and_the_others_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    @visits("ExceptHandler")
    def broken(node: cst.ExceptHandler, module: Module, options: Options) -> Iterator[Finding]:
        raise KeyError("hunter2")

    original = visitor_runner.load
    monkeypatch.setattr(
        visitor_runner,
        "load",
        lambda rule: broken if rule.code == "BD102" else original(rule),
    )
    (tmp_path / "app.py").write_text("try:\n    f()\nexcept BaseException:\n    pass\n")
    result = run(tmp_path, "--output-format", "json")
    assert (result.exit_code, codes(result)) == (2, ["BD004", "BD101"])
    assert "swallowed-cancellation: KeyError" in result.stdout
    assert "hunter2" not in result.stdout


def test_a_rule_that_cannot_be_loaded_is_told_and_the_others_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = visitor_runner.load

    def load(rule: Rule) -> Visitor:
        if rule.code == "BD102":
            raise ImportError
        return original(rule)

    monkeypatch.setattr(visitor_runner, "load", load)
    (tmp_path / "app.py").write_text("try:\n    f()\nexcept BaseException:\n    pass\n")
    result = run(tmp_path, "--output-format", "json")
    assert (result.exit_code, codes(result)) == (2, ["BD004", "BD101"])


def test_a_place_is_that_of_the_text_whatever_ends_its_lines(tmp_path: Path) -> None:
    text = "s = '\u2028\x0c'\r\ntry:\r\n    f()\r\nexcept Exception:\r\n    pass\r\n"
    (tmp_path / "app.py").write_bytes(text.encode())
    found = json.loads(run(tmp_path, "--output-format", "json").stdout)
    assert [item["location"] for item in found] == [{"row": 4, "column": 1}]


SECRET = "hunter2Zq9xQwVbnmKj"
SLIPPING = {
    "form feeds": "import os\n" + "\x0cdef f():\n    pass\n\n" * 12,
    "spaces in a field": 'u = f"{ x !r     : >{ y } }"\n',
    "spaces in except*": "try:\n  f()\nexcept  *  ValueError   : print(1)\n",
    "lone backslashes": "x=1\n" + "\\\n" + "y=2\n" + "\\\n\\\n" * 5,
    "parentheses": 'u = ( ("abc") )\n',
    "quotes in an f-string": "u = f\"{x}'''SEC\"\n",
    "a template": "q = t'one {x} two'\n",
    "tabs and wide characters": "é = '\t日本'\n",
}


@pytest.mark.parametrize("name", SLIPPING)
def test_no_mask_slips_off_its_string(tmp_path: Path, name: str) -> None:
    line = f'password = "{SECRET}"; url = "https://a.corp.io/{SECRET}", (("{SECRET}"))'
    (tmp_path / "app.py").write_text(f"{SLIPPING[name]}{line}\nlast = '{SECRET}'")
    for style in ("full", "concise", "json"):
        result = run(tmp_path, "--output-format", style)
        assert result.exit_code == 1, result.output
        pieces = (SECRET[at : at + 4] for at in range(len(SECRET) - 3))
        assert [piece for piece in pieces if piece in result.output] == [], result.output


def test_a_form_feed_moves_no_row(tmp_path: Path) -> None:
    text = '\x0cimport os\n\x0cu = "https://a.internal.corp"  # bedev: ignore[BD301]\n'
    (tmp_path / "app.py").write_text(text)
    assert run(tmp_path).exit_code == 0


@pytest.mark.parametrize("quotes", ["\u201c\u201d", "\u2018\u2019", "\u00ab\u00bb"])
def test_an_error_of_syntax_quotes_nothing(tmp_path: Path, quotes: str) -> None:
    (tmp_path / "app.py").write_text(f"x = 1\npassword = {quotes[0]}{SECRET}{quotes[1]}\n")
    result = run(tmp_path, "--output-format", "json")
    assert codes(result) == ["BD001"]
    assert json.loads(result.stdout)[0]["location"]["row"] == 2
    assert "hunter" not in result.output


@pytest.mark.parametrize(
    "text",
    [
        "try:\n    f()\nexcept Exception:\n    pass",
        "try:\n    f()\nexcept Exception:\n    pass  # why",
        'with open("x") as f:\n    try:\n        f()\n    except Exception: pass;',
    ],
)
def test_a_file_may_end_without_a_newline(tmp_path: Path, text: str) -> None:
    (tmp_path / "app.py").write_text(text)
    assert codes(run(tmp_path, "--output-format", "json")) == ["BD101"]


def test_a_call_in_an_annotation_in_quotes_is_no_place(tmp_path: Path) -> None:
    text = 'def f(x: "Annotated[S, Depends(get)]"):\n    g(x)  # noqa: BD301\n'
    (tmp_path / "app.py").write_text(text)
    assert codes(run(tmp_path, "--output-format", "json")) == ["BD002"]


@pytest.mark.parametrize("cookie", ["punycode", "undefined", "hex", "klingon"])
def test_an_odd_encoding_is_no_crash(tmp_path: Path, cookie: str) -> None:
    (tmp_path / "app.py").write_text(f"# coding: {cookie}\nx = 1\n")
    assert codes(run(tmp_path, "--output-format", "json")) == ["BD003"]


def test_a_name_that_is_not_utf8_and_a_pipe_are_told(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("try:\n    f()\nexcept Exception:\n    pass\n")
    try:
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/bad\xff.py")).write_text("x = 1\n")
    except OSError:
        pytest.skip("this file system has only names in UTF-8")
    os.mkfifo(tmp_path / "pipe.py")
    found = codes(run(tmp_path, "--output-format", "json"))
    assert found.count("BD101") == 1
    assert "BD003" in found
    assert codes(run(tmp_path / "pipe.py", "--output-format", "json"))[-1] == "BD003"


def test_an_escaped_lone_surrogate_is_no_crash(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text('d = {"\\ud800_password": "hunter2Zq9"}\n')
    assert codes(run(tmp_path, "--output-format", "json")) == ["BD302"]


def test_a_lone_surrogate_in_a_path_is_no_crash(tmp_path: Path) -> None:
    text = 'app.post("/\\ud800", data=f"/\\udcff/{x}" + "/\\udfff")\n'
    (tmp_path / "app.py").write_text(text)
    assert codes(run(tmp_path, "--extend-select", "BD603", "--output-format", "json")) == []


def test_an_odd_escape_in_a_literal_warns_nobody(tmp_path: Path) -> None:
    handler = "def f(x):\n    try:\n        g()\n    except Exception:\n"
    (tmp_path / "app.py").write_text(handler + r"        return h('\d one', f'\d {x}')" + "\n")
    command = [sys.executable, "-W", "error", "-m", "bedev_lint", "check", str(tmp_path)]
    result = subprocess.run(
        [*command, "--isolated", "--no-cache", "--output-format", "json"],
        capture_output=True,
        check=False,
        text=True,
    )
    assert [found["code"] for found in json.loads(result.stdout)] == ["BD101"]
    assert not result.stderr


@pytest.mark.parametrize(
    "text", [f"x = {'9' * 5_000}\n", "x = 'a' b'b'\n", "match x:\n    case 1: pass\n"]
)
def test_no_file_ends_the_run(tmp_path: Path, text: str) -> None:
    (tmp_path / "odd.py").write_text(text)
    (tmp_path / "app.py").write_text("try:\n    f()\nexcept Exception:\n    pass\n")
    result = run(tmp_path, "--output-format", "json")
    assert "BD101" in codes(result)


def test_a_mistake_of_ours_is_told_of_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "app.py").write_text("x = 1\n")

    def broken(*_: object) -> None:
        raise KeyError

    monkeypatch.setattr(inspect, "indexed", broken)
    result = run(tmp_path, "--output-format", "json")
    assert (result.exit_code, codes(result)) == (2, ["BD005"])
