"""Call rules: conditions on a call, of what it calls, is given, gives, and where it stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from bedev_lint.catalog import Block, Call, Rule
from bedev_lint.model import Attr, Entered, Expr, FunctionFacts, Item, Name, Result, last_name
from bedev_lint.program.checks.analysis import Analysis
from bedev_lint.program.checks.arguments import Arguments
from bedev_lint.program.checks.blocks import Blocks, bodies_of
from bedev_lint.program.checks.bulk import Bulks
from bedev_lint.program.checks.called import Calls
from bedev_lint.program.checks.keywords import CallSite, Keywords, State
from bedev_lint.program.checks.spreading import Spreading
from bedev_lint.program.checks.using import Using
from bedev_lint.program.checks.violation import PathStep, Violation
from bedev_lint.program.effects.nesting import indices_around, takes_values
from bedev_lint.program.resolve.dotted_names import Naming
from bedev_lint.program.resolve.uses import FunctionUses, Uses, form_of
from bedev_lint.program.structure.values import (
    FunctionRef,
    Member,
    Object,
    ProjectFunction,
    Value,
    label_of,
)

__all__ = ["CallRules"]


# How a mapping is asked for what stands under a key.
_ASKING = frozenset({"get", "pop", "__getitem__"})
# What makes such a mapping of a body.
_DECODING = frozenset({"loads"})


class _Wanted(NamedTuple):
    """A table of a rule, and the last names of what it speaks of; None: there may be any."""

    rule: Rule
    call: Call
    names: frozenset[str] | None


class CallRules:
    """Finds the calls that rules speak of."""

    def __init__(self, analysis: Analysis) -> None:
        project, catalog, graph, resolver, within, suppressions = analysis
        self._project, self._catalog, self._graph = project, catalog, graph
        self._resolver, self._within, self._suppressions = resolver, within, suppressions
        self._naming = Naming(project, resolver)
        self._all_uses = Uses(project)
        self._using = Using(project, resolver, self._naming)
        self._keywords = Keywords(project, resolver, graph, self._all_uses)
        self._calls = Calls(project, resolver, self._naming)
        self._arguments = Arguments(project, resolver, self._naming, within)
        self._blocks = Blocks(analysis, self._naming)
        self._bulks = Bulks(analysis, self._naming)
        self._spreading = Spreading(project, catalog, graph, within.contexts)

    def violations(self, rules: Iterable[Rule], module: int) -> Iterator[Violation]:
        """Return the calls in a module that rules do not want, rule by rule."""
        functions = list(self._project.functions(module))
        for rule in rules:
            tables = [_Wanted(rule, call, self._last_names(call)) for call in rule.calls]
            for ref, facts in functions:
                yield from self._of_function(ref, facts, tables)

    def _of_function(
        self, ref: FunctionRef, facts: FunctionFacts, tables: Iterable[_Wanted]
    ) -> Iterator[Violation]:
        reported: set[int] = set()
        read: set[int] = set()
        for wanted in tables:
            for call, label, certain in self._called(ref, facts, wanted):
                code = wanted.rule.code
                if call.number in reported or not self._breaks(call, wanted.call):
                    continue
                if self._spreading.is_only_of(ref, wanted.rule.unless_run_in):
                    return
                if not self._suppressions.silences(ref, call.number, code):
                    reported.add(call.number)
                    # What is read of several calls, one on each way, is to be mended once.
                    reading = self._read_by(call, wanted.call)
                    if not reading or not reading <= read:
                        yield Violation(code, (PathStep(ref, call.number),), label, certain)
                    read |= reading

    # ------------------------------------------------------------------ what is called

    def _last_names(self, call: Call) -> frozenset[str] | None:
        """Return the last names of what a table speaks of, None if that may be anything."""
        names: set[str] = set()
        for target in call.targets:
            owner, _, last = target.rpartition(".")
            if last == "*" and owner in self._catalog.types:
                names.update(self._catalog.types[owner].members)
            else:
                names.add(last)
        return None if any("*" in name for name in names) else frozenset(names)

    def _called(
        self, ref: FunctionRef, facts: FunctionFacts, wanted: _Wanted
    ) -> Iterator[tuple[CallSite, str, bool]]:
        """Return the calls of a function that a table speaks of, what they call, and if surely."""
        if wanted.call.effect:
            yield from self._having(ref, facts, wanted.call)
            return
        for index in self._calls.like(wanted.names, ref, facts):
            site = facts.sites[index]
            for value in self._resolver.evaluate(site.func, ref):
                if self._naming.is_one(value, wanted.call.targets):
                    label = label_of(value) or self._naming.name(value)
                    yield CallSite(ref, index, site, value), label, _is_sure(value)
                    break

    def _having(
        self, ref: FunctionRef, facts: FunctionFacts, call: Call
    ) -> Iterator[tuple[CallSite, str, bool]]:
        """Return the calls of a function that have one of the effects themselves."""
        for source in self._graph.does(ref).sources:
            site = facts.sites[source.site] if source.site >= 0 else None
            if source.effect in call.effects and site is not None and site.kind == "call":
                values = self._resolver.evaluate(site.func, ref)
                value = next((v for v in values if label_of(v) == source.label), None)
                if value is not None and (not call.to or self._naming.is_one(value, call.targets)):
                    yield CallSite(ref, source.site, site, value), source.label, source.certain

    # ------------------------------------------------------------------ conditions

    def _breaks(self, call: CallSite, wanted: Call) -> bool:
        """Return whether all that a table says is true of a call."""
        ref, index = call.caller, call.number
        return (
            wanted.awaited in (None, call.site.awaited)
            and self._is_left(call, wanted)
            and (not wanted.reads or self._is_read(call, wanted))
            and not (wanted.unless_reads and self._reads(call, wanted.unless_reads))
            and not self._is_asked(call, wanted)
            and (not wanted.within or self._within.any_holds(ref, index, wanted.within))
            and not self._within.any_holds(ref, index, wanted.outside)
            and self._is_given(call, wanted)
            and (wanted.argument is None or self._arguments.any_fits(call, wanted.argument))
            and not any(self._arguments.any_fits(call, one) for one in wanted.unless_arguments)
            and not any(self._blocks.does(call, block) for block in wanted.unless_block)
            and not any(self._is_only_given(call, wanted, one) for one in wanted.unless_given)
            and not (wanted.unless_then and self._goes_on(call, wanted.unless_then))
            and not (wanted.unless_uses and self._uses_besides(ref, wanted))
            and not self._using.is_called(wanted.unless_anywhere)
            and not (wanted.unless_to and self._naming.is_one(call.value, wanted.unless_to))
            and (wanted.bulk is None or self._bulks.could_be(call, wanted))
        )

    def _is_given(self, call: CallSite, wanted: Call) -> bool:
        """Return whether keywords are missing, and others given, as a table says."""
        for name in wanted.without:
            if self._keywords.value_of(call, name).state is not State.MISSING:
                return False
        for name in wanted.given:
            if self._keywords.value_of(call, name).state is not State.SET:
                return False
        for name, value in wanted.with_.items():
            argument = self._keywords.value_of(call, name)
            if argument.value is None or argument.scope is None:
                return False
            if not self._arguments.is_value(argument.value, argument.scope, value):
                return False
        return True

    def _is_left(self, call: CallSite, wanted: Call) -> bool:
        """Return whether no more is done with what a call gives than a table says."""
        if not wanted.result:
            return True
        uses = self._all_uses.by(call.caller)
        if wanted.result == "unread-after":
            return self._is_unread(call.number, uses)
        if wanted.result == "filtered":
            return call.number in uses.facts.filtered
        if wanted.result == "local":
            return call.number in uses.facts.unshared and _is_local(call.number, uses)
        if call.number in uses.dropped:
            return True
        if isinstance(wanted.result, str) or call.number not in uses.picked:
            return False
        return all(name in wanted.result for _, name in _attributes(call.number, uses))

    def _is_read(self, call: CallSite, wanted: Call) -> bool:
        """Return whether one of these attributes is read of what a call gives, handled or not."""
        uses = self._all_uses.by(call.caller)
        read = [*_reading(call.number, uses, wanted)]
        is_handled = any(
            takes_values(uses.facts, number)
            or self._arguments.is_expected(number, call.caller, wanted.raises.get(name, ()))
            for number, name in read
        )
        return bool(read) and wanted.handled in (None, is_handled)

    def _read_by(self, call: CallSite, wanted: Call) -> set[int]:
        """Return the sites that read of what a call gives, by the name that it is bound to."""
        uses = self._all_uses.by(call.caller)
        is_bound = any(b.value == Result(call.number) for b in uses.facts.bindings)
        read = _reading(call.number, uses, wanted) if wanted.reads and is_bound else ()
        return {number for number, _ in read}

    def _is_only_given(self, call: CallSite, wanted: Call, block: Block) -> bool:
        """Return whether what is read of what a call gives only goes where a table says."""
        read = [*_reading(call.number, self._all_uses.by(call.caller), wanted)]
        return bool(read) and all(
            self._blocks.is_given(call.caller, number, block) for number, _ in read
        )

    def _is_asked(self, call: CallSite, wanted: Call) -> bool:
        """Return whether what is read of what a call gives is asked for one of some keys."""
        forms = {repr(key) for key in wanted.unless_keys}
        deciding = {repr(key) for key in wanted.unless_decided}
        if not forms and not deciding:
            return False
        uses = self._all_uses.by(call.caller)
        decided = {Name(name) for name in uses.facts.asked}
        read = [number for number, _ in _reading(call.number, uses, wanted)]
        todo: list[Expr] = [*map(Result, read), *(uses.facts.sites[number].func for number in read)]
        known = set(todo)
        while todo:
            value = todo.pop()
            found = [*uses.bound_to.get(value, ())]
            for number in uses.mentions.get(value, ()):
                if last_name(uses.facts.sites[number].func) in _DECODING:
                    found.append(Result(number))
            for number in uses.of.get(value, ()):
                site = uses.facts.sites[number]
                if isinstance(site.func, Attr) and site.func.name in _ASKING and site.args:
                    asked, given = form_of(site.args[0]), (Result(number), Item(value, site.args))
                    names = (name for one in given for name in uses.bound_to.get(one, ()))
                    if asked in forms or (asked in deciding and not decided.isdisjoint(names)):
                        return True
                    found += given
            todo += [one for one in found if one not in known]
            known.update(found)
        return False

    def _reads(self, call: CallSite, names: tuple[str, ...]) -> bool:
        """Return whether one of these attributes is read of what a call gives."""
        read = _attributes(call.number, self._all_uses.by(call.caller))
        return any(name.removesuffix("()") in names for _, name in read)

    def _is_unread(self, index: int, uses: FunctionUses) -> bool:
        """Return whether nothing is read of a context manager after its block."""
        facts = uses.facts
        bodies = bodies_of(index, facts)
        if not bodies:
            return index in uses.dropped
        names = uses.held(index) - {Result(index), Entered(Result(index))}
        if any(name in uses.bound_to or name in facts.results for name in names):
            return False
        return not any(
            bodies.isdisjoint(indices_around(facts, facts.sites[site].region))
            for name in names
            for site in uses.mentions.get(name, ())
        )

    def _uses_besides(self, ref: FunctionRef, wanted: Call) -> bool:
        """Return whether a function uses what excuses a call for anything else."""
        own = self._last_names(wanted) or frozenset()
        return self._using.uses(ref, wanted.unless_uses, own)

    def _goes_on(self, call: CallSite, effects: tuple[str, ...]) -> bool:
        """Return whether something behind a call in its block has one of these effects itself."""
        sites = self._project.function(call.caller).sites
        return any(
            source.effect in effects
            and source.site > call.number
            and sites[source.site].region == call.site.region
            for source in self._graph.does(call.caller).sources
        )


def _is_sure(value: Value) -> bool:
    receiver = value.receiver if isinstance(value, (Member, ProjectFunction)) else None
    return receiver.certain if isinstance(receiver, Object) else True


def _is_local(index: int, uses: FunctionUses) -> bool:
    """Return whether a result has a name, no block ends it, and no loop goes on with it."""
    facts, result = uses.facts, Result(index)
    names = uses.bound_to.get(result, ())
    entered = {region.expr for region in facts.regions if region.kind == "with"}
    if not names or not entered.isdisjoint((result, *names)):
        return False
    around = set(indices_around(facts, facts.sites[index].region))
    used = (site for value in (result, *names) for site in uses.of_results.get(value, ()))
    return not any(
        facts.regions[region].kind == "while" and region not in around
        for site in used
        for region in indices_around(facts, facts.sites[site].region)
    )


def _reading(index: int, uses: FunctionUses, wanted: Call) -> Iterator[tuple[int, str]]:
    """Return the sites that read what a table says of a result, and what each reads."""
    read = ((number, name.removesuffix("()")) for number, name in _attributes(index, uses))
    return ((number, name) for number, name in read if name in wanted.reads)


def _attributes(index: int, uses: FunctionUses) -> Iterator[tuple[int, str]]:
    """Return the attributes that are read of a result, and at which sites.

    `wait()` if what calling it gives is dropped.
    """
    facts = uses.facts
    for number in (site for one in uses.held(index) for site in uses.of_results.get(one, ())):
        func = facts.sites[number].func
        if facts.sites[number].kind in ("call", "get", "iter") and isinstance(func, Attr):
            yield number, f"{func.name}()" if number in uses.dropped else func.name
