"""The command, from the outside: arguments in, streams and exit status out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bedev_lint import __version__
from bedev_lint.cli import cli, main
from bedev_lint.report import FORMATS
from bedev_lint.session.run import Session

CLEAN = "def total(prices: list[int]) -> int:\n    return sum(prices)\n"
SWALLOWED = "def go(work):\n    try:\n        work()\n    except Exception:\n        pass\n"
NARROW = "def go(work):\n    try:\n        work()\n    except PermissionError:\n        pass\n"
BROKEN = "def go(:\n"
PASSWORD = "correct-horse-battery-staple-9"

Run = Callable[..., Result]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty repository, which is the current folder."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "shop").mkdir()
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run() -> Run:
    def invoke(*args: str, **options: Any) -> Result:
        result = CliRunner().invoke(cli, list(args), **options)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return invoke


def write(project: Path, **files: str) -> None:
    """Write modules of the package `shop`."""
    for name, text in files.items():
        (project / "shop" / f"{name}.py").write_text(text)


def configure(project: Path, text: str) -> None:
    (project / "bedev-lint.toml").write_text(text)


# ------------------------------------------------------------------ check


def test_check_is_the_default_command(project: Path, run: Run) -> None:
    write(project, cart=SWALLOWED)
    results = [
        run("check", "shop", "--output-format", "concise"),
        run("shop", "--output-format", "concise"),
        run("--output-format", "concise", "shop"),
        run("--output-format=concise"),
        run("shop/cart.py", "--output-format", "concise"),
        run(str(project / "shop"), "--output-format", "concise"),
    ]
    assert {result.exit_code for result in results} == {1}
    (output,) = {result.stdout for result in results}
    assert output.startswith("shop/cart.py:4:5: BD101 ")
    assert output.count("\n") == 1


def test_no_arguments_at_all(project: Path, run: Run) -> None:
    write(project, cart=CLEAN)
    result = run()
    assert (result.exit_code, result.stdout, result.stderr) == (0, "All clean: 1 file\n", "")


def test_the_full_format(project: Path, run: Run) -> None:
    write(project, cart=SWALLOWED)
    lines = run("shop").stdout.splitlines()
    assert lines[0] == "shop/cart.py:4:5: BD101 swallowed-exception (error)"
    assert any(line.startswith("  4 |     except Exception:") for line in lines)
    assert any(line.strip().startswith("help: ") for line in lines)
    assert lines[-2:] == [
        "Found 1 problem in 1 file",
        "No fixes available (1 hidden fix with `--unsafe-fixes`)",
    ]


def test_findings_that_share_a_path_have_one_cause(project: Path, run: Run) -> None:
    (project / "shop" / "services.py").write_text(
        "import requests\nfrom shop.rates import fetch\n"
        "def place(url):\n    return fetch(url)\n"
        "def buy(url):\n    return fetch(url)\n"
        "def pay(url):\n    return requests.post(url)\n"
        "def refund(url):\n    return requests.post(url)\n"
    )
    write(project, rates="import requests\ndef fetch(url):\n    return requests.get(url)\n")
    found = json.loads(run("--select", "BD202", "--output-format", "json").stdout)
    place, buy, pay, refund = (finding["cause"] for finding in found)
    assert place == buy
    assert len({place, pay, refund}) == 3
    full = run("--select", "BD202").stdout
    assert full.count("shop.rates.fetch") == 1
    assert "Found 4 problems with 3 causes in 2 files" in full


def test_a_handler_with_many_queries_is_one_finding(project: Path, run: Run) -> None:
    (project / "shop" / "views.py").write_text(
        "from shop.models import Order\n"
        "def pay(request, pk):\n"
        "    order = Order.objects.get(pk=pk)\n"
        "    Order.objects.filter(pk=pk).update(paid=True)\n"
        "    order.save()\n"
    )
    write(project, models="from django.db import models\nclass Order(models.Model):\n    pass\n")
    (finding,) = json.loads(run("--select", "BD203", "--output-format", "json").stdout)
    assert finding["location"] == {"row": 3, "column": 13}
    assert [place["row"] for place in finding["also_at"]] == [4, 5]
    assert "  also at 4:5, 5:5\n" in run("--select", "BD203").stdout


def test_json_format(project: Path, run: Run) -> None:
    write(project, cart=SWALLOWED)
    (found,) = json.loads(run("shop", "--output-format", "json").stdout)
    assert list(found) == [
        *("code", "name", "message", "severity", "confidence", "filename", "location"),
        *("end_location", "path", "reached_from", "also_at", "fingerprint", "cause", "fix", "url"),
    ]
    assert found["code"] == "BD101"
    assert found["filename"] == str(project / "shop/cart.py")
    assert found["location"] == {"row": 4, "column": 5}
    assert found["end_location"]["row"] == 5
    assert found["fingerprint"]
    write(project, cart=CLEAN)
    assert run("shop", "--output-format", "json").stdout == "[]\n"


def test_exit_status(project: Path, run: Run) -> None:
    write(project, cart=CLEAN)
    assert run("shop").exit_code == 0
    write(project, cart=SWALLOWED)
    assert run("shop").exit_code == 1
    assert run("shop", "--exit-zero").exit_code == 0
    write(project, other=BROKEN)
    for options in ([], ["--exit-zero"], ["--ignore", "BD001,ALL"], ["--select", "BD301"]):
        result = run("shop", "--output-format", "concise", *options)
        assert result.exit_code == 2
        assert "shop/other.py:1:" in result.stdout and " BD001 " in result.stdout


def test_what_cannot_be_read_is_told_and_the_rest_is_checked(project: Path, run: Run) -> None:
    write(project, cart=SWALLOWED)
    (project / "shop/latin.py").write_bytes(b"name = \\\n    '\xe9'\n")
    result = run("shop", "--output-format", "concise", "--exit-zero")
    assert result.exit_code == 2
    assert "BD003 file cannot be read: line 2 is not encoded in utf-8\n" in result.stdout
    assert [line.split()[1] for line in result.stdout.splitlines()] == ["BD101", "BD003"]


def test_a_suppression_without_effect_can_be_left_unsaid(project: Path, run: Run) -> None:
    write(project, cart="total = 1  # bedev: ignore[BD301]\n")
    assert run("shop").exit_code == 1
    for args in (["--ignore", "BD002"], ["--ignore", "linter"], ["--select", "BD3"]):
        assert run("shop", *args).exit_code == 0
    configure(project, '[per-file-ignores]\n"shop/c*.py" = ["unused-suppression"]')
    assert run("shop").exit_code == 0
    configure(project, "require-reason = true")
    write(project, cart="total = 1  # bedev: ignore[BD301, BD002]\n")
    assert run("shop").exit_code == 1


def test_a_link_to_nothing_is_no_clean_file(project: Path, run: Run) -> None:
    write(project, cart=CLEAN)
    (project / "shop/gone.py").symlink_to("nowhere.py")
    (project / "shop/loop.py").symlink_to("loop.py")
    (project / "shop/.#cart.py").symlink_to("somebody@host.1234")  # an editor's lock
    result = run("shop", "--output-format", "concise")
    assert result.exit_code == 2
    assert [line.split()[:2] for line in result.stdout.splitlines()] == [
        ["shop/gone.py:1:1:", "BD003"],
        ["shop/loop.py:1:1:", "BD003"],
    ]
    result = run("shop", "--extend-exclude", "gone.py,loop.py")
    assert (result.exit_code, result.stdout) == (0, "All clean: 1 file\n")


def test_selecting(project: Path, run: Run) -> None:
    write(project, cart=SWALLOWED)
    assert run("shop", "--select", "BD101").exit_code == 1
    assert run("shop", "--select", "BD3,BD202", "--select", "BD102").exit_code == 0
    assert run("shop", "--ignore", "swallowed-exception").exit_code == 0
    assert run("shop", "--ignore", "errors", "--extend-select", "BD101").exit_code == 1


def test_severity_and_confidence(project: Path, run: Run) -> None:
    write(project, cart=NARROW)
    assert run("shop", "--min-severity", "warning").exit_code == 1
    assert run("shop", "--min-severity", "error").exit_code == 0
    assert run("shop", "--min-confidence", "certain").exit_code == 1
    assert run("shop", "--min-severity", "fatal").exit_code == 2


def test_the_configuration_counts_and_the_command_line_overrides_it(
    project: Path, run: Run
) -> None:
    write(project, cart=SWALLOWED)
    configure(project, 'ignore = ["BD101"]')
    assert run("shop").exit_code == 0
    assert run("shop", "--isolated").exit_code == 1
    assert run("shop", "--select", "BD101").exit_code == 1
    (project / "strict.toml").write_text('select = ["BD101"]')
    assert run("shop", "--config", "strict.toml").exit_code == 1
    configure(project, "[rule.swallowed-exception]\nseverity = 'info'")
    assert "BD101 swallowed-exception (info)" in run("shop").stdout
    configure(project, '[per-file-ignores]\n"shop/c*.py" = ["BD101"]')
    assert run("shop").exit_code == 0


def test_all_errors_of_the_configuration(project: Path, run: Run) -> None:
    configure(project, 'selct = []\nmin-severity = "warn"\nignore = ["BD999"]')
    result = run("shop", "--select", "errorz")
    assert (result.exit_code, result.stdout) == (2, "")
    lines = result.stderr.splitlines()
    assert all(line.startswith("bedev-lint: ") for line in lines)
    assert 'selct: unknown key (did you mean "select"?)' in lines[0]
    assert 'got "warn" (did you mean "warning"?)' in lines[1]
    assert "--select: expected a code" in lines[2] and '(did you mean "errors"?)' in lines[2]


def test_wrong_arguments_are_usage_errors(project: Path, run: Run) -> None:
    for args in (["nowhere"], ["--nonsense"], ["--config", "nowhere.toml"], ["explain"]):
        result = run(*args)
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr
    assert "no such file or folder" in run("nowhere").stderr
    assert 'mean the command "explain"' in run("explian", "BD101").stderr


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["--config", "a.toml", "--isolated"], "--config and --isolated cannot be combined"),
        (["rules", "--isolated", "--config", "a.toml"], "--config and --isolated cannot be"),
        (["--ratchet", "--no-baseline"], "--ratchet and --no-baseline cannot be combined"),
        (["--ratchet", "--isolated"], "--ratchet and --isolated cannot be combined"),
        (["--select", "BD101", "baseline"], '"baseline"?), which comes before options and paths'),
        (["--select", "xyz"], 'got "xyz"; `bedev-lint rules` lists them'),
        (["effects", "shop", "--effect", "db.wipe"], "; there are: blocking, command.line, "),
        (["explain", "xyz"], 'there is no rule "xyz"; `bedev-lint rules` lists all'),
        (["explain", "swallowed"], '(did you mean "swallowed-exception"?)'),
    ],
)
def test_what_cannot_be_is_told(project: Path, run: Run, args: list[str], told: str) -> None:
    result = run(*args)
    assert (result.exit_code, result.stdout) == (2, "")
    assert told in result.stderr


@pytest.mark.parametrize(
    "args",
    [
        *(["--select", ""], ["--select", ","], ["--select", "BD1", "--select", " "]),
        *(["--ignore="], ["--extend-select", ""], ["--exclude", ""], ["--extend-exclude", ","]),
        *([""], ["shop", ""], ["check", ""], ["graph", ""], ["effects", ""], ["config", ""]),
    ],
)
def test_what_is_empty_never_means_the_default(project: Path, run: Run, args: list[str]) -> None:
    write(project, cart=SWALLOWED)
    result = run(*args)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr


def test_a_bad_glob_is_named(project: Path, run: Run) -> None:
    write(project, cart=SWALLOWED)
    for option in ("--exclude", "--extend-exclude"):
        result = run(option, "[")
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr == f'bedev-lint: {option}: expected a glob, got "["\n'


def test_tests_are_left_out_unless_asked_for(project: Path, run: Run) -> None:
    write(project, cart=CLEAN)
    (project / "tests").mkdir()
    (project / "tests/test_cart.py").write_text(SWALLOWED)
    result = run()
    assert result.exit_code == 0
    assert result.stdout == "All clean: 1 file, 1 left out: 1 test\n"
    assert run("--include-tests").exit_code == 1
    assert run("tests").stdout == (
        "No Python files to check, 1 left out: 1 test; --include-tests checks tests\n"
    )


def test_a_package_whose_name_begins_like_that_of_a_test_is_no_test(
    project: Path, run: Run
) -> None:
    for folder in ("test_results", "api/versions/v1", "2024_report/views"):
        (project / folder).mkdir(parents=True)
        (project / folder / "order_views.py").write_text(SWALLOWED)
    (project / "test_results/test_views.py").write_text(SWALLOWED)
    assert "Found 3 problems in 3 files, 1 left out: 1 test\n" in run().stdout


def test_what_a_package_of_the_same_name_hides_is_asked_for_secrets_alone(
    project: Path, run: Run
) -> None:
    (project / "views").mkdir()
    (project / "views/__init__.py").write_text(CLEAN)
    secret = 'PASSWORD = "h7$kLp2!qW9z"\n'
    (project / "views.py").write_text(SWALLOWED + secret)
    told = run("--output-format", "concise").stdout
    assert [line.split()[1] for line in told.splitlines() if "views.py" in line] == ["BD302"]
    for started in ('if __name__ == "__main__":\n    load()\n', "asyncio.run(load())\n"):
        (project / "views.py").write_text(SWALLOWED + started)
        assert "BD101" in run().stdout  # it may be started by its path


def test_of_tests_those_that_a_rule_about_tests_may_object_to_are_checked(
    project: Path, run: Run
) -> None:
    write(project, cart=CLEAN)
    (project / "tests").mkdir()
    (project / "tests/test_cart.py").write_text(SWALLOWED)
    (project / "tests/test_order.py").write_text(
        "import pytest\n\ndef test_order():\n    with pytest.raises(Exception):\n        order()\n"
    )
    for _ in ("read", "remembered"):
        result = run()
        assert "BD904" in result.stdout
        assert "Found 1 problem in 2 files, 1 left out: 1 test\n" in result.stdout
    (project / "tests/test_broken.py").write_text("def test_order(:\n    raises(Exception)\n")
    assert run("--select", "BD904").stdout.endswith(
        "Found 1 problem in 1 file, 3 left out: 2 tests, 1 production file\n"
    )
    assert run("tests/test_order.py", "--ignore", "BD904").stdout == (
        "No Python files to check, 1 left out: 1 test; --include-tests checks tests\n"
    )


def test_including_tests_includes_nothing_else(project: Path, run: Run) -> None:
    for folder in ("tests", "shop/migrations", "examples", "vendor"):
        (project / folder).mkdir()
        (project / folder / "one.py").write_text(SWALLOWED)
    result = run("--include-tests", "--output-format", "concise")
    assert [line.split(":")[0] for line in result.stdout.splitlines()] == ["tests/one.py"]
    # A migration is looked at by what is said of migrations alone.
    told = "Found 1 problem in 2 files, 2 left out: 1 example, 1 vendored\n"
    assert told in run("--include-tests").stdout


@pytest.mark.parametrize(
    ("files", "checked"),
    [
        # An application that is about tests of another kind.
        (["shop/test/__init__.py", "shop/test/models.py", "shop/test/api/views.py"], True),
        (["shop/test/tests/test_models.py", "shop/test/models.py"], True),
        (["shop/test/test_models.py", "shop/test/base.py"], False),
        (["shop/test/conftest.py", "shop/test/api/helpers.py"], False),
        (["test/helpers.py"], False),
        (["shop/tests/helpers.py"], False),
    ],
)
def test_a_folder_of_tests_holds_tests(
    project: Path, run: Run, files: list[str], checked: bool
) -> None:
    for name in files:
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(CLEAN)
    (project / files[-1]).write_text(SWALLOWED)
    for options in (["--no-cache"], [], []):
        assert run(*options).exit_code == int(checked)


@pytest.mark.parametrize(
    ("files", "checked"),
    [
        (["shop/forms/__init__.py", "shop/forms/setup.py"], True),
        (["shop/__init__.py", "shop/conf.py"], True),
        # Nothing is built from there, or it is where a project begins.
        (["shop/scripts/setup.py"], False),
        (["shop/__init__.py", "shop/pyproject.toml", "shop/setup.py"], False),
        (["__init__.py", "setup.py"], False),
    ],
)
def test_a_script_that_builds_is_no_part_of_a_package(
    project: Path, run: Run, files: list[str], checked: bool
) -> None:
    for name in files:
        (project / name).parent.mkdir(exist_ok=True)
        (project / name).write_text("")
    (project / files[-1]).write_text(SWALLOWED)
    for options in (["--no-cache"], [], []):
        assert run(*options).exit_code == int(checked)


def test_a_folder_becomes_one_of_tests(project: Path, run: Run) -> None:
    (project / "shop/test").mkdir()
    (project / "shop/test/base.py").write_text(SWALLOWED)
    assert run().exit_code == 1
    (project / "shop/test/test_base.py").write_text(CLEAN)
    assert run().exit_code == 0


def test_excludes(project: Path, run: Run) -> None:
    write(project, cart=SWALLOWED)
    assert run("--extend-exclude", "cart.py").exit_code == 0
    assert run("--exclude", "shop").exit_code == 0
    assert run("--exclude", "shop", "shop/cart.py").exit_code == 1
    assert run("--exclude", "shop", "--force-exclude", "shop/cart.py").exit_code == 0


def test_standard_input(project: Path, run: Run) -> None:
    options = ["-", "--stdin-filename", "shop/new.py", "--output-format", "concise"]
    result = run(*options, input=SWALLOWED)
    assert result.exit_code == 1
    assert result.stdout.startswith("shop/new.py:4:5: BD101 ")
    assert run(*options, input=CLEAN).exit_code == 0
    assert run("-", input=SWALLOWED).exit_code == 1
    assert run("-", "shop", input=SWALLOWED).exit_code == 2
    assert run("shop", "--stdin-filename", "x.py").exit_code == 2


def test_standard_input_stands_for_the_file_of_its_name(project: Path, run: Run) -> None:
    write(project, cart=SWALLOWED)
    assert run("-", "--stdin-filename", "shop/cart.py", input=CLEAN).exit_code == 0
    options = ["--extend-exclude", "cart.py", "--force-exclude"]
    result = run("-", "--stdin-filename", "shop/cart.py", *options, input=SWALLOWED)
    assert result.exit_code == 0


def test_a_folder_called_like_a_command(project: Path, run: Run) -> None:
    (project / "rules").mkdir()
    (project / "rules/cart.py").write_text(SWALLOWED)
    for args in (["check", "rules"], ["./rules"], ["--select", "BD101", "rules"]):
        assert run(*args).exit_code == 1
    assert run("rules").stdout.startswith("CODE")


def test_output_file(project: Path, run: Run) -> None:
    write(project, cart=SWALLOWED)
    result = run("shop", "-o", "out.txt", "--output-format", "concise")
    assert (result.exit_code, result.stdout) == (1, "")
    assert (project / "out.txt").read_text().startswith("shop/cart.py:4:5: BD101 ")
    result = run("shop", "-o", "nowhere/out.txt")
    assert result.exit_code == 2
    assert "cannot write nowhere/out.txt" in result.stderr


def test_statistics(project: Path, run: Run) -> None:
    write(project, cart=SWALLOWED + SWALLOWED.replace("go", "gone"), other=NARROW)
    line = "     3  BD101  swallowed-exception\n"
    for output_format in ("full", "concise"):
        assert run("shop", "--statistics", "--output-format", output_format).stdout == line
    result = run("shop", "--statistics", "--output-format", "json")
    counts = [{"code": "BD101", "name": "swallowed-exception", "count": 3}]
    assert (json.loads(result.stdout), result.stderr) == (counts, "")


def test_quiet_and_verbose(project: Path, run: Run) -> None:
    write(project, cart=CLEAN)
    assert run("-q").stdout == ""
    result = run("-v")
    assert result.stdout == "All clean: 1 file\n"
    assert "configuration: no configuration file" in result.stderr
    assert "files: 1 checked" in result.stderr


def test_options_for_later_are_accepted(project: Path, run: Run) -> None:
    write(project, cart=CLEAN)
    assert run("--no-cache", "--jobs", "4", "-j1").exit_code == 0


def test_colour(project: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    write(project, cart=SWALLOWED)
    assert "\x1b" not in run("shop").stdout
    assert "\x1b[1;31mBD101" in run("shop", "--color", "always").stdout
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[1;31mBD101" in run("shop").stdout
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in run("shop").stdout
    assert "\x1b" in run("shop", "--color", "always").stdout
    assert "\x1b" not in run("shop", "--color", "never").stdout


def test_names_of_files_cannot_act_up(project: Path, run: Run) -> None:
    (project / "shop/a\x1b[31m\nb.py").write_text(SWALLOWED)
    for output_format in FORMATS:
        output = run("shop", "--output-format", output_format).stdout
        assert "\x1b" not in output
        assert "b.py" in output
    assert "\x1b" not in run("no\x1b[31msuch").stderr


def test_a_secret_never_leaves(project: Path, run: Run) -> None:
    write(project, settings=f"DB_PASSWORD = '{PASSWORD}'\n")
    for output_format in FORMATS:
        result = run("shop", "--output-format", output_format, "-v", "--debug")
        assert result.exit_code == 1
        assert PASSWORD not in result.output


# ------------------------------------------------------------------ the other commands


def test_explain(project: Path, run: Run) -> None:
    by_code, by_name = run("explain", "BD101"), run("explain", "swallowed-exception")
    assert by_code.exit_code == 0
    assert by_code.stdout == by_name.stdout
    output = by_code.stdout
    assert output.startswith("BD101 swallowed-exception: ")
    for part in ("\nWhy\n", "\nWhat to do\n", "\nOptions\n", "\n    narrow = true\n"):
        assert part in output
    more = run("explain", "--all-examples", "BD101").stdout
    assert (output.count("\nReported\n"), output.count("\nClean\n")) == (3, 3)
    assert "): bedev-lint explain --all-examples BD101\n" in output
    assert more.count("\nReported") > 3
    assert "More examples" not in more
    result = run("explain", "swalowed-exception")
    assert result.exit_code == 2
    assert 'did you mean "swallowed-exception"' in result.stderr


OWN_RULE = """
code = "AC101"
title = "No HTTP in a service"
message = "{function} calls: {path}"
severity = "warning"
default = false
why = "Because."
boundary = { effect = "http.call", within = "service" }
example = [{ bad = "call()  # error: AC101" }, { good = "pass" }]

