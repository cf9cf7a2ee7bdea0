"""What a rule may hold, as its TOML has it: texts, a boundary or calls, options, examples."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, field

from bedev_lint.catalog.tables import Table
from bedev_lint.model import Severity

__all__ = [
    "PLACES",
    "STATES",
    "Argument",
    "Block",
    "Boundary",
    "Bulk",
    "Call",
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

    `effect` and `within` name one or several; contexts in `behind` end the walk. `reach` is
    `calls` or `direct` (only what the function does itself). `depth` says how many calls may
    lie between the function and the effect, 0 for any number: every one of them may hang on
    a condition, and where a rule is about what usually happens, a long path proves little; with
    `beyond = "always"` a longer one counts where every call on it is one that always runs. So many
    `conditions` may what a call does hang on, 0 for any number.
    `unless` are effects that excuse an iteration of a loop that has them too, and `isolated =
    false` says that one that goes on to the next after an error does not count. A function that
    a loop calls is a command, and what it does further on its own business, if it also has one
    of the effects in `commands`. `interfaces = false` says that an abstract method hides what
    several classes do that implement it, if all of them do.
    `each` says what is one finding: a `call`, or a `function` or a `loop` with all its calls.
    `severities` are those of findings whose source has one of these other effects too.
    """

    within: str | tuple[str, ...]
    effect: str | tuple[str, ...] = ()
    require: str | tuple[str, ...] = ()
    behind: tuple[str, ...] = ()
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
        return _all(self.effect or self.require)

    @property
    def contexts(self) -> tuple[str, ...]:
        return _all(self.within)


class Argument(Table, frozen=True):
    """What an argument of a call is like: all that is said must be true of one of them.

    any      it is, or is an instance of, one of these classes, functions or methods; a tuple, if
             it holds one of them
    at       where it stands: its position, its keyword, `*` for one that is unpacked, or several
             of these; else anywhere
    shape    `formatted`: a text that is built from values (f-string, `%`, `.format`, `+`)
    caught   it is what a handler has caught, or made of that by a call
    named    its last words, or those of its keyword, are one of these: `api key` fits `my.api_key`
    begins   it is a text, or a list of texts, that begins with these words: `git diff`; or a URL
             with this scheme and host, and any port: `http://localhost`
    ends     it is a text of which one of these is the last word, or the last two
    guarded  whether it is, or comes from, a function of the project that handles its own errors:
             all of its body but guards, assignments, log lines and sleeps stands in `try`
             statements whose broad handlers tell of the error or keep it
    held     it, or all that is in it, has a name: no call makes it where it stands
    within   contexts and regions, as in a boundary; the call is in one of these
    """

    any: str | tuple[str, ...] = ()
    at: int | str | tuple[int | str, ...] = ()
    shape: Literal["", "formatted"] = ""
    caught: bool = False
    named: tuple[str, ...] = ()
    begins: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    guarded: bool | None = None
    held: bool = False
    within: tuple[str, ...] = ()

    @property
    def kinds(self) -> tuple[str, ...]:
        return _all(self.any)

    @property
    def places(self) -> tuple[int | str, ...]:
        return self.at if isinstance(self.at, tuple) else (self.at,)


class Block(Table, frozen=True):
    """What the block of a context manager does: all that is said must be true of all its calls.

    Those that are a part of another expression do not count. A name is awaited by `*.__await__`.

    calls   they call these, or hand them over: dotted names, `*.close` for a method of anything, or
            a function
    effect  they have one of these effects and no others, or call functions of the project in which
            all statements that are calls have
    after   they are of, or are given, what the function has called one of these methods of before,
            or of what it holds: `*.cancel`
    within  contexts and regions, as in a boundary; the block stands in one of these
    """

    calls: tuple[str, ...] = ()
    effect: str | tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    within: tuple[str, ...] = ()

    @property
    def effects(self) -> tuple[str, ...]:
        return _all(self.effect)


class Bulk(Table, frozen=True):
    """What a call in a loop is like that could be one call for all elements.

    It has the loop over data of `within` to itself: it is not tried or entered for each element,
    and what else an iteration calls gives something that is used, adds to a collection, or has no
    other effects than these `besides`.

    on          what it is called on: `element`, what the loop binds; `made`, what the iteration
                makes, and does nothing with afterwards; else something that the loop does not bind
    alone       effects that nothing else in the iteration has, at any depth
    besides     effects of what may be called for these alone: `log`
    own         methods that the project defines for no class of such rows: all at once skips them
    signals     dotted names of what tells of each row: nothing of these is handed to a function, or
                called, for such rows, by one of the names `hooks`, nor made in their class
    hooks       see `signals`
    batches     patterns of what a loop binds that are several elements at once
    """

    on: tuple[Literal["element", "made"], ...] = ()
    alone: tuple[str, ...] = ()
    besides: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    signals: tuple[str, ...] = ()
    hooks: tuple[str, ...] = ()
    batches: tuple[str, ...] = ()


