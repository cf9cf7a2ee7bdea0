"""The rules about tests, each answered by the check that it names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from bedev_lint.cache.kept import Unusable
from bedev_lint.catalog import Catalog, Rule
from bedev_lint.program import Program, StoredViolation, Violation, stored
from bedev_lint.recursion import room_for
from bedev_lint.suites import assertions, scripted, services, untested

__all__ = ["Lacking", "lacking"]

_Check = Callable[[Program, Catalog, Rule], Iterator[Violation]]

_CHECKS: Mapping[str, _Check] = {
    "assertion": assertions.lacking,
    "endpoint": untested.endpoints,
    "endpoint-failure": untested.failures,
    "service-failure": services.failures,
    "scripted-query": scripted.queries,
}


class Lacking(NamedTuple):
    """What was found, and where nothing could be, by the name of an exception."""

    violations: tuple[StoredViolation, ...] = ()
    failures: tuple[tuple[str, str], ...] = ()


def lacking(program: Program, catalog: Catalog, rules: Sequence[Rule]) -> Lacking:
    """Return what tests lack, and what lacks tests, rule by rule."""
    violations: list[StoredViolation] = []
    failures: list[tuple[str, str]] = []
    for rule in rules:
        if rule.tests is None:
            continue
        try:
            with room_for():
                of_rule = list(_CHECKS[rule.tests.check](program, catalog, rule))
            violations += (stored(violation, program.project) for violation in of_rule)
        except Unusable:  # the cache, not the rule
            raise
        except Exception as error:  # a mistake of ours in one rule must not end the run
            first = next(iter(program.project.modules))
            failures.append((program.project.path(first), type(error).__name__))
    return Lacking(tuple(violations), tuple(failures))
