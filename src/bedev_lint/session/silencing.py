"""Which findings a comment silences, and which comments silence nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain

from bedev_lint.catalog import Catalog, Rule, nearest
from bedev_lint.fixes import load
from bedev_lint.model import Confidence, Diagnostic, FileReport, Fix, Location, Span, Suppression
from bedev_lint.session.findings import Found
from bedev_lint.session.relinking import Linked
from bedev_lint.source import Rows, is_among, merged

__all__ = ["Silencing", "used_suppressions"]


class Silencing:
    """Judges comments. `selected` are the codes of the rules that are on.

    `unused` is the rule about comments that silence nothing, if there is one. With
    `require_reason` a comment without a reason silences nothing.
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
        self._codes_of = lru_cache(maxsize=4096)(self._named)

    def codes(self, suppression: Suppression) -> frozenset[str]:
        """Return the codes that a comment silences."""
        if self._require_reason and not suppression.reason:
            return frozenset()
        return self._codes_of(suppression.codes)

    def _named(self, words: tuple[str, ...]) -> frozenset[str]:
        codes = set()
        for word in words:
            rule = self._catalog.rule(word)
            if rule is not None and not rule.always:
                codes.add(rule.code)
        return frozenset(codes)

    def kept(
        self,
        findings: Iterable[Found],
        reports: Mapping[str, FileReport],
        used: Collection[tuple[str, int]],
    ) -> list[Found]:
        """Return what no comment silences, and which comments silence nothing.

        `used` are comments that are known to do so, as files with their index.
        """
        used = set(used)
        kept = self._spoken(findings, reports, used)
        others = list(self._idle(reports, used, only_that=False))
        kept += self._spoken(others, reports, used)
        # What silences only findings about comments can only now be known to be idle.
        kept += self._idle(reports, used, only_that=True)
        return kept

    def _spoken(
        self,
        findings: Iterable[Found],
        reports: Mapping[str, FileReport],
        used: set[tuple[str, int]],
    ) -> list[Found]:
        """Return what no comment silences, and note the comments that do."""
        findings = list(findings)
        groups: dict[tuple[str, str], list[Found]] = {}
        for item in findings:
            if reports[item.relative].suppressions:
                groups.setdefault((item.relative, item.diagnostic.code), []).append(item)
        by_code = {
            name: self._by_code(reports[name].suppressions)
            for name in dict.fromkeys(name for name, _ in groups)
        }
        silenced: set[tuple[str, str, tuple[Rows, ...]]] = set()
        for (name, code), items in groups.items():
            comments = by_code[name].get(code, {})
            if not comments:
                continue
            row_ranges = {item.rows for item in items}
            silenced.update(
                (name, code, ranges) for ranges in _silenced(comments.values(), row_ranges)
            )
            used.update((name, index) for index in _in_use(comments, row_ranges))
        return [
            item
            for item in findings
            if (item.relative, item.diagnostic.code, item.rows) not in silenced
        ]

    def _by_code(self, suppressions: Sequence[Suppression]) -> dict[str, dict[int, Suppression]]:
        """Return for each code the comments of a file that silence it, by their index."""
        by_code: dict[str, dict[int, Suppression]] = {}
        for index, suppression in enumerate(suppressions):
            for code in self.codes(suppression):
                by_code.setdefault(code, {})[index] = suppression
        return by_code

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
                is_used = (name, index) in used
                reason = self._why_wrong(suppression) or self._why_idle(suppression, is_used)
                if reason is None:
                    continue
                start = Location(suppression.row, suppression.column)
                diagnostic = Diagnostic(
                    rule.code,
                    rule.name,
                    rule.message.format_map({"reason": reason}),
                    rule.severity,
                    Confidence.CERTAIN,
                    report.path,
                    Span(start, start),
                    rule.help,
                    fix=self._removal(suppression, rule),
                )
                row_range = (suppression.row, suppression.row)
                yield Found(diagnostic, name, "", "", (row_range,), frozenset({name}))

    def _why_wrong(self, suppression: Suppression) -> str | None:
        """Return why a comment of ours can silence nothing, whatever is reported."""
        if suppression.form == "noqa":
            return None
        if not suppression.codes:
            return "it names no rule; write the code in brackets"
        for word in suppression.codes:
            rule = self._catalog.rule(word)
            if rule is None:
                names = [*self._catalog.rules, *(r.name for r in self._catalog.rules.values())]
                return f'there is no rule "{_plain(word)}"{nearest(word, names)}'
            if rule.always:
                return f"{rule.code} cannot be suppressed"
        if self._require_reason and not suppression.reason:
            return "it gives no reason; add one after ` -- `"
        return None

    def _removal(self, suppression: Suppression, rule: Rule) -> Fix | None:
        """Return the fix for a comment without effect; a mistake in one is left to people."""
        fixer = load(rule.name)
        return fixer.fix if fixer is not None and self._why_wrong(suppression) is None else None

    def _why_idle(self, suppression: Suppression, is_used: bool) -> str | None:
        """Return why a comment silences nothing, though it could."""
        named = map(self._catalog.rule, suppression.codes)
        rules = [rule for rule in named if rule is not None]
        if is_used or not rules or not all(rule.code in self._selected for rule in rules):
            return None
        return "nothing here is reported as " + ", ".join(rule.code for rule in rules)


def _silenced(
    comments: Collection[Suppression], findings: Collection[tuple[Rows, ...]]
) -> Iterable[tuple[Rows, ...]]:
    """Return the findings, each by the rows for it, that one of these comments silences."""
    if any(comment.of_file for comment in comments):
        return findings
    spoken = merged((comment.row, comment.row) for comment in comments)
    return [rows for rows in findings if any(is_among(row_range, spoken) for row_range in rows)]


def _in_use(
    comments: Mapping[int, Suppression], findings: Collection[tuple[Rows, ...]]
) -> Iterator[int]:
    """Return which comments silence one of these findings, each given by the rows for it."""
    heard = merged(chain.from_iterable(findings))
    for index, comment in comments.items():
        if comment.of_file or is_among((comment.row, comment.row), heard):
            yield index


def _plain(word: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in word[:40])


def used_suppressions(linked: Linked, reports: Mapping[str, FileReport]) -> set[tuple[str, int]]:
    """Return the comments that end walks, and those of files of which nobody can tell."""
    return {*linked.used_suppressions} | {
        (name, index)
        for name, _ in linked.failures
        for index in range(len(reports[name].suppressions))
    }
