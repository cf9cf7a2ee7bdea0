"""Which functions a decorator of the project asks once for each key, as it keeps what they give."""

from __future__ import annotations

from collections.abc import Iterator

from bedev_lint.model import Attr, FunctionFacts, Item, Name, Result
from bedev_lint.program.effects.regions import Regions
from bedev_lint.program.resolve import Resolver
from bedev_lint.program.resolve.decorators import calls_of_wrapped, wrappers
from bedev_lint.program.structure.project import Project
from bedev_lint.program.structure.values import Class, FunctionRef

__all__ = ["KeptResults"]

_SETATTR = Name("setattr")


class KeptResults:
    """Follows functions through decorators to what keeps their results."""

    def __init__(self, project: Project, resolver: Resolver, regions: Regions) -> None:
        self._project, self._resolver, self._regions = project, resolver, regions
        self._answers: dict[FunctionRef, bool] = {}

    def is_kept(self, ref: FunctionRef) -> bool:
        """Return whether a decorator calls a function only for what it has not kept yet."""
        facts = self._project.function(ref)
        if not facts.decorators:
            return False
        if ref not in self._answers:
            around = wrappers(self._resolver, ref, facts)
            self._answers[ref] = any(map(self._is_memo, around)) or any(
                map(self._keeps_for_object, self._descriptors(ref, facts))
            )
        return self._answers[ref]

    def _is_memo(self, wrapper: FunctionRef) -> bool:
        """Return whether a wrapper looks first, and then calls what it was made for."""
        calls = list(calls_of_wrapped(self._resolver, wrapper))
        return bool(calls) and all(
            self._regions.is_remembered(wrapper, site) or self._regions.is_handling(wrapper, site)
            for site in calls
        )

    def _descriptors(self, ref: FunctionRef, facts: FunctionFacts) -> Iterator[FunctionRef]:
        """Return the methods `__get__` of the classes that decorate a function."""
        for decorator in facts.decorators:
            for value in self._resolver.in_header(decorator, ref):
                if isinstance(value, Class):
                    method = self._resolver.hierarchy.method(value.ref, "__get__")
                    if method is not None:
                        yield method

    def _keeps_for_object(self, getter: FunctionRef) -> bool:
        """Return whether a `__get__` looks first, or leaves the result to the object in its place.

        `obj.__dict__[self.name] = self.function(obj)`, `setattr(obj, self.name, value)`.
        """
        if self._is_memo(getter):
            return True
        facts = self._project.function(getter)
        made = {Result(site) for site in calls_of_wrapped(self._resolver, getter)}
        names = {binding.target for binding in facts.bindings if binding.value in made}
        return any(
            binding.value in made | names
            and isinstance(binding.target, Item)
            and isinstance(binding.target.base, Attr)
            and binding.target.base.name == "__dict__"
            for binding in facts.bindings
        ) or any(
            site.func == _SETATTR and not (made | names).isdisjoint(site.args)
            for site in facts.sites
        )
