"""How the time for one file grows with the file, for shapes that are made to be slow.

    python benchmarks/growth.py                   all shapes, at 1, 2, 4 and 8 times their size
    python benchmarks/growth.py --only passwords,noqa --sizes 1,2

Each run is a process of its own, which keeps nothing and reads in that process alone. Figures are
seconds of its processor time, without what it takes for an empty file; the last column says how
much longer the largest file took than the one before it, for each doubling: 2 is linear. Needs
only the environment that bedev-lint is installed in (and Linux).
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

Shape = Callable[[int], str]
# Too short a time to say how it grows.
NOISE = 0.25


class Run(NamedTuple):
    """What one run took, and what it told; no codes if it was ended."""

    seconds: float
    codes: tuple[str, ...] | None


def each(form: str, head: str = "") -> Shape:
    """Return a shape of many lines, or pieces, of one form; `@` is the number of each."""

    def shape(size: int) -> str:
        return head + "".join(form.replace("@", str(number)) for number in range(size))

    return shape


def around(before: str, form: str, after: str, between: str = "") -> Shape:
    """Return a shape of one thing with many of a form in it."""

    def shape(size: int) -> str:
        pieces = (form.replace("@", str(number)) for number in range(size))
        return before + between.join(pieces) + after

    return shape


def chains(link: str, length: int, head: str = "") -> Shape:
    """Return a shape of many statements that are each a chain of so many links."""
    return each(f"total_@ = first{link * length}\n", head)


def letters(size: int) -> str:
    """Return letters and digits, the same every time."""
    source = random.Random(1)
    return "".join(
        source.choices("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/", k=size)
    )


def key(size: int, width: int = 64) -> str:
    """Return the body of a key, in lines."""
    text = letters(size)
    return "\n".join(text[at : at + width] for at in range(0, size, width))


def stairs(size: int) -> str:
    """Return brackets, each on a row of its own, as deep as they may be, again and again."""
    deep = 150
    return "".join("[\n" * deep + "]\n" * deep for _ in range(size // deep))


def aliases(size: int) -> str:
    """Return what Python 3.11 cannot read, beside long chains."""
    link = ".filter(1)"
    return "type Number = int\n" + "".join(
        f"total_{number} = first{link * 400}\n" for number in range(size)
    )


def elifs(size: int) -> str:
    """Return chains of `elif`."""
    return "".join(
        f"if kind == {number}:\n    pass\n" + "elif kind == 0:\n    pass\n" * 400
        for number in range(size)
    )


SERVICE = "import requests\n"
SESSION = "from sqlalchemy.orm import Session\n"
HIDDEN = "    try:\n        work_@()\n    except Exception:\n        pass\n"

# The size of each at 1; what is eight times as large is still below the limit of 4 MB.
SHAPES: dict[str, tuple[int, Shape]] = {
    # ---- many findings
    "addresses": (1000, each('URL_@ = "https://api-@.rates.internal/v1"\n')),
    "addresses-dotless-one-function": (
        500,
        around(
            "def run(client):\n", '    url_@ = "http://engine-@/x"\n    client.get(url_@)\n', ""
        ),
    ),
    "addresses-dotless-used": (
        500,
        each('URL_@ = "http://engine-@/x"\ndef run_@(client):\n    client.get(URL_@)\n'),
    ),
    "passwords": (1000, each('db_password_@ = "hunter2-@-Xy9"\n')),
    "handlers": (500, each("try:\n    work_@()\nexcept Exception:\n    pass\n")),
    "handlers-one-function": (500, around("def run():\n", HIDDEN, "")),
    "handlers-functions": (500, each("def run_@():\n" + HIDDEN)),
    "handlers-narrow": (500, each("try:\n    work_@()\nexcept OSError:\n    pass\n")),
    "handlers-narrow-one-function": (
        500,
        around("def run():\n", HIDDEN.replace("Exception", "OSError"), ""),
    ),
    "handlers-other-names": (
        500,
        each("E_@ = Exception\ntry:\n    work_@()\nexcept E_@:\n    pass\n"),
    ),
    "handlers-logging": (
        500,
        each(
            "def run_@():\n    try:\n        work_@()\n    except Exception as error:\n"
            "        note_@(error)\ndef note_@(error):\n    return 1\n"
        ),
    ),
    "handlers-result": (
        500,
        each(
            "def run_@():\n    try:\n        return work_@()\n"
            "    except Exception:\n        return None\n"
        ),
    ),
    "cancellation": (
        500,
        each(
            "async def run_@():\n    try:\n        await work_@()\n"
            "    except asyncio.CancelledError:\n        pass\n",
            "import asyncio\n",
        ),
    ),
    "cancellation-one-function": (
        500,
        around(
            "import asyncio\nasync def run(task):\n    task.cancel()\n",
            "    try:\n        await work_@()\n    except BaseException:\n        pass\n",
            "",
        ),
    ),
    "suppress": (
        500,
        each("with suppress(Exception):\n    work_@()\n", "from contextlib import suppress\n"),
    ),
    "finally": (
        500,
        each("def run_@():\n    try:\n        work_@()\n    finally:\n        return 1\n"),
    ),
    "tokens": (
        1000,
        each('token_@ = "ghp_' + letters(36).replace("+", "a").replace("/", "b") + '"\n'),
    ),
    "credentials-in-urls": (
        1000,
        each('URL_@ = "postgres://shop:hunter2-@-Xy9@db/shop"\n'.replace("Xy9@", "Xy9\x01")),
    ),
    "secret-defaults": (
        1000,
        each('KEY_@ = os.environ.get("SECRET_KEY_@", "hunter2-@-Xy9")\n', "import os\n"),
    ),
    "secrets-in-one-dict": (
        1000,
        around("SETTINGS = {\n", '    "password_@": "hunter2-@-Xy9",\n', "}\n"),
    ),
    "secrets-in-one-line": (1000, around("SETTINGS = {", '"password_@": "hunter2-@-Xy9", ', "}\n")),
    "addresses-in-one-list": (
        1000,
        around("URLS = [\n", '    "https://api-@.internal/v1",\n', "]\n"),
    ),
    "addresses-in-one-line": (1000, around("URLS = [", '"https://api-@.internal/v1", ', "]\n")),
    "addresses-in-one-call": (
        1000,
        around("connect(\n", '    url_@="https://api-@.internal/v1",\n', ")\n"),
    ),
    "secrets-in-one-tuple": (
        500,
        lambda size: (
            ", ".join(f"password_{n}" for n in range(size))
            + " = "
            + ", ".join(f'"hunter2-{n}-Xy9"' for n in range(size))
            + "\n"
        ),
    ),
    "secrets-many-targets": (
        100,
        lambda size: "".join(f"password_{n} = " for n in range(size)) + '"hunter2-Xy9"\n',
    ),
    "secrets-one-call": (
        1000,
        around("connect(", 'password_@="hunter2-@-Xy9", ', ")\n"),
    ),
    "semicolons-with-secrets": (1000, each('password_@ = "hunter2-@-Xy9";')),
    "secrets-in-a-function": (
        1000,
        around("def run():\n", '    password_@ = "hunter2-@-Xy9"\n', ""),
    ),
    "secrets-compared": (
        500,
        each('def run_@(password):\n    return password == "hunter2-@-Xy9"\n'),
    ),
    # ---- boundaries
    "http-one-function": (
        1000,
        around(
            SERVICE + "class ShopService:\n    def run(self):\n",
            "        requests.get(self.u_@)\n",
            "",
        ),
    ),
    "http-many-functions": (
        1000,
        around(
            SERVICE + "class ShopService:\n",
            "    def run_@(self):\n        requests.get(self.u)\n",
            "",
        ),
    ),
    "http-through-one-function": (
        1000,
        around(
            SERVICE + "def fetch():\n    requests.get(1)\nclass ShopService:\n",
            "    def run_@(self):\n        fetch()\n",
            "",
        ),
    ),
    "http-along-a-chain": (
        500,
        around(
            SERVICE + "def f_0():\n    requests.get(1)\nclass ShopService:\n",
            "    def run_@(self):\n        return self.run_@_next()\n"
            "    def run_@_next(self):\n        f_0()\n",
            "",
        ),
    ),
    "calls-in-a-chain": (
        500,
        lambda size: (
            SERVICE
            + "".join(f"def f_{n}():\n    return f_{n + 1}()\n" for n in range(size))
            + f"def f_{size}():\n    requests.get(1)\n"
            + "class ShopService:\n    def run(self):\n        f_0()\n"
        ),
    ),
    "calls-in-a-ring": (
        125,
        lambda size: (
            SERVICE
            + "".join(
                f"def f_{n}():\n    requests.get(1)\n    f_{(n + 1) % size}()\n"
                for n in range(size)
            )
        ),
    ),
    "calls-in-a-chain-of-a-service": (
        500,
        lambda size: (
            SERVICE
            + "class ShopService:\n"
            + "".join(
                f"    def f_{n}(self):\n        return self.f_{n + 1}()\n" for n in range(size)
            )
            + f"    def f_{size}(self):\n        requests.get(1)\n"
        ),
    ),
    "loops-with-queries": (
        500,
        around(
            SESSION + "def run(session: Session, rows):\n",
            "    for row in rows:\n        session.execute(row)\n        session.commit()\n",
            "",
        ),
    ),
    "blocking-in-async": (
        1000,
        around("import time\nasync def run():\n", "    time.sleep(@)\n", ""),
    ),
    "functions": (2000, each("def run_@(a, b=1):\n    return a + b\n")),
    "methods": (
        2000,
        around("class Shop:\n", "    def run_@(self):\n        return self.run_0()\n", ""),
    ),
    "classes": (1000, each("class Shop_@(Shop_0 if 0 else object):\n    x: int = 1\n")),
    "classes-in-a-line": (
        200,
        lambda size: (
            "class C_0:\n    def f(self): return 1\n"
            + "".join(
                f"class C_{n + 1}(C_{n}):\n    def g_{n}(self): return self.f()\n"
                for n in range(size)
            )
        ),
    ),
    "overridden": (
        300,
        lambda size: (
            "class Base:\n    def f(self):\n        return self.f()\n"
            + "".join(
                f"class C_{n}(Base):\n    def f(self):\n        return Base.f(self)\n"
                for n in range(size)
            )
        ),
    ),
    "names-bound": (4000, each("name_@ = other_@ = 1\n")),
    "name-bound-again": (4000, each("name = name + @\n")),
    "names-of-others": (
        1000,
        lambda size: "x_0 = 1\n" + "".join(f"x_{n + 1} = x_{n}\n" for n in range(size)),
    ),
    "names-of-others-backwards": (
        500,
        lambda size: (
            "".join(f"x_{n} = x_{n + 1}\n" for n in range(size))
            + f'x_{size} = os.environ["PASSWORD"]\npassword = x_0 or "hunter2-Xy9"\n'
        ),
    ),
    "errors-of-others-backwards": (
        500,
        lambda size: (
            "".join(f"x_{n} = x_{n + 1}\n" for n in range(size))
            + f"x_{size} = Exception\ntry:\n    work()\nexcept x_0:\n    pass\n"
        ),
    ),
    "imports": (2000, each("from shop.part_@ import thing_@ as other_@\n")),
    "attributes": (
        2000,
        around("class Shop:\n    def run(self):\n", "        self.part_@ = Part_@()\n", ""),
    ),
    "nested-functions": (
        1000,
        around("def run():\n", "    def inner_@():\n        return inner_0()\n", ""),
    ),
    "lambdas": (2000, around("x = [", "lambda a: a + @, ", "]\n")),
    "parameters": (500, around("def run(", "a_@=1, ", "):\n    pass\n")),
    "types": (2000, each("def run_@(a: dict[str, list[Shop_@ | None]]) -> Shop_@: ...\n")),
    # ---- comments
    "noqa": (12500, each("x_@ = @  # noqa\n")),
    "noqa-codes": (12500, each("x_@ = @  # noqa: E501\n")),
    "noqa-ours": (5000, each("x_@ = @  # noqa: BD301\n")),
    "ignores": (5000, each("x_@ = @  # bedev: ignore[BD301] -- the same everywhere\n")),
    "ignores-in-use": (
        1000,
        each('U_@ = "https://api-@.internal/v1"  # bedev: ignore[BD301] -- the same everywhere\n'),
    ),
    "ignores-for-the-file": (1000, each("x_@ = @  # bedev: ignore-file[BD101]\n")),
    "ignores-in-one-statement": (
        1000,
        around("x = [\n", '    "https://api-@.internal/v1",  # bedev: ignore[BD301]\n', "]\n"),
    ),
    "ignores-in-a-function": (
        1000,
        around(
            SERVICE + "class ShopService:\n    def run(self):\n",
            "        requests.get(self.u_@)  # bedev: ignore[BD202]\n",
            "",
        ),
    ),
    "ignores-in-one-comment": (5000, around("x = 1  ", "# bedev: ignore[BD301] ", "\n")),
    "codes-in-one-comment": (5000, around("x = 1  # bedev: ignore[", "BD301, ", "BD302]\n")),
    "noqa-in-one-comment": (20000, around("x = 1  ", "# noqa: E501 ", "\n")),
    "noqa-colons-in-one-comment": (20000, around("x = 1  ", "noqa:", "#\n")),
    "spaces-in-one-comment": (100000, around("x = 1  # bedev:", " ", "ignor\n")),
    "spaces-in-one-reason": (100000, around("x = 1  # bedev: ignore[BD301]", " ", "\n")),
    "hashes-in-one-comment": (100000, around("x = 1  ", "#", "bedev: ignore[BD301]\n")),
    "hash-lines": (250_000, each("#\n")),
    "hash-lines-with-noqa": (250_000, each("#\n", "x = 1  # bedev: ignore[BD301]\n")),
    "empty-lines": (450_000, each("\n", "x = 1  # bedev: ignore[BD301]\n")),
    # ---- large pieces
    "one-line": (480_000, around("x = '", "a", "'\n")),
    "one-line-with-an-address": (480_000, around('x = "https://rates.internal/', "a", '"\n')),
    "one-comment": (480_000, around("#", " a"[:1], "\n")),
    "one-number": (500, around("x = 1", "0", "\n")),
    "one-name": (100_000, around("x", "a", " = 1\n")),
    "semicolons": (60_000, each("x;")),
    "semicolons-no-code": (60_000, each("1;")),
    "escapes-unterminated": (25_000, around('x = "', "\\n", "\n")),
    "quotes-escaped-unterminated": (25_000, around('x = "', '\\"', "\n")),
    "quotes-escaped": (25_000, around('x = "', '\\"', '"\n')),
    "quotes-escaped-in-three": (25_000, around('x = """', '\\"', '"""\n')),
    "three-quotes-unterminated": (25_000, around("x = 1\n", '"""\\"', "")),
    "quotes-open-on-each-line": (10_000, each("x = '\n")),
    "escapes": (25_000, around('password = "', "\\n", '"\n')),
    "strings-joined": (1000, around("x = (\n", '    "part @ of it"\n', ")\n")),
    "strings-joined-with-an-address": (
        100,
        around('x = (\n    "https://rates.internal/"\n', '    "part @ of it"\n', ")\n"),
    ),
    "strings-added": (100, around('x = "https://rates.internal"', ' + "part"', "\n")),
    "private-key": (
        12_500,
        lambda size: (
            f'x = """-----BEGIN PRIVATE KEY-----\n{key(size)}\n-----END PRIVATE KEY-----"""\n'
        ),
    ),
    "private-key-no-end": (
        12_500,
        lambda size: f'x = """-----BEGIN PRIVATE KEY-----\n{key(size)}"""\n',
    ),
    "private-key-no-key": (
        12_500,
        lambda size: f'x = """-----BEGIN PRIVATE KEY-----\n{key(size)}!"""\n',
    ),
    "private-key-of-short-lines": (
        12_500,
        lambda size: f'x = """-----BEGIN PRIVATE KEY-----\n{key(size, 8)}!"""\n',
    ),
    "private-keys-begun": (2000, around('x = """', "-----BEGIN PRIVATE KEY-----", '"""\n')),
    "private-key-headers": (5000, around('x = """-----BEGIN PRIVATE KEY-----\n', "a-b-c", '"""\n')),
    "private-key-words": (5000, around('x = """-----BEGIN ', "A1 ", 'PRIVATE KEY"""\n')),
    "password-of-spaces": (25_000, around('password = "a', " ", 'b"\n')),
    "password-of-marks": (25_000, around('password = "', "!", 'b"\n')),
    "password-of-braces": (25_000, around('password = "', "{{", 'b"\n')),
    "password-of-slashes": (25_000, around('password = "', "a/", '!"\n')),
    "password-of-words": (25_000, around('password = "', "a-", '!"\n')),
    "password-of-your": (10_000, around('password = "', "your-", '"\n')),
    "password-of-x": (25_000, around('password = "', "xx-", '"\n')),
    "address-of-at": (25_000, around('x = "postgres://', "a:", '@"\n')),
    "address-of-dots": (25_000, around('x = "', "a.", '://"\n')),
    "address-hosts": (25_000, around('x = "https://', "a.", '!"\n')),
    "addresses-in-one-text": (5_000, around('x = "', "http://a:b@", '"\n')),
    "token-of-dots": (25_000, around('x = "', "eyJ.", '"\n')),
    # ---- deep, within the limits
    "brackets-in-stairs": (3000, stairs),
    "brackets-deep": (30, each("x_@ = " + "(" * 150 + ")" * 150 + "\n")),
    "lists-deep": (30, each("x_@ = " + "[" * 90 + '"https://rates.internal/@"' + "]" * 90 + "\n")),
    "chains-of-calls": (5, chains(".filter(1)", 240)),
    "chains-of-calls-with-addresses": (
        5,
        chains('.filter("https://rates.internal")', 100),
    ),
    "chains-on-lines": (
        5,
        each("total_@ = (first\n" + '    .filter("https://rates.internal")\n' * 100 + ")\n"),
    ),
    "chains-of-or": (5, chains(' or "https://rates.internal"', 200)),
    "chains-of-plus": (5, chains(' + "https://rates.internal"', 200)),
    "chains-of-comparisons": (5, chains(' == "https://rates.internal"', 200)),
    "chains-of-conditions": (5, chains(" if a else b", 200)),
    "aliases-beside-chains": (5, aliases),
    "elifs": (5, elifs),
    "f-string": (500, around('x = f"https://rates.internal/', "{a_@}/b", '"\n')),
    "f-string-of-texts": (10_000, around('x = f"https://rates.internal/{a}', "{{b", '"\n')),
    "decorators": (500, around("", "@mark(@)\n", "def run():\n    pass\n")),
    "decorators-with-addresses": (
        500,
        around("", '@mark("https://rates.internal/@")\n', "def run():\n    pass\n"),
    ),
    "dict": (5000, around("x = {\n", '    "key_@": [@, None],\n', "}\n")),
    "dict-in-one-line": (5000, around("x = {", '"key_@": [@, None], ', "}\n")),
    "list-in-one-line": (25_000, around("x = [", "@,", "]\n")),
    "ifs-with-addresses": (500, each('if a_@:\n    run("https://rates.internal/@")\n')),
    "match": (
        500,
        around("match a:\n", '    case @:\n        run("https://rates.internal/@")\n', ""),
    ),
    "withs-with-addresses": (
        500,
        each('with open("https://rates.internal/@") as f_@:\n    pass\n'),
    ),
    "tries-in-a-row": (
        500,
        each("try:\n    work_@()\nexcept ValueError:\n    raise\nexcept Exception:\n    pass\n"),
    ),
    "handlers-of-one-try": (500, around("try:\n    work()\n", "except Error_@:\n    pass\n", "")),
    "wide-letters": (1000, each('password_@ = "hunter2-@-Xy9"  # é\n')),
    "wide-line": (5000, around("x = [", '"é@", ', '"https://rates.internal"]\n')),
    "wide-addresses-in-one-line": (500, around("x = [", '"https://é@.internal", ', "]\n")),
    "wide-calls-in-one-line": (2000, around("x = [", 'f("é@"), ', "]\n")),
}


