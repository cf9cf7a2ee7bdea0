"""What is found does not depend on how much LibCST is given to read.

By hand, over real code: `python tests/test_reading_less.py FOLDER...`.
"""

from __future__ import annotations

import ast
import dataclasses
import re
import sys
import textwrap
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click
import libcst as cst
import pluggy
import pytest

from bedev_lint import catalog as catalogs
from bedev_lint import facts, source
from bedev_lint.inspection import inspect, visitor_runner
from bedev_lint.inspection.plan import SourceFile
from bedev_lint.inspection.visitor_results import ParsedFile, VisitorResult
from bedev_lint.session.examples import split
from bedev_lint.session.run import Session
from bedev_lint.settings.loading import load
from bedev_lint.source import Masks
from bedev_lint.source.lexer import literals_of
from bedev_lint.syntax import AllSpans, Module, Positions, PrunedAccess, converted, parse

CATALOG = catalogs.load([catalogs.builtin_rules()])
EXAMPLES = [
    text
    for rule in CATALOG.rules.values()
    for example in rule.examples
    for text in split(example.bad or example.good).values()
]
FOLDER = Path(__file__).parent / "reading_less"
CASE = re.compile(r"^# case: (.*)\n", re.MULTILINE)


def cases(name: str) -> dict[str, str]:
    """Return the texts of a file by their titles, which stand in lines `# case: …` before them."""
    parts = CASE.split((FOLDER / f"{name}.py").read_text(encoding="utf-8"))
    return dict(zip(parts[1::2], parts[2::2], strict=True))


# Texts that a file could not hold as they are.
LINE_ENDS = {
    "All ends of lines, a string and an f-string among them": (
        's = """\na\n"""; f()\r\nif a:\r\n    f\'{g(1)} #\'\r\nelse:\r    h()\r\n'
    ),
    "A comment that has no end of a line": (
        "async def f():\n    await g()\n# last\nawait_ = h(1)  # end"
    ),
    "A handler that has no end of a line": (
        "def f():\n    global L\n    L = 1\n\ndef g():\n    try: h()\n    except L: pass"
    ),
}
FAR_APART_BY_LINE_ENDS = {
    "Tabs and all ends of lines around an address": (
        "def f():\n\tx = 1\r\n\ty = 2\r\n\turl = 'https://api.acme.io/v1'\r\n\tz = 1\r\n"
    ),
    "Form feeds before statements": (
        "def f():\n    x = 1\n\x0c\n    y = 1\n\x0c    z = 1\n    url = 'https://api.acme.io/v1'\n"
    ),
    "A password with an end of a line": "password = '''hunter2!\r\nxyz9'''\r\nx = 1\r\n",
}
ODD = {**cases("shapes"), **LINE_ENDS}
# What would be lost, or go wrong, if a rule were run on less than it looks at.
FAR_APART = {
    **cases("far_apart"),
    **cases("around_functions"),
    **cases("errors_and_literals"),
    **cases("asked_for"),
    **cases("misleading"),
    **FAR_APART_BY_LINE_ENDS,
}
NEWER = cases("newer")
# Python reads this name as another, in plain letters.
LIGATURE = "import contextlib\n\ufb01 = contextlib.suppress\nwith \ufb01(Exception): f()\n"


def written_out(text: str) -> list[str]:
    """Return a text only if the running Python can read it."""
    try:
        source.parse(text)
    except (source.Unparsable, source.Limit):
        return []
    return [text]


def real() -> Iterator[str]:
    for package in (click, pluggy):
        for path in sorted(Path(package.__file__ or "").parent.rglob("*.py")):
            yield path.read_text(encoding="utf-8")


OTHERS = [*ODD.values(), *FAR_APART.values(), *NEWER.values(), *real()]
TEXTS = [text for written in (*EXAMPLES, *OTHERS) for text in written_out(written)]
# What is edited a dozen times each.
EDITED = [text for written in (*EXAMPLES[::7], *OTHERS) for text in written_out(written)]


