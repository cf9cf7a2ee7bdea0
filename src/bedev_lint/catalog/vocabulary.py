"""What a vocabulary may hold: effects and the members of types; and the whole catalog."""

from __future__ import annotations

from functools import cached_property
from typing import Any, Literal

from msgspec import Struct, field

from bedev_lint.catalog.contexts import Context
from bedev_lint.catalog.routing import Resource, Route, Router
from bedev_lint.catalog.rules import Rule
from bedev_lint.catalog.tables import Table
from bedev_lint.model import Naming
from bedev_lint.options import texts

__all__ = [
    "TYPE_WORDS",
    "Catalog",
    "Effect",
    "Gets",
    "MemberSpec",
    "Reverse",
    "Sets",
    "TypeKeys",
    "TypeSpec",
]

# Words with a meaning of their own in the types of a vocabulary: see `TypeSpec`.
TYPE_WORDS = (
    "self",
    "item",
    "value",
    "owner",
    "eager",
    "joined",
    "fresh",
    "loaded",
    "unloaded",
    "awaited",
    "argument",
    "result",
    "given",
    "element",
    "type",
    "below",
    "named",
)


class Reverse(Table, frozen=True):
    """The attribute that a relation gives the class that it leads to.

    `keyword` is the argument that names it; `default` its name where that is not given, with
    `{owner}` for the name of the class that declares the relation, in lower case. `type` is
    its type as seen from the declaring class: `owner` is one of its rows, `self.x` what it has
    itself. `lazy` are the effects of reading it of a row that was loaded without it.
    """

    keyword: str
    type: str
    default: str = ""
    lazy: tuple[str, ...] = ()


class Sets(Table, frozen=True):
    """An attribute that a call gives to all objects of the type `on`.

    `named_by` are the arguments that may name it, by position or keyword: the first that is given
    does, a string as it is, a function or class by its own name. `type` is its type as seen from
    the call, `type_with` that where one of these keywords is given.
    """

    on: str
    named_by: tuple[int | str, ...]
    type: str = "given"
    type_with: dict[str, str] = field(default_factory=dict)


class Gets(Table, frozen=True):
    """An attribute that a call gives, of the type `on`, else of the receiver; see `Sets`."""

    named_by: tuple[int | str, ...]
    on: str = ""


class MemberSpec(Table, frozen=True):
    """What a function, method or attribute of a known type does and returns.

    effect              effects of calling it (of reading it, where it is no method)
    effect-with         effects that it has besides if it is called with these keywords
    effect-by-argument  index of the argument that decides: SQL text or a statement object
    returns             type of the call's result, see `TypeSpec`
    type                type of the attribute
    region              calling or entering it opens this region
    closes              calling it ends this region
    autocommit          of a region: outside of it each statement is committed by itself
    calls               indices or names of arguments that it calls before it returns, or
                        `self.x` where it calls a method of its own object
    later               indices of arguments that are called some other time
    evaluates           indices of arguments that it iterates over
    thread              what it calls runs in another thread or process
    positions           index of the argument that stands for a keyword: `{ timeout = 2 }`
    loads               index of the argument whose rows have their relations afterwards
    by-key              index of the argument by whose key it asks for a row, which is kept for
                        who asks by the same key again
    relations           its texts name relations of the rows, which come with them
    kept                the object keeps what this gives, and does nothing the second time
    lazy                effects of reading, of a row that was loaded without it, the attribute
                        that the row's class binds to what this returns
    eager-by            keywords that may say that such an attribute comes with the row
    reverse             what a relation made by this gives the other class, see `Reverse`
    proves              type that a class has which this decorates, or whose body binds what this
                        makes, as a column proves a model, where nothing above the class is known
    sets                an attribute that calling it gives to objects, see `Sets`
    gets                the attribute that calling it gives, see `Gets`
    of-class            only the class is asked for it: an object that has one is another's
    replace             what is said of the member elsewhere no longer counts; else it is added to
    """

    effect: str | tuple[str, ...] = ()
    effect_with: dict[str, str] = field(default_factory=dict)
    effect_by_argument: int | None = None
    returns: str = ""
    type: str = ""
    region: str = ""
    closes: str = ""
    autocommit: bool = False
    calls: tuple[int | str, ...] = ()
    later: tuple[int | str, ...] = ()
    evaluates: tuple[int, ...] = ()
    thread: bool = False
    positions: dict[str, int] = field(default_factory=dict)
    loads: int | None = None
    by_key: int | None = None
    relations: bool = False
    kept: bool = False
    lazy: tuple[str, ...] = ()
    eager_by: tuple[str, ...] = ()
    reverse: Reverse | None = None
    proves: str = ""
    sets: Sets | None = None
    gets: Gets | None = None
    of_class: bool = False
    replace: bool = False

    @property
    def effects(self) -> tuple[str, ...]:
        return (self.effect,) if isinstance(self.effect, str) else self.effect


