"""The answers of a resolver: each question is computed once, and circles of questions end."""

from __future__ import annotations

from collections.abc import Callable

from bedev_lint.program.structure.values import TypeVariable, Values

__all__ = ["Memory"]

# Questions that hang on each other; code that people write comes to a tenth of it.
_DEEPEST = 400


class Memory:
    """Remembers values by the question that they answer.

    While a question is being answered, it may come up again: what a name stands for may depend on
    the name itself. Then the answer is what `so_far` says, or nothing. Whoever computes an answer
    in several parts can put there what it has so far.
    """

    def __init__(self) -> None:
        # None as long as a question is being answered.
        self._answers: dict[object, Values | None] = {}
        self.so_far: dict[object, Values] = {}
        self._depth = 0

    def once(self, question: object, compute: Callable[[], Values]) -> Values:
        """Return the answer to a question, which `compute` gives if it is asked the first time.

        Where questions lead from one to the next for too long, the last has no answer, which is
        not remembered.
        """
        answer = self._answers.get(question, _UNKNOWN)
        if answer is None:
            return self.so_far.get(question, ())
        if answer is _UNKNOWN:
            if self._depth == _DEEPEST:
                return ()  # asked by itself, it may have one
            self._depth += 1
            self._answers[question] = None
            answer = self._answers[question] = compute()
            self._depth -= 1
        return answer


_UNKNOWN: Values = (TypeVariable(""),)
