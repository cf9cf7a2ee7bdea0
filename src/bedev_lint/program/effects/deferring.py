"""What a function does with a function that it is given: calls it, or hands it on for later."""

from __future__ import annotations

from bedev_lint.model import Expr, Name, Result, last_name
from bedev_lint.program.effects.kinds import ENQUEUE
from bedev_lint.program.effects.loading import argument_of
from bedev_lint.program.resolve import Resolver
from bedev_lint.program.structure.project import Project
from bedev_lint.program.structure.values import FunctionRef, ProjectFunction

__all__ = ["Deferring"]


class Deferring:
    """Tells functions of the project that hand over what they are given to be called later."""

    def __init__(self, project: Project, resolver: Resolver) -> None:
        self._project, self._resolver = project, resolver
        self._answers: dict[tuple[FunctionRef, str], bool] = {}
        self._queued: dict[FunctionRef, bool] = {}

    def defers(self, ref: FunctionRef, parameter: str) -> bool:
        """Return whether a function has a parameter called later, and not at once on every way.

        `if connection.in_atomic_block: on_commit(callback)`, and `else: callback()`.
        """
        key = (ref, parameter)
        if key not in self._answers:
            self._answers[key] = self._hands_over(ref, parameter) and not any(
                site.kind == "call" and site.always and site.func == Name(parameter)
                for site in self._project.function(ref).sites
            )
        return self._answers[key]

    def is_queued(self, ref: FunctionRef) -> bool:
        """Return whether calling a function puts it into a queue, as a decorator has it.

        What another decorator, such as `atexit.register`, has run later is run by a call as well.
        """
        if ref not in self._queued:
            vocabulary = self._resolver.vocabulary
            self._queued[ref] = any(
                spec.later and ENQUEUE in spec.effects
                for made_by in self._project.function(ref).decorators
                for spec in vocabulary.specs(self._resolver.decorator(made_by, ref))
            )
        return self._queued[ref]

    def _hands_over(self, ref: FunctionRef, parameter: str) -> bool:
        vocabulary = self._resolver.vocabulary
        return any(
            self._runs(argument_of(site, position), parameter, ref)
            for site in self._project.function(ref).sites
            if site.kind == "call" and last_name(site.func) in vocabulary.deferring_names
            for spec in vocabulary.specs(self._resolver.evaluate(site.func, ref))
            for position in spec.later
        )

    def _runs(self, argument: Expr | None, parameter: str, ref: FunctionRef) -> bool:
        """Return whether what is handed over is a parameter, or calls it: `lambda: callback(1)`."""
        if argument is None:
            return False
        # As it is, or as `partial(callback, 1)`.
        given = self._project.site(ref, argument.site).args if isinstance(argument, Result) else ()
        if Name(parameter) in (argument, *given[:1]):
            return True
        return any(
            isinstance(value, ProjectFunction)
            and self._project.around(value.ref) == ref
            and parameter in self._project.called_in(value.ref)
            for value in self._resolver.evaluate(argument, ref)
        )
