"""Findings that are fixed: by `--fix`, with `--unsafe-fixes` too, or shown by `--diff`."""

from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bedev_lint import applying, fixes
from bedev_lint.cli import checking
from bedev_lint.fixer import Source
from bedev_lint.fixes import missing_timeout
from bedev_lint.model import Diagnostic, Options
from scratch import lint, run, write

CALL = "import requests\n\n\ndef rate(url):\n    return requests.get(url)\n"
FIXED = CALL.replace("get(url)", "get(url, timeout=10)")
IDLE = "X = 1  # noqa: BD301\n"
TIMEOUT = ("--extend-select", "BD501")
UNSAFE = ("--fix", "--unsafe-fixes", *TIMEOUT)


def test_what_can_be_fixed_is_marked_and_counted(tmp_path: Path) -> None:
    write(tmp_path, {"shop.py": CALL + IDLE})
    plain = run(tmp_path, *TIMEOUT).stdout
    assert "[*] 1 fixable with `--fix` (1 hidden fix with `--unsafe-fixes`)" in plain
    assert (plain.count("(error) [*]"), plain.count("(warning) [*]")) == (0, 1)
    assert "[*] 2 fixable with `--fix`\n" in run(tmp_path, *TIMEOUT, "--unsafe-fixes").stdout
    (tmp_path / "shop.py").write_text(CALL)
    hidden = "No fixes available (1 hidden fix with `--unsafe-fixes`)"
    assert hidden in run(tmp_path, *TIMEOUT).stdout
    assert (tmp_path / "shop.py").read_text() == CALL


def test_only_safe_fixes_are_made_unless_others_are_asked_for(tmp_path: Path) -> None:
    path = write(tmp_path, {"shop.py": CALL + IDLE}) / "shop.py"
    result = run(tmp_path, "--fix", *TIMEOUT)
    assert (result.exit_code, path.read_text()) == (1, f"{CALL}X = 1\n")
    assert result.stderr == "Fixed 1 problem in 1 file\n"
    assert "BD501" in result.stdout
    result = run(tmp_path, *UNSAFE)
    assert (result.exit_code, path.read_text()) == (0, f"{FIXED}X = 1\n")
    result = run(tmp_path, *UNSAFE)
    assert (result.exit_code, result.stderr, path.read_text()) == (0, "", f"{FIXED}X = 1\n")


def test_a_diff_can_be_applied_and_nothing_is_written(tmp_path: Path) -> None:
    write(tmp_path, {"shop.py": CALL + IDLE, "depot/way.py": CALL})
    result = run(tmp_path, "--diff", "--unsafe-fixes", *TIMEOUT)
    assert (result.exit_code, result.stderr) == (1, "Would fix 3 problems in 2 files\n")
    assert (tmp_path / "shop.py").read_text() == CALL + IDLE
    subprocess.run(["patch", "-p0"], input=result.stdout, cwd=tmp_path, text=True, check=True)
    assert (tmp_path / "shop.py").read_text() == f"{FIXED}X = 1\n"
    assert (tmp_path / "depot/way.py").read_text() == FIXED
    result = run(tmp_path, "--diff", "--unsafe-fixes", *TIMEOUT)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "No fixes available\n")


def test_a_diff_shows_no_secret(tmp_path: Path) -> None:
    write(tmp_path, {"shop.py": f'PASSWORD = "hunter2-q8x"\n{IDLE}'})
    result = run(tmp_path, "--diff")
    assert "hunter2" not in result.output
    assert ' PASSWORD = "…"\n-X = 1  # noqa: BD301\n+X = 1\n' in result.stdout


FUTURE = '"""Shop."""\n\nfrom __future__ import annotations\n\n'
IMPORTS = {
    "none": ("", "import os\n"),
    "a docstring": ('"""Shop."""\n', '"""Shop."""\n\nimport os\n'),
    "in the middle": (
        "import json\nimport re\nfrom sys import path\n",
        "import json\nimport os\nimport re\nfrom sys import path\n",
    ),
    "at the end": (
        "import json\n\nfrom shop import rates\n",
        "import json\nimport os\n\nfrom shop import rates\n",
    ),
    "behind __future__": (f"{FUTURE}import re\n", f"{FUTURE}import os\nimport re\n"),
    "behind __future__ alone": (FUTURE.rstrip("\n") + "\n", f"{FUTURE}import os\n"),
    "below a comment": ("# Shop.\n\nimport re\n", "# Shop.\n\nimport os\nimport re\n"),
    "before others": ("import shop\nimport re2\n", "import os\n\nimport shop\nimport re2\n"),
    "behind one that may fail": (
        "try:\n    import shop\nexcept ImportError:\n    shop = None\n",
        "try:\n    import shop\nexcept ImportError:\n    shop = None\n\nimport os\n",
    ),
    "there already": ("import re, os\n", "import re, os\n"),
}


