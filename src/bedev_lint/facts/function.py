"""What is collected of one function while its body is read: its regions, sites and bindings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from msgspec.structs import replace

from bedev_lint.facts.use import Use
from bedev_lint.facts.ways import Ways
from bedev_lint.model import (
    NO_NAMES,
    Attr,
    Binding,
    Checks,
    Either,
    Expr,
    FunctionFacts,
    Item,
    Literal,
    Name,
    Naming,
    Param,
    Part,
    Region,
    RegionKind,
    Result,
    Site,
    TupleOf,
)

__all__ = ["Function"]

_LOOPS = frozenset({"for", "while", "comprehension"})
_ISINSTANCE = Name("isinstance")
_BUILDING = frozenset(
    map(Name, ("dict", "list", "set", "frozenset", "tuple", "sorted", "str", "int"))
)


@dataclass(slots=True)
class Function:
    """What is collected of one function while its body is read, and where reading stands in it."""

    index: int
    name: str
    qualname: str
    parent: int
    owner: int
    params: tuple[Param, ...] = ()
    returns: Expr | None = None
    decorators: tuple[Expr, ...] = ()
    is_async: bool = False
    yields: list[Expr] | None = None
    regions: list[Region] = field(default_factory=list)
    sites: list[Site] = field(default_factory=list)
    spans: list[int] = field(default_factory=list)
    bindings: list[Binding] = field(default_factory=list)
    results: list[Expr] = field(default_factory=list)
    globals: list[str] = field(default_factory=list)
    raises: bool = False
    truth_tested: set[int] = field(default_factory=set)
    guards: tuple[tuple[Expr, ...], ...] | None = None
    raised: list[Expr] = field(default_factory=list)
    # Names of lists of which only what is no exception is used.
    filtered_names: frozenset[str] = frozenset()
    # What it checks, if a rule asks for that.
    checks: Checks | None = None
    compared: list[Expr] = field(default_factory=list)
    raising: list[Expr] = field(default_factory=list)
    use: Use = field(default_factory=Use)
    # What names were bound to last; of those bound to what is not in something yet, that one's.
    bound: dict[str, Expr] = field(default_factory=dict)
    missing_in: dict[str, str] = field(default_factory=dict)
    # How often names were bound; and the sites that used one which was bound once before them,
    # and in no loop, with what it stood for then.
    times: dict[str, int] = field(default_factory=dict)
    # The regions in which names were bound last.
    bound_in: dict[str, int] = field(default_factory=dict)
    early: list[tuple[int, str, Expr]] = field(default_factory=list)
    # The results and displays that names stand for whichever way was taken, as long as no loop
    # begins anew; the sites that used an attribute of such a name, with the site of that result;
    # and those that used one of a display, with that, and how often it had been bound if a loop
    # began since, in which it must not be bound again.
    standing: dict[str, Expr] = field(default_factory=dict)
    followed: list[tuple[int, str, int]] = field(default_factory=list)
    late: list[tuple[int, str, Expr, int]] = field(default_factory=list)
    region: int = -1
    # How many conditions the statement being read hangs on, and whether one of them returned.
    conditions: int = 0
    left: bool = False
    # On how many conditions each site hangs; -1 where a condition before it may have returned.
    depths: list[int] = field(default_factory=list)
    # How many forks its loops have had so far.
    forks: int = 0
    # What tags of constants are made with, and what words in names say.
    key: bytes = b""
    naming: Naming = NO_NAMES

    @property
    def must_fail(self) -> bool:
        """Whether what is raised here is raised by every call, and caught by none of them."""
        if self.conditions or self.left:
            return False
        return all(self.regions[index].kind != "try" for index in self._around(self.region))

    def bind(self, name: str, value: Expr) -> None:
        self.bindings.append(Binding(Name(name), value))
        self.bound[name] = value
        self.times[name] = self.times.get(name, 0) + 1
        self.bound_in[name] = self.region
        self.standing.pop(name, None)
        if isinstance(value, Result) or (isinstance(value, Literal) and value.kind):
            self.standing[name] = value

    def reads(self, name: str, *, as_base: bool = False) -> None:
        """Note that a name is read, or an attribute of it."""
        (self.use.base if as_base else self.use.name)(name, self._standing_for(name))

    def uses(self, site: Site) -> None:
        """Note what names the last site uses that were bound once, before it, or to one result."""
        func, times = site.func, self.times
        base = func.base if func.__class__ is Attr else func
        for used in (base, *site.args):
            if used.__class__ is Name and times.get(used.id) == 1:
                self.early.append((len(self.sites) - 1, used.id, self.bound[used.id]))
        if isinstance(base, Name) and base is not func:
            value = self.standing.get(base.id)
            if value is not None:
                before = times[base.id] if self.loops_since(base.id) else 0
                if self._is_built(value):
                    self.late.append((len(self.sites) - 1, base.id, value, before))
                if isinstance(value, Result) and not before:
                    self.followed.append((len(self.sites) - 1, base.id, value.site))

    def _is_built(self, value: Expr) -> bool:
        """Return whether a value is what the language itself makes: `{…}`, `dict(rows)`.

        What is empty is filled later on, under its name.
        """
        if isinstance(value, Result):
            site = self.sites[value.site]
            return site.func in _BUILDING and bool(site.args)
        return isinstance(value, Literal) and bool(value.items)

    def latest(self, value: Expr) -> Expr:
        """Return what a name, bound several times, is for certain; else the value."""
        if not isinstance(value, Name) or self.times.get(value.id, 0) < 2:
            return value
        return self._stands_for(value.id) or value

    def _standing_for(self, name: str) -> int | None:
        """Return the site of whose result a name is, None if that may be another one."""
        value = self._stands_for(name)
        return value.site if isinstance(value, Result) else None

    def _stands_for(self, name: str) -> Expr | None:
        """Return what a name is here for certain: a result, or a display."""
        value = self.standing.get(name)
        return value if value is not None and not self.loops_since(name) else None

    def _is_straight(self, site: Site) -> bool:
        """Return whether a site stands in no loop."""
        return all(self.regions[index].kind not in _LOOPS for index in self._around(site.region))

    def loops_since(self, name: str) -> int:
        """Return how many of the loops around what is being read began after a name was bound."""
        if name in self.bound_in:
            outer = set(self._around(self.bound_in[name]))
        elif any(param.name == name for param in self.params):
            outer = set()
        else:
            return 0
        within = (self.regions[index] for index in self._around(self.region) if index not in outer)
        return sum(region.kind in _LOOPS for region in within)

    def _around(self, region: int) -> Iterator[int]:
        """Return the index of a region and of those around it, innermost first."""
        while region >= 0:
            yield region
            region = self.regions[region].parent

    def _settle(self) -> None:
        """Let sites use what a name stood for, where it is something else before or after them."""
        params = {param.name for param in self.params}
        for index, name, value, times in self.late:
            if name not in self.globals and (self.times[name] > 1 or name in params):
                if times in (0, self.times[name]):
                    self._stand_in(index, name, value, as_base=True)
        for index, name, value in self.early:
            if self.times[name] == 1 or name in params or name in self.globals:
                continue
            if _is_plain(value) and self._is_straight(self.sites[index]):
                self._stand_in(index, name, value)

    def _stand_in(self, index: int, name: str, value: Expr, *, as_base: bool = False) -> None:
        """Let a site use a value instead of a name, `as_base` only where it reads an attribute."""
        site, old = self.sites[index], Name(name)
        func = site.func
        if isinstance(func, Attr) and func.base == old:
            func = Attr(value, func.name)
        args = site.args if as_base else tuple(value if arg == old else arg for arg in site.args)
        self.sites[index] = replace(site, func=func, args=args)

    def ask(self, value: Expr) -> None:
        """Note that it is asked for the truth of a value, or whether it is None."""
        if isinstance(value, Name):
            value = self.bound.get(value.id, value)
        for option in value.options if isinstance(value, Either) else (value,):
            made = option.base if isinstance(option, Part) else option
            if isinstance(made, Result):
                self.truth_tested.add(made.site)
                site = self.sites[made.site]
                if site.func == _ISINSTANCE and site.args:
                    self.ask(site.args[0])
            elif isinstance(made, Attr) and self.sites and self.sites[-1].func == made:
                self.truth_tested.add(len(self.sites) - 1)

    # ------------------------------------------------------------------ what holds inside

    def nested(self) -> _Nested:
        """Keep to what is read inside the regions opened, and conditions made, there."""
        return _Nested(self)

    def open(self, kind: RegionKind, expr: Expr | None = None, names: tuple[str, ...] = ()) -> None:
        """Say that what is read from now on stands in a region."""
        self.regions.append(Region(kind, expr, self.region, names))
        self.region = len(self.regions) - 1

    def fork(self) -> str:
        """Return the number of a fork that begins here, or "" outside of loops."""
        region = self.region
        while region >= 0 and self.regions[region].kind not in ("for", "while"):
            region = self.regions[region].parent
        self.forks += region >= 0
        return str(self.forks) if region >= 0 else ""

    def take(self, fork: str) -> None:
        """Say that what is read from now on stands on one of the ways on from a fork."""
        if fork:
            self.open("branch", None, (fork,))

    def trying(self, endings: tuple[str, ...]) -> _Nested:
        """Say that what is read inside is the body of a `try`, which may stop anywhere."""
        outer = _Nested(self, dict(self.standing))
        self.open("try", None, endings)
        return outer

    def expect(self, tried: int, caught: Sequence[Expr]) -> None:
        """Say what the handlers of a `try` catch, which stand behind it."""
        self.regions[tried] = replace(self.regions[tried], expr=TupleOf(tuple(caught)))

    def within(
        self, kind: RegionKind, expr: Expr | None = None, names: tuple[str, ...] = ()
    ) -> _Nested:
        """Say that what is read inside stands in a region."""
        outer = _Nested(self)
        self.open(kind, expr, names)
        return outer

    def asking(self, *, fails: bool | None = None) -> _Nested:
        """Say that what is read inside decides something; and whether to fail, if that is known."""
        outer = _Nested(self)
        self.use.conditions += 1
        self.use.fails = self.use.fails if fails is None else fails
        return outer

    def telling(self) -> _Nested:
        """Say that what is read inside decides nothing by itself, but by the name it is given."""
        outer = _Nested(self)
        self.use.conditions = 0
        return outer

    def maybe(self) -> _Nested:
        """Say that what is read inside may not run."""
        outer = _Nested(self, dict(self.standing))
        self.conditions += 1
        return outer

    def ways(self) -> Ways:
        """Say that the two ways of an `if` are read from now on, one after the other."""
        return Ways(self)

    def frozen(self, inner: frozenset[str]) -> FunctionFacts:
        """Return the facts; `inner` are the names that functions within this one read."""
        followed = {at: of for at, _, of in self.followed}
        dropped, picked, unshared = self.use.results(
            self.bindings, self.sites, followed, inner, is_module=self.index == 0
        )
        self._settle()
        return FunctionFacts(
            self.name,
            self.qualname,
            self.parent,
            self.owner,
            self.params,
            self.returns,
            self.decorators,
            self.is_async,
            None if self.yields is None else tuple(self.yields),
            tuple(self.regions),
            tuple(self.sites),
            tuple(self.bindings),
            tuple(self.results),
            tuple(self.globals),
            self.raises,
            tuple(sorted(self.truth_tested)),
            self.guards,
            tuple(self.raised),
            dropped,
            picked,
            tuple(self._filtered()),
            self._checks(),
            tuple((at, of) for at, name, of in self.followed if self.times[name] > 1),
            tuple(sorted(set(self._asked()))),
            unshared,
        )

    def _checks(self) -> Checks | None:
        if self.checks is None or not (self.compared or self.raising):
            return self.checks
        return replace(self.checks, compared=tuple(self.compared), raised=tuple(self.raising))

    def _asked(self) -> Iterator[str]:
        """Return the names that conditions read, of what was looked up by a key."""
        for binding in self.bindings if self.use.in_conditions else ():
            target, value = binding.target, binding.value
            if isinstance(target, Name) and target.id in self.use.in_conditions:
                func = self.sites[value.site].func if isinstance(value, Result) else None
                if isinstance(value, Item) or (isinstance(func, Attr) and func.name == "get"):
                    yield target.id

    def _filtered(self) -> Iterator[int]:
        """Return the sites whose results have one of the names that are filtered."""
        for binding in self.bindings if self.filtered_names else ():
            target, value = binding.target, binding.value
            if isinstance(target, Name) and isinstance(value, Result):
                if target.id in self.filtered_names:
                    yield value.site


def _is_plain(value: Expr) -> bool:
    """Return whether an expression means the same wherever it stands in its function."""
    while isinstance(value, Attr):
        value = value.base
    return value == Name("self") or isinstance(value, (Result, Literal))


class _Nested:
    """For `with`: afterwards reading goes on in the region, and as conditionally, as before.

    If it is given what names were `standing` for, then they still stand for that, unless they were
    bound inside.
    """

    __slots__ = ("_asking", "_conditions", "_fails", "_function", "_region", "_standing")

    def __init__(self, function: Function, standing: dict[str, Expr] | None = None) -> None:
        self._function, self._standing = function, standing
        self._region, self._conditions = function.region, function.conditions
        self._asking, self._fails = function.use.conditions, function.use.fails

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        self._function.region, self._function.conditions = self._region, self._conditions
        self._function.use.conditions, self._function.use.fails = self._asking, self._fails
        if self._standing is not None:
            now = self._function.standing
            self._function.standing = {
                name: result for name, result in self._standing.items() if now.get(name) is result
            }
