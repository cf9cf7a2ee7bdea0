"""Nothing in a cache is believed that this user's key has not sealed, and nothing leads out of it.

A linted project may bring a cache folder along, made by whoever wrote the project.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bedev_lint import __version__
from bedev_lint.cache.answer import FOLDER, recall
from bedev_lint.cache.trust import VARIABLE, file_name, seal
from bedev_lint.catalog.kept import builtin
from bedev_lint.cli import cli

ANOTHER = b"k" * 32
FILES = {
    "bedev-lint.toml": 'extend-select = ["ALL"]\n',
    "shop/__init__.py": "",
    "shop/settings.py": 'RATES = "https://api.rates.internal"\n',
    "shop/services/__init__.py": "",
    "shop/services/pay.py": "import requests\n\ndef place(order):\n    requests.get(order.url)\n",
}


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small project with findings; all its files have changed long ago."""
    root = made(tmp_path / "project")
    monkeypatch.chdir(root)
    return root


def made(root: Path) -> Path:
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    for path in (root, *root.rglob("*")):
        os.utime(path, (1_600_000_000, 1_600_000_000))
    return root


def check(*arguments: str) -> Result:
    """Run the command as it runs where no answer is known yet."""
    given = ["check", *arguments]
    return CliRunner().invoke(cli, given, obj=given)


def known(*arguments: str) -> tuple[int, str] | None:
    """Return the answer that is known already."""
    return recall(["check", *arguments], __version__)


def cold() -> str:
    return check("--no-cache").stdout


def kept(root: Path, kind: str) -> Path:
    (path,) = (path for path in (root / FOLDER).iterdir() if path.name.startswith(f"{kind}-"))
    return path


def change(root: Path) -> None:
    with (root / "shop" / "settings.py").open("a") as file:
        file.write("\n\ndef more():\n    return 1\n")


# ------------------------------------------------------------------ the catalog

FORGED_CATALOGS: dict[str, Callable[[bytes, str], bytes]] = {
    "another text": lambda data, _: data.replace(b"hardcoded-url", b"hardcoded-xyz"),
    "sealed by another": lambda data, name: (
        seal(ANOTHER, b"catalog", name.encode(), data[16:]) + data[16:]
    ),
    "cut off": lambda data, _: data[:-1],
    "nothing": lambda _data, _name: b"",
}


