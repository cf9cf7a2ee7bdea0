"""A program that was linked before and has changed says what it says when it is linked anew.

What does so thousands of times goes without coverage, which would make it four times as slow.
By hand, over real code: `python tests/test_relinking.py FOLDER...`.
"""

from __future__ import annotations

import ast
import random
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path

import msgspec
import pytest

from bedev_lint import catalog as catalogs
from bedev_lint import facts, source
from bedev_lint.cache.trust import digest
from bedev_lint.catalog import Catalog, Rule
from bedev_lint.files.modules import Modules
from bedev_lint.program import ModuleSource, ModuleState, Program, StoredProgram, index_of, link
from bedev_lint.program.checks.candidates import Question
from bedev_lint.program.effects.callgraph import CallGraph
from bedev_lint.program.resolve import memory
from bedev_lint.program.structure.values import FunctionRef
from bedev_lint.session.examples import split
from bedev_lint.session.run import Session
from bedev_lint.settings.config import Config

BUILTIN = catalogs.load([catalogs.builtin_rules()])
HERE = Path(__file__).parent / "relinking"
OURS = [catalogs.builtin_rules(), HERE.parent / "projects/call-rules"]
CATALOG = catalogs.load(OURS)
RULES = [rule for rule in CATALOG.rules.values() if rule.is_linked]
LITERALS = frozenset[str | int | float]().union(*(rule.literals for rule in RULES))
STATES = msgspec.msgpack.Decoder(list[ModuleState])
ENCODE = msgspec.msgpack.Encoder().encode

Texts = dict[str, str]

# Where modules are moved to: before all others, among them, and into a package.
ELSEWHERE = ("a0.py", "shop/zz.py", "zz/__init__.py")
# Programs for which it is tried what a limit on depth does.
SHALLOW = ("callers_and_loops", "implementations", "unique_methods")

# The facts of all modules that have been read, by digest.
FACTS: dict[bytes, bytes] = {}

# Programs in which what one module says depends on another in a way of its own, by name: each file
# is one, its first line a title.
APART = {
    path.stem: split(path.read_text(encoding="utf-8").split("\n", 1)[1])
    for path in sorted((HERE / "programs").glob("*.py"))
}
# Programs in which a file changes; the second line says what is found before and after that.
CHANGES = sorted((HERE / "changes").glob("*.py"))
EXPECTED = re.compile(r"# (.+) before the change, (.+) after\n")
CHANGE = re.compile(r"(?m)^( *)(.*\S)  # change to: (.*)$")


def several(rules: Iterable[Rule]) -> list[Texts]:
    """Return the examples of rules that are of several files."""
    found = [split(e.bad or e.good) for rule in rules for e in rule.examples]
    return [texts for texts in found if len(texts) > 1]


EXAMPLES = several(RULES)


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
    questions = {path: Question((frozenset({"BD401"}),)) for path in sources}
    return link(sources, FACTS.__getitem__, CATALOG, RULES, questions, stored)


def named(texts: Texts) -> dict[str, tuple[str, bool]]:
    return {path: (path[:-3].replace("/", "."), path.endswith("__init__.py")) for path in texts}


# ---------------------------------------------------------------------- edits


# Of what may be edited in examples, which are hundreds: no multiple of how many kinds there are.
SOME = 13


def edits(text: str, step: int = 1) -> Iterator[str]:
    """Return what a person may make of a module in one step: of all that, one in so many."""
    edited = [
        (number, edit)
        for number, node in enumerate(ast.walk(ast.parse(text)))
        for edit in (drop, repeat, rename, derive)
        if suite(node) or is_named(node)
    ]
    for number, edit in edited[len(text) % step :: step]:
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
    body = suite(node)
    body[:0] = body[-1:]
    return bool(body)


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


def described(program: Program) -> str:
    """Return all that is known of a program, modules by their paths."""
    graph, table = program.graph, program.names.table("defined")
    modules = [
        (
            p.path,
            p.headers,
            p.relations,
            p.later,
            p.walked,
            [graph_of(graph, ref) for ref in functions],
        )
        for p in program.states.values()
        for functions in [[ref for ref, _ in program.project.functions(p.number)]]
    ]
    paths = {state.number: state.path for state in program.states.values()}
    by_path = re.sub(r"(?<=module=)\d+", lambda number: paths[int(number[0])], repr(modules))
    return f"{by_path} {[(name, [paths[m] for m in table[name]]) for name in sorted(table)]}"


def graph_of(graph: CallGraph, ref: FunctionRef) -> tuple[object, ...]:
    return graph.does(ref), list(graph.callers(ref)), sorted(graph.reached_by(ref))


def check(sources: dict[str, ModuleSource], before: StoredProgram) -> StoredProgram:
    """Link a program that was linked before, and anew; return what is known of it."""
    again = linked(sources, before)
    assert described(again) == described_anew(tuple(sorted(sources.items())))
    return kept(again, before)


@lru_cache(maxsize=2)
def described_anew(sources: tuple[tuple[str, ModuleSource], ...]) -> str:
    """Return all that is known of a program that is linked anew, often the whole one."""
    return described(linked(dict(sources)))


