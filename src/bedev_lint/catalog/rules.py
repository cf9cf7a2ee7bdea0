"""What a rule may hold, as its TOML has it: texts, a boundary or calls, options, examples."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, field

from bedev_lint.catalog.calls import Bulk, Call
from bedev_lint.catalog.tables import Table, as_tuple
from bedev_lint.model import Severity

__all__ = [
    "PLACES",
    "Boundary",
    "Example",
    "Rule",
    "Tests",
]

# What finds such a weakness reports places that hold a secret.
_HARDCODED_CREDENTIALS = 798


class Example(Table, frozen=True):
    """Code that a rule reports at its `# error: CODE` comments (`bad`), or not at all (`good`)."""

    bad: str = ""
    good: str = ""
    fixed: str = ""
    options: dict[str, Any] = field(default_factory=dict)


class Boundary(Table, frozen=True):
    """Effect E must not happen within context C; or, instead of `effect`, `require`: it must.

    What is required may happen at any depth, also in a decorator; where nothing is known of a call
    on the way, nobody can tell, and nothing is reported.

    `effect` and `within` name one or several; contexts in `behind` end the walk, and none begins
    in them; those in `kept` only end it: who calls them is given what they have kept. `reach` is
    `calls` or `direct` (only what the function does itself). `depth` says how many calls may
    lie between the function and the effect, 0 for any number: every one of them may hang on
    a condition, and where a rule is about what usually happens, a long path proves little; with
    `beyond = "always"` a longer one counts where every call on it is one that always runs. So many
    `conditions` may what a call does hang on, 0 for any number.
    `unless` are effects that excuse an iteration of a loop that has them too, and `isolated =
    false` says that one that goes on to the next after an error does not count. A function that
    a loop calls is a command, and what it does further on its own business, if it also has one
    of the effects in `commands`; a call that has one of them itself asks for no more than it has to
    write. `interfaces = false` says that an abstract method hides what several classes do that
    implement it, if all of them do.
    `each` says what is one finding: a `call`, or a `function` or a `loop` with all its calls.
    `severities` are those of findings whose source has one of these other effects too.
    """

    within: str | tuple[str, ...]
    effect: str | tuple[str, ...] = ()
    require: str | tuple[str, ...] = ()
    behind: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    reach: Literal["calls", "direct"] = "calls"
    depth: int = 0
    beyond: Literal["", "always"] = ""
    conditions: int = 0
    unless: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    isolated: bool = True
    interfaces: bool = True
    each: Literal["call", "function", "loop"] = "call"
    severities: dict[str, Severity] = field(default_factory=dict)

    @property
    def effects(self) -> tuple[str, ...]:
        return as_tuple(self.effect or self.require)

    @property
    def contexts(self) -> tuple[str, ...]:
        return as_tuple(self.within)


class Tests(Table, frozen=True):
    """What is asked of tests, or of code by the tests that there are of it.

    check    `assertion`: each test can fail; `endpoint`: a test reaches each endpoint;
             `endpoint-failure`: a test that reaches an endpoint which can fail expects that;
             `service-failure`: a test expects an error that the code of `within` raises;
             `scripted-query`: no test says itself what a query gives
    within   contexts of the functions that it is about
    only     contexts of files: the rule looks at these alone, as if there were no others
    beside   contexts of files that are read with the rest, and are not reported
    """

    check: Literal[
        "assertion", "endpoint", "endpoint-failure", "service-failure", "scripted-query",
    ]  # fmt: skip
    within: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()


# Regions that are places in a function; `async` is all of one.
PLACES = ("loop", "transaction", "deadline", "failing", "wordy")


class Rule(Table, frozen=True):
    """One rule. `name`, `family` and `file` (the path) come from where its file stands.

    `url` is its page in the documentation, "" for rules that do not come with bedev-lint.

    `likely` says whether findings that rest on a naming convention show by default; `skip`
    names the contexts whose files the rule leaves out, `only` those to whose files it keeps. Of
    several tables `[[call]]` one is enough.
    What `bulk` says holds for each call with a table of that name that does not say it.
    `option_sets` names tables of the vocabulary with options that the rule shares with others; its
    own add to their lists, and replace all else. `patterns` names the options that hold
    regular expressions. `unless` names effects: a call that a finding depends on excuses it by
    having one of them, itself or always through what it calls; one of `unless_direct` only itself.
    `needs` names options with what the program must prove for a finding: effects, contexts, or
    dotted names of functions and classes. `unless_run_in` names contexts that spread: a finding
    that depends on who runs its function, and one of a call, is excused where only these do.
    `cwe` are the numbers of the weaknesses that it finds, and `security_severity` how bad those
    are, from 0.1 to 10 as CVSS counts; 0 means that they are none of security.
    """

    code: str
    title: str
    message: str
    severity: Severity
    default: bool
    rule: str = ""
    why: str = ""
    help: str = ""
    name: str = ""
    family: str = ""
    file: str = ""
    url: str = ""
    always: bool = False
    likely: bool = True
    boundary: Boundary | None = None
    call: Call | tuple[Call, ...] = ()
    bulk: Bulk | None = None
    tests: Tests | None = None
    unless: tuple[str, ...] = ()
    unless_direct: tuple[str, ...] = ()
    unless_run_in: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    yields_to: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    cwe: tuple[int, ...] = ()
    security_severity: Annotated[float, Meta(ge=0, le=10)] = 0.0
    skip: tuple[str, ...] = (
        "test",
        "migration",
        "example",
        "vendored",
        "generated",
        "shadowed",
        "tooling",
    )
    only: tuple[str, ...] = ()
    option_sets: tuple[str, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)
    example: tuple[Example, ...] = ()

    @property
    def examples(self) -> tuple[Example, ...]:
        return self.example

    @property
    def is_visitor(self) -> bool:
        return not self.is_linked and not self.always and self.family != "linter"

    @property
    def calls(self) -> tuple[Call, ...]:
        return (self.call,) if isinstance(self.call, Call) else self.call

    @property
    def effects(self) -> tuple[str, ...]:
        """The effects that it speaks of."""
        of_calls = (effect for call in self.calls for effect in call.effects)
        return (*(self.boundary.effects if self.boundary is not None else ()), *of_calls)

    @property
    def finds_credentials(self) -> bool:
        """Whether what it reports holds a secret, by CWE-798."""
        return _HARDCODED_CREDENTIALS in self.cwe

    @property
    def is_linked(self) -> bool:
        """Whether the program answers it: it is a boundary, about calls, or about tests."""
        return self.boundary is not None or bool(self.call) or self.tests is not None

    @property
    def asks_program(self) -> bool:
        """Whether it cannot do without the program: what is linked, or what that excuses."""
        return bool(self.is_linked or self.unless or self.needs)

    @property
    def keeps_to(self) -> tuple[str, ...]:
        """The contexts whose files alone it looks at; none: all that it does not skip."""
        of_calls = (name for call in self.calls for name in call.only)
        of_tests = self.tests.only if self.tests is not None else ()
        return tuple(dict.fromkeys((*self.only, *of_calls, *of_tests)))

    @property
    def beside(self) -> tuple[str, ...]:
        """The contexts whose files are read with those that it looks at."""
        return self.tests.beside if self.tests is not None else ()

    @property
    def left_out(self) -> frozenset[str]:
        """The contexts whose files it leaves out."""
        return frozenset(self.skip).difference(self.keeps_to)

    @property
    def literals(self) -> frozenset[str | int | float]:
        """The texts and numbers that it asks for in calls, and the numbers in proofs."""
        listed = (text for key in self.needs for text in self.options.get(key, ()))
        numbers = {int(text) for text in listed if isinstance(text, str) and text.isdecimal()}
        return frozenset[str | int | float](numbers).union(*(call.literals for call in self.calls))
