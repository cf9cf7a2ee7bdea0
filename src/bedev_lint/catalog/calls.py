"""What a table about calls may hold: what is called, is given, gives, and where that stands."""

from __future__ import annotations

from typing import Literal

from msgspec import field

from bedev_lint.catalog.tables import Table, as_tuple

__all__ = ["STATES", "Argument", "Block", "Bulk", "Call"]

# What `with` may say of a value besides the value itself.
STATES = ("none", "true", "false", "empty", "dynamic")


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
             statements whose broad handlers tell of the error or keep it, or is a call of such a
             function. A method of nobody knows what is, if all coroutines of its name are
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
        return as_tuple(self.any)

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
        return as_tuple(self.effect)


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
    unless-decided   for none of these, by a name that a condition reads: `state = body["status"]`
    handled          whether that stands in a `try` that takes any error, or those of values that
                     have another form than was thought
    raises           which errors reading an attribute raises besides, by their dotted names, if
                     what is read has another form: `handled` takes those for such errors
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
    unless-anywhere  nor does the program call one of these anywhere
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
    unless_decided: tuple[str, ...] = ()
    handled: bool | None = None
    raises: dict[str, tuple[str, ...]] = field(default_factory=dict)
    unless_given: tuple[Block, ...] = ()
    unless_block: tuple[Block, ...] = ()
    awaited: bool | None = None
    within: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    unless_uses: tuple[str, ...] = ()
    unless_anywhere: tuple[str, ...] = ()
    unless_then: tuple[str, ...] = ()
    unless_to: tuple[str, ...] = ()
    bulk: Bulk | None = None

    @property
    def targets(self) -> tuple[str, ...]:
        return as_tuple(self.to)

    @property
    def effects(self) -> tuple[str, ...]:
        return as_tuple(self.effect)

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
            *self.unless_decided,
        }
        wanted.update(v for v in self.with_.values() if not isinstance(v, bool) and v not in STATES)
        arguments = (*self.unless_arguments, *((self.argument,) if self.argument else ()))
        for argument in arguments:
            wanted.update(argument.ends)
            for text in argument.begins:
                wanted.update((text, *text.split()))
        return frozenset(wanted)
