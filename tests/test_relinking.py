"""A program that was linked before and has changed says what it says when it is linked anew.

By hand, over real code: `python tests/test_relinking.py FOLDER...`.
"""

from __future__ import annotations

import ast
import random
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from bedev_lint import catalog as catalogs
from bedev_lint import facts, source
from bedev_lint.catalog import Catalog
from bedev_lint.program import Part, Source, link
from bedev_lint.session.examples import split
from bedev_lint.session.modules import Modules

CATALOG = catalogs.load([catalogs.builtin_rules()])
RULES = [rule for rule in CATALOG.rules.values() if rule.boundary is not None]
PART = msgspec.msgpack.Decoder(list[Part])

Texts = dict[str, str]


def examples() -> Texts:
    """Return a program of all examples of boundary rules, each in a package of its own."""
    return {
        f"{rule.name.replace('-', '_')}_{number}/{name}": text
        for rule in RULES
        for number, example in enumerate(rule.examples)
        for name, text in split(example.bad or example.good).items()
    }


def read(path: str, text: str, names: dict[str, tuple[str, bool]], catalog: Catalog) -> Source:
    name, is_package = names[path]
    found = facts.extract(
        source.parse(text), text, name, is_package=is_package, naming=catalog.naming
    )
    return Source(name, is_package, msgspec.msgpack.encode(found.facts))


def named(texts: Texts) -> dict[str, tuple[str, bool]]:
    return {path: (path[:-3].replace("/", "."), path.endswith("__init__.py")) for path in texts}


# ---------------------------------------------------------------------- edits


def edited(texts: Texts, dice: random.Random) -> tuple[str, str]:
    """Return the path of a module, and its text with something changed that a person may change."""
    while True:
        path = dice.choice(sorted(texts))
        tree = ast.parse(texts[path])
        other = ast.parse(texts[dice.choice(sorted(texts))])
        edit = dice.choice([drop, rename, derive, insert, reorder])
        if edit(tree, other, dice):
            text = ast.unparse(ast.fix_missing_locations(tree))
            try:
                compile(text, path, "exec", dont_inherit=True)
            except SyntaxError:  # a `return` that has come to stand outside of functions
                continue
            return path, text


def suites(tree: ast.AST) -> list[list[ast.stmt]]:
    return [
        suite
        for node in ast.walk(tree)
        for name in ("body", "orelse", "finalbody")
        if isinstance(suite := getattr(node, name, None), list) and suite
    ]


def drop(tree: ast.Module, _other: ast.Module, dice: random.Random) -> bool:
    known = [suite for suite in suites(tree) if len(suite) > 1]
    if known:
        suite = dice.choice(known)
        suite.pop(dice.randrange(len(suite)))
    return bool(known)


def insert(tree: ast.Module, other: ast.Module, dice: random.Random) -> bool:
    known, others = suites(tree), [s for s in suites(other) if s]
    if known and others:
        suite = dice.choice(known)
        suite.insert(dice.randrange(len(suite) + 1), dice.choice(dice.choice(others)))
    return bool(known and others)


def definitions(tree: ast.Module) -> list[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return [node for node in ast.walk(tree) if isinstance(node, kinds)]


def rename(tree: ast.Module, other: ast.Module, dice: random.Random) -> bool:
    known, others = definitions(tree), definitions(other)
    if known:
        name = dice.choice(others).name if others and dice.random() < 0.5 else "renamed"
        dice.choice(known).name = name
    return bool(known)


def derive(tree: ast.Module, other: ast.Module, dice: random.Random) -> bool:
    known = [node for node in definitions(tree) if isinstance(node, ast.ClassDef)]
    bases = [b for n in definitions(other) if isinstance(n, ast.ClassDef) for b in n.bases]
    if known:
        node = dice.choice(known)
        node.bases = [dice.choice(bases)] if bases and dice.random() < 0.5 else []
    return bool(known)


def reorder(tree: ast.Module, _other: ast.Module, dice: random.Random) -> bool:
    dice.shuffle(tree.body)
    return len(tree.body) > 1


# ---------------------------------------------------------------------- comparing


def said(parts: list[Part]) -> list[tuple[object, ...]]:
    return [
        (p.path, p.heads, p.relations, p.functions, p.later, p.walked.crossings, p.walked.cuts)
        for p in parts
    ]


def check_edits(
    texts: Texts, names: dict[str, tuple[str, bool]], dice: random.Random, edits: int
) -> Iterator[tuple[str, int]]:
    """Change one module after the other; return which, and how many were not walked anew."""
    sources = {path: read(path, text, names, CATALOG) for path, text in texts.items()}
    silenced = {path: (frozenset({"BD401"}),) for path in sources}
    before = link(sources, CATALOG, RULES, silenced).parts
    for _ in range(edits):
        path, texts[path] = edited(texts, dice)
        sources[path] = read(path, texts[path], names, CATALOG)
        if dice.random() < 0.1:
            silenced[path] = (frozenset({"BD401", "BD407"}),)
        kept = PART.decode(msgspec.msgpack.encode(before))
        again = link(sources, CATALOG, RULES, silenced, kept).parts
        assert said(again) == said(link(sources, CATALOG, RULES, silenced).parts), path
        yield path, sum(new.reads[3] is old.reads[3] for new, old in zip(again, kept, strict=True))
        before = again


@pytest.mark.parametrize("seed", range(4))
def test_a_changed_program_says_what_it_says_anew(seed: int) -> None:
    texts = examples()
    kept = [count for _, count in check_edits(texts, named(texts), random.Random(seed), 25)]
    assert sum(kept) > 0.8 * len(kept) * len(texts)


def test_nothing_is_done_again_where_nothing_has_changed() -> None:
    texts = examples()
    sources = {path: read(path, text, named(texts), CATALOG) for path, text in texts.items()}
    before = link(sources, CATALOG, RULES).parts
    again = link(sources, CATALOG, RULES, before=before).parts
    assert all(new.reads == old.reads for new, old in zip(again, before, strict=True))
    assert said(again) == said(before)


def main(folders: list[str]) -> None:
    for folder in folders:
        modules, root, texts, names = Modules(Path(folder)), Path(folder), {}, {}
        for path in sorted(root.rglob("*.py")):
            if "tests" in path.parts or "migrations" in path.parts:
                continue
            text = path.read_text(encoding="utf-8", errors="replace")
            try:
                ast.unparse(source.parse(text))
            except (source.Unparsable, source.Limit, RecursionError):
                continue
            names[str(path)], texts[str(path)] = modules.name(str(path)), text
        for path, kept in check_edits(texts, names, random.Random(folder), 20):
            print(f"{path}: {kept} of {len(texts)} not walked anew")


if __name__ == "__main__":
    main(sys.argv[1:])