def check_edits(texts: Texts, step: int = 1) -> None:
    names = named(texts)
    whole = {path: read(path, text, names, CATALOG) for path, text in texts.items()}
    before = kept(linked(whole))
    for path, text in texts.items():
        for edited in edits(text, step):
            changed = {**whole, path: read(path, edited, names, CATALOG)}
            check(whole, check(changed, before))


@pytest.mark.no_cover
@pytest.mark.parametrize("texts", [*APART.values()], ids=[*APART])
def test_a_changed_program_says_what_it_says_anew(texts: Texts) -> None:
    check_edits(texts)


@pytest.mark.no_cover
@pytest.mark.parametrize("texts", EXAMPLES)
def test_a_changed_example_says_what_it_says_anew(texts: Texts) -> None:
    check_edits(texts, SOME)


@pytest.mark.no_cover
@pytest.mark.parametrize("texts", [APART[name] for name in SHALLOW])
def test_what_is_too_deep_is_unknown_whatever_was_asked_before(
    monkeypatch: pytest.MonkeyPatch, texts: Texts
) -> None:
    monkeypatch.setattr(memory, "_DEEPEST", 6)
    check_edits(texts)


def check_moves(texts: Texts, paths: Iterable[str], names_to: Sequence[str]) -> None:
    """Take modules away from a program, and give them back, as they were or by other names."""
    names = named(texts)
    whole = {path: read(path, text, names, CATALOG) for path, text in texts.items()}
    before = kept(linked(whole))
    for path in paths:
        fewer = {other: whole[other] for other in whole if other != path}
        without = check(fewer, before)
        check(whole, without)
        for name in names_to:
            moved = read(name, texts[path], {name: (name[:-3].replace("/", "."), False)}, CATALOG)
            check(whole, check({**fewer, name: moved}, before))
            check(fewer, check({**whole, name: moved}, before))
            check(whole, check({**fewer, name: moved}, without))


@pytest.mark.no_cover
@pytest.mark.parametrize("texts", [*APART.values()], ids=[*APART])
def test_a_program_with_other_modules_says_what_it_says_anew(texts: Texts) -> None:
    check_moves(texts, texts, ELSEWHERE)


@pytest.mark.no_cover
@pytest.mark.parametrize(("number", "texts"), [*enumerate(EXAMPLES)])
def test_an_example_with_other_modules_says_what_it_says_anew(number: int, texts: Texts) -> None:
    path, name = [*texts][number % len(texts)], ELSEWHERE[number % len(ELSEWHERE)]
    check_moves(texts, [path], [name])


# What asks the program of candidates.
PROVED = several(r for r in BUILTIN.rules.values() if (r.needs or r.unless) and r.is_visitor)


@pytest.mark.no_cover
@pytest.mark.parametrize("texts", PROVED)
def test_candidates_are_judged_as_they_are_anew(texts: Texts, tmp_path: Path) -> None:
    config = Config(root=tmp_path, select=("ALL",))
    for path, text in texts.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    warm = Session(config, BUILTIN)
    warm.stay_warm()
    warm.run([tmp_path])
    for path, text in texts.items():
        for edited in edits(text, SOME):
            contents = {**texts, path: edited}
            unsaved = {str(tmp_path / path): edited.encode()}
            anew = Session(config, BUILTIN, project={p: t.encode() for p, t in contents.items()})
            found = warm.run([tmp_path], unsaved).diagnostics
            assert found == anew.run([tmp_path]).diagnostics


def test_a_module_more_is_all_that_is_linked() -> None:
    texts = APART["callers_and_loops"]
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


def changed_by(text: str) -> str:
    """Return a text in which every line that says so has been changed."""
    return CHANGE.sub(r"\1\3", text)


def codes(folder: Path, files: Texts, cache_folder: Path) -> list[str]:
    """Return the codes that are found in these files, written to a folder."""
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    session = Session(Config(root=folder), BUILTIN, cache_folder=cache_folder)
    return sorted(diagnostic.code for diagnostic in session.run([folder]).diagnostics)


@pytest.mark.parametrize("case", CHANGES, ids=lambda case: case.stem)
def test_a_change_is_heard_by_files_that_have_not_changed(case: Path, tmp_path: Path) -> None:
    _, expectation, text = case.read_text(encoding="utf-8").split("\n", 2)
    expected_codes = EXPECTED.fullmatch(f"{expectation}\n")
    assert expected_codes is not None and changed_by(text) != text
    before = split(CHANGE.sub(r"\1\2", text))
    states = [(before, expected_codes[1]), (split(changed_by(text)), expected_codes[2])]
    states.append(states[0])
    for number, (files, expected) in enumerate(states):
        wanted = expected.replace("nothing", "").split()
        assert codes(tmp_path / "project", files, tmp_path / "warm") == wanted
        assert codes(tmp_path / "project", files, tmp_path / f"cold{number}") == wanted


def test_nothing_is_done_again_where_nothing_has_changed() -> None:
    texts = APART["callers_and_loops"]
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
