"""What the README shows is what happens. `python tests/test_readme.py` writes its outputs anew."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import tomli

from bedev_lint import catalog as catalogs
from bedev_lint.session import examples
from scratch import lint, run, write

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
SHOP = ROOT / "tests/projects/shop"
OWN_RULE = "A rule of your own"

_CONSOLE = re.compile(
    r"^```console\n\$ bedev-lint (?P<command>[^\n]*)\n(?P<output>.*?)^```$", re.M | re.S
)
_FILE = re.compile(r"^`(?P<name>[^`\n]+)`:\n\n```\w+\n(?P<text>.*?)^```$", re.M | re.S)


def section(title: str) -> str:
    """Return what stands below a heading of the README."""
    text = README.read_text(encoding="utf-8")
    (found,) = re.findall(rf"^##+ {title}\n(.*?)(?=^##+ |\Z)", text, re.M | re.S)
    return str(found)


def files(title: str) -> dict[str, str]:
    """Return the files that a section shows, by name."""
    return {found["name"]: found["text"] for found in _FILE.finditer(section(title))}


def project(command: str, folder: Path) -> Path:
    """Make the project in which the README runs a command."""
    if command == "shop/":
        return write(folder, files(OWN_RULE))
    shutil.copytree(SHOP, folder, dirs_exist_ok=True)
    return write(folder, {})


def shown() -> Iterator[tuple[str, str]]:
    """Return the commands that the README runs, and what it says they print."""
    for found in _CONSOLE.finditer(README.read_text(encoding="utf-8")):
        yield found["command"], found["output"]


def test_it_shows_the_commands() -> None:
    assert [command for command, _ in shown()] == ["src/", "shop/"]


@pytest.mark.parametrize(("command", "output"), list(shown()), ids=lambda text: text.split("\n")[0])
def test_commands_print_what_it_shows(command: str, output: str, tmp_path: Path) -> None:
    assert run(project(command, tmp_path), *command.split()).stdout == output


def test_a_rule_of_ones_own(tmp_path: Path) -> None:
    (found,) = lint(project("shop/", tmp_path))
    assert found["code"] == "AC101"
    assert [hop["function"] for hop in found["path"]] == [
        *("shop.models.Order.cancel", "shop.stock.release", "Bus.publish")
    ]


def test_its_examples_hold(tmp_path: Path) -> None:
    write(tmp_path, files(OWN_RULE))
    catalog = catalogs.load([catalogs.builtin_rules(), tmp_path / "lint"])
    rule = catalog.rule("event-in-model")
    assert rule is not None
    assert list(examples.problems(rule, catalog)) == []


def test_the_configuration_is_valid(tmp_path: Path) -> None:
    shutil.copytree(SHOP, tmp_path, dirs_exist_ok=True)
    write(tmp_path, {**files("Configuration"), "lint/readme.md": "no rules yet\n"})
    result = run(tmp_path, "config")
    assert result.exit_code == 0, result.output
    (settings,) = files("Configuration").values()
    for key in tomli.loads(settings)["tool"]["bedev-lint"]:
        assert f"\n{key} = " in result.stdout


def test_json_keys_are_documented(tmp_path: Path) -> None:
    documented = re.findall(r"^\| `(\w+)` \|", section("JSON"), re.M)
    for finding in lint(project("src/", tmp_path)):
        assert list(finding) == documented


def test_suppressions(tmp_path: Path) -> None:
    (lines,) = re.findall(r"```python\n(.*?)```", section("Suppressions"), re.S)
    assert lint(write(tmp_path, {"shop/settings.py": lines})) == []
    bare = re.sub(r"  #.*", "", lines)
    assert len(lint(write(tmp_path, {"shop/settings.py": bare}))) == lines.count("\n")


def regenerate() -> None:
    """Write what the commands print into the README."""

    def block(found: re.Match[str]) -> str:
        with tempfile.TemporaryDirectory() as folder:
            root = project(found["command"], Path(folder).resolve())
            output = run(root, *found["command"].split()).stdout
        return f"```console\n$ bedev-lint {found['command']}\n{output}```"

    text = README.read_text(encoding="utf-8")
    README.write_text(_CONSOLE.sub(block, text), encoding="utf-8")


if __name__ == "__main__":
    regenerate()
