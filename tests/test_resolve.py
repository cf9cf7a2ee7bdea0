"""What a call is resolved to: each file in `resolve/` is a short project, its first row a title.

`# calls NAME` behind a line says that a call on it is one of NAME, and no other line calls that. A
call rule of a team, made for the name, proves it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from bedev_lint import catalog as catalogs
from bedev_lint.catalog import Catalog
from bedev_lint.session.examples import reported, split
from bedev_lint.settings.config import Config

BUILTIN = catalogs.builtin_rules()
CASES = sorted((Path(__file__).parent / "resolve").glob("*.py"))
MARK = re.compile(r"[ \t]*# calls ([\w.]+)$", re.MULTILINE)
RULE = """
code = "TT101"
title = "A call of it"
message = "{{function}} calls {{effect}}"
severity = "error"
default = true
skip = []
[call]
to = "{name}"
"""


def catalog_for(name: str, folder: Path) -> Catalog:
    """Return the catalog with a rule that reports each call of a function or member."""
    (folder / "team").mkdir(parents=True, exist_ok=True)
    (folder / "team/called.toml").write_text(RULE.format(name=name), encoding="utf-8")
    return catalogs.load([BUILTIN, folder])


def marked(files: Mapping[str, str]) -> dict[str, set[tuple[str, int]]]:
    """Return the places that comments mark, by the name that is called there."""
    marks: dict[str, set[tuple[str, int]]] = {}
    for file, text in files.items():
        for row, line in enumerate(text.split("\n"), start=1):
            for name in MARK.findall(line):
                marks.setdefault(name, set()).add((file, row))
    return marks


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_calls_are_resolved(case: Path, tmp_path: Path) -> None:
    files = split(case.read_text(encoding="utf-8").split("\n", 1)[1])
    wanted = marked(files)
    assert wanted
    root = Path(os.path.abspath(os.sep), "project")
    for number, (name, places) in enumerate(sorted(wanted.items())):
        catalog = catalog_for(name, tmp_path / str(number))
        calls = reported(files, Config(root=root, select=("TT101",)), catalog)
        assert {(file, row) for file, row, _ in calls} == places, name
