"""Every output format: what stands where, and that nothing of the linted project can act up."""

from __future__ import annotations

import json as stdlib_json
import unicodedata
from typing import Any

import msgspec
import pytest

from bedev_lint.escaping import escape
from bedev_lint.model import Confidence, Diagnostic, Hop, Location, Severity, Snippet, Span
from bedev_lint.report import concise, full, json
from bedev_lint.report.text import Page, shown_path

PAGE = Page(base="/home/shop", files=340)
EVIL = "a\x1b[31mb\rc\nd\u2028e\u202ef\x00g\x9bh\udcff"


def diagnostic(**changes: Any) -> Diagnostic:
    fields: dict[str, Any] = {
        "code": "BD101",
        "name": "swallowed-exception",
        "message": "the error is swallowed",
        "severity": Severity.ERROR,
        "confidence": Confidence.CERTAIN,
        "filename": "/home/shop/src/cart.py",
        "span": Span(Location(7, 5), Location(8, 13)),
        "help": "Log it, or let it go on.",
        "fingerprint": "5f2e",
        "snippet": Snippet(7, ("    except Exception:", "        pass"), 5, 13),
        **changes,
    }
    return Diagnostic(**fields)


BOUNDARY = diagnostic(
    code="BD202",
    name="http-in-service",
    message="raw HTTP call in service function `place`: place → fetch → requests.get",
    confidence=Confidence.LIKELY,
    filename="/home/shop/services/checkout.py",
    span=Span(Location(12, 26), Location(12, 47)),
    help="Move the call into a client.\nPass that client to the service.",
    snippet=Snippet(12, ("    return order.total * fetch(order.currency)",), 26, 47),
    path=(
        Hop("shop.services.checkout.place", "/home/shop/services/checkout.py", Location(12, 26)),
        Hop("shop.rates.fetch", "/elsewhere/rates.py", Location(3, 12)),
    ),
    reached_from=(Hop("shop.services.cart.buy", "/home/shop/services/cart.py", Location(4, 9)),),
)


# ------------------------------------------------------------------ full


def test_full_shows_what_shares_a_path_together() -> None:
    fetch = Hop("shop.rates.fetch", "/home/shop/rates.py", Location(3, 12))
    get = Hop("requests.get", "/home/shop/rates.py", Location(3, 12))
    buy = Hop("shop.services.cart.buy", "/home/shop/services/cart.py", Location(4, 9))
    place = Hop("shop.services.checkout.place", BOUNDARY.filename, Location(12, 26))
    changes = {"help": "Use a client.", "cause": "c1", "reached_from": (), "snippet": None}
    both = [
        msgspec.structs.replace(
            BOUNDARY,
            filename=first.filename,
            span=Span(first.location, first.location),
            path=(first, fetch, get),
            **{**changes, "confidence": confidence},
        )
        for first, confidence in ((buy, Confidence.CERTAIN), (place, Confidence.LIKELY))
    ]
    other = diagnostic(cause="c2", snippet=None, filename="/home/shop/services/cast.py")
    assert full.render([both[0], other, both[1]], PAGE) == (
        "BD202 http-in-service (error): one cause, reached from 2 places\n"
        "  shared path:\n"
        "    shop.rates.fetch  rates.py:3:12\n"
        "    requests.get      rates.py:3:12\n"
        "  reached from:\n"
        "    services/cart.py:4:9: shop.services.cart.buy\n"
        "    services/checkout.py:12:26: shop.services.checkout.place (likely)\n"
        "  help: Use a client.\n"
        "\n"
        "services/cast.py:7:5: BD101 swallowed-exception (error)\n"
        "  the error is swallowed\n"
        "  help: Log it, or let it go on.\n"
        "\n"
        "Found 3 problems with 2 causes in 340 files\n"
    )


def test_projects_of_the_same_text_share_no_cause() -> None:
    fetch = Hop("shop.rates.fetch", "/home/shop/rates.py", Location(3, 12))
    paths = (
        (fetch, msgspec.structs.replace(fetch, filename=f"/home/{name}/rates.py"))
        for name in ("a", "b")
    )
    found = [diagnostic(cause="c", path=path, snippet=None) for path in paths]
    copies = [diagnostic(cause="c", filename=f"/home/{name}/x.py") for name in ("a", "b")]
    assert full.render(found, PAGE).endswith("Found 2 problems in 340 files\n")
    assert full.render(copies, PAGE).endswith("Found 2 problems in 340 files\n")


def test_full_shows_place_message_source_and_help() -> None:
    assert full.render([diagnostic()], PAGE) == (
        "src/cart.py:7:5: BD101 swallowed-exception (error)\n"
        "  the error is swallowed\n"
        "    |\n"
        "  7 |     except Exception:\n"
        "    |     ^^^^^^^^^^^^^^^^^\n"
        "  8 |         pass\n"
        "    |         ^^^^\n"
        "  help: Log it, or let it go on.\n"
        "\n"
        "Found 1 problem in 340 files\n"
    )


