"""Wherever packages stand and however they import each other, calls are followed."""

from __future__ import annotations

from pathlib import Path

import pytest

from scratch import functions, lint, write

FETCH = "import requests\n\ndef fetch(currency):\n    return requests.get(currency, timeout=10)\n"
PLACE = "\n\ndef place(order):\n    return {call}(order.currency)\n"


def service(imports: str, call: str = "fetch") -> str:
    return imports + PLACE.format(call=call)


LAYOUTS = {
    "src layout": {
        "src/shop/__init__.py": "",
        "src/shop/services/__init__.py": "",
        "src/shop/services/checkout.py": service("from shop.rates import fetch"),
        "src/shop/rates.py": FETCH,
    },
    "flat layout": {
        "shop/__init__.py": "",
        "shop/services/__init__.py": "",
        "shop/services/checkout.py": service("from shop.rates import fetch"),
        "shop/rates.py": FETCH,
    },
    "no package at all": {
        "services.py": service("from rates import fetch"),
        "rates.py": FETCH,
    },
    "a module beside a package, both below the repository": {
        "backend/services/__init__.py": "",
        "backend/services/checkout.py": service("from rates import fetch"),
        "backend/rates.py": FETCH,
    },
    "namespace packages": {
        "shop/services/checkout.py": service("from shop.rates import fetch"),
        "shop/rates.py": FETCH,
    },
    "a package within a namespace package": {
        "src/acme/shop/__init__.py": "",
        "src/acme/shop/services.py": service("from acme.shop.rates import fetch"),
        "src/acme/shop/rates.py": FETCH,
    },
    "a project within the repository": {
        "backend/shop/__init__.py": "",
        "backend/shop/services.py": service("from shop.rates import fetch"),
        "backend/shop/rates.py": FETCH,
    },
    "a package that another one mirrors": {
        "backend/src/shop/__init__.py": "",
        "backend/src/shop/rates.py": FETCH,
        "backend/checks/__init__.py": "",
        "backend/checks/shop/__init__.py": "",
        "backend/checks/shop/services.py": service("from shop.rates import fetch"),
    },
    "a src layout within the repository": {
        "packages/shop/src/shop/__init__.py": "",
        "packages/shop/src/shop/services.py": service("from rates.latest import fetch"),
        "packages/rates/src/rates/__init__.py": "",
        "packages/rates/src/rates/latest.py": FETCH,
    },
    "source roots, namespace packages over both": {
        "bedev-lint.toml": 'source-roots = ["one", "two/python"]\n',
        "one/acme/services/checkout.py": service("from acme.rates import fetch"),
        "two/python/acme/rates.py": FETCH,
    },
}

