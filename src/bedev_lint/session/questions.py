"""What a run asks the linked program of what its files hold: suppressions, and candidates."""

from __future__ import annotations

from collections.abc import Mapping

from bedev_lint.catalog import Rule
from bedev_lint.model import FileReport
from bedev_lint.options import texts
from bedev_lint.program.checks.candidates import Answer, Question
from bedev_lint.session.silencing import Silencing

__all__ = ["questions"]


def questions(
    reports: Mapping[str, FileReport], rules: Mapping[str, Rule], silencing: Silencing
) -> dict[str, Question]:
    """Return what the program is asked of each of these files, by their names, for these rules."""
    return {
        name: _question(report, rules, silencing)
        for name, report in reports.items()
        if report.suppressions or report.candidates
    }


def _question(report: FileReport, rules: Mapping[str, Rule], silencing: Silencing) -> Question:
    candidates = [
        (i, candidate, rules[candidate.code])
        for i, candidate in enumerate(report.candidates)
        if candidate.code in rules
    ]
    return Question(
        tuple(silencing.codes(suppression) for suppression in report.suppressions),
        tuple(
            (index, candidate.unless, frozenset(rule.unless), frozenset(rule.unless_direct))
            for index, candidate, rule in candidates
            if candidate.unless and rule.unless
        ),
        tuple(
            Answer(
                index,
                candidate.answer,
                candidate.callers,
                texts(rule.options, "spawning"),
                rule.unless_run_in,
            )
            for index, candidate, rule in candidates
            if candidate.answer >= 0
        ),
        tuple(
            (
                index,
                need,
                texts(rule.options, need.option),
                texts(rule.options, "registering"),
                texts(rule.options, "serving"),
            )
            for index, candidate, rule in candidates
            for need in candidate.needs
        ),
    )
