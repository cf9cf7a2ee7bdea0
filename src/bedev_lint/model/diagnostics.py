"""Where something stands, and what is said of it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Literal

from msgspec import Struct

__all__ = [
    "CallersDo",
    "Candidate",
    "Confidence",
    "Diagnostic",
    "Hop",
    "Location",
    "Need",
    "Options",
    "Proof",
    "Severity",
    "Shown",
    "SiteRef",
    "Snippet",
    "Span",
    "Suppression",
]

Options = Mapping[str, object]


class Severity(str, Enum):
    """How bad a diagnostic is; `info` < `warning` < `error`."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Confidence(str, Enum):
    """Whether imports and types prove a diagnostic, or a naming convention suggests it."""

    LIKELY = "likely"
    CERTAIN = "certain"


# ------------------------------------------------------------------ places


class Location(Struct, frozen=True, order=True, array_like=True):
    """A place in a file; row and column count from 1, the column in characters."""

    row: int
    column: int


class Span(Struct, frozen=True, order=True, array_like=True):
    """From the first character of something to the place just behind its last."""

    start: Location
    end: Location


class Snippet(Struct, frozen=True, array_like=True):
    """The source lines of a place as they may be shown: string contents are masked.

    `first_row` is the row of the first line; `start` and `end` are 1-based columns
    in the masked text of the first and of the last line.
    """

    first_row: int
    lines: tuple[str, ...]
    start: int
    end: int


# ------------------------------------------------------------------ diagnostics


class Hop(Struct, frozen=True, array_like=True):
    """One step of a path: the function (or what it finally calls) and where it is called.

    Of an abstract method it is where that stands, with the dotted names of its `implementations`;
    the next step is in one of these.
    """

    function: str
    filename: str
    location: Location
    implementations: tuple[str, ...] = ()


class Applicability(str, Enum):
    """Whether a fix keeps what the program does (`safe`), or has to be looked at (`unsafe`)."""

    SAFE = "safe"
    UNSAFE = "unsafe"


class Edit(Struct, frozen=True, array_like=True):
    """A part of a file, and the text to write in its place."""

    span: Span
    text: str


class Fix(Struct, frozen=True):
    """What fixes a diagnostic: `message` says what is done.

    The edits do not overlap, and are in the order of the text. They are computed when a fix is
    applied or shown; until then there are none.
    """

    applicability: Applicability
    message: str
    edits: tuple[Edit, ...] = ()

    @property
    def is_unsafe(self) -> bool:
        """Whether `--fix` applies it only with `--unsafe-fixes`."""
        return self.applicability is Applicability.UNSAFE


class Diagnostic(Struct, frozen=True):
    """What a rule has to say about one place. `filename` is absolute.

    `also_at` are further places of the same function that are no diagnostics of their own.
    `cause` is the same for all diagnostics of a rule whose paths are the same from the second hop
    on: one change there mends them all. Where no path is shared it is the `fingerprint`.
    """

    code: str
    name: str
    message: str
    severity: Severity
    confidence: Confidence
    filename: str
    span: Span
    help: str = ""
    path: tuple[Hop, ...] = ()
    reached_from: tuple[Hop, ...] = ()
    fingerprint: str = ""
    snippet: Snippet | None = None
    cause: str = ""
    also_at: tuple[Location, ...] = ()
    fix: Fix | None = None


class Suppression(Struct, frozen=True, array_like=True):
    """A comment that silences rules.

    `codes` are codes or names as written, `form` is `bedev` or `noqa`; `of_file` says that it
    speaks for all of its file.
    """

    row: int
    column: int
    codes: tuple[str, ...]
    form: str
    reason: str = ""
    of_file: bool = False


# What callers may do that excuses a function: ask what it gave; start it as a task, by a call that
# the rule's option `spawning` lists; pass an error on behind it; end the process with what it gave;
# or run as part of a context that the rule names (`unless-run-in`).
CallersDo = Literal["ask", "start", "fail", "exit", "run"]


