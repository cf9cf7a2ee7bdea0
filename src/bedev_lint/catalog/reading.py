"""TOML → Catalog: the rules, and the vocabularies that give facts their meaning."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from bedev_lint import DOCS_URL
from bedev_lint.catalog.checking import Place, check
from bedev_lint.catalog.contexts import Context
from bedev_lint.catalog.file import File, convert, nearest
from bedev_lint.catalog.routing import Resource, Route, Router
from bedev_lint.catalog.rules import Rule
from bedev_lint.catalog.vocabulary import Catalog, Effect, MemberSpec, TypeKeys, TypeSpec
from bedev_lint.options import of_project, wrong_patterns
from bedev_lint.reachability import reachable
from bedev_lint.tables import Key

__all__ = ["PLACED", "CatalogError", "ConfiguredVocabulary", "builtin_rules", "load"]

# What a rule has by where its file stands.
PLACED = ("name", "family", "file", "url")

_CODE = re.compile(r"[A-Z]{2,6}\d{3,4}")
_NOTHING_SAID = MemberSpec()
# What a rule has and a vocabulary has not: who writes it has forgotten the code.
_OF_RULES = frozenset({"title", "message", "severity", "boundary", "call", "help", "why"})
# The tables that any file may have.
_TABLES = ("effect", "type", "names", "context", "option-set", "router", "route", "resource")
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")

KindT = TypeVar("KindT", Effect, Router, Route, Resource)


class CatalogError(Exception):
    """Rules or vocabularies that are wrong. `problems` names file, line and key of each."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class ConfiguredVocabulary(Struct, frozen=True):
    """Vocabulary from elsewhere: its tables, and the file and the key that they stand under."""

    tables: Mapping[str, Any]
    source: Path | None = None
    under: Key = ()


def builtin_rules() -> Path:
    """Return the folder of the rules that come with bedev-lint: the wheel's, or the checkout's."""
    package = Path(__file__).resolve().parent.parent
    shipped = package / "rules"
    return shipped if shipped.is_dir() else package.parent.parent / "rules"


def load(folders: Sequence[Path], configured: ConfiguredVocabulary | None = None) -> Catalog:
    """Read every rule and vocabulary below these folders.

    A later folder adds to the vocabulary of an earlier one, and `configured` is the last: the
    `context` and `type` tables of the user's configuration. Raises CatalogError with all problems.
    """
    problems: list[str] = []
    reader, ours = _Reader(), builtin_rules()
    for folder in folders:
        if not folder.is_dir():
            problems.append(f"{folder}: no such folder of rules")
            continue
        for path in sorted(folder.rglob("*.toml")):
            file = File(path, _shown(path, folder), problems, is_ours=folder == ours)
            if file.read():
                reader.read(file)
    if configured is not None:
        source = configured.source or Path("configuration")
        file = File(source, str(source), problems, configured.under)
        if configured.source is None or file.read():
            file.table = dict(configured.tables)
            reader.read(file)
    catalog = reader.catalog()
    reader.check(catalog)
    if problems:
        raise CatalogError(problems)
    return catalog


def _with_bulk(table: dict[str, Any]) -> dict[str, Any]:
    """Return the table of a rule, with what its `bulk` says in that of each call that has one."""
    shared, calls = table.get("bulk"), table.get("call")
    if not isinstance(shared, dict) or not isinstance(calls, list):
        return table
    return {**table, "call": [_with_shared(call, shared) for call in calls]}


def _with_shared(call: Any, shared: dict[str, Any]) -> Any:
    if not isinstance(call, dict) or not isinstance(call.get("bulk"), dict):
        return call
    return {**call, "bulk": {**shared, **call["bulk"]}}


def _shown(path: Path, folder: Path) -> str:
    return str(Path(folder.name) / path.relative_to(folder))


