"""Rules about calls, and boundaries that require an effect, as a team would write them."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from bedev_lint import catalog as catalogs
from bedev_lint import facts, source
from bedev_lint.catalog import Rule
from bedev_lint.session import examples
from scratch import lint, run, write

FOLDER = Path(__file__).parent / "projects/call-rules"
CATALOG = catalogs.load([catalogs.builtin_rules(), FOLDER])
RULES = [rule for rule in CATALOG.rules.values() if rule.code.startswith("TT")]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_examples_hold(rule: Rule) -> None:
    assert rule.examples
    assert list(examples.problems(rule, CATALOG, alone=True)) == []


# The team's own rule says what BD501 says of the same calls.
TEAM = {"bedev-lint.toml": 'rules = ["lint"]\nignore = ["BD501"]\n'}


def project(root: Path, rule: str, files: dict[str, str]) -> Path:
    """Make a repository with one of the rules above as the team's own."""
    text = (FOLDER / "team" / f"{rule}.toml").read_text(encoding="utf-8")
    return write(root, {**TEAM, f"lint/team/{rule}.toml": text, **files})


def test_a_call_is_one_place_without_a_path(tmp_path: Path) -> None:
    code = "import requests\n\ndef load(url):\n    return requests.get(url)\n"
    (found,) = lint(project(tmp_path, "no-timeout", {"app.py": code}))
    assert found["message"] == "app.load calls requests.get without a timeout"
    assert (found["location"]["row"], found["path"], found["confidence"]) == (4, [], "certain")
    assert found["fingerprint"] == found["cause"]


def test_a_fingerprint_does_not_depend_on_texts(tmp_path: Path) -> None:
    code = "import requests\n\ndef load(url):\n    return requests.get(url)\n"
    root = project(tmp_path, "no-timeout", {"app.py": code})
    (before,) = lint(root)
    rule = root / "lint/team/no-timeout.toml"
    text = rule.read_text(encoding="utf-8")
    rule.write_text(
        text.replace("{function} calls {effect} without", "{effect}:"), encoding="utf-8"
    )
    (after,) = lint(root)
    assert after["message"] != before["message"]
    assert after["fingerprint"] == before["fingerprint"]


def test_a_caller_that_changes_is_heard(tmp_path: Path) -> None:
    """What a wrapper hands on is looked for in its callers, also when only these have changed."""
    root = project(
        tmp_path,
        "no-timeout",
        {
            "web.py": "import requests\n\ndef get(url, **more):\n    requests.get(url, **more)\n",
            "rates.py": "import web\n\ndef load(url):\n    web.get(url, headers={})\n",
        },
    )
    assert [found["code"] for found in lint(root)] == ["TT101"]
    write(root, {"rates.py": "import web\n\ndef load(url):\n    web.get(url, timeout=3)\n"})
    assert lint(root) == []
    write(root, {"rates.py": "import web\n\ndef load(url):\n    web.get(url)\n"})
    assert [found["filename"] for found in lint(root)] == [str(root / "web.py")]


def test_files_that_one_rule_alone_looks_at_are_a_program_of_their_own(tmp_path: Path) -> None:
    """No test calls production code: what a wrapper is given there says nothing."""
    rules = {
        f"lint/team/{name}.toml": (FOLDER / "team" / f"{name}.toml").read_text(encoding="utf-8")
        for name in ("no-timeout", "only-tests")
    }
    code = {
        "shop/web.py": "import requests\n\ndef get(url, **more):\n    requests.get(url, **more)\n",
        "tests/test_web.py": (
            "import time\nfrom shop import web\n\ndef test_it():\n    web.get('', headers={})\n"
            "    time.sleep(1)\n\ndef test_other():\n    print('x')  # bedev: ignore[BD101]\n"
        ),
    }
    root = write(tmp_path, {**TEAM, **rules, **code})
    assert [(found["code"], found["location"]["row"]) for found in lint(root)] == [("TT105", 6)]
    assert [found["code"] for found in lint(root, "tests")] == ["TT105"]
    assert lint(root, "--ignore", "TT105") == []
    write(root, {"tests/test_web.py": code["tests/test_web.py"].replace("sleep", "time")})
    assert lint(root) == []


