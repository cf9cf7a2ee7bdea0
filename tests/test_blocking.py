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
    subprocess.run(["sync"])
    time.sleep(1)
    return requests.get(url)


async def described():
    return describe()
"""
    found = lint(write(tmp_path, {"app.py": code}), "--select", "BD207")
    told = [
        (one["location"]["row"], one["severity"], [place["row"] for place in one["also_at"]])
        for one in found
    ]
    # A function is told once, at the first of the worst.
    assert told == [(12, "error", [11, 13]), (17, "warning", [])]
