"""What can be reached from where: the search that all graphs and chains of names share."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import TypeVar

__all__ = ["reachable"]

T = TypeVar("T", bound=Hashable)


def reachable(starts: Iterable[T], following: Callable[[T], Iterable[T]]) -> Iterator[T]:
    """Return what one comes to from `starts`: these first, then the nearest, each of them once.

    `following` returns what is one step on. It is asked when the next is wanted, so that a search
    that has found what it looks for reads no more, and `islice` limits one that may be long.
    """
    visited = dict.fromkeys(starts)
    queue = deque(visited)
    while queue:
        current = queue.popleft()
        yield current
        for other in following(current):
            if other not in visited:
                visited[other] = None
                queue.append(other)
