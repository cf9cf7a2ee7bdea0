"""Every example of every rule, through our walk and through LibCST's own visitor."""

from __future__ import annotations

import libcst as cst
import pytest

from bedev_lint import catalog as catalogs
from bedev_lint.catalog import Rule, comments_on_options
from bedev_lint.inspection import visitor_runner
from bedev_lint.session import examples
from bedev_lint.session.run import Session
from bedev_lint.syntax import Tree, VisitorWalk

CATALOG = catalogs.load([catalogs.builtin_rules()])
RULES = list(CATALOG.rules.values())
# What makes these happen cannot be written down in an example.
WITHOUT_EXAMPLES = {"rule-crash"}


def names(rule: Rule) -> str:
    return rule.name


def told(rule: Rule, make: examples.Make) -> str:
    """Return what is wrong with the examples of a rule, a line for each place."""
    problems = examples.problems(rule, CATALOG, make)
    return "\n".join(f"example {number}: {problem}" for number, problem in problems)


@pytest.mark.parametrize("rule", RULES, ids=names)
def test_examples_hold(rule: Rule) -> None:
    assert told(rule, Session) == ""


@pytest.mark.parametrize("rule", RULES, ids=names)
def test_examples_hold_through_libcst_own_traversal(
    rule: Rule, monkeypatch: pytest.MonkeyPatch
) -> None:
    def by_visitor(root: cst.CSTNode) -> Tree:
        visitor = VisitorWalk()
        root.visit(visitor)
        return visitor.tree

    monkeypatch.setattr(visitor_runner, "walk", by_visitor)
    assert told(rule, Session) == ""


@pytest.mark.parametrize("rule", RULES, ids=names)
def test_there_are_enough_examples(rule: Rule) -> None:
    if rule.name in WITHOUT_EXAMPLES:
        assert rule.examples == ()
        return
    assert sum(bool(example.bad) for example in rule.examples) >= 3
    assert sum(not example.bad for example in rule.examples) >= 5


def test_a_family_is_a_hundred() -> None:
    hundreds = {(rule.code[:3], rule.family) for rule in RULES}
    assert len(hundreds) == len(dict(hundreds)) == len({family for _, family in hundreds})


@pytest.mark.parametrize("rule", RULES, ids=names)
def test_a_rule_explains_itself(rule: Rule) -> None:
    assert rule.title and rule.message and rule.rule and rule.why and rule.help
    assert rule.default == ("\nOpt-in: " not in rule.why)
    assert [key for key, comment in comments_on_options(rule).items() if not comment] == []


@pytest.mark.parametrize("rule", RULES, ids=names)
def test_its_texts_are_of_one_style(rule: Rule) -> None:
    first = rule.message.split()[0]
    assert first[0].islower() or first[0] in "`{" or first.isupper()
    assert not rule.message.endswith(".")
    assert rule.title[0].isupper()
    assert not rule.title.endswith(".")
    # One sentence that says what to write.
    assert rule.help[0].isupper()
    assert rule.help.find(". ") == -1
    assert rule.help.endswith(".")
