"""`bedev-lint check --cluster`, on a real cluster of two processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import dask.config
import pytest
from click.testing import CliRunner
from distributed import LocalCluster

import scratch
from bedev_lint.cli import cli

# For what is waited for, on a slow machine: it is hardly ever waited that long.
PATIENCE = 180

RATES = "import requests\n\n\ndef rate(url):\n    return requests.get(url)\n"
PAY = "from shop.rates import rate\n\n\ndef pay(url):\n    return rate(url)\n"
SWALLOWED = "try:\n    f()\nexcept Exception:\n    pass\n"
# Of so many bytes nobody has to think.
LARGE = f"# {'-' * 150}\n" * 1_000
SLOW = "".join(f'password_{n} = "hunter2-{n}-Xy9"\n' for n in range(60_000))
LONG = "def total(x):\n    return [x.y(z) for z in x.w if z]\n\n" * 1_000

CONFIGURATION = {
    "distributed.deploy.lost-worker-timeout": PATIENCE,
    "distributed.scheduler.allowed-failures": 0,  # or it would first try again by itself
}

# Each Python that a worker starts tells which files it opens, and for which worker, and can be kept
# from it, as if they were on another machine. One file ends any worker that reads it.
SITE = """\
import os, signal, sys

worker = os.getppid()  # also in copies of this process

