"""Files that a CI reads, ours and those of the README: they are valid, and do what they say."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from test_readme import section

ROOT = Path(__file__).resolve().parent.parent


def problems(schema: str, path: Path) -> str:
    """Return what a validator that is not ours says of a file, "" if all is well."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}"]
    done = subprocess.run([*command, str(path)], capture_output=True, text=True)
    return done.stdout if done.returncode else ""


@pytest.mark.parametrize(
    ("schema", "path"),
    [
        ("github-actions", "action.yml"),
        ("github-workflows", ".github/workflows/release.yml"),
        ("readthedocs", ".readthedocs.yaml"),
    ],
)
def test_they_are_valid(schema: str, path: str) -> None:
    assert problems(schema, ROOT / path) == ""


def test_those_of_the_readme_are_valid(tmp_path: Path) -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", section("CI"), re.S)
    for number, block in enumerate(blocks):
        is_github = block.startswith("jobs:")
        path = tmp_path / f"{number}.yml"
        path.write_text("on: push\n" + block if is_github else block)
        assert problems("github-workflows" if is_github else "gitlab-ci", path) == ""
    assert len(blocks) == 4


# ------------------------------------------------------------------ the action


ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))


@pytest.mark.skipif(sys.platform == "win32", reason="it is for shells")
@pytest.mark.parametrize(
    ("arguments", "given"),
    [
        (ACTION["inputs"]["arguments"]["default"], ["."]),
        ("--since\norigin/main\nsrc/\n", ["--since", "origin/main", "src/"]),
        ('a folder\n$(touch x)\n"; touch y\n', ["a folder", "$(touch x)", '"; touch y']),
        ("", []),
    ],
)
def test_the_action_hands_its_arguments_on(
    arguments: str, given: list[str], tmp_path: Path
) -> None:
    program = tmp_path / "bedev-lint/bin/bedev-lint"
    program.parent.mkdir(parents=True)
    program.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\nexit 1\n')
    program.chmod(0o755)
    step = ACTION["runs"]["steps"][-1]
    environment = {**os.environ, "RUNNER_TEMP": str(tmp_path), "ARGUMENTS": arguments}
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout.splitlines()) == (1, ["check", *given])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bedev-lint"]


def test_no_input_becomes_code() -> None:
    for step in ACTION["runs"]["steps"]:
        assert "${{" not in step.get("run", "")


# ------------------------------------------------------------------ hooks


HOOKS: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
SWALLOWED = "def go(order):\n    try:\n        order.pay()\n    except Exception:\n        pass\n"


def test_chunks_of_files_do_not_disturb_each_other(tmp_path: Path) -> None:
    """pre-commit may cut a long list of files in two, and start both at once."""
    (tmp_path / ".git").mkdir()
    names = [f"shop_{number}.py" for number in range(8)]
    for name in names:
        (tmp_path / name).write_text(SWALLOWED)
    (hook,) = (hook for hook in HOOKS if hook["id"] == "bedev-lint")
    words = hook["entry"].split()
    command = [sys.executable, "-m", "bedev_lint", *words[1:], "--output-format", "concise"]

    def chunks() -> list[str]:
        running = [
            subprocess.Popen([*command, *part], cwd=tmp_path, stdout=subprocess.PIPE, text=True)
            for part in (names[:5], names[5:])
        ]
        return [process.communicate()[0] for process in running]

    cold = chunks()
    assert [[line.partition(":")[0] for line in part.splitlines()] for part in cold] == [
        names[:5],
        names[5:],
    ]
    assert chunks() == cold
    (tmp_path / names[0]).write_text("")
    assert [part.count("BD101") for part in chunks()] == [4, 3]
