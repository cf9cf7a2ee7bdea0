"""The formats that other programs read: valid by their schemas, and inert whatever is in them."""

from __future__ import annotations

import io
import json
import re
import unicodedata
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import xmlschema
from junitparser import JUnitXml

from bedev_lint import DOCS_URL
from bedev_lint import catalog as catalogs
from bedev_lint.escaping import harmless
from bedev_lint.model import (
    Applicability,
    Confidence,
    Diagnostic,
    Edit,
    Fix,
    Hop,
    Location,
    Severity,
    Snippet,
    Span,
)
from bedev_lint.report import FORMATS, renderer
from bedev_lint.report.text import Page

SCHEMAS = Path(__file__).parent / "schemas"
RULES = catalogs.load([catalogs.builtin_rules()]).rules
PAGE = Page(base="/home/shop/src", root="/home/shop", rules=RULES, files=7)
EVIL = (
    "]]></x><script>alert(1)</script>\x1b[31ma\rb\n::error::c%0A|`[d](e)@f{g}"
    "\u2028\u202eh\x00\udcff"
)


def diagnostic(**changes: Any) -> Diagnostic:
    fields: dict[str, Any] = {
        "code": "BD302",
        "name": "hardcoded-credential",
        "message": "hardcoded credential in `PASSWORD`",
        "severity": Severity.ERROR,
        "confidence": Confidence.CERTAIN,
        "filename": "/home/shop/src/shop/settings.py",
        "span": Span(Location(7, 12), Location(7, 15)),
        "help": "Read it from the environment.",
        "fingerprint": "0123456789abcdef0123456789abcdef",
        "snippet": Snippet(7, ('PASSWORD = "…"',), 12, 15),
        **changes,
    }
    return Diagnostic(**fields)


BOUNDARY = diagnostic(
    code="BD202",
    name="http-in-service",
    message="raw HTTP call in service function `place`: place → fetch → requests.get",
    severity=Severity.WARNING,
    confidence=Confidence.LIKELY,
    filename="/home/shop/src/shop/checkout.py",
    span=Span(Location(12, 12), Location(14, 2)),
    fingerprint="fedcba9876543210fedcba9876543210",
    snippet=Snippet(12, ("    return fetch(", "        order,", "    )"), 12, 6),
    path=(
        Hop("shop.checkout.place", "/home/shop/src/shop/checkout.py", Location(12, 12)),
        Hop("shop.rates.fetch", "/home/shop/src/shop/rates.py", Location(3, 12)),
        Hop("requests.get", "/elsewhere/rates.py", Location(3, 12)),
    ),
    reached_from=(Hop("shop.cart.buy", "/home/shop/src/shop/cart.py", Location(4, 9)),),
    also_at=(Location(20, 5),),
)
FIXABLE = diagnostic(
    fix=Fix(
        Applicability.UNSAFE,
        "Read it from the environment",
        (
            Edit(Span(Location(2, 1), Location(2, 1)), "import os\n"),
            Edit(Span(Location(7, 12), Location(7, 15)), f'os.environ["PASSWORD"]{EVIL}'),
        ),
    )
)
HOSTILE = diagnostic(
    code="AC101",
    name="of-a-team",
    message=EVIL,
    severity=Severity.INFO,
    filename=f"/home/shop/{EVIL}.py",
    help=EVIL,
    snippet=Snippet(1, (EVIL.replace("\n", ""),), 3, 9),
    path=(Hop(EVIL, f"/home/shop/{EVIL}.py", Location(1, 1)), Hop(EVIL, EVIL, Location(1, 1))),
)
BROKEN = diagnostic(code="BD001", name="syntax-error", snippet=None, help="", message="no")
RUNS = {"clean": [], "plain": [diagnostic(), BROKEN], "all": [BOUNDARY, FIXABLE, HOSTILE]}


def rendered(name: str, *diagnostics: Diagnostic) -> str:
    """Return a report as it is written."""
    text = renderer(name)(diagnostics, PAGE)
    return harmless(text, annotations=FORMATS[name].is_obeyed)


