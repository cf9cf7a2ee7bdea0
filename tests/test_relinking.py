"""A program that was linked before and has changed says what it says when it is linked anew.

What does so thousands of times goes without coverage, which would make it four times as slow.
By hand, over real code: `python tests/test_relinking.py FOLDER...`.
"""

from __future__ import annotations

import ast
import random
import re
import sys
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import msgspec
import pytest

from bedev_lint import catalog as catalogs
from bedev_lint import facts, source
from bedev_lint.cache.trust import digest
from bedev_lint.catalog import Catalog
from bedev_lint.files.modules import Modules
from bedev_lint.program import ModuleSource, ModuleState, Program, StoredProgram, index_of, link
from bedev_lint.program.effects.callgraph import CallGraph
from bedev_lint.program.resolve import memory
from bedev_lint.program.structure.values import FunctionRef
from bedev_lint.session.examples import split
from bedev_lint.session.run import Session
from bedev_lint.settings.config import Config

BUILTIN = catalogs.load([catalogs.builtin_rules()])
OURS = [catalogs.builtin_rules(), Path(__file__).parent / "projects/call-rules"]
CATALOG = catalogs.load(OURS)
RULES = [rule for rule in CATALOG.rules.values() if rule.is_linked]
LITERALS = frozenset[str | int | float]().union(*(rule.literals for rule in RULES))
STATES = msgspec.msgpack.Decoder(list[ModuleState])
ENCODE = msgspec.msgpack.Encoder().encode

Texts = dict[str, str]

# The facts of all modules that have been read, by digest.
FACTS: dict[bytes, bytes] = {}

