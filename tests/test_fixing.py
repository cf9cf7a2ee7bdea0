"""Comments that are added by `suppress` and removed by `--fix`: the program stays what it is."""

from __future__ import annotations

import ast
import os
from pathlib import Path

import pytest

from scratch import lint, run, write


def suppressed(root: Path, text: str | bytes, *arguments: str) -> bytes:
    """Return what a file holds after `suppress`, twice; nothing is reported of it then."""
    write(root, {})
    path = root / "shop.py"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    result = run(root, "suppress", *arguments)
    assert result.exit_code == 0, result.output
    once = path.read_bytes()
    assert lint(root) == []
    assert run(root, "suppress", *arguments).exit_code == 0
    assert path.read_bytes() == once
    return once


SUPPRESSIONS = {
    "a constant": (
        'URL = "https://rates.internal"\n',
        'URL = "https://rates.internal"  # bedev: ignore[BD301] -- old\n',
    ),
    "two on a line": (
        'URL, PASSWORD = "https://rates.internal", "hunter2-q8x"\n',
        'URL, PASSWORD = "https://rates.internal", "hunter2-q8x"  '
        "# bedev: ignore[BD301, BD302] -- old\n",
    ),
    "a comment before": (
        'URL = "https://rates.internal"  # noqa: E501\n',
        'URL = "https://rates.internal"  # noqa: E501  # bedev: ignore[BD301] -- old\n',
    ),
    "a suppression before": (
        'URL, PASSWORD = "https://rates.internal", "hunter2-q8x"  # bedev: ignore[BD302] -- new\n',
        'URL, PASSWORD = "https://rates.internal", "hunter2-q8x"  '
        "# bedev: ignore[BD302, BD301] -- new\n",
    ),
    "a handler": (
        "try:\n    go()\nexcept Exception:\n    pass\n",
        "try:\n    go()\nexcept Exception:  # bedev: ignore[BD101] -- old\n    pass\n",
    ),
    "a string of several rows": (
        'PASSWORD = """hunter2\n-q8x"""\n',
        'PASSWORD = """hunter2\n-q8x"""  # bedev: ignore[BD302] -- old\n',
    ),
    "a row that goes on": (
        'go("a", \\\n   "https://rates.internal" \\\n   "/v1")\n',
        'go("a", \\\n   "https://rates.internal" \\\n   "/v1")  # bedev: ignore[BD301] -- old\n',
    ),
    "a call of several rows": (
        'go(\n    "a",\n    "https://rates.internal",\n)\n',
        'go(\n    "a",\n    "https://rates.internal",  # bedev: ignore[BD301] -- old\n)\n',
    ),
    "no end of the last line": (
        'URL = "https://rates.internal"',
        'URL = "https://rates.internal"  # bedev: ignore[BD301] -- old',
    ),
    "other ends of lines": (
        'x = 1\r\nURL = "https://rates.internal"\r\n',
        'x = 1\r\nURL = "https://rates.internal"  # bedev: ignore[BD301] -- old\r\n',
    ),
}


@pytest.mark.parametrize("shape", SUPPRESSIONS)
def test_what_is_there_is_suppressed(shape: str, tmp_path: Path) -> None:
    before, after = SUPPRESSIONS[shape]
    assert suppressed(tmp_path, before, "--reason", "old").decode() == after
    assert ast.dump(ast.parse(before)) == ast.dump(ast.parse(after))


@pytest.mark.parametrize(
    "data",
    [
        b'\xef\xbb\xbfURL = "https://rates.internal"\n',
        b'# coding: latin-1\nNAME = "\xe9"\nURL = "https://rates.internal"\n',
    ],
)
def test_the_encoding_stays(data: bytes, tmp_path: Path) -> None:
    assert suppressed(tmp_path, data) == data[:-1] + b"  # bedev: ignore[BD301]\n"


def test_a_path_is_cut_where_it_begins(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "shop/services.py": "from shop import rates\n\ndef place(o):\n    rates.get(o)\n",
            "shop/rates.py": "import requests\n\ndef get(o):\n    requests.post(o)\n",
        },
    )
    assert run(tmp_path, "suppress", "--select", "BD202").exit_code == 0
    assert "get(o)  # bedev: ignore[BD202]\n" in (tmp_path / "shop/services.py").read_text()
    assert lint(tmp_path, "--select", "BD202,BD002") == []


def test_further_places_of_a_function_are_suppressed_too(tmp_path: Path) -> None:
    text = (
        "import time\n\nasync def go():\n    time.sleep(1)\n    time.sleep(2)\n"
        "    time.sleep(\n        3,\n    )\n"
    )
    after = suppressed(tmp_path, text).decode()
    assert after.count("# bedev: ignore[BD207]") == 3