class _Reader:
    """Collects tables file by file; everything is checked once all have been read."""

    def __init__(self) -> None:
        self._rules: dict[str, tuple[Rule, File]] = {}
        self._members: dict[str, dict[str, MemberSpec]] = {}
        self._keys: dict[str, TypeKeys] = {}
        self._names: dict[str, str] = {}
        self._contexts: dict[str, dict[str, Any]] = {}
        self._effects: dict[str, Effect] = {}
        self._option_sets: dict[str, dict[str, Any]] = {}
        self._routers: dict[str, Router] = {}
        self._routes: dict[str, Route] = {}
        self._resources: dict[str, Resource] = {}
        self._places: dict[Key, Place] = {}

    def read(self, file: File) -> None:
        table = dict(file.table)
        tables = {key: _entries(file, table, key) for key in _TABLES}
        # One that is wrong is known all the same: whoever speaks of it is not to be told of too.
        self._effects.update({name: Effect(title=name) for name, _ in tables["effect"]})
        self._effects.update(_converted(file, tables, "effect", Effect))
        self._routers.update(_converted(file, tables, "router", Router))
        self._routes.update(_converted(file, tables, "route", Route))
        self._resources.update(_converted(file, tables, "resource", Resource))
        for name, members in tables["type"]:
            self._read_type(file, name, members)
        for names, type_text in tables["names"]:
            self._read_names(file, names, type_text)
        for name, context in tables["context"]:
            self._read_context(file, name, context)
        for name, options in tables["option-set"]:
            self._read_option_set(file, name, options)
        if "code" in table:
            self._read_rule(file, table)
        elif table:
            _tell_unknown(file, next(iter(table)))

    def _read_names(self, file: File, names: str, type_text: Any) -> None:
        if convert(file, type_text, str, "names", names) is not None:
            for one in _several(names):
                self._names[one] = type_text
                self._places["names", one] = file, ("names", names)

    def _read_context(self, file: File, name: str, context: Any) -> None:
        if convert(file, context, Context, "context", name) is None:
            self._contexts.setdefault(name, {})  # so that it is known to whoever speaks of it
            self._places.setdefault(("context", name), (file, ("context", name)))
            return
        if not file.is_ours and "content" in context:
            context = {**context, "content": of_project(context["content"])}
        self._contexts[name] = _merged(self._contexts.get(name, {}), context)
        self._places["context", name] = file, ("context", name)
        for _, wrong in wrong_patterns(context.get("content", ())):
            file.problem(wrong, "context", name, "content")

    def _read_option_set(self, file: File, name: str, options: Any) -> None:
        entry = ("option-set", name)
        if entry in self._places:
            other, key = self._places[entry]
            file.problem(f'"{name}" is said twice, also in {other.place(*key)}', *entry)
        elif convert(file, options, dict[str, Any], *entry) is not None:
            self._option_sets[name] = options
            self._places[entry] = file, entry

    def _read_type(self, file: File, name: str, table: Any) -> None:
        if not isinstance(table, dict):
            file.problem("expected a table of members", "type", name)
            return
        members = self._members.setdefault(name, {})
        own = {
            key: value
            for key, value in table.items()
            if key == "gives" or not isinstance(value, dict)
        }
        keys = convert(file, own, TypeKeys, "type", name)
        if keys is not None and own:
            self._keys[name] = keys
            self._places["type", name] = file, ("type", name)
        for member, words in table.items():
            if member in own:
                continue
            converted = convert(file, words, MemberSpec, "type", name, member)
            if converted is not None:
                for one in _several(member):
                    place = file, ("type", name, member)
                    before = members.get(one)
                    if before is None or converted.replace:
                        members[one] = converted
                    else:
                        self._tell_twice(("type", name, one), place)
                        members[one] = _added(before, converted)
                    self._places["type", name, one] = place

    def _tell_twice(self, entry: Key, place: Place) -> None:
        """Tell of a member that one vocabulary, ours or the user's, says twice."""
        (other, key), (file, own) = self._places[entry], place
        if other.is_ours is file.is_ours:
            file.problem(f'"{entry[-1]}" is said twice, also in {other.place(*key)}', *own)

    def _read_rule(self, file: File, table: dict[str, Any]) -> None:
        name, family = file.path.stem, file.path.parent.name
        if not _NAME.fullmatch(name):
            file.problem(f'the name of a rule\'s file is kebab-case, not "{name}"')
        for key in PLACED:
            if key in table:
                file.problem("comes from where the file stands; leave it out", key)
                return
        url = f"{DOCS_URL}rules/{table['code']}/" if file.is_ours else ""
        placed = dict(zip(PLACED, (name, family, str(file.path), url), strict=True))
        rule = convert(file, {**_with_bulk(table), **placed}, Rule)
        if rule is None:
            return
        if not _CODE.fullmatch(rule.code):
            expected = 'expected capitals and digits, such as "AC101"'
            file.problem(f'{expected}, got "{rule.code}"', "code")
        if rule.code in self._rules:
            other = self._rules[rule.code][1].shown
            file.problem(f'"{rule.code}" is taken by {other}', "code")
        for other_rule, other_file in self._rules.values():
            if other_rule.name == rule.name:
                file.problem(f'the name "{rule.name}" is taken by {other_file.shown}')
        self._rules[rule.code] = (rule, file)

    def catalog(self) -> Catalog:
        members = {name: dict(members) for name, members in self._members.items()}
        bases = {name: [*keys.bases] for name, keys in self._keys.items()}
        aliases = [(alias, name) for name, keys in self._keys.items() for alias in keys.also]
        # Which is said of by itself is no other name of something else.
        for alias, name in aliases:
            if alias not in self._keys:
                bases.setdefault(alias, []).append(name)
                members.setdefault(alias, {})
        for name in self._called():
            owner, _, last = name.rpartition(".")
            is_member = name not in members and (last != "*" or owner not in members)
            # What would say nothing must not hide what a type says that the owner inherits from.
            if is_member and not _says(last, owner, bases, self._members):
                members.setdefault(owner, {}).setdefault(last, _NOTHING_SAID)
        types = {
            name: self._type_spec(name, tuple(bases.get(name, ())), those)
            for name, those in members.items()
        }
        return Catalog(
            {code: self._with_sets(rule) for code, (rule, _) in sorted(self._rules.items())},
            types,
            self._names,
            {name: msgspec.convert(table, Context) for name, table in self._contexts.items()},
            self._effects,
            self._option_sets,
            self._routers,
            self._routes,
            self._resources,
        )

    def _with_sets(self, rule: Rule) -> Rule:
        """Return a rule with the options that it shares with others."""
        if not rule.option_sets:
            return rule
        options: dict[str, Any] = {}
        for name in rule.option_sets:
            options = _merged(options, self._option_sets.get(name, {}))
        return msgspec.structs.replace(rule, options=_merged(options, rule.options))

    def _called(self) -> Iterable[str]:
        """Return what rules about calls name: all of it is known, if only by its name.

        A class of which more is known is no member of its module.
        """
        for rule, _ in self._rules.values():
            for call in rule.calls:
                yield from (name for name in call.targets if "*" not in name[:-1])

    def _type_spec(
        self, name: str, bases: tuple[str, ...], members: dict[str, MemberSpec]
    ) -> TypeSpec:
        keys = self._keys.get(name, TypeKeys())
        gives = {one: types for key, types in keys.gives.items() for one in _several(key)}
        return TypeSpec(name, bases, members, keys.statement, keys.of_owner, gives, keys.keeps)

    def check(self, catalog: Catalog) -> None:
        """Check what one table says of another: that can only be done at the end."""
        rules = [(catalog.rules[rule.code], file) for rule, file in self._rules.values()]
        check(catalog, rules, self._places)


