"""The baseline: what was there is told no more, however it moves; what is new is told."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from bedev_lint.cli import cli
from scratch import lint, run, write

FILE = ".bedev-lint-baseline.json"
GO = "def go(work):\n    try:\n        work()\n    except Exception:\n        pass\n"
STOP = GO.replace("go", "stop")
CART = f"class Cart:\n{''.join(f'    {line}' for line in GO.splitlines(True))}"
PLACE = "import requests\n\n\ndef place(order):\n    return requests.get(order.url, timeout=5)\n"
SECRET = "correct-horse-battery-staple-9"
SHOP = {
    "shop/cart.py": CART,
    "shop/services/checkout.py": PLACE,
    "shop/settings.py": f'DB_PASSWORD = "{SECRET}"\n',
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with three findings, all of them in its baseline."""
    root = write(tmp_path, SHOP)
    result = run(root, "baseline")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == f"{root / FILE}: 3 findings\n"
    return root


def told(root: Path, *arguments: str) -> list[tuple[str, str]]:
    """Return what a run reports, by code and file; cold and warm it is the same."""
    cold = lint(root, *arguments)
    assert lint(root, *arguments) == cold
    return [(found["code"], Path(found["filename"]).name) for found in cold]


def replace(root: Path, name: str, before: str, after: str) -> None:
    path = root / name
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))


def move(root: Path, name: str, to: str) -> None:
    (root / to).parent.mkdir(parents=True, exist_ok=True)
    (root / name).rename(root / to)


def test_what_was_there_is_told_no_more(project: Path) -> None:
    assert told(project) == []
    result = run(project)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == "Nothing new in 3 files\n3 problems known from the baseline\n"


def test_what_is_new_is_told(project: Path) -> None:
    write(project, {"shop/other.py": GO})
    assert told(project) == [("BD101", "other.py")]
    assert run(project).exit_code == 1


def test_a_project_without_findings_has_an_empty_one(tmp_path: Path) -> None:
    root = write(tmp_path, {"shop/cart.py": "x = 1\n"})
    assert run(root, "baseline").exit_code == 0
    assert json.loads((root / FILE).read_text()) == {"version": 1, "findings": [None]}
    assert run(root).stdout == "All clean: 1 file\n"


def test_it_counts_for_paths_and_for_standard_input(project: Path) -> None:
    assert told(project, "shop/cart.py") == []
    arguments = ["check", "-q", "-", "--stdin-filename", str(project / "shop/cart.py")]
    result = CliRunner().invoke(cli, arguments, input=CART + STOP)
    assert "cart.py:10:5: BD101" in result.stdout
    assert result.stdout.count("BD101") == 1


# ------------------------------------------------------------------ what moves


def test_rows_do_not_count(project: Path) -> None:
    for name in SHOP:
        replace(project, name, SHOP[name], "# one\n# two\n\n\n" + SHOP[name])
    assert told(project) == []


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        (
            "checkout",
            "get(order.url, timeout=5)",
            "get(\n        order.url,\n        timeout=5,\n    )",
        ),
        ("checkout", "return requests", "return (requests"),
        ("checkout", "timeout=5", "timeout = 5"),
        ("checkout", "    return requests.get", "    return \\\n        requests.get"),
        ("settings", '"', "'"),
        ("cart", "except Exception:", "except (Exception):  # whatever"),
    ],
)
def test_reformatting_does_not_count(project: Path, name: str, before: str, after: str) -> None:
    file = {"checkout": "shop/services/checkout.py"}.get(name, f"shop/{name}.py")
    if after.startswith("return ("):
        replace(project, file, "timeout=5)", "timeout=5))")
    replace(project, file, before, after)
    assert told(project) == []


def test_a_renamed_file_keeps_its_entries(project: Path) -> None:
    move(project, "shop/cart.py", "shop/basket.py")
    move(project, "shop/settings.py", "shop/core/settings.py")
    assert told(project) == []
    write(project, {"shop/new.py": GO})
    assert told(project) == [("BD101", "new.py")]


def test_a_moved_function_keeps_its_entry(project: Path) -> None:
    write(project, {"shop/cart.py": "class Cart:\n    pass\n", "shop/work.py": GO})
    assert told(project) == []


def test_a_function_that_moves_within_its_file_keeps_its_entry(project: Path) -> None:
    replace(project, "shop/cart.py", "class Cart", "class Basket")
    assert told(project) == []


def test_a_new_function_of_that_name_is_no_moved_one(project: Path) -> None:
    """The old one is mended, and is still there."""
    replace(project, "shop/cart.py", "pass", "raise")
    write(project, {"shop/work.py": GO})
    assert told(project) == [("BD101", "work.py")]


def test_what_may_have_come_from_two_places_is_new(project: Path) -> None:
    write(project, {"shop/cart.py": "", "shop/work.py": GO, "shop/more.py": GO})
    assert told(project) == [("BD101", "more.py"), ("BD101", "work.py")]


