"""Code, rules and configurations of somebody who means ill, or whose disk is broken."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import scratch
from bedev_lint.session import examples
from bedev_lint.source import decode

RULE = """\
code     = "AC101"
title    = "HTTP"
message  = "{function} calls: {path}"
severity = "error"
default  = true
[boundary]
effect = "http.call"
within = "service"
"""
BAD = "import requests\ndef place():\n    requests.get('x')  # error: AC101\n"
CONFIGURED = {"bedev-lint.toml": 'rules = ["lint"]\n', "app.py": "x = 1\n"}


def with_rule(tmp_path: Path, *more: str, rule: str = RULE) -> Path:
    return scratch.write(tmp_path, {**CONFIGURED, "lint/team/no-http.toml": rule + "".join(more)})


def example(name: str, text: str = BAD) -> str:
    return f"[[example]]\nbad = '''\n# file: {name}\n{text}'''\n"


def told(root: Path, *arguments: str) -> list[str]:
    """Return what a run says that cannot do all that it should."""
    result = scratch.run(root, "--no-cache", *arguments)
    assert result.exit_code == 2
    return result.stderr.splitlines()


# ------------------------------------------------------------------ examples of a project's rules


@pytest.mark.parametrize(
    "name",
    [
        "../out.py",
        "shop/../../out.py",
        "{outside}/out.py",
        "./shop/services.py",
        "shop//services.py",
        "shop/",
        "C:/out.py",
        "..\\\\out.py",
        "shop\\\\services.py",
    ],
)
def test_an_example_names_files_below_the_project(tmp_path: Path, name: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (tmp_path / "repo").mkdir()
    name = name.format(outside=outside)
    root = with_rule(tmp_path / "repo", example("shop/services.py"), example(name))
    assert told(root) == [
        f"bedev-lint: {root}/lint/team/no-http.toml:16: example 2: # file: {name}: "
        "expected a path below the project, such as shop/orders.py"
    ]
    assert list(outside.iterdir()) == []
    assert sorted(os.listdir(tmp_path)) == ["outside", "repo"]


def test_examples_are_never_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = with_rule(tmp_path, example("shop/services.py"), example("src/shop/services.py"))
    monkeypatch.setenv("TMPDIR", str(tmp_path / "nowhere"))
    result = scratch.run(root, "--no-cache")
    assert (result.exit_code, result.stderr) == (0, "")


def test_examples_are_judged_by_their_rule_and_by_those_that_they_mark(tmp_path: Path) -> None:
    swallowed = "try:\n    x()\nexcept Exception:\n    pass\n"
    root = with_rule(tmp_path, example("services.py", BAD + swallowed))
    assert scratch.run(root, "--no-cache").exit_code == 0
    marked = swallowed.replace("Exception:", "Exception:  # error: BD102")
    root = with_rule(tmp_path, example("services.py", BAD + marked))
    (wrong,) = told(root)
    assert wrong.endswith("example 1: services.py:6 should be BD102, and is not")


def test_examples_that_held_are_run_again_when_a_rule_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[str] = []
    problems = examples.problems

    def counted(*arguments: Any, **more: Any) -> Any:
        runs.append("run")
        return problems(*arguments, **more)

    monkeypatch.setattr(examples, "problems", counted)
    root = with_rule(tmp_path, example("services.py"))
    for _ in range(2):
        assert scratch.run(root).exit_code == 0
    assert runs == ["run"]
    with_rule(tmp_path, example("services.py", BAD.replace("get", "post")))
    assert scratch.run(root).exit_code == 0
    assert runs == ["run", "run"]
    with_rule(tmp_path, example("services.py", BAD.replace("  # error: AC101", "")))
    for _ in range(2):
        assert scratch.run(root).exit_code == 2


# ------------------------------------------------------------------ what rules may say


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("{function:>2000000000}", "write {function} without what follows its name"),
        ("{function:{path}}", "write {function} without what follows its name"),
        ("{function!r}", "write {function} without what follows its name"),
        ("{function.__class__}", 'unknown field "function.__class__"'),
        ("{function[0]}", 'unknown field "function[0]"'),
        ("{0}", 'unknown field "0"'),
        ("{}", 'unknown field ""'),
    ],
)
def test_a_message_has_plain_fields(tmp_path: Path, field: str, wrong: str) -> None:
    root = with_rule(tmp_path, rule=RULE.replace("{path}", field))
    (problem,) = told(root)
    assert problem.startswith(f"bedev-lint: lint/team/no-http.toml:3: message: {wrong}")


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("x = " + "[" * 5_000 + "]" * 5_000, "1: expected TOML: it is nested too deeply"),
        ("x = " + "{x = " * 60 + "1" + "}" * 60, "1: tables and arrays are nested more than 40"),
        ("[" + ".".join("a" * 60) + "]", "1: tables and arrays are nested more than 40"),
        ("x = " + "9" * 5_000, "1: expected TOML: "),
        ("x = 99999999999999999999", "1: a number has more than 64 bits"),
        (
            '[type."m.A"]\nbases = ["m.B"]\n[type."m.B"]\nbases = ["m.A"]',
            '1: type."m.A": leads back to itself: m.A → m.B → m.A',
        ),
        (
            '[type."m.A"]\nalso = ["m.B"]\nbases = ["m.B"]',
            '1: type."m.A": leads back to itself: m.A → m.B → m.A',
        ),
        (
            '[context.a]\nunless = ["b"]\n[context.b]\nunless = ["c"]\n[context.c]\nunless = ["b"]',
            "3: context.b: leads back to itself: b → c → b",
        ),
    ],
)
def test_toml_past_reason(tmp_path: Path, text: str, wrong: str) -> None:
    root = scratch.write(tmp_path, {**CONFIGURED, "lint/words.toml": text})
    (problem,) = told(root)
    assert problem.startswith(f"bedev-lint: lint/words.toml:{wrong}")
    (root / "bedev-lint.toml").write_text(text)
    (problem,) = told(root)
    assert problem.startswith(f"bedev-lint: {root}/bedev-lint.toml:")


# ------------------------------------------------------------------ files that are none


def pipe(path: Path) -> None:
    os.mkfifo(path)


def endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


def listening(path: Path) -> None:
    before = Path.cwd()
    os.chdir(path.parent)  # the name of a socket must be short
    try:
        socket.socket(socket.AF_UNIX).bind(path.name)
    finally:
        os.chdir(before)


def circle(path: Path) -> None:
    path.symlink_to(path.name)


def huge(path: Path) -> None:
    path.write_bytes(b"#")
    os.truncate(path, 2**40)


STRANGE = pytest.mark.parametrize(
    ("make", "why"),
    [
        (pipe, "a pipe, not a regular file"),
        (endless, "a device, not a regular file"),
        (listening, "No such device or address"),
        (circle, "Too many levels of symbolic links"),
        (huge, "larger than 1 MB"),
    ],
)


@STRANGE
@pytest.mark.parametrize("name", ["pyproject.toml", "bedev-lint.toml"])
def test_a_configuration_that_is_no_file(
    tmp_path: Path, name: str, make: Callable[[Path], None], why: str
) -> None:
    root = scratch.write(tmp_path, {"app.py": "x = 1\n"})
    make(root / name)
    (problem,) = told(root)
    assert problem.startswith(f"bedev-lint: {root / name}: ")
    assert make is endless or problem.endswith(f": cannot be read: {why}")


@STRANGE
def test_a_rule_that_is_no_file(tmp_path: Path, make: Callable[[Path], None], why: str) -> None:
    root = scratch.write(tmp_path, {**CONFIGURED, "lint/team/a.toml": ""})
    make(root / "lint/team/b.toml")
    (problem,) = told(root)
    assert "lint/team/b.toml" in problem
    assert make is endless or problem.endswith(f":1: cannot be read: {why}")


@STRANGE
@pytest.mark.parametrize("name", [".gitignore", "shop/.gitignore", ".git/info/exclude"])
def test_ignored_files_in_a_file_that_is_none(
    tmp_path: Path, name: str, make: Callable[[Path], None], why: str
) -> None:
    root = scratch.write(tmp_path, {"shop/app.py": "x = 1\n", ".git/info/x": ""})
    make(root / name)
    if (root / name).is_symlink() and name.endswith(".gitignore"):  # as git does
        assert scratch.run(root, "--no-cache", "shop").exit_code == 0
        return
    for jobs in ("-j1", "-j2"):
        assert told(root, jobs, "shop", "-q")[0] == (
            f"bedev-lint: {root / name}: cannot be read: {why}"
        )


@STRANGE
@pytest.mark.parametrize("given", [".", "app.py", "shop"])
def test_code_that_is_no_file(
    tmp_path: Path, given: str, make: Callable[[Path], None], why: str
) -> None:
    root = scratch.write(tmp_path, {"shop/other.py": "x = 1\n"})
    for name in ("app.py", "shop/app.py"):
        make(root / name)
    result = scratch.run(root, given, "--output-format", "concise")
    assert result.exit_code == 2
    why = why.replace("1 MB", "4 MB")
    code = "BD005" if make is huge else "BD003"
    assert f"app.py:1:1: {code} " in result.stdout
    assert why in result.stdout


def test_a_file_that_has_become_a_pipe_since_it_was_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = scratch.write(tmp_path, {"app.py": "x = 1\n"})
    opened = os.open

    def swapped(path: Any, *more: Any, **named: Any) -> int:
        if str(path) == str(root / "app.py") and path.is_file():
            os.unlink(path)
            os.mkfifo(path)
        return opened(path, *more, **named)

    monkeypatch.setattr(os, "open", lambda path, *m, **n: swapped(_as_path(path), *m, **n))
    result = scratch.run(root, "--no-cache")
    assert (result.exit_code, "BD003" in result.stdout) == (2, True)


def _as_path(path: Any) -> Any:
    return Path(path) if isinstance(path, str) else path


# ------------------------------------------------------------------ what is given


def test_what_is_missing_is_told_and_the_rest_is_checked(tmp_path: Path) -> None:
    root = scratch.write(tmp_path, {"app.py": "KEY = 'AK' 'IAABCDEFGHIJKLMNOP'\n"})
    (root / "dangling.py").symlink_to("nowhere.py")
    result = scratch.run(root, "gone", "app.py", "dangling.py", "--output-format", "concise")
    assert result.exit_code == 2
    assert [line.split(" ")[:2] for line in result.stdout.splitlines()] == [
        ["app.py:1:7:", "BD303"],
        ["dangling.py:1:1:", "BD003"],
    ]
    assert "bedev-lint: no such file or folder: gone\n" in result.stderr
    again = scratch.run(root, "gone", "app.py", "dangling.py", "--output-format", "concise")
    assert (again.stdout, again.stderr) == (result.stdout, result.stderr)


def test_a_folder_that_cannot_be_listed_is_told_as_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = scratch.write(tmp_path, {"app.py": "x = 1\n", "closed/b.py": "x = 1\n"})
    scandir, opened = os.scandir, os.open

    def guarded(path: Any) -> Any:
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    def unopened(path: Any, *more: Any, **named: Any) -> int:
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied")
        return opened(path, *more, **named)

    monkeypatch.setattr(os, "scandir", guarded)
    monkeypatch.setattr(os, "open", unopened)
    result = scratch.run(root, "--no-cache", "--output-format", "concise")
    assert result.exit_code == 2
    assert "closed:1:1: BD003 " in result.stdout
    assert "a folder that cannot be listed: Permission denied" in result.stdout


@pytest.mark.parametrize(
    "data",
    [
        b"#" * 1_000 + b"\n# coding: latin-1\nNAME = '\xe9'\n",
        b"# coding: latin-1" + b"#" * 1_000 + b"\nNAME = '\xe9'\n",
        b"\n# vim: set fileencoding=latin-1 :\nNAME = '\xe9'\n",
        b"\xef\xbb\xbf# coding: utf-8\nNAME = '\xc3\xa9'\n",
        b"\xef\xbb\xbfNAME = '\xc3\xa9'\n",
        b"NAME = '\xc3\xa9'\n\n# coding: latin-1\n",
    ],
)
def test_the_declaration_of_an_encoding(data: bytes) -> None:
    assert decode(data).rstrip().split("\n\n")[0].endswith("NAME = 'é'")


# ------------------------------------------------------------------ what lies elsewhere


@pytest.fixture
def two(tmp_path: Path) -> Path:
    """A repository, and a folder beside it that is none of its business."""
    (tmp_path / "repo/part").mkdir(parents=True)
    scratch.write(tmp_path / "repo", {"app.py": "x = 1\n", "inner/a.py": "x = 1\n"})
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret/words.toml").write_text('password = "hunter2"\n')
    (tmp_path / "secret/code.py").write_text('KEY = "AK" "IAABCDEFGHIJKLMNOP"\n')
    (tmp_path / "repo/link").symlink_to("../secret")
    return tmp_path / "repo"


@pytest.mark.parametrize(
    "value", ["../secret", "/", "{root}/../secret", "link", "part/../../secret"]
)
@pytest.mark.parametrize("key", ["rules", "source-roots"])
def test_a_configuration_does_not_lead_out_of_the_project(two: Path, key: str, value: str) -> None:
    value = value.format(root=two)
    (two / "bedev-lint.toml").write_text(f'\n{key} = ["inner", "{value}"]\n')
    assert told(two) == [
        f"bedev-lint: {two}/bedev-lint.toml:2: {key}: expected an array of existing folders; "
        f'"{value}" leads out of {two}; what is outside of it must be asked for: --config FILE'
    ]
    (two / "../secret/words.toml").unlink()
    if value != "/":  # who asks for that gets it, but not here
        asked = scratch.run(two, "--no-cache", "--config", "bedev-lint.toml", ".")
        assert asked.exit_code in (0, 1)


def test_a_part_of_a_repository_may_use_what_is_elsewhere_in_it(two: Path) -> None:
    (two / "part/bedev-lint.toml").write_text('rules = ["../lint"]\nsource-roots = ["../inner"]\n')
    (two / "lint").mkdir()
    assert scratch.run(two / "part", "--no-cache").exit_code == 0
    (two / ".git").rmdir()
    assert len(told(two / "part")) == 2


def test_a_rule_or_a_configuration_that_is_a_link_elsewhere(two: Path) -> None:
    (two / "lint").mkdir()
    (two / "lint/words.toml").symlink_to("../../secret/words.toml")
    (two / "bedev-lint.toml").write_text('rules = ["lint"]\n')
    (problem,) = told(two)
    assert problem.endswith(f"lint/words.toml: leads out of {two}: put the file itself there")
    (two / "bedev-lint.toml").unlink()
    (two / "bedev-lint.toml").symlink_to("../secret/words.toml")
    (problem,) = told(two)
    assert problem.endswith(
        f"leads out of {two}; what is outside of it must be asked for: --config FILE"
    )


def test_links_that_are_not_followed_are_told(two: Path) -> None:
    result = scratch.run(two, "-v", "--no-cache")
    assert result.exit_code == 0
    assert "1 link out of the project not followed; -v lists them\n" in result.stdout
    assert f"not followed, it leads out of {two}: {two}/link\n" in result.stderr
    assert scratch.run(two, "link/code.py", "--no-cache").exit_code == 1


# ------------------------------------------------------------------ patterns that go back


LONG = "a" * 120


@pytest.mark.parametrize(
    "glob",
    ["*a" * 40 + "b", "**/" + "*a" * 40 + "b", "**/a/" * 60 + "b", "[!b]*" * 40 + "b", "[" * 900],
)
def test_globs_do_not_go_back(tmp_path: Path, glob: str) -> None:
    name = f"{'a/' * 80}{LONG}.py"
    root = scratch.write(tmp_path, {name: "x = 1\n", ".gitignore": glob + "\n"})
    assert "1 file" in scratch.run(root, "--no-cache").stdout
    (root / ".gitignore").unlink()
    if not glob.startswith("[["):
        (root / "bedev-lint.toml").write_text(
            f'extend-exclude = ["{glob}"]\nper-file-ignores = {{ "{glob}" = ["BD301"] }}\n'
        )
    (root / name).write_text('URL = "https://api.shop.internal"\n')
    assert scratch.run(root, "--no-cache").exit_code == 1


def test_regular_expressions_of_a_project_do_not_go_back(tmp_path: Path) -> None:
    configured = """
        [rule.hardcoded-token]
        tokens = { "Shop key" = "(a+)+$", "Other" = "(?:a|a)*(?:a|a)*(?:a|a)*b" }
        documented = ["(?:a|aa)+c"]
        [rule.hardcoded-credential]
        placeholders = ["(x+x+)+y"]
        [context.generated]
        content = ["(a*)*b", "(a|aa)+$"]
        """
    code = f"# {LONG}!\nKEY = '{LONG}!'\nPASSWORD = '{'x' * 120}'\n"
    root = scratch.write(tmp_path, {"bedev-lint.toml": configured, "app.py": code})
    assert scratch.run(root, "--no-cache").exit_code in (0, 1)


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("(?=a)b", "it looks around or back, or changes flags within"),
        ("(?<!a)b", "it looks around or back, or changes flags within"),
        ("(a)\\\\1", "it refers back to a group"),
        ("(?:a{900}){900}", "it is too long"),
    ],
)
def test_a_regular_expression_that_cannot_be_matched_safely(
    tmp_path: Path, pattern: str, why: str
) -> None:
    text = f'rule.hardcoded-token.documented = ["{pattern}"]\n'
    root = scratch.write(tmp_path, {"bedev-lint.toml": text, "app.py": "x = 1\n"})
    (problem,) = told(root)
    assert problem.startswith(
        f"bedev-lint: {root}/bedev-lint.toml:1: rule.hardcoded-token.documented"
    )
    assert problem.endswith(f": {why}")