def test_full_shows_the_path_one_hop_a_line() -> None:
    assert full.render([BOUNDARY], Page(base="/home/shop", quiet=True)) == (
        "services/checkout.py:12:26: BD202 http-in-service (error, likely)\n"
        "  raw HTTP call in service function `place`: place → fetch → requests.get\n"
        "     |\n"
        "  12 |     return order.total * fetch(order.currency)\n"
        "     |                          ^^^^^^^^^^^^^^^^^^^^^\n"
        "  path:\n"
        "    shop.services.checkout.place  services/checkout.py:12:26\n"
        "    shop.rates.fetch              /elsewhere/rates.py:3:12\n"
        "  also reached from:\n"
        "    shop.services.cart.buy  services/cart.py:4:9\n"
        "  help: Move the call into a client.\n"
        "        Pass that client to the service.\n"
    )


def test_full_shows_no_path_that_leads_nowhere() -> None:
    here = Hop("tests.cart.test_buy", "/home/shop/src/cart.py", Location(7, 5))
    path = (here, msgspec.structs.replace(here, function="test_buy"))
    assert full.render([diagnostic(snippet=None, path=path)], PAGE) == (
        "src/cart.py:7:5: BD101 swallowed-exception (error)\n"
        "  the error is swallowed\n"
        "  help: Log it, or let it go on.\n"
        "\n"
        "Found 1 problem in 340 files\n"
    )


def test_full_of_a_file_without_source() -> None:
    assert full.render([diagnostic(snippet=None, help="")], PAGE) == (
        "src/cart.py:7:5: BD101 swallowed-exception (error)\n"
        "  the error is swallowed\n"
        "\n"
        "Found 1 problem in 340 files\n"
    )


def marked(line: str, start: int, end: int) -> tuple[str, str]:
    """Return the shown source line and the marks below it."""
    found = diagnostic(snippet=Snippet(1, (line,), start, end), help="")
    lines = full.render([found], Page(base="/", quiet=True)).splitlines()
    return lines[3].removeprefix("  1 | "), lines[4].removeprefix("    | ")


@pytest.mark.parametrize(
    ("line", "start", "end", "text", "marks"),
    [
        ("x = f(1)", 5, 9, "x = f(1)", "    ^^^^"),
        ("x = ", 5, 5, "x =", "    ^"),
        ("\tf(1)", 2, 6, "    f(1)", "    ^^^^"),
        ("a\tf(1)", 3, 7, "a   f(1)", "    ^^^^"),
        ("'日本' + f()", 8, 11, "'日本' + f()", "         ^^^"),
        ("'e\u0301' + f()", 8, 11, "'e\u0301' + f()", "      ^^^"),
        ("'\x1b[1m' + f()", 10, 13, "'\\x1b[1m' + f()", "            ^^^"),
        ("f('\u202e')", 3, 6, "f('\\u202e')", "  ^^^^^^^^"),
    ],
)
def test_marks_stand_below_what_they_mark(
    line: str, start: int, end: int, text: str, marks: str
) -> None:
    assert marked(line, start, end) == (text, marks)


def test_a_line_that_is_too_long_is_cut_around_the_place() -> None:
    text, marks = marked(f"{'a' * 500}BAD{'b' * 500}", 501, 504)
    assert len(text) < 150
    assert text[len(marks) - 3 : len(marks)] == "BAD"
    assert marks.strip() == "^^^"
    assert (text[:3], text[-3:]) == ("...", "...")


def test_of_a_long_place_the_beginning_and_the_end() -> None:
    lines = tuple(f"line{number}" for number in range(1, 21))
    output = full.render([diagnostic(snippet=Snippet(1, lines, 1, 7))], PAGE)
    assert [word for word in output.split() if word.startswith(("line", "..."))] == [
        *("line1", "line2", "line3", "line4", "line5", "...", "line20")
    ]


def test_only_some_callers_are_listed() -> None:
    callers = tuple(Hop(f"f{number}", "/x.py", Location(number, 1)) for number in range(1, 9))
    output = full.render([diagnostic(reached_from=callers)], PAGE)
    assert "    f5  /x.py:5:1\n    and 3 more functions\n" in output


@pytest.mark.parametrize(
    ("page", "summary"),
    [
        (Page(base="/", files=1), "All clean: 1 file\n"),
        (Page(base="/", files=340), "All clean: 340 files\n"),
        (Page(base="/"), "No Python files to check\n"),
        (
            Page(base="/", files=3, unchecked=1),
            "No problems found in 3 files\n1 file could not be checked\n",
        ),
        (
            Page(base="/", files=1204, left_out={"test": 288, "migration": 1, "vendored": 2}),
            "All clean: 1,204 files, 291 left out: 288 tests, 1 migration, 2 vendored\n",
        ),
        (Page(base="/", files=3, quiet=True), ""),
    ],
)
def test_the_closing_summary_of_a_clean_run(page: Page, summary: str) -> None:
    assert full.render([], page) == summary


