"""TOML → Catalog: the rules, and the vocabularies that give facts their meaning.

A folder of rules is walked; every `*.toml` file in it is read. A file with a `code` is a
rule, named after the file and of the family that its folder is called. Any file may also
hold vocabulary: `[effect.<name>]`, `[type."<dotted name>"]`, `[names]`, `[context.<name>]`.
Nothing is registered anywhere else.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from string import Formatter
from typing import Any, Literal, TypeVar

import msgspec
import tomli
from msgspec import Struct, field

from bedev_lint.model import Severity
from bedev_lint.options import wrong_patterns
from bedev_lint.tables import Key, dotted, row_of

__all__ = [
    "Boundary",
    "Catalog",
    "CatalogError",
    "Context",
    "Example",
    "Given",
    "Member",
    "Phrase",
    "Reverse",
    "Rule",
    "TypeWords",
    "builtin_rules",
    "load",
    "nearest",
]

_CODE = re.compile(r"[A-Z]{2,6}\d{3,4}")
# Words with a meaning of their own in the types of a vocabulary: see `TypeWords`.
TYPE_WORDS = (
    "self",
    "item",
    "value",
    "owner",
    "eager",
    "fresh",
    "argument",
    "result",
    "given",
    "element",
    "type",
    "below",
)
_TYPE = r"[\w.\[\], |]*"
# What the message of a boundary rule may tell.
MESSAGE_FIELDS = ("function", "path", "effect")
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


class CatalogError(Exception):
    """Rules or vocabularies that are wrong. `problems` names file, line and key of each."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class _Table(Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """A table of TOML: keys in kebab-case, unknown ones refused."""


class Example(_Table, frozen=True):
    """Code that a rule reports at its `# error: CODE` comments (`bad`), or not at all (`good`)."""

    bad: str = ""
    good: str = ""
    fixed: str = ""
    options: dict[str, Any] = field(default_factory=dict)


class Boundary(_Table, frozen=True):
    """Effect E must not happen within context C.

    `effect` and `within` name one or several; contexts in `behind` end the walk. `reach` is
    `calls` or `direct` (only what the function does itself). `depth` says how many calls may
    lie between the function and the effect, 0 for any number: every one of them may hang on
    a condition, and where a rule is about what usually happens, a long path proves little.
    """

    effect: str | tuple[str, ...]
    within: str | tuple[str, ...]
    behind: tuple[str, ...] = ()
    reach: Literal["calls", "direct"] = "calls"
    depth: int = 0

    @property
    def effects(self) -> tuple[str, ...]:
        return (self.effect,) if isinstance(self.effect, str) else self.effect

    @property
    def contexts(self) -> tuple[str, ...]:
        return (self.within,) if isinstance(self.within, str) else self.within


class Rule(_Table, frozen=True):
    """One rule. `name`, `family` and `file` (the path) come from where its file stands.

    `likely` says whether findings that rest on a naming convention show by default; `skip`
    names the contexts whose files the rule leaves out; `patterns` names the options that hold
    regular expressions.
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
    always: bool = False
    likely: bool = True
    boundary: Boundary | None = None
    unless: tuple[str, ...] = ()
    yields_to: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    skip: tuple[str, ...] = (
        "test",
        "migration",
        "example",
        "vendored",
        "generated",
        "tooling",
    )
    options: dict[str, Any] = field(default_factory=dict)
    example: tuple[Example, ...] = ()

    @property
    def examples(self) -> tuple[Example, ...]:
        return self.example

    @property
    def is_visitor(self) -> bool:
        return self.boundary is None and not self.always and self.family != "linter"


class Reverse(_Table, frozen=True):
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