[options]
# The hosts that may be called.
hosts = ["localhost"]
"""


def test_explain_a_rule_of_ones_own(project: Path, run: Run) -> None:
    (project / "lint/team").mkdir(parents=True)
    (project / "lint/team/no-http.toml").write_text(OWN_RULE)
    assert run("explain", "AC101").exit_code == 2
    configure(project, 'rules = ["lint"]')
    assert run("explain", "no-http").stdout == (
        "AC101 no-http: No HTTP in a service\n"
        "===================================\n\n"
        "Severity: warning. Off by default; turn it on with extend-select.\n\n"
        "Why\n    Because.\n\n"
        "How to suppress it\n"
        "    ...  # bedev: ignore[AC101] -- why it is right here\n\n"
        "Reported\n    call()  # error: AC101\n\n"
        "Clean\n    pass\n\n"
        "Options\n"
        "    [tool.bedev-lint.rule.no-http]\n"
        '    severity = "warning"\n\n'
        "    # The hosts that may be called.\n"
        '    hosts = ["localhost"]\n'
    )
    assert "AC101  no-http" in run("rules").stdout


def test_every_rule_can_be_explained(project: Path, run: Run) -> None:
    for known in json.loads(run("rules", "--output-format", "json").stdout):
        assert run("explain", known["code"]).exit_code == 0


def test_rules(project: Path, run: Run) -> None:
    lines = run("rules").stdout.splitlines()
    rows = {line.split()[0]: line.split()[1:5] for line in lines}
    assert rows["CODE"] == ["NAME", "SEVERITY", "DEFAULT", "FAMILY"]
    assert rows["BD101"] == ["swallowed-exception", "error", "yes", "errors"]
    assert rows["BD001"] == ["syntax-error", "error", "always", "linter"]
    known = json.loads(run("rules", "--output-format", "json").stdout)
    assert [rule["code"] for rule in known] == [line.split()[0] for line in lines[1:]]


def test_config_says_what_is_in_force_and_where_from(project: Path, run: Run) -> None:
    configure(project, 'select = ["BD101"]\n[rule.swallowed-exception]\nnarrow = false\n')
    output = run("config", "shop").stdout
    assert f"# from: {project / 'bedev-lint.toml'}\n# root: {project}\n" in output
    assert 'select = ["BD101"]\n' in output
    assert "rule = { swallowed-exception = { narrow = false } }\n" in output
    # What it prints can be used as a configuration, and means the same.
    configure(project, output)
    assert run("config", "shop").stdout == output
    assert "# from: no configuration file" in run("config", "--isolated").stdout


def test_help_and_version(run: Run) -> None:
    assert run("--version").stdout == f"bedev-lint, version {__version__}\n"
    assert "Commands:" in run("--help").stdout
    assert "--output-format" in run("check", "--help").stdout


# ------------------------------------------------------------------ the process


def process(*args: str, **options: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bedev_lint", *args]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, **options)


def test_the_version_needs_no_parser(project: Path) -> None:
    code = (
        "import sys; from bedev_lint import cli\n"
        "try: cli.cli.main(['--version'])\n"
        "except SystemExit: print(sorted({'libcst', 'msgspec'} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout == f"bedev-lint, version {__version__}\n[]\n"


def test_a_small_project_needs_no_other_process(project: Path) -> None:
    write(project, cart=SWALLOWED)
    code = (
        "import sys; from bedev_lint import cli\n"
        "try: cli.cli.main(['shop', '--no-cache', '-j2', '--quiet'])\n"
        "except SystemExit: print({'multiprocessing'} & set(sys.modules) or 'alone')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "alone"


def test_python_m(project: Path) -> None:
    write(project, cart=SWALLOWED)
    done = process("shop", "--output-format", "concise", cwd=project)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("shop/cart.py:4:5: BD101 ")
    assert process("nowhere", cwd=project).returncode == 2
    done = process(cwd=project)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("shop/cart.py:4:5: BD101 ")


def test_an_output_that_cannot_show_everything(project: Path) -> None:
    (project / "shop/größe_日本.py").write_text(SWALLOWED)
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    done = process(
        "shop", "--output-format", "concise", cwd=project, env=environment, encoding="latin-1"
    )
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith(r"shop/größe_\u65e5\u672c.py:4:5: BD101 ")


def test_a_broken_pipe_ends_quietly_and_keeps_the_status(project: Path) -> None:
    write(project, cart=SWALLOWED)
    command = [sys.executable, "-m", "bedev_lint", "shop"]
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, cwd=project, **pipes) as started:
        assert started.stdout is not None and started.stderr is not None
        started.stdout.close()
        assert started.stderr.read() == b""
        assert started.wait(60) == 1


def test_progress_is_for_terminals_only(project: Path) -> None:
    pty = pytest.importorskip("pty")
    write(project, cart=CLEAN)
    assert process("shop", cwd=project).stderr == ""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "bedev_lint", "check", "--no-cache", "shop"]
    environment = {**os.environ, "TERM": "xterm"}
    done = subprocess.run(
        command, cwd=project, stdout=subprocess.PIPE, stderr=theirs, env=environment, timeout=60
    )
    os.close(theirs)
    assert b"All clean" in done.stdout
    assert os.read(ours, 10_000).endswith(b"\r\x1b[K")
    os.close(ours)


def test_links_are_for_terminals_only(project: Path) -> None:
    pty = pytest.importorskip("pty")
    write(project, cart=SWALLOWED)
    link = b"\x1b]8;;https://bedev-lint.readthedocs.io/en/stable/rules/BD101/\x1b\\"
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "bedev_lint", "check", "--no-cache", "-q", "shop"]
    environment = {**os.environ, "TERM": "xterm"}
    for options, expected in (("--color=auto",), 1), (("--color=never",), 0):
        subprocess.run([*command, *options], cwd=project, stdout=theirs, env=environment)
        assert os.read(ours, 10_000).count(link) == expected
    os.close(theirs)
    os.close(ours)
    piped = subprocess.run([*command, "--color=always"], cwd=project, stdout=subprocess.PIPE)
    assert b"\x1b[1;31mBD101" in piped.stdout
    assert b"\x1b]" not in piped.stdout


def ended(monkeypatch: pytest.MonkeyPatch, error: BaseException, *args: str) -> int:
    """Return the exit status of the process if the work ends with this error."""

    def failing(*_args: Any, **_options: Any) -> None:
        raise error

    monkeypatch.setattr(Session, "run", failing)
    try:
        return main(args)
    except SystemExit as end:
        return int(end.code or 0)


def test_ctrl_c_ends_quietly(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended(monkeypatch, KeyboardInterrupt()) == 130
    assert "".join(capsys.readouterr()).strip() == ""


def test_a_crash_is_no_finding_and_quotes_nothing(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended(monkeypatch, ValueError(PASSWORD)) == 2
    assert "bedev-lint failed with ValueError" in capsys.readouterr().err
    assert ended(monkeypatch, ValueError(PASSWORD), "--debug") == 2
    output = capsys.readouterr().err
    assert "in failing" in output
    assert PASSWORD not in output
