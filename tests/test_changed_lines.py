"""`--since` and `--staged`: findings on changed lines, and nothing of the repository is run."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from scratch import lint, run, write

SWALLOWED = "def {}(work):\n    try:\n        work()\n    except Exception:\n        pass\n\n\n"
GO, STOP, WAIT = (SWALLOWED.format(name) for name in ("go", "stop", "wait"))
RATES = (
    "import requests\n\n\ndef latest():\n    return 1\n\n\ndef fetch():\n"
    "    return requests.get('x', timeout=5)\n"
)
CHECKOUT = "from shop import rates\n\n\ndef place(order):\n    return rates.latest()\n"


def git(root: Path, *arguments: str) -> str:
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@shop", *arguments]
    done = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def commit(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    git(root, "add", "-A")
    git(root, "commit", "-qm", "more")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository on a branch of its own, with a finding that was there before."""
    git(tmp_path, "init", "-q", "-b", "main")
    (tmp_path / ".gitignore").write_text(".bedev_lint_cache\nignored.py\n")
    commit(tmp_path, {"shop/cart.py": GO, "shop/rates.py": RATES, "services/checkout.py": CHECKOUT})
    git(tmp_path, "checkout", "-qb", "topic")
    return tmp_path


def told(root: Path, *arguments: str) -> list[tuple[str, int]]:
    found = lint(root, *arguments)
    return [(Path(each["filename"]).name, each["location"]["row"]) for each in found]


# ------------------------------------------------------------------ since


def test_what_has_not_changed_is_not_told(project: Path) -> None:
    assert told(project, "--since", "main") == []
    result = run(project, "--since", "main")
    assert result.exit_code == 0
    assert result.stdout.startswith("Nothing new in 3 files\n1 problem not on changed lines\n")


def test_committed_staged_unstaged_and_unknown(project: Path) -> None:
    commit(project, {"shop/one.py": GO})
    (project / "shop/two.py").write_text(GO)
    git(project, "add", "shop/two.py")
    (project / "shop/cart.py").write_text(STOP + GO)
    (project / "shop/three.py").write_text(GO)
    (project / "shop/ignored.py").write_text(GO)
    assert told(project, "--since", "main") == [
        *(("cart.py", 4), ("one.py", 4), ("three.py", 4), ("two.py", 4))
    ]
    assert told(project, "--since", "main", "shop/one.py") == [("one.py", 4)]


def test_what_others_have_changed_since_is_not_ours(project: Path) -> None:
    commit(project, {"shop/one.py": GO})
    git(project, "checkout", "-q", "main")
    commit(project, {"shop/cart.py": "", "shop/other.py": GO})
    git(project, "checkout", "-q", "topic")
    assert told(project, "--since", "main") == [("one.py", 4)]


def test_a_path_that_goes_through_a_changed_line(project: Path) -> None:
    changed = RATES.replace("    return 1\n", "    return fetch()\n")
    commit(project, {"shop/rates.py": changed})
    assert told(project, "--since", "main") == [("checkout.py", 5)]
    git(project, "checkout", "-q", "main")
    commit(project, {"shop/rates.py": changed})
    assert told(project, "--since", "main") == []


def test_lines_that_are_gone_count_for_those_around_them(project: Path) -> None:
    raised = GO.replace("        pass\n", "        pass\n        raise\n")
    git(project, "checkout", "-q", "main")
    commit(project, {"shop/cart.py": raised})
    git(project, "checkout", "-qb", "other")
    commit(project, {"shop/cart.py": GO})
    assert told(project, "--since", "main") == [("cart.py", 4)]


def test_of_a_renamed_file_only_what_has_changed(project: Path) -> None:
    before = GO + WAIT + "x = 1\n" * 30
    git(project, "checkout", "-q", "main")
    commit(project, {"shop/cart.py": before})
    git(project, "checkout", "-qb", "other")
    git(project, "mv", "shop/cart.py", "shop/basket.py")
    (project / "shop/basket.py").write_text(before + STOP)
    assert told(project, "--since", "main") == [("basket.py", 48)]


def test_odd_names_and_odd_lines(project: Path) -> None:
    names = ["a b.py", 'q"u.py', "größe.py", "t\ta.py", "n\nl.py", "b\\s.py"]
    odd = "+++ b/shop/cart.py\n@@ -1 +1,9 @@\n"
    commit(project, {f"shop/{name}": f'X = """\n{odd}"""\n{GO}' for name in names})
    assert sorted(told(project, "--since", "main")) == sorted((name, 8) for name in names)