def reports(
    texts: Iterable[str],
    *,
    prefilters: bool = True,
    only: str = "",
    rules: tuple[str, ...] | None = None,
) -> list[inspect.Inspected]:
    """Return what is found, if wanted by `only` one rule.

    Without prefilters, every rule looks at every file as a whole. If `rules` are given, the file is
    no part of a program, and looked at by these alone.
    """
    config, catalog = load(Path("/"), None, True, {})
    plan = Session(config, catalog)._plan
    active = (
        inspect.load(plan) if prefilters else [inspect.Active(r, None, None) for r in plan.rules]
    )
    active = [rule for rule in active if only in ("", rule.rule.code)]
    source = SourceFile("app.py", "app.py", "app", False, rules=rules)
    inspected = (
        inspect.inspect(source, text.encode(), plan, active, visitor_runner.run_visitors)
        for text in texts
    )
    return [dataclasses.replace(report, memo=b"") for report in inspected]


def test_a_screen_loses_nothing() -> None:
    code = "BD904"
    found = [
        [
            report.report.candidates
            for report in reports(TEXTS, prefilters=p, only=code, rules=(code,))
        ]
        for p in (True, False)
    ]
    assert found[0] == found[1]
    assert any(found[0])


def test_nothing_is_lost_with_what_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [*TEXTS, LIGATURE]
    less = reports(texts)
    monkeypatch.setattr(visitor_runner, "without", lambda text, _: text)
    assert less == reports(texts, prefilters=False)


# Statements that are put into a text somewhere, as a change of it.
CHANGES = ["changed = f(1)\n", "def changed(x):\n    return x\n", "import changed\n"]


def edits(text: str) -> Iterator[str]:
    """Return the text with a statement more, before some of its statements."""
    rows = text.splitlines(keepends=True)
    tree = source.parse(text)
    starts = [n for n in ast.walk(tree) if isinstance(n, ast.stmt) and n.lineno <= len(rows)]
    step = len(starts) // MOST_EDITS + 1
    for number, node in enumerate(starts[::step]):
        indent = rows[node.lineno - 1][: node.col_offset]
        if indent.isspace() or not indent:
            new = textwrap.indent(CHANGES[number % len(CHANGES)], indent)
            edited = "".join([*rows[: node.lineno - 1], new, *rows[node.lineno - 1 :]])
            yield from written_out(edited)


MOST_EDITS = 12


def test_what_was_found_is_found_again_after_a_change_elsewhere() -> None:
    spared = spared_by_what_was_found()
    # Examples are full of what has to be judged; code that is used is not.
    assert spared[False][0] > 100
    again, number = spared[True]
    assert again > number * 2 // 3 > 50


def spared_by_what_was_found() -> dict[bool, list[int]]:
    """Return how often, of how many edits, no rule was asked again: of code that is used, or not.

    What is found must be the same as if all were asked again.
    """
    run_visitors, asked = visitor_runner.run_visitors, []

    def counted(parsed: ParsedFile, *rest: Any) -> VisitorResult:
        asked.append(parsed.text)
        return run_visitors(parsed, *rest)

    config, catalog = load(Path("/"), None, True, {})
    plan = Session(config, catalog)._plan
    active, known = inspect.load(plan), SourceFile("app.py", "app.py", "app", False)
    spared = {True: [0, 0], False: [0, 0]}  # of code that is used: how often, of how many
    in_use = {text for each in real() for text in written_out(each)}
    for text in EDITED:
        before = inspect.inspect(known, text.encode(), plan, active, visitor_runner.run_visitors)
        if not before.memo:
            continue
        later = dataclasses.replace(known, memo=before.memo)
        for edited in edits(text):
            found = inspect.inspect(later, edited.encode(), plan, active, counted)
            assert found == inspect.inspect(
                known, edited.encode(), plan, active, visitor_runner.run_visitors
            )
            counts = spared[text in in_use]
            counts[0] += edited not in asked[-1:]
            counts[1] += 1
    return spared