# Programs in which what one module says depends on another in a way of its own: on who calls
# it, who is derived from it, who has a method or a name, on whom it reaches or is reached from,
# and on what goes round in a circle.
APART = [
    {
        "shop/services/a.py": "def save(session, row):\n    session.add(row)\n"
        "def total(box):\n    for row in box:\n        row.fetch()\n",
        "b.py": "from sqlalchemy.orm import Session\nfrom shop.services.a import save, total\n"
        "import requests\nclass Row:\n    def fetch(self):\n        requests.get('x')\n"
        "def run(s: Session, rows):\n    for row in rows:\n        save(s, row)\n"
        "        s.flush()\ndef other(rows: list[Row]):\n    total(rows)\n    return 1\n",
    },
    {
        "shop/services/a.py": "from b import Port\n"
        "def place(port: Port):\n    for x in port.all():\n        port.send(x)\n",
        "b.py": "from abc import ABC, abstractmethod\nclass Port(ABC):\n    @abstractmethod\n"
        "    def send(self, x): ...\n    @abstractmethod\n    def all(self): ...\n"
        "def set(port):\n    port.client = 1\n",
        "c.py": "import requests\nfrom b import Port\nfrom d import Base\n"
        "class Http(Base, Port):\n    def send(self, x):\n        self.client.get(x)\n",
        "d.py": "import requests\nclass Base:\n    def all(self):\n"
        "        return self.client.get('x')\n    def fill(self):\n"
        "        self.client = requests.Session()\n        self.full = 1\n",
    },
    {
        "shop/services/a.py": "def place(x):\n    x.synchronise_inventory()\n"
        "    x.recount_everything()\n",
        "b.py": "import requests\nclass Stock:\n    def synchronise_inventory(self):\n"
        "        requests.get('x')\n",
        "c.py": "import requests\nclass Other:\n    def recount_everything(self):\n"
        "        requests.get('x')\n",
    },
    {
        "shop/models.py": "from django.db import models\nclass Order(models.Model):\n"
        "    customer = models.ForeignKey('Customer', on_delete=models.CASCADE)\n",
        "people/models.py": "from django.db import models\nfrom people.names import Named\n"
        "class Customer(Named):\n    def one(self):\n        return self.orders()\n"
        "    def orders(self):\n        return self.order_set.all()\n",
        "people/names.py": "from django.db import models\nclass Named(models.Model):\n"
        "    class Meta:\n        abstract = True\n",
        "shop/services/a.py": "from people.models import Customer\nfrom shop.models import Order\n"
        "def names():\n    for order in Order.objects.all():\n        print(order.customer)\n"
        "def counts():\n    for customer in Customer.objects.all():\n"
        "        print(list(customer.orders()))\n        print(list(customer.order_set.all()))\n",
    },
    {
        "a.py": "import threading\nfrom b import work, tell\n"
        "async def start():\n    def inner():\n        work()\n    tell(inner)\n    work()\n",
        "b.py": "import time\nfrom c import deep\nKEPT = None\ndef work():\n    deep()\n"
        "def tell(f):\n    f()\ndef keep():\n    global KEPT\n    KEPT = time\n"
        "def use():\n    KEPT.sleep(1)\nasync def both():\n    use()\n    keep()\n",
        "c.py": "import time\ndef deep():\n    if time:\n        deeper()\n"
        "def deeper():\n    time.sleep(1)\n",
        "d.py": "import asyncio\nfrom a import start\nfrom b import both, work\n"
        "async def main():\n    await start()\n    await both()\n    work()\n"
        "    await asyncio.to_thread(work)\n",
    },
    {
        "a.py": "import time\nfrom b import two\ndef one():\n    two()\n    time.sleep(1)\n"
        "async def start():\n    one()\n",
        "b.py": "import requests\nfrom a import one\nfrom c import three\n"
        "def two():\n    three()\n    requests.get('x')\n    other()\n"
        "def other():\n    one()\n",
        "c.py": "from a import one\nfrom b import two\ndef three():\n    one()\n    two()\n"
        "async def end():\n    three()\n",
    },
    {
        "late.py": "from atexit import register as run_late\n",
        "a.py": "from late import run_late\nfrom shop.services.m import place\nrun_late(place())\n",
        "b.py": "from late import run_late\nfrom shop.services.m import place\nrun_late(place())\n",
        "shop/services/m.py": "import requests\ndef place():\n    def send():\n"
        "        requests.get('x')\n    return send\n",
    },
    {
        "a.py": "from b import B\nclass A(B):\n    def one(self): pass\n",
        "b.py": "from c import C\nimport requests\nclass B(C):\n    def two(self):\n"
        "        requests.get('x')\n",
        "c.py": "from a import A\nclass C(A):\n    def three(self): pass\n",
        "0.py": "from a import A\ndef use():\n    A().two()\n",
        "services/d.py": "from c import C\ndef place():\n    C().two()\n",
    },
    {
        "clients.py": "import requests\nCLIENT = requests.Session()\nOTHER = requests.Session()\n",
        "shop/services/a.py": "from clients import CLIENT\ndef place(x):\n    CLIENT.get(x)\n",
    },
]


def programs() -> list[Texts]:
    """Return the examples of linked rules that have more than one file, and those above."""
    found = [split(e.bad or e.good) for rule in RULES for e in rule.examples]
    return [*APART, *(texts for texts in found if len(texts) > 1)]


def read(
    path: str, text: str, names: dict[str, tuple[str, bool]], catalog: Catalog
) -> ModuleSource:
    name, is_package = names[path]
    found = facts.extract(
        source.parse(text),
        text,
        name,
        is_package=is_package,
        naming=catalog.naming,
        literals=LITERALS,
    )
    data = ENCODE(found.facts)
    FACTS[digest(data, b"")] = data
    return ModuleSource(
        name, is_package, digest(data, b""), len(data), ENCODE(index_of(found.facts))
    )


def linked(sources: dict[str, ModuleSource], stored: StoredProgram | None = None) -> Program:
    silenced = {path: (frozenset({"BD401"}),) for path in sources}
    return link(sources, FACTS.__getitem__, CATALOG, RULES, silenced, stored)


