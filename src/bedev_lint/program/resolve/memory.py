"""What a resolver has found, so that it asks nothing twice, nor for ever in a circle."""

from __future__ import annotations

from collections.abc import Callable

from bedev_lint.program.values import Values

__all__ = ["Memory"]


class Memory:
    """Values by the question that they answer.

    `so_far` holds, of a name that is bound again and again, what it was bound to before.
    """

    def __init__(self) -> None:
        self._known: dict[object, Values] = {}
        self._asking: set[object] = set()
        self.so_far: dict[object, Values] = {}

    def once(self, question: object, compute: Callable[[], Values]) -> Values:
        """Return what was computed before, or so far while it is being computed."""
        known = self._known.get(question)
        if known is not None:
            return known
        if question in self._asking:
            return self.so_far.get(question, ())
        self._asking.add(question)
        try:
            found = compute()
        finally:
            self._asking.discard(question)
        self._known[question] = found
        return found
