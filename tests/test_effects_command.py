"""`bedev-lint effects`, and what `check --debug` says of calls: from the outside."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from scratch import run, write

SHOP = {
    "shop/__init__.py": "",
    "shop/rates.py": (
        "import requests\n\n\n"
        "def convert(amount):\n    return amount * latest()\n\n\n"
        "def latest():\n    return requests.get('x')\n"
    ),
    "shop/services.py": (
        "from shop.rates import convert\n\n\n"
        "class Cart:\n"
        "    def total(self, lines, bus):\n"
        "        bus.publish(lines)\n"
        "        return [convert(line) for line in lines]\n\n\n"
        "def idle():\n    return 1\n"
    ),
}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return write(tmp_path, SHOP)


def effects(root: Path, *arguments: str, status: int = 0) -> list[dict[str, Any]]:
    result = run(root, "effects", *arguments, "--output-format", "json", "--no-cache")
    assert result.exit_code == status, result.output
    found: list[dict[str, Any]] = json.loads(result.stdout)
    return found


@pytest.mark.parametrize(
    "target",
    ["shop.services:Cart.total", "shop/services.py:Cart.total", "services:Cart.total"],
)
def test_one_function(shop: Path, target: str) -> None:
    (found,) = effects(shop, target, "--effect", "http.call")
    assert found["function"] == "shop.services.Cart.total"
    assert found["location"] == {"row": 5, "column": 9}
    assert found["contexts"] == ["service", "pricing"]
    (http,) = found["effects"]
    assert (http["effect"], http["confidence"], http["thread"]) == ("http.call", "certain", False)
    path = [
        (hop["function"], Path(hop["filename"]).name, hop["location"]["row"], hop["within"])
        for hop in http["path"]
    ]
    assert path == [
        ("shop.services.Cart.total", "services.py", 7, ["loop"]),
        ("shop.rates.convert", "rates.py", 5, []),
        ("shop.rates.latest", "rates.py", 9, []),
        ("requests.get", "rates.py", 9, []),
    ]
    (unresolved,) = found["unresolved"]
    assert unresolved == {
        "call": "bus.publish",
        "location": {"row": 6, "column": 9},
        "reason": "a parameter without a type",
    }


def test_the_keys_are_those_that_are_documented(shop: Path) -> None:
    from bedev_lint.report import effects as report

    documented = re.findall(r"^ {4,8}(\w+) {3,}\S", str(report.__doc__), re.M)
    (found,) = effects(shop, "shop.rates:convert")
    assert [*found, *found["effects"][0]] == [
        *(key for key in documented if key in found),
        *(key for key in documented if key in found["effects"][0]),
    ]
    assert set(documented) == {*found, *found["effects"][0]}


def test_all_functions_of_a_file_and_of_a_folder(shop: Path) -> None:
    names = [found["function"] for found in effects(shop, "shop/services.py")]
    assert names == ["shop.services.<module>", "shop.services.Cart.total", "shop.services.idle"]
    everything = effects(shop, "shop")
    assert {found["function"] for found in everything} >= {*names, "shop.rates.latest"}


def test_text_of_a_file(shop: Path) -> None:
    lines = run(shop, "effects", "shop", "--no-cache").stdout.splitlines()
    assert "shop.rates.latest  shop/rates.py:8:5" in lines
    assert "  http.call  rates.convert → rates.latest → requests.get" in lines
    assert lines[-1].startswith("3 functions with effects, ")
    assert "1 call could not be resolved" in lines[-1]


def test_text_of_a_function(shop: Path) -> None:
    text = run(shop, "effects", "shop.services:Cart.total", "--no-cache").stdout
    assert re.search(r"shop\.services\.Cart\.total +shop/services\.py:7:17 +in a loop\n", text)
    assert re.search(r"6:9 +bus\.publish +a parameter without a type\n", text)
    idle = run(shop, "effects", "shop.services:idle", "--no-cache").stdout
    assert "no effects that are known" in idle


def test_a_path_that_is_certain_comes_before_a_shorter_one(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "app.py": (
                "from sqlalchemy.orm import Session\n\n\n"
                "def near(session):\n    session.add(1)\n\n\n"
                "def far(session: Session):\n    further(session)\n\n\n"
                "def further(session: Session):\n    session.add(1)\n\n\n"
                "def both(session):\n    near(session)\n    far(session)\n"
            )
        },
    )
    (found,) = effects(tmp_path, "app:both", "--effect", "db.write")
    (write_,) = found["effects"]
    assert write_["confidence"] == "certain"
    assert [hop["function"] for hop in write_["path"]][1:3] == ["app.far", "app.further"]
    (near,) = effects(tmp_path, "app:near", "--effect", "db.write")
    assert [deed["confidence"] for deed in near["effects"]] == ["likely"]


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("nowhere.py", "no such file or folder: nowhere.py"),
        ("shop.service:place", 'no module "shop.service" in the program (did you mean'),
        ("shop.services:Cart.totl", 'no function "Cart.totl" in shop/services.py (did you mean'),
    ],
)
def test_what_is_not_there(shop: Path, target: str, said: str) -> None:
    result = run(shop, "effects", target, "--no-cache")
    assert result.exit_code == 2
    assert said in result.output


def test_an_unknown_effect(shop: Path) -> None:
    result = run(shop, "effects", "shop", "--effect", "http.cal")
    assert result.exit_code == 2
    assert 'there is no effect "http.cal" (did you mean "http.call"?)' in result.output


def test_a_file_that_cannot_be_read_is_told(shop: Path) -> None:
    (shop / "shop/broken.py").write_text("def go(:\n")
    result = run(shop, "effects", "shop", "--no-cache")
    assert result.exit_code == 2
    assert "broken.py:1" in result.output


def test_names_are_escaped(tmp_path: Path) -> None:
    write(tmp_path, {"a\x1b[31m.py": "import requests\ndef go():\n    requests.get('x')\n"})
    assert "\x1b" not in run(tmp_path, "effects", ".", "--no-cache").output


def test_debug_counts_what_calls_are_resolved_to(shop: Path) -> None:
    text = run(shop, "check", "--debug", "--no-cache").output
    assert re.search(r"^calls: 4$", text, re.M)
    assert re.search(r"^ +2 +50\.0 % +resolved to project code$", text, re.M)
    assert re.search(r"^ +1 +25\.0 % +resolved to nothing$", text, re.M)
    assert re.search(r"^ +1 +a parameter without a type$", text, re.M)