# The same call, imported in every way; beside them stand shop/rates.py and what is given here.
IMPORTS = {
    "absolute": (service("from shop.rates import fetch"), {}),
    "relative": (service("from ..rates import fetch"), {}),
    "relative module": (service("from .. import rates", "rates.fetch"), {}),
    "relative to the package itself": (
        service("from . import fetch"),
        {"shop/services/__init__.py": "from ..rates import fetch\n"},
    ),
    "dotted": (service("import shop.rates", "shop.rates.fetch"), {}),
    "aliased function": (service("from shop.rates import fetch as get", "get"), {}),
    "aliased module": (service("import shop.rates as r", "r.fetch"), {}),
    "inside the function": (
        "def place(order):\n    from shop.rates import fetch\n\n    return fetch(order.currency)\n",
        {},
    ),
    "re-exported": (
        service("from shop.money import fetch"),
        {"shop/money/__init__.py": "from shop.rates import fetch\n\n__all__ = ['fetch']\n"},
    ),
    "re-exported twice, under another name": (
        service("from shop.money import current", "current"),
        {
            "shop/money/__init__.py": "from .api import current as current\n",
            "shop/money/api.py": "from shop.rates import fetch as current\n",
        },
    ),
    "re-exported module": (
        service("from shop.money import rates", "rates.fetch"),
        {"shop/money/__init__.py": "from shop import rates\n"},
    ),
    "star": (service("from shop.rates import *"), {}),
    "star through a package": (
        service("from shop.money import *"),
        {"shop/money/__init__.py": "from shop.rates import *\n"},
    ),
    "one of two, tried": (
        service(
            "try:\n    from fastrates import fetch\nexcept ImportError:\n"
            "    from shop.rates import fetch"
        ),
        {},
    ),
    "bound to a name of the module": (
        service("import shop.rates\n\nfetch = shop.rates.fetch"),
        {},
    ),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_layouts(name: str, tmp_path: Path) -> None:
    (found,) = lint(write(tmp_path, LAYOUTS[name]))
    assert found["code"] == "BD202"
    place, fetch, source = functions(found)
    assert place.endswith("place")
    assert fetch.endswith("fetch")
    assert source == "requests.get"
    assert [Path(hop["filename"]).name for hop in found["path"]][1:] == [
        Path(next(f for f, text in LAYOUTS[name].items() if text == FETCH)).name
    ] * 2


@pytest.mark.parametrize("name", IMPORTS)
def test_imports(name: str, tmp_path: Path) -> None:
    checkout, others = IMPORTS[name]
    files = {
        "shop/__init__.py": "",
        "shop/rates.py": FETCH,
        "shop/services/__init__.py": "",
        "shop/services/checkout.py": checkout,
        **others,
    }
    (found,) = lint(write(tmp_path, files))
    assert found["code"] == "BD202"
    assert functions(found) == [
        "shop.services.checkout.place",
        "shop.rates.fetch",
        "requests.get",
    ]


def test_type_checking_imports_give_types(tmp_path: Path) -> None:
    files = {
        "shop/rates.py": "import requests\n\nclass Rates:\n    def latest(self):\n"
        "        return requests.get('/latest', timeout=10)\n",
        "shop/services.py": "from __future__ import annotations\n\n"
        "from typing import TYPE_CHECKING\n\n"
        "if TYPE_CHECKING:\n    from shop.rates import Rates\n\n"
        "def place(rates: Rates):\n    return rates.latest()\n",
    }
    (found,) = lint(write(tmp_path, files))
    assert functions(found) == ["shop.services.place", "shop.rates.Rates.latest", "requests.get"]


def test_type_checking_imports_are_no_calls(tmp_path: Path) -> None:
    """What only the type checker imports does not run: not its module, nor what it holds."""
    files = {
        "shop/rates.py": "import requests\n\nLATEST = requests.get('/latest', timeout=10)\n",
        "shop/services.py": "from typing import TYPE_CHECKING\n\n"
        "if TYPE_CHECKING:\n    from shop.rates import LATEST\n\n"
        "def place(order):\n    return order.total\n",
    }
    assert lint(write(tmp_path, files)) == []


def test_modules_of_one_name_in_two_projects(tmp_path: Path) -> None:
    """Each imports its own neighbour."""
    files = {
        "one/services.py": service("from rates import fetch"),
        "one/rates.py": FETCH,
        "two/services.py": service("from rates import fetch"),
        "two/rates.py": "def fetch(currency):\n    return 1\n",
    }
    (found,) = lint(write(tmp_path, files))
    assert found["filename"] == str(tmp_path / "one/services.py")


@pytest.mark.parametrize("imported", ["import requests", "from requests import get"])
def test_a_neighbour_that_is_called_like_a_library(tmp_path: Path, imported: str) -> None:
    """What is imported by that name from a package beside it may be either."""
    call = "requests.get" if imported.startswith("import") else "get"
    files = {
        "backend/services/__init__.py": "",
        "backend/services/checkout.py": service(imported, call),
        "backend/requests.py": "import requests\n\nTIMEOUT = 10\n",
    }
    (found,) = lint(write(tmp_path, files), "--select", "BD202")
    assert functions(found) == ["services.checkout.place", "requests.get"]


def test_files_given_do_not_shrink_the_program(tmp_path: Path) -> None:
    write(tmp_path, LAYOUTS["src layout"])
    for given in ("src/shop/services/checkout.py", "src/shop/rates.py", "src/shop/services"):
        (found,) = lint(tmp_path, given)
        assert found["filename"].endswith("checkout.py")
    assert lint(tmp_path, "src/shop/__init__.py") == []


def test_a_stub_does_not_hide_the_module_beside_it(tmp_path: Path) -> None:
    files = {
        **LAYOUTS["flat layout"],
        "shop/rates.pyi": "def fetch(currency: str) -> dict[str, float]: ...\n",
    }
    (found,) = lint(write(tmp_path, files))
    assert functions(found)[-1] == "requests.get"


def test_what_a_rule_finds_does_not_hang_on_others(tmp_path: Path) -> None:
    """BD701 asks who runs the code, migrations too; to other rules they say nothing."""
    files = {
        "shop/__init__.py": "",
        "shop/rates.py": "import requests\n\nclass Rates:\n    def fetch_all_rates(self):\n"
        "        return requests.get('/rates', timeout=10)\n",
        "shop/services.py": "def place(rates):\n    return rates.fetch_all_rates()\n",
        "shop/migrations/m0001.py": "class Rates:\n    def fetch_all_rates(self):\n"
        "        return []\n",
    }
    write(tmp_path, files)
    alone = lint(tmp_path, "--select", "BD202")
    assert [one["code"] for one in alone] == ["BD202"]
    assert lint(tmp_path, "--select", "BD202,BD701") == alone


def test_what_tests_call_says_nothing_to_other_rules(tmp_path: Path) -> None:
    """BD603 asks what tests call; of what else is a finding, nobody asks a program with them."""
    write(
        tmp_path,
        {
            "shop/__init__.py": "",
            "shop/store.py": (
                "import requests\n\nclass Store:\n    def save(self, order):\n"
                '        requests.post("https://shop.example", json=order, timeout=3)\n\n'
                "class Empty:\n    def save(self, order):\n        return order\n"
            ),
            "shop/api.py": (
                "from fastapi import APIRouter, HTTPException\nfrom shop.store import Store\n\n"
                "router = APIRouter()\n\n"
                "def keep(store, order):\n    store.save(order)\n\n"
                '@router.post("/orders")\ndef place(order: dict) -> dict:\n'
                "    try:\n        keep(Store(), order)\n"
                "    except Exception:\n        raise HTTPException(status_code=400)\n"
                "    return order\n"
            ),
            "tests/test_api.py": "from shop.api import keep\nfrom shop.store import Empty\n\n"
            + "".join(
                f"def test_{number}():\n    assert keep(Empty(), {number}) is None\n\n"
                for number in range(5)
            ),
        },
    )
    alone = lint(tmp_path, "--select", "BD112")
    assert [found["code"] for found in alone] == ["BD112"]
    with_others = lint(tmp_path, "--select", "BD112,BD603")
    assert [found for found in with_others if found["code"] == "BD112"] == alone
