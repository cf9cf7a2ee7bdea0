"""What a resolver has found, so that it asks nothing twice, nor for ever in a circle."""

from __future__ import annotations

from collections.abc import Callable

from bedev_lint.program.values import TypeVariable, Values

__all__ = ["Memory"]


class Memory:
    """Values by the question that they answer.

    `so_far` holds, of a name that is bound again and again, what it was bound to before.
    """

    def __init__(self) -> None:
        # None as long as a question is being answered.
        self._known: dict[object, Values | None] = {}
        self.so_far: dict[object, Values] = {}

    def once(self, question: object, compute: Callable[[], Values]) -> Values:
        """Return what was computed before, or so far while it is being computed."""
        found = self._known.get(question, _UNKNOWN)
        if found is None:
            return self.so_far.get(question, ())
        if found is _UNKNOWN:
            self._known[question] = None
            found = self._known[question] = compute()
        return found


_UNKNOWN: Values = (TypeVariable(""),)
