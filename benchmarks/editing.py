"""How long an editor waits: a first run over a project, and runs over edits of it in memory.

    python benchmarks/editing.py FOLDER                   25 files, each edited in three ways
    python benchmarks/editing.py FOLDER --files 100 --seed 7

Nothing is written: the edits are unsaved texts, as those of the language server. A `comment` moves
all below it, a `function` changes what the module holds, and a `handler` is a finding at its end.
The last column is the median as a part of the first run.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from bedev_lint.session.run import Outcome, Session
from bedev_lint.settings.loading import load

EDITS: dict[str, Callable[[str], str]] = {
    "comment": lambda text: f"# A new line.\n{text}",
    "function": lambda text: f"{text}\n\ndef added(order):\n    return order.total()\n",
    "handler": lambda text: (
        f"{text}\n\ndef quiet(order):\n    try:\n        order.pay()\n    except Exception:\n"
        "        pass\n"
    ),
}


def timed(work: Callable[[], Outcome]) -> tuple[float, Outcome]:
    """Return the seconds of processor time that work takes, and what comes of it."""
    began = time.process_time()
    outcome = work()
    return time.process_time() - began, outcome


def checked(session: Session, paths: list[Path]) -> Iterator[Path]:
    """Return the files that are checked: production code that is excluded nowhere."""
    for path in paths:
        text = path.read_text("utf-8", "replace")
        if session.run((), {str(path): EDITS["handler"](text).encode()}).diagnostics:
            yield path


def edited(session: Session, path: Path, edit: Callable[[str], str]) -> float:
    """Return how long a run over an edit takes, once the file is open."""
    text = path.read_text("utf-8", "replace")
    session.run((), {str(path): text.encode()})
    unsaved = {str(path): edit(text).encode()}
    seconds, _ = timed(lambda: session.run((), unsaved, is_disk_same=True))
    return seconds


def main() -> None:
    """Print a table of what runs over edits take."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--files", type=int, default=25)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    config, catalog = load(arguments.folder.resolve(), isolated=True)
    session = Session(config, catalog)
    session.stay_warm()
    first, outcome = timed(lambda: session.run([config.root]))
    again, _ = timed(lambda: session.run([config.root]))
    every = sorted(config.root.rglob("*.py"))
    lines = sum(path.read_bytes().count(b"\n") for path in every)
    random.Random(arguments.seed).shuffle(every)
    paths = list(islice(checked(session, every), arguments.files))
    print(f"{lines:,} lines, {outcome.files} files; first run {first:.1f} s in one process")
    print(f"{'edit':<10}{'median':>8}{'90 %':>8}{'slowest':>9}{'of the first':>14}")
    print(f"{'none':<10}{again:>8.3f}{'':>8}{'':>9}{again / first:>14.1%}")
    for name, edit in EDITS.items():
        seconds = [edited(session, path, edit) for path in paths]
        median, high = statistics.median(seconds), statistics.quantiles(seconds, n=10)[-1]
        print(f"{name:<10}{median:>8.3f}{high:>8.3f}{max(seconds):>9.3f}{median / first:>14.1%}")


if __name__ == "__main__":
    main()
