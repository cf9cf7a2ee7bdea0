"""What is found does not depend on how: in how many processes, cold or warm."""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bedev_lint import catalog as catalogs
from bedev_lint.cache import store
from bedev_lint.cache.answer import FOLDER
from bedev_lint.cache.project import Cache
from bedev_lint.catalog import Rule
from bedev_lint.inspection import parallel, workers
from bedev_lint.inspection.plan import SourceFile
from bedev_lint.session.examples import expected, split
from bedev_lint.session.run import Outcome, Session
from bedev_lint.settings.loading import load

CATALOG = catalogs.load([catalogs.builtin_rules()])
# So many examples of each rule are enough: what each finds is said elsewhere.
FEW = 2
PASSWORD = "correct-horse-battery-staple-9"  # nothing but a text to be found again

# What a warm run may import besides what Python itself starts with. `answer` is the cache.
MAY_BE_IMPORTED = {
    "__future__",
    "__main__",
    "bedev_lint",
    "bedev_lint.__main__",
    "bedev_lint.cache",
    "bedev_lint.cache.answer",
    "bedev_lint.cache.trust",
    "bedev_lint.filesystem",
    "errno",
    "_blake2",
    "_operator",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of a few examples of all rules, each in a package of its own."""
    return written(tmp_path / "project", CATALOG.rules.values())


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A project of a few examples of one visitor rule and of one boundary rule."""
    return written(tmp_path / "project", [CATALOG.rules["BD103"], CATALOG.rules["BD407"]])


def written(root: Path, rules: Iterable[Rule]) -> Path:
    for rule in rules:
        for number, example in enumerate(rule.examples[:: len(rule.examples) // FEW + 1]):
            files, _ = expected(split(example.bad or example.good))
            for name, text in files.items():
                path = root / f"{rule.name.replace('-', '_')}_{number}" / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
    secret = f'import os\nPASSWORD = "{PASSWORD}"\nTOKEN = os.getenv("TOKEN", "{PASSWORD}")\n'
    (root / "settings.py").write_text(secret)
    (root / "bedev-lint.toml").write_text('extend-select = ["ALL"]\n')
    make_old(root)
    return root


def make_old(root: Path) -> None:
    """Let all files have last changed long ago, so that their time is to be trusted."""
    for path in root.rglob("*"):
        os.utime(path, (1_600_000_000, 1_600_000_000))


def found(outcome: Outcome) -> bytes:
    return msgspec.json.encode((outcome.diagnostics, outcome.files, outcome.unchecked))


def run(root: Path, *paths: Path, jobs: int = 1, cache: bool = False) -> bytes:
    config, catalog = load(root)
    folder = root / FOLDER if cache else None
    return found(Session(config, catalog, jobs, folder).run(list(paths) or [root]))


def command(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bedev_lint", *arguments], cwd=root, capture_output=True, text=True
    )


def packs(root: Path) -> list[Path]:
    return sorted(path for path in (root / FOLDER).iterdir() if path.name.startswith("project-"))


# ------------------------------------------------------------------ processes


def test_many_processes_find_what_one_does(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = run(project)
    assert len(json.loads(alone)[0]) > 50
    monkeypatch.setattr(workers, "_SMALL", 0)
    monkeypatch.setattr(workers, "_PORTION", 2_000)
    monkeypatch.setattr(parallel, "_SMALL", 0)
    assert run(project, jobs=3) == alone


def test_what_a_copy_leaves_undone_is_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    here = os.getpid()

    def work(item: int) -> bytes:
        if item == 2 and os.getpid() != here:
            os._exit(11)
        return str(item).encode()

    monkeypatch.setattr(parallel, "_SMALL", 0)
    for jobs in (1, 2, 4):
        done = dict(parallel.shared(work, range(5), [1] * 5, jobs))
        assert done == {item: str(item).encode() for item in range(5)}


def test_what_a_copy_sends_in_part_is_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    here, whole = os.getpid(), Connection.send

    def half(self: Any, data: Any) -> None:
        if os.getpid() == here:
            whole(self, data)
            return
        os.write(self.fileno(), (100).to_bytes(4, "big") + b"abc")
        os._exit(11)

    monkeypatch.setattr(parallel, "_SMALL", 0)
    monkeypatch.setattr(Connection, "send", half)
    done = dict(parallel.shared(lambda item: b"%d" % item, range(5), [1] * 5, 3))
    assert done == {item: b"%d" % item for item in range(5)}


def test_copies_end_with_the_process_that_made_them() -> None:
    code = (
        "import os, sys, time\n"
        "from bedev_lint.inspection import parallel\n"
        "parallel._SMALL, here = 0, os.getpid()\n"
        "def work(item):\n"
        "    time.sleep(item)\n"
        "    return bytes(1_000_000)\n"
        "for _ in parallel.shared(work, [0, 60, 60, 60], [1] * 4, 4):\n"
        "    os.kill(here, 9)\n"
    )
    # The output ends when all who may write to it have ended.
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=40)
    assert (result.returncode, result.stdout, result.stderr) == (-9, b"", b"")


inspected = workers._inspect


def ends(state: workers._State, source: SourceFile) -> workers.Inspected:
    if source.relative == "settings.py":
        os._exit(11)
    return inspected(state, source)


def test_a_file_that_ends_its_process_is_told(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = json.loads(run(project))[0]
    monkeypatch.setattr(workers, "_SMALL", 0)
    monkeypatch.setattr(workers, "_inspect", ends)
    shared = json.loads(run(project, jobs=2))[0]
    crashed = str(project / "settings.py")
    assert [d["code"] for d in shared if d["filename"] == crashed] == ["BD005"]
    assert [d for d in shared if d["filename"] != crashed] == [
        d for d in alone if d["filename"] != crashed
    ]


# ------------------------------------------------------------------ the cache


def test_warm_runs_find_what_cold_ones_do(project: Path) -> None:
    cold = run(project)
    assert run(project, cache=True) == cold
    assert run(project, cache=True) == cold
    part = project / "swallowed_exception_0"
    assert run(project, part, cache=True) == run(project, part)


def test_changes_are_seen(project: Path) -> None:
    run(project, cache=True)
    path = project / "settings.py"
    path.write_text(path.read_text() + "try:\n    f()\nexcept Exception:\n    x = 1\n")
    after = run(project)
    assert run(project, cache=True) == after
    # As many bytes, and within the same tick of the clock.
    path.write_text(path.read_text().replace("x = 1", "raise"))
    assert run(project, cache=True) == run(project) != after


def test_a_file_that_was_only_touched_is_not_read_again(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = run(project, cache=True)
    (project / "settings.py").touch()

    def fails(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(workers, "_inspect", fails)
    assert run(project, cache=True) == before


def test_another_package_makes_other_modules(project: Path) -> None:
    shop = project / "shop"
    shop.mkdir()
    (shop / "rates.py").write_text("import requests\ndef fetch(c):\n    return requests.get(c)\n")
    (shop / "services.py").write_text(
        "from shop.rates import fetch\ndef total(c):\n    return fetch(c)\n"
    )
    run(project, cache=True)
    (project / "__init__.py").write_text("")
    assert run(project, cache=True) == run(project)
    (project / "bedev-lint.toml").write_text('extend-select = ["ALL"]\nsource-roots = ["shop"]\n')
    assert run(project, cache=True) == run(project)


def test_other_rules_do_not_meet_the_same_entries(project: Path) -> None:
    run(project, cache=True)
    (project / "bedev-lint.toml").write_text("[rule.swallowed-exception]\nnarrow = false\n")
    assert run(project, cache=True) == run(project)
    assert len(packs(project)) == 2


@pytest.mark.parametrize("damage", [b"", b"\x93", b"{}", random.Random(5).randbytes(500)])
def test_a_broken_cache_is_written_anew(project: Path, damage: bytes) -> None:
    cold = run(project, cache=True)
    for path in (project / FOLDER).iterdir():
        path.write_bytes(damage)
    assert run(project, cache=True) == cold
    assert all(len(path.read_bytes()) > len(damage) for path in packs(project))


@pytest.mark.parametrize("place", range(5, 100, 10))
def test_a_bit_that_has_tipped_over_is_seen(small: Path, place: int) -> None:
    run(small, cache=True)
    for path in (small / FOLDER).iterdir():
        data = bytearray(path.read_bytes())
        data[len(data) * place // 100] ^= 4
        path.write_bytes(data)
    changed = small / "settings.py"
    changed.write_text(changed.read_text() + "\n\ndef again():\n    return os.getpid()\n")
    assert run(small, cache=True) == run(small)


def test_what_a_damaged_index_hides_is_linked_anew(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite may come to fewer rows by an index than there are, and see no damage in it."""
    run(small, cache=True)
    rows = store.Store.rows

    def found_by(self: store.Store, kind: str) -> dict[str, bytes]:
        every = rows(self, kind)
        hidden = {name for name in every if kind.startswith("module") and "settings" not in name}
        return {name: data for name, data in every.items() if name not in hidden}

    monkeypatch.setattr(store.Store, "rows", found_by)
    change(small / "settings.py", "\n\ndef again(session):\n    session.commit()\n")
    assert run(small, cache=True) == run(small)


def test_files_that_are_gone_make_room(project: Path) -> None:
    run(project, cache=True)
    before = packs(project)[0].stat().st_size
    for number in range(5):
        for folder in project.glob("swallowed_exception*"):
            folder.rename(folder.with_name(f"{folder.name}_{number}"))
        run(project, cache=True)
    assert packs(project)[0].stat().st_size < 1.2 * before


def test_what_was_kept_and_is_damaged_later_is_read_again(small: Path) -> None:
    """Facts are only read where something has changed."""
    run(small, cache=True)
    with sqlite3.connect(packs(small)[0]) as connection:
        connection.execute("UPDATE blobs SET data = substr(data, 2)")
    connection.close()
    changed = small / "settings.py"
    changed.write_text(changed.read_text().replace("os", "sys"))
    assert run(small, cache=True) == run(small)
    assert run(small, cache=True) == run(small)


def change(path: Path, text: str) -> None:
    path.write_text(path.read_text() + text)


def test_what_another_run_writes_meanwhile_is_left_alone(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(small, cache=True)
    save, written = Cache.save, []

    def overtaken(cache: Cache, current: Iterable[str]) -> None:
        monkeypatch.setattr(Cache, "save", save)
        change(small / "settings.py", "\n\ndef more():\n    return os.getpid()\n")
        run(small, cache=True)
        written.append(packs(small)[0].read_bytes())
        save(cache, current)
        written.append(packs(small)[0].read_bytes())

    monkeypatch.setattr(Cache, "save", overtaken)
    change(small / "settings.py", "\n\ndef again():\n    return os.getpid()\n")
    run(small, cache=True)
    assert len(written) == 2 and written[0] == written[1]
    assert run(small, cache=True) == run(small)


@pytest.mark.parametrize("kind", ["linked", "module", "names"])
def test_what_another_run_has_written_is_not_mixed_with_what_was_read(
    small: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(small, cache=True)
    rows, asked = Cache.rows, []

    def overtaken(cache: Cache, of_kind: str) -> dict[str, bytes]:
        asked.append(of_kind)
        if asked.count(kind) == 1 and of_kind == kind:
            change(small / "settings.py", "\n\nclass More:\n    def add(self): ...\n")
            run(small, cache=True)
        return rows(cache, of_kind)

    change(small / "settings.py", "\n\ndef again():\n    return os.getpid()\n")
    monkeypatch.setattr(Cache, "rows", overtaken)
    found_ = run(small, cache=True)
    monkeypatch.setattr(Cache, "rows", rows)
    assert asked.count("file") > 2  # it has begun again
    assert found_ == run(small) == run(small, cache=True)


DAMAGE = [
    "UPDATE rows SET data = substr(data, 2) WHERE kind = '{kind}'",
    "UPDATE rows SET seal = 'x' WHERE kind = '{kind}'",
    "UPDATE rows SET data = NULL WHERE kind = '{kind}'",
    "DELETE FROM rows WHERE kind = '{kind}'",
    "UPDATE rows SET name = name || 'x' WHERE kind = '{kind}'",
    "DROP TABLE rows",
]


@pytest.mark.parametrize("kind", ["file", "linked", "module", "names"])
@pytest.mark.parametrize("damage", DAMAGE)
def test_rows_that_are_damaged_are_not_believed(small: Path, damage: str, kind: str) -> None:
    run(small, cache=True)
    ask(small, damage.format(kind=kind))
    change(small / "settings.py", "\n\ndef again():\n    return os.getpid()\n")
    assert run(small, cache=True) == run(small)
    assert run(small, cache=True) == run(small)
    assert ask(small, "SELECT count(*) FROM rows WHERE kind = 'module'") != [(0,)]


def ask(root: Path, query: str) -> list[Any]:
    connection = sqlite3.connect(packs(root)[0])
    try:
        with connection:
            return connection.execute(query).fetchall()
    finally:
        connection.close()


def test_what_an_error_quotes_may_be_no_text(small: Path) -> None:
    cold = run(small, cache=True)
    pack = packs(small)[0]
    pack.write_bytes(pack.read_bytes().replace(b"WITHOUT ROWID", b"WITHOUT\xffROWID"))
    assert run(small, cache=True) == cold


def test_a_cache_that_is_locked_is_done_without(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(small, cache=True)
    monkeypatch.setattr(store, "_PATIENCE", 0.01)
    before = packs(small)[0].read_bytes()
    connection = sqlite3.connect(packs(small)[0], isolation_level=None)
    connection.execute("BEGIN EXCLUSIVE")
    assert run(small, cache=True) == run(small)
    connection.execute("ROLLBACK")
    connection.close()
    assert packs(small)[0].read_bytes() == before


def test_a_cache_that_cannot_be_opened_is_done_without(small: Path) -> None:
    run(small, cache=True)
    pack = packs(small)[0]
    pack.unlink()
    pack.mkdir()  # not even root can write a file there
    assert run(small, cache=True) == run(small)
    config, catalog = load(small)
    assert Session(config, catalog, 1, small / FOLDER).survey([small]).selected


def test_without_sqlite_nothing_is_kept(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "bedev_lint.cache.store", None)
    assert run(small, cache=True) == run(small)
    assert packs(small) == []


def test_blobs_that_nothing_speaks_of_are_forgotten(small: Path) -> None:
    run(small, cache=True)
    blobs = ask(small, "SELECT count(*) FROM blobs")
    for number in range(4):
        change(small / "settings.py", f"\n\ndef f{number}():\n    return os.getpid()\n")
        run(small, cache=True)
    assert ask(small, "SELECT count(*) FROM blobs") == blobs


def test_many_processes_link_what_one_does(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(project, cache=True)
    for path in project.rglob("*.py"):
        change(path, "\n\ndef again(x):\n    return x.get(1)\n")
    monkeypatch.setattr(parallel, "_SMALL", 0)
    assert run(project, jobs=3, cache=True) == run(project)


@pytest.mark.parametrize("folder", ["file/cache", "long" * 100])
def test_where_nothing_can_be_written_there_is_no_cache(small: Path, folder: str) -> None:
    """Nobody, not even root, can make a folder below a file, or one of such a name."""
    (small / "file").write_text("")
    kept = command(small, "check", "--cache-dir", folder)
    fresh = command(small, "check", "--no-cache")
    assert (kept.returncode, kept.stdout) == (fresh.returncode, fresh.stdout)


def test_where_nothing_may_be_written_there_is_no_cache(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise PermissionError

    cold = run(project)
    monkeypatch.setattr(Path, "mkdir", refused)
    assert run(project, cache=True) == cold


def test_a_file_in_the_place_of_the_cache_is_no_error(project: Path) -> None:
    (project / FOLDER).write_text("")
    assert run(project, cache=True) == run(project)


def test_no_secret_is_kept(small: Path) -> None:
    assert command(small, "check").returncode != 0
    command(small, "check", "--output-format", "json")
    kept = [path.read_bytes() for path in (small / FOLDER).iterdir()]
    assert len(kept) > 4
    assert not any(PASSWORD.encode() in data for data in kept)


def test_the_cache_keeps_itself_out_of_repositories_and_backups(small: Path) -> None:
    run(small, cache=True)
    assert (small / FOLDER / ".gitignore").read_text() == "*\n"
    tag = (small / FOLDER / "CACHEDIR.TAG").read_text()
    assert tag.startswith("Signature: 8a477f597d28d172789f06886806bc55")


def test_clean_removes_the_cache_and_nothing_else(small: Path) -> None:
    command(small, "check")
    result = command(small, "clean")
    assert result.returncode == 0 and "removed" in result.stderr
    assert not (small / FOLDER).exists()
    (small / FOLDER).mkdir()
    (small / FOLDER / "mine").write_text("")
    assert "there is no cache" in command(small, "clean").stderr
    assert (small / FOLDER / "mine").exists()


def test_a_cache_needs_a_folder_of_its_own(small: Path) -> None:
    before = sorted(path.name for path in small.iterdir())
    for folder in ("", ".", str(small)):
        result = command(small, "check", "--cache-dir", folder)
        assert (result.returncode, result.stdout) == (2, "")
        assert "other files" in result.stderr
    assert sorted(path.name for path in small.iterdir()) == before
    # Another tool may have left the same mark.
    (small / "CACHEDIR.TAG").write_text("Signature: 8a477f597d28d172789f06886806bc55\n")
    assert "there is no cache" in command(small, "clean", "--cache-dir", ".").stderr
    for _ in range(2):
        assert command(small, "check", "--cache-dir", "kept").returncode == 1
    shutil.copy(small / "kept" / "CACHEDIR.TAG", small)
    assert command(small, "clean", "--cache-dir", ".").returncode == 2
    after = sorted(path.name for path in small.iterdir())
    assert after == sorted([*before, "CACHEDIR.TAG", "kept"])
    assert command(small, "clean", "--cache-dir", "kept").returncode == 0
    assert not (small / "kept").exists()


def test_many_runs_at_once_do_not_disturb_each_other(small: Path) -> None:
    cold = command(small, "check", "--no-cache").stdout
    line = [sys.executable, "-m", "bedev_lint", "check"]
    running = [
        subprocess.Popen(line, cwd=small, stdout=subprocess.PIPE, text=True) for _ in range(4)
    ]
    assert [process.communicate()[0] for process in running] == [cold] * 4


# ------------------------------------------------------------------ the whole answer


def imported(root: Path, *arguments: str) -> set[str]:
    """Return what a run imports besides what Python itself starts with."""
    code = (
        "import sys; before = set(sys.modules); import atexit, os; os._exit = sys.exit\n"
        "atexit.register(lambda: print(*(set(sys.modules) - before), file=sys.stderr))\n"
        f"sys.argv[1:] = {list(arguments)}\n"
        "from bedev_lint.__main__ import main; main()"
    )
    result = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True)
    found = set(result.stderr.split()) - {"atexit"}
    assert "bedev_lint.__main__" in found  # or nothing would have been told
    return found


@pytest.mark.parametrize("output_format", ["full", "concise", "json"])
def test_an_unchanged_project_is_answered_from_memory(small: Path, output_format: str) -> None:
    arguments = ("check", "--output-format", output_format)
    fresh = command(small, *arguments, "--no-cache")
    first, second = command(small, *arguments), command(small, *arguments)
    assert (fresh.returncode, fresh.stdout) == (first.returncode, first.stdout)
    assert (first.returncode, first.stdout) == (second.returncode, second.stdout)
    assert imported(small, *arguments) <= MAY_BE_IMPORTED


def test_the_version_is_told_without_more(small: Path) -> None:
    assert imported(small, "--version") <= MAY_BE_IMPORTED


CHANGES = {
    "a file": lambda root: (root / "settings.py").write_text("x = 1\n"),
    "a new file": lambda root: (root / "new.py").write_text("try: x()\nexcept: pass\n"),
    "a new file below": lambda root: (root / "commit_in_loop_0" / "n.py").write_text("def(\n"),
    "a file gone": lambda root: (root / "settings.py").unlink(),
    "the configuration": lambda root: (root / "bedev-lint.toml").write_text('select = ["BD3"]\n'),
    "a nearer configuration": lambda root: (root / "pyproject.toml").write_text(
        "[tool.bedev-lint]\n"
    ),
    "what is ignored": lambda root: (root / ".gitignore").write_text("settings.py\n"),
    "a repository": lambda root: (root / ".git").mkdir(),
    "an environment": lambda root: (root / "commit_in_loop_0" / "pyvenv.cfg").write_text(""),
}


@pytest.mark.parametrize("change", CHANGES)
def test_an_answer_is_forgotten_with_any_change(small: Path, change: str) -> None:
    command(small, "check")
    assert imported(small, "check") <= MAY_BE_IMPORTED
    CHANGES[change](small)
    fresh = command(small, "check", "--no-cache")
    for _ in range(2):
        after = command(small, "check")
        assert (after.returncode, after.stdout) == (fresh.returncode, fresh.stdout)


def test_an_answer_outlives_what_does_not_matter(small: Path) -> None:
    command(small, "check")
    (small / "notes.txt").write_text("")
    (small / "commit_in_loop_0" / "__pycache__").mkdir()
    assert imported(small, "check") <= MAY_BE_IMPORTED


# ------------------------------------------------------------------ without LibCST

INNOCENT = """import os
import requests

NAME = os.getenv("NAME", "shop")

def rates(currency):
    try:
        return requests.get(os.environ["RATES"], params={"at": currency}, timeout=3)
    except requests.HTTPError as error:
        raise LookupError(currency) from error
    finally:
        print("done")  # bedev: ignore[BD407] -- why not
"""


def by_libcst(root: Path, *arguments: str) -> set[str]:
    """Return what a run imports of LibCST, and of what knows it."""
    known = (
        "libcst",
        "bedev_lint.syntax",
        "bedev_lint.inspection.visitor_runner",
    )
    return {name for name in imported(root, *arguments) if name.startswith(known)}


def test_where_no_rule_may_find_anything_libcst_is_not_imported(tmp_path: Path) -> None:
    (tmp_path / "rates.py").write_text(INNOCENT)
    (tmp_path / "shop.py").write_text("from rates import rates\n\nEUROS = rates\n")
    assert by_libcst(tmp_path, "check", "--no-cache") == set()
    (tmp_path / "shop.py").write_text("try: f()\nexcept Exception: pass\n")
    found = by_libcst(tmp_path, "check", "--no-cache")
    assert {"libcst", "bedev_lint.syntax.handling.handlers"} <= found


def test_one_changed_file_needs_no_libcst(small: Path) -> None:
    assert command(small, "check").returncode == 1
    (small / "settings.py").write_text(INNOCENT)
    assert by_libcst(small, "check") == set()
    assert command(small, "check").stdout == command(small, "check", "--no-cache").stdout


def test_a_change_elsewhere_in_a_file_needs_no_libcst(tmp_path: Path) -> None:
    text = "def f():\n    try:\n        g()\n    except Exception:\n        pass\n"
    path = tmp_path / "shop.py"
    path.write_text("def rates():\n    return 1\n\n\n" + text)
    assert "shop.py:8:" in command(tmp_path, "check").stdout
    path.write_text("def rates():\n    # of tomorrow\n    return 2\n\n\n" + text)
    assert by_libcst(tmp_path, "check") == set()
    assert "shop.py:9:" in command(tmp_path, "check").stdout


def test_what_this_python_cannot_read_needs_libcst(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("def f(:\n")
    assert "libcst" in by_libcst(tmp_path, "check", "--no-cache")
