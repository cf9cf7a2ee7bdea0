"""For which findings a comment speaks, and for which it does not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scratch import lint, run, write

# What is reported is marked.
CASES = {
    "one row of a long literal": """
SERVICES = {
    "mail": {"password": "Vx9-q2-LLm"},  # noqa: BD302
    "sms": {"password": "Kj2-99-abQ"},  # error: BD302
    "push": {"password": "Pp7-31-zzT"},  # error: BD302
}
""",
    "the last row of a statement": """
SERVICES = {
    "mail": {"password": "Vx9-q2-LLm"},
    "sms": {"password": "Kj2-99-abQ"},
}  # noqa: BD302
""",
    "the first row of a statement": """
SERVICES = {  # bedev: ignore[BD302]
    "mail": {"password": "Vx9-q2-LLm"},
    "sms": {"password": "Kj2-99-abQ"},
}
""",
    "the last row of a long text": '''
BODY = """https://hooks.internal/
shop
"""  # noqa: BD301
''',
    "any row of the place itself": """
HOOKS = [
    "https://a.internal/v1"
    "/orders",  # noqa: BD301
    "https://b.internal/v1"  # noqa: BD301
    "/orders",
    "https://c.internal/v1"  # error: BD301
    "/orders",
]
""",
    "a word that only begins like a code": """
RATES = "https://rates.internal/v1"  # noqa: BD301a  # error: BD301
STOCK = "https://stock.internal/v1"  # noqa: E501, BD301
OTHER = "https://other.internal/v1"  # noqa: BD301, BD302x
""",
    "a body is none of its statement's own rows": """
def charge(order):
    try:
        order.charge()
    except Exception:  # error: BD101
        order.total = 0  # noqa: BD101, BD002


def refund(order):
    try:
        order.refund()
    except (
        ValueError,
        Exception,  # noqa: BD101
    ):
        pass
""",
}
# Where comments stand on the way to a call, and whether they silence it.
ON_THE_WAY = {
    "a call's own rows": (
        "    audit(\n        rate(\n            1  # {}\n        ),\n    )\n",
        True,
    ),
    "behind the statement": ("    audit(\n        rate(1),\n    )  # {}\n", True),
    "where the statement begins": ("    audit(  # {}\n        rate(1),\n    )\n", True),
    "beside another argument": ("    audit(\n        rate(1),\n        2,  # {}\n    )\n", False),
    "the header of a block": ("    with audit(rate(1)):  # {}\n        pass\n", True),
    "the body of a block": ("    with audit(rate(1)):\n        pass  # {}\n", False),
}


RATES = "import requests\ndef rate(n):\n    return requests.get(n)\n"
PLACE = "from shop.rates import rate\ndef place():\n"
MARK = re.compile(r"  # error: (\w+)")


def codes(folder: Path) -> set[tuple[str, int, str]]:
    """Return the files, rows and codes of what is found in a folder."""
    return {
        (Path(found["filename"]).name, found["location"]["row"], found["code"])
        for found in lint(folder, "--isolated", "--no-cache")
    }


def test_a_comment_speaks_for_its_row(tmp_path: Path) -> None:
    texts = {f"case_{number}.py": text for number, text in enumerate(CASES.values())}
    wanted = {
        (name, row, found[1])
        for name, text in texts.items()
        for row, line in enumerate(text.split("\n"), start=1)
        if (found := MARK.search(line))
    }
    assert (
        codes(write(tmp_path, {name: MARK.sub("", text) for name, text in texts.items()})) == wanted
    )


def test_a_comment_cuts_the_paths_of_the_calls_on_its_row(tmp_path: Path) -> None:
    files, wanted = {"shop/rates.py": RATES}, set()
    for number, (body, is_silenced) in enumerate(ON_THE_WAY.values()):
        files[f"shop/services/case_{number}.py"] = PLACE + body.format("noqa: BD202, BD002")
        files[f"shop/services/bare_{number}.py"] = PLACE + body.format("why")
        wanted |= (
            {f"bare_{number}.py"} if is_silenced else {f"bare_{number}.py", f"case_{number}.py"}
        )
    found = codes(write(tmp_path, files))
    assert {name for name, _, code in found if code == "BD202"} == wanted


# Comments, and what is left of them where they silence nothing and are removed.
UNUSED = {
    "# bedev: ignore[BD301]": "",
    "# bedev: ignore[BD301] -- legacy": "",
    "# noqa: BD301": "",
    "# noqa: BD301 -- legacy": "",
    "# bedev: ignore[BD301] -- legacy  # noqa: S105": "# noqa: S105",
    "# bedev: ignore[BD301] -- see #12, and more # pragma: no cover": "# pragma: no cover",
    "# bedev: ignore[BD301] -- legacy #type: ignore[misc]": "#type: ignore[misc]",
    "# noqa: BD301 -- legacy  # type: ignore": "# type: ignore",
    "# bedev: ignore[BD301] -- of the C# client, PR#fix": "",
    "# noqa: BD301, S105 -- legacy": "# noqa: S105 -- legacy",
}


@pytest.mark.parametrize("comment", UNUSED)
def test_what_another_tool_is_told_stays(tmp_path: Path, comment: str) -> None:
    write(tmp_path, {"shop.py": f"total = 1  {comment}\n"})
    run(tmp_path, "--fix")
    left = f"total = 1  {UNUSED[comment]}".rstrip()
    assert (tmp_path / "shop.py").read_text() == f"{left}\n"


@pytest.mark.parametrize("form", ["bedev: ignore[BD301]", "noqa: BD301"])
def test_each_form_may_need_a_reason(tmp_path: Path, form: str) -> None:
    texts = {"none": "", "empty": " --", "other": " --  # pragma: no cover", "given": " -- legacy"}
    files = {f"{name}.py": f'U = "https://a.internal/"  # {form}{t}\n' for name, t in texts.items()}
    write(tmp_path, {**files, "bedev-lint.toml": "require-reason = true\n"})
    found = {(Path(one["filename"]).stem, one["code"]) for one in lint(tmp_path)}
    assert {name for name, code in found if code == "BD301"} == {"none", "empty", "other"}
