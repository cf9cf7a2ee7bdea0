"""What becomes of a run when one file of the project is hostile: ours beside other linters.

    python benchmarks/hostile.py                  all inputs, all linters
    python benchmarks/hostile.py --only bedev-lint --input fifo --input deep-parens

Each input is a project of its own: one hostile file (or configuration, link, folder), and beside
it `plain.py`, in which every linter finds a silent `except Exception`. Asked of each run: has it
ended in time, by itself, with an answer; is the finding in `plain.py` still reported; and, where
the hostile file cannot be analysed, does it say so. Peers are installed by pinned version into
`--folder`, as for `run.py`. What a linter writes outside of the project's cache is not seen here.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from run import OURS, PEERS, PROJECT, environment, pip

PLAIN = "def load(read):\n    try:\n        return read()\n    except Exception:\n        pass\n"
HOSTILE = "hostile.py"
CONFIGURATION = "pyproject.toml"
DEEP = "[" * 9_000 + "]" * 9_000
PATIENCE = 60.0  # seconds: who has not ended by then is counted as hanging

Make = Callable[[Path], None]


class Input(NamedTuple):
    """A hostile project: what makes it, and whether the hostile file cannot be analysed."""

    make: Make
    is_unreadable: bool = False


class Result(NamedTuple):
    """What a linter has made of an input, in a word, and how long it took in seconds."""

    word: str
    seconds: float


# ------------------------------------------------------------------ inputs


def text(content: str | bytes, name: str = HOSTILE) -> Make:
    """Return what writes one file."""
    data = content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")

    def make(folder: Path) -> None:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    return make


def link(target: str, name: str = HOSTILE) -> Make:
    """Return what makes one symbolic link."""
    return lambda folder: (folder / name).symlink_to(target)


def fifo(name: str = HOSTILE) -> Make:
    """Return what makes a pipe that nobody writes into."""
    return lambda folder: os.mkfifo(folder / name)


def delegating(count: int) -> Make:
    """Return what writes modules each of which calls the next."""

    def make(folder: Path) -> None:
        for number in range(count):
            following = f"from m{number + 1} import f as g\n\n\ndef f(x):\n    return g(x)\n"
            (folder / f"m{number}.py").write_text(following)
        (folder / f"m{count}.py").write_text("def f(x):\n    return x\n")

    return make


INPUTS = {
    # depth
    "deep-parens": Input(text("x = " + "(" * 1500 + ")" * 1500 + "\n"), True),
    "deep-f-string": Input(text("x = f'{" + "(" * 1500 + ")" * 1500 + "}'\n"), True),
    "deep-unary": Input(text("x = " + "not " * 50_000 + "y\n")),
    "deep-binary": Input(text("x = " + "a + " * 20_000 + "b\n")),
    "call-chain": Input(text("x = a" + ".b()" * 5_000 + "\n")),
    "link-chain": Input(text("x = a" + ".b" * 200 + "()\n")),
    "alternatives": Input(text("def f(x: a" + " | a" * 900 + "): x.go()\n")),
    "deep-blocks": Input(text("".join(" " * i + "if x:\n" for i in range(99)) + " " * 99 + "y\n")),
    "elif-ladder": Input(text("if a: b\n" + "elif a: b\n" * 5_000)),
    "delegating-modules": Input(delegating(60)),
    # growth
    "addresses": Input(text("".join(f'A{i} = "https://h{i}.acme.io"\n' for i in range(5_000)))),
    "passwords": Input(text("".join(f'password_{i} = "Vx9-q2-{i}L"\n' for i in range(4_000)))),
    "silent-handlers": Input(text((PLAIN + "\n\n") * 2_000)),
    "suppressions": Input(text("x = 1  # noqa\n" * 100_000)),
    "comment-lines": Input(text("#\n" * 2_000_000)),
    "long-line": Input(text("x = [" + "1, " * 1_300_000 + "]\n")),
    "semicolons": Input(text("x;" * 500_000 + "x\n")),
    "unterminated-string": Input(text("x = '" + "\\'" * 100_000 + "\n"), True),
    "endless-key": Input(text("k = '-----BEGIN PRIVATE KEY-----" + "A" * 2_000 + "'\n")),
    # bytes
    "null-byte": Input(text(b"x = 1\0\n"), True),
    "not-utf-8": Input(text(b"x = '\xff\xfe'\n"), True),
    "unknown-codec": Input(text("# -*- coding: acme -*-\nx = 1\n"), True),
    "no-syntax": Input(text("def f(:\n"), True),
    # files
    "fifo": Input(fifo(), True),
    "endless-device": Input(link("/dev/zero"), True),
    "dangling-link": Input(link("nowhere"), True),
    "circle-of-links": Input(link(".", "loop")),
    "gitignore-fifo": Input(fifo(".gitignore")),
    "gitignore-endless": Input(link("/dev/zero", ".gitignore")),
    "gitignore-pattern": Input(text("*a" * 40 + "b\n", ".gitignore")),
    "configuration-fifo": Input(fifo(CONFIGURATION), True),
    "configuration-endless": Input(link("/dev/zero", CONFIGURATION), True),
    "configuration-deep": Input(text(f"[tool.bedev-lint]\nx = {DEEP}\n", CONFIGURATION), True),
}  # fmt: skip


# ------------------------------------------------------------------ running


COMMANDS: dict[str, Sequence[str]] = {
    OURS: ("bedev-lint", "check", ".", "--no-cache", "--output-format", "concise"),
    "ruff": ("ruff", "check", ".", "--no-cache", "--select", "S110", "--output-format", "concise"),
    "bandit": ("bandit", "-q", "-r", "."),
    "fixit": ("fixit", "lint", "."),
}
# Fixit's own rules find nothing in `plain.py`, nor do they in anything like it.
FIND_PLAIN = (OURS, "ruff", "bandit")


def attack(linter: str, item: Input, folder: Path, programs: Path) -> Result:
    """Run a linter over a hostile project, and say what happened."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / ".git").mkdir(parents=True)
    (folder / "plain.py").write_text(PLAIN)
    item.make(folder)
    surroundings = {**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
    started = time.perf_counter()
    process = subprocess.Popen(
        COMMANDS[linter],
        cwd=folder,
        env=surroundings,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        output = process.communicate(timeout=PATIENCE)[0].decode(errors="replace")
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return Result("hangs", PATIENCE)
    seconds = time.perf_counter() - started
    return Result(judged(linter, item, output, process.returncode), seconds)


def judged(linter: str, item: Input, output: str, status: int) -> str:
    """Say in a word what an output and an exit status mean for who reads them."""
    if status < 0:
        return f"killed by {signal.Signals(-status).name}"
    if "Traceback (most recent call last)" in output or "panicked at" in output:
        return "crashes"
    # A configuration that cannot be read may end a run before anything is looked at.
    is_ended = CONFIGURATION in output and status not in (0, 1)
    if linter in FIND_PLAIN and "plain.py" not in output and not is_ended:
        return "loses the other finding"
    is_told = HOSTILE in output or CONFIGURATION in output
    if item.is_unreadable:
        return "told" if is_told else "silent"
    return "ok"


def main() -> None:
    """Read the command line, get what is missing, attack, and print a table in Markdown."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folder", type=Path, default=PROJECT / "build" / "benchmarks")
    parser.add_argument("--only", default=",".join(COMMANDS), help="linters, commas between them")
    parser.add_argument("--input", choices=INPUTS, action="append")
    options = parser.parse_args()
    folder = options.folder.resolve()
    programs = {}
    for name in options.only.split(","):
        programs[name] = environment(folder / ("ours" if name == OURS else f"peers/{name}"))
        if not pip(programs[name], "install", *([str(PROJECT)] if name == OURS else PEERS[name])):
            raise SystemExit(f"cannot install {name}")
    if OURS in programs:
        pip(programs[OURS], "install", "--force-reinstall", "--no-deps", str(PROJECT))
    print(f"| input | {' | '.join(programs)} |\n|---{'|---' * len(programs)}|", flush=True)
    for name in options.input or INPUTS:
        results = []
        for linter, used in programs.items():
            result = attack(linter, INPUTS[name], folder / "hostile" / name, used)
            results.append(f"{result.word}, {result.seconds:.1f} s")
        print(f"| {name} | {' | '.join(results)} |", flush=True)
    shutil.rmtree(folder / "hostile", ignore_errors=True)


if __name__ == "__main__":
    main()