class Member(_Table, frozen=True):
    """What a function, method or attribute of a known type does and returns.

    effect              effects of calling it (of reading it, where it is no method)
    effect-by-argument  index of the argument that decides: SQL text or a statement object
    returns             type of the call's result, see `TypeWords`
    type                type of the attribute
    region              calling or entering it opens this region
    closes              calling it ends this region
    calls               indices or names of arguments that it calls before it returns, or
                        `self.x` where it calls a method of its own object
    later               indices of arguments that are called some other time
    evaluates           indices of arguments that it iterates over
    thread              what it calls runs in another thread or process
    kept                the object keeps what this gives, and does nothing the second time
    lazy                effects of reading, of a row that was loaded without it, the attribute
                        that the row's class binds to what this returns
    eager-by            keywords that may say that such an attribute comes with the row
    reverse             what a relation made by this gives the other class, see `Reverse`
    """

    effect: str | tuple[str, ...] = ()
    effect_by_argument: int | None = None
    returns: str = ""
    type: str = ""
    region: str = ""
    closes: str = ""
    calls: tuple[int | str, ...] = ()
    later: tuple[int | str, ...] = ()
    evaluates: tuple[int, ...] = ()
    thread: bool = False
    kept: bool = False
    lazy: tuple[str, ...] = ()
    eager_by: tuple[str, ...] = ()
    reverse: Reverse | None = None

    @property
    def effects(self) -> tuple[str, ...]:
        return (self.effect,) if isinstance(self.effect, str) else self.effect


class TypeWords(Struct, frozen=True):
    """A known type (or module): its members by name, and the known types it inherits from.

    `statement` says that it is a database statement, and whether it reads or writes;
    `of_owner` that one in a class body belongs to that class, as a manager does to its model;
    `also` (in TOML) lists other dotted names by which the same type is imported. `gives` are
    the types of what a framework gives the methods of a class below it, in order, by the names
    of the methods: `{ "get, post" = ["shop.Request"] }`.

    A key of TOML may name several members that mean the same, `"get, post, put"`. The member
    `__get__` says what an object gives that holds one of this type, `()` what calling the name
    itself gives; `*` stands for every name that no other member has.

    Type expressions in `returns` and `type` are dotted names with arguments
    (`shop.Page[item]`), where `self` is the receiver, `self.x` its attribute x (an instance
    of it, if it is a class; what it returns, if it is a method), `item` and `value` its first
    and last type argument (`item[x]` is x where it has none), `owner` the class it was reached
    through, `given` the first argument as it is, `argument` an instance of it, `element` what
    iterating over it gives, `result` what calling it gives, and `type[x]` the class of x.
    `argument.x` is an instance of the keyword argument x, `argument.x[y]` is y where that is
    not given. `below[x]` is the project's own class that inherits x, if there is one.
    `eager[x]` is the query x that loads relations with its rows, `fresh[x]` one that has to
    be run though x had been.
    """

    name: str
    bases: tuple[str, ...]
    members: dict[str, Member]
    statement: Literal["", "read", "write"] = ""
    of_owner: bool = False
    gives: dict[str, tuple[str, ...]] = {}


class _TypeKeys(_Table, frozen=True):
    """The keys of a type's table that are no members."""

    bases: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    statement: Literal["", "read", "write"] = ""
    of_owner: bool = False
    gives: dict[str, tuple[str, ...]] = {}


class Phrase(_Table, frozen=True):
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


class Context(_Table, frozen=True):
    """What code belongs to a context: any one of these matches and none of `unless` does.

    modules     patterns of one part of the dotted module name
    classes     patterns of a class name around the function
    functions   patterns of the function's own name
    methods     patterns of the names of methods of `bases` (all, if empty)
    bases       dotted names (patterns) of direct or indirect base classes
    decorators  dotted names (patterns) of a decorator, as resolved through imports
    files       globs of the file's path
    folders     names of folders: what is below one belongs to it, if a file directly in that
                folder matches one of the patterns `holding`
    content     regular expressions for the text of a comment in a file's first lines
    phrase      a grammar of the function's name
    region      `loop`, `transaction` or `async`: places inside a function
    not-words   words that no name of a function of this context holds
    first-parameter  the name of the first parameter (after self) that all of them have
    not-over    patterns of names: a loop that binds one, or runs over one, is no loop here
    layer       1 to 9: where `graph` draws it, from what is called from outside to what calls
                outside; code of no layer stands at 5, and the highest of several counts
    """

    modules: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    bases: tuple[str, ...] = ()
    decorators: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    holding: tuple[str, ...] = ()
    content: tuple[str, ...] = ()
    phrase: Phrase | None = None
    region: Literal["", "loop", "transaction", "async"] = ""
    unless: tuple[str, ...] = ()
    not_words: frozenset[str] = frozenset()
    first_parameter: str = ""
    not_over: tuple[str, ...] = ()
    layer: int = 0


class Effect(_Table, frozen=True):
    """An effect that types may have and rules may forbid."""

    title: str