class TypeSpec(Struct, frozen=True):
    """A known type (or module): its members by name, and the known types it inherits from.

    `statement` says that it is a database statement, and whether it reads or writes;
    `keeps` that what anybody assigns to an attribute of one object of this type, or under a key,
    all of them give: `app.state.db = …`, `app["db"] = …`;
    `of_owner` that one in a class body belongs to that class, as a manager does to its model;
    `also` (in TOML) lists other dotted names by which the same type is imported. `gives` are
    the types of what a framework gives the methods of a class below it, in order, by the names
    of the methods: `{ "get, post" = ["shop.Request"] }`.

    A key of TOML may name several members that mean the same, `"get, post, put"`. The member
    `__get__` says what an object gives that holds one of this type, `()` what calling the name
    itself gives; `*` stands for every name that no other member has, `?` for one that is picked
    at run time: `getattr(x, name)`. Only calls by a name that some member with an effect has are
    looked at, so that names are listed that `*` would have stood for.

    Type expressions in `returns` and `type` are dotted names with arguments
    (`shop.Page[item]`), where `self` is the receiver, `self[x]` with another argument, `self.x`
    its attribute x (an instance of it, if it is a class; what it returns, if it is a method),
    `item` and `value` its first and last type argument (`item[x]` is x where it has none),
    `owner` the class it was reached through, `given` the first argument as it is, `argument` an
    instance of it, `element` what iterating over it gives, `result` what calling it gives,
    `named` an instance of the class that strings of the call name, and `type[x]` the class of x.
    `result[x]` is what calling x gives. `argument.x` is an instance of the argument x, a keyword
    or a position, `given.x` that argument as it is, `result.x` what calling it gives;
    `argument.x[y]` is y where that is not given. `below[x]` is the project's own class that
    inherits x, if there is one. `eager[x]` is the query x that loads relations with its rows,
    `joined[x]` one that loads those to one row, `fresh[x]` one that has to be run though x had
    been; `loaded[x]` are rows x whose relations are there, or cannot be loaded any more,
    `awaited[x]` those that are so if the call is awaited, `unloaded[x]` rows x that come alone.
    """

    name: str
    bases: tuple[str, ...]
    members: dict[str, MemberSpec]
    statement: Literal["", "read", "write"] = ""
    of_owner: bool = False
    gives: dict[str, tuple[str, ...]] = field(default_factory=dict)
    keeps: bool = False


class TypeKeys(Table, frozen=True):
    """The keys of a type's table that are no members."""

    bases: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    statement: Literal["", "read", "write"] = ""
    of_owner: bool = False
    gives: dict[str, tuple[str, ...]] = field(default_factory=dict)
    keeps: bool = False


class Phrase(Table, frozen=True):
    """A grammar of function names, split at underscores and case.

    A trailing phrase that begins with one of `drop-after` is dropped. The last word, or the
    one before a word of `units`, is in `nouns` (or the last two are in `pairs`), and the
    first is in `verbs` or is that noun's phrase already, with none of `writing` in it.
    """

    nouns: frozenset[str]
    pairs: tuple[str, ...] = ()
    units: frozenset[str] = frozenset()
    verbs: frozenset[str] = frozenset()
    other_verbs: frozenset[str] = frozenset()
    drop_after: frozenset[str] = frozenset()


