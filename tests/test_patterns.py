"""No text makes a regular expression of ours slow: each is fed those that should be its worst.

They are put together from the expression itself: what comes before a repetition, very often what
is repeated, and what ends it badly. Python's engine gives itself away by its time alone: what grows
with the length of a text takes it thousandths of a second here, what grows with the square of it
minutes. So a text is given up, in a process of its own, after a thousand times what it should take:
a short one first, and only where that is slow a long one.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import bedev_lint
from bedev_lint import catalog

parser: Any = importlib.import_module("re._parser" if sys.version_info >= (3, 11) else "sre_parse")

# Characters of a text, and the seconds of processor time after which it is given up.
SHORT = 8_000, 0.02
LONG = 40_000, 0.5
# One for each kind of character that expressions tell apart.
CHARACTERS = "aAxX0 \n-_.:/@=+\"'{}[]<>%$,\\\0!#é"
BAD_ENDS = ("\0!", "\n")
SEARCHING = frozenset({"search", "finditer", "findall", "sub", "split"})
MOST_SAMPLES = 4


class Expression(NamedTuple):
    """An expression of ours, and whether it is looked for at every place of a text."""

    name: str
    pattern: re.Pattern[str]
    is_searched: bool


def expressions() -> Iterator[Expression]:
    """Return the expressions of all modules, and those in the options of rules."""
    for found in pkgutil.walk_packages(bedev_lint.__path__, "bedev_lint."):
        if not found.name.endswith("__main__"):
            yield from of_module(importlib.import_module(found.name))
    for rule in catalog.load([catalog.builtin_rules()]).rules.values():
        for option in rule.patterns:
            value = rule.options[option]
            known = value.items() if isinstance(value, dict) else enumerate(value)
            for key, text in known:
                name = f"{rule.code}.{option}.{key}"
                yield Expression(name, re.compile(text), isinstance(value, dict))


def of_module(module: Any) -> Iterator[Expression]:
    source = inspect.getsource(module)
    for name, value in vars(module).items():
        if isinstance(value, re.Pattern) and f"\n{name} = " in source:
            used = set(re.findall(rf"\b{name}\.(\w+)\(", source))
            yield Expression(f"{module.__name__}.{name}", value, bool(used & SEARCHING or not used))


class Text(NamedTuple):
    """A text of any length: what is repeated, and what stands around it."""

    before: str
    repeated: str
    after: str

    def of(self, length: int) -> str:
        return self.before + self.repeated * (length // len(self.repeated)) + self.after


def worst_texts(pattern: re.Pattern[str]) -> Iterator[Text]:
    """Return long texts that an expression nearly matches, in as many ways as there may be."""
    parsed = parser.parse(pattern.pattern, pattern.flags)
    for before, repeated in dict.fromkeys(repetitions(parsed, [""])):
        for end in BAD_ENDS:
            yield Text(before, repeated, end)
        yield Text("", before + repeated, "")
    for start in dict.fromkeys(filter(None, samples(parsed))):
        yield Text(start[:-1], start, "\0")
    for one in CHARACTERS:
        yield Text("", one, "\0!")


def repetitions(parsed: Any, before: list[str]) -> Iterator[tuple[str, str]]:
    """Return what may come before each repetition of an expression, and what it repeats."""
    for at, (kind, what) in enumerate(parsed):
        first = [start + text for start in before for text in samples(parsed[:at])]
        for start in dict.fromkeys(first[:2]):
            if kind in (parser.MAX_REPEAT, parser.MIN_REPEAT):
                yield from repetitions(what[2], [start])
                yield from ((start, text) for text in samples(what[2]) if text)
            elif kind is parser.BRANCH:
                for branch in what[1]:
                    yield from repetitions(branch, [start])
            elif kind is parser.SUBPATTERN:
                yield from repetitions(what[3], [start])


def samples(parsed: Any) -> list[str]:
    """Return a few texts that an expression matches, as far as one step after another tells."""
    found = [""]
    for kind, what in parsed:
        found = [begun + text for text in matching(kind, what) for begun in found][:MOST_SAMPLES]
    return found


def matching(kind: Any, what: Any) -> list[str]:
    """Return a few texts that one step of an expression matches."""
    if kind is parser.LITERAL:
        return [chr(what)]
    if kind in (parser.MAX_REPEAT, parser.MIN_REPEAT):
        least = what[0] or min(1, what[1])
        return [text * least for text in samples(what[2])]
    if kind is parser.BRANCH:
        return [text for branch in what[1] for text in samples(branch)[:2]]
    if kind is parser.SUBPATTERN:
        return samples(what[3])
    if kind in (parser.IN, parser.ANY, parser.NOT_LITERAL, parser.CATEGORY):
        return [one for one in CHARACTERS if of_kind(kind, what, one)] or ["z"]
    return [""]


def of_kind(kind: Any, what: Any, one: str) -> bool:
    """Return whether a step that takes one character takes this one."""
    if kind is parser.ANY:
        return True
    if kind is parser.NOT_LITERAL:
        return bool(chr(what) != one)
    if kind is parser.LITERAL:
        return bool(chr(what) == one)
    if kind is parser.RANGE:
        return bool(what[0] <= ord(one) <= what[1])
    if kind is parser.CATEGORY:
        form = str(what).rsplit("_", 1)[-1][0].lower()
        letter = form.upper() if "_NOT_" in str(what) else form
        return bool(re.match("\\" + letter, one))
    if kind is parser.NEGATE:
        return False
    takes = any(of_kind(inner, value, one) for inner, value in what)
    return takes != bool(what[0][0] is parser.NEGATE)


class TooLong(Exception):
    """The processor time for a text is over."""


def is_slow(expression: Expression, text: str, seconds: float) -> bool:
    """Return whether looking for an expression in a text takes longer than this."""
    pattern: re.Pattern[Any] = expression.pattern
    subject = text.encode() if isinstance(pattern.pattern, bytes) else text
    try:
        signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
        if expression.is_searched:
            for _ in pattern.finditer(subject):
                pass
        else:
            pattern.match(subject)
            pattern.fullmatch(subject)
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    except TooLong:
        return True
    return False


def slow(every: Iterable[Expression]) -> Iterator[str]:
    """Return the names of expressions that a text takes too long of."""

    def give_up(*_: object) -> None:
        raise TooLong

    signal.signal(signal.SIGVTALRM, give_up)
    for expression in every:
        for text in worst_texts(expression.pattern):
            # The short one may have been unlucky with its timer.
            if all(is_slow(expression, text.of(n), seconds) for n, seconds in (SHORT, LONG)):
                yield f"{expression.name}: {text.of(60)[:60]!r}…{text.after!r}"
                break


def found_slow(*arguments: str) -> list[str]:
    """Return what a process of its own says of all expressions of ours, or of those given."""
    command = [sys.executable, __file__, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=True)
    return [line.partition(": ")[0] for line in done.stdout.splitlines()]


def test_no_text_makes_an_expression_slow() -> None:
    assert found_slow() == []


def test_what_is_slow_is_found() -> None:
    forms = [r"(?:a|\s)*[a]{3,}(?:a|\s)*\Z", r"(?:\w+_?)*!", r"a+b", r"\s*x\s*=\s*$"]
    assert found_slow(*forms, "ab+") == forms


if __name__ == "__main__":
    given = [Expression(form, re.compile(form), is_searched=True) for form in sys.argv[1:]]
    for told in slow(given or expressions()):
        sys.stdout.write(told + "\n")
        sys.stdout.flush()