def named(texts: Texts) -> dict[str, tuple[str, bool]]:
    return {path: (path[:-3].replace("/", "."), path.endswith("__init__.py")) for path in texts}


# ---------------------------------------------------------------------- edits


def edits(text: str) -> Iterator[str]:
    """Return what a person may make of a module in one step."""
    for number, node in enumerate(ast.walk(ast.parse(text))):
        for edit in (drop, repeat, rename, derive) if suite(node) or is_named(node) else ():
            tree = ast.parse(text)
            if edit(list(ast.walk(tree))[number]):
                written = ast.unparse(ast.fix_missing_locations(tree))
                try:
                    compile(written, "edited.py", "exec", dont_inherit=True)
                except SyntaxError:  # a class without a body, an import that stands too late
                    continue
                yield written


def drop(node: ast.AST) -> bool:
    """Drop the first statement of a suite."""
    return bool(suite(node)) and suite(node).pop(0) is not None


def repeat(node: ast.AST) -> bool:
    """Write the last statement of a suite once more at its beginning."""
    known = suite(node)
    known[:0] = known[-1:]
    return bool(known)


def suite(node: ast.AST) -> list[ast.stmt]:
    body = getattr(node, "body", None)
    return body if isinstance(body, list) else []


def is_named(node: ast.AST) -> bool:
    return isinstance(node, (ast.Attribute, ast.alias))


def rename(node: ast.AST) -> bool:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        node.name += "_"
    elif isinstance(node, ast.Attribute):
        node.attr += "_"
    elif isinstance(node, ast.alias):
        node.name += "_"
    else:
        return False
    return True


def derive(node: ast.AST) -> bool:
    """Take the bases of a class away."""
    if isinstance(node, ast.ClassDef) and node.bases:
        node.bases = []
        return True
    return False


# ---------------------------------------------------------------------- comparing


def kept(program: Program, before: StoredProgram | None = None) -> StoredProgram:
    """Return what is known of a program: of what has not changed, what was known before."""
    before, new = before or StoredProgram(), program.to_keep()
    states = {state.path: state for state in (*before.states, *new.states)}
    every = sorted(state.path for state in program.states.values())
    read = STATES.decode(ENCODE([states[path] for path in every]))
    return StoredProgram(read, {**before.names, **new.names})


def said(program: Program) -> str:
    """Return all that is known of a program, modules by their paths."""
    graph, table = program.graph, program.names.table("defined")
    known = [
        (
            p.path,
            p.headers,
            p.relations,
            p.later,
            p.walked,
            [graph_of(graph, at) for at in functions],
        )
        for p in program.states.values()
        for functions in [[at for at, _ in program.project.functions(p.number)]]
    ]
    paths = {state.number: state.path for state in program.states.values()}
    told = re.sub(r"(?<=module=)\d+", lambda number: paths[int(number[0])], repr(known))
    return f"{told} {[(name, [paths[m] for m in table[name]]) for name in sorted(table)]}"


def graph_of(graph: CallGraph, at: FunctionRef) -> tuple[object, ...]:
    return graph.does(at), list(graph.callers(at)), sorted(graph.reached_by(at))


def check(sources: dict[str, ModuleSource], before: StoredProgram) -> StoredProgram:
    """Link a program that was linked before, and anew; return what is known of it."""
    again = linked(sources, before)
    assert said(again) == said_anew(tuple(sorted(sources.items())))
    return kept(again, before)


@lru_cache(maxsize=2)
def said_anew(sources: tuple[tuple[str, ModuleSource], ...]) -> str:
    """Return what is said of a program that is linked anew: of the whole, again and again."""
    return said(linked(dict(sources)))


