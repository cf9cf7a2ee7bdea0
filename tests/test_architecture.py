"""The floor plan, what may be known where, and what a wheel holds."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tomli
from hatchling.builders.wheel import WheelBuilder
from importlinter import cli as importlinter

from bedev_lint import catalog as catalogs

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src/bedev_lint"
RULES = ROOT / "rules"
MODULES = sorted(SOURCE.rglob("*.py"))


def relative(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix()


# ------------------------------------------------------------------ floors


def test_the_floor_plan(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    status = importlinter.lint_imports(no_cache=True)
    assert status == importlinter.EXIT_STATUS_SUCCESS, capsys.readouterr().out


# ------------------------------------------------------------------ names of third parties

# Of what vocabularies name, this is no third party: made up for values whose type is unknown,
# or the kind of a statement.
OUR_OWN = {"conventional", "sql"}
# What we are built with ourselves.
BUILT_WITH = {"click", "libcst"}


def vocabulary() -> Iterator[dict[str, Any]]:
    for path in sorted((RULES / "vocabulary").rglob("*.toml")):
        yield tomli.loads(path.read_text(encoding="utf-8"))


def named_types() -> set[str]:
    """Return the dotted names of all types of third parties that vocabularies speak of."""
    names: set[str] = set()
    for table in vocabulary():
        for name, words in table.get("type", {}).items():
            names |= {name, *words.get("bases", ())}
        for context in table.get("context", {}).values():
            names |= {*context.get("bases", ()), *context.get("decorators", ())}
    ours = sys.stdlib_module_names | OUR_OWN | BUILT_WITH
    dotted = {name for name in names if re.fullmatch(r"[A-Za-z_]\w*([.]([A-Za-z_]\w*|[*]))*", name)}
    return {name for name in dotted if top(name) not in ours}


def top(name: str) -> str:
    return name.split(".")[0]


def docstrings(tree: ast.Module) -> set[ast.expr]:
    holders = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return {
        node.body[0].value
        for node in ast.walk(tree)
        if isinstance(node, holders) and node.body and isinstance(node.body[0], ast.Expr)
    }


def imports_and_literals(path: Path) -> tuple[set[str], set[str]]:
    """Return the packages that a module imports, and its texts, docstrings left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    explained = docstrings(tree)
    imported: set[str] = set()
    texts: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported |= {top(alias.name) for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            imported.add(top(node.module))
        elif isinstance(node, ast.Constant) and node not in explained:
            if isinstance(node.value, bytes):
                texts.add(node.value.decode("latin-1"))
            elif isinstance(node.value, str):
                texts.add(node.value)
    return imported, texts


def mentioned(texts: set[str], packages: set[str], classes: set[str]) -> set[str]:
    """Return what the texts say of packages (`name`, `name.more`) and of their classes."""
    words = {word for text in texts for word in re.findall(r"[A-Za-z_]\w*", text)}
    return words & (packages | classes)


def test_vocabularies_name_third_parties() -> None:
    """Else the test below would prove nothing."""
    packages = {top(name) for name in named_types()}
    assert {"requests", "sqlalchemy", "django"} <= packages


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_no_third_party_is_known_in_the_code(path: Path) -> None:
    names = named_types()
    # A format of output is named after who reads it, such as GitHub, and a module after the program
    # that it runs, git: these are not their libraries.
    own = {path.stem for path in (*(SOURCE / "report").glob("*.py"), *SOURCE.glob("*.py"))}
    packages = {top(name) for name in names} - own - {"web"}  # a word of effects
    # QuerySet tells of its library, Session does not.
    classes = {found[0] for name in names if (found := re.search(r"[A-Z][a-z]+[A-Z]\w*$", name))}
    imported, texts = imports_and_literals(path)
    assert imported & packages == set()
    assert mentioned(texts, packages, classes) == set()


def test_such_a_name_would_be_found(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text('"""Not requests."""\nimport django\nNAMES = ["sqlalchemy.orm.Query"]\n')
    imported, texts = imports_and_literals(path)
    assert imported & {"django", "requests"} == {"django"}
    assert mentioned(texts, {"sqlalchemy", "requests"}, {"Query"}) == {"sqlalchemy", "Query"}


# ------------------------------------------------------------------ rules, wherever they lie


def test_visitors_and_their_rules_are_pairs() -> None:
    rules = catalogs.load([RULES]).rules.values()
    visitors = {path.stem for path in (SOURCE / "visitors").glob("*.py")} - {"__init__"}
    assert visitors == {rule.name.replace("-", "_") for rule in rules if rule.is_visitor}


def test_a_rule_says_where_it_looks_without_libcst() -> None:
    """For every file all rules are asked; LibCST costs as much as reading a hundred of them."""
    names = [f"bedev_lint.visitors.{path.stem}" for path in (SOURCE / "visitors").glob("[a-z]*.py")]
    assert names
    code = f"import sys, {', '.join(names)}; print('libcst' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_the_rules_of_a_checkout_are_those_beside_it() -> None:
    assert catalogs.builtin_rules() == RULES


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    """The wheel of this checkout, unpacked."""
    builder = WheelBuilder(str(ROOT))
    (built,) = builder.build(directory=str(tmp_path), versions=["standard"])
    with zipfile.ZipFile(built) as archive:
        archive.extractall(tmp_path / "project/site")
    return tmp_path / "project/site"


def test_the_wheel_holds_all_rules(wheel: Path) -> None:
    shipped = wheel / "bedev_lint/rules"
    expected = {path.relative_to(RULES) for path in RULES.rglob("*.toml")}
    assert {path.relative_to(shipped) for path in shipped.rglob("*.toml")} == expected
    assert (wheel / "bedev_lint/py.typed").is_file()


@pytest.mark.parametrize("beside", [{}, {"pyproject.toml": "", "rules/other.toml": "code = 1\n"}])
def test_the_wheel_finds_its_own_rules(wheel: Path, beside: dict[str, str]) -> None:
    """Also where it lies in a project that has a folder of the same name."""
    for name, text in beside.items():
        path = wheel.parent / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    script = (
        f"import sys; sys.path.insert(0, {str(wheel)!r})\n"
        "from bedev_lint import catalog; print(catalog.builtin_rules())"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=wheel, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == str(wheel / "bedev_lint/rules")