@pytest.mark.parametrize(
    "setting",
    [
        *("diff.noprefix=true", "diff.mnemonicPrefix=true", "diff.srcPrefix=x/", "diff.dstPrefix="),
        *("diff.interHunkContext=100", "diff.context=9", "diff.relative=true", "color.ui=always"),
        *("core.quotePath=false", "diff.renames=false", "diff.colorMoved=zebra"),
        *("diff.wsErrorHighlight=all", "diff.suppressBlankEmpty=true", "diff.algorithm=patience"),
        *("core.autocrlf=true", "status.showUntrackedFiles=no", "diff.ignoreSubmodules=none"),
    ],
)
def test_settings_of_the_repository_change_nothing(project: Path, setting: str) -> None:
    commit(project, {"shop/größe.py": GO + STOP})
    git(project, "branch", "-f", "main")
    (project / "shop/größe.py").write_text(f"x = 1\n{GO}y = 1\n{STOP}{WAIT.rstrip()}", "utf-8")
    (project / "shop/cart.py").write_bytes(GO.replace("\n", "\r\n").encode() + STOP.encode())
    git(project, "config", *setting.split("=", 1))
    assert told(project, "--since", "main")[-1:] == [("größe.py", 20)]
    git(project, "add", "-A")
    assert told(project, "--staged")[-1:] == [("größe.py", 20)]


def test_what_cannot_be_read_is_told_all_the_same(tmp_path: Path, project: Path) -> None:
    commit(project, {"shop/broken.py": "def go(:\n"})
    git(project, "branch", "later")
    result = run(project, "--since", "later")
    assert result.exit_code == 2
    assert "broken.py:1:8: BD001" in result.stdout


def test_with_a_baseline(project: Path) -> None:
    (project / "shop/cart.py").write_text(GO + STOP)
    run(project, "baseline")
    (project / "shop/cart.py").write_text(WAIT + GO + STOP)
    assert told(project, "--since", "main") == [("cart.py", 4)]


def test_nothing_is_remembered_of_what_has_changed(project: Path) -> None:
    assert [told(project, "--since", "main") for _ in range(2)] == [[], []]
    commit(project, {"shop/one.py": GO})
    assert told(project, "--since", "main") == [("one.py", 4)]
    git(project, "branch", "-f", "main")
    assert told(project, "--since", "main") == []


@pytest.mark.parametrize(
    ("revision", "reason"),
    [
        ("--output=stolen", '"--output=stolen" is no revision'),
        ("-h", '"-h" is no revision'),
        ("", '"" is no revision'),
        ("no-such", 'there is no revision "no-such"; has all of the history been fetched?'),
        ("main..topic", 'there is no revision "main..topic"'),
        ("HEAD:shop", 'there is no revision "HEAD:shop"'),
        ("a\nb", "is no revision"),
    ],
)
def test_what_is_no_revision_is_told(project: Path, revision: str, reason: str) -> None:
    result = run(project, f"--since={revision}")
    assert result.exit_code == 2
    assert result.stderr.startswith("bedev-lint: --since: ")
    assert reason in result.stderr
    assert not (project / "stolen").exists()


def test_a_history_that_is_not_shared(project: Path) -> None:
    git(project, "checkout", "-q", "--orphan", "alone")
    git(project, "commit", "-qm", "alone")
    assert '"main" and HEAD share no commit' in run(project, "--since", "main").stderr


