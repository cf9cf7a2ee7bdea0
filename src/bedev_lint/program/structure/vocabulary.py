"""What the vocabularies say of types outside the project, by name."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache

from bedev_lint.catalog import Catalog, MemberSpec, TypeSpec
from bedev_lint.model import ANY_NAME
from bedev_lint.names import any_match, any_of, any_path
from bedev_lint.program.structure.values import External, Member, Object, Value, Values, parse_type

__all__ = ["WRITE", "Vocabulary"]

# The effect of what changes rows.
WRITE = "db.write"


class Vocabulary:
    """The types of a catalog. Looks nothing up twice."""

    @classmethod
    @lru_cache(maxsize=4)
    def of(cls, catalog: Catalog) -> Vocabulary:
        """Return that of a catalog, which is the same for all programs."""
        return cls(catalog)

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        # Words in names of URLs.
        self.addresses = catalog.naming.addresses
        self._conventions: dict[str, Values] = {}
        self._patterns = [
            (_matching(pattern), type_text)
            for pattern, type_text in catalog.names.items()
            if not pattern.endswith(")")
        ]
        # What a call says by its keywords: `.filter(*__*)`.
        self._calls = [
            (*pattern[1:-1].split("(", 1), type_text)
            for pattern, type_text in catalog.names.items()
            if pattern.endswith(")")
        ]
        self._members: dict[tuple[str, str], tuple[str, MemberSpec] | None] = {}
        self._names: frozenset[str] | None = None
        types = catalog.types
        # Types of what an object gives that holds one of them.
        descriptors = {name for name, type_spec in types.items() if "__get__" in type_spec.members}
        self.descriptors = _with_derived(descriptors, types)
        members = [item for type_spec in types.values() for item in type_spec.members.items()]
        # Types whose objects keep what is assigned to them, and what else assigns to them.
        self._keeping = frozenset(
            (
                *(name for name, type_spec in types.items() if type_spec.keeps),
                *(member.sets.on for _, member in members if member.sets is not None),
            )
        )
        self._setting: dict[str, list[MemberSpec]] = {}
        for name, member in members:
            if member.sets is not None:
                self._setting.setdefault(name, []).append(member)
        self.setting_names = frozenset(self._setting)
        self._keepers: dict[str, str] = {}
        # Methods that a framework calls with what it says, and beginnings of those for attributes.
        given = frozenset(name for type_spec in types.values() for name in type_spec.gives)
        self.framework_methods = frozenset(name for name in given if not name.endswith("*"))
        self.framework_prefixes = tuple(sorted(name[:-1] for name in given if name.endswith("*")))
        # Names of what proves the type of a class that binds it.
        self.proving = frozenset(name for name, member in members if member.proves)
        # Members that make a relation when they are called in a class body.
        self.relating_names = frozenset(
            name for name, member in members if member.lazy or member.reverse
        )
        # How the names end that those give the class at the other end: `order_set`.
        reverses = (member.reverse.default for _, member in members if member.reverse)
        self.reverse_endings = tuple({form.rpartition("}")[2] for form in reverses} - {""})
        # Names of what queries have alone: what makes one of another, or is named in several words.
        self.query_names = frozenset(
            name
            for type_spec in types.values()
            if type_spec.of_owner
            for name, member in type_spec.members.items()
            if "self" in member.returns or "_" in name.strip("_")
        ).difference(*map(dir, (dict, list, set, str)))
        # Members whose call may matter, and those that open or close a transaction.
        self.effective_names = _effective(types, members)
        self.scope_names = frozenset(
            name for name, member in members if member.region or member.closes
        )
        # Members that run in another thread what they are given.
        self.thread_names = frozenset(
            name for name, member in members if member.thread and member.calls
        )
        # Those that run some other time what they are given.
        self.deferring_names = frozenset(name for name, member in members if member.later)
        # Functions after which the rows that they are given have their relations.
        self.loading_names = frozenset(name for name, member in members if member.loads is not None)
        # Those whose every argument names relations.
        self.naming_relations = frozenset(
            name for name, member in members if member.relations and member.loads is None
        )

        self._libraries = frozenset(name.partition(".")[0] for name in types)
        standing_in = [c for c in catalog.contexts.values() if c.stands_in]
        self._double = any_of(tuple(name for one in standing_in for name in one.classes))
        self._test = any_path(tuple(name for one in standing_in for name in one.files))
        self._of_tests: dict[str, bool] = {}

    def __contains__(self, name: object) -> bool:
        return name in self._catalog.types

    def writes(self, type_name: str) -> bool:
        """Return whether objects of a known type have what writes them, as rows do."""
        specs = (spec for above in self.above(type_name) for spec in above.members.values())
        return any(WRITE in spec.effects for spec in specs)

    def is_of_library(self, module: str) -> bool:
        """Return whether a module of this name is part of a known library, or of Python's own."""
        top = module.partition(".")[0]
        return top in self._libraries or top in sys.stdlib_module_names

    def above(self, name: str) -> Iterator[TypeSpec]:
        """Return the specs of a known type, and of those that it inherits from."""
        type_spec = self._catalog.types.get(name)
        if type_spec is not None:
            yield type_spec
            for base in type_spec.bases:
                yield from self.above(base)

    def member(self, type_name: str, name: str) -> tuple[str, MemberSpec] | None:
        """Return what a vocabulary says of a member, and on which type it stands."""
        key = (type_name, name)
        if key not in self._members:
            names = (name,) if name.startswith("_") or name in ("()", ANY_NAME) else (name, "*")
            self._members[key] = next(
                (
                    (type_spec.name, type_spec.members[named])
                    for named in names
                    for type_spec in self.above(type_name)
                    if named in type_spec.members
                ),
                None,
            )
        return self._members[key]

    def keeper(self, type_name: str) -> str:
        """Return the type that keeps what is assigned to objects of a known type, or ""."""
        if type_name not in self._keepers:
            above = (type_spec.name for type_spec in self.above(type_name))
            keeper = next((name for name in above if name in self._keeping), "")
            self._keepers[type_name] = keeper
        return self._keepers[type_name]

    def setting(self, name: str) -> MemberSpec | None:
        """Return the spec of what sets an attribute, if only one type has such a member."""
        members = self._setting.get(name, ())
        return members[0] if len(members) == 1 else None

    def is_any(self, type_name: str, name: str) -> bool:
        """Return whether a type has no member of this name but the one that stands for all."""
        member = self.member(type_name, name)
        return member is None or name not in self._catalog.types[member[0]].members

    def of_member(self, value: Member) -> MemberSpec:
        """Return what a vocabulary says of this member."""
        members = self._catalog.types[value.owner].members
        return members.get(value.name) or members["*"]

    def spec(self, value: Value) -> MemberSpec | None:
        """Return what is said of a function or method outside the project."""
        declared = self.declared(value)
        return declared[1] if declared is not None else None

    def specs(self, values: Iterable[Value]) -> Iterator[MemberSpec]:
        """Return what is said of those of these that are functions or methods outside of it."""
        return (spec for spec in map(self.spec, values) if spec is not None)

    def declared(self, value: Value) -> tuple[str, MemberSpec] | None:
        """Return what is said of a function or method, and of which type or function it is."""
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
            next((spec.statement for spec in self.above(value.of) if spec.statement), "")
            for value in values
            if isinstance(value, Object) and isinstance(value.of, str)
        )
        return list(dict.fromkeys(kind for kind in kinds if kind))

    def by_convention(self, name: str) -> Values:
        """Return what a name of which nothing is known conventionally stands for."""
        values = self._conventions.get(name)
        if values is None:
            fitting = (_likely(text) for matches, text in self._patterns if matches(name))
            values = self._conventions[name] = next(fitting, ())
        return values

    def by_call(self, name: str, keywords: Iterable[str]) -> Values:
        """Return what a method gives by its own and its keywords' names, if no more is known."""
        for method, pattern, type_text in self._calls:
            if name == method and any_match(keywords, (pattern,)):
                return tuple(Object(expr.name) for expr in parse_type(type_text))
        return ()

    def stands_in(self, cls: str, path: str) -> bool:
        """Return whether a class of this name, in this file, stands in for another in tests."""
        if path not in self._of_tests:
            self._of_tests[path] = self._test.match(f"/{path}") is not None
        return self._of_tests[path] or self._double.match(cls) is not None

    def is_name(self, name: str) -> bool:
        """Return whether some known type has a member of this name."""
        if self._names is None:
            self._names = frozenset(
                member for spec in self._catalog.types.values() for member in spec.members
            )
        return name in self._names


def _matching(pattern: str) -> Callable[[str], object]:
    return any_of((pattern,)).match if "*" in pattern else pattern.__eq__


def _likely(type_text: str) -> Values:
    return tuple(Object(expr.name, (), certain=False) for expr in parse_type(type_text))


def _with_derived(names: set[str], types: Mapping[str, TypeSpec]) -> frozenset[str]:
    """Return these types, and those that inherit from them."""
    derived, before = set(names), 0
    while len(derived) > before:
        before = len(derived)
        derived |= {name for name, spec in types.items() if not derived.isdisjoint(spec.bases)}
    return frozenset(derived)


def _effective(
    types: Mapping[str, TypeSpec], members: Iterable[tuple[str, MemberSpec]]
) -> frozenset[str]:
    called = (name.rpartition(".")[2] for name, spec in types.items() if "()" in spec.members)
    effective = (
        name
        for name, member in members
        if member.effect
        or member.effect_waited
        or member.effect_by_argument is not None
        or member.calls
        or member.later
        or member.evaluates
        or member.region
        or member.closes
    )
    return frozenset((*called, *effective))
