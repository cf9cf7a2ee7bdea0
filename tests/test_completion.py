"""What shells are told of the arguments that may come next."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scratch import write

COMMAND = Path(sys.executable).with_name("bedev-lint")


def completed(folder: Path, shell: str, words: str, last: str) -> list[str]:
    """Return the lines that a shell is told, given all words and the last of them."""
    position = last if shell == "fish" else str(len(words.split(" ")) - 1)
    asked = {"_BEDEV_LINT_COMPLETE": f"{shell}_complete", "COMP_WORDS": words}
    environment = {**os.environ, **asked, "COMP_CWORD": position}
    done = subprocess.run(
        [str(COMMAND)], cwd=folder, env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("bedev-lint ba", "baseline"),
        ("bedev-lint --stat", "--statistics"),
        ("bedev-lint src/ --stat", "--statistics"),
        ("bedev-lint check --output-format sa", "sarif"),
        ("bedev-lint --min-severity w", "warning"),
        ("bedev-lint explain swallowed-e", "swallowed-exception"),
        ("bedev-lint --select BD101,http-in-s", "BD101,http-in-service"),
    ],
)
def test_each_shell_is_told_what_may_come(words: str, expected: str, tmp_path: Path) -> None:
    last = words.rpartition(" ")[2]
    for shell in ("bash", "zsh", "fish"):
        told = "\n".join(completed(tmp_path, shell, words, last))
        assert told.replace("\n", " ").replace("plain,", "plain ").split()[:2] == [
            *("plain", expected)
        ]


def test_files_are_left_to_the_shell(tmp_path: Path) -> None:
    for words in ("bedev-lint sr", "bedev-lint check sr"):
        assert completed(tmp_path, "bash", words, "sr") == ["file,sr"]


def test_what_is_kept_is_no_answer_to_a_shell(tmp_path: Path) -> None:
    """`bedev-lint` alone may have been answered before: a shell asks something else."""
    write(tmp_path, {"shop.py": "x = 1\n"})
    for _ in range(2):
        subprocess.run([str(COMMAND)], cwd=tmp_path, capture_output=True, check=True)
    assert completed(tmp_path, "bash", "bedev-lint gr", "gr") == ["plain,graph"]


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_bash_takes_its_script(tmp_path: Path) -> None:
    script = (
        'eval "$(_BEDEV_LINT_COMPLETE=bash_source bedev-lint)"\n'
        "COMP_WORDS=(bedev-lint expl); COMP_CWORD=1\n"
        '_bedev_lint_completion bedev-lint; echo "${COMPREPLY[@]}"\n'
    )
    environment = {**os.environ, "PATH": f"{COMMAND.parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert done.stdout.split() == ["explain"]
