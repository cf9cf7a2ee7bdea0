"""How fast bedev-lint is beside other linters, on trees that anyone can get.

    python benchmarks/run.py                     all trees, all linters
    python benchmarks/run.py --quick             the middle tree, one round, no slow peers
    python benchmarks/run.py --tree many --only bedev-lint,ruff --rounds 5

Everything goes into one folder (`--folder`): the trees, from the package index by pinned
version; an environment for each peer, its version pinned; and one with bedev-lint as it stands
here. What is there already is not fetched again; bedev-lint itself is installed anew. All run
in turn on the same files. Figures are medians of wall time; memory is the most that all
processes of a run have held together, shared pages counted once (Linux only).
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import threading
import time
import venv
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timezone
from pathlib import Path
from typing import NamedTuple

PROJECT = Path(__file__).resolve().parent.parent
OURS = "bedev-lint"
# Wheels only: to build one would run its code. `pandas` holds more lines of tests than others.
TREES = {
    "middle": ("open-webui==0.12.4",),
    "large": ("pandas==3.1.1",),
    "many": ("pandas==3.1.1", "sympy==1.14.0", "open-webui==0.12.4", "apache-airflow-core==3.3.2"),
}
# What is installed for each peer, itself first.
PEERS = {
    "ruff": ("ruff==0.17.6",),
    "bandit": ("bandit==1.9.4",),
    "semgrep": ("semgrep==1.182.0",),
    "pylint": ("pylint==4.1.4",),
    "flake8": ("flake8==7.5.0", "flake8-bugbear==26.10.27"),
    "fixit": ("fixit==2.2.1",),
    "foxguard": ("foxguard==0.14.1",),
}
SLOW = ("pylint", "flake8", "fixit", "semgrep", "foxguard")
SEMGREP_RULES = """rules:
- {id: swallowed, languages: [python], severity: ERROR, message: swallowed, \
pattern: "try:\\n  ...\\nexcept Exception:\\n  pass"}
- {id: http, languages: [python], severity: ERROR, message: http, pattern: "requests.$F(...)"}
- {id: url, languages: [python], severity: ERROR, message: url, pattern-regex: "https?://[a-z]"}
- {id: secret, languages: [python], severity: ERROR, message: secret, pattern: password = "..."}
- {id: sleep, languages: [python], severity: ERROR, message: sleep, pattern: time.sleep(...)}
- {id: getenv, languages: [python], severity: ERROR, message: getenv, \
pattern: 'os.getenv("...", "...")'}
"""


class Linter(NamedTuple):
    """How a linter is run on a folder; `cache` is the folder that it keeps, if any."""

    name: str
    command: Callable[[Path, Path], list[str]]
    has_cache: bool = False


class Figures(NamedTuple):
    """Seconds and megabytes of one linter on one tree; None where there is nothing to measure."""

    cold: float
    warm: float | None
    changed: float | None
    memory: float | None
    lines: int


LINTERS = (
    Linter(
        OURS,
        lambda tree, cache: [
            "bedev-lint", "check", str(tree), "--isolated", "--exit-zero", "--quiet",
            "--output-format", "concise", "--cache-dir", str(cache),
        ],
        has_cache=True,
    ),
    Linter(
        "ruff",
        lambda tree, cache: [
            "ruff", "check", str(tree), "--isolated", "--exit-zero", "--quiet",
            "--select", "ASYNC,BLE,E722,S,TRY", "--output-format", "concise",
            "--cache-dir", str(cache),
        ],
        has_cache=True,
    ),
    Linter("bandit", lambda tree, _: ["bandit", "-q", "-r", str(tree), "--exit-zero"]),
    Linter(
        "semgrep",
        lambda tree, cache: [
            "semgrep", "scan", "--metrics=off", "--disable-version-check", "--quiet",
            "--no-git-ignore", "--config", str(cache.parent / "semgrep.yaml"), str(tree),
        ],
    ),
    Linter(
        "pylint",
        lambda tree, _: [
            "pylint", "--recursive=y", "--exit-zero", "-j0", "--disable=all",
            "--enable=W0702,W0703,W0706,W0150,W1508,E0401", str(tree),
        ],
    ),
    Linter(
        "flake8",
        lambda tree, _: ["flake8", "--isolated", "--exit-zero", "--select=B,E722", str(tree)],
    ),
    Linter("fixit", lambda tree, _: ["fixit", "--quiet", "lint", str(tree)]),
    # Files of more than a megabyte it leaves out.
    Linter("foxguard", lambda tree, _: ["foxguard", str(tree)]),
)  # fmt: skip


# ------------------------------------------------------------------ getting things


def environment(folder: Path) -> Path:
    """Make an environment, unless it is there, and return the folder of its programs."""
    if not (folder / "pyvenv.cfg").exists():
        venv.create(folder, with_pip=True)
    return folder / ("Scripts" if os.name == "nt" else "bin")


def installed(folder: Path) -> Path:
    """Install bedev-lint as it stands here, and return the folder of its programs."""
    programs = environment(folder / "ours")
    if not pip(programs, "install", "--force-reinstall", "--no-deps", str(PROJECT)):
        raise SystemExit("cannot install bedev-lint")
    pip(programs, "install", str(PROJECT))
    return programs


def pip(programs: Path, *arguments: str) -> bool:
    """Run pip in an environment, and return whether it succeeded."""
    command = [str(programs / "python"), "-m", "pip", "--quiet", "--disable-pip-version-check"]
    result = subprocess.run([*command, *arguments], check=False, capture_output=True)
    return result.returncode == 0


def tree(name: str, folder: Path, programs: Path) -> Path:
    """Return the folder of a tree, fetched unless it is there."""
    found = folder / "trees" / name
    if found.exists():
        return found
    wheels = folder / "wheels"
    for package in TREES[name]:
        options = ("--no-deps", "--only-binary", ":all:", "--python-version", "3.12")
        if not pip(programs, "download", *options, "--dest", str(wheels), package):
            raise SystemExit(f"cannot fetch {package}")
        project, _, version = package.partition("==")
        wheel = next(wheels.glob(f"{project.replace('-', '_')}-{version}-*.whl"))
        with zipfile.ZipFile(wheel) as archive:
            members = [member for member in archive.namelist() if member.endswith(".py")]
            archive.extractall(found.with_suffix(".new"), members)
    found.with_suffix(".new").rename(found)
    return found


def count(folder: Path) -> tuple[int, int]:
    """Return how many Python files there are, and how many lines in them."""
    files = list(folder.rglob("*.py"))
    return len(files), sum(path.read_bytes().count(b"\n") for path in files)


# ------------------------------------------------------------------ measuring


def run(command: Sequence[str], programs: Path) -> tuple[float, float | None, int]:
    """Return seconds, megabytes at most, and how many lines were printed."""
    surroundings = {**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
    started = time.perf_counter()
    process = subprocess.Popen(
        command,
        env=surroundings,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    peak = Peak(process.pid)
    output, _ = process.communicate()
    seconds = time.perf_counter() - started
    return seconds, peak.stop(), output.count(b"\n")


class Peak:
    """Looks at what all processes of a session hold, many times a second."""

    def __init__(self, session: int) -> None:
        self._session, self._most, self._ended = session, 0.0, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        if Path("/proc/self/smaps_rollup").exists():
            self._thread.start()

    def stop(self) -> float | None:
        self._ended.set()
        if not self._thread.is_alive() and not self._most:
            return None
        self._thread.join()
        return self._most / 1024

    def _watch(self) -> None:
        # Less and less often, so that looking does not slow down what is looked at.
        pause = 0.02
        while not self._ended.wait(pause):
            self._most = max(self._most, sum(self._held()))
            pause = min(pause * 1.1, 0.25)

    def _held(self) -> Iterator[int]:
        for entry in os.scandir("/proc"):
            if entry.name.isdecimal():
                with suppress(OSError, ValueError):
                    if os.getsid(int(entry.name)) == self._session:
                        rollup = Path(entry.path, "smaps_rollup").read_text()
                        yield int(rollup.partition("\nPss:")[2].split()[0])


def measure(linter: Linter, folder: Path, tree: Path, programs: Path, rounds: int) -> Figures:
    """Run one linter cold, then, if it keeps a cache, warm and after one file has changed."""
    cache = folder / "caches" / linter.name
    cache.parent.mkdir(exist_ok=True)
    (cache.parent / "semgrep.yaml").write_text(SEMGREP_RULES)
    command = linter.command(tree, cache)
    cold, memory, lines = [], [], 0
    for _ in range(rounds):
        shutil.rmtree(cache, ignore_errors=True)
        seconds, held, lines = run(command, programs)
        cold.append(seconds)
        memory.append(held or 0.0)
    peak = max(memory) or None
    if not linter.has_cache:
        return Figures(statistics.median(cold), None, None, peak, lines)
    time.sleep(3)  # a file that has just changed is not trusted to be as it was
    run(command, programs)
    warm = [run(command, programs)[0] for _ in range(max(rounds, 3) * 3)]
    changed = [run(command, programs)[0] for _ in changes(tree, rounds)]
    middle = statistics.median
    return Figures(middle(cold), middle(warm), middle(changed), peak, lines)


def changes(tree: Path, rounds: int) -> Iterator[None]:
    """Change one file of middling size, each time in another way, and put it back at last."""
    path = sorted(tree.rglob("*.py"), key=lambda path: (path.stat().st_size, path))[
        len(list(tree.rglob("*.py"))) * 3 // 4
    ]
    before, seen = path.read_bytes(), path.stat()
    try:
        for number in range(rounds):
            new = f"\n\ndef changed_{number}(value):\n    return open(value).read()\n"
            path.write_bytes(before + new.encode())
            yield
    finally:
        path.write_bytes(before)
        os.utime(path, ns=(seen.st_atime_ns, seen.st_mtime_ns))


# ------------------------------------------------------------------ telling


def table(measured: dict[str, Figures], versions: dict[str, str]) -> Iterator[str]:
    """Return the lines of a table in Markdown."""
    ours = measured.get(OURS)
    yield "| | cold | times ours | warm | one file changed | peak memory | lines printed |"
    yield "|---|---|---|---|---|---|---|"
    for name, found in measured.items():
        times = [f"{found.cold:.2f} s", f"{found.cold / ours.cold:.1f}" if ours else "-"]
        times += [
            "-" if seconds is None else f"{seconds:.2f} s"
            for seconds in (found.warm, found.changed)
        ]
        held = "-" if found.memory is None else f"{found.memory:.0f} MB"
        yield f"| {name} {versions.get(name, '')} | {' | '.join(times)} | {held} | {found.lines} |"


def main() -> None:
    """Read the command line, get what is missing, measure, and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folder", type=Path, default=PROJECT / "build" / "benchmarks")
    parser.add_argument("--tree", choices=TREES, action="append")
    parser.add_argument("--only", default="", help="linters, with commas between them")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    folder = options.folder.resolve()
    ours = installed(folder)
    wanted = [name for name in options.only.split(",") if name]
    chosen = [
        linter
        for linter in LINTERS
        if (not wanted or linter.name in wanted) and not (options.quick and linter.name in SLOW)
    ]
    versions = {name: packages[0].partition("==")[2] for name, packages in PEERS.items()}
    programs = {OURS: ours}
    for name in [linter.name for linter in chosen if linter.name != OURS]:
        programs[name] = environment(folder / "peers" / name)
        # What cannot be installed here is left out, and the others are not.
        if not pip(programs[name], "install", *PEERS[name]):
            print(f"cannot install {name}", file=sys.stderr)
            chosen = [linter for linter in chosen if linter.name != name]
    rounds = 1 if options.quick else options.rounds
    today = datetime.now(timezone.utc).date()
    print(
        f"{today}, Python {platform.python_version()}, {os.cpu_count()} cores, median of {rounds}"
    )
    for name in options.tree or (["middle"] if options.quick else TREES):
        below = tree(name, folder, ours)
        files, lines = count(below)
        print(f"\n{', '.join(TREES[name])}: {files:,} files, {lines:,} lines\n", flush=True)
        measured = {}
        for linter in chosen:
            used = programs[linter.name]
            measured[linter.name] = measure(linter, folder, below, used, rounds)
            print(f"{linter.name} …", file=sys.stderr)
        print("\n".join(table(measured, versions)), flush=True)


if __name__ == "__main__":
    main()
