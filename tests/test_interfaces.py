"""An abstract method on the way of a finding is named, with all that may stand for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from scratch import functions, lint, run, write

PORTS = """\
from typing import Protocol

class Rates(Protocol):
    def latest(self, currency: str) -> float: ...
"""
ABSTRACT = """\
from abc import ABC, abstractmethod

class Rates(ABC):
    @abstractmethod
    def latest(self, currency: str) -> float: ...
"""
PLACE = """\
from shop.ports import Rates

def place(order, rates: Rates):
    return order.total * rates.latest(order.currency)
"""
METHOD = "    def latest(self, currency: str) -> float:\n        return {}\n\n"


def rates(names: str, base: str = "") -> str:
    """Return classes that ask for rates, and one more that does not."""
    method = METHOD.format("get(currency, timeout=10)")
    classes = [f"class {name}{base}:\n" + method for name in names]
    fixed = f"class Fixed{base}:\n" + METHOD.format("1.0")
    return "from requests import get\nfrom shop.ports import Rates\n\n" + "".join(classes) + fixed


@pytest.mark.parametrize(("ports", "base"), [(PORTS, ""), (ABSTRACT, "(Rates)")])
def test_several_implementations(tmp_path: Path, ports: str, base: str) -> None:
    root = write(
        tmp_path,
        {"shop/ports.py": ports, "shop/rates.py": rates("BA", base), "shop/services.py": PLACE},
    )
    for options in (["--no-cache", "-j1"], [], []):
        (found,) = lint(root, *options)
        assert found["message"].endswith(
            ": services.place → Rates.latest (A.latest, B.latest) → requests.get"
        )
        names = functions(found)
        assert names[:2] == ["shop.services.place", "shop.ports.Rates.latest"]
        assert names[2:] == ["shop.rates.B.latest", "requests.get"]
        assert [hop["implementations"] for hop in found["path"]] == [
            [],
            ["shop.rates.A.latest", "shop.rates.B.latest"],
            [],
            [],
        ]
    row = ports.count("\n", 0, ports.index("def latest")) + 1
    told = f"    shop.ports.Rates.latest  shop/ports.py:{row}:9\n      implemented by "
    assert f"{told}shop.rates.A.latest, shop.rates.B.latest\n" in run(root).stdout
    effects = run(root, "effects", "shop.services:place").stdout
    assert "      implemented by shop.rates.A.latest, shop.rates.B.latest\n" in effects


def test_one_implementation(tmp_path: Path) -> None:
    files = {"shop/ports.py": PORTS, "shop/rates.py": rates("A"), "shop/services.py": PLACE}
    (found,) = lint(write(tmp_path, files))
    assert "services.place → Rates.latest (A.latest) → requests.get" in found["message"]
    assert "implemented by" not in run(tmp_path).stdout


def test_a_message_names_some_of_many(tmp_path: Path) -> None:
    files = {"shop/ports.py": PORTS, "shop/rates.py": rates("ABCDE"), "shop/services.py": PLACE}
    (found,) = lint(write(tmp_path, files))
    assert "Rates.latest (A.latest, B.latest, C.latest, 2 more)" in found["message"]
    assert len(found["path"][1]["implementations"]) == 5


def test_what_may_do_it_is_no_part_of_the_finding(tmp_path: Path) -> None:
    files = {"shop/ports.py": PORTS, "shop/rates.py": rates("A"), "shop/services.py": PLACE}
    root = write(tmp_path, {**files, "shop/clients/bank.py": rates("B")})
    (found,) = lint(root)
    assert found["path"][1]["implementations"] == ["shop.rates.A.latest"]


def test_findings_that_share_an_interface_have_one_cause(tmp_path: Path) -> None:
    files = {"shop/ports.py": PORTS, "shop/rates.py": rates("AB"), "shop/services.py": PLACE}
    again = PLACE.replace("def place", "def price_again")
    root = write(tmp_path, {**files, "shop/services.py": PLACE + again})
    output = run(root).stdout
    assert "one cause, reached from 2 places" in output
    assert "  shared path:\n    shop.ports.Rates.latest" in output
