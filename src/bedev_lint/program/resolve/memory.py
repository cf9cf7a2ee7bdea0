"""What a resolver has found, so that it asks nothing twice, nor for ever in a circle."""

from __future__ import annotations

from collections.abc import Callable

from bedev_lint.program.structure.values import TypeVariable, Values

__all__ = ["Memory"]

# Questions that hang on each other; code that people write comes to a tenth of it.
_DEEPEST = 400


class Memory:
    """Values by the question that they answer.

    `so_far` holds, of a name that is bound again and again, what it was bound to before. What
    hangs on too long a chain of questions is not known.
    """

    def __init__(self) -> None:
        # None as long as a question is being answered.
        self._answers: dict[object, Values | None] = {}
        self.so_far: dict[object, Values] = {}
        self._depth = 0

    def once(self, question: object, compute: Callable[[], Values]) -> Values:
        """Return what was computed before, or so far while it is being computed."""
        answer = self._answers.get(question, _UNKNOWN)
        if answer is None:
            return self.so_far.get(question, ())
        if answer is _UNKNOWN:
            if self._depth == _DEEPEST:
                return ()  # not remembered: asked for by itself, it may be known
            self._depth += 1
            self._answers[question] = None
            answer = self._answers[question] = compute()
            self._depth -= 1
        return answer


_UNKNOWN: Values = (TypeVariable(""),)
