"""`bedev-lint graph`: what the page and the Mermaid text hold, and what can never get into them."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from bedev_lint.model import Confidence, Severity
from bedev_lint.report.graph import (
    Call,
    Function,
    Layer,
    Map,
    Touch,
    Violation,
    as_html,
    as_mermaid,
)
from scratch import run, write

SHOP = {
    "shop/__init__.py": "",
    "shop/routes.py": (
        "from fastapi import APIRouter\nfrom shop.services import place\n\n"
        "router = APIRouter()\n\n\n"
        "@router.post('/orders')\ndef order():\n    return place()\n"
    ),
    "shop/services.py": (
        "from shop.rates import latest\n\n\ndef place():\n    return latest()\n\n\n"
        "def idle():\n    return 1\n"
    ),
    "shop/rates.py": "import requests\n\n\ndef latest():\n    return requests.get('x')\n",
    "shop/clients.py": "import requests\n\n\ndef fetch():\n    return requests.get('x')\n",
}
EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\"'`]--><!--\u2028"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    root = tmp_path / "shop-backend"
    root.mkdir()
    return write(root, SHOP)


def graph(root: Path, *arguments: str) -> str:
    result = run(root, "graph", "--no-cache", *arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def embedded(page: str) -> dict[str, Any]:
    (text,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)
    found: dict[str, Any] = json.loads(text)
    return found


def evil_map() -> Map:
    """A map in which every text of the project is an attack."""
    return Map(
        EVIL,
        [Layer("service", has_context=True), Layer("other", has_context=False)],
        [("http.call", "a raw HTTP call")],
        [(f"{EVIL}.py", EVIL), ("b.py", "b")],
        [(0, 0), (1, 1)],
        [Function(0, EVIL, 0, 1), Function(1, "go", 1, 2)],
        [Call(0, 1, 3, certain=True)],
        [Touch(1, 0, 4, EVIL, certain=True)],
        [
            Violation(
                "BD202",
                "http-in-service",
                EVIL,
                Severity.ERROR,
                Confidence.CERTAIN,
                0,
                0,
                ((EVIL, 0, 3), ("b.go", 1, 4), (EVIL, 1, 4)),
            )
        ],
    )


# ------------------------------------------------------------------ what it holds


def test_layers_calls_effects_and_violations(shop: Path) -> None:
    data = embedded(graph(shop))
    assert data["title"] == "shop-backend"
    layers = [name for name, _ in data["layers"]]
    assert layers == ["controller", "service", "pricing", "other", "client"]
    assert [known for _, known in data["layers"]] == [True, True, True, False, True]
    functions = {
        (data["modules"][module][1], name): (layers[layer], row)
        for module, name, layer, row in data["functions"]
    }
    assert functions == {
        ("shop.clients", "fetch"): ("client", 4),
        ("shop.rates", "latest"): ("other", 4),
        ("shop.routes", "order"): ("controller", 8),
        ("shop.services", "place"): ("service", 4),
    }
    names = [name for _, name, _, _ in data["functions"]]
    calls = {(names[caller], names[callee], row) for caller, callee, row, _ in data["calls"]}
    assert calls == {("order", "place", 9), ("place", "latest", 5)}
    effects = [name for name, _ in data["effects"]]
    touches = {
        (names[function], label)
        for function, effect, _, label, _ in data["touches"]
        if effects[effect] == "http.call"
    }
    assert touches == {("fetch", "requests.get"), ("latest", "requests.get")}
    (violation,) = data["violations"]
    assert (violation["code"], names[violation["function"]]) == ("BD202", "place")
    assert effects[violation["effect"]] == "http.call"
    assert [[name, data["modules"][at][0], row] for name, at, row in violation["path"]] == [
        ["shop.services.place", "shop/services.py", 5],
        ["shop.rates.latest", "shop/rates.py", 5],
        ["requests.get", "shop/rates.py", 5],
    ]
    sizes = {(data["modules"][module][1], layers[of]): n for module, of, n in data["sizes"]}
    assert sizes[("shop.services", "service")] == 2


def test_paths_choose_what_is_drawn(shop: Path) -> None:
    """The files given, and what they reach."""
    data = embedded(graph(shop, "shop/services.py"))
    assert [name for _, name, _, _ in data["functions"]] == ["latest", "place"]


def test_layers_of_ones_own(shop: Path) -> None:
    (shop / "bedev-lint.toml").write_text('[context.rate]\nmodules = ["rates"]\nlayer = 7\n')
    layers = [name for name, _ in embedded(graph(shop))["layers"]]
    assert layers == ["controller", "service", "pricing", "other", "rate", "client"]


def test_the_same_bytes_each_time(shop: Path) -> None:
    assert graph(shop) == graph(shop)


def test_without_a_terminal_only(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page of a million characters is no answer on a terminal."""
    monkeypatch.setattr(import_module("bedev_lint.cli.graph"), "is_terminal", lambda: True)
    result = run(shop, "graph", "--no-cache")
    assert result.exit_code == 2
    assert "-o graph.html" in result.stderr


