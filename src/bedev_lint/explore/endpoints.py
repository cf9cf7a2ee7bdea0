"""The endpoints of a linked program, made ready to be shown."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from functools import cache
from http import HTTPStatus

from bedev_lint.catalog import Catalog, Rule
from bedev_lint.endpoints import Endpoint, Handler, shown
from bedev_lint.inspection.source_map import span_of
from bedev_lint.model import SiteRef
from bedev_lint.program.structure.values import FunctionRef
from bedev_lint.recursion import room_for
from bedev_lint.report.endpoints import EndpointSummary
from bedev_lint.session.run import Survey
from bedev_lint.settings.config import Config
from bedev_lint.suites import Coverage, Expected, place_of

__all__ = ["rule_of_endpoints", "summaries"]

_STATUSES = frozenset(status.value for status in HTTPStatus)


def rule_of_endpoints(catalog: Catalog) -> Rule | None:
    """Return the rule that says how tests ask for endpoints."""
    rules = catalog.rules.values()
    return next((r for r in rules if r.tests is not None and r.tests.check == "endpoint"), None)


def summaries(
    survey: Survey, config: Config, catalog: Catalog, rule: Rule
) -> list[EndpointSummary]:
    """Return the endpoints in the files that were asked for."""
    with room_for():
        return list(_Summaries(survey, config, catalog, rule).all())


class _Summaries:
    def __init__(self, survey: Survey, config: Config, catalog: Catalog, rule: Rule) -> None:
        self._survey, self._config, self._catalog = survey, config, catalog
        self._project, self._graph = survey.program.project, survey.program.graph
        beside = rule.tests.beside if rule.tests is not None else ()
        self._coverage = Coverage(survey.program, catalog, beside, rule.options)
        self._places = cache(survey.places)

    def all(self) -> Iterator[EndpointSummary]:
        for one in self._coverage.endpoints:
            if self._project.path(one.handler.function.module) in self._survey.selected:
                yield self._summary(one)

    def _summary(self, one: Endpoint) -> EndpointSummary:
        handler, project = one.handler, self._project
        asked = self._coverage.expected
        expected = asked.get(handler, asked.get(handler.whole, Expected()))
        place = place_of(handler, self._survey.program)
        path = project.path(place.function.module)
        return EndpointSummary(
            one.methods,
            shown(one.path),
            self._name(handler),
            os.path.join(self._config.root, path),
            span_of(self._places(path), SiteRef(place.function.function, place.site)).start,
            self._effects(one.code),
            tuple(map(project.function_name, expected.tests)),
            tuple(sorted(expected.statuses & _STATUSES)),
        )

    def _name(self, handler: Handler) -> str:
        if handler.cls is None:
            return self._project.function_name(handler.function)
        name = self._project.class_name(handler.cls)
        return f"{name}.{handler.action}" if handler.action else name

    def _effects(self, code: Collection[FunctionRef]) -> tuple[str, ...]:
        reached = frozenset[str]().union(*(self._graph.reached_by(ref) for ref in code))
        return tuple(name for name in self._catalog.effects if name in reached)