@pytest.mark.parametrize("shape", IMPORTS)
def test_an_import_is_added_where_it_belongs(shape: str, tmp_path: Path) -> None:
    before, after = IMPORTS[shape]
    text = f'{before}\nPASSWORD = "hunter2-q8x"\n'.lstrip()
    path = write(tmp_path, {"shop.py": text}) / "shop.py"
    assert run(tmp_path, "--fix", "--unsafe-fixes").exit_code == 0
    assert path.read_text() == f'{after}\nPASSWORD = os.environ["SHOP_PASSWORD"]\n'


@pytest.mark.parametrize(
    "data",
    [
        CALL.replace("\n", "\r\n").encode(),
        b"\xef\xbb\xbf" + CALL.encode(),
        f"# coding: latin-1\nNAME = 'é'\n{CALL}".encode("latin-1"),
        CALL.rstrip("\n").encode(),
        CALL.replace("    ", "\t").encode(),
        CALL.replace("(url):\n", "(url):\n    shop()\n\f\n").encode(),
        CALL.replace("return", "if url: shop(); return").encode(),
    ],
    ids=[
        "ends of lines",
        "byte-order mark",
        "coding",
        "no last end",
        "tabs",
        "form feed",
        "one row",
    ],
)
def test_all_else_of_a_file_stays(data: bytes, tmp_path: Path) -> None:
    path = write(tmp_path, {}) / "shop.py"
    path.write_bytes(data)
    path.chmod(0o750)
    assert run(tmp_path, *UNSAFE).exit_code == 0
    assert path.read_bytes() == data.replace(b"get(url)", b"get(url, timeout=10)")
    assert path.stat().st_mode & 0o777 == 0o750


def test_only_files_that_are_asked_for_are_fixed(tmp_path: Path) -> None:
    files = {
        "shop/services.py": "from shop import rates\n\ndef place(o):\n    rates.get(o)\n",
        "shop/rates.py": "import requests\n\ndef get(o):\n    requests.post(o)\n",
    }
    write(tmp_path, files)
    run(tmp_path, *UNSAFE, "shop/services.py")
    assert (tmp_path / "shop/rates.py").read_text() == files["shop/rates.py"]
    run(tmp_path, *UNSAFE, "shop/rates.py")
    assert "timeout=10" in (tmp_path / "shop/rates.py").read_text()


def test_no_file_is_written_through_a_link(tmp_path: Path) -> None:
    write(tmp_path / "shop", {"way.py": CALL})
    write(tmp_path / "elsewhere", {"there.py": CALL})
    os.symlink("../elsewhere/there.py", tmp_path / "shop/linked.py")
    os.symlink("../elsewhere", tmp_path / "shop/folder")
    result = run(tmp_path / "shop", *UNSAFE, ".", "linked.py")
    assert (tmp_path / "elsewhere/there.py").read_text() == CALL
    assert "Fixed 1 problem in 1 file" in result.stderr


def test_a_file_that_changes_during_the_run_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, {"shop.py": CALL}) / "shop.py"
    check = checking.checked

    def changing(*arguments: object) -> object:
        projects = check(*arguments)  # type: ignore[arg-type]
        path.write_text(f"# new\n{CALL}")
        return projects

    monkeypatch.setattr("bedev_lint.cli.fixing.checked", changing)
    run(tmp_path, *UNSAFE)
    assert path.read_text() == f"# new\n{CALL}"


def test_a_fix_that_would_not_parse_is_left_out_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(source: Source, _diagnostic: Diagnostic, _options: Options) -> str:
        return f"{source.text}def (\n"

    fixer = replace(missing_timeout.fix, rewrite=broken)
    monkeypatch.setattr(
        applying, "load", lambda name: fixer if name == "missing-timeout" else fixes.load(name)
    )
    path = write(tmp_path, {"shop.py": IDLE + CALL}) / "shop.py"
    result = run(tmp_path, *UNSAFE)
    assert (result.exit_code, path.read_text()) == (1, f"X = 1\n{CALL}")
    assert "1 fix left out: the result would not parse" in result.stderr
    (finding,) = lint(tmp_path, *TIMEOUT)
    assert finding["fix"] is None


def test_fixes_of_changed_lines_only(tmp_path: Path) -> None:
    git = ("git", "-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false")
    path = tmp_path / "shop.py"
    path.write_text(CALL)
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "first"]):
        subprocess.run([*git, *command], cwd=tmp_path, check=True)
    new = "def other(url):\n    return requests.get(url)\n"
    path.write_text(f"{CALL}\n\n{new}")
    run(tmp_path, *UNSAFE, "--since", "HEAD")
    fixed = new.replace("get(url)", "get(url, timeout=10)")
    assert path.read_text() == f"{CALL}\n\n{fixed}"