def test_into_a_file(shop: Path) -> None:
    result = run(shop, "graph", "--no-cache", "-o", "out.html")
    assert (result.exit_code, result.stdout) == (0, "")
    assert (shop / "out.html").read_text(encoding="utf-8") == graph(shop)


def test_a_project_without_anything(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "def go():\n    return 1\n"})
    assert embedded(graph(tmp_path))["functions"] == []
    assert graph(tmp_path, "--format", "mermaid").startswith("flowchart TD\n")


def test_what_could_not_be_read_is_told(shop: Path) -> None:
    (shop / "shop/broken.py").write_text("def go(:\n")
    result = run(shop, "graph", "--no-cache", "-o", "out.html")
    assert result.exit_code == 2
    assert "could not be read" in result.stderr


# ------------------------------------------------------------------ what it must not hold


def test_nothing_is_loaded(shop: Path) -> None:
    page = graph(shop)
    assert not re.search(r"https?:|//[a-z]|@import|url\(|<link|<iframe|<object|<embed", page, re.I)
    assert not re.search(r"<[^>]*\s(src|srcset|poster|action)\s*=", page)
    assert [link for link in re.findall(r'href="([^"]*)"', page) if link[:1] != "#"] == []
    assert "default-src 'none'" in page


def test_only_its_own_script_runs() -> None:
    page = as_html(evil_map())
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.S)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in page
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", script)


def test_nothing_of_the_project_becomes_markup() -> None:
    page = as_html(evil_map())
    harmless = as_html(evil_map()._replace(title="x"))
    assert page.count("<script") == harmless.count("<script") == 2
    assert page.count("<img") == 0
    assert "\u2028" not in page
    data = embedded(page)
    assert data["title"] == EVIL
    assert data["violations"][0]["path"][0][0] == EVIL


def test_a_name_that_is_not_utf8() -> None:
    as_html(evil_map()._replace(title="\udce9")).encode("utf-8")


# ------------------------------------------------------------------ Mermaid


def test_mermaid(shop: Path) -> None:
    lines = graph(shop, "--format", "mermaid").splitlines()
    assert lines[0] == "flowchart TD"
    assert '  subgraph L1["service"]' in lines
    assert '    L1P0["shop<br>2 functions"]' in lines
    assert '  E0(["http.call"])' in lines
    assert "  L0 -->|1 call| L1" in lines
    assert "  L1 ==>|1 violation| E0" in lines
    arrows = [line for line in lines if re.match(r"  L\d+ (-->|-\.->|==>)", line)]
    (red,) = [line.split()[1] for line in lines if "linkStyle" in line]
    assert arrows[int(red)] == "  L1 ==>|1 violation| E0"


def test_mermaid_labels_hold_no_syntax() -> None:
    for line in as_mermaid(evil_map()).splitlines():
        for label in re.findall(r'\["(.*)"\]', line):
            assert re.fullmatch(r"(?:[\w .:/-]|#\d+;|<br>)*", label), label
    assert "<script" not in as_mermaid(evil_map())
