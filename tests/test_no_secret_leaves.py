"""No message of a rule about secrets holds one, or a part of one."""

from __future__ import annotations

import hashlib
import json
import os
import zlib
from pathlib import Path

import libcst as cst
import msgspec
import pytest
from click.testing import CliRunner

from bedev_lint import catalog as catalogs
from bedev_lint import facts, source
from bedev_lint.catalog import Rule
from bedev_lint.cli import cli
from bedev_lint.model import Options
from bedev_lint.prefilter.index import indexed
from bedev_lint.report import FORMATS
from bedev_lint.syntax import Module, parse
from bedev_lint.visitors import hardcoded_token, load

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
    visitor = load(rule)
    return [
        rule.message.format(**finding.fields)
        for node in module.nodes(*(getattr(cst, kind) for kind in visitor.kinds))
        for finding in visitor(node, module, {**rule.options, **(options or {})})
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
    assert found == ["hardcoded Shop token"]


@pytest.mark.parametrize(
    ("form", "token"),
    [
        (r"\x73hop[0-9]{16}", "shop1234567812345678"),
        (r"\u0073hop_?[0-9]{16}", "shop1234567812345678"),
        (r"[a-z]{4}[0-9]{16}", "shop1234567812345678"),
        (r"(?:shop|store)?-\d{24}|x{29}", "-123456781234567812345678"),
        (r"(\d\d)\1{8}-4711", "121212121212121212-4711"),
    ],
)
def test_a_token_of_any_form_is_found_by_less(form: str, token: str) -> None:
    rule = next(rule for rule in RULES if rule.name == "hardcoded-token")
    options = {**rule.options, "tokens": {"Shop token": form}}
    for text, rows in ((f"x = 1\ny = '{token}'\n", [(2, 2)]), ("x = 1\n", [])):
        known = indexed(source.parse(text), text)
        assert list(hardcoded_token.candidates(known, options)) == rows


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


def test_of_keys_and_of_what_calls_name_no_other_text_is_kept() -> None:
    text = """
app["rates"] = make()
TOKENS["ghp_0aB1"] = TOKENS["letmein please"]
config.add_request_method(make, name="prices", password="hunter", note="s3cr3t")
other(make, "letmein", name="letmein")
"""
    naming = catalogs.load([catalogs.builtin_rules()]).naming
    kept = msgspec.json.encode(facts.extract(source.parse(text), text, "app", naming=naming).facts)
    assert b'"rates"' in kept
    assert b'"prices"' in kept
    for secret in (b"ghp", b"letmein", b"hunter", b"s3cr3t"):
        assert secret not in kept


def test_without_the_key_nobody_can_try_what_a_call_was_given() -> None:
    text = "login('hunter', mode='letmein')\n"
    kept = {
        msgspec.json.encode(facts.extract(source.parse(text), text, "app", key=key).facts)
        for key in (b"one key", b"another key")
    }
    assert len(kept) == 2
    assert all(b"hunter" not in each and b"letmein" not in each for each in kept)


# The rows that are shown begin or end within a string of another statement.
SHARED_ROWS = {
    "boundary": (
        "shop/services/pay.py",
        'import requests\n\n\ndef place(order):\n    note = """\n'
        'badger2xx99, """; return requests.get(order.url)  # """\n',
    ),
    "visitor": (
        "shop/app.py",
        'p = """abc\n"""; t = [\n f(password="""\nbadger2xx99\n""")]  # """\n',
    ),
}


@pytest.mark.parametrize("name", SHARED_ROWS)
@pytest.mark.parametrize("form", FORMATS)
def test_no_string_of_a_neighbour_is_shown(tmp_path: Path, name: str, form: str) -> None:
    file, text = SHARED_ROWS[name]
    (tmp_path / file).parent.mkdir(parents=True)
    (tmp_path / file).write_text(text)
    arguments = ["check", str(tmp_path), "--isolated", "--cache-dir", str(tmp_path / "kept")]
    result = CliRunner().invoke(cli, [*arguments, "--output-format", form])
    assert result.exit_code == 1, result.output
    assert "badger" not in result.output
    for kept in (tmp_path / "kept").iterdir():
        assert b"badger" not in kept.read_bytes()


def test_a_secret_in_a_class_body_is_no_name() -> None:
    text = 'class A:\n    password = SecretStr("CorrectHorseBatteryStaple")\n'
    naming = catalogs.load([catalogs.builtin_rules()]).naming
    kept = msgspec.json.encode(facts.extract(source.parse(text), text, "app", naming=naming).facts)
    assert b"Horse" not in kept


# ------------------------------------------------------------------ a secret that is easily tried

EASY = "hunter9"
# A secret in each place from which something is kept or told.
PLACES = {
    "text": f'password = "{EASY}"\n',
    "comment": f"x = 1  # {EASY}\n",
    "docstring": f'def f():\n    """{EASY}"""\n',
    "annotation": f'x: "{EASY}"\ny: list["{EASY}"]\n\ndef f(a: "{EASY}") -> "os.{EASY}": ...\n',
    "annotation of a string": f'import typing\nx: "typing.List[{EASY}]"\ny: "{EASY} | None"\n',
    "literal": f'from typing import Literal as L\nx: L["{EASY}"]\ny: "L[\'{EASY}\']"\n',
    "suppression": f"x = 1  # bedev: ignore[{EASY}] -- {EASY}\n",
    "suppression of a file": f"# bedev: ignore-file[BD101, {EASY}]\n",
    "noqa": f'PASSWORD = "abcdef123"  # noqa: BD302, {EASY}\n',
    "coding": f"# coding: {EASY}\nx = 1\n",
    "syntax": f'x = "{EASY}\n',
    "handler": f"try:\n    f()\nexcept Exception:  # {EASY}\n    x = '{EASY}'\n",
}
DIGESTS = ("md5", "sha1", "sha256", "blake2b", "blake2s")


def tried(content: bytes) -> list[bytes]:
    """Return what somebody can compute of a guess, and would look for."""
    crc = zlib.crc32(content)
    found = [crc.to_bytes(4, "little"), crc.to_bytes(4, "big"), f"{crc:08x}".encode()]
    for name in DIGESTS:
        known = hashlib.new(name, content).digest()
        found += [known[:16], known[:16].hex().encode()]
    short = hashlib.blake2b(content, digest_size=16).digest()
    return [*found, short, short.hex().encode()]


@pytest.mark.parametrize("age", ["old", "new"])
@pytest.mark.parametrize("place", PLACES)
def test_nothing_kept_or_told_lets_a_secret_be_tried(
    tmp_path: Path, place: str, age: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "shop" / "app.py"
    path.parent.mkdir()
    path.write_text(PLACES[place])
    if age == "old":
        os.utime(path, (1_600_000_000, 1_600_000_000))
    monkeypatch.chdir(tmp_path / "shop")
    told = [json.dumps(sorted(os.environ))]
    for command in (
        *(["check", "-v", "--debug", "--output-format", form] for form in FORMATS),
        ["check"],
        ["effects", "app.py", "--output-format", "json"],
        ["graph"],
    ):
        result = CliRunner().invoke(cli, command, obj=command)
        told.append(result.output)
    assert EASY not in "".join(told).lower()
    files = list((tmp_path / "shop" / ".bedev_lint_cache").iterdir())
    assert any(path.name.startswith("project-") for path in files)
    kept = b"".join([path.read_bytes() + path.name.encode() for path in files])
    assert EASY.encode() not in kept.lower()
    guesses = [EASY, PLACES[place], *PLACES[place].splitlines()]
    for guess in (one.encode() for one in guesses if one):
        for known in tried(guess):
            assert known not in kept