def _entries(file: File, table: dict[str, Any], key: str) -> Iterable[tuple[str, Any]]:
    """Take a table of tables out of another, and return its entries."""
    entries = table.pop(key, {})
    if isinstance(entries, dict):
        return entries.items()
    file.problem("expected a table", key)
    return ()


def _converted(
    file: File, tables: Mapping[str, Iterable[tuple[str, Any]]], key: str, kind: type[KindT]
) -> Iterator[tuple[str, KindT]]:
    """Return the entries of a table that are right; the file is told of the others."""
    for name, entry in tables[key]:
        converted = convert(file, entry, kind, key, name)
        if converted is not None:
            yield name, converted


def _tell_unknown(file: File, key: str) -> None:
    """Tell of a key that a file without a code has and no vocabulary has."""
    if key in _OF_RULES:
        file.problem('a rule needs a code, such as code = "SH101"', key)
    else:
        file.problem(f"unknown table or key{nearest(key, [*_TABLES, 'code'])}", key)


def _says(
    member: str,
    start: str,
    bases: Mapping[str, list[str]],
    members: Mapping[str, Mapping[str, MemberSpec]],
) -> bool:
    """Return whether a type, or one that it inherits from, has a member of this name."""
    types = reachable([start], lambda name: bases.get(name, ()))
    return any(member in members.get(name, ()) for name in types)


def _several(names: str) -> list[str]:
    """Return the names that a key of TOML stands for: `"get, post"`."""
    return names.replace(",", " ").split()


def _added(old: MemberSpec, new: MemberSpec) -> MemberSpec:
    """Add what a later vocabulary says of a member to what an earlier one does."""
    stated = {
        info.name: value
        for info in msgspec.structs.fields(MemberSpec)
        if (value := getattr(new, info.name)) != getattr(_NOTHING_SAID, info.name)
    }
    if "effect" in stated:
        stated["effect"] = tuple(dict.fromkeys((*old.effects, *new.effects)))
    return msgspec.structs.replace(old, **stated)


def _merged(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """Add a later table to an earlier one: lists grow, everything else is replaced."""
    merged = dict(old)
    for key, value in new.items():
        before = merged.get(key)
        merged[key] = [*before, *value] if isinstance(before, list) else value
    return merged