def test_only_what_is_asked_for_is_suppressed(tmp_path: Path) -> None:
    text = 'URL, PASSWORD = "https://rates.internal", "hunter2-q8x"\n'
    write(tmp_path, {"shop.py": text, "depot.py": text, "bedev-lint.toml": ""})
    assert run(tmp_path, "suppress", "shop.py", "--select", "BD301").exit_code == 0
    assert [(Path(found["filename"]).name, found["code"]) for found in lint(tmp_path)] == [
        *(("depot.py", "BD301"), ("depot.py", "BD302"), ("shop.py", "BD302"))
    ]


def test_what_the_baseline_knows_is_not_suppressed(tmp_path: Path) -> None:
    text = 'URL = "https://rates.internal"\n'
    write(tmp_path, {"shop.py": text})
    run(tmp_path, "baseline")
    told = "suppressed 0 findings in 0 files\n1 finding known from the baseline left alone\n"
    assert run(tmp_path, "suppress").stderr == told
    assert (tmp_path / "shop.py").read_text() == text


def test_where_a_reason_is_required_one_has_to_be_given(tmp_path: Path) -> None:
    text = 'URL = "https://rates.internal"\n'
    write(tmp_path, {"shop.py": text, "bedev-lint.toml": "require-reason = true\n"})
    result = run(tmp_path, "suppress", "--", "shop.py")
    assert (result.exit_code, (tmp_path / "shop.py").read_text()) == (2, text)
    assert run(tmp_path, "suppress", "--reason", "old").exit_code == 0
    assert lint(tmp_path) == []
    assert run(tmp_path, "suppress", "--reason", "a\nb").exit_code == 2


def test_a_file_that_is_a_link_is_not_written(tmp_path: Path) -> None:
    text = 'URL = "https://rates.internal"\n'
    write(tmp_path / "shop", {"real/there.txt": text})
    os.symlink("real/there.txt", tmp_path / "shop/linked.py")
    result = run(tmp_path / "shop", "suppress")
    assert (tmp_path / "shop/real/there.txt").read_text() == text
    assert (result.exit_code, "cannot be suppressed" in result.stderr) == (1, True)


# ------------------------------------------------------------------ --fix


FIXES = {
    "at the end of a line": ("x = 1  # bedev: ignore[BD301] -- old\n", "x = 1\n"),
    "on a line of its own": ("    # bedev: ignore-file[BD301]\nx = 1\n", "x = 1\n"),
    "after another comment": ("x = 1  # why  # bedev: ignore[BD301]\n", "x = 1  # why\n"),
    "before another comment": ("x = 1  # bedev: ignore[BD301]  # why\n", "x = 1  # why\n"),
    "before words": ("x = 1  # bedev: ignore[BD301] why\n", "x = 1  # why\n"),
    "of noqa": ("x = 1  # noqa: BD301\n", "x = 1\n"),
    "beside codes of others": ("x = 1  # noqa: F401, BD301\n", "x = 1  # noqa: F401\n"),
    "two of a line": ("x = 1  # bedev: ignore[BD301] # bedev: ignore[BD302]\n", "x = 1\n"),
    "within an expression": ("x = [\n    1,  # bedev: ignore[BD301]\n]\n", "x = [\n    1,\n]\n"),
    "with other ends of lines": ("x = 1  # noqa: BD301\r\ny = 2\r\n", "x = 1\r\ny = 2\r\n"),
}


@pytest.mark.parametrize("shape", FIXES)
def test_suppressions_without_effect_are_removed(shape: str, tmp_path: Path) -> None:
    before, after = FIXES[shape]
    path = write(tmp_path, {}) / "shop.py"
    path.write_bytes(before.encode())
    assert "fixable with `--fix`" in run(tmp_path).stdout
    for _ in range(2):
        result = run(tmp_path, "--fix")
        assert (result.exit_code, path.read_bytes().decode()) == (0, after), result.output


@pytest.mark.parametrize(
    "text",
    [
        'URL = "https://rates.internal"  # bedev: ignore[BD301]\n',
        "x = 1  # bedev: ignore[BD999]\n",
        "x = 1  # bedev: ignore\n",
        "x = 1  # bedev: ignore[BD001]\n",
        'x = "# bedev: ignore[BD301]"\n',
        "x = 1  # noqa: F401\n",
    ],
)
def test_what_is_in_use_or_a_mistake_stays(text: str, tmp_path: Path) -> None:
    write(tmp_path, {"shop.py": text})
    run(tmp_path, "--fix")
    assert (tmp_path / "shop.py").read_text() == text


def test_only_findings_that_are_reported_are_fixed(tmp_path: Path) -> None:
    files = {"shop.py": "x = 1  # noqa: BD301\n", "depot.py": "x = 1  # noqa: BD301\n"}
    write(tmp_path, files)
    assert run(tmp_path, "--fix", "shop.py").exit_code == 0
    assert (tmp_path / "depot.py").read_text() == files["depot.py"]
    assert (tmp_path / "shop.py").read_text() == "x = 1\n"


def test_standard_input_cannot_be_fixed(tmp_path: Path) -> None:
    write(tmp_path, {})
    assert run(tmp_path, "--fix", "-").exit_code == 2
    assert run(tmp_path, "--fix", "--staged").exit_code == 2