def test_a_wrong_value_of_an_option_is_told(tmp_path: Path) -> None:
    config = '[rule.missing-timeout]\ntimeout = "x; import os"\n'
    write(tmp_path, {"shop.py": CALL, "bedev-lint.toml": config})
    assert run(tmp_path, *UNSAFE).exit_code == 2
    assert (tmp_path / "shop.py").read_text() == CALL


def test_standard_input_cannot_be_fixed(tmp_path: Path) -> None:
    write(tmp_path, {})
    assert run(tmp_path, "--diff", "-").exit_code == 2


def test_json_has_the_edits_of_each_fix(tmp_path: Path) -> None:
    write(tmp_path, {"shop.py": f'"""é"""\n{CALL}PASSWORD = "hunter2-q8x"\n'})
    timeout, secret = lint(tmp_path, *TIMEOUT)
    assert timeout["fix"] == {
        "applicability": "unsafe",
        "message": "Add `timeout`",
        "edits": [
            {
                "content": ", timeout=10",
                "location": {"row": 6, "column": 28},
                "end_location": {"row": 6, "column": 28},
            }
        ],
    }
    import_os, read = secret["fix"]["edits"]
    assert (import_os["content"], import_os["location"]["column"]) == ("import os\n\n", 1)
    assert read["content"] == 'os.environ["SHOP_PASSWORD"]'
    assert "hunter2" not in run(tmp_path, "--output-format", "json").stdout
    text = (tmp_path / "shop.py").read_text()
    assert run(tmp_path, *UNSAFE).exit_code == 0
    assert (
        applied(text, [*timeout["fix"]["edits"], import_os, read])
        == (tmp_path / "shop.py").read_text()
    )


@pytest.mark.parametrize("behind", ["@(\n    shop\n)\ndef other(): ...\n", "\\\n\nX = 1\n"])
def test_edits_in_json_are_those_that_are_made(behind: str, tmp_path: Path) -> None:
    text = f"{CALL}\n\n{behind}"
    path = write(tmp_path, {"shop.py": text}) / "shop.py"
    (finding,) = lint(tmp_path, *TIMEOUT)
    assert run(tmp_path, *UNSAFE).exit_code == 0
    assert applied(text, finding["fix"]["edits"]) == path.read_text() != text


def applied(text: str, edits: list[dict[str, Any]]) -> str:
    """Return a text with the edits of JSON made, the last of them first."""
    lines = text.splitlines(keepends=True)
    starts = [sum(map(len, lines[:row])) for row in range(len(lines) + 1)]
    places = [
        [
            starts[place["row"] - 1] + place["column"] - 1
            for place in (e["location"], e["end_location"])
        ]
        for e in edits
    ]
    for (start, end), edit in sorted(
        zip(places, edits, strict=True), key=lambda p: p[0], reverse=True
    ):
        text = text[:start] + edit["content"] + text[end:]
    return text


def test_json_has_no_fix_that_cannot_be_made(tmp_path: Path) -> None:
    write(tmp_path, {"shop.py": 'from shop.conf import os\n\nPASSWORD = "hunter2-q8x"\n'})
    (finding,) = lint(tmp_path)
    assert finding["fix"] is None


def test_no_edit_holds_a_secret(tmp_path: Path) -> None:
    text = (
        "from contextlib import suppress\n\n\ndef go(shop):\n"
        "    with suppress(Exception): shop.open(password='hunter2-q8x')\n"
    )
    write(tmp_path, {"shop.py": text})
    assert {finding["code"] for finding in lint(tmp_path)} == {"BD103", "BD302"}
    assert "hunter2" not in run(tmp_path, "--output-format", "json").stdout
    assert "hunter2" not in run(tmp_path, "--diff", "--unsafe-fixes").stdout
    assert run(tmp_path, *UNSAFE).exit_code == 0


def test_fixes_that_overlap_are_made_one_after_the_other(tmp_path: Path) -> None:
    text = (
        "from contextlib import suppress\n\nimport requests\n\n\ndef go():\n"
        '    with suppress(Exception): requests.get("https://rates.shop.internal/v1")\n'
    )
    path = write(tmp_path, {"shop.py": text}) / "shop.py"
    result = run(tmp_path, *UNSAFE)
    assert (result.exit_code, result.stderr) == (0, "Fixed 3 problems in 1 file\n")
    body = path.read_text().partition("def go():\n")[2]
    assert body == (
        "    try:\n"
        "        requests.get(f\"{os.environ['RATES_SHOP_INTERNAL_URL']}/v1\", timeout=10)\n"
        '    except Exception:\n        logger.exception("go failed")\n'
    )
