"""What is done with the results of calls: nothing, or no more than to read their attributes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bedev_lint.model import (
    Attr,
    Binding,
    Either,
    Entered,
    Expr,
    Item,
    Key,
    Literal,
    Name,
    Part,
    Result,
    Site,
)

__all__ = ["Use"]

_NOBODY = "_"  # what is bound to it is meant to be read by nobody


@dataclass(slots=True)
class Use:
    """What a function reads: names, and results of calls by their sites.

    `bases` are names of which attributes are read outside conditions, `asked` those of which that
    is so in conditions; `whole` are those that are read in any other way, `in_conditions` those in
    conditions. Of results that are `dropped` or `picked` it says so where the call stands. Where a
    name stands for one result for certain, what is read is that one, `picked`, `tested` or
    `taken`, and the name is only one of those that are `followed`.
    """

    bases: set[str] = field(default_factory=set)
    asked: set[str] = field(default_factory=set)
    whole: set[str] = field(default_factory=set)
    tested: set[int] = field(default_factory=set)
    followed: set[str] = field(default_factory=set)
    taken: set[int] = field(default_factory=set)
    in_conditions: set[str] = field(default_factory=set)
    dropped: set[int] = field(default_factory=set)
    picked: set[int] = field(default_factory=set)
    # How many conditions around what is being read, and whether the innermost may raise.
    conditions: int = 0
    fails: bool = False

    @property
    def names(self) -> set[str]:
        """All names that are read."""
        return self.bases | self.asked | self.whole | self.followed

    def name(self, name: str, site: int | None) -> None:
        """Note that a name is read, which may stand for the result of a site for certain."""
        self._note(name, site, self.whole, self.taken)
        if self.conditions:
            self.in_conditions.add(name)

    def base(self, name: str, site: int | None) -> None:
        """Note that an attribute of a name is read."""
        if self.conditions:
            self._note(name, site, self.asked, self.tested)
            self.in_conditions.add(name)
        else:
            self._note(name, site, self.bases, self.picked)

    def _note(self, name: str, site: int | None, names: set[str], sites: set[int]) -> None:
        if site is None:
            names.add(name)
        else:
            sites.add(site)
            self.followed.add(name)

    def pick(self, value: Expr) -> None:
        """Note that an attribute of a value is read."""
        if isinstance(value, Result) and not self.conditions:
            self.picked.add(value.site)

    def drop(self, value: Expr) -> None:
        """Note that nothing is done with a value."""
        if isinstance(value, Result):
            self.dropped.add(value.site)
        elif isinstance(value, Either):
            for option in value.options:
                self.drop(option)

    def results(
        self,
        bindings: Sequence[Binding],
        sites: Sequence[Site],
        followed: Mapping[int, int],
        inner: frozenset[str],
        *,
        is_module: bool,
    ) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
        """Return the sites whose results are dropped, picked, and unshared: see `FunctionFacts`.

        `followed` says of sites that call a method of a name for whose result that stands there.
        `inner` are the names that functions within this one read; those of a module anybody may.
        """
        by_site: dict[int, list[str]] = {}
        for binding in bindings:
            target, value = binding.target, binding.value
            result = value.base if isinstance(value, Entered) else value
            if isinstance(result, Result):
                name = target.id if isinstance(target, Name) else ""
                by_site.setdefault(result.site, []).append(name)
        self._test_wholes(bindings, sites, followed)
        dropped, picked, unshared = set(self.dropped), set(self.picked), set[int]()
        for site, names in by_site.items():
            dropped.discard(site)
            is_own = site not in self.taken and all(
                self._is_own(name, inner, is_module=is_module) for name in names
            )
            is_picked = site in self.picked or not self.bases.isdisjoint(names)
            is_tested = site in self.tested or not self.asked.isdisjoint(names)
            if is_own and (is_picked or is_tested):
                unshared.add(site)
            if not is_own or is_tested:
                picked.discard(site)
            else:
                (picked if is_picked else dropped).add(site)
        picked -= self.tested
        return tuple(sorted(dropped)), tuple(sorted(picked - dropped)), tuple(sorted(unshared))

    def _test_wholes(
        self, bindings: Sequence[Binding], sites: Sequence[Site], followed: Mapping[int, int]
    ) -> None:
        """Note what a condition asks of, where it asks a part of that which has a name."""
        for binding in bindings:
            if isinstance(binding.target, Name) and binding.target.id in self.in_conditions:
                for whole in _whole_of(binding.value, sites, followed):
                    if isinstance(whole, Name):
                        self.asked.add(whole.id)
                    else:
                        self.tested.add(whole.site)

    def _is_own(self, name: str, inner: frozenset[str], *, is_module: bool) -> bool:
        """Return whether of a name at most attributes are read, and only here."""
        if name == _NOBODY:
            return True
        return bool(name) and not is_module and name not in self.whole and name not in inner


def _whole_of(
    value: Expr, sites: Sequence[Site], followed: Mapping[int, int]
) -> Iterator[Name | Result]:
    """Return what a value is a part of, and that in turn: `p` of `out, err = p.communicate()`.

    Not the value itself. What one element is says nothing of the whole: `if chunk:` of
    `response.iter_content()`. Nor does what stands under a key that has to be there.
    """
    while True:
        if isinstance(value, Result) and isinstance(func := sites[value.site].func, Attr):
            if value.site in followed:
                yield Result(followed[value.site])
                return
            value = func.base
        elif isinstance(value, Item) and _is_by_key(value):
            return
        elif isinstance(value, (Attr, Item, Part)):
            value = value.base
        else:
            return

        if isinstance(value, (Name, Result)):
            yield value


def _is_by_key(value: Item) -> bool:
    """Return whether this is what stands in a body by a key, and no header: `body["rows"]`."""
    return not isinstance(value.base, Attr) and any(
        isinstance(arg, Key) or (isinstance(arg, Literal) and arg.kind == "str")
        for arg in value.args
    )
