"""What breaks a rule of the whole program, and the comments that end the way to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from bedev_lint.model import Severity
from bedev_lint.program.structure.project import Project
from bedev_lint.program.structure.values import FunctionRef

__all__ = ["EdgeSuppressions", "PathStep", "Trail", "Violation", "path_to"]


class PathStep(NamedTuple):
    """A function, and the site at which it goes on.

    An abstract method has none (-1), and `implementations`: all that a path of the same kind leads
    through. The next step is in one of them.
    """

    function: FunctionRef
    site: int
    implementations: tuple[FunctionRef, ...] = ()


class Trail(NamedTuple):
    """The way that a walk has come: its last step, what was before, and of how many steps it is."""

    before: Trail | None
    step: PathStep
    length: int

    def steps(self) -> tuple[PathStep, ...]:
        """Return all steps of it, the first first."""
        steps: list[PathStep] = []
        trail: Trail | None = self
        while trail is not None:
            steps.append(trail.step)
            trail = trail.before
        return tuple(reversed(steps))


def path_to(trail: Trail | None, last: PathStep) -> tuple[PathStep, ...]:
    """Return the steps to a source; one without a site belongs to the function as a whole."""
    steps = trail.steps() if trail is not None else ()
    if last.site >= 0:
        return (*steps, last)
    return steps[:-1] if steps and steps[-1].implementations else steps


class Violation(NamedTuple):
    """An effect that happens where it must not: from the reported function to its source.

    `label` is what is called there; `loop` is the region of that function in which it is, or -1.
    """

    rule: str
    path: tuple[PathStep, ...]
    label: str
    certain: bool
    reached_from: tuple[PathStep, ...] = ()
    severity: Severity | None = None
    loop: int = -1


class _EdgeSuppression(NamedTuple):
    """Suppressions (the first and last index in their file) that ended a walk of a rule."""

    module: int
    suppressions: tuple[int, int]
    rule: str


class EdgeSuppressions:
    """Says where comments silence rules. `silenced` are the codes of each comment of a module."""

    def __init__(self, project: Project, silenced: Mapping[int, Sequence[frozenset[str]]]) -> None:
        self._project, self._silenced = project, silenced
        self._answers: dict[_EdgeSuppression, bool] = {}

    def used(self) -> Iterator[tuple[int, int]]:
        """Return the suppressions that silenced something: their module, and their index in it."""
        for edge, ends in self._answers.items():
            if ends:
                yield from ((edge.module, index) for index in self._silencing(edge))

    def silences(self, ref: FunctionRef, site: int, code: str) -> bool:
        """Return whether a comment at a site silences a rule, and note that it does."""
        suppressed_by = self._project.function(ref).sites[site].suppressed_by if site >= 0 else ()
        if not suppressed_by:
            return False
        self._project.reads.silenced.add(ref.module)
        edges = [_EdgeSuppression(ref.module, suppressions, code) for suppressions in suppressed_by]
        for edge in edges:
            if edge not in self._answers:
                self._answers[edge] = next(self._silencing(edge), None) is not None
        return any(self._answers[edge] for edge in edges)

    def _silencing(self, edge: _EdgeSuppression) -> Iterator[int]:
        first, last = edge.suppressions
        silenced = self._silenced[edge.module][first : last + 1]
        return (index for index, codes in enumerate(silenced, first) if edge.rule in codes)