def test_statistics_count_by_rule() -> None:
    page = Page(base="/home/shop", files=2, statistics=True)
    counts = "     2  BD101  swallowed-exception\n     1  BD202  http-in-service\n"
    assert full.render([BOUNDARY, diagnostic(), diagnostic()], page) == counts
    assert full.render([], page) == "All clean: 2 files\n"


def test_colour_only_where_it_is_wanted() -> None:
    coloured = Page(base="/home/shop", files=340, colour=True)
    assert "\x1b" not in full.render([BOUNDARY], PAGE) + concise.render([BOUNDARY], PAGE)
    assert "\x1b[1;31mBD202 http-in-service\x1b[0m" in full.render([BOUNDARY], coloured)
    assert "\x1b[1;31mBD202\x1b[0m" in concise.render([BOUNDARY], coloured)


# ------------------------------------------------------------------ concise


def test_concise_is_a_line_a_problem() -> None:
    assert concise.render([diagnostic(), BOUNDARY], PAGE) == (
        "src/cart.py:7:5: BD101 the error is swallowed\n"
        "services/checkout.py:12:26: "
        "BD202 raw HTTP call in service function `place`: place → fetch → requests.get\n"
    )
    assert concise.render([], PAGE) == ""


def test_concise_statistics() -> None:
    output = concise.render([diagnostic()], Page(base="/", statistics=True))
    assert output == "     1  BD101  swallowed-exception\n"
    assert concise.render([], Page(base="/", statistics=True)) == ""


# ------------------------------------------------------------------ json


def test_json_is_the_contract() -> None:
    assert stdlib_json.loads(json.render([BOUNDARY], PAGE)) == [
        {
            "code": "BD202",
            "name": "http-in-service",
            "message": "raw HTTP call in service function `place`: place → fetch → requests.get",
            "severity": "error",
            "confidence": "likely",
            "filename": "/home/shop/services/checkout.py",
            "location": {"row": 12, "column": 26},
            "end_location": {"row": 12, "column": 47},
            "path": [
                {
                    "function": "shop.services.checkout.place",
                    "filename": "/home/shop/services/checkout.py",
                    "location": {"row": 12, "column": 26},
                    "implementations": [],
                },
                {
                    "function": "shop.rates.fetch",
                    "filename": "/elsewhere/rates.py",
                    "location": {"row": 3, "column": 12},
                    "implementations": [],
                },
            ],
            "reached_from": [
                {
                    "function": "shop.services.cart.buy",
                    "filename": "/home/shop/services/cart.py",
                    "location": {"row": 4, "column": 9},
                    "implementations": [],
                }
            ],
            "also_at": [],
            "fingerprint": "5f2e",
            "cause": "",
            "fix": None,
            "url": None,
        }
    ]


def test_json_when_clean_and_of_a_visitor_rule() -> None:
    assert json.render([], PAGE) == "[]\n"
    (found,) = stdlib_json.loads(json.render([diagnostic()], PAGE))
    assert (found["path"], found["reached_from"]) == ([], [])


def test_json_is_the_same_however_it_is_printed() -> None:
    page = Page(base="/home/shop", colour=True, quiet=True)
    assert json.render([BOUNDARY], page) == json.render([BOUNDARY], PAGE)


def test_json_is_ascii_that_strict_readers_take() -> None:
    found = diagnostic(message=EVIL, filename=f"/home/{EVIL}.py")
    output = json.render([found], PAGE)
    assert output.isascii() and "\\udcff" not in output
    (read,) = stdlib_json.loads(output)
    assert read["message"] == EVIL.replace("\udcff", "\\xff")


# ------------------------------------------------------------------ what is printed is safe


def test_text_of_the_linted_project_cannot_act_up() -> None:
    found = diagnostic(
        message=EVIL,
        filename=f"/home/shop/{EVIL}.py",
        help=EVIL,
        path=(Hop(EVIL, EVIL, Location(1, 1)),),
        snippet=Snippet(1, (EVIL.replace("\n", ""),), 1, 5),
    )
    for output in (full.render([found], PAGE), concise.render([found], PAGE)):
        bad = {char for char in output if unicodedata.category(char)[0] == "C"} - {"\n"}
        assert not bad
        assert not {"\u2028", "\u2029"} & set(output)
        output.encode("utf-8")
    assert concise.render([found], PAGE).count("\n") == 1


def test_escapes() -> None:
    assert escape(EVIL) == r"a\x1b[31mb\rc\nd\u2028e\u202ef\x00g\x9bh\xff"
    assert escape("naïve → 日本 🎉") == "naïve → 日本 🎉"
    assert escape("\U000e0001") == r"\U000e0001"


def test_names_of_files_are_relative_to_where_we_are() -> None:
    assert shown_path("/home/shop/a.py", "/home/shop") == "a.py"
    assert shown_path("/home/shopping/a.py", "/home/shop") == "/home/shopping/a.py"
    assert shown_path("/a.py", "/") == "a.py"
