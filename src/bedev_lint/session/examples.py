"""The examples of rules, run: a rule whose own examples do not hold is an error."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from bedev_lint.catalog import Catalog, CatalogError, Example, Rule
from bedev_lint.session.config import Config
from bedev_lint.session.run import Session

__all__ = ["Expected", "check_own", "expected", "problems", "reported", "split"]

_FILE = re.compile(r"^# file: (\S+)[ \t]*\n", re.MULTILINE)
_ERROR = re.compile(r"[ \t]*# error: ([A-Z]+[0-9]+)[ \t]*$")


_EXAMPLE = re.compile(r"^[ \t]*\[\[[ \t]*example[ \t]*\]\]", re.MULTILINE)


class Expected(NamedTuple):
    """A diagnostic as examples speak of it: where it starts, and its code."""

    file: str
    row: int
    code: str


def split(text: str) -> dict[str, str]:
    """Return the files of an example by name; without a `# file:` line it is `app.py`."""
    parts = _FILE.split(text.lstrip("\n"))
    files = {"app.py": parts[0]} if parts[0].strip() or len(parts) == 1 else {}
    files.update(zip(parts[1::2], parts[2::2], strict=True))
    return files


def expected(files: Mapping[str, str]) -> tuple[dict[str, str], set[Expected]]:
    """Return the files without their `# error:` comments, and what those comments ask for."""
    wanted: set[Expected] = set()
    bare = {}
    for name, text in files.items():
        lines = []
        for row, line in enumerate(text.split("\n"), start=1):
            while (found := _ERROR.search(line)) is not None:
                wanted.add(Expected(name, row, found[1]))
                line = line[: found.start()]
            lines.append(line)
        bare[name] = "\n".join(lines)
    return bare, wanted


def reported(
    files: Mapping[str, str],
    rule: Rule,
    example: Example,
    catalog: Catalog,
    make: Callable[[Config, Catalog], Session] = Session,
) -> set[Expected]:
    """Return what the default rules and this one report on these files."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        for name, text in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        options = {rule.name: dict(example.options)} if example.options else {}
        config = Config(root=root, extend_select=(rule.code,), rule=options)
        found = make(config, catalog).run([root]).diagnostics
        return {
            Expected(Path(d.filename).relative_to(root).as_posix(), d.span.start.row, d.code)
            for d in found
        }


def problems(
    rule: Rule, catalog: Catalog, make: Callable[[Config, Catalog], Session] = Session
) -> Iterator[tuple[int, str]]:
    """Return what is wrong with the examples of a rule, each with the example's number, from 1."""
    for number, example in enumerate(rule.examples, start=1):
        if bool(example.bad) == bool(example.good) and rule.family != "linter":
            yield number, "expected either `bad` or `good`"
            continue
        files, wanted = expected(split(example.bad or example.good))
        if example.bad and not any(item.code == rule.code for item in wanted):
            yield number, f"no line of `bad` says `# error: {rule.code}`"
        if example.good and wanted:
            yield number, "`good` must be silent, but a line says `# error:`"
        found = reported(files, rule, example, catalog, make)
        for item in sorted(wanted - found):
            yield number, f"{item.file}:{item.row} should be {item.code}, and is not"
        for item in sorted(found - wanted):
            yield number, f"{item.file}:{item.row} should not be {item.code}, and is"


def check_own(config: Config, catalog: Catalog) -> None:
    """Run the examples of the team's own rules. Raises CatalogError for those that do not hold."""
    folders = [folder.resolve() for folder in config.rules]
    wrong = []
    for rule in catalog.rules.values():
        path = Path(rule.file).resolve()
        if not any(folder in path.parents for folder in folders):
            continue
        for number, problem in problems(rule, catalog):
            wrong.append(f"{path}:{_line_of(path, number)}: example {number}: {problem}")
    if wrong:
        raise CatalogError(wrong)


def _line_of(path: Path, number: int) -> int:
    text = path.read_text(encoding="utf-8")
    starts = [found.start() for found in _EXAMPLE.finditer(text)]
    return text.count("\n", 0, starts[number - 1]) + 1 if number <= len(starts) else 1
