"""How grave it is to block the event loop: by what it waits for."""

from __future__ import annotations

from pathlib import Path

from scratch import lint, write


def test_a_local_process_is_a_warning_and_the_network_an_error(tmp_path: Path) -> None:
    code = """\
import subprocess
import time
import requests


def describe():
    return subprocess.check_output(["git", "describe"])


async def version(url):
    time.sleep(1)
    requests.get(url)
    subprocess.run(["sync"])
    return describe()
"""
    found = lint(write(tmp_path, {"app.py": code}), "--select", "BD207")
    rows = {finding["location"]["row"]: finding["severity"] for finding in found}
    assert rows == {11: "error", 12: "error", 13: "warning", 14: "warning"}