def test_the_rules_are_read_once(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    true = cold()
    builtin.cache_clear()
    check()
    builtin.cache_clear()

    def fail(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr("bedev_lint.catalog.kept.load", fail)
    change(shop)
    found = check().stdout
    assert "BD301 hardcoded-url" in found
    assert found == true
    kept(shop, "project")  # one: as it is kept, it is the same catalog


@pytest.mark.parametrize("forgery", FORGED_CATALOGS)
def test_a_forged_catalog_is_not_believed(shop: Path, forgery: str) -> None:
    builtin.cache_clear()
    check()
    path = kept(shop, "catalog")
    data = path.read_bytes()
    path.write_bytes(FORGED_CATALOGS[forgery](data, path.name))
    builtin.cache_clear()
    change(shop)
    assert check().stdout == cold()
    assert path.read_bytes() == data


# ------------------------------------------------------------------ answers


def test_an_answer_is_given_again(shop: Path) -> None:
    first = check()
    assert first.exit_code == 1
    assert known() == (1, first.stdout)


FORGERIES: dict[str, Callable[[bytes], bytes]] = {
    "another text": lambda data: data.replace(b"BD301", b"BD999"),
    "another status": lambda data: data.replace(b"\0\n1\n", b"\0\n0\n"),
    "sealed by another": lambda data: data[:-16] + seal(ANOTHER, b"answer", data[:-16]),
    "unsealed": lambda data: data[:-16],
    "nothing": lambda _: b"",
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_answer_is_not_believed(shop: Path, forgery: str) -> None:
    true = check().stdout
    path = kept(shop, "answer")
    path.write_bytes(FORGERIES[forgery](path.read_bytes()))
    assert known() is None
    assert check().stdout == true
    assert known() == (1, true)


def test_an_answer_to_another_question_is_not_believed(shop: Path) -> None:
    check("-q")
    data = kept(shop, "answer").read_bytes()
    shutil.rmtree(shop / FOLDER)
    check()
    kept(shop, "answer").write_bytes(data)
    assert known() is None


def test_an_answer_of_another_project_is_not_believed(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    check()
    data = kept(shop, "answer").read_bytes()
    other = made(shop.parent / "other")
    monkeypatch.chdir(other)
    check()
    kept(other, "answer").write_bytes(data)
    assert known() is None


@pytest.mark.parametrize("thing", ["pipe", "link", "folder"])
def test_an_answer_that_is_no_file_is_passed_over(shop: Path, thing: str) -> None:
    true = check().stdout
    path = kept(shop, "answer")
    elsewhere = shop.parent / "elsewhere"
    path.rename(elsewhere)
    before = elsewhere.read_bytes()
    if thing == "pipe":
        os.mkfifo(path)
    elif thing == "link":
        path.symlink_to(elsewhere)
    else:
        path.mkdir()
    assert known() is None  # and it has not waited for anybody
    assert check().stdout == true
    assert elsewhere.read_bytes() == before


def test_what_has_become_a_pipe_is_not_waited_for(shop: Path) -> None:
    path = shop / "shop" / "settings.py"
    os.utime(path)  # what has just changed is compared by what is in it
    check()
    size = path.stat().st_size
    path.unlink()
    os.mkfifo(path)
    assert size and known() is None


# ------------------------------------------------------------------ rows


def ask(root: Path, *queries: str) -> None:
    connection = sqlite3.connect(kept(root, "project"))
    with connection:
        for query in queries:
            connection.execute(query)
    connection.close()


ATTACKS = {
    "two rows change places": [
        "UPDATE rows SET name = 'x' WHERE name = 'shop/settings.py' AND kind = 'file'",
        "UPDATE rows SET name = 'shop/settings.py' WHERE name = 'shop/services/pay.py'"
        " AND kind = 'file'",
        "UPDATE rows SET name = 'shop/services/pay.py' WHERE name = 'x'",
    ],
    "a row of another kind": [
        "UPDATE rows SET kind = 'linked', name = 'x' WHERE name = 'shop/settings.py'"
        " AND kind = 'file'"
    ],
    "another blob": ["UPDATE blobs SET data = x'90'"],
    "blobs change places": ["UPDATE blobs SET data = (SELECT data FROM blobs ORDER BY digest)"],
    "another version": ["PRAGMA user_version = 7"],
    "no linked program": ["DELETE FROM rows WHERE kind = 'linked'"],
    "no head": ["DELETE FROM head"],
    "numbers": ["UPDATE rows SET seal = 1, data = 2, facts = 3", "UPDATE head SET seal = 0"],
    "a trigger": [
        "CREATE TRIGGER t AFTER INSERT ON head BEGIN DELETE FROM rows WHERE kind = 'file'; END"
    ],
    "a view without end": [
        "DROP TABLE rows",
        "CREATE VIEW rows AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
        " SELECT 'file' AS kind, i AS name, '' AS seal, '' AS facts, '' AS places, '' AS data"
        " FROM n",
    ],
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_rows_that_are_not_as_they_were_written_are_not_believed(shop: Path, attack: str) -> None:
    true = check().stdout
    kept(shop, "answer").unlink()
    ask(shop, *ATTACKS[attack])
    assert check().stdout == true
    change(shop)
    assert check().stdout == cold()


def test_a_row_of_an_older_version_is_not_believed(shop: Path) -> None:
    check()
    before = sqlite3.connect(kept(shop, "project"))
    old = before.execute("SELECT * FROM rows WHERE kind = 'linked'").fetchall()
    before.close()
    (shop / "shop/services/pay.py").write_text("import requests\n\ndef place(order): ...\n")
    check()
    now = sqlite3.connect(kept(shop, "project"))
    with now:
        now.execute("DELETE FROM rows WHERE kind = 'linked'")
        now.executemany("INSERT INTO rows VALUES (?, ?, ?, ?, ?, ?)", old)
    now.close()
    change(shop)
    assert check().stdout == cold()


def test_what_was_kept_of_an_older_state_says_nothing_of_this_one(shop: Path) -> None:
    check()
    shutil.copytree(shop / FOLDER, shop.parent / "old")
    (shop / "shop/services/pay.py").write_text("import requests\n\ndef place(order): ...\n")
    check()
    shutil.rmtree(shop / FOLDER)
    shutil.copytree(shop.parent / "old", shop / FOLDER)
    assert known() is None
    assert check().stdout == cold()


@pytest.mark.parametrize("suffix", ["", "-journal", "-wal"])
@pytest.mark.parametrize("thing", ["pipe", "link"])
def test_a_database_that_is_no_file_is_done_without(shop: Path, thing: str, suffix: str) -> None:
    true = check().stdout
    path = kept(shop, "project")
    kept(shop, "answer").unlink()
    elsewhere = shop.parent / "elsewhere"
    elsewhere.write_bytes(path.read_bytes())
    before = elsewhere.read_bytes()
    path = Path(f"{path}{suffix}")
    path.unlink(missing_ok=True)
    os.mkfifo(path) if thing == "pipe" else path.symlink_to(elsewhere)
    assert check().stdout == true
    change(shop)
    assert check().stdout == cold()
    assert elsewhere.read_bytes() == before


# ------------------------------------------------------------------ the key


def key_file() -> Path:
    return Path(os.environ["XDG_CACHE_HOME"]) / "bedev-lint" / "key"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a user who has no key yet."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home" / "cache"))
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


def test_many_runs_at_once_make_one_key(home: Path) -> None:
    code = "from bedev_lint.cache.trust import made_key; print(made_key()[0].hex())"
    running = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        for _ in range(8)
    ]
    keys = {process.communicate()[0].strip() for process in running}
    assert keys == {key_file().read_text().strip()}
    assert key_file().stat().st_mode & 0o777 == 0o600
    assert key_file().parent.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in key_file().parent.iterdir()] == ["key"]


def test_a_key_that_is_lost_takes_all_with_it(shop: Path, home: Path) -> None:
    true = check().stdout
    key_file().unlink()
    assert known() is None
    assert check().stdout == true
    assert known() == (1, true)


def readable() -> None:
    key_file().chmod(0o640)


def linked() -> None:
    key_file().rename(key_file().with_name("other"))
    key_file().symlink_to("other")


def waiting() -> None:
    key_file().unlink()
    os.mkfifo(key_file())


def open_to_all() -> None:
    key_file().parent.chmod(0o777)


def short() -> None:
    key_file().write_text("secret")


@pytest.mark.parametrize("spoil", [readable, linked, waiting, open_to_all, short])
def test_a_key_that_others_may_have_made_is_not_used(
    shop: Path, home: Path, spoil: Callable[[], None]
) -> None:
    true = check().stdout
    spoil()
    shutil.rmtree(shop / FOLDER)
    assert known() is None
    result = check("-v")
    assert result.stdout == true and "no cache: nothing is kept" in result.stderr
    assert not (shop / FOLDER).exists()


@pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() != 0, reason="only root can give a file away"
)
def test_a_key_of_somebody_else_is_not_used(shop: Path, home: Path) -> None:
    true = check().stdout
    os.chown(key_file(), 12345, -1)
    assert known() is None
    assert "somebody else" in check("-v").stderr
    shutil.rmtree(key_file().parent)
    os.chown(home, 12345, -1)
    os.rmdir(home / "cache")
    assert check().stdout == true
    assert list(home.iterdir()) == []  # nor is one made in the home of another