class Catalog(Struct, frozen=True):
    """All rules by code, and the vocabulary."""

    rules: dict[str, Rule]
    types: dict[str, TypeWords]
    names: dict[str, str]
    contexts: dict[str, Context]
    effects: dict[str, Effect]

    @property
    def naming(self) -> frozenset[str]:
        """The keywords of calls in class bodies whose string names an attribute."""
        return frozenset(
            member.reverse.keyword
            for words in self.types.values()
            for member in words.members.values()
            if member.reverse is not None
        )

    def rule(self, code_or_name: str) -> Rule | None:
        """Return the rule of this code or name."""
        found = self.rules.get(code_or_name.upper())
        if found is None:
            found = next((r for r in self.rules.values() if r.name == code_or_name.lower()), None)
        return found


def builtin_rules() -> Path:
    """Return the folder of the rules that come with bedev-lint: the wheel's, or the checkout's."""
    here = Path(__file__).resolve().parent
    shipped = here / "rules"
    return shipped if shipped.is_dir() else here.parent.parent / "rules"


def nearest(word: str, known: Iterator[str] | Sequence[str] | Mapping[str, Any]) -> str:
    """Return ` (did you mean "x"?)` for the nearest known word, or nothing."""
    close = difflib.get_close_matches(word, [str(k) for k in known], n=1)
    return f' (did you mean "{close[0]}"?)' if close else ""


# ---------------------------------------------------------------------- loading


class Given(Struct, frozen=True):
    """Vocabulary from elsewhere: its tables, and the file and the key that they stand under."""

    tables: Mapping[str, Any]
    source: Path | None = None
    under: Key = ()


class _File:
    """One file of a rules folder, and what was found wrong with it."""

    def __init__(self, path: Path, shown: str, problems: list[str], under: Key = ()) -> None:
        self.path, self.shown, self.under, self._problems = path, shown, under, problems
        self.text = ""
        self.table: dict[str, Any] = {}

    def read(self) -> bool:
        try:
            self.text = self.path.read_text(encoding="utf-8")
            self.table = tomli.loads(self.text)
        except OSError as error:
            self.problem(f"cannot be read: {error.strerror}")
        except (UnicodeDecodeError, tomli.TOMLDecodeError) as error:
            self.problem(f"expected TOML: {error}")
        else:
            return True
        return False

    def problem(self, what: str, *key: str) -> None:
        key = (*self.under, *key)
        where = f"{dotted(key)}: " if key else ""
        self._problems.append(f"{self.shown}:{row_of(self.text, key)}: {where}{what}")


TableT = TypeVar("TableT")


def _convert(file: _File, table: Any, kind: type[TableT], *key: str) -> TableT | None:
    try:
        return msgspec.convert(table, kind)
    except msgspec.ValidationError as error:
        message, _, place = str(error).partition(" - at ")
        inner = tuple(re.findall(r"[.]([^`.\[]+)", place))
        unknown = re.search(r"unknown field `([^`]+)`", message)
        if unknown is not None:
            known: Any = _INNER.get(inner[-1:], kind)
            names = [info.encode_name for info in msgspec.structs.fields(known)]
            hint = nearest(unknown[1], names)
            file.problem(f"unknown key{hint}", *key, *inner, unknown[1])
        else:
            file.problem(_in_words(message), *key, *inner)
        return None


def _in_words(message: str) -> str:
    """Return what msgspec says in the words of TOML."""
    missing = re.search(r"missing required field `(.*)`", message)
    if missing is not None:
        return f'the key "{missing[1]}" is missing'
    told = re.sub(r"`([^`]*)`", lambda kinds: re.sub(r"\w+", _word, kinds[1]), message)
    return (
        told.replace("|", "or").replace("Expected", "expected").replace("Invalid enum", "unknown")
    )


def _word(kind: re.Match[str]) -> str:
    return _KINDS.get(kind[0], kind[0])


# The tables that stand in other tables.
_INNER: dict[Key, type[Struct]] = {
    ("boundary",): Boundary,
    ("phrase",): Phrase,
    ("example",): Example,
}
_KINDS = {
    "object": "a table",
    "array": "an array",
    "str": "a string",
    "int": "an integer",
    "bool": "true or false",
}