def read(name: str, *diagnostics: Diagnostic) -> Any:
    return json.loads(rendered(name, *diagnostics))


# ------------------------------------------------------------------ schemas


@pytest.mark.parametrize("run", RUNS)
@pytest.mark.parametrize(
    ("name", "schema"),
    [
        ("sarif", "sarif-2.1.0.json"),
        ("gitlab", "gitlab-code-quality.json"),
        ("rdjson", "rdjson.json"),
    ],
)
def test_json_is_valid_by_its_schema(name: str, schema: str, run: str) -> None:
    validator = jsonschema.validators.validator_for(json.loads((SCHEMAS / schema).read_text()))
    valid = validator(json.loads((SCHEMAS / schema).read_text()))
    assert [error.message for error in valid.iter_errors(read(name, *RUNS[run]))] == []


@pytest.mark.parametrize("run", RUNS)
def test_junit_is_valid_by_its_schema_and_read_by_a_parser(run: str) -> None:
    text = rendered("junit", *RUNS[run])
    xmlschema.XMLSchema(str(SCHEMAS / "junit-10.xsd")).validate(io.StringIO(text))
    suites = JUnitXml.fromstring(text.encode())
    assert suites.tests == max(1, len(RUNS[run]))
    assert suites.failures + suites.errors == len(RUNS[run])
    assert suites.errors == sum(found.code == "BD001" for found in RUNS[run])


@pytest.mark.parametrize("run", RUNS)
def test_jsonl_is_the_array_of_json_a_line_each(run: str) -> None:
    lines = rendered("jsonl", *RUNS[run]).splitlines()
    assert [json.loads(line) for line in lines] == read("json", *RUNS[run])


# ------------------------------------------------------------------ what all have in common


@pytest.mark.parametrize("name", FORMATS)
def test_nothing_in_a_report_is_obeyed(name: str) -> None:
    text = rendered(name, HOSTILE, BOUNDARY)
    bad = {char for char in text if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl")}
    assert bad <= {"\n", "\t"}
    if name == "html":  # of its own it has tags
        text = text.partition('id="data">')[2].partition("</script>")[0]
    assert "<script" not in text or name not in ("html", "junit", "markdown")
    commands = [line for line in text.splitlines() if line.lstrip().startswith("::")]
    assert commands == [line for line in commands if line.startswith(("::notice file=", "::warni"))]
    assert len(commands) == (2 if name == "github" else 0)


@pytest.mark.parametrize("name", ["json", "jsonl", "sarif"])
def test_nothing_in_an_edit_is_obeyed(name: str) -> None:
    text = rendered(name, FIXABLE)
    assert {char for char in text if unicodedata.category(char)[0] == "C"} <= {"\n"}


@pytest.mark.parametrize("name", FORMATS)
def test_a_report_is_a_function_of_what_it_is_given(name: str) -> None:
    assert renderer(name)([BOUNDARY, HOSTILE], PAGE) == renderer(name)([BOUNDARY, HOSTILE], PAGE)


@pytest.mark.parametrize("name", ["sarif", "github", "gitlab", "junit", "rdjson", "html"])
def test_paths_are_those_of_the_repository(name: str) -> None:
    text = rendered(name, diagnostic(), BOUNDARY)
    assert "src/shop/settings.py" in text
    assert "/home/shop" not in text
    assert "/elsewhere/rates.py" in text or name == "gitlab"


# ------------------------------------------------------------------ SARIF


def test_sarif_tells_rules_results_and_paths() -> None:
    (run,) = read("sarif", diagnostic(), BOUNDARY)["runs"]
    service, credential = run["tool"]["driver"]["rules"]
    assert (service["id"], credential["id"]) == ("BD202", "BD302")
    assert "security-severity" not in service["properties"]
    assert credential["properties"]["security-severity"] == "8.0"
    assert credential["properties"]["tags"] == [
        *("configuration", "security", "external/cwe/cwe-798")
    ]
    assert RULES["BD302"].help in credential["help"]["text"]
    assert "```python\n" in credential["help"]["markdown"]
    first, second = run["results"]
    assert (first["ruleIndex"], second["ruleIndex"]) == (1, 0)
    assert (first["level"], second["level"]) == ("error", "warning")
    fingerprint = diagnostic().fingerprint
    assert first["partialFingerprints"]["primaryLocationLineHash"] == f"{fingerprint}:1"
    assert first["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "src/shop/settings.py", "uriBaseId": "%SRCROOT%"},
                "region": {"startLine": 7, "startColumn": 12, "endLine": 7, "endColumn": 15},
            }
        }
    ]
    # Of a place of many rows the first.
    region = second["locations"][0]["physicalLocation"]["region"]
    assert region == {"startLine": 12, "startColumn": 12}
    (flow,) = second["codeFlows"][0]["threadFlows"]
    assert [hop["location"]["message"]["text"] for hop in flow["locations"]] == [
        *("shop.checkout.place", "shop.rates.fetch", "requests.get")
    ]
    assert [place["message"]["text"] for place in second["relatedLocations"]] == [
        *("shop.rates.fetch", "requests.get", "shop.cart.buy", "also here")
    ]
    assert "codeFlows" not in first


