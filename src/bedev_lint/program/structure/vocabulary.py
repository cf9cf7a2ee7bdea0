"""What the vocabularies say of types outside the project, by name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from fnmatch import translate

from bedev_lint.catalog import Catalog, TypeSpec
from bedev_lint.catalog import Member as MemberWords
from bedev_lint.model import ANY_NAME
from bedev_lint.program.structure.values import External, Member, Object, Value, Values, parse_type

__all__ = ["Vocabulary"]


class Vocabulary:
    """The types of a catalog. Looks nothing up twice."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._conventions: dict[str, Values] = {}
        self._patterns = [
            (_matching(pattern), type_text) for pattern, type_text in catalog.names.items()
        ]
        self._members: dict[tuple[str, str], tuple[str, MemberWords] | None] = {}
        self._names: frozenset[str] | None = None
        # Types of what an object gives that holds one of them.
        descriptors = {name for name, words in catalog.types.items() if "__get__" in words.members}
        self.descriptors = _with_derived(descriptors, catalog)
        # Types whose objects keep what is assigned to them, and what else assigns to them.
        self._keeping = frozenset(
            name for name, words in catalog.types.items() if words.keeps
        ).union(_set_on(catalog))
        self._setting: dict[str, list[MemberWords]] = {}
        for words in catalog.types.values():
            for member, what in words.members.items():
                if what.sets is not None:
                    self._setting.setdefault(member, []).append(what)
        self.setting_names = frozenset(self._setting)
        self._keepers: dict[str, str] = {}
        # Methods that a framework calls with what it says.
        self.framework_methods = frozenset(
            name for words in catalog.types.values() for name in words.gives
        )
        every = [item for words in catalog.types.values() for item in words.members.items()]
        # Names of what proves the type of a class that binds it.
        self.proving = frozenset(name for name, what in every if what.proves)
        # Members whose call may matter, and those that open or close a transaction.
        self.effective_names = _effective(catalog.types, every)
        self.scope_names = frozenset(name for name, what in every if what.region or what.closes)
        # Members that run in another thread what they are given.
        self.thread_names = frozenset(name for name, what in every if what.thread and what.calls)
        # Functions after which the rows that they are given have their relations.
        self.loading_names = frozenset(name for name, what in every if what.loads is not None)

        standing_in = [c for c in catalog.contexts.values() if c.stands_in]
        self._double = _any_of(pattern for context in standing_in for pattern in context.classes)
        self._test = _any_of(pattern for context in standing_in for pattern in context.files)

    def __contains__(self, name: object) -> bool:
        return name in self._catalog.types

    def above(self, name: str) -> Iterator[TypeSpec]:
        """Return the words of a known type, and of those that it inherits from."""
        words = self._catalog.types.get(name)
        if words is not None:
            yield words
            for base in words.bases:
                yield from self.above(base)

    def member(self, type_name: str, name: str) -> tuple[str, MemberWords] | None:
        """Return what a vocabulary says of a member, and on which type it stands."""
        key = (type_name, name)
        if key not in self._members:
            names = (name,) if name.startswith("_") or name in ("()", ANY_NAME) else (name, "*")
            self._members[key] = next(
                (
                    (words.name, words.members[named])
                    for named in names
                    for words in self.above(type_name)
                    if named in words.members
                ),
                None,
            )
        return self._members[key]

    def keeper(self, type_name: str) -> str:
        """Return the type that keeps what is assigned to objects of a known type, or ""."""
        if type_name not in self._keepers:
            above = (words.name for words in self.above(type_name))
            keeper = next((name for name in above if name in self._keeping), "")
            self._keepers[type_name] = keeper
        return self._keepers[type_name]

    def setting(self, name: str) -> MemberWords | None:
        """Return the words of what sets an attribute, if only one type has such a member."""
        members = self._setting.get(name, ())
        return members[0] if len(members) == 1 else None

    def is_any(self, type_name: str, name: str) -> bool:
        """Return whether a type has no member of this name but the one that stands for all."""
        member = self.member(type_name, name)
        return member is None or name not in self._catalog.types[member[0]].members

    def of_member(self, value: Member) -> MemberWords:
        """Return what a vocabulary says of this member."""
        members = self._catalog.types[value.owner].members
        return members.get(value.name) or members["*"]

    def words(self, value: Value) -> tuple[str, MemberWords] | None:
        """Return the vocabulary of a function or method outside the project."""
        if isinstance(value, Member):
            return value.owner, self.of_member(value)
        if isinstance(value, External):
            owner, _, name = value.name.rpartition(".")
            return self.member(value.name, "()") or self.member(owner, name)
        if isinstance(value, Object) and isinstance(value.of, str):
            return self.member(value.of, "__call__")
        return None

    def statements(self, values: Values) -> list[str]:
        """Return whether statement objects or SQL texts read or write; nothing if unknown."""
        kinds = (
            next((words.statement for words in self.above(value.of) if words.statement), "")
            for value in values
            if isinstance(value, Object) and isinstance(value.of, str)
        )
        return list(dict.fromkeys(kind for kind in kinds if kind))

    def by_convention(self, name: str) -> Values:
        """Return what a name of which nothing is known conventionally stands for."""
        values = self._conventions.get(name)
        if values is None:
            fitting = (_unsure(text) for matches, text in self._patterns if matches(name))
            values = self._conventions[name] = next(fitting, ())
        return values

    def stands_in(self, cls: str, path: str) -> bool:
        """Return whether a class of this name, in this file, stands in for another in tests."""
        return bool(self._double.match(cls) or self._test.match(f"/{path}"))

    def is_name(self, name: str) -> bool:
        """Return whether some known type has a member of this name."""
        if self._names is None:
            self._names = frozenset(
                member for words in self._catalog.types.values() for member in words.members
            )
        return name in self._names


def _set_on(catalog: Catalog) -> Iterator[str]:
    for words in catalog.types.values():
        for what in words.members.values():
            if what.sets is not None:
                yield what.sets.on


def _any_of(patterns: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(map(translate, patterns)) or r"(?!)")


def _matching(pattern: str) -> Callable[[str], object]:
    return re.compile(translate(pattern)).match if "*" in pattern else pattern.__eq__


def _unsure(type_text: str) -> Values:
    return tuple(Object(expr.name, (), certain=False) for expr in parse_type(type_text))


def _with_derived(names: set[str], catalog: Catalog) -> frozenset[str]:
    """Return these types, and those that inherit from them."""
    derived, before = set(names), 0
    while len(derived) > before:
        before = len(derived)
        derived |= {
            name for name, words in catalog.types.items() if not derived.isdisjoint(words.bases)
        }
    return frozenset(derived)


def _effective(
    types: Mapping[str, TypeSpec], every: Iterable[tuple[str, MemberWords]]
) -> frozenset[str]:
    called = (name.rpartition(".")[2] for name, words in types.items() if "()" in words.members)
    members = (
        name
        for name, what in every
        if what.effect
        or what.effect_by_argument is not None
        or what.calls
        or what.later
        or what.evaluates
        or what.region
        or what.closes
    )
    return frozenset((*called, *members))