class Context(Table, frozen=True):
    """What code belongs to a context: any one of these matches and none of `unless` does.

    modules     patterns of one part of the dotted module name
    inner-modules  the same, but not of a package that is no part of another: a whole project may
                be called so
    classes     patterns of a class name around the function
    functions   patterns of the function's own name
    methods     patterns of the names of methods of `bases` (all, if empty)
    bases       dotted names (patterns) of direct or indirect base classes
    decorators  dotted names (patterns) of a decorator, as resolved through imports: of the
                function, or of a class around it (of its `methods`, if there are any)
    decorated-for  dotted names (patterns) of what a decorator of the function is given
    attributes  groups of patterns: a class around the function binds, in its body or to its
                object, one attribute of each group
    making      dotted names (patterns) of types: a class around the function makes an object of
                one itself, and keeps it, or what it wraps it in, as an attribute
    parameters  groups of patterns: the function has a parameter of each group
    files       globs of the file's path, with a slash in front; of what spreads, its functions too
    folders     names of folders: what is below one belongs to it, if a file directly in that
                folder matches one of the patterns `holding` (if there are any), and none does
                of the patterns `lacking`
    packages    patterns of names of folders, in small letters: what is below one belongs to it, if
                a file directly in that folder imports one of the modules `needing`, near its
                beginning; `*` is any part of a dotted name
    unimported  names of folders that belong to it, being no part of a package (and, where
                `lacking` says so, no package), if no production code imports what is in them
    scripts     names of files that belong to it unless they are part of a package: where an
                `__init__` stands beside them, at the root and beside one of `beside` they do
    content     regular expressions for the text of a comment in a file's first lines, or
                of a line of its first docstring
    helps       `content` is also looked for in what a command says of itself: `help = "…"`
    imports     modules that a file imports near its beginning
    phrase      a grammar of the function's name
    region      `loop`, `transaction`, `deadline` (a limit of time is set around it), `failing` (an
                error is on its way: in a handler, in a `finally`, or where a `raise` ends the
                block), `wordy` (under a condition that asks for more words: `if verbose`, `if
                settings.DEBUG`) or `async`: places inside a function
    not-doing   effects: a function that comes to one of them does not belong to the context
    whole       `not-doing` and `itself` are asked of all of the class that a function is a method
                of, or of all functions of its module that are none: one does it `itself`
    calling-with  names of keywords: three of the `whole` or more do it `itself`, each by a call
                that is given one of these
    within      contexts: a function of this one is in one of these as well
    giving      of `modules`, only functions that return something
    itself      effects: a function of this context has one of them in its own body
    implementing  effects: a class around the function implements an abstract method, and so do
                other classes: all of them come to one of these there
    single      of `classes`, only those with one public method
    family      the attributes may be those of classes above and below, and methods too; a class
                below may have the bases
    only-parameters  patterns of names: a function has no other parameters than these
    parameter-of     dotted names (patterns) of types and functions: a parameter is annotated
                     with one of these, or has for its default, or in Annotated, what one gives
    not-words   words that no name of a function of this context holds
    first-parameter  the name of the first parameter (after self) that all of them have
    not-over    patterns of names: a loop that binds one, or runs over one, is no loop here
    not-binding  patterns of names: a loop that binds one is no loop here
    not-receiving  patterns of names: nor is one that binds one of these, unless it is known that it
                 runs over a list, or over rows
    not-of      names, one of which in what a loop runs over says that it is as long as the code
    not-over-types       types: what is got at by an object of one is as long as somebody has set it
    not-over-arguments   contexts: a loop over a parameter of a function there is none here
    not-within  patterns of names of context managers: what a loop does in one is none here
    handed-to   names of calls that the function is handed to, by any argument; a dotted one is
                that of a function or method as it is resolved
    module-code the code of modules themselves, which runs when a process begins, belongs to it
    started     all of a module that says what it does where it is started, and not imported,
                belongs to it: `if __name__ == "__main__"`
    spreads     an async function that is awaited by code of this context alone belongs to it
    threads     of what spreads: what only runs in threads of its own belongs to it too, and what
                makes something that an event loop runs then
    stands-in   a class of this context stands in for another in tests: what is called through
                an interface is not this one
    layer       1 to 9: where `graph` draws it, from what is called from outside to what calls
                outside; code of no layer stands at 5, and the highest of several counts
    """

    modules: tuple[str, ...] = ()
    inner_modules: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    bases: tuple[str, ...] = ()
    decorators: tuple[str, ...] = ()
    decorated_for: tuple[str, ...] = ()
    attributes: tuple[tuple[str, ...], ...] = ()
    parameters: tuple[tuple[str, ...], ...] = ()
    files: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    holding: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    needing: tuple[str, ...] = ()
    unimported: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    content: tuple[str, ...] = ()
    helps: bool = False
    imports: tuple[str, ...] = ()
    phrase: Phrase | None = None
    region: Literal["", "loop", "transaction", "deadline", "failing", "wordy", "async"] = ""
    unless: tuple[str, ...] = ()
    not_doing: tuple[str, ...] = ()
    whole: bool = False
    calling_with: tuple[str, ...] = ()
    within: tuple[str, ...] = ()
    giving: bool = False
    itself: tuple[str, ...] = ()
    implementing: tuple[str, ...] = ()
    single: bool = False
    family: bool = False
    only_parameters: tuple[str, ...] = ()
    parameter_of: tuple[str, ...] = ()
    not_words: frozenset[str] = frozenset()
    first_parameter: str = ""
    not_over: tuple[str, ...] = ()
    not_binding: tuple[str, ...] = ()
    not_receiving: tuple[str, ...] = ()
    not_of: frozenset[str] = frozenset()
    not_over_types: frozenset[str] = frozenset()
    not_over_arguments: tuple[str, ...] = ()
    not_within: tuple[str, ...] = ()
    handed_to: tuple[str, ...] = ()
    making: tuple[str, ...] = ()
    module_code: bool = False
    started: bool = False
    spreads: bool = False
    threads: bool = False
    stands_in: bool = False
    layer: int = 0


