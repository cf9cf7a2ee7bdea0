"""How time and memory grow with a tree, up to ten million lines on one machine.

    python benchmarks/scale.py                       1, 2, 4 and 6 copies of the largest tree
    python benchmarks/scale.py --copies 1,2 --tree middle --jobs 1

The trees are those of `run.py`: each copy has its packages under new names, in the imports as
well, so that it is a program of its own beside the others. `linking` is a second run with one rule
less: all files are read from the cache, and all is linked again. Processor seconds are those of
all processes together. Needs Linux for the memory.
"""

from __future__ import annotations

import argparse
import re
import resource
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

from run import OURS, PROJECT, TREES, count, installed, run, tree

# Run by the Python that bedev-lint is installed for, with the folder of a cache.
FORGET_LINKING = """
import sys
from pathlib import Path
from bedev_lint.cache.store import Store
from bedev_lint.cache.trust import made_key

for path in Path(sys.argv[1]).iterdir():
    if path.suffix == ".sqlite":
        store = Store(path, made_key()[0])
        rows = [(row.kind, row.name) for row in store.everything()[0]]
        store.write((), [row for row in rows if row[0] != "file"], {})
        store.close()
    elif path.name not in ("CACHEDIR.TAG", ".gitignore"):
        path.unlink()  # whole answers
"""


class Row(NamedTuple):
    """Of one size: seconds cold and of linking, each with those of processors; and megabytes."""

    lines: int
    cold: float
    cold_processor: float
    linking: float
    linking_processor: float
    memory: float | None


def copied(source: Path, target: Path, copies: int) -> None:
    """Fill a folder with copies of the packages of a tree, each under a name of its own."""
    shutil.rmtree(target, ignore_errors=True)
    packages = [path for path in sorted(source.iterdir()) if path.is_dir()]
    words = "|".join(re.escape(path.name) for path in packages)
    name = re.compile(rf"\b(?:{words})\b".encode())
    for number in range(1, copies + 1):
        renamed = rb"\g<0>_%d" % number
        for package in packages:
            for path in package.rglob("*.py"):
                below = path.relative_to(package)
                copy = target / f"{package.name}_{number}" / below
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_bytes(name.sub(renamed, path.read_bytes()))


def measured(folder: Path, target: Path, programs: Path, jobs: int) -> Row:
    """Check a tree cold, and link it again."""
    cache = folder / "caches" / "scale"
    shutil.rmtree(cache, ignore_errors=True)
    command = [OURS, "check", str(target), "--isolated", "--exit-zero", "--quiet"]
    command += ["--jobs", str(jobs), "--cache-dir", str(cache)]
    started = _processor()
    cold, memory, _ = run(command, programs)
    cold_processor = _processor() - started
    subprocess.run([programs / "python", "-c", FORGET_LINKING, cache], check=True)
    between = _processor()
    linking, _, _ = run(command, programs)
    return Row(count(target)[1], cold, cold_processor, linking, _processor() - between, memory)


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Read the command line, make the trees, measure, and print a table in Markdown."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folder", type=Path, default=PROJECT / "build" / "benchmarks")
    parser.add_argument("--tree", choices=TREES, default="many")
    parser.add_argument("--copies", default="1,2,4,6")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    folder = options.folder.resolve()
    ours = installed(folder)
    source = tree(options.tree, folder, ours)
    print("| lines | cold | of it linking | processor time a million lines | peak memory |")
    print("|---|---|---|---|---|", flush=True)
    for copies in map(int, options.copies.split(",")):
        target = folder / "trees" / "scale"
        copied(source, target, copies)
        row = measured(folder, target, ours, options.jobs)
        memory = "-" if row.memory is None else f"{row.memory:,.0f} MB"
        print(
            f"| {row.lines:,} | {row.cold:.0f} s | {row.linking:.0f} s "
            f"| {row.cold_processor / row.lines * 1e6:.0f} s, "
            f"linking {row.linking_processor / row.lines * 1e6:.0f} s | {memory} |",
            flush=True,
        )
        shutil.rmtree(target)


if __name__ == "__main__":
    main()