@pytest.mark.no_cover
@pytest.mark.parametrize("texts", programs())
def test_a_changed_program_says_what_it_says_anew(texts: Texts) -> None:
    names = named(texts)
    whole = {path: read(path, text, names, CATALOG) for path, text in texts.items()}
    before = kept(linked(whole))
    for path, text in texts.items():
        for edited in edits(text):
            changed = {**whole, path: read(path, edited, names, CATALOG)}
            check(whole, check(changed, before))


@pytest.mark.no_cover
@pytest.mark.parametrize("texts", APART[:3])
def test_what_is_too_deep_is_unknown_whatever_was_asked_before(
    monkeypatch: pytest.MonkeyPatch, texts: Texts
) -> None:
    monkeypatch.setattr(memory, "_DEEPEST", 6)
    test_a_changed_program_says_what_it_says_anew(texts)


@pytest.mark.no_cover
@pytest.mark.parametrize("texts", programs())
def test_a_program_with_other_modules_says_what_it_says_anew(texts: Texts) -> None:
    names = named(texts)
    whole = {path: read(path, text, names, CATALOG) for path, text in texts.items()}
    before = kept(linked(whole))
    for path in whole:
        fewer = {other: whole[other] for other in whole if other != path}
        without = check(fewer, before)
        check(whole, without)
        for name in ("a0.py", "shop/zz.py", "zz/__init__.py"):
            moved = read(name, texts[path], {name: (name[:-3].replace("/", "."), False)}, CATALOG)
            check(whole, check({**fewer, name: moved}, before))
            check(fewer, check({**whole, name: moved}, before))
            check(whole, check({**fewer, name: moved}, without))


def test_a_module_more_is_all_that_is_linked() -> None:
    texts = APART[0]
    sources = {path: read(path, text, named(texts), CATALOG) for path, text in texts.items()}
    before = kept(linked(sources))
    text = "import requests\ndef more():\n    return requests.get('x')\n"
    for number in range(40):  # at last there is no number left between two others
        path = f"b{number:02}.py"
        more = {**sources, path: read(path, text, {path: (path[:-3], False)}, CATALOG)}
        changed = linked(more, before).to_keep().states
        if number == 0:
            assert [state.path for state in changed] == [path]
        before, sources = check(more, before), more


def test_a_module_more_in_a_package_is_all_that_is_linked() -> None:
    texts = {
        "shop/services/a.py": "from shop.rates import rate\ndef place(x):\n    return rate(x)\n",
        "shop/rates.py": "import requests\ndef rate(x):\n    return requests.get(x)\n",
    }
    sources = {path: read(path, text, named(texts), CATALOG) for path, text in texts.items()}
    before, path = kept(linked(sources)), "shop/services/b.py"
    more = read(path, "def more():\n    return 1\n", named({path: ""}), CATALOG)
    changed = linked({**sources, path: more}, before).to_keep().states
    assert [state.path for state in changed] == [path]


def test_another_code_in_a_comment_is_heard(tmp_path: Path) -> None:
    path = tmp_path / "shop" / "services" / "a.py"
    path.parent.mkdir(parents=True)
    config = Config(root=tmp_path)
    found = []
    for code in ("BD202", "BD201", "BD202"):
        path.write_text(
            f"import requests\ndef place():\n    requests.get('x')  # bedev: ignore[{code}] why\n"
        )
        session = Session(config, BUILTIN, cache_folder=tmp_path / "cache")
        found.append([d.code for d in session.run([tmp_path]).diagnostics])
    assert found == [[], ["BD202", "BD002"], []]


def test_another_caller_is_heard(tmp_path: Path) -> None:
    texts = {
        "card.py": "def owner(card):\n    try:\n        return card.read()\n"
        "    except CardError:\n        return None\n",
        "till.py": "from card import owner\ndef pay(card):\n    if owner(card) is None:\n"
        "        raise ValueError(card)\n",
    }
    asking = texts["till.py"]
    found = []
    config = Config(root=tmp_path)
    for text in (asking, asking.replace("if owner(card) is None", "if owner(card).pay()"), asking):
        for path, content in {**texts, "till.py": text}.items():
            (tmp_path / path).write_text(content)
        session = Session(config, BUILTIN, cache_folder=tmp_path / "cache")
        found.append([diagnostic.code for diagnostic in session.run([tmp_path]).diagnostics])
    assert found == [[], ["BD101"], []]