def test_formats_that_know_links_lead_to_the_page_of_a_rule() -> None:
    url = f"{DOCS_URL}rules/{BOUNDARY.code}/"
    for name in ("json", "jsonl", "sarif", "rdjson", "html"):
        assert url in renderer(name)([BOUNDARY], PAGE)
        assert url not in renderer(name)([BOUNDARY], replace(PAGE, rules={}))
    (row,) = json.loads(renderer("json")([BOUNDARY], replace(PAGE, rules={})))
    assert row["url"] is None


def test_credential_rules_have_a_severity_of_security() -> None:
    rules = [rule for rule in RULES.values() if rule.finds_credentials]
    assert all(rule.security_severity for rule in rules)
    assert {rule.name for rule in rules} == {
        *("hardcoded-credential", "hardcoded-token", "credential-in-url", "secret-default")
    }


def test_sarif_names_every_file_by_a_uri() -> None:
    name = "/home/shop/a b#c%/d\udcff.py"
    (run,) = read("sarif", diagnostic(filename=name), diagnostic(filename="/else where.py"))["runs"]
    inside, outside = (
        result["locations"][0]["physicalLocation"]["artifactLocation"] for result in run["results"]
    )
    assert inside == {"uri": "a%20b%23c%25/d%FF.py", "uriBaseId": "%SRCROOT%"}
    assert outside == {"uri": "file:///else%20where.py"}


def test_a_message_in_sarif_is_no_link() -> None:
    (run,) = read("sarif", diagnostic(message="see [here](1) and {0}"))["runs"]
    assert run["results"][0]["message"]["text"] == r"see \[here\](1) and {{0}}"


def test_sarif_says_what_a_fix_changes() -> None:
    (run,) = read("sarif", FIXABLE)["runs"]
    (fix,) = run["results"][0]["fixes"]
    (change,) = fix["artifactChanges"]
    assert change["artifactLocation"]["uri"] == "src/shop/settings.py"
    assert change["replacements"][0] == {
        "deletedRegion": {"startLine": 2, "startColumn": 1, "endLine": 2, "endColumn": 1},
        "insertedContent": {"text": "import os\n"},
    }


def test_sarif_keeps_to_the_limits_and_says_so() -> None:
    mild = [diagnostic(severity=Severity.WARNING)] * 5_000
    (run,) = read("sarif", *mild, *[diagnostic()] * 3)["runs"]
    assert len(run["results"]) == 5_000
    assert [result["level"] for result in run["results"][:4]] == [*["error"] * 3, "warning"]
    (said,) = run["invocations"][0]["toolExecutionNotifications"]
    assert said["message"]["text"].endswith("; 3 more are left out.")
    hops = tuple(Hop(f"f{n}", "/home/shop/a.py", Location(n, 1)) for n in range(1, 300))
    (run,) = read("sarif", diagnostic(reached_from=hops))["runs"]
    assert len(run["results"][0]["relatedLocations"]) == 100


