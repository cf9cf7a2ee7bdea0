"""How much faster more cores make a cold run: simulated with the times of what they would share.

    python benchmarks/cores.py                        the largest tree
    python benchmarks/cores.py --tree middle --cores 1,2,4

All is done in one process, which notes the processor time of each portion of work that processes
would be given: of files that are read, of modules that are linked. What it spends besides is done
by one process whatever there is. A portion then begins as soon as a core is free, the next phase
when all of the last are done. What it costs to start processes, and that they share a memory, is
not in these figures; `scale.py` measures on the cores that there are.
"""

from __future__ import annotations

import argparse
import heapq
import json
import shutil
import subprocess
from pathlib import Path

from run import PROJECT, TREES, installed, tree

# Run by the Python that bedev-lint is installed for: the cores, then what the command is given.
RECORD = """
import json, sys, time
from bedev_lint.inspection import parallel, workers
from bedev_lint.cli import main

phases = []

class Recording(parallel.Pool):
    def results(self, work):
        phases.append([])
        do = self._set_up()
        for portion in work:
            spent = 0.0
            for item in portion:
                began = time.process_time()
                result = do(item)
                spent += time.process_time() - began
                yield item, result
            phases[-1].append(spent)

parallel.Pool = workers.Pool = Recording
began = time.process_time()
try:
    main(["check", *sys.argv[1:]])
except SystemExit:
    pass
print(json.dumps([time.process_time() - began, phases]), file=sys.stderr)
"""


def recorded(
    target: Path, folder: Path, programs: Path, jobs: int
) -> tuple[float, list[list[float]]]:
    """Return the processor seconds of a cold run, and those of each portion, phase by phase."""
    cache = folder / "caches" / "cores"
    shutil.rmtree(cache, ignore_errors=True)
    options = ["--isolated", "--exit-zero", "--quiet", "--jobs", str(jobs)]
    command = [str(programs / "python"), "-c", RECORD, str(target), *options]
    command += ["--cache-dir", str(cache)]
    result = subprocess.run(command, check=True, capture_output=True, text=True)
    total, phases = json.loads(result.stderr.splitlines()[-1])
    return total, phases


def simulated(total: float, phases: list[list[float]], cores: int) -> float:
    """Return the seconds that a run takes on so many cores."""
    together = total - sum(map(sum, phases))
    for portions in phases:
        free = [0.0] * cores
        for seconds in portions:
            heapq.heapreplace(free, free[0] + seconds)
        together += max(free)
    return together


def main() -> None:
    """Read the command line, record a run, and print a table in Markdown."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folder", type=Path, default=PROJECT / "build" / "benchmarks")
    parser.add_argument("--tree", choices=TREES, default="many")
    parser.add_argument("--cores", default="1,2,4,8,16")
    options = parser.parse_args()
    folder = options.folder.resolve()
    programs = installed(folder)
    target = tree(options.tree, folder, programs)
    print("| cores | of the time of one |")
    print("|---|---|")
    for cores in map(int, options.cores.split(",")):
        total, phases = recorded(target, folder, programs, max(cores, 2))
        print(f"| {cores} | {simulated(total, phases, cores) / total:.2f} |", flush=True)


if __name__ == "__main__":
    main()