# A text, and one with a change elsewhere that makes rules find something else, or show it so.
TOLD_ELSEWHERE = {
    "a name that is written in another way": (
        "def g():\n    return 1\nasync def f():\n    try:\n        await x\n"
        "    except (A, *\ufb01):\n        pass\n",
        "def g():\n    return 1\nimport fi\nasync def f():\n    try:\n        await x\n"
        "    except (A, *\ufb01):\n        pass\n",
    ),
}


@pytest.mark.parametrize("name", TOLD_ELSEWHERE)
def test_what_is_told_elsewhere_is_not_found_again(name: str) -> None:
    config, catalog = load(Path("/"), None, True, {})
    plan = Session(config, catalog)._plan
    active, known = inspect.load(plan), SourceFile("app.py", "app.py", "app", False)

    def told(text: str, memo: bytes = b"") -> inspect.Inspected:
        later = dataclasses.replace(known, memo=memo)
        return inspect.inspect(later, text.encode(), plan, active, visitor_runner.run_visitors)

    before, after = TOLD_ELSEWHERE[name]
    assert told(after, told(before).memo).report == told(after).report != told(before).report


@pytest.mark.parametrize("code", [r.code for r in CATALOG.rules.values() if r.is_visitor])
def test_nothing_is_lost_if_a_rule_is_alone(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    less = reports(FAR_APART.values(), only=code)
    monkeypatch.setattr(visitor_runner, "without", lambda text, _: text)
    assert less == reports(FAR_APART.values(), prefilters=False, only=code)


def test_no_rule_fails() -> None:
    problems = [problem for each in reports(TEXTS) for problem in each.report.problems]
    assert not [problem for problem in problems if problem.name == "rule-crash"]


def test_what_stands_apart_is_found() -> None:
    """Some of it: that whole and part agree would also hold if nothing were found."""
    found = [report.report.candidates for report in reports(FAR_APART.values())]
    assert sum(map(bool, found)) >= 40


def test_something_is_left_out() -> None:
    text = "@a\ndef f(x=1):\n    g('secret')\n\n\nclass A(B):\n    x = 1\n    y = f()\n"
    found = source.parts(source.parse(text), text, [(8, 8)])
    assert source.without(text, found) == (
        "def f(): '''\0\n\n'''\n\n\nclass A(B):\n    '''\0x'''\n    y = f()\n"
    )


@pytest.mark.parametrize(
    "binds",
    [
        "E = 1",
        "E: int",
        "E += 1",
        "(a, *[E]) = 1",
        "import E",
        "import E.a",
        "from a import b as E",
        "def E(): pass",
        "class E: pass",
        "for E in a: pass",
        "with a as (b, E): pass",
        "try: pass\nexcept a as E: pass",
        "if a:\n    pass\nelse:\n    while b:\n        E = 1",
        "match a:\n    case [*E]: pass",
        "match a:\n    case {'b': c}:\n        E = 1",
        "f(lambda: [(E := 1) for a in b])",
        "class A:\n    def f(self):\n        def g():\n            global E\n            E = 1",
    ],
)
def test_to_ask_for_what_was_left_out_is_told(binds: str) -> None:
    text = f"x = 1\n{binds}\nx = 2\ndef f():\n    g(E)\n"
    tree = source.parse(text)
    row = text.count("\n")
    less = source.without(text, source.parts(tree, text, [(row, row)]))
    module = Module(parse(less), less, "app.py", "app", tree)
    name = next(node for node in module.nodes(cst.Name) if node.value == "E")
    assert "x = 2" not in less
    with pytest.raises(PrunedAccess):
        module.bindings(name)
    with pytest.raises(PrunedAccess):  # Python reads it as the same
        module.names.bindings("\uff25", name)


LITERALS = (
    cst.SimpleString,
    cst.FormattedStringText,
    cst.TemplatedStringText,
    cst.Integer,
    cst.Float,
    cst.Imaginary,
    cst.Comment,
)


def literals_by_libcst(text: str) -> list[str]:
    todo: list[cst.CSTNode] = [parse(text)]
    found = []
    while todo:
        node = todo.pop()
        if isinstance(node, LITERALS):
            found.append(node.value)
        todo += node.children
    return sorted(found)


def test_literals_are_those_of_libcst() -> None:
    for text in [*TEXTS, *NEWER.values()]:
        found = literals_of(text)
        assert sorted(text[each.begin : each.end] for each in found) == literals_by_libcst(text)


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_lines_are_shown_the_same(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    compare_masks(text, monkeypatch)


def test_lines_of_examples_are_shown_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    for text in EXAMPLES:
        for known in written_out(text):
            compare_masks(known, monkeypatch)


def compare_masks(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Compare the lines of all statements, each parsed alone, and of the file parsed as a whole."""
    known = source.statements(source.parse(text), text)
    less = [Masks(text, known).shown(each, each.header) for each in known]
    with monkeypatch.context() as patch:
        patch.setattr(Masks, "_literals_of_rows", lambda *_: None)
        assert less == [Masks(text, known).shown(each, each.header) for each in known]


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_places_are_those_of_libcst(text: str) -> None:
    tree = parse(text)
    module = Module(tree, text, "app.py", "app", source.parse(text))
    positions, every = Positions(module), AllSpans(tree, text)
    nodes = [*module.nodes(cst.Call, cst.SimpleString, cst.Assign)]
    assert positions.spans(nodes) == {node: every.span(node) for node in nodes}


def test_places_are_right_where_libcst_forgets_a_form_feed() -> None:
    text = "x = f('é')\n\x0cy = g('é', h('b'))\n"
    module = Module(parse(text), text, "app.py", "app", source.parse(text))
    nodes = [*module.nodes(cst.Call)]
    places = Positions(module).spans(nodes)
    spans = [places[node] for node in nodes]
    rows = text.split("\n")
    found = [rows[s.start.row - 1][s.start.column - 1 : s.end.column - 1] for s in spans]
    assert found == ["f('é')", "g('é', h('b'))", "h('b')"]
    known = source.statements(source.parse(text), text)
    masks = Masks(text, known)
    assert masks.shown(known[1], spans[1]).snippet.lines == ("\x0cy = g('…', h('…'))",)


def test_converted_trees_have_the_same_facts() -> None:
    for text in TEXTS:
        own = facts.extract(source.parse(text), text, "app")
        other = facts.extract(converted(parse(text), text), text, "app")
        assert own.facts == other.facts
        assert own.places == other.places


def test_converted_trees_lead_to_the_same_findings(monkeypatch: pytest.MonkeyPatch) -> None:
    own = told(reports(TEXTS))
    monkeypatch.setattr(inspect, "read", lambda text: converted(parse(text), text))
    assert own == told(reports(TEXTS))


def told(found: list[inspect.Inspected]) -> list[list[object]]:
    """Return all of findings but where they end: LibCST counts comments behind a block to it."""
    return [
        [(c.code, c.span.start, c.shown.statement, c.unless) for c in each.report.candidates]
        for each in found
    ]


def test_what_another_python_reads_has_facts() -> None:
    for text in NEWER.values():
        found = facts.extract(converted(parse(text), text), text, "app").facts
        assert any(function.sites for function in found.functions)


if __name__ == "__main__":
    TEXTS[:] = [
        text
        for folder in sys.argv[1:]
        for path in sorted(Path(folder).rglob("*.py"))
        for text in written_out(path.read_text(encoding="utf-8", errors="replace"))
    ]
    spared_by_what_was_found()
    test_nothing_is_lost_with_what_is_left_out(pytest.MonkeyPatch())
    sys.stdout.write(f"{len(TEXTS)} files, nothing lost\n")
