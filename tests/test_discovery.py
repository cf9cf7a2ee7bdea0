"""Which files are the program, and which of them are asked about."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from bedev_lint.files.discovery import NoSuchPath, Notes, discover, excluded, selected
from bedev_lint.settings.config import Config, load_config
from bedev_lint.settings.finding import project_root

Tree = Callable[..., Path]


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """Make files below a new folder (a text other than code may be given by name)."""

    def make(*names: str, **texts: str) -> Path:
        for name in names:
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("x = 1\n")
        for name, text in texts.items():
            (tmp_path / name).write_text(text)
        return tmp_path

    return make


def config_of(root: Path, **settings: Any) -> Config:
    return Config(root=root, **settings)


def names(paths: Iterable[str], root: Path) -> list[str]:
    return [Path(path).relative_to(root).as_posix() for path in paths]


def found(root: Path, **settings: Any) -> list[str]:
    return names(discover(root, config_of(root, **settings)), root)


def ignore(folder: Path, *lines: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ".gitignore").write_text("\n".join(lines) + "\n")


def test_python_files_and_stubs_in_the_order_of_their_names(tree: Tree) -> None:
    root = tree("b.py", "a/z.py", "a/c.pyi", "a/d.txt", "a.py", "script", "x.pyc")
    assert found(root) == ["a.py", "a/c.pyi", "a/z.py", "b.py"]


def test_default_excludes(tree: Tree) -> None:
    folders = [".git", ".hg", ".tox", ".nox", ".venv", "venv", "__pycache__", ".eggs", "build"]
    folders += ["dist", "node_modules", "site-packages", "x.egg-info", "deep/build", "deep/dist"]
    root = tree("kept.py", *(f"{folder}/a/left.py" for folder in folders))
    assert found(root) == ["kept.py"]


def test_a_package_called_build_is_code(tree: Tree) -> None:
    root = tree("shop/build/__init__.py", "shop/build/steps.py", "build/lib/steps.py")
    assert found(root) == ["shop/build/__init__.py", "shop/build/steps.py"]


def index(*paths: str) -> bytes:
    """Return an index of git, of version 2, that holds these paths."""
    entries = b""
    for path in map(os.fsencode, paths):
        bare = bytes(60) + len(path).to_bytes(2, "big") + path
        entries += bare + bytes(8 - len(bare) % 8)
    return b"DIRC" + (2).to_bytes(4, "big") + len(paths).to_bytes(4, "big") + entries


def test_what_git_tracks_is_code_whatever_its_folder_is_called(tree: Tree) -> None:
    root = tree("app/build/run.py", "tools/dist/ship.py", "build/lib/old.py", ".git/HEAD")
    ignore(root, "build/", "dist/")
    assert found(root) == []
    (root / ".git/index").write_bytes(index("app/build/run.py"))
    assert found(root) == ["app/build/run.py"]
    (root / ".gitignore").unlink()
    (root / ".git/index").write_bytes(index("tools/dist/ship.py"))
    assert found(root) == ["tools/dist/ship.py"]
    assert named(root, "build/lib/old.py", "tools/dist/ship.py", force_exclude=True) == [
        "tools/dist/ship.py"
    ]
    assert found(root, extend_exclude=("dist",)) == []


@pytest.mark.parametrize("mark", ["pyvenv.cfg", "conda-meta/history"])
def test_a_virtual_environment_of_any_name(tree: Tree, mark: str) -> None:
    root = tree("kept.py", "tools/py/lib/x.py", f"tools/py/{mark}")
    assert found(root) == ["kept.py"]


def test_a_project_that_is_an_environment_itself_is_walked(tree: Tree) -> None:
    root = tree("kept.py", "pyvenv.cfg", "lib/python3/site-packages/left.py")
    assert found(root) == ["kept.py"]


def test_exclude_replaces_the_defaults_and_extend_exclude_adds(tree: Tree) -> None:
    root = tree("a.py", "node_modules/b.py", "gen/c.py", "src/gen/d.py", "src/e_pb2.py")
    assert found(root, exclude=("gen",)) == ["a.py", "node_modules/b.py", "src/e_pb2.py"]
    assert found(root, extend_exclude=("/gen/", "*_pb2.py")) == ["a.py", "src/gen/d.py"]
    assert found(root, extend_exclude=("gen", "!src/gen")) == [
        "a.py",
        "src/e_pb2.py",
        "src/gen/d.py",
    ]


def test_gitignore_and_nested_ones(tree: Tree) -> None:
    root = tree("a.py", "out/b.py", "src/c.py", "src/gen.py", "src/kept/gen.py", ".git/config")
    ignore(root, "out/", "# a comment", "", "gen.py")
    ignore(root / "src", "/c.py")
    ignore(root / "src/kept", "!gen.py")
    assert found(root) == ["a.py", "src/kept/gen.py"]


def test_gitignore_from_the_root_of_the_repository_down(tree: Tree) -> None:
    root = tree(".git/config", "api/a.py", "api/local.py", "api/src/generated/b.py")
    ignore(root, "local.py", "/api/src/generated")
    assert names(discover(root / "api", config_of(root / "api")), root) == ["api/a.py"]


def test_an_ignore_file_above_the_repository_says_nothing(tree: Tree) -> None:
    root = tree("repo/.git/config", "repo/a.py")
    ignore(root, "*.py")
    assert names(discover(root / "repo", config_of(root / "repo")), root) == ["repo/a.py"]


def test_a_repository_within_the_repository_has_ignore_files_of_its_own(tree: Tree) -> None:
    root = tree(".git/config", "part/.git", "part/a.py", "b.py")
    ignore(root, "*.py")
    assert found(root) == ["part/a.py"]


def test_the_repositorys_private_excludes_count(tree: Tree) -> None:
    root = tree("a.py", "mine.py", ".git/config")
    (root / ".git/info").mkdir()
    (root / ".git/info/exclude").write_text("mine.py\n")
    assert found(root) == ["a.py"]


def test_a_malformed_pattern_is_passed_over(tree: Tree) -> None:
    root = tree("a.py", "b.py", ".git/config")
    ignore(root, "!", "a.py")
    assert found(root) == ["b.py"]


def test_loops_of_links_end(tree: Tree) -> None:
    root = tree("pkg/a.py", "pkg/deep/b.py")
    (root / "pkg/deep/up").symlink_to(root / "pkg")
    (root / "pkg/all").symlink_to(root.parent)
    (root / "itself").symlink_to("itself")
    assert found(root) == ["pkg/a.py", "pkg/deep/b.py"]


def test_a_file_reached_twice_is_there_once_by_its_real_name(tree: Tree) -> None:
    root = tree("real/a.py")
    (root / "alias").symlink_to("real")
    (root / "b.py").symlink_to("real/a.py")
    assert found(root) == ["real/a.py"]


def test_a_linked_folder_from_elsewhere_in_the_repository_is_walked_once(tree: Tree) -> None:
    root = tree("outside/shared/a.py", "repo/b.py", ".git/HEAD")
    (root / "repo/two").symlink_to(root / "outside/shared")
    (root / "repo/one").symlink_to(root / "outside/shared")
    repo = root / "repo"
    assert names(discover(repo, config_of(repo)), repo) == ["b.py", "one/a.py"]


def test_a_link_that_leads_out_of_the_project_is_not_followed(tree: Tree) -> None:
    root, notes = tree("outside/shared/a.py", "repo/b.py"), Notes()
    repo = root / "repo"
    (repo / "folder").symlink_to(root / "outside")
    (repo / "again").symlink_to("folder/shared")
    (repo / "file.py").symlink_to(root / "outside/shared/a.py")
    (repo / "up").symlink_to("..")
    assert names(discover(repo, config_of(repo), notes), repo) == ["b.py"]
    links = [repo / name for name in ("again", "file.py", "folder", "up")]
    assert sorted(notes.outside) == list(map(str, links))
    # What is given is read, whatever it is.
    assert names(selected([repo / "file.py"], config_of(repo)), repo) == ["file.py"]
    given = selected([repo / "folder"], config_of(repo))
    assert names(given, root) == ["outside/shared/a.py"]


def test_what_is_named_like_code_and_is_no_file_is_not_silently_left_out(tree: Tree) -> None:
    root = tree("a.py")
    os.mkfifo(root / "pipe.py")
    assert found(root) == ["a.py", "pipe.py"]


def test_broken_links_that_are_named_like_code_are_found(tree: Tree) -> None:
    root = tree("a.py", "old/b.py")
    for name in ("gone.py", "old/gone.py", "gone", ".#a.py"):
        (root / name).symlink_to("nowhere.py")
    assert found(root) == ["a.py", "gone.py", "old/b.py", "old/gone.py"]
    assert found(root, extend_exclude=("gone.py",)) == ["a.py", "old/b.py"]


def test_a_folder_that_cannot_be_listed_is_not_silently_clean(
    tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tree("a.py", "closed/b.py")
    scandir = os.scandir

    def guarded(path: str) -> Any:
        if path.endswith("closed"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", guarded)
    assert found(root) == ["a.py", "closed"]


def test_source_roots_are_the_program(tree: Tree) -> None:
    root = tree("src/a.py", "lib/b.py", "scripts/c.py")
    assert found(root, source_roots=(root / "src", root / "lib")) == ["lib/b.py", "src/a.py"]


def test_names_that_are_not_utf_8(tree: Tree) -> None:
    root = tree("a.py")
    odd = os.fsdecode(b"\xff.py")
    (root / odd).write_text("x = 1\n")
    assert found(root) == ["a.py", odd]


# ------------------------------------------------------------------ what the user names


def named(root: Path, *paths: str, program: Iterable[str] = (), **settings: Any) -> list[str]:
    given = [root / path for path in paths]
    return names(selected(given, config_of(root, **settings), program), root)


def test_files_and_folders_given(tree: Tree) -> None:
    root = tree("a.py", "src/b.py", "src/c.py", "d.py")
    assert named(root, "src", "a.py", "src/b.py", "./src/../a.py") == [
        "a.py",
        "src/b.py",
        "src/c.py",
    ]


def test_a_file_given_is_taken_whatever_it_is_called(tree: Tree) -> None:
    root = tree("manage", "node_modules/x.py", ".git/config")
    ignore(root, "manage")
    assert named(root, "manage", "node_modules/x.py") == ["manage", "node_modules/x.py"]


def test_a_folder_given_is_walked_though_it_is_ignored_or_excluded(tree: Tree) -> None:
    root = tree("build/lib/a.py", "out/b.py", "out/dist/c.py", ".git/config")
    ignore(root, "out/")
    assert named(root, "build", "build/lib", "out") == ["build/lib/a.py", "out/b.py"]


def test_force_exclude_leaves_out_what_is_given(tree: Tree) -> None:
    root = tree("a.py", "node_modules/x.py", "gen/b.py", "env/pyvenv.cfg", "env/lib/c.py", "ig.py")
    ignore(root, "ig.py")
    settings: dict[str, Any] = {"extend_exclude": ("gen",), "force_exclude": True}
    paths = ["a.py", "node_modules/x.py", "gen/b.py", "gen", "env/lib/c.py", "ig.py"]
    # What git tracks though it ignores it is somebody's code.
    assert named(root, *paths, **settings) == ["a.py", "ig.py"]
    assert excluded(str(root / "gen/b.py"), config_of(root, **settings))
    assert not excluded(str(root / "a.py"), config_of(root, **settings))


def test_paths_that_do_not_exist(tree: Tree) -> None:
    root, notes = tree("a.py"), Notes()
    (root / "gone.py").symlink_to("nowhere.py")
    given = [root / name for name in ("x.py", "a.py", "gone.py", "y")]
    files = selected(given, config_of(root), notes=notes)
    assert names(files, root) == ["a.py", "gone.py"]
    assert notes.problems == [f"no such file or folder: {root / name}" for name in ("x.py", "y")]
    with pytest.raises(NoSuchPath) as caught:
        selected([root / "x.py", root / "y"], config_of(root))
    assert caught.value.paths == (str(root / "x.py"), str(root / "y"))


def test_a_file_is_called_as_the_program_calls_it(tree: Tree) -> None:
    root = tree("outside/a.py", "repo/real.py", ".git/HEAD")
    repo = root / "repo"
    (repo / "pkg").symlink_to(root / "outside")
    (repo / "alias.py").symlink_to("real.py")
    program = discover(repo, config_of(repo))
    given = [root / "outside/a.py", repo / "pkg", repo / "alias.py"]
    assert names(selected(given, config_of(repo), program), repo) == ["pkg/a.py", "real.py"]


def test_the_order_of_arguments_does_not_matter(tree: Tree) -> None:
    root = tree("a.py", "b.py", "c/d.py")
    assert named(root, "c", "b.py", "a.py") == named(root, "a.py", "b.py", "c")


# ------------------------------------------------------------------ the project


def test_the_root_is_the_folder_of_the_nearest_configuration(tree: Tree) -> None:
    root = tree(".git/config", "api/src/shop/a.py")
    (root / "api/pyproject.toml").write_text("[tool.bedev-lint]\n")
    (root / "api/src/pyproject.toml").write_text("[tool.other]\n")
    assert project_root(root / "api/src/shop/a.py") == root / "api"
    assert load_config(root / "api/src/shop", None, False, {}).root == root / "api"


def test_else_the_repository_else_the_folder_given(tree: Tree) -> None:
    root = tree("repo/.git/config", "repo/src/a.py", "loose/src/b.py")
    assert project_root(root / "repo/src/a.py") == root / "repo"
    assert project_root(root / "loose/src") == root / "loose/src"
    assert project_root(root / "loose/src/b.py") == root / "loose/src"
    assert project_root(root / "loose/src/not_there_yet.py") == root / "loose/src"


def test_an_isolated_run_is_rooted_in_the_repository(tree: Tree) -> None:
    root = tree(".git/config", "api/a.py")
    (root / "api/bedev-lint.toml").write_text("")
    assert load_config(root / "api/a.py", None, True, {}).root == root


def test_a_range_that_goes_backwards_ignores_nothing(tree: Tree) -> None:
    root = tree("a.py", "b.py", ".git/HEAD")
    ignore(root, "[z-a].py", "[[a-.py", "b.py")
    assert found(root) == ["a.py"]
