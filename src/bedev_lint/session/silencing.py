"""Which findings a comment silences, and which comments silence nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from bedev_lint.catalog import Catalog, Rule, nearest
from bedev_lint.model import Confidence, Diagnostic, FileReport, Location, Span, Suppression
from bedev_lint.session.findings import Found

__all__ = ["Silencing"]


class Silencing:
    """Judges comments. `selected` are the codes of the rules that are on.

    `unused` is the rule about comments that silence nothing, if there is one. With
    `require_reason` a comment of ours without a reason silences nothing.
    """

    def __init__(
        self,
        catalog: Catalog,
        selected: Collection[str],
        unused: Rule | None,
        *,
        require_reason: bool,
    ) -> None:
        self._catalog, self._selected, self._unused = catalog, selected, unused
        self._require_reason = require_reason

    def codes(self, suppression: Suppression) -> frozenset[str]:
        """Return the codes that a comment silences."""
        if self._require_reason and suppression.form == "bedev" and not suppression.reason:
            return frozenset()
        codes = set()
        for word in suppression.codes:
            rule = self._catalog.rule(word)
            if rule is not None and not rule.always:
                codes.add(rule.code)
        return frozenset(codes)

    def kept(
        self,
        found: Iterable[Found],
        reports: Mapping[str, FileReport],
        used: Collection[tuple[str, int]],
    ) -> list[Found]:
        """Return what no comment silences, and which comments silence nothing.

        `used` are comments that are known to do so, as files with their index.
        """
        used = set(used)
        kept = self._spoken(found, reports, used)
        others = list(self._idle(reports, used, only_that=False))
        kept += self._spoken(others, reports, used)
        # What silences only findings about comments can only now be known to be idle.
        kept += self._idle(reports, used, only_that=True)
        return kept

    def _spoken(
        self,
        found: Iterable[Found],
        reports: Mapping[str, FileReport],
        used: set[tuple[str, int]],
    ) -> list[Found]:
        """Return what no comment silences, and note the comments that do."""
        kept = []
        for item in found:
            silenced = False
            for index, suppression in enumerate(reports[item.relative].suppressions):
                if item.diagnostic.code not in self.codes(suppression):
                    continue
                if _covers(suppression, item.rows):
                    used.add((item.relative, index))
                    silenced = True
            if not silenced:
                kept.append(item)
        return kept

    def _idle(
        self, reports: Mapping[str, FileReport], used: set[tuple[str, int]], only_that: bool
    ) -> Iterator[Found]:
        """Return which comments silence nothing: those about this rule alone, or the others."""
        rule = self._unused
        if rule is None:
            return
        for name, report in reports.items():
            for index, suppression in enumerate(report.suppressions):
                if (self.codes(suppression) == {rule.code}) is not only_that:
                    continue
                reason = self._why_unused(suppression, (name, index) in used)
                if reason is None:
                    continue
                at = Location(suppression.row, suppression.column)
                diagnostic = Diagnostic(
                    rule.code,
                    rule.name,
                    rule.message.format_map({"reason": reason}),
                    rule.severity,
                    Confidence.CERTAIN,
                    report.path,
                    Span(at, at),
                    rule.help,
                )
                rows = (suppression.row, suppression.row)
                yield Found(diagnostic, name, "", "", rows, frozenset({name}))

    def _why_unused(self, suppression: Suppression, used: bool) -> str | None:
        known = {word: self._catalog.rule(word) for word in suppression.codes}
        if suppression.form == "noqa":
            ours = [rule for rule in known.values() if rule is not None]
            if used or not ours or not all(rule.code in self._selected for rule in ours):
                return None
            return "nothing here is reported as " + ", ".join(rule.code for rule in ours)
        if not suppression.codes:
            return "it names no rule: write the code in brackets"
        for word, rule in known.items():
            if rule is None:
                names = [*self._catalog.rules, *(r.name for r in self._catalog.rules.values())]
                return f'there is no rule "{_plain(word)}"{nearest(word, names)}'
            if rule.always:
                return f"{rule.code} cannot be suppressed"
        if self._require_reason and not suppression.reason:
            return "it gives no reason: add one after ` -- `"
        rules = [rule for rule in known.values() if rule is not None]
        if used or not all(rule.code in self._selected for rule in rules):
            return None
        return "nothing here is reported as " + ", ".join(rule.code for rule in rules)


def _covers(suppression: Suppression, rows: tuple[int, int]) -> bool:
    if suppression.first_row == 0:
        return True
    first, last = rows
    return (
        first <= suppression.row <= last or suppression.first_row <= first <= suppression.last_row
    )


def _plain(word: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in word[:40])