# A caller, and two texts of another file: one with which it crosses a boundary, one without.
HEARD = {
    "implementation": (
        "from ports import Rates\ndef place(rates: Rates):\n    rates.fetch(1)\n",
        "import requests\nfrom ports import Rates\nclass WebRates(Rates):\n"
        "    def fetch(self, code):\n        {}\n",
        ("requests.get(code)", "return code"),
    ),
    "assigned": (
        "from starlette.requests import Request\ndef place(request: Request):\n"
        "    request.app.state.rates.get(1)\n",
        "import requests\nfrom starlette.applications import Starlette\n"
        "def start(app: Starlette):\n    app.state.rates = {}\n",
        ("requests.Session()", "{}"),
    ),
    "request method": (
        "def place(request):\n    request.rates.get(1)\n",
        "import requests\ndef make(request):\n    return {}\ndef includeme(config):\n"
        "    config.add_request_method(make, name='rates', reify=True)\n",
        ("requests.Session()", "{}"),
    ),
}


@pytest.mark.parametrize("name", HEARD)
def test_what_another_file_says_is_heard_by_who_has_not_changed(tmp_path: Path, name: str) -> None:
    caller, other, said = HEARD[name]
    service, path = tmp_path / "shop" / "services" / "a.py", tmp_path / "other.py"
    service.parent.mkdir(parents=True)
    service.write_text(caller)
    (tmp_path / "ports.py").write_text(
        "from abc import ABC, abstractmethod\nclass Rates(ABC):\n    @abstractmethod\n"
        "    def fetch(self, code): ...\n"
    )
    found: list[list[str]] = []
    for text in (*said, said[0]):
        path.write_text(other.replace("{}", text))
        for folder in ("warm", f"cold{len(found)}"):
            session = Session(Config(root=tmp_path), BUILTIN, cache_folder=tmp_path / folder)
            found.append([d.code for d in session.run([tmp_path]).diagnostics])
    assert found == [["BD202"], ["BD202"], [], [], ["BD202"], ["BD202"]]


def test_nothing_is_done_again_where_nothing_has_changed() -> None:
    texts = APART[0]
    sources = {path: read(path, text, named(texts), CATALOG) for path, text in texts.items()}
    before = kept(linked(sources))
    assert linked(sources, before).to_keep() == StoredProgram([], {})


def main(folders: list[str]) -> None:
    for folder in folders:
        modules, dice = Modules(Path(folder)), random.Random(folder)
        texts, names = {}, {}
        for path in sorted(map(str, Path(folder).rglob("*.py"))):
            try:
                texts[path] = ast.unparse(source.parse(source.decode(Path(path).read_bytes())))
            except (source.Unparsable, source.Undecodable, source.Limit, RecursionError):
                continue
            names[path] = modules.name(path)
        sources = {path: read(path, text, names, CATALOG) for path, text in texts.items()}
        before = kept(linked(sources))
        away: dict[str, ModuleSource] = {}
        for step in range(20):
            path = dice.choice(sorted(sources))
            if step % 3 == 0:
                written = dice.choice(list(edits(texts[path])) or [""])
                sources[path] = read(path, written, names, CATALOG)
            elif step % 3 == 1:
                away[path] = sources.pop(path)
            else:
                sources.update(away)
            known, before = before, check(sources, before)
            was = {state.path: state.reads for state in known.states}
            same = sum(state.reads == was.get(state.path) for state in before.states)
            sys.stdout.write(f"{path}: {same} of {len(sources)} looked at the same\n")


if __name__ == "__main__":
    main(sys.argv[1:])
