"""What the arguments of a call are like."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from bedev_lint.catalog import STATES, Argument
from bedev_lint.model import (
    Attr,
    Caught,
    Either,
    Elem,
    Expr,
    FunctionFacts,
    Literal,
    Name,
    Result,
    Site,
    TupleOf,
    last_name,
)
from bedev_lint.names import words
from bedev_lint.program.checks.keywords import CallSite
from bedev_lint.program.effects.nesting import regions_of
from bedev_lint.program.effects.places import Within
from bedev_lint.program.resolve import Resolver
from bedev_lint.program.resolve.dotted_names import Naming
from bedev_lint.program.structure.project import Project
from bedev_lint.program.structure.values import (
    FunctionRef,
    Object,
    ProjectFunction,
    Values,
    in_tuples,
)

__all__ = ["Arguments"]

_DISPLAYS = ("list", "set")
# What gives what is kept in something as it is: `list(tasks.values())`.
_COPYING = tuple(Name(name) for name in ("list", "tuple", "set", "filter"))
_KEPT = frozenset({"values", "copy"})
_CONSTANTS = (Name("None"), Name("True"), Name("False"))
_LAMBDA = "<lambda>"
# Names bound to names that are followed to a value.
_DEEPEST = 4


class Arguments:
    """Tells what arguments are, as far as their text and their types say."""

    def __init__(
        self, project: Project, resolver: Resolver, naming: Naming, within: Within
    ) -> None:
        self._project, self._resolver, self._naming = project, resolver, naming
        self._within = within

    def any_fits(self, call: CallSite, wanted: Argument) -> bool:
        """Return whether one of the arguments of a call is as it is said."""
        if wanted.within and not self._within.any_holds(call.caller, call.number, wanted.within):
            return False
        return any(
            self._fits(name, value, call.caller, wanted)
            for place, name, value in _arguments_of(call)
            if wanted.at == () or place in wanted.places
        )

    def _fits(self, name: str, value: Expr, ref: FunctionRef, wanted: Argument) -> bool:
        facts = self._project.function(ref)
        return (
            (not wanted.any or self._is_any(value, ref, wanted))
            and (not wanted.shape or _is_formatted(value, facts))
            and (not wanted.caught or self._is_caught(value, ref, facts))
            and (not wanted.named or _is_named(name, value, wanted))
            and (not wanted.begins or all(self._begins(v, ref, wanted) for v in _options(value)))
            and (not wanted.ends or all(self._ends(v, ref, wanted) for v in _options(value)))
            and (wanted.guarded is None or self._is_guarded(value, ref) is wanted.guarded)
            and (not wanted.held or _is_held(value, facts))
        )

    # ------------------------------------------------------------------ values

    def is_value(self, expr: Expr, ref: FunctionRef, wanted: str | int | float | bool) -> bool:
        """Return whether a value is the one that a rule names, see `Call.with`."""
        expr, scope = self._constant(expr, ref)
        if wanted == "none" and isinstance(expr, Result):
            return _is_made_of_none(self._project.site(scope, expr.site))
        if isinstance(wanted, bool) or wanted in STATES[:3]:
            return isinstance(expr, (Name, Literal)) and (
                getattr(expr, "id", getattr(expr, "kind", "")).lower() == str(wanted).lower()
            )
        if wanted == "dynamic":
            return not isinstance(expr, Literal) and expr not in _CONSTANTS
        if wanted == "empty":
            return _is_empty(expr)
        return isinstance(expr, Literal) and expr.form == repr(wanted)

    def _constant(self, expr: Expr, ref: FunctionRef) -> tuple[Expr, FunctionRef]:
        """Follow a name to what it is bound to, if that is one thing only."""
        for _ in range(_DEEPEST):
            if not isinstance(expr, Name):
                break
            facts = self._project.function(ref)
            if any(param.name == expr.id for param in facts.params):
                break
            scope = ref
            bound = self._project.bound(scope, expr.id)
            if bound is None and scope.function > 0:
                scope = FunctionRef(ref.module, 0)
                bound = self._project.bound(scope, expr.id)
            if bound is None or len(bound) != 1:
                break
            expr, ref = bound[0], scope
        return expr, ref

    # ------------------------------------------------------------------ what they are

    def _is_any(self, value: Expr, ref: FunctionRef, wanted: Argument) -> bool:
        values = [*in_tuples(self._resolver.evaluate(value, ref))]
        if isinstance(value, Name) and any(
            param.name == value.id for param in self._project.function(ref).params
        ):
            # Of a parameter that stands for a class only one above that is known.
            values = [one for one in values if isinstance(one, Object)]
        return any(name in wanted.kinds for one in values for name in self._naming.types(one))

    def is_expected(self, index: int, ref: FunctionRef, errors: Collection[str]) -> bool:
        """Return whether a site stands in a `try` whose handlers catch one of these errors."""
        around = regions_of(self._project.function(ref), index) if errors else ()
        caught = [region.expr for region in around if region.kind == "try" and region.expr]
        values = (one for expr in caught for one in self._resolver.evaluate(expr, ref))
        return any(
            name in errors for one in in_tuples(tuple(values)) for name in self._naming.types(one)
        )

    def _is_caught(self, value: Expr, ref: FunctionRef, facts: FunctionFacts) -> bool:
        """Return whether a value is what a handler has caught, or made of it: `str(error)`."""
        if isinstance(value, Result):
            return any(self._is_caught(arg, ref, facts) for arg in facts.sites[value.site].args)
        if not isinstance(value, Name):
            return False
        return any(isinstance(one, Caught) for one in self._project.bound(ref, value.id) or ())

    def _begins(self, value: Expr, ref: FunctionRef, wanted: Argument) -> bool:
        value, ref = self._constant(value, ref)
        if isinstance(value, Result):  # `split("…")`
            site = self._project.site(ref, value.site)
            if last_name(site.func) == "split" and site.args:
                value, ref = self._constant(site.args[0], ref)
        if isinstance(value, (TupleOf, Literal)) and value.items:
            items = [self._constant(item, ref)[0] for item in value.items[:3]]
            forms = [item.form.strip("'") if isinstance(item, Literal) else "" for item in items]
            headers = {" ".join(forms[:count]) for count in range(1, len(forms) + 1)}
        else:
            headers = {value.head} if isinstance(value, Literal) else set()
        return not headers.isdisjoint(wanted.begins)

    def _ends(self, value: Expr, ref: FunctionRef, wanted: Argument) -> bool:
        value, ref = self._constant(value, ref)
        if isinstance(value, Result):  # `"…".format(…)`
            func = self._project.site(ref, value.site).func
            value = func.base if isinstance(func, Attr) and func.name == "format" else value
        return isinstance(value, Literal) and value.tail in wanted.ends

    def _is_guarded(self, value: Expr, ref: FunctionRef) -> bool:
        """Return whether a function, or one whose call this is, handles its own errors."""
        value, ref = self._constant(value, ref)
        func = self._project.site(ref, value.site).func if isinstance(value, Result) else value
        values = (*self._resolver.evaluate(func, ref), *self._resolver.evaluate(value, ref))
        if not values and isinstance(func, Attr):
            return self._all_observe(self._coroutines(func.name), _DEEPEST)
        return self._all_observe(_functions(values), _DEEPEST)

    def _coroutines(self, name: str) -> Iterator[FunctionRef]:
        """Return the coroutine methods of the project that have a name."""
        for owner in self._project.having(name):
            ref = FunctionRef(owner.module, self._project.class_(owner).methods[name])
            if self._project.function(ref).is_async:
                yield ref

    def _all_observe(self, refs: Iterable[FunctionRef], depth: int) -> bool:
        functions = list(refs)
        return bool(functions) and all(self._observes(ref, depth) for ref in functions)

    def _observes(self, ref: FunctionRef, depth: int) -> bool:
        """Return whether no error of a function, or of what it leaves to others, is lost."""
        guards = _guards_of(self._project.function(ref))
        if guards is None or depth == 0:
            return False
        return all(
            any(
                self._all_observe(_functions(self._resolver.evaluate(guard, ref)), depth - 1)
                for guard in alternatives
            )
            for alternatives in guards
        )


def _guards_of(facts: FunctionFacts) -> tuple[tuple[Expr, ...], ...] | None:
    """Return the functions that have to see to the errors of one; a lambda leaves all to others."""
    if facts.name != _LAMBDA:
        return facts.guards
    calls = [facts.sites[value.site] for value in facts.results if isinstance(value, Result)]
    return tuple((call.func,) for call in calls) or None


def _functions(values: Values) -> Iterator[FunctionRef]:
    return (value.ref for value in values if isinstance(value, ProjectFunction))


def _arguments_of(call: CallSite) -> Iterator[tuple[int | str, str, Expr]]:
    """Return the arguments of a call: where each stands, and its keyword."""
    for index, value in enumerate(call.site.args):
        yield index, "", value
    for name, value in call.site.keywords:
        yield name, name, value


def _options(value: Expr) -> tuple[Expr, ...]:
    """Return what a value may be, one or the other."""
    return value.options if isinstance(value, Either) else (value,)


def _is_held(value: Expr, facts: FunctionFacts) -> bool:
    """Return whether a value, or all that is in it, has a name."""
    if isinstance(value, Elem):
        return _is_held(value.base, facts)
    if isinstance(value, Either):
        return all(_is_held(option, facts) for option in value.options)
    if isinstance(value, (Literal, TupleOf)):
        return bool(value.items) and all(_is_held(item, facts) for item in value.items)
    if isinstance(value, Result):
        site = facts.sites[value.site]
        if site.func in _COPYING and site.args:
            return _is_held(site.args[-1], facts)
        return isinstance(site.func, Attr) and site.func.name in _KEPT
    return isinstance(value, (Name, Attr))


def _is_made_of_none(site: Site) -> bool:
    """Return whether a call is given `None` and nothing else: `Timeout(None)`."""
    given = [*site.args, *(value for _, value in site.keywords)]
    return site.kind == "call" and bool(given) and all(one == Name("None") for one in given)


def _is_formatted(value: Expr, facts: FunctionFacts) -> bool:
    if isinstance(value, Result):
        func = facts.sites[value.site].func
        return isinstance(func, Attr) and func.name == "format" and isinstance(func.base, Literal)
    return isinstance(value, Literal) and value.form == "formatted"


def _is_named(keyword: str, value: Expr, wanted: Argument) -> bool:
    names = [words(keyword), words(last_name(value))]
    return any(
        name[-len(ending) :] == ending for ending in map(words, wanted.named) for name in names
    )


def _is_empty(value: Expr) -> bool:
    if isinstance(value, TupleOf):
        return not value.items
    if not isinstance(value, Literal):
        return False
    is_display = value.kind in _DISPLAYS or (value.kind == "dict" and value.form == "keys")
    return value.form == "empty" or (is_display and not value.items)