class Effect(Table, frozen=True):
    """An effect that types may have and rules may forbid."""

    title: str


class Catalog(Struct, frozen=True, eq=False, dict=True):
    """All rules by code, and the vocabulary. One is equal to itself alone."""

    rules: dict[str, Rule]
    types: dict[str, TypeSpec]
    names: dict[str, str]
    contexts: dict[str, Context]
    effects: dict[str, Effect]
    option_sets: dict[str, dict[str, Any]] = field(default_factory=dict)
    routers: dict[str, Router] = field(default_factory=dict)
    routes: dict[str, Route] = field(default_factory=dict)
    resources: dict[str, Resource] = field(default_factory=dict)

    @cached_property
    def naming(self) -> Naming:
        """Whose strings are names: keywords of calls in class bodies, and calls as a whole.

        None is one that is bound to a name of a secret.
        """
        every = [item for words in self.types.values() for item in words.members.items()]
        keywords = (member.reverse.keyword for _, member in every if member.reverse is not None)
        calls = (
            name
            for name, what in every
            if what.sets or what.gets or what.relations or "named" in what.returns
        )
        secrets, words = self.option_sets.get("secrets", {}), self.option_sets.get("words", {})
        return Naming(
            frozenset(keywords),
            frozenset(calls),
            secrets,
            frozenset(texts(words, "addresses")),
            frozenset(texts(words, "verbosity")),
            frozenset(texts(words, "rehearsal")),
        )

    def rule(self, code_or_name: str) -> Rule | None:
        """Return the rule of this code or name."""
        rule = self.rules.get(code_or_name.upper())
        if rule is None:
            rule = next((r for r in self.rules.values() if r.name == code_or_name.lower()), None)
        return rule
