"""One file that is too deep, or that we cannot link, costs nobody but itself."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bedev_lint.cli import cli
from bedev_lint.inspection import parallel
from bedev_lint.limits import TooLong
from bedev_lint.model import FunctionFacts
from bedev_lint.program.effects.kinds import FunctionEffects
from bedev_lint.program.effects.summaries import Summaries
from bedev_lint.program.structure.values import FunctionRef

Texts = dict[str, str]

USE = "from shop.deep import make\ndef place(order):\n    make().get(order, timeout=10)\n"
SWALLOWED = "try:\n    f()\nexcept Exception:\n    pass\n"
# Each gives a session of requests by a long way.
DEEP: dict[str, Texts] = {
    "alternatives": {
        "shop/deep.py": "import requests\n"
        f"def make(a: {'|'.join(['None'] * 900)} = None) -> requests.Session"
        f"{'| None' * 900}:\n    pass\n"
    },
    "alternatives in an expression": {
        "shop/deep.py": f"import requests\nMADE = requests.Session(){' | None' * 900}\n"
        f"OTHER = requests.Session(){' or None' * 900}\ndef make():\n    return MADE or OTHER\n"
    },
    "links of a chain": {
        "shop/deep.py": "import requests\nclass Box:\n    def same(self):\n        return self\n"
        "    def open(self):\n        return requests.Session()\n"
        f"MADE = Box(){'.same()' * 200}.open()\ndef make():\n    return MADE\n"
    },
    "assignments": {
        "shop/deep.py": "import requests\nv0 = requests.Session()\n"
        + "".join(f"v{n + 1} = v{n}\n" for n in range(150))
        + "def make():\n    return v150\n"
    },
    "delegating modules": {
        **{
            f"shop/m{n:02}.py": f"from shop.m{n + 1:02} import make as f\ndef make():\n"
            "    return f()\n"
            for n in range(60)
        },
        "shop/m60.py": "import requests\ndef make():\n    return requests.Session()\n",
        "shop/deep.py": "from shop.m00 import make\n",
    },
    "re-exports": {
        **{f"shop/m{n:02}.py": f"from shop.m{n + 1:02} import make\n" for n in range(60)},
        "shop/m60.py": "import requests\ndef make():\n    return requests.Session()\n",
        "shop/deep.py": "from shop.m00 import make\n",
    },
    "classes below one another": {
        "shop/deep.py": "import requests\nclass C0:\n    def get(self, order, timeout):\n"
        "        requests.get(order, timeout=timeout)\n"
        + "".join(f"class C{n + 1}(C{n}):\n    pass\n" for n in range(250))
        + "def make():\n    return C250()\n"
    },
}


def written(folder: Path, texts: Texts) -> Path:
    for path, text in texts.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return folder


def run(command: str, path: Path, *options: str) -> Result:
    return CliRunner().invoke(cli, [command, str(path), "--isolated", *options])


def found(result: Result) -> list[tuple[str, str]]:
    return [(d["code"], Path(d["filename"]).name) for d in json.loads(result.stdout)]


@pytest.mark.parametrize("name", DEEP)
def test_what_lies_behind_a_long_way_is_found(tmp_path: Path, name: str) -> None:
    texts = {**DEEP[name], "shop/services/checkout.py": USE, "shop/other.py": SWALLOWED}
    written(tmp_path, texts)
    result = run("check", tmp_path, "--no-cache", "--output-format", "json")
    assert found(result) == [("BD101", "other.py"), ("BD202", "checkout.py")]
    assert run("effects", tmp_path, "--no-cache").exit_code == 0


def test_settings_that_many_ways_lead_to_are_looked_at_once(tmp_path: Path) -> None:
    texts = {
        "settings/__init__.py": "",
        "settings/base.py": 'GATEWAY = "http://localhost:8000/v1"\nSHOP = "http://localhost/v1"\n',
        **{f"settings/{side}0.py": "from .base import *\n" for side in "ab"},
        **{
            f"settings/{side}{n}.py": f"from .a{n - 1} import *\nfrom .b{n - 1} import *\n"
            for n in range(1, 40)
            for side in "ab"
        },
    }
    for side in "ab":
        texts[f"settings/{side}39.py"] += 'GATEWAY = read("gateway")\n'
    result = run("check", written(tmp_path, texts), "--no-cache", "--output-format", "json")
    assert [d["location"]["row"] for d in json.loads(result.stdout)] == [2]


@pytest.mark.parametrize(
    "deep",
    [
        "def f0(x):\n    return x\n"
        + "".join(f"def f{n + 1}(x):\n    return f{n}(x)\n" for n in range(2_000)),
        "v0 = make()\n" + "".join(f"v{n + 1} = v{n}.next()\n" for n in range(2_000)),
        "class A:\n    pass\n" * 300 + "class A(A):\n    x = A\n" * 300,
        "".join(f"a{n} = b{n + 1}\nb{n} = (a{n},)\n" for n in range(600)) + "a600 = a0\n",
    ],
)
def test_what_lies_behind_an_endless_way_is_unknown(tmp_path: Path, deep: str) -> None:
    use = "from shop.deep import *\ndef place():\n    f2000(1)\n    v2000.get(A, a0)\n"
    texts = {"shop/deep.py": deep, "shop/services/a.py": use, "shop/other.py": SWALLOWED}
    written(tmp_path, texts)
    result = run("check", tmp_path, "--no-cache", "--output-format", "json")
    assert found(result) == [("BD101", "other.py")]


# ---------------------------------------------------------------------- what does not answer


@pytest.mark.skipif(not parallel.can_fork(), reason="needs Linux")
def test_a_process_that_does_not_answer_is_given_up() -> None:
    def stopped_at(item: int) -> int:
        if item == 2:
            os.kill(os.getpid(), signal.SIGSTOP)
        return item * 10

    with parallel.Pool(2, lambda: stopped_at, patience=1) as pool:
        done = dict(pool.results([[1, 2, 3], [4]]))
    assert isinstance(done.pop(2), parallel.Died)
    assert done == {1: 10, 3: 30, 4: 40}


# ---------------------------------------------------------------------- what fails while linking

CLIENT = "import requests\ndef fetch():\n    return requests.get('x', timeout=10)\n"
PLACE = "from shop.rates import fetch\ndef place():\n    fetch()\n"
PROJECT: Texts = {
    "shop/rates.py": CLIENT,
    "shop/broken.py": "from shop.rates import fetch\ndef use():\n    fetch()\n",
    "shop/services/checkout.py": PLACE,
    "shop/services/returns.py": PLACE,
    "shop/other.py": SWALLOWED,
}


@pytest.mark.parametrize("copies", [False, True])
@pytest.mark.parametrize(
    ("error", "code"), [(IndexError, "BD004"), (RecursionError, "BD005"), (TooLong, "BD005")]
)
def test_a_file_that_cannot_be_linked_is_told_and_the_others_are_linked(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    error: type[BaseException],
    code: str,
    copies: bool,
) -> None:
    of = Summaries.of

    def failing(self: Summaries, ref: FunctionRef, facts: FunctionFacts) -> FunctionEffects:
        if facts.name == "use":
            raise error("quoted")
        return of(self, ref, facts)

    monkeypatch.setattr(Summaries, "of", failing)
    if copies:
        monkeypatch.setattr(parallel, "_SMALL", 0)
    written(tmp_path, PROJECT)
    jobs = "2" if copies else "1"
    options = ("--output-format", "json", "-j", jobs, "--cache-dir", str(tmp_path / "cache"))
    results = [run("check", tmp_path, *options) for _ in range(2)]
    for result in results:
        assert result.exit_code == 2
        assert found(result) == [
            (code, "broken.py"),
            ("BD101", "other.py"),
            ("BD202", "checkout.py"),
            ("BD202", "returns.py"),
        ]
        assert "quoted" not in result.output
    assert results[0].stdout == results[1].stdout
    effects = run("effects", tmp_path, "--no-cache")
    assert effects.exit_code == 2
    assert "broken.py" in effects.stderr
    assert "shop.services.returns.place" in effects.stdout


def test_a_file_that_takes_too_long_to_link_is_told_and_linked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    of = Summaries.of

    def endless(self: Summaries, ref: FunctionRef, facts: FunctionFacts) -> FunctionEffects:
        while facts.name in ("use", "fetch"):
            pass
        return of(self, ref, facts)

    written(tmp_path, {**PROJECT, "bedev-lint.toml": "file-timeout = 1\n"})
    arguments = ["check", str(tmp_path), "--output-format", "json", "-j1"]
    with monkeypatch.context() as patched:
        patched.setattr(Summaries, "of", endless)
        result = CliRunner().invoke(cli, arguments)
        assert result.exit_code == 2
        assert found(result) == [
            ("BD005", "broken.py"),
            ("BD101", "other.py"),
            ("BD005", "rates.py"),
        ]
    result = CliRunner().invoke(cli, arguments)  # it is not kept that they took too long
    assert found(result) == [
        ("BD101", "other.py"),
        ("BD202", "checkout.py"),
        ("BD202", "returns.py"),
    ]


def test_a_file_that_is_mended_is_linked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path, PROJECT)
    options = ("--output-format", "json", "--cache-dir", str(tmp_path / "cache"))
    with monkeypatch.context() as patched:
        patched.setattr(Summaries, "of", None)
        assert ("BD004", "checkout.py") in found(run("check", tmp_path, *options))
    for path in (tmp_path / "shop").rglob("*.py"):
        path.write_text(path.read_text() + "\n# mended\n" + "more = 1\n")
    assert [code for code, _ in found(run("check", tmp_path, *options))] == [
        "BD101",
        "BD202",
        "BD202",
    ]


def test_a_loop_over_an_attribute_of_a_class_is_looked_up_in_its_body(tmp_path: Path) -> None:
    text = (
        "from typing import cast\nfrom sqlalchemy.orm import Session\n"
        "[print(), print(), print(), print(), print(), print(), print(), print()]\n"
        "class Job:\n    kinds = cast('list[str]', ['a', 'b'])\n    rows = load()\n"
        "    def run(self, session: Session):\n"
        "        for kind in self.kinds:\n            session.execute(kind)\n"
        "        for row in self.rows:\n            session.get(object, row)\n"
    )
    written(tmp_path, {"shop/job.py": text, "shop/other.py": SWALLOWED})
    options = ("--no-cache", "--output-format", "json", "--extend-select", "BD401")
    result = run("check", tmp_path, *options)
    assert found(result) == [("BD401", "job.py"), ("BD101", "other.py")]
