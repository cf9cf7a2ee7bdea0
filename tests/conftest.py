"""What all tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

from bedev_lint.cache.trust import VARIABLE

# What makes reports look otherwise, or be more, wherever the tests themselves run.
OF_A_CI = ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "GITLAB_CI", "CI_PROJECT_DIR")
OF_COLOURS = ("NO_COLOR", "FORCE_COLOR")


@pytest.fixture(autouse=True)
def _surroundings_of_its_own(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keep the tests out of the home, and out of the CI, of whoever runs them."""
    folder: Path = tmp_path_factory.getbasetemp() / "home"
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
    ours = (VARIABLE, "BEDEV_LINT_CLUSTER", "BEDEV_LINT_OUTPUT_FORMAT")
    for name in (*ours, *OF_A_CI, *OF_COLOURS):
        monkeypatch.delenv(name, raising=False)
