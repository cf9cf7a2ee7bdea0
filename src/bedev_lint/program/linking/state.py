"""What is known of a linked program: of each module what it came to, and what that hangs on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from bedev_lint.catalog import Rule
from bedev_lint.limits import TooLong
from bedev_lint.model import Severity, SiteRef
from bedev_lint.program.checks.candidates import Question
from bedev_lint.program.effects.callgraph import CallGraph, Summary
from bedev_lint.program.resolve import Resolver
from bedev_lint.program.resolve.relations import Relation
from bedev_lint.program.structure.hierarchy import ClassHeader
from bedev_lint.program.structure.name_index import Names
from bedev_lint.program.structure.project import Project
from bedev_lint.program.structure.values import Assigned, FunctionRef

__all__ = [
    "TOO_LONG",
    "DependenciesOfSteps",
    "FailuresOfSteps",
    "ModuleState",
    "Program",
    "StoredProgram",
    "StoredStep",
    "StoredViolation",
    "Walked",
]

# What each of the five steps has looked at, as MessagePack.
DependenciesOfSteps = tuple[bytes, bytes, bytes, bytes, bytes]
# Why each of them came to nothing: the name of an exception, "" where it did not.
FailuresOfSteps = tuple[str, str, str, str, str]
TOO_LONG = TooLong.__name__


class StoredStep(Struct, frozen=True, array_like=True):
    """A step of a path: the file, the dotted name of the function, and the site.

    Of an abstract method the `implementations` are dotted names too.
    """

    file: str
    function: str
    site: SiteRef
    implementations: tuple[str, ...] = ()


class StoredViolation(Struct, frozen=True, array_like=True):
    """A rule that is broken: from the function that is reported to the source.

    `label` is what is called there; `severity` is that of this finding, if not the rule's own;
    `reached_from` are the functions of the same context that come to this one through calls;
    `loop` is the region of the first function that the path starts in, if the rule is about loops.
    """

    rule: str
    path: tuple[StoredStep, ...]
    label: str
    certain: bool
    reached_from: tuple[StoredStep, ...]
    severity: Severity | None = None
    loop: int = -1


class Walked(Struct, frozen=True, array_like=True):
    """The violations in one module, and the suppressions (file, index) that ended walks."""

    violations: tuple[StoredViolation, ...] = ()
    used_suppressions: tuple[tuple[str, int], ...] = ()


class ModuleState(Struct, array_like=True):
    """What is known of one module once it is linked, and what each step of that has looked at.

    `facts` is the digest of those that it was linked with. `summary` is that of its functions as
    it was before; what it is now, the graph knows. `question` is what was asked of its candidates,
    and `excused` are those that are no findings.
    """

    number: int
    path: str
    name: str
    is_package: bool
    facts: bytes
    headers: tuple[ClassHeader, ...] = ()
    relations: tuple[Relation, ...] = ()
    assigned: tuple[Assigned, ...] = ()
    summary: Summary = Summary()
    later: tuple[FunctionRef, ...] = ()
    walked: Walked = Walked()
    question: Question = Question()
    excused: tuple[int, ...] = ()
    reads: DependenciesOfSteps = (b"", b"", b"", b"", b"")
    failures: FailuresOfSteps = ("", "", "", "", "")


class StoredProgram(NamedTuple):
    """What is kept of a linked program: all states in order, the tables of its names by name."""

    states: Sequence[ModuleState] = ()
    names: Mapping[str, bytes] = {}


class Program(NamedTuple):
    """A linked program: what is known of each module by its number, and doors to all of it.

    `changed` are the modules that may not be as they were before.
    """

    states: Mapping[int, ModuleState]
    changed: frozenset[int]
    names: Names
    project: Project
    graph: CallGraph
    resolver: Resolver

    def to_keep(self) -> StoredProgram:
        """Return what is to be kept of this program and has changed, as far as that is known."""
        states = [
            replace(self.states[module], summary=self.graph.summary(module))
            for module in sorted(self.changed)
        ]
        return StoredProgram(states, self.names.written())

    def violations(self, rules: Sequence[Rule]) -> list[StoredViolation]:
        """Return where these rules are broken, rule by rule."""
        states = self.states.values()
        violations = [violation for state in states for violation in state.walked.violations]
        number = {rule.code: position for position, rule in enumerate(rules)}
        return sorted(violations, key=lambda violation: number[violation.rule])

    def failures(self) -> list[tuple[str, str]]:
        """Return the files of which a step came to nothing, and why: the names of exceptions."""
        return [
            (state.path, failure)
            for state in self.states.values()
            for failure in dict.fromkeys(filter(None, state.failures))
        ]

    def excused(self) -> list[tuple[str, int]]:
        """Return the candidates that are no findings, by file and index."""
        return [(state.path, index) for state in self.states.values() for index in state.excused]

    def used_suppressions(self) -> list[tuple[str, int]]:
        """Return the suppressions that ended walks, by file and index."""
        states = self.states.values()
        return list(
            dict.fromkeys(used for state in states for used in state.walked.used_suppressions)
        )
