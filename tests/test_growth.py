"""Files with very much of one thing: all of it is found, and no file holds up the others."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scratch import run, write

SERVICE = "import requests\nclass ShopService:\n    def run(self):\n"
# Each with what is found, and how often.
SHAPES = {
    "addresses": (
        "".join(f'U_{n} = "https://api-{n}.internal/v1"\n' for n in range(300)),
        "BD301",
        300,
    ),
    "passwords of one statement": (
        "SETTINGS = {\n"
        + "".join(f'    "password_{n}": "hunter2-{n}-Xy9",\n' for n in range(300))
        + "}\n",
        "BD302",
        300,
    ),
    "passwords of one tuple": (
        ", ".join(f"password_{n}" for n in range(300))
        + " = "
        + ", ".join(f'"hunter2-{n}-Xy9"' for n in range(300))
        + "\n",
        "BD302",
        300,
    ),
    "passwords of one call": (
        "connect(" + "".join(f'password_{n}="hunter2-{n}-Xy9", ' for n in range(300)) + ")\n",
        "BD302",
        300,
    ),
    "passwords compared in one call": (
        "import hmac\nhmac.compare_digest("
        + "".join(f'password_{n}, "hunter2-{n}-Xy9", ' for n in range(100))
        + ")\n",
        "BD302",
        100,
    ),
    "defaults that many variables come before": (
        "import os\nx_0 = ''\n"
        + "".join(f'x_{n + 1} = x_{n} or os.environ["PASSWORD_{n}"]\n' for n in range(300))
        + 'x = x_300 or "hunter2-Xy9"\n',
        "BD305",
        1,
    ),
    "passwords of one row": (
        "".join(f'password_{n} = "hunter2-{n}-Xy9";' for n in range(300)) + "\n",
        "BD302",
        300,
    ),
    "silent handlers of one function": (
        "def run():\n"
        + "".join(
            f"    try:\n        work_{n}()\n    except Exception:\n        pass\n"
            for n in range(300)
        ),
        "BD101",
        300,
    ),
    "calls of one service": (
        SERVICE + "".join(f"        requests.get(self.url_{n}, timeout=10)\n" for n in range(300)),
        "BD202",
        300,
    ),
    "a silenced call among others": (
        SERVICE
        + "".join(
            f"        requests.get(self.url_{n}, timeout=10)"
            + "  # bedev: ignore[BD202]" * (n % 3 == 0)
            + "\n"
            for n in range(300)
        ),
        "BD202",
        200,
    ),
    "comments that silence nothing": (
        "".join(f"x_{n} = {n}  # bedev: ignore[BD301]\n" for n in range(300)),
        "BD002",
        300,
    ),
    "comments within one statement": (
        "x = [\n" + '    "https://a.internal/v1",  # bedev: ignore[BD301]\n' * 300 + "]\n",
        "",
        0,
    ),
    "comments for the file that say the same": (
        SERVICE
        + "".join(f"        requests.get(self.url_{n}, timeout=10)\n" for n in range(100))
        + "# bedev: ignore-file[BD202]\n" * 100,
        "",
        0,
    ),
    "a call behind many others": (
        "import requests\n"
        + "".join(f"def call_{n}():\n    return call_{n + 1}()\n" for n in range(600))
        + "def call_600():\n    return requests.get(1, timeout=10)\n"
        + "class ShopService:\n    def run(self):\n        call_0()\n",
        "BD202",
        1,
    ),
    "a statement that many hand on": (
        "import sqlite3\n"
        + "".join(f"def run_{n}(db, sql):\n    run_{n + 1}(db, sql)\n" for n in range(1_500))
        + "def run_1500(db: sqlite3.Cursor, sql):\n    return db.execute(sql)\n"
        + "def place(db, orders):\n    for order in orders:\n"
        + '        run_0(db, "SELECT id FROM orders")\n',
        "BD401",
        1,
    ),
    "classes in a long line": (
        "class C_0:\n    pass\n"
        + "".join(f"class C_{n + 1}(C_{n}):\n    pass\n" for n in range(400))
        + SERVICE.replace("ShopService", "ShopService(C_400)")
        + "        requests.get(self.url, timeout=10)\n",
        "BD202",
        1,
    ),
    "a name bound again and again": (
        "from contextlib import suppress as x\n"
        + "x = x\n" * 300
        + "def run():\n    try:\n        work()\n    except x:\n        pass\n",
        "BD101",
        1,
    ),
    "handlers that end what they have cancelled": (
        "import asyncio\nasync def run(task):\n    task.cancel()\n"
        + "    try:\n        await task\n    except asyncio.CancelledError:\n        pass\n" * 100
        + "    try:\n        await work()\n    except asyncio.CancelledError:\n        pass\n"
        * 100,
        "BD102",
        100,
    ),
    "a private key without its end": (
        'x = """-----BEGIN PRIVATE KEY-----\n' + "Ab1d2E3f4G5h6I7j" * 200 + '"""\n',
        "BD303",
        1,
    ),
    "a private key that is none": (
        'x = """-----BEGIN PRIVATE KEY-----\n' + "Ab1d2E3f4G5h6I7j" * 200 + '!"""\n',
        "",
        0,
    ),
}


def checked(folder: Path, *options: str) -> tuple[int, list[dict[str, object]]]:
    """Return the exit status of a check of a folder, and what it found."""
    done = run(folder, "check", ".", "--output-format", "json", *options)
    found: list[dict[str, object]] = json.loads(done.stdout)
    return done.exit_code, found


@pytest.mark.no_cover  # it walks the same way again and again
@pytest.mark.parametrize("shape", SHAPES)
def test_all_is_found_of_what_there_is_much_of(shape: str, tmp_path: Path) -> None:
    text, code, count = SHAPES[shape]
    write(tmp_path, {"services/shop.py": text})
    status, found = checked(tmp_path, "--isolated", "--no-cache", "-j1")
    assert [each["code"] for each in found] == [code] * count
    assert status == (1 if count else 0)
    assert len({str(each["fingerprint"]) for each in found}) == count


@pytest.mark.parametrize("jobs", ["-j1", "-j2"])
def test_a_file_that_takes_too_long_does_not_hold_up_the_others(jobs: str, tmp_path: Path) -> None:
    long = "".join(f'password_{n} = "hunter2-{n}-Xy9"\n' for n in range(60_000))
    short = 'URL = "https://rates.internal/v1"\n'
    settings = "file-timeout = 1\n"
    write(tmp_path, {"bedev-lint.toml": settings, "long.py": long, "short.py": short})
    for _ in range(2):  # it is not kept that it took too long
        status, found = checked(tmp_path, jobs)
        assert status == 2
        assert [(each["code"], Path(str(each["filename"])).name) for each in found] == [
            ("BD005", "long.py"),
            ("BD301", "short.py"),
        ]
        assert "longer than 1 s" in str(found[0]["message"])


def test_a_vocabulary_whose_calls_lead_on_without_end_ends(tmp_path: Path) -> None:
    settings = """
        [type."acme"]
        Box = { returns = "acme.Box" }
        [type."acme.Box"]
        wrap = { returns = "acme.Box[self]" }
        run = { effect = "blocking", calls = ["self.wrap.run", "self.turn"] }
        turn = { calls = ["self.run"] }
    """
    text = "import acme\n\nasync def run():\n    acme.Box().run()\n"
    write(tmp_path, {"bedev-lint.toml": settings, "shop.py": text})
    status, found = checked(tmp_path, "--no-cache", "-j1")
    assert (status, [each["code"] for each in found]) == (1, ["BD207"])