# ------------------------------------------------------------------ GitHub


def test_github_commands_are_escaped() -> None:
    found = diagnostic(filename="/home/shop/a,b:c%\n::error::.py", message="50 %\n::stop", help="")
    assert rendered("github", found) == (
        "::error file=a%2Cb%3Ac%25\\n%3A%3Aerror%3A%3A.py,line=7,col=12,endLine=7,endColumn=15,"
        "title=BD302 hardcoded-credential::50 %25\\n::stop\n"
    )


def test_github_commands_have_the_path() -> None:
    assert rendered("github", BOUNDARY).startswith(
        "::warning file=src/shop/checkout.py,line=12,col=12,title=BD202 http-in-service::"
        "raw HTTP call in service function `place`: place → fetch → requests.get"
        "%0A  → shop.rates.fetch  src/shop/rates.py:3%0A"
    )


def test_github_shows_the_most_severe_and_says_what_it_leaves_out() -> None:
    few = [diagnostic(severity=Severity.INFO, filename="::error file=x::.py")] * 12
    found = [*few, BOUNDARY, *[diagnostic()] * 11]
    lines = rendered("github", *found).splitlines()
    kinds = [line.partition(" ")[0] for line in lines]
    assert kinds[:21] == [*["::error"] * 10, "::warning", *["::notice"] * 10]
    assert lines[20] == (
        "::notice title=bedev-lint::20 of 24 findings are annotated; "
        "the log of this step has the others."
    )
    assert kinds[21:] == ["BD302"] * 4


# ------------------------------------------------------------------ the others


def test_gitlab_severities() -> None:
    found = [diagnostic(), diagnostic(code="BD202"), BOUNDARY, HOSTILE]
    assert [issue["severity"] for issue in read("gitlab", *found)] == [
        *("critical", "major", "minor", "info")
    ]


def test_rdjson_tells_columns_only_where_bytes_are_characters() -> None:
    plain = diagnostic(snippet=Snippet(7, ("x = key_of(1)",), 5, 14), span=span(7, 5, 14))
    umlaut = diagnostic(snippet=Snippet(7, ("ö = key_of(1)",), 5, 14), span=span(7, 5, 14))
    masked = diagnostic()
    ranges = [
        each["location"]["range"] for each in read("rdjson", plain, umlaut, masked)["diagnostics"]
    ]
    assert ranges[0] == {"start": {"line": 7, "column": 5}, "end": {"line": 7, "column": 14}}
    assert ranges[1] == ranges[2] == {"start": {"line": 7}, "end": {"line": 7}}


def span(row: int, start: int, end: int) -> Span:
    return Span(Location(row, start), Location(row, end))


def test_markdown_has_no_markup_but_its_own() -> None:
    text = rendered("markdown", HOSTILE, diagnostic())
    cells = [line for line in text.splitlines() if line.startswith("| info")]
    assert len(cells) == 1
    assert cells[0].count("|") == 5
    assert not re.search(r"[<>`\[\]@*_!{}]", cells[0])


def test_the_page_forbids_all_other_scripts_and_holds_its_data() -> None:
    text = rendered("html", BOUNDARY, HOSTILE)
    assert "default-src 'none'" in text
    assert "script-src 'sha256-" in text
    assert text.count("</script>") == 2
    data = json.loads(text.partition('id="data">')[2].partition("</script>")[0])
    first, second = data["findings"]
    assert first["path"][1] == ["shop.rates.fetch", "src/shop/rates.py:3"]
    assert first["source"] == [
        12,
        ["    return ", "fetch(", ""],
        ["        ", "order,", ""],
        ["    ", ")", ""],
    ]
    assert data["rules"]["BD202"]["family"] == "boundaries"
    assert "\\x1b[31m" in second["message"]