class Call(Table, frozen=True):
    """A forbidden call. All conditions must hold.

    to               functions, classes and members by their dotted names, as resolved through
                     imports and types, whatever they are called here; `*` as, or in, the last part
    effect           effects of which the call has one itself
    without          none of these keywords is given, nor by its position
    given            these are, by keyword or position
    with             these keywords are given, and are so: `none` (or made of it, `Limit(None)`),
                     `true`, `false`, `empty`, `dynamic` (only the running program knows), or
                     this text or number
    argument         what one of its arguments is like, see `Argument`
    unless-argument  what none of them is like, or several such tables
    result           how the result is used: `dropped`, nothing at all; a list, no more
                     than to read these attributes, none of them in a condition, where `wait()` says
                     that what calling it gives is dropped too; `unread-after`, it is a context
                     manager of which nothing is read after its block, or it is dropped;
                     `filtered`, it is a list of which the exceptions are left out, and nothing is
                     done with them; `local`, it has a name in the function, of which only
                     attributes are read, none of them in a condition nor in a `while` that it
                     was made before, and no `with` ends it
    reads            of the result, one of these attributes is read at least
    unless-reads     of the result, none of these attributes is read: `close`
    unless-keys      what is read of it is asked for none of these keys: `["ok"]`, `.get("ok")`
    handled          whether that stands in a `try` that takes any error, or those of values that
                     have another form than was thought
    unless-given     tables of calls, see `Block`: what is read of the result goes elsewhere too; so
                     may what is made of that, `print(json.dumps(response.json()))`
    unless-block     tables of what the block of the context manager that it makes does not do, see
                     `Block`
    awaited          whether it is awaited
    within           contexts and regions, as in a boundary; the call is in one of these
    outside          the call is in none of these; its callers do not count
    only             contexts of files: the rule looks at these alone, as if there were no others
    unless-uses      nor does its function, with its decorators, what is defined in it and the
                     functions that it names, use one of these for anything else: dotted names,
                     `*.cancel` for a method of anything
    unless-then      effects: nothing that comes behind it in the same block has one of these itself
    unless-to        functions, classes and members by their dotted names, as in `to`: it is none
    bulk             that one call for all elements of a loop could do the same, see `Bulk`

    What a `partial`, the construction of the receiver or its class has set counts as given. Where
    `**x` or `*x` may hold a keyword, it is neither given nor missing; what a function hands on of
    its own `**kwargs` is looked for in its callers.
    """

    to: str | tuple[str, ...] = ()
    effect: str | tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    given: tuple[str, ...] = ()
    with_: dict[str, str | int | float | bool] = field(default_factory=dict, name="with")
    argument: Argument | None = None
    unless_argument: Argument | tuple[Argument, ...] = ()
    result: Literal["", "dropped", "unread-after", "filtered", "local"] | tuple[str, ...] = ""
    reads: tuple[str, ...] = ()
    unless_reads: tuple[str, ...] = ()
    unless_keys: tuple[str, ...] = ()
    handled: bool | None = None
    unless_given: tuple[Block, ...] = ()
    unless_block: tuple[Block, ...] = ()
    awaited: bool | None = None
    within: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    unless_uses: tuple[str, ...] = ()
    unless_then: tuple[str, ...] = ()
    unless_to: tuple[str, ...] = ()
    bulk: Bulk | None = None

    @property
    def targets(self) -> tuple[str, ...]:
        return _all(self.to)

    @property
    def effects(self) -> tuple[str, ...]:
        return _all(self.effect)

    @property
    def unless_arguments(self) -> tuple[Argument, ...]:
        given = self.unless_argument
        return given if isinstance(given, tuple) else (given,)

    @property
    def literals(self) -> frozenset[str | int | float]:
        """The texts and numbers that it asks for."""
        wanted: set[str | int | float] = {
            *self.without,
            *self.given,
            *self.with_,
            *self.unless_keys,
        }
        wanted.update(v for v in self.with_.values() if not isinstance(v, bool) and v not in STATES)
        arguments = (*self.unless_arguments, *((self.argument,) if self.argument else ()))
        for argument in arguments:
            wanted.update(argument.ends)
            for text in argument.begins:
                wanted.update((text, *text.split()))
        return frozenset(wanted)


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
# What `with` may say of a value besides the value itself.
STATES = ("none", "true", "false", "empty", "dynamic")


def _all(names: str | tuple[str, ...]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else names


class Rule(Table, frozen=True):
    """One rule. `name`, `family` and `file` (the path) come from where its file stands.

    `url` is its page in the documentation, "" for rules that do not come with bedev-lint.

    `likely` says whether findings that rest on a naming convention show by default; `skip`
    names the contexts whose files the rule leaves out. Of several tables `[[call]]` one is enough.
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
    tests: Tests | None = None
    unless: tuple[str, ...] = ()
    unless_direct: tuple[str, ...] = ()
    unless_run_in: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    yields_to: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    cwe: tuple[int, ...] = ()
    security_severity: Annotated[float, Meta(ge=0, le=10)] = 0
    skip: tuple[str, ...] = ("test", "migration", "example", "vendored", "generated", "tooling")
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
    def only(self) -> tuple[str, ...]:
        """The contexts whose files alone it looks at; none: all that it does not skip."""
        of_calls = (name for call in self.calls for name in call.only)
        return tuple(dict.fromkeys((*of_calls, *(self.tests.only if self.tests else ()))))

    @property
    def beside(self) -> tuple[str, ...]:
        """The contexts whose files are read with those that it looks at."""
        return self.tests.beside if self.tests is not None else ()

    @property
    def left_out(self) -> frozenset[str]:
        """The contexts whose files it leaves out."""
        return frozenset(self.skip).difference(self.only)

    @property
    def literals(self) -> frozenset[str | int | float]:
        """The texts and numbers that it asks for in calls, and the numbers in proofs."""
        listed = (text for key in self.needs for text in self.options.get(key, ()))
        numbers = {int(text) for text in listed if isinstance(text, str) and text.isdecimal()}
        return frozenset[str | int | float](numbers).union(*(call.literals for call in self.calls))