def run(text: str, limit: int) -> Run:
    """Lint one file with this text in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "shop", "services")
        path.mkdir(parents=True)
        (path / "shop.py").write_text(text.replace("\x01", "@"), encoding="utf-8")
        (Path(folder) / "bedev-lint.toml").write_text("")
        options = ["--no-cache", "-j1", "--output-format", "json", folder]
        command = [sys.executable, "-m", "bedev_lint", "check", *options]
        with tempfile.TemporaryFile() as told:
            process = subprocess.Popen(command, stdout=told, stderr=subprocess.DEVNULL, cwd=folder)
            resource.prlimit(process.pid, resource.RLIMIT_CPU, (limit, limit))
            _, _, usage = os.wait4(process.pid, 0)
            told.seek(0)
            data = told.read()
    seconds = usage.ru_utime + usage.ru_stime
    try:
        return Run(seconds, tuple(found["code"] for found in json.loads(data)))
    except ValueError:
        return Run(seconds, None)


def row(name: str, sizes: Sequence[int], limit: int, empty: float) -> str:
    """Run one shape at all sizes; return a line of the table."""
    base, shape = SHAPES[name]
    times: list[float] = []
    told = ""
    for size in sizes:
        found = run(shape(base * size), limit)
        if found.codes is None:
            told = "ended"
            break
        times.append(max(found.seconds - empty, 0.0))
        counts = {code: found.codes.count(code) for code in sorted(set(found.codes))}
        told = " ".join(f"{code}*{count}" for code, count in counts.items())
    cells = [f"{seconds:7.2f}" for seconds in times] + ["      -"] * (len(sizes) - len(times))
    growth = "-"
    if len(times) > 1 and times[-2] > 0 and times[-1] > NOISE:
        doublings = math.log2(sizes[len(times) - 1] / sizes[len(times) - 2])
        growth = f"{(times[-1] / times[-2]) ** (1 / doublings):.1f}"
    return f"{name:32}{''.join(cells)}  {growth:>5}  {told}"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--only", default="", help="shapes, with commas between them")
    parser.add_argument("--sizes", default="1,2,4,8")
    parser.add_argument(
        "--limit", type=int, default=60, help="seconds of processor time that one run may take"
    )
    given = parser.parse_args()
    sizes = [int(size) for size in given.sizes.split(",")]
    empty = min(run("", given.limit).seconds for _ in range(3))
    heads = "".join(f"{size:>6}x" for size in sizes)
    print(f"{'shape':32}{heads}  growth  found (an empty file: {empty:.2f} s)")
    for name in given.only.split(",") if given.only else SHAPES:
        print(row(name, sizes, given.limit, empty), flush=True)


if __name__ == "__main__":
    main()
