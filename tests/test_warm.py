"""A session that stays warm says of unsaved texts what another says of texts on the disk."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

import scratch
from bedev_lint import catalog as catalogs
from bedev_lint.session.run import Session
from bedev_lint.settings.config import Config

BUILTIN = catalogs.load([catalogs.builtin_rules()])
SHOP = {
    "shop/services/checkout.py": "from shop.rates import rate\n"
    "async def place(order):\n    return rate(order)\n",
    "shop/rates.py": "import requests\ndef rate(order):\n"
    "    return requests.get('https://rates.example', timeout=3)\n",
}
CLEAN = "def rate(order):\n    return order.rate\n"
SWALLOWED = (
    "def rate(order):\n    try:\n        return order.rate\n    except Exception:\n        pass\n"
)
BROKEN = "def rate(order:\n"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return scratch.write(tmp_path / "project", SHOP)


def reported(
    session: Session, texts: Mapping[Path, str], *, is_disk_same: bool = False
) -> list[tuple[object, ...]]:
    unsaved = {str(path): text.encode() for path, text in texts.items()}
    outcome = session.run((), unsaved, is_disk_same=is_disk_same)
    return [(d.filename, d.code, d.span, d.message, d.path) for d in outcome.diagnostics]


@pytest.mark.parametrize("is_cached", [True, False])
def test_what_is_unsaved_counts_as_if_it_were_saved(shop: Path, is_cached: bool) -> None:
    caller, callee = shop / "shop/services/checkout.py", shop / "shop/rates.py"
    folder = shop.parent / "cache" if is_cached else None
    warm = Session(Config(root=shop), BUILTIN, cache_folder=folder)
    warm.run([shop])
    warm.stay_warm()
    for text in (SHOP["shop/rates.py"], CLEAN, SWALLOWED, BROKEN, CLEAN, SHOP["shop/rates.py"]):
        texts = {caller: SHOP["shop/services/checkout.py"], callee: text}
        callee.write_text(text)
        fresh = Session(Config(root=shop), BUILTIN).run([caller, callee])
        expected = [(d.filename, d.code, d.span, d.message, d.path) for d in fresh.diagnostics]
        callee.write_text(SHOP["shop/rates.py"])
        assert reported(warm, texts) == expected
        assert reported(warm, texts, is_disk_same=True) == expected
    assert expected, "the last text crosses a boundary"


def test_only_what_has_changed_is_read_again(shop: Path) -> None:
    callee = shop / "shop/rates.py"
    warm = Session(Config(root=shop), BUILTIN)
    warm.stay_warm()
    analysed = [
        warm.run((), {str(callee): text.encode()}).analysed for text in (CLEAN, CLEAN, SWALLOWED)
    ]
    assert analysed == [2, 0, 1]


def test_unsaved_texts_are_not_written(shop: Path) -> None:
    callee, folder = shop / "shop/rates.py", shop.parent / "cache"
    warm = Session(Config(root=shop), BUILTIN, cache_folder=folder)
    warm.run([shop])
    kept = {path: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    warm.stay_warm()
    warm.run((), {str(callee): SWALLOWED.encode()})
    assert kept == {path: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    assert Session(Config(root=shop), BUILTIN, cache_folder=folder).run([shop]).analysed == 0


def test_what_is_new_on_the_disk_is_found(shop: Path) -> None:
    callee = shop / "shop/rates.py"
    warm = Session(Config(root=shop), BUILTIN)
    warm.stay_warm()
    assert "BD101" not in [code for _, code, *_ in reported(warm, {callee: CLEAN})]
    (shop / "shop/more.py").write_text(SWALLOWED)
    assert "BD101" in [d.code for d in warm.run([shop]).diagnostics]
