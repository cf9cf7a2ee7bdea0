"""`bedev-lint check --watch`, as a process that is changed under and interrupted."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import scratch

QUIET = "def pay(order):\n    return order.total\n"
SWALLOWED = "try:\n    pay()\nexcept Exception:\n    pass\n"
# How long a run is waited for, on a machine that has other things to do.
PATIENCE = 60


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    files = {"bedev-lint.toml": "", "shop/pay.py": QUIET, "shop/notes.txt": ""}
    return scratch.write(tmp_path / "shop", files)


@pytest.fixture
def watching(shop: Path, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    output = tmp_path / "output"
    with output.open("wb") as file:
        command = [sys.executable, "-m", "bedev_lint", "--watch", "--output-format", "concise"]
        process = scratch.started([*command, str(shop)], stdout=file, stderr=file)
        yield process, output
        process.kill()
        process.wait()


def runs(output: Path, count: int) -> list[str]:
    """Wait for so many runs; return what each of them printed."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        *done, _ = output.read_text("utf-8").split("Watching for changes\n")
        if len(done) >= count:
            return done
        time.sleep(0.02)
    pytest.fail(output.read_text("utf-8"))


def test_a_change_is_checked_and_an_interrupt_ends_it(
    watching: tuple[subprocess.Popen[bytes], Path], shop: Path
) -> None:
    process, output = watching
    assert "BD101" not in runs(output, 1)[0]
    (shop / "shop/notes.txt").write_text("nothing that is checked")
    (shop / "shop/pay.py").write_text(SWALLOWED)
    assert "BD101" in runs(output, 2)[1]
    (shop / "bedev-lint.toml").write_text("ignroe = []\n")
    assert "ignroe" in runs(output, 3)[2]
    (shop / "bedev-lint.toml").write_text("ignore = ['BD101']\n")
    assert "BD101" not in runs(output, 4)[3]
    assert "\x1b" not in output.read_text("utf-8"), "the screen of a terminal alone is cleared"
    process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE) == 130


def test_without_the_extra_one_is_told_what_to_install(shop: Path) -> None:
    program = (
        "import sys; sys.modules['watchfiles'] = None; sys.argv = ['bedev-lint', '--watch', '.']\n"
        "from bedev_lint.__main__ import main; main()"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=shop, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr == "bedev-lint: --watch needs more: pip install 'bedev-lint[watch]'\n"


def test_standard_input_is_not_watched(shop: Path) -> None:
    command = [sys.executable, "-m", "bedev_lint", "--watch", "-"]
    done = subprocess.run(command, cwd=shop, input="", capture_output=True, text=True)
    assert done.returncode == 2
    assert "--watch cannot be combined with `-`" in done.stderr
