"""No message of a rule about secrets holds one, or a part of one."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner

from bedev_lint import catalog as catalogs
from bedev_lint import facts, source
from bedev_lint.catalog import Rule
from bedev_lint.cli import cli
from bedev_lint.model import Options
from bedev_lint.syntax import Module, parse
from bedev_lint.triggers import hardcoded_token

CATALOG = catalogs.load([catalogs.builtin_rules()])
RULES = [rule for rule in CATALOG.rules.values() if rule.family == "configuration"]

SECRET = "Zq7Wv9Xk3Ty5Rb1N"
CODE = f'''
import os
password = "{SECRET}"
headers = {{"Authorization": "Bearer {SECRET}"}}
A = "https://{SECRET}@shop.io/path"
B = "https://user:{SECRET}@shop.io"
C = "https://user:{SECRET}#x@shop.io:80/x"
D = "https://user:12/{SECRET}@shop.io"
E = "https://shop.io/{SECRET}?{SECRET}#{SECRET}"
F = f"redis://:{SECRET}@{{A}}:80"
G = "postgres://{SECRET}:80" "{SECRET}@shop.io"
H = os.getenv("SECRET_KEY", "{SECRET}")
I = "gh" "p_{SECRET}{SECRET}aB3d"
J = os.getenv("API_KEY") or "{SECRET}"
K = "https://user:12#{SECRET}@shop.io"
'''


def messages(rule: Rule, code: str, options: Options | None = None) -> list[str]:
    module = Module(parse(code), code, "app.py", "app", source.parse(code))
    visitor: Any = importlib.import_module(f"bedev_lint.visitors.{rule.name.replace('-', '_')}")
    return [
        rule.message.format(**finding.fields)
        for node in module.nodes(*visitor.check.visits)
        for finding in visitor.check(node, module, {**rule.options, **(options or {})})
    ]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_no_message_holds_a_secret(rule: Rule) -> None:
    found = messages(rule, CODE)
    assert found
    for message in found:
        for start in range(len(SECRET) - 3):
            assert SECRET[start : start + 4].lower() not in message.lower()


def test_a_team_can_add_tokens() -> None:
    rule = next(rule for rule in RULES if rule.name == "hardcoded-token")
    tokens = {"Shop token": "shop_[a-z0-9]{20}"}
    found = messages(rule, f'x = "shop_{"a1" * 10}"', {"tokens": tokens})
    assert found == ["a literal has the form of a live credential: Shop token"]


@pytest.mark.parametrize(
    ("form", "token"),
    [
        (r"\x73hop[0-9]{4}", "shop1234"),
        (r"\u0073hop_?[0-9]{4}", "shop1234"),
        (r"[a-z]{4}[0-9]{4}", "shop1234"),
        (r"(?:shop|store)?-\d{4}|x{9}", "-1234"),
        (r"(\d)\1\1\1-4711", "2222-4711"),
    ],
)
def test_a_token_of_any_form_is_found_by_less(form: str, token: str) -> None:
    rule = next(rule for rule in RULES if rule.name == "hardcoded-token")
    options = {**rule.options, "tokens": {"Shop token": form}}
    for text, rows in ((f"x = 1\ny = '{token}'\n", [(2, 2)]), ("x = 1\n", [])):
        known = source.landmarks(source.parse(text), text)
        assert list(hardcoded_token.where(known, options)) == rows


def test_facts_keep_no_text_but_the_names_that_relations_give() -> None:
    """They are cached: of the strings of a class body only classes and attributes are kept."""
    text = """
class Order:
    customer = ForeignKey("Customer", related_name="orders", help_text="hunter")
    token = Field("s3cr3t", related_name="k3y-of-somebody", default="letmein")

relation = ForeignKey("Customer", related_name="outside")
"""
    tree = source.parse(text)
    naming = catalogs.load([catalogs.builtin_rules()]).naming
    kept = msgspec.json.encode(facts.extract(tree, text, "app", naming=naming).facts)
    assert b'"orders"' in kept
    assert b'"Customer"' in kept
    for secret in (b"hunter", b"s3cr3t", b"k3y", b"letmein", b"outside"):
        assert secret not in kept


# The rows that are shown begin or end within a string of another statement.
SHARED_ROWS = {
    "boundary": (
        "shop/services/pay.py",
        'import requests\n\n\ndef place(order):\n    note = """\n'
        'hunter2xx99, """; return requests.get(order.url)  # """\n',
    ),
    "visitor": (
        "shop/app.py",
        'p = """abc\n"""; t = [\n f(password="""\nhunter2xx99\n""")]  # """\n',
    ),
}


@pytest.mark.parametrize("name", SHARED_ROWS)
@pytest.mark.parametrize("form", ["full", "json", "concise"])
def test_no_string_of_a_neighbour_is_shown(tmp_path: Path, name: str, form: str) -> None:
    file, text = SHARED_ROWS[name]
    (tmp_path / file).parent.mkdir(parents=True)
    (tmp_path / file).write_text(text)
    arguments = ["check", str(tmp_path), "--isolated", "--cache-dir", str(tmp_path / "kept")]
    result = CliRunner().invoke(cli, [*arguments, "--output-format", form])
    assert result.exit_code == 1, result.output
    assert "hunter" not in result.output
    for kept in (tmp_path / "kept").iterdir():
        assert b"hunter" not in kept.read_bytes()


def test_a_secret_in_a_class_body_is_no_name() -> None:
    text = 'class A:\n    password = SecretStr("CorrectHorseBatteryStaple")\n'
    kept = msgspec.json.encode(facts.extract(source.parse(text), text, "app").facts)
    assert b"Horse" not in kept
