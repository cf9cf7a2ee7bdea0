"""A cache that is brought elsewhere, as CI does, is as good as where it was written."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bedev_lint.cache.trust import VARIABLE
from scratch import run, write

ROOT = Path(__file__).resolve().parent.parent
KEY = "a secret of the CI, long enough, that opens nothing"
FILES = {
    "bedev-lint.toml": 'source-roots = ["src", "common"]\nrules = ["lint"]\n',
    "src/shop/__init__.py": "",
    "src/shop/settings.py": 'RATES = "https://rates.internal/v1"\n',
    "src/shop/rates.py": (
        "import requests\n\nfrom base import log\n\n\n"
        "def latest(url):\n    log(url)\n    return requests.get(url)\n"
    ),
    "src/shop/services/__init__.py": "",
    "src/shop/services/checkout.py": (
        "from shop import rates\n\n\n"
        "def place(order):\n    try:\n        return rates.latest(order.url)\n"
        "    except Exception:\n        return None\n"
    ),
    "src/shop/broken.py": "def place(:\n",
    "src/tests/test_shop.py": "def test_nothing():\n    assert True\n",
    "common/base.py": "def log(text):\n    print(text)\n",
    "lint/calls/no-print.toml": (
        'code = "AC100"\ntitle = "Print"\nmessage = "`print` in `{function}`"\n'
        'severity = "warning"\ndefault = true\n[call]\nto = "builtins.print"\n'
    ),
}
COMMAND = ("check", "-v", "--output-format", "full")


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a cache, whose key stands in the environment."""
    monkeypatch.setenv(VARIABLE, KEY)
    return write(tmp_path / "builds/1/shop", FILES)


def analysed(told: str) -> int:
    """Return how many files were analysed, as `-v` tells it."""
    return int(re.findall(r"^analysed: (\d+)", told, re.M)[0])


def elsewhere(root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Bring a project with its cache elsewhere, as a fresh checkout of somebody else's."""
    folder = root.parent.parent.parent / "work/checkout"
    shutil.copytree(root, folder, copy_function=shutil.copyfile)
    shutil.rmtree(root)
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder.parent / "home"))
    return folder


def test_nothing_is_analysed_anew(written: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cold = run(written, *COMMAND)
    assert (cold.exit_code, analysed(cold.stderr)) == (2, 7)
    assert [code in cold.stdout for code in ("BD001", "BD101", "BD202", "BD301", "AC100")] == [
        *[True] * 5
    ]
    warm = run(elsewhere(written, monkeypatch), *COMMAND)
    assert analysed(warm.stderr) == 0
    assert (warm.exit_code, warm.stdout) == (cold.exit_code, cold.stdout)


def test_paths_are_those_of_the_new_place(written: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(written, *COMMAND)
    folder = elsewhere(written, monkeypatch)
    warm = run(folder, "--output-format", "json").stdout
    assert (str(folder) in warm, str(written) in warm) == (True, False)
    assert warm == run(folder, "--output-format", "json", "--no-cache").stdout


def test_only_what_has_changed_is_analysed(written: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(written, *COMMAND)
    folder = elsewhere(written, monkeypatch)
    write(folder, {"common/base.py": "def log(text):\n    pass\n"})
    warm = run(folder, *COMMAND)
    assert analysed(warm.stderr) == 1
    assert warm.stdout == run(folder, *COMMAND, "--no-cache").stdout


def test_without_the_key_it_counts_for_nothing(
    written: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(written, *COMMAND)
    folder = elsewhere(written, monkeypatch)
    monkeypatch.setenv(VARIABLE, KEY.upper())
    assert analysed(run(folder, *COMMAND).stderr) == 7


def test_projects_that_share_a_folder_stay_apart(tmp_path: Path) -> None:
    shared = ("--cache-dir", str(tmp_path / "shared"))
    shop, depot = (write(tmp_path / name, FILES) for name in ("shop", "depot"))
    for _ in range(2):
        run(shop, *COMMAND, *shared)
        told = run(depot, *COMMAND, *shared).stderr
    assert analysed(told) == 0


def test_bedev_lint_itself_may_stand_elsewhere(written: Path, tmp_path: Path) -> None:
    run(written, *COMMAND)
    for folder in ("src/bedev_lint", "rules"):
        shutil.copytree(
            ROOT / folder, tmp_path / "installed" / folder, copy_function=shutil.copyfile
        )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "installed/src")}
    command = [sys.executable, "-m", "bedev_lint", *COMMAND]
    done = subprocess.run(command, cwd=written, env=environment, capture_output=True, text=True)
    assert (done.returncode, analysed(done.stderr)) == (2, 0), done.stderr
