"""Which of what was found is reported, and which of it a baseline may know."""

from __future__ import annotations

from collections.abc import Iterable

from bedev_lint.catalog import Catalog
from bedev_lint.model import Confidence, Severity
from bedev_lint.session.files import Files
from bedev_lint.session.findings import Found, order, told_once
from bedev_lint.session.rules import ActiveRules
from bedev_lint.settings.config import Config

__all__ = ["Filter"]

_SEVERITIES = [Severity.INFO, Severity.WARNING, Severity.ERROR]


class Filter:
    """Says of findings which are wanted, by configuration, confidence and the files asked for."""

    def __init__(self, config: Config, catalog: Catalog, rules: ActiveRules, files: Files) -> None:
        self._config, self._catalog, self._rules, self._files = config, catalog, rules, files

    def reported(self, findings: Iterable[Found]) -> list[Found]:
        """Return what is to be reported, in order."""
        kept = [item for item in findings if self._is_reported(item)]
        kept = told_once(kept, self._catalog.rules)
        return sorted(kept, key=lambda item: order(item.diagnostic))

    def _is_reported(self, item: Found) -> bool:
        diagnostic = item.diagnostic
        rule = self._catalog.rules[diagnostic.code]
        if self._files.selected.isdisjoint(item.files):
            return False
        if rule.always:
            return True
        if not self._is_in_force(item):
            return False
        if _SEVERITIES.index(diagnostic.severity) < _SEVERITIES.index(self._config.min_severity):
            return False
        wanted = self._config.min_confidence
        if diagnostic.confidence is Confidence.LIKELY:
            return rule.likely if wanted is None else wanted is Confidence.LIKELY
        return True

    def is_judged(self, item: Found) -> bool:
        """Return whether a finding is of interest, however few of them are asked for now."""
        diagnostic, rule = item.diagnostic, self._catalog.rules[item.diagnostic.code]
        is_believed = (
            rule.likely
            or diagnostic.confidence is Confidence.CERTAIN
            or self._config.min_confidence is Confidence.LIKELY
        )
        return not rule.always and is_believed and self._is_in_force(item)

    def _is_in_force(self, item: Found) -> bool:
        contexts = self._files.contexts[item.relative]
        return self._rules.is_in_force(item.diagnostic.code, item.relative, contexts)
