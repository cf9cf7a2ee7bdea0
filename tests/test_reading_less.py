"""What is found does not depend on how much LibCST is given to read.

By hand, over real code: `python tests/test_reading_less.py FOLDER...`.
"""

from __future__ import annotations

import ast
import dataclasses
import sys
import textwrap
from collections.abc import Iterator
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
ODD = [
    "# first\n\nx = f(1); y = g('a')  # c\n\n@d(\n  1)\nclass A:\n  def f(s): return h('#')\n",
    's = """\na\n"""; f()\r\nif a:\r\n    f\'{g(1)} #\'\r\nelse:\r    h()\r\n',
    "async def f():\n    await g()\n# last\nawait_ = h(1)  # end",
    "class A:\n\n    @d('é')  # c\n    def f(self, x='s'):  # d\n        # e\n        return 1\n",
    "if a: f('x')\nelif b(\n  'y'\n): g()\nelse: h('z')\n",
    "try: f('x')\nexcept E('y'): g('z')\nfinally: h()\n",
    "match f('x'):\n    case 'y' if g('z'): h('a')\n    case _:\n        i('b')\n",
    "def f():\n\tif a:\n\t\tg('x',\n  'y')\n\t\th('z'); i('a')\n",
    "def f():\n    return (yield)\n\n\ndef g(): return 'x'\n",
    "def f():\n    global L\n    L = 1\n\ndef g():\n    try: h()\n    except L: pass",
    "def f(\n    a,\n) -> None: ...\n\ndef g(\n    a,\n) -> None: return 'secret'\n",
]
# What would be lost, or go wrong, if a rule were judged by less than it looks at.
FAR_APART = [
    "def f():\n    '''use ghp_A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8 here'''\n",
    "if ('hunter2!xyz9' ==\n        password): f()\n",
    "with (f('hunter2!xyz9' ==\n   password)): g()\n",
    "def f(d):\n    d['https://api.acme.io/v1'] += 1\n",
    "def f(x: Annotated[str, {'a': 'https://api.acme.io/v1'}]): pass\n",
    "class A(*f('https://api.acme.io/v1'), **g('https://api.acme.io/v2')): pass\n",
    "def f(x):\n    match x:\n        case 'https://api.acme.io/v1': pass\n",
    "import contextlib\nquiet = contextlib.suppress\ndef f():\n    with quiet(Exception): g()\n",
    "import os\nV = os.getenv('DB_PASSWORD')\ndef f():\n    return g(V or 'hunter2!xyz9')\n",
    "class A:\n    E = (ValueError, Exception)\n    try: import x\n    except E: pass\n",
    "import environ\nclass A:\n    cfg = environ.Env()\n    def f(self): ...\n"
    "    X = cfg('DB_PASSWORD', 'hunter2!xyz9')\n",
    "# nothing here but suppress\n",
    "EnvironmentError = Exception\ndef f():\n    try:\n        g()\n"
    "    except EnvironmentError:\n        x = 1\n",
    "def f():\n    global\tE\n    E = Exception\ndef g():\n    try:\n        h()\n"
    "    except E:\n        x = 1\n",
    "def f():\n    return {'pass' 'word': 'hunter2!xyz9'}\n",
    "def f():\n    return '\\nghp_A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8'\n",
    "import asyncio\nclass W:\n    async def stop(self):\n        sql = ''''''\n"
    "        self.t.cancel()\n        try: await self.t\n"
    "        except asyncio.CancelledError: pass\n",
    # … and what statements left out of a function could take with them.
    "import os\nV = os.getenv('DB_PASSWORD')\nW = V\ndef f():\n    x = 1\n"
    "    return W or 'hunter2!xyz9'\n",
    "import os\nK = 'DB_PASSWORD'\ndef f(PASSWORD):\n    x = 1\n"
    "    return os.getenv(PASSWORD, 'hunter2!xyz9')\n",
    "from environ import Env as E\nclass A:\n    x = 1\nenv = E()\ny = 1\n"
    "def f():\n    z = 1\n    return env('DB_PASSWORD', default='hunter2!xyz9')\n",
    "from pydantic_settings import BaseSettings\nclass B(BaseSettings):\n    x = 1\n    y = 2\n"
    "class A(B):\n    x = 1\n    password: str = 'hunter2!xyz9'\n    y = 2\n",
    "def f():\n    from contextlib import suppress as s\n    x = 1\n    t = s\n"
    "    with t(Exception):\n        x = 1\n        y = 2\n",
    "def f(x):\n    y = 1\n    if x:\n        a = 1\n    elif y:\n        b = 1\n        c = 2\n"
    "    elif x == 'https://api.acme.io/v1':\n        d = 1\n        e = 2\n    else:\n"
    "        g = 1\n"
    "    h(url='https://api.acme.io/v2')\n",
    "def f(x):\n    a = 1; \\\n    b = 2; url = 'https://api.acme.io/v1'\n    c = 1; \\\nd = 2\n"
    "    e = 3\n",
    "def f():\n    c = 1; \\\nurl = 'https://api.acme.io/v1'\n    e = 3\n",
    "if a: \\\n    b = 1; url = 'https://api.acme.io/v1'\nc = '''\n'''; d = 1\ne = 2\n",
    "def f():\n    x = 1\n    try:\n        a = 1\n        b = 2\n    except (A, B) as e:\n"
    "        raise\n    except Exception:\n        # why\n        x = 2\n    else:\n        c = 1\n"
    "        d = 2\n    finally:\n        e = 1\n        f = 2\n    g = 3\n",
    "def f():\n    y = 1\n    self.x = None\n    if y:\n        z = 1\n        try:\n"
    "            self.x = int(z)\n        except ValueError:\n            pass\n    y = 2\n"
    "    return y\n",
    "def f():\n    y = 1\n    self.x = None\n    if y:\n        try:\n"
    "            self.x = int(z)\n        except ValueError:\n            pass\n    y = 2\n"
    "    return y\n",
    "def f():\n    y = 1\n    g()\n    try:\n        g()\n    except KeyError:\n        pass\n"
    "    h(1)\n    h(2)\n    raise E\n",
    "async def f(q):\n    error = None\n    a = 1\n    try:\n        await q()\n"
    "    except BaseException as e:\n        error = e\n    b = 2\n    if error:\n"
    "        raise error\n",
    "class A:\n    def f(self):\n        try: g()\n        except: self.e = e\n"
    "    def h(self):\n        x = 1\n        raise self.e\n",
    "class A:\n    def f(self):\n        try: g()\n        except BaseException as e: self.e = e\n"
    "    def h(self):\n        x = 1\n        raise self.e\n",
    "from asyncio import CancelledError as C\nE = (ValueError, C)\nclass A:\n"
    "    async def f(self):\n"
    "        x = 1\n        try:\n            await g()\n        except E:\n            x = 2\n"
    "        y = 1\n",
    "def f():\n    for x in y:\n        a = 1\n        try:\n            g()\n        finally:\n"
    "            b = 1\n            continue\n        c = 1\n    d = 1\n",
    "def f():\n    if (E := Exception):\n        a = 1\n    b = 2\n    try:\n        g()\n"
    "    except E:\n        x = 1\n",
    "def f():\n    if (BaseException := 1):\n        a = 1\n    b = 2\n    try:\n        g()\n"
    "    except BaseException:\n        x = 1\n",
    "def f():\n    match g():\n        case 1: a = 1\n        case [Exception as E]:\n"
    "            b = 1\n            c = 2\n        case _:\n            try:\n                g()\n"
    "            except E:\n                x = 1\n    d = 1\n",
    "@(\n  d)\ndef f(): x = 1\n@d\n\n@e\nclass A:\n    url = 'https://api.acme.io/v1'\n    x = 1\n",
    "def f():\n\tx = 1\r\n\ty = 2\r\n\turl = 'https://api.acme.io/v1'\r\n\tz = 1\r\n",
    "def f():\n    x = 1\n\x0c\n    y = 1\n\x0c    z = 1\n    url = 'https://api.acme.io/v1'\n",
    "def f():\n    return g(f'é{x}', '''\n''', y='é'); url = 'https://api.acme.io/v1'\n",
    # What answers an error outside of functions, and what a function does around it.
    "x = 1\ntry:\n    import a\nexcept Exception:\n    pass\ny = 1\nif y:\n    raise E\nelse:\n"
    "    raise F\nz = 1\n",
    "x = 1\ntry: c.close()\nexcept Exception: pass\nc = None\ny = 1\n",
    "x = 1\ntry: a = g()\nexcept Exception: a = None\ny = 1\ndef f():\n    return 1\n"
    "if a is None:\n    failed(1)\nz = 1\n",
    "def f():\n    x = 1\n    if x:\n        y = 1\n        return True\n    try:\n"
    "        return g()\n"
    "    except Exception:\n        return None\ndef h():\n    return f()\n",
    "def f(r):\n    a = 1\n    user = ''\n    b = 2\n    try: user = r.user\n"
    "    except Exception: pass\n    c = 3\n    log.info('by %s', user)\n",
    "from a import KeyError as K\nfrom b import c as KeyError\ndef f():\n    x = 1\n"
    "    try: g()\n    except KeyError: pass\n",
    "x = f('a' 'b')\nheaders = {'Author' 'ization': 'Bearer abc123def456ghi789'}\ny = 1\n",
    "password = '''hunter2!\r\nxyz9'''\r\nx = 1\r\n",
    "def f(a, /, b, password='hunter2!xyz9', *, c=1, token=b'hunter2!xyz9'): pass\n",
    "user, password = 'a', 'hunter2!xyz9'\nif api_key == f('x') == 'hunter2!xyz9': pass\n",
    "import hmac\nhmac.compare_digest('hunter2!xyz9', password)\n",
    "x = f'ghp_{y}A1b2C3' f'ghp_A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8 {z}'\n",
    "def f():\n    try: import x\n    except ImportError: x = None\n    y = 1\n    try: x.y\n"
    "    except x.Error: pass\n",
    "def f():\n    try: g()\n    except Exception: pass\n    Exception = g\n",
    # … and what a rule asks for though it was left out.
    "import os\nV = os.getenv('DB_PASSWORD')\nx = 1\nf({'default': 'hunter2!xyz9', 'env': V})\n",
    "import contextlib\nE = Exception\nx = 1\ndef f(s):\n"
    "    s.enter_context(contextlib.suppress(E))\n",
    "def f():\n    E = (Exception,)\n    def g():\n        y = 1\n"
    "        s.enter_context(suppress(*E))\n    x = 1\nfrom contextlib import suppress\n",
    "from contextlib import suppress\nclass A:\n    if x:\n        for E in y: z = 1\n"
    "    s.enter_context(suppress(E))\n    E = Exception\n",
    "import contextlib\ndef f():\n    x = 1\n    if x:\n        global E\n        E = Exception\n"
    "def g(s):\n    s.enter_context(contextlib.suppress(E))\n",
    "import contextlib\nx = 1\nif (E := Exception):\n    y = 1\nf(contextlib.suppress(E))\n",
    # What a prefilter could take for something else than it is.
    "import os\nx = 1\nx = os.environ['DB_PASSWORD'] if c else 'hunter2!xyz9'\n",
    "import os\nV = os.getenv('DB_PASSWORD')\ny = 1\nx = 'hunter2!xyz9' if not V else V\n",
    "import os\nx = {f'default': 'hunter2!xyz9'.strip(), 'env': os.getenv('DB_PASSWORD')}\n",
    "password = f'\\x3chunter2!xyz9\\x3e'\n",
    "api_key = f'hunter2\\\n!xyz9'\n",
    "x = f'ghp_A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8{x=}'\n",
    "def f():\n    try: g()\n    except Exception: h(f'{d.pop_errors()=}')\n",
    "def f():\n    try: g()\n    except Exception: h(f'{is_invalid(x) = }')\n",
    "try: f()\nexcept KeyError: continue\n",
    "from asyncio import CancelledError\nException = CancelledError, KeyError\n"
    "async def f(t):\n    t.cancel()\n    x = 1\n    try: await t\n    except Exception: pass\n",
]
# Python reads this name as another, in plain letters.
LIGATURE = "import contextlib\n\ufb01 = contextlib.suppress\nwith \ufb01(Exception): f()\n"
# Python's own words for things that not every version has.
NEWER = [
    "type Rows[T] = list[T]\n\ndef f[T](x: T) -> Rows[T]:\n    return g(x)\n",
    "class A[T](B[T]):\n    def f(self): return f'{h('a')}'\n",
    "try:\n    f()\nexcept* E as e:\n    g(e)\n",
]


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