def test_a_comment_silences_a_call_and_is_idle_without_one(tmp_path: Path) -> None:
    code = (
        "import requests\n\ndef load(url):\n    requests.get(url)  # noqa: TT101\n"
        "    requests.get(url, timeout=1)  # noqa: TT101\n"
    )
    root = project(tmp_path, "no-timeout", {"app.py": code})
    assert [(found["code"], found["location"]["row"]) for found in lint(root)] == [("BD002", 5)]


def test_facts_keep_no_text_that_no_rule_names() -> None:
    given = '"hunter", a="swordfish", b=f"abc{x}", c={"letmein": 5}, d="timeout now"'
    text = f"def f(x):\n    g({given})\n"
    kept = msgspec.json.encode(
        facts.extract(source.parse(text), text, "app", literals=frozenset({"timeout"})).facts
    )
    assert b"timeout" in kept
    for secret in (b"hunter", b"swordfish", b"abc", b"letmein", b"now"):
        assert secret not in kept


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ("to = 5", "7: call.to: expected a string or an array, got an integer"),
        ("too = 'a.b'", '7: call.too: unknown key (did you mean "to"?)'),
        ("within = ['loop']", '6: call: say which calls: `to = ["os.system"]`, or `effect'),
        ("to = 'get'", '7: call.to: expected a dotted name, such as "os.system" or'),
        ("effect = 'http.cal'", '7: call.effect: unknown effect "http.cal" (did you mean "http.c'),
        ("to = 'a.b'\noutside = ['lop']", '8: call.outside: unknown context "lop" (did you mean'),
        ("to = 'a.b'\nresult = 'drop'", "8: call.result: unknown value 'drop' (did you mean"),
        ("to = 'a.b'\nargument = { at = 0 }", "8: call.argument: say what the argument is like"),
        ("to = 'a.b'\nargument = { anyy = 'x' }", "8: call.argument.anyy: unknown key (did you"),
    ],
)
def test_a_wrong_table_is_told_with_what_to_write(tmp_path: Path, table: str, problem: str) -> None:
    head = 'code = "TT101"\ntitle = "t"\nmessage = "m"\nseverity = "error"\ndefault = true\n'
    files = {**TEAM, "lint/team/wrong.toml": f"{head}[call]\n{table}\n", "app.py": "x = 1\n"}
    result = run(write(tmp_path, files), "check")
    assert result.exit_code == 2
    assert f"lint/team/wrong.toml:{problem}" in result.stderr


def test_a_boundary_requires_or_forbids(tmp_path: Path) -> None:
    head = 'code = "TT101"\ntitle = "t"\nmessage = "m"\nseverity = "error"\ndefault = true\n'
    table = '[boundary]\nwithin = "loop"\nrequire = "http.call"\neffect = "db.read"\n'
    files = {**TEAM, "lint/team/wrong.toml": f"{head}{table}", "app.py": "x = 1\n"}
    told = run(write(tmp_path, files), "check").stderr
    assert "wrong.toml:6: boundary: expected either `effect` or `require`" in told
    assert "wrong.toml:7: boundary.within: expected contexts of functions, not of places" in told


def test_tests_are_looked_at_once_though_they_are_checked_too(tmp_path: Path) -> None:
    code = "import time\n\ndef test_it():\n    time.sleep(1)\n"
    root = project(tmp_path, "only-tests", {"tests/test_web.py": code})
    assert [found["code"] for found in lint(root, "--include-tests")] == ["TT105"]


def test_what_a_name_alone_suggests_is_likely(tmp_path: Path) -> None:
    code = "def load(requests_session, url):\n    requests_session.get(url)\n"
    (found,) = lint(project(tmp_path, "no-timeout", {"app.py": code}))
    assert (found["code"], found["confidence"]) == ("TT101", "likely")


PRINT = """
code = "TT101"
title = "print"
message = "{function} prints"
severity = "error"
default = true
[call]
to = "builtins.print"
outside = ["command"]
"""
COMMANDS = """
import click
import typer

app = typer.Typer()

@click.group()
def cli():
    print(1)

@cli.command()
def place():
    print(2)

@app.command()
def ship():
    print(3)

def deliver():
    print(4)
"""


def test_what_a_group_or_an_application_declares_is_a_command(tmp_path: Path) -> None:
    root = write(tmp_path, {**TEAM, "lint/team/no-print.toml": PRINT, "app.py": COMMANDS})
    assert [found["message"] for found in lint(root)] == ["app.deliver prints"]