def opened(event, arguments):
    if event == "open" and isinstance(arguments[0], str) and arguments[0].startswith({root!r}):
        if os.path.exists({hidden!r}):
            raise FileNotFoundError(2, "not on this machine")
        log = os.open({log!r}, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(log, f"{{worker}} {{arguments[0]}}\\n".encode())
        os.close(log)
        if arguments[0].endswith("deadly.py"):
            os.kill(worker, signal.SIGKILL)

sys.addaudithook(opened)
"""


class Shared(NamedTuple):
    """A cluster, the file that says what it has opened, and what hides all files if it is there.

    Of what was opened only that `below` a folder is told: a worker may still be at work for the
    test before.
    """

    cluster: LocalCluster
    log: Path
    hidden: Path
    below: Path = Path("/")

    @property
    def address(self) -> str:
        return str(self.cluster.scheduler_address)

    def opened(self) -> list[str]:
        """Return the paths that were opened, each as often as it was."""
        return [path for _, path in self._lines()]

    def first_worker(self) -> int:
        """Return the process of the worker that has begun first, 0 if none has."""
        return next((worker for worker, _ in self._lines()), 0)

    def _lines(self) -> Iterator[tuple[int, str]]:
        for line in self.log.read_text().splitlines() if self.log.exists() else []:
            worker, _, path = line.partition(" ")
            if path.startswith(f"{self.below}{os.sep}"):
                yield int(worker), path


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shared]:
    folder = tmp_path_factory.mktemp("site")
    log, hidden = folder / "opened", folder / "hidden"
    root = f"{tmp_path_factory.getbasetemp()}{os.sep}test_"
    (folder / "sitecustomize.py").write_text(
        SITE.format(root=root, log=str(log), hidden=str(hidden))
    )
    with (
        dask.config.set(CONFIGURATION),
        LocalCluster(
            n_workers=2,
            processes=True,
            threads_per_worker=1,
            dashboard_address=":0",
            env={"PYTHONPATH": str(folder)},
        ) as cluster,
    ):
        yield Shared(cluster, log, hidden)


@pytest.fixture
def shared(started: Shared, tmp_path: Path) -> Shared:
    started.log.unlink(missing_ok=True)
    started.hidden.unlink(missing_ok=True)
    wait_for(lambda: worker_count(started.cluster) == 2)  # one may be on its way back
    return started._replace(below=tmp_path)


def worker_count(cluster: LocalCluster) -> int:
    assert cluster.scheduler is not None
    return len(cluster.scheduler.workers)


def wait_for(condition: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project worth to be shared out: a finding that two files lead to, and others."""
    files = {f"shop/m{n}.py": LARGE + SWALLOWED for n in range(8)}
    found = {"shop/services.py": PAY, "shop/rates.py": RATES, "bad.py": "("}
    return aged(scratch.write(tmp_path, {**found, **files}))


def aged(root: Path) -> Path:
    """Let no file look as if it may change any moment."""
    long_ago = time.time() - 1_000
    for path in root.rglob("*.py"):
        os.utime(path, (long_ago, long_ago))
    return root


def check(root: Path, *arguments: str) -> tuple[int, str, str]:
    """Return the exit status of a check, and what it prints."""
    done = scratch.run(root, "check", "-j1", "--output-format", "json", *arguments)
    return done.exit_code, done.stdout, done.stderr


# ------------------------------------------------------------------ the result


def test_the_result_is_that_of_one_machine(project: Path, shared: Shared) -> None:
    alone = check(project, "--no-cache")
    assert alone[0] == 2 and "BD202" in alone[1] and "BD101" in alone[1]
    assert not shared.opened()
    assert check(project, "--no-cache", "--cluster", shared.address) == alone
    assert {*shared.opened()} == {str(path) for path in project.rglob("*.py")}
    # What workers cannot see is sent.
    shared.hidden.touch()
    assert check(project, "--no-cache", "--cluster", shared.address) == alone


@pytest.mark.parametrize("is_hidden", [False, True])
def test_what_was_read_there_is_known_here(is_hidden: bool, project: Path, shared: Shared) -> None:
    (project / "bad.py").unlink()
    if is_hidden:
        shared.hidden.touch()
    status, first, _ = check(project, "--cluster", shared.address)
    (project / "shop/new.py").write_text(SWALLOWED)  # or the answer would be known, too
    _, second, told = check(project, "-v")
    assert status == 1
    assert "analysed: 1," in told
    assert second.count('"code"') == first.count('"code"') + 1


def test_what_cannot_be_read_here_is_told_as_ever(project: Path, shared: Shared) -> None:
    os.mkfifo(project / "shop/pipe.py")
    (project / "shop/gone.py").symlink_to("nowhere.py")
    alone = check(project, "--no-cache")
    assert check(project, "--no-cache", "--cluster", shared.address) == alone


# ------------------------------------------------------------------ what goes wrong there


def test_a_file_that_takes_too_long_does_not_hold_up_the_others(
    tmp_path: Path, shared: Shared
) -> None:
    files = {"bedev-lint.toml": "file-timeout = 1\n", "slow.py": SLOW, "other.py": SWALLOWED}
    aged(scratch.write(tmp_path, files))
    status, found, _ = check(tmp_path, "--no-cache", "--cluster", shared.address)
    assert status == 2
    assert [each["code"] for each in json.loads(found)] == ["BD101", "BD005"]
    assert "longer than 1 s" in found
    assert shared.opened().count(str(tmp_path / "slow.py")) == 1


@pytest.fixture
def reading(tmp_path: Path, shared: Shared) -> Iterator[subprocess.Popen[bytes]]:
    """A check of a project, of which workers have begun to read files."""
    aged(scratch.write(tmp_path, {f"shop/m{n}.py": LARGE + LONG for n in range(10)}))
    command = [sys.executable, "-m", "bedev_lint", "check", "-j1", "--output-format", "json"]
    with scratch.started(
        [*command, "--no-cache", "--cluster", shared.address],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        wait_for(shared.first_worker)
        yield process
        process.kill()


def test_a_worker_that_dies_costs_only_its_portions(
    tmp_path: Path, shared: Shared, reading: subprocess.Popen[bytes]
) -> None:
    os.kill(shared.first_worker(), signal.SIGKILL)
    stdout, stderr = reading.communicate(timeout=PATIENCE)
    opened = shared.opened()
    assert len(opened) > len({*opened}) == 10
    alone = check(tmp_path, "--no-cache")
    assert (reading.returncode, stdout.decode(), stderr.decode()) == alone


def test_a_file_that_ends_workers_is_told_and_no_other(project: Path, shared: Shared) -> None:
    """Even those are read that were given to the same worker."""
    (project / "bad.py").write_text("")
    (project / "shop/deadly.py").write_text(LARGE)
    aged(project)
    _, before, _ = check(project, "--no-cache")
    status, found, _ = check(project, "--no-cache", "--cluster", shared.address)
    assert status == 2
    told = json.loads(found)
    assert [Path(each["filename"]).name for each in told if each["code"] == "BD005"] == [
        "deadly.py"
    ]
    assert [each for each in told if each["code"] != "BD005"] == json.loads(before)


def test_a_signal_ends_it_at_once(reading: subprocess.Popen[bytes]) -> None:
    began = time.monotonic()
    reading.send_signal(signal.SIGTERM)
    assert reading.communicate(timeout=PATIENCE) == (b"", b"")
    assert reading.returncode == 143
    assert time.monotonic() - began < 5


# ------------------------------------------------------------------ what cannot be


def test_other_versions_are_refused(
    project: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = tmp_path_factory.mktemp("other")
    metadata = other / "bedev_lint-9.9.dist-info/METADATA"
    metadata.parent.mkdir()
    metadata.write_text("Metadata-Version: 2.1\nName: bedev-lint\nVersion: 9.9\n")
    with LocalCluster(n_workers=0, dashboard_address=":0") as cluster:
        address = str(cluster.scheduler_address)
        command = ["-m", "distributed.cli.dask_worker", address, "--no-nanny", "--no-dashboard"]
        with subprocess.Popen(
            [sys.executable, *command],
            env={**os.environ, "PYTHONPATH": str(other)},
            stderr=subprocess.DEVNULL,
        ) as worker:
            wait_for(lambda: worker_count(cluster))
            done = check(project, "--no-cache", "--cluster", address)
            worker.kill()
    assert done[:2] == (2, "")
    assert "bedev-lint 9.9 on tcp://" in done[2] and "install the same" in done[2]


def test_a_cluster_that_does_not_answer_is_told(project: Path) -> None:
    address = "tcp://127.0.0.1:1"
    done = check(project, "--no-cache", "--cluster", address)
    assert done == (2, "", f"bedev-lint: --cluster: {address}: nobody answers within 10 s\n")


def test_what_tls_needs_is_told(project: Path) -> None:
    _, _, told = check(project, "--no-cache", "--cluster", "tls://127.0.0.1:1")
    assert "TLS needs `distributed.comm.tls.client`" in told


@pytest.mark.parametrize("address", ["scheduler:8786", "tcp://a", "tcp://a:x", "http://a:1"])
def test_what_is_no_address_is_told(address: str) -> None:
    result = CliRunner().invoke(cli, ["check", "--cluster", address])
    assert result.exit_code == 2
    assert "no address such as tcp://" in result.output


def test_it_is_told_what_is_missing(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    monkeypatch.setenv("BEDEV_LINT_CLUSTER", "tcp://127.0.0.1:1")
    result = scratch.run(project, "check", "--no-cache")
    assert result.exit_code == 2
    assert "pip install 'bedev-lint[distributed]'" in result.stderr


# ------------------------------------------------------------------ who decides


def test_a_project_cannot_send_its_sources_anywhere(project: Path) -> None:
    (project / "bedev-lint.toml").write_text('cluster = "tcp://127.0.0.1:1"\n')
    result = scratch.run(project, "check", "--no-cache")
    assert result.exit_code == 2
    assert "cluster" in result.stderr and "nobody answers" not in result.stderr


def test_nothing_of_a_cluster_is_imported_without_one(project: Path) -> None:
    code = (
        "import sys\n"
        "from bedev_lint.cli import main\n"
        "main(['check', '--no-cache', '-j1'])\n"
        "print({'distributed', 'dask', 'bedev_lint.inspection.cluster'} & {*sys.modules})\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=project, capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "set()"
