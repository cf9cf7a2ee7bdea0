"""Nothing of the linted project is obeyed by a terminal or a CI, wherever it is printed."""

from __future__ import annotations

import io
import json
import os
import re
import sys
from pathlib import Path

import pytest

from bedev_lint import DOCS_URL
from bedev_lint.cli import main
from bedev_lint.escaping import harmless, link_to
from bedev_lint.report import FORMATS

EVIL = "\x1b[31mA\x9b2J\u202eB\r\n::error::C\n \u3000::add-mask::D ##[add-path]E\u2028::stop::F\x07"
# In the name of a file all but a slash may stand.
NAME = "::error::" + EVIL
SWALLOWED = "try:\n    f()\nexcept Exception:\n    pass\n"
# Controls other than the newline and the tab, and characters that turn the text around.
OBEYED = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\xa8-\xae]|##\w*\[")
OWN_COLOURS = re.compile(rb"\x1b\[(?:0|1|2|1;3[1-6])m")


def toml(text: str) -> str:
    return "".join(c if c.isascii() and c.isprintable() else f"\\u{ord(c):04x}" for c in text)


RULE = f"""
code = "AC101"
title = "{toml(EVIL)}"
message = "{{function}} {toml(EVIL)} {{path}}"
rule = "{toml(EVIL)}"
why = "{toml(EVIL)}"
help = "{toml(EVIL)}"
severity = "warning"
default = true
skip = []
boundary = {{ effect = "odd.effect", within = "odd-place" }}
options = {{ "odd-option" = "{toml(EVIL)}" }}
example = [{{ bad = '''
# file: shop/odd.py
import oddlib
def place():
    oddlib.call()  # error: AC101
# {EVIL[-9:-3]}
''' }}, {{ good = "pass" }}]

[effect."odd.effect"]
title = "{toml(EVIL)}"

[context.odd-place]
modules = ["odd", "odd_*"]

[type."oddlib"]
call = {{ effect = "odd.effect" }}
"""

