"""What all tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

from bedev_lint.cache.trust import VARIABLE


@pytest.fixture(autouse=True)
def _key_of_its_own(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keep the key to the tests' caches out of the home of whoever runs them."""
    folder: Path = tmp_path_factory.getbasetemp() / "home"
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
    monkeypatch.delenv(VARIABLE, raising=False)
