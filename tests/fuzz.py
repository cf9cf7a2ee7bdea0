"""Mutated real code, read, edited and read again: nothing crashes, and nothing kept tells a lie.

By hand, for as long as one likes: `python tests/fuzz.py --minutes 60 FOLDER...`. Each round is a
small project of mutated files out of these folders (and, where hypothesmith is installed, of
programs that it makes up), edited step by step. After each step a run with what the step before
has kept must print the same, byte for byte, as one that keeps nothing; no run may end with
anything but 0, 1 or 2, or report a rule that crashed. A round that fails is told with its seed:
`--seed` runs it again (programs of hypothesmith differ), and its project stays in the temporary
folder. Rounds run in a process of their own, so that its death is told as well.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from click.testing import CliRunner

from bedev_lint.cli import cli

STEPS = 6
MOST_FILES = 6
MOST_BYTES = 60_000
PATIENCE = 300  # seconds for one round
STRANGE = [
    b"\0", b"\r", b"\f", b"\x1b[31m", b"\xff", "\u202e".encode(), "é".encode(), b"'''", b'"""',
    b"\\\n", b"#", b"\t", b"  ", b"(", b"[" * 40, b"f'{", b"}", b"lambda: ", b"not ", b"await ",
    b"async ", b"yield ", b"*", b"**", b":=", b"->", b"@", b";", b"...", b"else:\n", b"except:\n",
    b"finally:\n", b"match x:\n case 1: pass\n", b"type X = int\n", b"global x\n", b"import ",
    b"from . import *\n", b"# noqa: BD101\n", b"# bedev: ignore[BD301]\n", b"class A(A): ",
    b"try:\n", b"with x: ", b"return", b"# -*- coding: latin-1 -*-\n", b"\xef\xbb\xbf",
]  # fmt: skip

Mutation = Callable[[random.Random, bytes, bytes], bytes]


# ------------------------------------------------------------------ mutations


def insert(chance: random.Random, data: bytes, _other: bytes) -> bytes:
    """Put something strange anywhere."""
    at = chance.randrange(len(data) + 1)
    return data[:at] + chance.choice(STRANGE) + data[at:]


def flip(chance: random.Random, data: bytes, _other: bytes) -> bytes:
    """Change one byte."""
    at = chance.randrange(max(1, len(data)))
    return data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]


def drop_lines(chance: random.Random, data: bytes, _other: bytes) -> bytes:
    """Take some lines away."""
    lines = data.splitlines(keepends=True)
    at = chance.randrange(len(lines) + 1)
    return b"".join(lines[:at] + lines[at + chance.randrange(1, 9) :])


def repeat_lines(chance: random.Random, data: bytes, _other: bytes) -> bytes:
    """Repeat some lines, indented otherwise."""
    lines = data.splitlines(keepends=True)
    at = chance.randrange(len(lines) + 1)
    indent = b" " * chance.choice([0, 0, 1, 4, 8])
    again = [indent + line for line in lines[at : at + chance.randrange(1, 9)]]
    return b"".join(lines[:at] + again * chance.choice([1, 2, 30]) + lines[at:])


def splice(chance: random.Random, data: bytes, other: bytes) -> bytes:
    """Put lines of another file in."""
    lines, others = data.splitlines(keepends=True), other.splitlines(keepends=True)
    at, start = chance.randrange(len(lines) + 1), chance.randrange(len(others) + 1)
    return b"".join(lines[:at] + others[start : start + chance.randrange(1, 40)] + lines[at:])


def swap_words(chance: random.Random, data: bytes, other: bytes) -> bytes:
    """Call one thing by the name of another."""
    words = data.split() or [b"x"]
    new = chance.choice(other.split() or [b"y"])
    return data.replace(chance.choice(words), new, chance.choice([1, 1, -1]))[:MOST_BYTES]


MUTATIONS: Sequence[Mutation] = (insert, flip, drop_lines, repeat_lines, splice, swap_words)


# ------------------------------------------------------------------ one round


def sources(chance: random.Random, folders: Sequence[Path]) -> list[bytes]:
    """Return the contents of some files."""
    paths = [path for folder in folders for path in sorted(folder.rglob("*.py"))]
    chosen = chance.sample(paths, min(MOST_FILES, len(paths)))
    return [*(path.read_bytes()[:MOST_BYTES] for path in chosen), *made_up(chance)]


def made_up(chance: random.Random) -> Iterator[bytes]:
    """Return a program that hypothesmith makes up, if it is there."""
    try:
        import hypothesmith  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        return
    random.seed(chance.randrange(2**32))  # what hypothesis begins with
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        text: str = hypothesmith.from_node().example()
    yield text.encode("utf-8", "surrogatepass")


def edited(chance: random.Random, root: Path, stock: list[bytes]) -> None:
    """Write, mutate, rename or remove files of a project."""
    names = [f"shop/{word}.py" for word in ("a", "b", "services", "models", "views", "clients")]
    names += ["shop/__init__.py", "shop/services/orders.py", "tests/test_a.py", "b.py"]
    for _ in range(chance.randrange(1, 4)):
        path = root / chance.choice(names)
        if path.is_file() and chance.random() < 0.15:
            path.unlink()
            continue
        data = path.read_bytes() if path.is_file() else chance.choice(stock)
        for _ in range(chance.randrange(4)):
            data = chance.choice(MUTATIONS)(chance, data, chance.choice(stock))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def run(root: Path, *arguments: str) -> str:
    """Return the exit status and all that is printed. Raises whatever was not expected."""
    command = ["check", str(root), "--output-format", "json", "--select", "ALL", *arguments]
    result = CliRunner().invoke(cli, command)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code in (0, 1, 2), result.exit_code
    assert '"BD004"' not in result.output, result.output
    return f"{result.exit_code}\n{result.output}"


def one_round(seed: int, folders: Sequence[Path]) -> None:
    """Make a project, and edit it step by step. Raises AssertionError, and what a run raises."""
    chance = random.Random(seed)
    stock = sources(chance, folders)
    # Left where it is if anything fails.
    root = Path(tempfile.mkdtemp(prefix=f"bedev-lint-{seed}-")).resolve()
    (root / ".git").mkdir()
    for step in range(STEPS):
        edited(chance, root, stock)
        kept = run(root, "--jobs", chance.choice(["1", "2"]))
        fresh = run(root, "--no-cache", "--jobs", "1")
        assert kept == fresh, f"step {step} in {root}: what was kept changes the result"
        if chance.random() < 0.2:
            shutil.rmtree(root / ".bedev_lint_cache", ignore_errors=True)
    shutil.rmtree(root)


def told(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> None:
    """Run rounds until the time is over; end with 1 if one of them has failed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--seed", type=int, help="run this round alone, in this process")
    options = parser.parse_args()
    if options.seed is not None:
        one_round(options.seed, options.folders)
        return
    until, rounds, failed = time.monotonic() + options.minutes * 60, 0, 0
    while time.monotonic() < until:
        seed = int.from_bytes(os.urandom(4), "big")
        command = [sys.executable, "-X", "faulthandler", __file__, "--seed", str(seed)]
        command += map(str, options.folders)
        try:
            result = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
            what = result.stderr if result.returncode else ""
        except subprocess.TimeoutExpired:
            what = f"has not ended within {PATIENCE} s\n"
        rounds += 1
        if what:
            failed += 1
            told(f"seed {seed}: {what[-3000:]}")
    told(f"{rounds} rounds of {STEPS} steps, {failed} failed")
    raise SystemExit(1 if failed else 0)


if __name__ == "__main__":
    main()
