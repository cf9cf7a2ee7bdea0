"""The rules about tests, each answered by the check that it names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from bedev_lint.catalog import Catalog, Rule
from bedev_lint.program import Program, StoredViolation, Violation, stored
from bedev_lint.recursion import room_for
from bedev_lint.testing import assertions, scripted, services, untested

__all__ = ["lacking"]

_Check = Callable[[Program, Catalog, Rule], Iterator[Violation]]

_CHECKS: Mapping[str, _Check] = {
    "assertion": assertions.lacking,
    "endpoint": untested.endpoints,
    "endpoint-failure": untested.failures,
    "service-failure": services.failures,
    "scripted-query": scripted.queries,
}


def lacking(program: Program, catalog: Catalog, rules: Sequence[Rule]) -> Iterator[StoredViolation]:
    """Return what tests lack, and what lacks tests, rule by rule."""
    for rule in rules:
        if rule.tests is not None:
            with room_for():
                violations = list(_CHECKS[rule.tests.check](program, catalog, rule))
            yield from (stored(violation, program.project) for violation in violations)