class SiteRef(Struct, frozen=True, array_like=True):
    """A site of a module: the index of its function in the facts, and its own in the function."""

    function: int
    site: int


# How a program may prove what a finding needs, see `Need`.
Proof = Literal[
    "reach",
    "may-reach",
    "is",
    "none",
    "answers",
    "raises",
    "within",
    "handed",
    "given",
    "blames",
    "no-error",
    "no-row",
    "never",
    "always",
    "untold",
    "comes-to",
    "stays",
    "not-retried",
    "takes-few",
]


class Need(Struct, frozen=True, array_like=True):
    """What the program must show for a candidate to be told.

    `reach`: one of the `sites` comes to an effect that the rule's option lists; `may-reach`: it
    does, or it calls what is no code of the project. `is`: what one of the dotted `names` stands
    for in the function of that index is one of the functions and classes that the option lists, or
    a class below one; `none`: nothing of what they stand for is, nor is made by a function to be
    returned, and they are not all functions that return nothing. `answers`: it is that, or an
    exception that the project has given the framework a handler for. `raises`: what one of the
    `names` stands for is a function of the project that never comes back, and gives one of its
    parameters to one of the classes that the option lists. `within`: the function is of a context
    that the option lists; `handed`: it is, or functions of its module that are come to it by calls.
    `given`: a caller of the function gives one of its parameters `names` what is neither a literal
    nor comes from one of these calls, or no caller is known. `blames`: what one of the `names`
    stands for is a class of the project with a status that the option lists, its own or that of the
    nearest class above it; or a function that always answers with one. `always`: one of the `sites`
    has such an effect, or calls what never comes back without one. `never`: nothing that the
    function comes to calls, or reads, what is named as the option lists, and all is known that it
    gives one of `names`. `untold`: these `names` are not all classes of the project of which the
    option's effects tell before they are raised, anywhere where they are made and by what the
    `sites` come to. `comes-to`: each function of the project that one of the `names` stands for
    comes to a call of what is named as the option lists. `stays`: not each module that imports all
    the names of this one, but those of files of the contexts that the option lists, gives another
    value to what `names` lead to: a constant, and the keys below it. `no-error`: none of the
    `names` stands for a function of the project that gives a response that the option lists, and
    one with a status that it lists whatever it returns. `not-retried`: one of the `sites` asks
    another service by nothing but the class that `names` give, and what it calls there and those
    who call it neither are named as the option lists, nor try again in a loop. `takes-few`: none of
    the `names` stands for a function of the project that takes any number of arguments (`*keys`),
    but no keywords that it does not name. `no-row`: none of the `names` stands for a row, whose
    class says how it is written.
    """

    proof: Proof
    option: str
    function: int = 0
    names: tuple[str, ...] = ()
    sites: tuple[SiteRef, ...] = ()


class Shown(Struct, frozen=True, array_like=True):
    """How the place of a finding may be shown.

    `function` is the dotted name of the functions and classes around it, `statement` the text
    of its statement with literals masked.
    """

    function: str
    statement: str
    snippet: Snippet


class Candidate(Struct, frozen=True, array_like=True):
    """What a visitor rule found in one module, before the program has been heard.

    It is dropped when one of the calls at `unless` does, always, what the rule
    excuses (see `unless` in the rule's TOML), or when all callers of `answer`, the index of a
    function, do one of `callers`; and where the program does not show all that it `needs`. On
    `rows` (the first and the last of each range) a comment may silence it. It `prevails` over
    findings at the same place of rules that its own rule yields to.
    """

    code: str
    span: Span
    fields: dict[str, str]
    severity: Severity | None
    confidence: Confidence
    unless: tuple[SiteRef, ...]
    rows: tuple[tuple[int, int], ...]
    shown: Shown
    prevails: bool = False
    answer: int = -1
    callers: tuple[CallersDo, ...] = ()
    needs: tuple[Need, ...] = ()
