"""Several projects in one run: whose a file is, and one report of all."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from click.testing import CliRunner

from bedev_lint.cli import cli, main
from scratch import lint, run, write

SWALLOWED = "def go(work):\n    try:\n        work()\n    except Exception:\n        pass\n"
FETCH = "import requests\n\ndef fetch(currency):\n    return requests.get(currency, timeout=10)\n"
PLACE = "from shop.rates import fetch\n\ndef place(order):\n    return fetch(order.currency)\n"
OURS = "[tool.bedev-lint]\n"


@pytest.fixture
def mono(tmp_path: Path) -> Path:
    """A repository of three projects, of which one stands within another."""
    return write(
        tmp_path / "mono",
        {
            "pyproject.toml": "[tool.other]\n",
            "tools/sync.py": SWALLOWED,
            "api/pyproject.toml": OURS,
            "api/src/shop/__init__.py": "",
            "api/src/shop/rates.py": FETCH,
            "api/src/shop/services.py": PLACE,
            "api/src/run.py": SWALLOWED,
            "api/plugins/bedev-lint.toml": "",
            "api/plugins/src/run.py": SWALLOWED,
            "worker/bedev-lint.toml": 'ignore = ["BD202"]\n',
            "worker/shop/rates.py": "def fetch(currency):\n    return 1\n",
            "worker/shop/services.py": PLACE,
            "worker/src/run.py": SWALLOWED,
            "worker/tests/test_run.py": SWALLOWED,
        },
    )


ALL = [
    "api/plugins/src/run.py:4",
    "api/src/run.py:4",
    "api/src/shop/services.py:4",
    "tools/sync.py:4",
    "worker/src/run.py:4",
]


def places(root: Path, *arguments: str) -> list[str]:
    """Return where something is found, relative to the root."""
    found = lint(root, *arguments)
    names = [Path(each["filename"]).relative_to(root).as_posix() for each in found]
    rows = [each["location"]["row"] for each in found]
    return [f"{name}:{row}" for name, row in zip(names, rows, strict=True)]


def test_each_file_belongs_to_the_nearest_configuration(mono: Path) -> None:
    # The root has none, and is one project with `tools`; in `worker` no rate is fetched.
    assert places(mono) == ALL
    assert places(mono, "api") == ALL[:3]
    assert places(mono, "api/src/shop/services.py", "worker/shop/services.py") == [ALL[2]]
    assert places(mono, "worker", "tools/sync.py") == ALL[3:]


def test_a_finding_is_the_same_alone_and_among_others(mono: Path) -> None:
    together = lint(mono)
    alone = [*lint(mono, "api"), *lint(mono, "tools"), *lint(mono / "worker")]
    assert together == alone
    assert len({each["fingerprint"] for each in together}) == len(together)


@pytest.mark.parametrize("output_format", ["full", "concise", "json"])
def test_the_order_of_the_arguments_says_nothing(mono: Path, output_format: str) -> None:
    paths = ["worker/src/run.py", "api", "tools/sync.py", "worker", str(mono / "api/src/run.py")]
    outputs = set()
    for seed in range(4):
        random.Random(seed).shuffle(paths)
        kept = ["--no-cache"] * (seed % 2)
        result = run(mono, *paths, "--output-format", output_format, *kept)
        assert result.exit_code == 1
        outputs.add(result.stdout)
    assert len(outputs) == 1
    assert outputs == {run(mono, "--output-format", output_format).stdout}


def test_one_summary_of_all(mono: Path) -> None:
    counts = run(mono, "--statistics").stdout
    assert counts == "     4  BD101  swallowed-exception\n     1  BD202  http-in-service\n"
    output = run(mono, "--output-format", "full").stdout
    assert output.count("Found ") == 1
    assert "Found 5 problems in 9 files, 1 left out: 1 test\n" in output
    told = run(mono, "-v").stderr
    assert f"root: {mono}\nfiles: 1 checked" in told
    assert f"configuration: {mono / 'worker/bedev-lint.toml'}\n" in told
    assert "projects: 4\n" in told


def test_the_worst_exit_status_counts(mono: Path) -> None:
    assert run(mono, "worker/shop", "api/src/shop/__init__.py").exit_code == 0
    assert run(mono, "worker/shop", "api").exit_code == 1
    (mono / "worker/shop/rates.py").write_text("def fetch(:\n")
    assert run(mono, "worker/shop", "api", "--exit-zero").exit_code == 2
    result = run(mono, "api", "nowhere.py")
    assert (result.exit_code, result.stderr) == (
        2,
        "bedev-lint: no such file or folder: nowhere.py\n",
    )
    assert "Found 3 problems" in result.stdout


def test_what_is_wrong_with_configurations_is_told_of_all(mono: Path) -> None:
    (mono / "worker/bedev-lint.toml").write_text('select = ["BD999"]\n')
    (mono / "api/plugins/bedev-lint.toml").write_text("selct = []\n")
    result = run(mono, "api", "worker")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "worker/bedev-lint.toml:1: select" in result.stderr
    assert "plugins/bedev-lint.toml:1: selct: unknown key" in result.stderr


def test_every_project_keeps_what_is_known_of_it(mono: Path) -> None:
    run(mono)
    kept = sorted(path.parent.relative_to(mono) for path in mono.rglob(".bedev_lint_cache"))
    assert list(map(str, kept)) == [".", "api", "api/plugins", "worker"]
    assert places(mono) == ALL
    (mono / "api/plugins/bedev-lint.toml").unlink()
    (mono / "api/plugins/src/run.py").write_text("x = 1\n")
    assert places(mono) == ALL[1:]


def test_excludes_are_those_of_the_nearest_configuration(mono: Path) -> None:
    (mono / "pyproject.toml").write_text(f'{OURS}extend-exclude = ["worker", "tools"]\n')
    assert places(mono) == ALL[:3]
    # What is given is asked for; its own configuration does not exclude it.
    assert places(mono, "worker") == ALL[4:]
    hook = ["--force-exclude", "worker/src/run.py", "tools/sync.py"]
    assert places(mono, *hook) == ALL[4:]


def test_from_anywhere(mono: Path, tmp_path: Path) -> None:
    (tmp_path / "loose").mkdir()
    (tmp_path / "loose/one.py").write_text(SWALLOWED)
    paths = ["../../worker/src/run.py", str(mono / "api/src/run.py"), "run.py", "./run.py"]
    found = lint(mono / "api/src", *paths, str(tmp_path / "loose/one.py"))
    names = [Path(each["filename"]).relative_to(tmp_path).as_posix() for each in found]
    assert names == ["loose/one.py", "mono/api/src/run.py", "mono/worker/src/run.py"]


def test_without_any_configuration_the_outermost_folder_given_is_the_program(
    tmp_path: Path,
) -> None:
    files = {"a/run.py": SWALLOWED, "a/b/run.py": SWALLOWED, "elsewhere/x.py": ""}
    root = write(tmp_path, files)
    (root / ".git").rmdir()
    for paths in (["../a/b/run.py", "../a"], ["../a", "../a/b", "../a/b/run.py"]):
        found = lint(root / "elsewhere", *paths)
        assert [Path(each["filename"]).parent.name for each in found] == ["b", "a"]


def test_one_configuration_given_is_that_of_one_project(mono: Path) -> None:
    every = ["api/src/shop/services.py", "worker/shop/services.py"]
    for options in (["--isolated"], ["--config", "worker/bedev-lint.toml"]):
        found = [place for place in places(mono, *options) if place.endswith("run.py:4")]
        assert found == [place for place in ALL if place.endswith("run.py:4")]
        assert places(mono, *options, *every) == places(mono, *options, *reversed(every))


def test_standard_input_is_of_its_project(mono: Path) -> None:
    (mono / "api/pyproject.toml").write_text(f'{OURS}ignore = ["BD101"]\n')
    for folder, status in (("api", 0), ("worker", 1)):
        name = str(mono / folder / "src/new.py")
        done = CliRunner().invoke(cli, ["-", "--stdin-filename", name], input=SWALLOWED)
        assert done.exit_code == status


def test_the_other_commands_speak_of_one_project(mono: Path) -> None:
    told = run(mono, "effects", "shop.services:place")
    assert told.exit_code == 2
    assert f"{mono / 'api'} is a project of its own: give a path in it" in told.stderr
    assert run(mono / "api", "effects", "shop.services:place").exit_code == 0
    told = run(mono, "graph", "api", "worker", "--format", "mermaid")
    assert (told.exit_code, told.stdout) == (2, "")
    assert f"these paths belong to 2: {mono / 'api'}, {mono / 'worker'}" in told.stderr
    told = run(mono, "graph", "--format", "mermaid")
    assert told.exit_code == 0
    assert f"{mono / 'worker'} is a project of its own, and not in this graph" in told.stderr


def test_the_answer_is_asked_of_the_first_project(
    mono: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(mono)
    arguments = ["worker", "api", "--output-format", "json"]
    assert main(arguments) == 1
    first = capsys.readouterr().out
    assert main(arguments) == 1
    assert json.loads(capsys.readouterr().out) == json.loads(first)


def test_what_a_link_brings_in_is_part_of_the_program(mono: Path) -> None:
    (mono / "shared").mkdir()
    (mono / "shared/bedev-lint.toml").write_text("")
    (mono / "shared/io.py").write_text(FETCH)
    (mono / "api/src/common").symlink_to(mono / "shared")
    (mono / "api/src/shop/services.py").write_text(PLACE.replace("shop.rates", "common.io"))
    assert "api/src/shop/services.py:4" in places(mono, "api")
