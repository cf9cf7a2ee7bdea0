"""What is generated is current (`python docs/generate.py`), and the schemas say what is read."""

from __future__ import annotations

import json
import re
import runpy
from pathlib import Path
from typing import Any

import pytest
import tomli
from jsonschema import Draft7Validator

from bedev_lint import DOCS_URL
from bedev_lint import catalog as catalogs
from scratch import run, write

ROOT = Path(__file__).resolve().parent.parent
GENERATED: dict[Path, str] = runpy.run_path(str(ROOT / "docs/generate.py"))["generated"]()


@pytest.mark.parametrize("path", GENERATED, ids=lambda path: path.name)
def test_it_is_current(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == GENERATED[path]


def test_each_page_has_a_rule() -> None:
    assert set((ROOT / "docs/rules").glob("*.md")) <= GENERATED.keys()


def test_the_site_is_where_findings_link_to() -> None:
    site = re.findall(r"^site_url: (\S+)$", (ROOT / "mkdocs.yml").read_text(), re.M)
    urls = tomli.loads((ROOT / "pyproject.toml").read_text())["project"]["urls"]
    assert [*site, urls["Documentation"]] == [DOCS_URL, DOCS_URL]


# ------------------------------------------------------------------ schemas


def schema(name: str) -> Draft7Validator:
    made = json.loads((ROOT / f"schemas/{name}.json").read_text(encoding="utf-8"))
    Draft7Validator.check_schema(made)
    return Draft7Validator(made)


@pytest.mark.parametrize(
    "text",
    [
        'select = ["BD1", "boundaries", "my-rule"]\nfile-timeout = 20\nmin-severity = "error"\n',
        '[rule.hardcoded-url]\npublic-constants = false\nseverity = "info"\n',
        '[rule.swallowed-exception]\nanswers = { a = "B" }\ntelling = ["x"]\n',
        '[context.service]\nmodules = ["workflows"]\nlayer = 4\n',
        '[type."acme.Api"]\nkeeps = true\nfetch = { effect = ["http.call", "blocking"] }\n',
        '[per-file-ignores]\n"shop/*.py" = ["BD101", "ALL"]\n',
    ],
)
def test_it_takes_what_is_read(text: str, tmp_path: Path) -> None:
    table = tomli.loads(text)
    if "my-rule" in text:
        table["select"].remove("my-rule")
        text = text.replace(', "my-rule"', "")
    assert list(schema("bedev-lint").iter_errors(table)) == []
    result = run(write(tmp_path, {"bedev-lint.toml": text}), "config")
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize(
    "text",
    [
        'selct = ["BD1"]\n',
        'select = "BD1"\n',
        "file-timeout = 0\n",
        'min-severity = "fatal"\n',
        '[rule.hardcoded-url]\npublic-constants = "no"\n',
        "[rule.hardcoded-url]\npublic = true\n",
        '[context.service]\nmodule = ["workflows"]\n',
        '[type."acme.Api"]\nfetch = { efect = "http.call" }\n',
    ],
)
def test_it_refuses_what_is_an_error(text: str, tmp_path: Path) -> None:
    assert list(schema("bedev-lint").iter_errors(tomli.loads(text)))
    assert run(write(tmp_path, {"bedev-lint.toml": text}), "config").exit_code == 2


def test_all_rules_and_vocabularies_are_valid() -> None:
    validator = schema("bedev-lint-rule")
    for path in catalogs.builtin_rules().rglob("*.toml"):
        table = tomli.loads(path.read_text(encoding="utf-8"))
        assert [error.message for error in validator.iter_errors(table)] == [], path


@pytest.mark.parametrize(
    "table",
    [
        {"code": "AC100", "title": "No severity", "message": "", "default": True},
        {"boundary": {"within": "service", "effect": "http.call"}},
        {"effect": {"bus.send": {}}},
        {"url": "elsewhere"},
    ],
)
def test_what_is_no_rule_is_refused(table: dict[str, Any]) -> None:
    assert list(schema("bedev-lint-rule").iter_errors(table))


def test_rules_of_the_project_are_in_its_schema(tmp_path: Path) -> None:
    rule = (
        'code = "AC100"\ntitle = "Mail"\nmessage = "mail"\nseverity = "info"\ndefault = true\n'
        '[call]\nto = "smtplib.SMTP"\n[options]\n# Hosts.\nhosts = ["mx"]\n'
    )
    files = {"bedev-lint.toml": 'rules = ["lint"]\n', "lint/calls/no-mail.toml": rule}
    printed = json.loads(run(write(tmp_path, files), "config", "--schema").stdout)
    options = printed["properties"]["rule"]["properties"]["no-mail"]["properties"]
    strings = {"type": "array", "items": {"type": "string"}}
    assert options["hosts"] == {**strings, "description": "Hosts."}
    assert json.loads(run(tmp_path, "rules", "--schema").stdout)["title"] == "bedev-lint rule"