def test_no_repository_and_no_git(
    tmp_path_factory: pytest.TempPathFactory, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = write(tmp_path_factory.mktemp("alone"), {"shop/cart.py": GO})
    result = run(root, "--since", "main")
    assert (result.exit_code, result.stderr[:30]) == (2, "bedev-lint: --since: git rev-p")
    monkeypatch.setenv("PATH", str(root))
    assert "git is not installed" in run(project, "--since", "main").stderr


def test_a_repository_of_another_user(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in the containers of a CI; git's own tests have it so."""
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    result = run(project, "--since", "main")
    how = f"if you trust it: git config --global --add safe.directory {project}\n"
    assert (result.exit_code, result.stderr.endswith(how)) == (2, True)


def test_a_git_that_heeds_no_settings_is_not_used(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = project.parent / "old"
    old.mkdir(exist_ok=True)
    (old / "git").write_text(
        f'#!/bin/sh\nunset GIT_CONFIG_COUNT\nexec "{shutil.which("git")}" "$@"\n'
    )
    (old / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{old}{os.pathsep}{os.environ['PATH']}")
    result = run(project, "--since", "main")
    assert (result.exit_code, "a newer git is needed" in result.stderr) == (2, True)


def test_one_of_both(project: Path) -> None:
    result = run(project, "--since", "main", "--staged")
    assert (result.exit_code, "cannot be combined" in result.stderr) == (2, True)


# ------------------------------------------------------------------ staged


def test_staged(project: Path) -> None:
    assert told(project, "--staged") == []
    (project / "shop/cart.py").write_text(GO + STOP)
    assert told(project, "--staged") == []
    git(project, "add", "-A")
    assert told(project, "--staged") == [("cart.py", 11)]


def test_of_what_is_not_staged_nothing_is_told(project: Path) -> None:
    (project / "shop/cart.py").write_text(GO + STOP)
    git(project, "add", "-A")
    (project / "shop/cart.py").write_text("# one\n# two\n" + WAIT + GO + "x = 1\n" + STOP)
    assert told(project, "--staged") == [("cart.py", 11)]
    assert "except Exception" in run(project, "--staged").stdout
    (project / "shop/cart.py").write_text("def go(work):\n    work()\n")
    assert told(project, "--staged") == [("cart.py", 11)]
    assert told(project, "shop/cart.py", "--staged") == [("cart.py", 11)]
    assert told(project, "shop/rates.py", "--staged") == []
    git(project, "add", "-A")
    (project / "shop/cart.py").write_text(GO + STOP)
    assert told(project, "--staged") == []


def test_a_path_goes_through_files_as_they_are_staged(project: Path) -> None:
    (project / "services/checkout.py").write_text(CHECKOUT.replace("latest()", "fetch()"))
    git(project, "add", "-A")
    (project / "shop/rates.py").write_text("def fetch():\n    return 1\n")
    assert told(project, "--staged") == [("checkout.py", 5)]


def test_staged_before_the_first_commit(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    (tmp_path / "cart.py").write_text(GO)
    git(tmp_path, "add", "-A")
    (tmp_path / "other.py").write_text(GO)
    assert told(tmp_path, "--staged") == [("cart.py", 4)]


# ------------------------------------------------------------------ nothing is run


def test_nothing_of_the_repository_is_run(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    evil = project.parent / "evil"
    evil.write_text(f'#!/bin/sh\necho "$0 $*" >> {project.parent / "ran"}\ncat\n')
    evil.chmod(0o755)
    for key in (
        *("core.fsmonitor", "core.pager", "core.editor", "core.sshCommand", "core.askPass"),
        *("diff.external", "diff.odd.command", "diff.odd.textconv", "pager.diff", "gpg.program"),
        *("filter.odd.clean", "filter.odd.smudge", "filter.odd.process", "alias.diff"),
        *("filter.a=b.c.clean", "remote.origin.uploadpack"),
    ):
        section, _, name = key.partition(".")
        git(project, "config", f"{section}.{name}", str(evil))
    git(project, "config", "filter.odd.required", "true")
    (project / ".git/info").mkdir(exist_ok=True)
    (project / ".git/info/attributes").write_text("*.py filter=odd diff=odd\n*.pyi filter=a=b.c\n")
    hooks = project / ".git/hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("post-index-change", "fsmonitor-watchman", "reference-transaction"):
        (hooks / name).write_text(evil.read_text())
        (hooks / name).chmod(0o755)
    (project / "shop/cart.py").write_text(GO + STOP)
    (project / "shop/more.pyi").write_text("x = 1\n")
    os.utime(project / "shop/rates.py", (1_700_000_000, 1_700_000_000))
    assert told(project, "--since", "main") == [("cart.py", 11)]
    assert told(project, "--staged") == []
    assert not (project.parent / "ran").exists()


def test_a_work_tree_that_lies_elsewhere_is_refused(project: Path) -> None:
    git(project, "config", "core.worktree", "/")
    result = run(project, "--since", "main")
    assert result.exit_code == 2
    assert "is no root of a repository" in result.stderr
