"""Situations that rules have been wrong about come out as their comments say.

Each file in `cases/` is one, in the form of the rules' examples; its first row says what it is of.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bedev_lint import catalog as catalogs
from bedev_lint.session.examples import expected, reported, split
from bedev_lint.settings.config import Config

CATALOG = catalogs.load([catalogs.builtin_rules()])
CASES = sorted((Path(__file__).parent / "cases").glob("*.py"))
CONFIG = Config(root=Path(os.path.abspath(os.sep), "project"), extend_select=("BD401", "BD407"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_a_case_comes_out_as_marked(case: Path) -> None:
    files, wanted = expected(split(case.read_text()))
    assert reported(files, CONFIG, CATALOG) == wanted