def test_a_second_one_of_the_same_kind_is_new(project: Path) -> None:
    twice = CART + "".join(CART.splitlines(True)[2:])
    write(project, {"shop/cart.py": twice})
    assert told(project) == [("BD101", "cart.py")]
    assert lint(project)[0]["location"]["row"] == 9


# ------------------------------------------------------------------ what is gone


def test_what_is_gone_is_told_and_removed(project: Path) -> None:
    replace(project, "shop/cart.py", "pass", "raise")
    write(project, {"shop/other.py": STOP})
    result = run(project, "-v")
    assert (
        "2 problems known from the baseline\n1 problem of the baseline is gone: " in result.stdout
    )
    assert "no longer there: BD101 shop/cart.py Cart.go\n" in result.stderr
    result = run(project, "baseline", "--prune")
    assert result.stderr.endswith(f"{FILE}: 2 findings, 1 removed\n")
    # What is new has not been taken up.
    assert told(project) == [("BD101", "other.py")]
    assert "gone" not in run(project).stdout


def test_to_prune_keeps_what_has_moved_where_it_is_now(project: Path) -> None:
    move(project, "shop/cart.py", "shop/basket.py")
    run(project, "baseline", "--prune")
    assert '"path": "shop/basket.py"' in (project / FILE).read_text()
    assert "shop/cart.py" not in (project / FILE).read_text()
    assert told(project) == []


def test_a_ratchet_fails_when_it_could_be_shorter(project: Path) -> None:
    assert run(project, "--ratchet").exit_code == 0
    replace(project, "shop/cart.py", "pass", "raise")
    assert run(project).exit_code == 0
    for _ in range(2):
        result = run(project, "--ratchet")
        assert result.exit_code == 1
        assert "`bedev-lint baseline --prune`" in result.stderr
        assert "no longer there: BD101 shop/cart.py Cart.go\n" in result.stderr
    run(project, "baseline", "--prune")
    assert run(project, "--ratchet").exit_code == 0


def test_nothing_is_gone_while_something_cannot_be_read(project: Path) -> None:
    (project / "shop/cart.py").write_text("def go(:\n")
    result = run(project, "--ratchet")
    assert result.exit_code == 2
    assert "gone" not in result.output
    assert run(project, "baseline", "--prune").exit_code == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ("--select", "BD302"),
        ("--min-severity", "error"),
        ("shop/settings.py",),
        ("--min-confidence", "certain"),
    ],
)
def test_what_is_not_asked_for_is_not_gone(project: Path, arguments: tuple[str, ...]) -> None:
    result = run(project, "--ratchet", *arguments)
    assert (result.exit_code, result.stderr) == (0, "")


def test_to_prune_keeps_entries_of_rules_that_do_not_run(project: Path) -> None:
    before = (project / FILE).read_text()
    run(project, "baseline", "--prune", "--select", "BD302")
    assert (project / FILE).read_text() == before


def test_to_record_one_more_rule_keeps_the_entries_of_the_others(project: Path) -> None:
    before = (project / FILE).read_text()
    write(project, {"shop/sync.py": PLACE.replace(", timeout=5", "")})
    assert run(project, "baseline", "--select", "BD501").stderr.endswith(": 4 findings\n")
    assert told(project, "--extend-select", "BD501") == []
    (project / "shop/sync.py").unlink()
    run(project, "baseline", "--extend-select", "BD501")
    assert (project / FILE).read_text() == before


def test_what_is_not_there_is_not_pruned(tmp_path: Path) -> None:
    result = run(write(tmp_path, SHOP), "baseline", "--prune")
    assert (result.exit_code, "there is no baseline to prune" in result.stderr) == (0, True)
    assert not (tmp_path / FILE).exists()


def test_names_of_files_may_be_anything(tmp_path: Path) -> None:
    names = ["größe.py", "a\nb.py", 'q"u\\.py', "\u202e.py"]
    root = write(tmp_path, {f"shop/{name}": GO for name in names})
    assert run(root, "baseline").stderr.endswith("4 findings\n")
    assert told(root, "--ratchet") == []
    (root / FILE).read_text(encoding="ascii")


def test_each_project_has_its_own(tmp_path: Path) -> None:
    files = {"bedev-lint.toml": "", "shop/cart.py": CART}
    root = write(tmp_path, {f"{at}/{name}": text for at in "ab" for name, text in files.items()})
    assert run(root, "baseline", "a").stderr == f"{root / 'a' / FILE}: 1 finding\n"
    assert [Path(found["filename"]).parts[-3] for found in lint(root)] == ["b"]
    run(root, "baseline", "b")
    assert run(root).stdout == "Nothing new in 2 files\n2 problems known from the baseline\n"
    (root / "b/shop/cart.py").write_text("")
    assert (run(root, "--ratchet").exit_code, run(root, "a", "--ratchet").exit_code) == (1, 0)


