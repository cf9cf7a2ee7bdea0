"""What one table of a catalog says of another: all that it names is there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from string import Formatter
from typing import Any

from bedev_lint.catalog.calls import Argument, Block, Call
from bedev_lint.catalog.contexts import Context
from bedev_lint.catalog.file import File, nearest
from bedev_lint.catalog.rules import PLACES, Boundary, Rule
from bedev_lint.catalog.vocabulary import TYPE_WORDS, Catalog, MemberSpec
from bedev_lint.options import wrong_patterns
from bedev_lint.tables import Key

__all__ = ["Place", "check"]

# Where an entry of the vocabulary stands: the file, and the key in it.
Place = tuple[File, Key]

_TYPE = r"[\w.\[\], |]*"
# What the message of a boundary rule may tell.
_MESSAGE_FIELDS = ("function", "path", "effect")
# Of these there are so few that all can be told.
_FEW = 100


def check(
    catalog: Catalog, rules: Iterable[tuple[Rule, File]], places: Mapping[Key, Place]
) -> None:
    """Tell the files of all entries that name what is not there."""
    for rule, file in rules:
        _check_rule(rule, file, catalog)
    for name, words in catalog.types.items():
        for text in (text for types in words.gives.values() for text in types):
            file, key = places["type", name]
            _check_type(file, (*key, "gives"), text, catalog)
        for member, what in words.members.items():
            place = places.get(("type", name, member))
            if place is not None:  # else a rule about calls has named it, and says nothing of it
                _check_member(what, place, catalog)
    for name, context in catalog.contexts.items():
        _check_context(context, places["context", name], catalog)
    _check_circles("type", {name: words.bases for name, words in catalog.types.items()}, places)
    _check_circles("context", {name: c.unless for name, c in catalog.contexts.items()}, places)
    for name, type_text in catalog.names.items():
        file, key = places["names", name]
        _check_known(file, key, "type", [type_text.split("[", 1)[0]], catalog.types)


def _check_context(context: Context, place: Place, catalog: Catalog) -> None:
    file, key = place
    for named, kind, names, defined in (
        ("unless", "context", context.unless, catalog.contexts),
        ("within", "context", context.within, catalog.contexts),
        ("not-over-arguments", "context", context.not_over_arguments, catalog.contexts),
        ("not-doing", "effect", context.not_doing, catalog.effects),
        ("itself", "effect", context.itself, catalog.effects),
        ("implementing", "effect", context.implementing, catalog.effects),
    ):
        _check_known(file, (*key, named), kind, names, defined)


def _check_member(what: MemberSpec, place: Place, catalog: Catalog) -> None:
    file, key = place
    _check_known(file, (*key, "effect"), "effect", what.effects, catalog.effects)
    _check_known(file, (*key, "effect-with"), "effect", what.effect_with.values(), catalog.effects)
    if what.effect_waited:
        _check_known(file, (*key, "effect-waited"), "effect", [what.effect_waited], catalog.effects)
    _check_type(file, (*key, "returns"), what.returns, catalog)
    _check_type(file, (*key, "type"), what.type, catalog)
    _check_type(file, (*key, "proves"), what.proves, catalog)
    if what.sets is not None:
        _check_known(file, (*key, "sets", "on"), "type", [what.sets.on], catalog.types)
        _check_type(file, (*key, "sets", "type"), what.sets.type, catalog)
        for text in what.sets.type_with.values():
            _check_type(file, (*key, "sets", "type-with"), text, catalog)
    if what.gets is not None and what.gets.on:
        _check_known(file, (*key, "gets", "on"), "type", [what.gets.on], catalog.types)
    if what.reverse is not None:
        _check_type(file, (*key, "reverse"), what.reverse.type, catalog)


def _check_rule(rule: Rule, file: File, catalog: Catalog) -> None:
    _check_known(file, ("yields-to",), "code", rule.yields_to, catalog.rules)
    _check_known(file, ("unless",), "effect", rule.unless, catalog.effects)
    _check_known(file, ("unless-direct",), "effect", rule.unless_direct, catalog.effects)
    _check_known(file, ("unless-run-in",), "context", rule.unless_run_in, catalog.contexts)
    _check_known(file, ("needs",), "option", rule.needs, catalog.rules[rule.code].options)
    _check_known(file, ("skip",), "context", rule.skip, catalog.contexts)
    _check_known(file, ("only",), "context", rule.only, catalog.contexts)
    _check_known(file, ("option-sets",), "option set", rule.option_sets, catalog.option_sets)
    _check_known(file, ("patterns",), "option", rule.patterns, rule.options)
    # To compile ours takes as long as all other checks: the tests do so once for all.
    for option in rule.patterns if not file.is_ours else ():
        for inner, wrong in wrong_patterns(rule.options.get(option, ())):
            file.problem(wrong, "options", option, *inner)
    for example in rule.examples:
        options = ["severity", *rule.options]
        _check_known(file, ("example",), "option", example.options, options)
    if rule.is_linked:
        _check_message(rule, file)
    if rule.boundary is not None:
        _check_boundary(rule.boundary, file, catalog)
    for call in rule.calls:
        _check_call(call, file, catalog)
    if not (file.is_ours or rule.boundary or rule.calls or rule.tests):
        file.problem("say what the rule looks for: a table [call], or [boundary]")
    for key, names in _contexts_of_tests(rule):
        _check_known(file, ("tests", key), "context", names, catalog.contexts)
    if len({call.only for call in rule.calls}) > 1:
        file.problem("say the same in each [[call]]: the rule looks at these files", "call", "only")


def _contexts_of_tests(rule: Rule) -> Iterator[tuple[str, tuple[str, ...]]]:
    if rule.tests is not None:
        for key in ("only", "beside", "within"):
            yield key, getattr(rule.tests, key)


def _check_boundary(boundary: Boundary, file: File, catalog: Catalog) -> None:
    wanted = "require" if boundary.require else "effect"
    if bool(boundary.effect) == bool(boundary.require):
        file.problem("expected either `effect` or `require`", "boundary")
    for key, kind, names, defined in (
        (wanted, "effect", boundary.effects, catalog.effects),
        ("within", "context", boundary.contexts, catalog.contexts),
        ("behind", "context", boundary.behind, catalog.contexts),
        ("kept", "context", boundary.kept, catalog.contexts),
        ("unless", "effect", boundary.unless, catalog.effects),
        ("commands", "effect", boundary.commands, catalog.effects),
        ("severities", "effect", tuple(boundary.severities), catalog.effects),
    ):
        _check_known(file, ("boundary", key), kind, names, defined)
    places = (name for name in boundary.contexts if name in catalog.contexts)
    inside = [name for name in places if catalog.contexts[name].region in PLACES]
    if boundary.require and inside:
        expected = "expected contexts of functions, not of places in them"
        file.problem(f'{expected}, got "{inside[0]}"', "boundary", "within")


def _check_call(call: Call, file: File, catalog: Catalog) -> None:
    for key, kind, names, defined in (
        ("effect", "effect", call.effects, catalog.effects),
        ("within", "context", call.within, catalog.contexts),
        ("outside", "context", call.outside, catalog.contexts),
        ("only", "context", call.only, catalog.contexts),
        ("unless-then", "effect", call.unless_then, catalog.effects),
    ):
        _check_known(file, ("call", key), kind, names, defined)
    if call.bulk is not None:
        for key, names in (("alone", call.bulk.alone), ("besides", call.bulk.besides)):
            _check_known(file, ("call", "bulk", key), "effect", names, catalog.effects)
        _check_dotted(call.bulk.signals, file, "call", "bulk", "signals")
    if not call.to and not call.effect:
        file.problem('say which calls: `to = ["os.system"]`, or `effect = "http.call"`', "call")
    _check_dotted(call.targets, file, "call", "to")
    _check_dotted(call.unless_to, file, "call", "unless-to")
    _check_dotted(call.unless_uses, file, "call", "unless-uses")
    _check_dotted(call.unless_anywhere, file, "call", "unless-anywhere")
    for name, errors in call.raises.items():
        _check_dotted(errors, file, "call", "raises", name)
    for table, blocks in (("unless-block", call.unless_block), ("unless-given", call.unless_given)):
        for block in blocks:
            _check_block(block, file, catalog, "call", table)
    arguments = [("unless-argument", argument) for argument in call.unless_arguments]
    if call.argument is not None:
        arguments.append(("argument", call.argument))
    for key, argument in arguments:
        _check_known(file, ("call", key, "within"), "context", argument.within, catalog.contexts)
        if argument == Argument(at=argument.at, within=argument.within):
            expected = "`any`, `shape`, `caught`, `named`, `begins`, `ends`, `guarded` or `held`"
            file.problem(f"say what the argument is like: {expected}", "call", key)


def _check_block(block: Block, file: File, catalog: Catalog, *key: str) -> None:
    _check_known(file, (*key, "effect"), "effect", block.effects, catalog.effects)
    _check_known(file, (*key, "within"), "context", block.within, catalog.contexts)
    _check_dotted(block.calls, file, *key, "calls")
    _check_dotted(block.after, file, *key, "after")
    if not block.calls and not block.effect:
        file.problem('say what the block does: `calls = ["*.close"]`, or `effect = "log"`', *key)


def _check_dotted(names: Iterable[str], file: File, *key: str) -> None:
    for name in names:
        owner, _, last = name.rpartition(".")
        if not owner or not last or (owner != "*" and "*" in owner):
            expected = 'expected a dotted name, such as "os.system" or "smtplib.SMTP.*"'
            file.problem(f'{expected}, got "{name}"', *key)


def _check_message(rule: Rule, file: File) -> None:
    try:
        fields = [part for part in Formatter().parse(rule.message) if part[1] is not None]
    except ValueError as error:
        file.problem(f"expected a text with {{fields}}: {error}", "message")
        return
    for _, field, form, conversion in fields:
        if form or conversion:
            # `{path:>2000000000}` would be a text of two gigabytes.
            file.problem(f"write {{{field}}} without what follows its name", "message")
    names = [field or "" for _, field, _, _ in fields]
    _check_known(file, ("message",), "field", names, _MESSAGE_FIELDS)


def _check_circles(
    kind: str, above: Mapping[str, Iterable[str]], places: Mapping[Key, Place]
) -> None:
    """Tell of each entry that leads back to itself, once for each circle."""
    done: set[str] = set()
    for first in above:
        chain: dict[str, Iterator[str]] = {} if first in done else {first: iter(above[first])}
        while chain:
            name, following = next(reversed(chain.items()))
            next_name = next(following, None)
            if next_name is None:
                del chain[name]
                done.add(name)
            elif next_name in chain:
                circle = [*list(chain)[list(chain).index(next_name) :], next_name]
                _tell_circle(kind, circle, places)
            elif next_name in above and next_name not in done:
                chain[next_name] = iter(above[next_name])


def _tell_circle(kind: str, circle: Sequence[str], places: Mapping[Key, Place]) -> None:
    place = next((places[kind, name] for name in circle if (kind, name) in places), None)
    if place is not None:
        file, key = place
        file.problem(f"leads back to itself: {' → '.join(circle)}", *key)


def _check_type(file: File, key: Key, text: str, catalog: Catalog) -> None:
    if not text:
        return
    if not re.fullmatch(_TYPE, text):
        file.problem(f'"{text}" is no type: expected `name[arguments]`', *key)
    for name in re.findall(r"[\w.]+", text):
        if name.startswith(("self.", "argument.", "given.", "result.")):
            continue
        defined = catalog.types if "." in name else TYPE_WORDS
        _check_known(file, key, "type", [name], defined)


def _check_known(
    file: File,
    key: Key,
    kind: str,
    names: Iterable[str],
    defined: Mapping[str, Any] | Sequence[str],
) -> None:
    for name in names:
        if name not in defined:
            every = f"; there are: {', '.join(sorted(defined))}" if 0 < len(defined) <= _FEW else ""
            file.problem(f'unknown {kind} "{name}"{nearest(name, defined)}{every}', *key)