def load(folders: Sequence[Path], given: Given | None = None) -> Catalog:
    """Read every rule and vocabulary below these folders.

    A later folder adds to the vocabulary of an earlier one, and `given` is the last: the `context`
    and `type` tables of the user's configuration. Raises CatalogError with all problems.
    """
    problems: list[str] = []
    reader = _Reader()
    for folder in folders:
        if not folder.is_dir():
            problems.append(f"{folder}: no such folder of rules")
            continue
        for path in sorted(folder.rglob("*.toml")):
            file = _File(path, _shown(path, folder), problems)
            if file.read():
                reader.read(file)
    if given is not None:
        source = given.source or Path("configuration")
        file = _File(source, str(source), problems, given.under)
        if given.source is None or file.read():
            file.table = dict(given.tables)
            reader.read(file)
    catalog = reader.catalog()
    reader.check(catalog)
    if problems:
        raise CatalogError(problems)
    return catalog


def _shown(path: Path, folder: Path) -> str:
    return str(Path(folder.name) / path.relative_to(folder))


class _Reader:
    """Collects tables file by file; everything is checked once all have been read."""

    def __init__(self) -> None:
        self._rules: dict[str, tuple[Rule, _File]] = {}
        self._members: dict[str, dict[str, Member]] = {}
        self._keys: dict[str, _TypeKeys] = {}
        self._names: dict[str, str] = {}
        self._contexts: dict[str, dict[str, Any]] = {}
        self._effects: dict[str, Effect] = {}
        # Where each entry of the vocabulary stands: the file, and the key in it.
        self._places: dict[Key, tuple[_File, Key]] = {}

    def read(self, file: _File) -> None:
        table = dict(file.table)
        for name, effect in _entries(file, table, "effect"):
            converted = _convert(file, effect, Effect, "effect", name)
            if converted is not None:
                self._effects[name] = converted
        for name, members in _entries(file, table, "type"):
            self._read_type(file, name, members)
        for name, known in _entries(file, table, "names"):
            if _convert(file, known, str, "names", name) is not None:
                for one in _several(name):
                    self._names[one] = known
                    self._places["names", one] = file, ("names", name)
        for name, context in _entries(file, table, "context"):
            if _convert(file, context, Context, "context", name) is not None:
                self._contexts[name] = _merged(self._contexts.get(name, {}), context)
                self._places["context", name] = file, ("context", name)
                for _, wrong in wrong_patterns(context.get("content", ())):
                    file.problem(wrong, "context", name, "content")
        if "code" in table:
            self._read_rule(file, table)
        elif table:
            key = next(iter(table))
            known = ["effect", "type", "names", "context", "code"]
            file.problem(f"unknown table or key{nearest(key, known)}", key)

    def _read_type(self, file: _File, name: str, table: Any) -> None:
        if not isinstance(table, dict):
            file.problem("expected a table of members", "type", name)
            return
        members = self._members.setdefault(name, {})
        own = {
            key: value
            for key, value in table.items()
            if key == "gives" or not isinstance(value, dict)
        }
        keys = _convert(file, own, _TypeKeys, "type", name)
        if keys is not None and own:
            self._keys[name] = keys
            self._places["type", name] = file, ("type", name)
        for member, words in table.items():
            if member in own:
                continue
            converted = _convert(file, words, Member, "type", name, member)
            if converted is not None:
                for one in _several(member):
                    members[one] = converted
                    self._places["type", name, one] = file, ("type", name, member)

    def _read_rule(self, file: _File, table: dict[str, Any]) -> None:
        name, family = file.path.stem, file.path.parent.name
        if not _NAME.fullmatch(name):
            file.problem(f'the name of a rule\'s file is kebab-case, not "{name}"')
        for key in ("name", "family", "file"):
            if key in table:
                file.problem("comes from where the file stands; leave it out", key)
                return
        rule = _convert(
            file, {**table, "name": name, "family": family, "file": str(file.path)}, Rule
        )
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
        types = {name: self._type_words(name, members) for name, members in self._members.items()}
        for name, keys in self._keys.items():
            for alias in keys.also:
                types.setdefault(alias, TypeWords(alias, (name,), {}))
        return Catalog(
            {code: rule for code, (rule, _) in sorted(self._rules.items())},
            types,
            self._names,
            {name: msgspec.convert(table, Context) for name, table in self._contexts.items()},
            self._effects,
        )

    def _type_words(self, name: str, members: dict[str, Member]) -> TypeWords:
        keys = self._keys.get(name, _TypeKeys())
        gives = {one: types for key, types in keys.gives.items() for one in _several(key)}
        return TypeWords(name, keys.bases, members, keys.statement, keys.of_owner, gives)

    # What one table says of another can only be checked at the end.
    def check(self, catalog: Catalog) -> None:
        for rule, file in self._rules.values():
            _check_rule(rule, file, catalog)
        for name, words in catalog.types.items():
            for text in (text for types in words.gives.values() for text in types):
                file, key = self._places["type", name]
                _check_type(file, (*key, "gives"), text, catalog)
            for member, what in words.members.items():
                file, key = self._places["type", name, member]
                _check_known(file, (*key, "effect"), "effect", what.effects, catalog.effects)
                _check_type(file, (*key, "returns"), what.returns, catalog)
                _check_type(file, (*key, "type"), what.type, catalog)
                if what.reverse is not None:
                    _check_type(file, (*key, "reverse"), what.reverse.type, catalog)
        for name, context in catalog.contexts.items():
            file, key = self._places["context", name]
            _check_known(file, (*key, "unless"), "context", context.unless, catalog.contexts)
        for name, known in catalog.names.items():
            file, key = self._places["names", name]
            _check_known(file, key, "type", [known.split("[", 1)[0]], catalog.types)