def test_projects_within_a_repository_are_recorded_with_it(tmp_path: Path) -> None:
    files = {"bedev-lint.toml": "", "shop/cart.py": CART}
    root = write(tmp_path, {f"{at}/{name}": text for at in "ab" for name, text in files.items()})
    write(root, {"tools/build.py": GO})
    told = run(root, "baseline").stderr.splitlines()
    assert told == [f"{root / at / FILE}: 1 finding" for at in (".", "a", "b")]
    assert lint(root) == []
    (root / "b/shop/cart.py").write_text("")
    assert run(root, "baseline", "--prune", "b").stderr == (
        f"{root / 'b' / FILE}: 0 findings, 1 removed\n"
    )


# ------------------------------------------------------------------ when it does not count


def test_it_can_be_left_aside(project: Path) -> None:
    assert len(told(project, "--no-baseline")) == 3
    assert len(told(project, "--isolated")) == 3


def test_a_warm_run_sees_that_it_has_changed(project: Path) -> None:
    for path in project.rglob("*"):
        os.utime(path, (1_600_000_000, 1_600_000_000), follow_symlinks=False)
    assert [len(lint(project)) for _ in range(2)] == [0, 0]
    (project / FILE).unlink()
    assert len(lint(project)) == 3


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is no baseline; resolve its conflicts, or delete it and run"),
        ("<<<<<<< ours\n", "is no baseline; resolve its conflicts, or delete it and run"),
        ('{"version": 1, "findings": [{"rule": 1}]}', "is no baseline"),
        (
            '{"version": 2, "findings": []}',
            "has version 2, and this bedev-lint reads 1; use the one",
        ),
        ("[" * 100_000, "is no baseline"),
    ],
)
def test_what_is_no_baseline_is_told(project: Path, text: str, reason: str) -> None:
    (project / FILE).write_text(text)
    for command in ((), ("baseline",), ("baseline", "--prune")):
        result = run(project, *command)
        assert result.exit_code == 2
        assert f"{FILE}: {reason}" in result.stderr
    assert (project / FILE).read_text() == text
    assert len(told(project, "--no-baseline")) == 3


def test_a_link_is_neither_followed_nor_written(project: Path) -> None:
    target = project / "elsewhere.json"
    (project / FILE).rename(target)
    before = target.read_text()
    (project / FILE).symlink_to(target)
    result = run(project)
    assert (result.exit_code, "it is a link" in result.stderr) == (2, True)
    assert run(project, "baseline").exit_code == 2
    assert target.read_text() == before


# ------------------------------------------------------------------ the file


def test_it_holds_neither_rows_nor_secrets(project: Path) -> None:
    text = (project / FILE).read_text()
    assert SECRET not in text
    other = SHOP["shop/settings.py"].replace(SECRET, "another-secret-altogether-7")
    write(project, {"shop/settings.py": f"\n\n{other}"})
    assert run(project, "baseline").exit_code == 0
    assert (project / FILE).read_text() == text
    first = json.loads(text)["findings"][0]
    assert set(first) == {"rule", "path", "function", "statement"}


def test_lines_of_two_branches_can_simply_be_kept(project: Path) -> None:
    lines = (project / FILE).read_text().splitlines(True)
    write(project, {"shop/other.py": STOP})
    run(project, "baseline")
    theirs = (project / FILE).read_text().splitlines(True)
    # As `git merge` does it with `merge=union`: in any order, and twice what both have changed.
    (project / FILE).write_text("".join([theirs[0], *theirs[1:-1], *lines[1:-1], theirs[-1]]))
    assert told(project) == []
    assert all(line.endswith("},\n") for line in theirs[1:-1])


def test_what_two_branches_add_is_merged(project: Path) -> None:
    """Though all of it is alike, and stands in files that follow one another."""

    def git(*arguments: str) -> int:
        who = ("-c", "user.name=a", "-c", "user.email=a@shop", "-c", "init.defaultBranch=main")
        done = subprocess.run(["git", *who, *arguments], cwd=project, capture_output=True)
        return done.returncode

    def add(name: str, count: int) -> None:
        write(project, {f"shop/{name}_{number}.py": STOP for number in range(count)})
        assert run(project, "baseline").exit_code == 0
        git("add", "shop", FILE)
        git("commit", "-qm", name)

    shutil.rmtree(project / ".git")
    git("init", "-q")
    add("old", 40)
    git("checkout", "-qb", "one")
    add("one", 2)
    git("checkout", "-q", "-b", "two", "main")
    add("two", 2)
    assert git("merge", "-qm", "both", "one") == 0
    assert told(project, "--ratchet") == []


def test_the_order_does_not_depend_on_that_of_the_findings(project: Path) -> None:
    before = (project / FILE).read_text()
    first, *lines, last = before.splitlines(True)
    (project / FILE).write_text("".join([first, *reversed(lines), last]))
    run(project, "baseline", "--prune")
    assert (project / FILE).read_text() == before
