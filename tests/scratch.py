"""Repositories that a test makes up, and what the command says of them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from bedev_lint.cli import cli


def write(root: Path, files: Mapping[str, str]) -> Path:
    """Make a repository of these files, and return its root."""
    (root / ".git").mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def run(root: Path, *arguments: str) -> Result:
    """Run bedev-lint with this current folder; what it did not expect is raised."""
    before = Path.cwd()
    os.chdir(root)
    try:
        result = CliRunner().invoke(cli, list(arguments))
    finally:
        os.chdir(before)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def started(command: Sequence[str], **options: Any) -> subprocess.Popen[bytes]:
    """Start a process that heeds Ctrl-C, also where the tests themselves run in the background."""
    return subprocess.Popen(command, **{"preexec_fn": _heed_signals, **options})


def _heed_signals() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def lint(root: Path, *arguments: str) -> list[dict[str, Any]]:
    """Return what `bedev-lint --output-format json` reports."""
    result = run(root, *arguments, "--output-format", "json")
    assert result.exit_code in (0, 1), result.output
    found: list[dict[str, Any]] = json.loads(result.stdout)
    return found


def functions(finding: Mapping[str, Any]) -> list[str]:
    """Return the path of a finding, by the names of its functions."""
    return [hop["function"] for hop in finding["path"]]