@pytest.mark.parametrize("home_of", ["", "nowhere/at/all", "/dev/null"])
def test_without_a_home_nothing_is_kept(
    shop: Path, home_of: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    true = cold()
    monkeypatch.setenv("XDG_CACHE_HOME", home_of or "/dev/null/x")
    monkeypatch.setenv("HOME", home_of or "/dev/null")
    for _ in range(2):
        assert check().stdout == true
        assert known() is None
    assert not (shop / FOLDER).exists()


def test_a_key_that_the_project_brings_is_not_used(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    true = check().stdout
    answer = kept(shop, "answer")
    monkeypatch.setenv("XDG_CACHE_HOME", str(shop / ".cache"))
    key_file().parent.mkdir(parents=True, mode=0o700)
    key_file().write_text(ANOTHER.hex() + "\n")
    key_file().chmod(0o600)
    data = answer.read_bytes()[:-16]
    question = data.partition(b"\0\n")[0]
    forged = data.replace(b"\0\n1\n", b"\0\n0\n")
    path = shop / FOLDER / file_name("answer", ANOTHER, question)
    path.write_bytes(forged + seal(ANOTHER, b"answer", forged))
    assert known() is None
    result = check("-v")
    assert result.stdout == true and "lies in the project itself" in result.stderr


def test_two_users_of_one_folder_leave_each_other_alone(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "a" * 32)
    true = check().stdout
    first = {path.name for path in (shop / FOLDER).iterdir()}
    monkeypatch.setenv(VARIABLE, "b" * 32)
    assert known() is None
    for code in ("BD101", "BD102", "BD103", "BD104", "BD203", "BD204", "BD206", "BD207"):
        assert check("--ignore", code).exit_code == 1
    monkeypatch.setenv(VARIABLE, "a" * 32)
    assert first <= {path.name for path in (shop / FOLDER).iterdir()}
    assert known() == (1, true)


def test_a_key_may_be_given(shop: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "of our continuous integration, long")
    true = check().stdout
    assert known() == (1, true)
    assert not key_file().exists()
    monkeypatch.setenv(VARIABLE, "too short")
    shutil.rmtree(shop / FOLDER)
    result = check()
    assert (result.exit_code, result.stdout) == (1, true)
    assert f"{VARIABLE} needs 32 characters" in result.stderr
    assert not (shop / FOLDER).exists()
    assert check("-q").stderr == ""


# ------------------------------------------------------------------ the folder


def precious(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """A folder of somebody's with files that are named like ours."""
    folder = tmp_path / "other"
    folder.mkdir()
    for number in range(40):
        (folder / f"answer-{number:08x}").write_text("mine")
        (folder / f"project-{number:032x}.sqlite").write_text("mine")
    shutil.copy(Path(__file__), folder / "CACHEDIR.TAG")
    return folder


def test_a_folder_that_is_a_link_is_not_followed(shop: Path, other: Path) -> None:
    before = precious(other)
    true = cold()
    (shop / FOLDER).symlink_to(other)
    result = check()
    assert result.stdout == true and "it is a link" in result.stderr
    assert known() is None
    for _ in range(2):
        assert CliRunner().invoke(cli, ["clean"]).exit_code == 2
    assert precious(other) == before
    shutil.rmtree(other)
    assert check().stdout == true and not other.exists()


def test_a_link_in_the_folder_is_not_followed(shop: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.write_text("mine")
    (shop / FOLDER).mkdir()
    for name in ("CACHEDIR.TAG", ".gitignore"):
        (shop / FOLDER / name).symlink_to(mine)
    check()
    assert mine.read_text() == "mine"
    assert (shop / FOLDER / ".gitignore").read_text() == "*\n"
    (shop / FOLDER / ("answer-" + "0" * 8)).symlink_to(mine)
    check("-q")
    assert CliRunner().invoke(cli, ["clean"]).exit_code == 2
    assert mine.read_text() == "mine" and (shop / FOLDER).is_dir()


def test_a_folder_with_other_files_is_not_used(shop: Path) -> None:
    (shop / FOLDER).mkdir()
    (shop / FOLDER / "project-plan.txt").write_text("mine")
    assert "other files" in check().stderr
    assert [path.name for path in (shop / FOLDER).iterdir()] == ["project-plan.txt"]


def test_a_folder_given_may_be_a_link(shop: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "there")
    for _ in range(2):
        true = check("--cache-dir", str(tmp_path / "link")).stdout
    assert known("--cache-dir", str(tmp_path / "link")) == (1, true)
    assert (tmp_path / "there" / "CACHEDIR.TAG").is_file()
    CliRunner().invoke(cli, ["clean", "--cache-dir", str(tmp_path / "link")])
    assert not (tmp_path / "there").exists()


def test_what_an_earlier_version_kept_is_removed(shop: Path) -> None:
    check()
    for name in ("answer-0123abcd", f"project-{'0' * 32}.sqlite", f"project-{'0' * 32}.sqlite-wal"):
        (shop / FOLDER / name).write_text("old")
    change(shop)
    check()
    assert not any(path.read_bytes() == b"old" for path in (shop / FOLDER).iterdir())


# ------------------------------------------------------------------ the index of git


def git(root: Path, *arguments: str) -> None:
    known_as = ("-c", "user.name=a", "-c", "user.email=a@b.c")
    subprocess.run(["git", *known_as, *arguments], cwd=root, check=True, capture_output=True)


def add(root: Path) -> None:
    git(root, "add", "-f", "-A")


def flagged(root: Path) -> None:
    """Make an index of version 3: of an entry with more flags than fit."""
    add(root)
    (root / "new.py").write_text("")
    git(root, "add", "--intent-to-add", "new.py")


def prefixed(root: Path) -> None:
    (root / ".bedev_lint_cacha").write_text("")  # what begins alike is told only once
    add(root)
    git(root, "update-index", "--index-version", "4")


def split(root: Path) -> None:
    add(root)
    git(root, "update-index", "--split-index")


@pytest.mark.parametrize("put", [add, flagged, prefixed, split])
def test_a_folder_that_git_knows_is_not_used(shop: Path, put: Callable[[Path], None]) -> None:
    git(shop, "init", "-q")
    check()
    put(shop)
    before = precious(shop / FOLDER)
    change(shop)
    result = check()
    assert result.stdout == cold() and "in the index of git" in result.stderr
    assert precious(shop / FOLDER) == before
    if put is split:
        return  # what others share is only looked at as a whole
    git(shop, "rm", "-r", "-q", "--cached", FOLDER)
    assert "index" not in check().stderr


def test_a_folder_that_git_knows_in_a_worktree_is_not_used(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(shop, "init", "-q")
    check()
    add(shop)
    git(shop, "commit", "-q", "-m", "all")
    git(shop, "worktree", "add", "-q", "../tree")
    monkeypatch.chdir(shop.parent / "tree")
    assert "in the index of git" in check().stderr


def test_a_folder_of_the_same_name_elsewhere_does_not_matter(shop: Path) -> None:
    git(shop, "init", "-q")
    (shop / "example" / FOLDER).mkdir(parents=True)
    (shop / "example" / FOLDER / "x").write_text("")
    add(shop)
    made(shop)  # for git has changed its folders just now
    for _ in range(2):
        assert check().stderr == ""
    assert known() is not None


@pytest.mark.parametrize("index", [b"", b"DIRC", b"DIRC\0\0\0\4\xff\xff\xff\xff" + b"a" * 99999])
def test_an_index_that_cannot_be_read_says_nothing(shop: Path, index: bytes) -> None:
    (shop / ".git").mkdir()
    (shop / ".git" / "index").write_bytes(index)
    os.mkfifo(shop / ".git" / "sharedindex.1")
    check()
    change(shop)
    assert check().stdout == cold()
