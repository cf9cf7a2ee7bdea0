"""Which functions a decorator keeps from the event loop that calls them."""

from __future__ import annotations

from collections.abc import Iterator

from bedev_lint.model import Expr, FunctionFacts, Name, Result, Scope, Site, last_name
from bedev_lint.program.resolve import Resolver
from bedev_lint.program.resolve.decorators import calls_of_wrapped, is_wrapped, wrappers
from bedev_lint.program.structure.module_index import CALLED
from bedev_lint.program.structure.project import Project
from bedev_lint.program.structure.values import External, FunctionRef, ProjectFunction, Value

__all__ = ["Threads"]

# So many functions of the project may hand a function on to each other.
_DEEPEST = 4


class Threads:
    """Follows functions through decorators to the threads that run them."""

    def __init__(self, project: Project, resolver: Resolver) -> None:
        self._project, self._resolver = project, resolver
        self._answers: dict[FunctionRef, bool] = {}

    def is_handed_over(self, ref: FunctionRef) -> bool:
        """Return whether a decorator keeps a function from the event loop that calls it.

        It hands it to a thread, or is given an asynchronous one to be called in its place.
        """
        if not self._project.function(ref).decorators:
            return False
        if ref not in self._answers:
            self._answers[ref] = self._is_kept_off(ref)
        return self._answers[ref]

    def is_made_awaitable(self, ref: FunctionRef) -> bool:
        """Return whether a decorator of which nothing is known surrounds a sync function.

        Where its result is awaited, that is what made it so.
        """
        facts = self._project.function(ref)
        return not facts.is_async and any(
            isinstance(value, External) and self._resolver.vocabulary.spec(value) is None
            for decorator in facts.decorators
            if last_name(decorator) not in CALLED
            for value in self._resolver.decorator(decorator, ref)
        )

    def _is_kept_off(self, ref: FunctionRef) -> bool:
        facts = self._project.function(ref)
        return any(self._is_known_to(decorator, ref) for decorator in facts.decorators) or any(
            self._hands_over_wrapped(wrapper) for wrapper in wrappers(self._resolver, ref, facts)
        )

    def _is_known_to(self, decorator: Expr, ref: FunctionRef) -> bool:
        if any(map(self._runs_threads, self._resolver.decorator(decorator, ref))):
            return True
        if not isinstance(decorator, Result):
            return False
        return any(
            isinstance(value, ProjectFunction) and self._project.function(value.ref).is_async
            for arg in self._project.site(self._project.around(ref), decorator.site).args
            for value in self._resolver.in_header(arg, ref)
        )

    def _runs_threads(self, value: Value) -> bool:
        spec = self._resolver.vocabulary.spec(value)
        return spec is not None and spec.thread

    # ------------------------------------------------------------------ wrappers of the project

    def _hands_over_wrapped(self, wrapper: FunctionRef) -> bool:
        """Return whether a wrapper hands the function that it was made for to a thread."""
        sites = self._project.function(wrapper).sites
        calls = any(is_wrapped(self._resolver, wrapper, site.func) for site in sites)
        return any(
            self._is_handed_on(site, position, wrapper, not calls)
            for site in sites
            for position, arg in _arguments(site)
            if self._stands_for_wrapped(arg, wrapper)
        )

    def _stands_for_wrapped(self, arg: Expr, ref: FunctionRef) -> bool:
        """Return whether an argument is the wrapped function, or what calls nothing but it."""
        if is_wrapped(self._resolver, ref, arg):
            return True
        facts = self._project.function(ref)
        if isinstance(arg, Name):
            made = facts.bound_to(arg)
            return any(value != arg and self._is_made_of_it(value, ref) for value in made)
        return self._is_made_of_it(arg, ref)

    def _is_made_of_it(self, value: Expr, ref: FunctionRef) -> bool:
        """Return whether this is `partial(wrapped, ...)`, or a function that calls the wrapped."""
        if isinstance(value, Scope) and not value.is_class:
            inner = FunctionRef(ref.module, value.function)
            return any(True for _ in calls_of_wrapped(self._resolver, inner))
        if not isinstance(value, Result):
            return False
        site = self._project.site(ref, value.site)
        return bool(site.args) and is_wrapped(self._resolver, ref, site.args[0])

    def _is_handed_on(
        self, site: Site, position: int | str, ref: FunctionRef, guess: bool, depth: int = 0
    ) -> bool:
        """Return whether a call runs in a thread the function that it is given.

        `guess` says that what is not known but awaited does.
        """
        values = self._resolver.evaluate(site.func, ref)
        if any(map(self._runs_threads, values)):
            return True
        targets = [value for value in values if isinstance(value, ProjectFunction)]
        if targets:
            return depth < _DEEPEST and any(
                self._hands_on(target, position, guess, depth + 1) for target in targets
            )
        if any(self._resolver.vocabulary.specs(values)):
            return False
        is_named_so = last_name(site.func) in self._resolver.vocabulary.thread_names
        return site.kind == "call" and (is_named_so or (guess and site.awaited))

    def _hands_on(
        self, target: ProjectFunction, position: int | str, guess: bool, depth: int
    ) -> bool:
        """Return whether a function hands what it is given at a position to a thread."""
        facts = self._project.function(target.ref)
        if isinstance(position, int):
            params = [p.name for p in facts.params if p.kind == "positional"]
            params = params[facts.owner >= 0 and target.receiver is not None :]
            if position >= len(params):
                return False
            position = params[position]
        name = Name(position)
        guess = guess and not any(site.func == name for site in facts.sites)
        return any(
            self._is_handed_on(site, index, target.ref, guess, depth)
            for site in facts.sites
            for index, arg in _arguments(site)
            if arg == name or self._is_partial_of(arg, name, facts)
        )

    @staticmethod
    def _is_partial_of(arg: Expr, name: Name, facts: FunctionFacts) -> bool:
        if isinstance(arg, Name):
            made = facts.bound_to(arg)
        else:
            made = [arg]
        return any(
            isinstance(value, Result) and facts.sites[value.site].args[:1] == (name,)
            for value in made
        )


def _arguments(site: Site) -> Iterator[tuple[int | str, Expr]]:
    yield from enumerate(site.args)
    yield from site.keywords