def _entries(file: _File, table: dict[str, Any], key: str) -> Iterable[tuple[str, Any]]:
    """Take a table of tables out of another, and return its entries."""
    entries = table.pop(key, {})
    if isinstance(entries, dict):
        return entries.items()
    file.problem("expected a table", key)
    return ()


def _several(names: str) -> list[str]:
    """Return the names that a key of TOML stands for: `"get, post"`."""
    return names.replace(",", " ").split()


def _check_rule(rule: Rule, file: _File, catalog: Catalog) -> None:
    _check_known(file, ("yields-to",), "code", rule.yields_to, catalog.rules)
    _check_known(file, ("unless",), "effect", rule.unless, catalog.effects)
    _check_known(file, ("skip",), "context", rule.skip, catalog.contexts)
    _check_known(file, ("patterns",), "option", rule.patterns, rule.options)
    for option in rule.patterns:
        for inner, wrong in wrong_patterns(rule.options.get(option, ())):
            file.problem(wrong, "options", option, *inner)
    for example in rule.examples:
        options = ["severity", *rule.options]
        _check_known(file, ("example",), "option", example.options, options)
    boundary = rule.boundary
    if boundary is not None:
        _check_message(rule, file)
        for key, kind, names, known in (
            ("effect", "effect", boundary.effects, catalog.effects),
            ("within", "context", boundary.contexts, catalog.contexts),
            ("behind", "context", boundary.behind, catalog.contexts),
        ):
            _check_known(file, ("boundary", key), kind, names, known)


def _check_message(rule: Rule, file: _File) -> None:
    try:
        fields = [field for _, field, _, _ in Formatter().parse(rule.message) if field is not None]
    except ValueError as error:
        file.problem(f"expected a text with {{fields}}: {error}", "message")
    else:
        _check_known(file, ("message",), "field", fields, MESSAGE_FIELDS)


def _check_type(file: _File, key: Key, text: str, catalog: Catalog) -> None:
    if not text:
        return
    if not re.fullmatch(_TYPE, text):
        file.problem(f'"{text}" is no type: expected `name[arguments]`', *key)
    for name in re.findall(r"[\w.]+", text):
        if name.startswith(("self.", "argument.")):
            continue
        known = catalog.types if "." in name else TYPE_WORDS
        _check_known(file, key, "type", [name], known)


# Of these there are so few that all can be told.
_FEW = 30


def _check_known(
    file: _File, key: Key, kind: str, names: Iterable[str], known: Mapping[str, Any] | Sequence[str]
) -> None:
    for name in names:
        if name not in known:
            every = f"; there are: {', '.join(sorted(known))}" if 0 < len(known) <= _FEW else ""
            file.problem(f'unknown {kind} "{name}"{nearest(name, known)}{every}', *key)


def _merged(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """Add a later file's context to an earlier one's: lists grow, everything else is replaced."""
    merged = dict(old)
    for key, value in new.items():
        before = merged.get(key)
        merged[key] = [*before, *value] if isinstance(before, list) else value
    return merged
