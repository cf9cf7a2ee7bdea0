"""The numbers of modules: in the order of their paths, and the same as long as they are there.

There are gaps between them, because everything that was linked refers to modules by number. To
number all modules again after one was added means to link them all again, which takes ten times as
long as to link the new one (12 and 1.2 seconds with 1300 modules).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bedev_lint.program.linking.state import ModuleState
from bedev_lint.program.structure.module import ModuleSource

__all__ = ["numbered", "numbered_anew"]

# So far from each other are they at first, so that others find room between them.
_STEP = 16


def numbered_anew(sources: Mapping[str, ModuleSource]) -> dict[str, int]:
    """Return a number for each module by its path."""
    return {path: position * _STEP for position, path in enumerate(sorted(sources), start=1)}


def numbered(
    sources: Mapping[str, ModuleSource], states: Sequence[ModuleState]
) -> dict[str, int] | None:
    """Return the number of each module by its path; None if there is no room for new ones.

    A module that is called as it was keeps its number. That of one that has gone is not given to
    another at once: what was known of it must not be taken for what is.
    """
    kept = {
        state.path: state.number
        for state in states
        if state.path in sources and (state.name, state.is_package) == sources[state.path][:2]
    }
    taken = {state.number for state in states}
    numbers: dict[str, int] = {}
    low, waiting = 0, list[str]()
    for path in sorted(sources):
        if path not in kept:
            waiting.append(path)
            continue
        if waiting:
            room = [number for number in range(low + 1, kept[path]) if number not in taken]
            if not _fill(waiting, room, numbers):
                return None
            waiting = []
        low = numbers[path] = kept[path]
    first = max(taken, default=0) + _STEP
    _fill(waiting, range(first, first + _STEP * len(waiting), _STEP), numbers)
    return numbers


def _fill(paths: Sequence[str], room: Sequence[int], numbers: dict[str, int]) -> bool:
    """Give these paths numbers of this room, evenly; return whether it is enough."""
    if len(paths) > len(room):
        return False
    for position, path in enumerate(paths):
        numbers[path] = room[(2 * position + 1) * len(room) // (2 * len(paths))]
    return True
