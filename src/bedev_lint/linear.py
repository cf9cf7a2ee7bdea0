r"""Regular expressions of a project, matched without ever going back.

Python's own engine takes years for `(a+)+$` on forty letters. Here every way through an expression
is followed at once (Pike's machine), so that the time grows with the text times the expression.
It is slower on what is harmless, hence for what others have written only. RE2 would be faster, but
its wheels are not to be had for every platform and Python that this runs on. What looks around or
back cannot be matched like this.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

__all__ = ["STEP", "Linear", "Match", "Pattern", "Unsupported"]

# One step of a regular expression: an escape, a class, a repetition, a bracket, or a character.
STEP = re.compile(
    r"(?s)\\(?:x..|u.{4}|U.{8}|N\{[^{}]*\}|[0-9]+|.)|\[\^?\]?(?:\\.|[^\]\\])*(?:\]|\Z)"
    r"|\{\d*(?:,\d*)?\}|."
)
_COUNT = re.compile(r"\{(\d*)(?:(,)(\d*))?\}")
_REPEATED = {"*": (0, None), "+": (1, None), "?": (0, 1)}
_PLACES = frozenset(("^", "$", r"\A", r"\Z", r"\b", r"\B"))
_FLAGS = re.compile(r"\(\?[aimsu]+\)")
_NAME = re.compile(r"\(\?P<\w+>")
_KEPT = re.IGNORECASE | re.DOTALL | re.MULTILINE | re.ASCII
_MOST = 1_000


class Unsupported(ValueError):
    """A regular expression that cannot be matched without going back."""


class Match(NamedTuple):
    """Where something was found: from the first character to that after the last."""

    first: int
    last: int

    def span(self) -> tuple[int, int]:
        return self


class _Step(NamedTuple):
    """One step of a program.

    `to` are the steps that may follow, counted from this one, in the order in which they are
    wanted: of one that takes a character that `form` matches, the next; of one that stands at a
    place (`form` matches nothing there) likewise; of a fork several; of the end none.
    """

    to: tuple[int, ...] = (1,)
    form: re.Pattern[str] | None = None
    is_place: bool = False


_END = _Step(())


class Linear:
    """A regular expression. Raises re.error for one that is none, and Unsupported."""

    def __init__(self, expression: str) -> None:
        flags = re.compile(expression).flags & _KEPT
        self._program = [*_Reader(_FLAGS.sub("", expression, count=1), flags).program(), _END]

    def fullmatch(self, text: str) -> bool:
        """Return whether all of a text matches."""
        return self._first(text, 0, whole=True) is not None

    def search(self, text: str) -> bool:
        """Return whether some piece of a text matches."""
        return self._first(text, 0) is not None

    def finditer(self, text: str) -> Iterator[Match]:
        """Return all pieces of a text that match, none of which overlaps another."""
        start = 0
        while start <= len(text) and (match := self._first(text, start)) is not None:
            yield match
            start = max(match.last, match.first + 1)

    def _first(self, text: str, start: int, *, whole: bool = False) -> Match | None:
        """Return the first match, and of those that begin there the one that `re` would find."""
        match: Match | None = None
        ways: dict[int, int] = {}  # steps, as they are wanted -> where their matches begin
        for position in range(start, len(text) + 1):
            if match is None and (position == start or not whole):
                self._follow(ways, 0, position, text, position)
            if not ways:
                if match is not None or whole:
                    break
                continue
            following: dict[int, int] = {}
            for number, begin in ways.items():
                step = self._program[number]
                if step is _END:
                    if not whole or position == len(text):
                        match = Match(begin, position)
                        break
                elif step.form is None or step.is_place or position == len(text):
                    continue
                elif step.form.match(text, position):
                    self._follow(following, number + 1, begin, text, position + 1)
            ways = following
        return match

    def _follow(
        self, ways: dict[int, int], number: int, begin: int, text: str, position: int
    ) -> None:
        """Add all steps that a step leads to without a character being taken."""
        todo = [number]
        while todo:
            number = todo.pop()
            if number in ways:
                continue
            ways[number] = begin
            step = self._program[number]
            if step.form is None or (step.is_place and step.form.match(text, position)):
                todo.extend(number + to for to in reversed(step.to))


class _Reader:
    """Makes programs of an expression that is valid."""

    def __init__(self, expression: str, flags: int) -> None:
        self._steps: Sequence[str] = STEP.findall(expression)
        self._flags, self._position = flags, 0

    def program(self) -> list[_Step]:
        """Return the program of all that is left, or of what is left of a group."""
        steps = self._sequence()
        while self._next() == "|":
            self._position += 1
            other = self._sequence()
            steps = [_Step((1, len(steps) + 2)), *steps, _Step((len(other) + 1,)), *other]
        return steps

    def _next(self) -> str:
        return self._steps[self._position] if self._position < len(self._steps) else ""

    def _sequence(self) -> list[_Step]:
        steps: list[_Step] = []
        while self._next() not in ("", "|", ")"):
            steps += self._repeated(self._atom())
            if len(steps) > _MOST:
                raise Unsupported("it is too long")
        return steps

    def _repeated(self, atom: list[_Step]) -> list[_Step]:
        count = _COUNT.fullmatch(self._next())
        if self._next() in _REPEATED:
            least, most = _REPEATED[self._next()]
        elif count is not None and self._next() != "{}":
            least = int(count[1] or 0)
            most = (int(count[3]) if count[3] else None) if count[2] else least
        else:
            return atom
        self._position += 1
        if self._next() == "+":
            raise Unsupported("it holds a repetition that gives nothing back")
        is_lazy = self._next() == "?"
        self._position += is_lazy
        if len(atom) * max(least, most or 0) > _MOST:
            raise Unsupported("it is too long")
        optional = _loop(atom, is_lazy) if most is None else []
        for _ in range((most or least) - least):
            optional = [_fork(len(atom) + len(optional) + 1, is_lazy), *atom, *optional]
        return [*atom * least, *optional]

    def _atom(self) -> list[_Step]:
        step = self._next()
        self._position += 1
        if step == "(":
            return self._group()
        if step in _PLACES:
            return [_Step(form=re.compile(step, self._flags), is_place=True)]
        if step[0] == "\\" and step[1] in "123456789":
            raise Unsupported("it refers back to a group")
        if len(step) > 1 and step[0] == "{":  # these stand for themselves
            return [_Step(form=re.compile(re.escape(one), self._flags)) for one in step]
        plain = len(step) == 1 and step != "."
        return [_Step(form=re.compile(re.escape(step) if plain else step, self._flags))]

    def _group(self) -> list[_Step]:
        if self._next() == "?":
            opening = "".join(self._steps[self._position - 1 : self._position + 60])
            name = _NAME.match(opening)
            if name is None and not opening.startswith("(?:"):
                raise Unsupported("it looks around or back, or changes flags within")
            self._position += 2 if name is None else name.end() - 1
        steps = self.program()
        self._position += 1
        return steps


# What can match a text, in one way or the other.
Pattern = re.Pattern[str] | Linear


def _fork(past: int, is_lazy: bool) -> _Step:
    return _Step((past, 1) if is_lazy else (1, past))


def _loop(atom: list[_Step], is_lazy: bool) -> list[_Step]:
    return [_fork(len(atom) + 2, is_lazy), *atom, _Step((-len(atom) - 1,))]