CODE = f"""
import oddlib
def place(order: '{EVIL[:5]}'):
    for one in order:
        oddlib.call()
        one['''{EVIL[-10:]}'''].run()  # noqa: BD101 ::error::
    # bedev: ignore[{toml(EVIL)}]
{SWALLOWED}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / NAME
    for name, text in {
        "bedev-lint.toml": f'rules = ["lint"]\nexclude = ["{toml(EVIL)}"]\n',
        "lint/team/odd-rule.toml": RULE,
        "shop/odd.py": CODE,
        "shop/größe.py": SWALLOWED,
        f"{NAME}.py": SWALLOWED,
        f"{NAME}/{NAME}.py": "def f(:\n",
        f"{NAME}/__init__.py": "",
    }.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (root / "shop/latin.py").write_bytes(f"# coding: {toml(EVIL)}\n'\xe9'".encode("latin-1"))
    (root / ".git").mkdir()
    monkeypatch.chdir(root)
    return root


Commands = list[tuple[str, ...]]

COMMANDS: Commands = [
    ("check",),
    ("check", "--output-format", "full", "--color", "always", "-v"),
    ("check", "--statistics"),
    *(("check", "--output-format", form) for form in FORMATS if form != "github"),
    ("check", "--output-format", "json", "--statistics"),
    ("check", "--output-format", EVIL),
    ("check", "--output-format", f"json:{NAME}/no/such"),
    ("check", "--debug"),
    ("check", EVIL),
    ("check", NAME),
    ("check", "--select", EVIL),
    ("check", "--config", EVIL),
    ("check", "--cache-dir", NAME),
    ("check", "--output-file", f"{NAME}/no/such"),
    ("check", f"--{EVIL}"),
    ("check", "--min-severity", EVIL),
    ("check", "--jobs", EVIL),
    ("check", "--stdin-filename", NAME, "-"),
    ("effects", "."),
    ("effects", "shop.odd:place"),
    ("effects", f"shop.odd:{EVIL}"),
    ("effects", EVIL),
    ("effects", ".", "--effect", EVIL),
    ("effects", ".", "--output-format", "json"),
    ("graph",),
    ("graph", "--format", "mermaid"),
    ("graph", EVIL),
    ("explain", "AC101"),
    ("explain", EVIL),
    ("rules",),
    ("rules", "--output-format", "json"),
    ("config",),
    ("config", EVIL),
    ("clean",),
    ("clean", "--cache-dir", NAME),
    ("clean", EVIL),
]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: " ".join(command)[:40])
def test_nothing_is_obeyed(
    command: tuple[str, ...],
    project: Path,
    capfdbinary: pytest.CaptureFixture[bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(SWALLOWED.encode())))
    assert main(command) in (0, 1, 2)
    for printed in capfdbinary.readouterr():
        assert b"bedev-lint failed" not in printed
        check(printed, colour="always" in command)


def check(printed: bytes, colour: bool = False) -> None:
    bare = OWN_COLOURS.sub(b"", printed) if colour else printed
    assert not OBEYED.findall(bare)
    assert not [line for line in bare.decode().splitlines() if line.lstrip().startswith("::")]
    assert not [line for line in bare.decode().splitlines() if line.lstrip().startswith("##[")]


@pytest.mark.parametrize(
    "text",
    [
        f'"{toml(EVIL)}" = 1\n',
        f'select = ["{toml(EVIL)}"]\n',
        f'rules = ["{toml(EVIL)}"]\n',
        f'[rule."{toml(EVIL)}"]\nx = 1\n',
        f'[rule.swallowed-exception]\n"{toml(EVIL)}" = 1\n',
        f'[per-file-ignores]\n"*" = ["{toml(EVIL)}"]\n',
        f"x = {EVIL}\n",
    ],
)
def test_no_error_of_the_configuration_is_obeyed(
    text: str, project: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    (project / "bedev-lint.toml").write_text(text)
    for command in ("check", "config", "rules"):
        assert main([command]) in (0, 1, 2)
        for printed in capfdbinary.readouterr():
            assert b"bedev-lint failed" not in printed
            check(printed)


# All that a file, a line and a column may be: what separates them is escaped in a name.
ANNOTATION = re.compile(
    r"::(?:error|warning|notice) "
    r"(?:file=[^:,\n]*,line=\d+,col=\d+(?:,endLine=\d+,endColumn=\d+)?,)?"
    r"title=[\w -]+::[^\n]*"
)


def test_only_annotations_of_our_own_are_obeyed(
    project: Path, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(project / "summary.md"))
    main(["check", "."])
    printed, told = capfdbinary.readouterr()
    check(told)
    lines = printed.decode().splitlines()
    commands = [line for line in lines if line.lstrip().startswith("::")]
    assert commands
    assert all(ANNOTATION.fullmatch(line) for line in commands)
    check("\n".join(line for line in lines if line not in commands).encode())
    check((project / "summary.md").read_bytes())


def test_a_line_stays_one(project: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    main(["config"])
    first, second, *_ = capfdbinary.readouterr().out.decode().splitlines()
    assert (first[:7], second[:7]) == ("# from:", "# root:")
    main(["check", "-q", "-v", "."])
    lines = capfdbinary.readouterr().err.decode().splitlines()
    *lines, remark, last = lines
    assert [line.partition(":")[0] for line in [*lines, last]] == [
        "configuration",
        "root",
        "files",
        "analysed",
        "time",
    ]
    assert remark.endswith(" matches no folder and no Python file")
    main(["clean"])
    assert len(capfdbinary.readouterr().err.splitlines()) == 1


def test_what_is_written_instead_means_the_same(
    project: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    main(["check", ".", "--output-format", "json"])
    names = {
        os.path.basename(found["filename"]) for found in json.loads(capfdbinary.readouterr()[0])
    }
    assert f"{NAME}.py" in names


def test_our_own_texts_are_left_as_they_are() -> None:
    page = (Path(__file__).parent.parent / "src/bedev_lint/report/graph.html").read_text()
    assert harmless(page) == page
    link = f"{link_to(f'{DOCS_URL}rules/BD101/')}BD101{link_to('')}"
    assert harmless(link, colour=True) == link
    assert "\x1b" not in harmless(link) + harmless(link_to("https://evil/"), colour=True)
    assert harmless("a: b ## x [1] größe 日本\n\tc::d\n") == "a: b ## x [1] größe 日本\n\tc::d\n"


def test_a_file_of_findings_is_obeyed_as_little(project: Path) -> None:
    main(["check", ".", "--output-file", "found.txt"])
    check(Path("found.txt").read_bytes())
