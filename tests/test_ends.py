"""However a run ends, it leaves no process and nothing half written, and says so by its status."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import scratch

SWALLOWED = "try:\n    f()\nexcept Exception:\n    pass\n"
# For what is waited for, on a slow machine: it is hardly ever waited that long.
PATIENCE = 120
WORKS_LONG = 100_000

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs Linux")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/cart.py").write_text(SWALLOWED)
    return tmp_path


@pytest.fixture
def large(project: Path) -> Path:
    """A project that many processes read for long."""
    call = "def total(x):\n    return [x.y(z) for z in x.w if z]\n\n"
    for number in range(8):
        (project / f"shop/m{number}.py").write_text(call * (WORKS_LONG // len(call)))
    return project


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "bedev_lint", *arguments]


def run(project: Path, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    return subprocess.run(command(*arguments), cwd=project, text=True, timeout=PATIENCE, **pipes)


def wait_for(condition: Callable[[], Any]) -> Any:
    end = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < end
        time.sleep(0.01)
    return found


def in_group(group: int) -> Iterator[int]:
    """Return the processes of a group that are still alive, zombies left aside."""
    for entry in os.listdir("/proc"):
        try:
            text = Path("/proc", entry, "stat").read_text() if entry.isdigit() else ""
        except OSError:
            continue
        fields = text.rpartition(")")[2].split()
        if fields and int(fields[2]) == group and fields[0] not in "ZX":
            yield int(entry)


def started(project: Path, *arguments: str) -> subprocess.Popen[bytes]:
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return scratch.started(command(*arguments), cwd=project, start_new_session=True, **pipes)


def is_reading(process: subprocess.Popen[bytes]) -> Callable[[], bool]:
    return lambda: len(list(in_group(process.pid))) == 3


# ------------------------------------------------------------------ signals


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGHUP, 129)]
)
def test_a_signal_ends_all(large: Path, number: signal.Signals, status: int) -> None:
    with started(large, "shop", "-j2", "--output-file", "found.txt") as process:
        wait_for(is_reading(process))
        process.send_signal(number)
        assert process.communicate(timeout=PATIENCE) == (b"", b"")
        assert process.returncode == status
        assert not list(in_group(process.pid))
    left = [path.name for path in large.rglob("*") if path.is_file()]
    assert not [name for name in left if name.startswith(".new-") or name.endswith("-journal")]
    assert "found.txt" not in left


def test_no_worker_outlives_a_killed_run(large: Path) -> None:
    with started(large, "shop", "-j2", "--no-cache") as process:
        wait_for(is_reading(process))
        process.kill()
        process.communicate(timeout=PATIENCE)  # which waits for all that could still write
        wait_for(lambda: not list(in_group(process.pid)))


def test_a_signal_during_linking_ends_all(project: Path) -> None:
    code = (
        "import os, signal, sys, time\n"
        "from bedev_lint import signals\n"
        "from bedev_lint.inspection import parallel\n"
        "parallel._SMALL = 0\n"
        "signals.obey()\n"
        "def work(item):\n"
        "    time.sleep(item)\n"
        "    return b''\n"
        "try:\n"
        "    for _ in parallel.shared(work, [0, 100, 100], [1] * 3, 3):\n"
        "        os.kill(os.getpid(), signal.SIGTERM)\n"
        "except SystemExit as end:\n"
        "    signals.end_at_once(end.code)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=PATIENCE)
    assert (done.returncode, done.stdout, done.stderr) == (143, b"", b"")


def test_a_signal_that_is_lost_ends_all_the_same() -> None:
    code = (
        "import os, signal, time\n"
        "from bedev_lint import signals\n"
        "signals.obey()\n"
        "class Odd:\n"
        "    def __del__(self):\n"
        "        os.kill(os.getpid(), signal.SIGTERM)\n"
        "        time.sleep(0)\n"
        "Odd()\n"
        "time.sleep(100)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=PATIENCE)
    assert done.returncode == 143


def test_no_process_is_left_at_the_end(large: Path) -> None:
    for path in list((large / "shop").glob("m*.py"))[2:]:
        path.unlink()
    (large / "shop/m8.py").write_text("x = 1\n" * 80_000)
    with started(large, "shop", "-j2", "--no-cache") as process:
        assert process.wait(PATIENCE) == 1
        assert not list(in_group(process.pid))


# ------------------------------------------------------------------ what cannot be written

COMMANDS = [
    "check shop",
    "rules",
    "explain BD101",
    "effects shop",
    "graph shop",
    "config",
    "--help",
    "--version",
]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_output_is_told(project: Path) -> None:
    said = "bedev-lint: cannot write to standard output: No space left on device\n"
    old = time.time() - 100  # so that the answer is kept
    os.utime(project / "shop/cart.py", (old, old))
    assert run(project, "shop").returncode == 1
    with open("/dev/full", "w") as full:
        for line in ["shop", *COMMANDS]:
            done = run(project, *line.split(), stdout=full)
            assert (done.returncode, done.stderr) == (2, said), line


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_are_no_crash(project: Path, closed: str) -> None:
    line = f'"{sys.executable}" -m bedev_lint "$0" {closed}'

    def status(argument: str) -> int:
        script = ["sh", "-c", line, argument]
        return subprocess.run(script, cwd=project, capture_output=True, timeout=PATIENCE).returncode

    assert [status("shop"), status("shop"), status("nowhere")] == [1, 1, 2]


def test_a_closed_input_is_not_an_empty_one(project: Path) -> None:
    script = f'"{sys.executable}" -m bedev_lint - <&-'
    done = subprocess.run(
        ["sh", "-c", script], cwd=project, capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.returncode == 2
    assert done.stderr == "bedev-lint: cannot read standard input: it is closed\n"


def test_an_output_file_is_whole_or_as_it_was(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from bedev_lint.cli import main

    monkeypatch.chdir(project)
    target = project / "found.txt"
    target.write_text("before")
    target.chmod(0o640)
    (project / "link.txt").symlink_to(target)
    assert main(["shop", "-o", "link.txt"]) == 1
    assert target.read_text().startswith("shop/cart.py:3:1: BD101")
    assert (target.stat().st_mode & 0o777, os.readlink("link.txt")) == (0o640, str(target))
    before = target.read_text()

    def full(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("bedev_lint.output._write", full)
    for name in ("found.txt", "new.txt"):
        assert main(["shop", "-o", name]) == 2
        said = f"bedev-lint: cannot write {name}: No space left on device\n"
        assert capsys.readouterr().err == said
    assert target.read_text() == before
    names = {path.name for path in project.iterdir()} - {".bedev_lint_cache"}
    assert names == {".git", "shop", "found.txt", "link.txt"}


def test_what_is_no_plain_file_is_written_to(project: Path) -> None:
    fifo = project / "pipe"
    os.mkfifo(fifo)
    with subprocess.Popen(command("shop", "-o", "pipe"), cwd=project) as process:
        assert fifo.read_text().startswith("shop/cart.py:3:1: BD101")
        assert process.wait(PATIENCE) == 1
    done = run(project, "shop", "-o", "/dev/stdout")
    assert done.stdout.startswith("shop/cart.py:3:1: BD101")
    if os.path.exists("/dev/full"):
        assert run(project, "shop", "-o", "/dev/full").returncode == 2