TEXTS = [
    text for each in (*EXAMPLES, *ODD, *FAR_APART, *NEWER, *real()) for text in written_out(each)
]


def reports(
    texts: list[str], *, prefilters: bool = True, only: str = ""
) -> list[inspect.Inspected]:
    """Return what is found, if wanted by `only` one rule.

    Without prefilters, every rule looks at every file as a whole.
    """
    config, catalog = load(Path("/"), None, True, {})
    plan = Session(config, catalog)._plan
    active = inspect.load(plan) if prefilters else [inspect.Active(r, None) for r in plan.rules]
    active = [each for each in active if only in ("", each.rule.code)]
    source = SourceFile("app.py", "app.py", "app", False)
    found = (
        inspect.inspect(source, text.encode(), plan, active, visitor_runner.run_visitors)
        for text in texts
    )
    return [dataclasses.replace(each, memo=b"") for each in found]


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
    for text in TEXTS:
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
    less = reports(FAR_APART, only=code)
    monkeypatch.setattr(visitor_runner, "without", lambda text, _: text)
    assert less == reports(FAR_APART, prefilters=False, only=code)


def test_no_rule_fails() -> None:
    problems = [problem for each in reports(TEXTS) for problem in each.report.problems]
    assert not [problem for problem in problems if problem.name == "rule-crash"]


def test_what_stands_apart_is_found() -> None:
    """Some of it: that whole and part agree would also hold if nothing were found."""
    found = [report.report.candidates for report in reports(FAR_APART)]
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
    for text in [*TEXTS, *NEWER]:
        found = literals_of(text)
        assert sorted(text[each.begin : each.end] for each in found) == literals_by_libcst(text)


@pytest.mark.parametrize("text", ODD)
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


@pytest.mark.parametrize("text", ODD)
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
    for text in NEWER:
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
