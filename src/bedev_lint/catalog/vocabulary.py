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
    "registered",
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
    effect-waited       effect that it has besides where it is done when it returns: what it gives
                        is used, or dropped, and not awaited
    effect-by-argument  index of the argument that decides: SQL text or a statement object
    returns             type of the call's result, see `TypeSpec`
    type                type of the attribute
    region              calling or entering it opens this region
    closes              calling it ends this region
    autocommit          of a region: outside of it each statement is committed by itself
    calls               indices or names of arguments that it calls before it returns, or
                        `self.x` where it calls a method of its own object, `self.held.x` of what
                        that holds, `0.x` of its first argument, `item.x` one that the project gives
                        the rows which it is of
    later               indices of arguments that are called some other time
    evaluates           indices of arguments that it iterates over
    thread              what it calls runs in another thread or process
    positions           index of the argument that stands for a keyword: `{ timeout = 2 }`
    loads               index of the argument whose rows have their relations afterwards
    by-key              index of the argument by whose key it asks for a row, which is kept for
                        who asks by the same key again
    relations           its texts name relations of the rows, which come with them
    kept                the object keeps what this gives, and does nothing the second time
    anew                it needs the database though the rows have been loaded
    lazy                effects of reading, of a row that was loaded without it, the attribute
                        that the row's class binds to what this returns
    eager-by            keywords that may say that such an attribute comes with the row
    lazy-as             values of these that say that it does not
    returns-by          types of the call's result by what a keyword says: `dynamic`
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
    effect_waited: str = ""
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
    anew: bool = False
    lazy: tuple[str, ...] = ()
    eager_by: tuple[str, ...] = ()
    lazy_as: tuple[str, ...] = ()
    returns_by: dict[str, str] = field(default_factory=dict)
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
    of the methods: `{ "get, post" = ["shop.Request"] }`; behind `get_*` are those that are called
    so for an attribute that the class binds, behind `(name)` is what any of them is given by a
    parameter of that name, and any function of the module that the body of such a class lists.

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
    `registered` is an instance of what the decorators of the receiver's class are given.
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
        related = [member for _, member in every if member.reverse is not None]
        told_by = (name for member in related if member.lazy_as for name in member.eager_by)
        keywords = {*(one.reverse.keyword for one in related if one.reverse), *told_by}
        calls = (
            name
            for name, what in every
            if what.sets or what.gets or what.relations or "named" in what.returns
        )
        secrets, words = self.option_sets.get("secrets", {}), self.option_sets.get("words", {})
        asking = [call for rule in self.rules.values() for call in rule.calls]
        verdicts = (key for call in asking for key in (*call.unless_keys, *call.unless_decided))
        return Naming(
            frozenset(keywords),
            frozenset(calls),
            secrets,
            frozenset(texts(words, "addresses")),
            frozenset(texts(words, "verbosity")),
            frozenset(texts(words, "rehearsal")),
            frozenset(verdicts),
        )

    def rule(self, code_or_name: str) -> Rule | None:
        """Return the rule of this code or name."""
        rule = self.rules.get(code_or_name.upper())
        if rule is None:
            rule = next((r for r in self.rules.values() if r.name == code_or_name.lower()), None)
        return rule
