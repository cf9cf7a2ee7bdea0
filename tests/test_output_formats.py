"""Which reports a run makes, where they go, and what is on by itself in a CI."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from bedev_lint.report import FORMATS
from scratch import run, write

SWALLOWED = "def go(work):\n    try:\n        work()\n    except Exception:\n        pass\n"
FINDING = "shop/cart.py:4:5: BD101 "


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write(tmp_path, {"shop/cart.py": SWALLOWED})


def test_several_formats_at_once(project: Path) -> None:
    arguments = ("--output-format", "sarif:out.sarif", "--output-format", "concise")
    result = run(project, *arguments)
    assert (result.exit_code, result.stderr) == (1, "")
    assert result.stdout.startswith(FINDING)
    assert json.loads((project / "out.sarif").read_text())["version"] == "2.1.0"


def test_every_format_can_be_written(project: Path) -> None:
    every = [f"--output-format={name}:found-{name}" for name in FORMATS]
    result = run(project, *every)
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", "")
    assert {path.name for path in project.glob("found-*")} == {f"found-{name}" for name in FORMATS}


def test_an_output_file_is_for_formats_without_one(project: Path) -> None:
    run(project, "--output-format", "json:a.json", "--output-format", "concise", "-o", "b.txt")
    assert len(json.loads((project / "a.json").read_text())) == 1
    assert (project / "b.txt").read_text().startswith(FINDING)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--output-format", "xml"), "'xml' is not one of full, concise, json"),
        (("--output-format", "sarif:"), "the file name after 'sarif' is empty"),
        (("--output-format", ""), "'' is not one of"),
        (
            ("--output-format", "sarif:a", "--output-format", "json:./a"),
            "two formats would be written to a: name one for each",
        ),
        (
            ("--output-format", "sarif", "--output-format", "json", "-o", "a"),
            "two formats would be written to a: name one for each",
        ),
        (("--output-format", "sarif:no/such"), "cannot write no/such: there is no folder no"),
    ],
)
def test_wrong_destinations(project: Path, arguments: tuple[str, ...], told: str) -> None:
    result = run(project, *arguments)
    assert result.exit_code == 2
    assert told in result.stderr
    assert not (project / "a").exists()


def test_the_environment_may_name_formats(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BEDEV_LINT_OUTPUT_FORMAT", "concise jsonl:found.jsonl")
    assert run(project).stdout.startswith(FINDING)
    assert (project / "found.jsonl").read_text().count("\n") == 1
    assert run(project, "--output-format", "json").stdout.startswith("[")


def test_colour_is_for_what_is_printed(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    result = run(project, "--output-format", "full", "--output-format", "full:found.txt")
    assert "\x1b[" in result.stdout
    assert "\x1b[" not in (project / "found.txt").read_text()


def test_statistics_are_told_beside_formats_without_them(project: Path) -> None:
    count = "     1  BD101  swallowed-exception\n"
    assert run(project, "--statistics", "--output-format", "sarif").stderr == count
    both = ("--output-format", "sarif:found.sarif", "--output-format", "full")
    result = run(project, "--statistics", *both)
    assert (result.stdout, result.stderr) == (count, "")


# ------------------------------------------------------------------ in a CI


def in_github(monkeypatch: pytest.MonkeyPatch, summary: Path) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))


def test_annotations_in_github(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    summary = project / "summary.md"
    summary.write_text("of another step\n")
    plain = run(project).stdout
    in_github(monkeypatch, summary)
    result = run(project)
    assert result.stdout.startswith(plain)
    (command,) = result.stdout[len(plain) :].splitlines()
    assert command.startswith("::error file=shop/cart.py,line=4,col=5,")
    assert summary.read_text().startswith("of another step\n## bedev-lint\n")
    assert "| 1 | BD101 | swallowed-exception |" in summary.read_text()


def test_annotations_alone(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    in_github(monkeypatch, project / "summary.md")
    assert run(project, "--output-format", "github").stdout.startswith("::error file=")
    assert (project / "summary.md").exists()


def test_no_annotations_where_formats_are_asked_for(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_github(monkeypatch, project / "summary.md")
    monkeypatch.setenv("GITLAB_CI", "true")
    assert "::" not in run(project, "--output-format", "concise").stdout
    assert not (project / "summary.md").exists()
    assert not list(project.glob("gl-*"))


def test_a_summary_that_cannot_be_written_is_told(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_github(monkeypatch, project / "no/such.md")
    result = run(project)
    assert result.exit_code == 1
    assert result.stderr.startswith("bedev-lint: cannot write ")


def test_a_report_of_code_quality_in_gitlab(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITLAB_CI", "true")
    monkeypatch.setenv("CI_PROJECT_DIR", str(project))
    result = run(project / "shop")
    assert (result.exit_code, result.stderr) == (1, "")
    (issue,) = json.loads((project / "gl-code-quality-report.json").read_text())
    assert issue["location"] == {"path": "shop/cart.py", "lines": {"begin": 4, "end": 5}}


@pytest.mark.parametrize("kind", ["file", "link"])
def test_what_the_project_has_under_that_name_is_left(
    project: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setenv("GITLAB_CI", "true")
    monkeypatch.setenv("CI_PROJECT_DIR", str(project))
    report, other = project / "gl-code-quality-report.json", project / "authorized_keys"
    if kind == "link":
        os.symlink(other, report)
    else:
        report.write_text("[]")
    result = run(project)
    assert result.exit_code == 1
    elsewhere = "`--output-format gitlab:FILE` writes elsewhere"
    assert f"gl-code-quality-report.json: File exists; {elsewhere}" in result.stderr
    assert not other.exists()
    assert kind == "link" or report.read_text() == "[]"


def test_a_known_answer_is_for_the_same_surroundings(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in project.rglob("*"):
        os.utime(path, (1_600_000_000, 1_600_000_000))
    plain = [run(project).stdout for _ in range(2)]
    in_github(monkeypatch, project.parent / "summary.md")
    assert "::error" in run(project).stdout
    assert "::error" not in plain[1]
