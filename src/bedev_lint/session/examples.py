"""The examples of rules, run: a rule whose own examples do not hold is an error."""

from __future__ import annotations

import os
import re
import tokenize
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from io import StringIO
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

from bedev_lint.applying import fixed
from bedev_lint.cache.kept import Row, Unusable
from bedev_lint.cache.project import Cache
from bedev_lint.catalog import Catalog, CatalogError, Rule
from bedev_lint.filesystem import MAX_SETTINGS, read
from bedev_lint.session.run import Session
from bedev_lint.settings.config import Config

__all__ = ["Expected", "check_own", "expected", "problems", "reported", "split"]

_FILE = re.compile(r"^# file: (\S+)[ \t]*\n", re.MULTILINE)
_ERROR = re.compile(r"(?<![ \t])[ \t]*# error: ([A-Z]+[0-9]+)[ \t]*$")
_EXAMPLE = re.compile(r"^[ \t]*\[\[[ \t]*example[ \t]*\]\]", re.MULTILINE)
# What would lead elsewhere on one system or another: a folder above, a drive, an end.
_STRANGE = frozenset("\\:\0")
# Where examples stand, though there need be no such folder.
_ROOT = Path(os.path.abspath(os.sep), "project")
_MOST_ROUNDS = 10
_KIND, _HOLD = "examples", "hold"

Make = Callable[..., Session]


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
    """Return the files without their `# error:` comments, and what those comments ask for.

    A comment behind a string of several rows speaks of its first row, where none can stand.
    """
    wanted: set[Expected] = set()
    bare = {}
    for name, text in files.items():
        lines = []
        codes_by_row: dict[int, list[str]] = {}
        for row, line in enumerate(text.split("\n"), start=1):
            while (match := _ERROR.search(line)) is not None:
                codes_by_row.setdefault(row, []).append(match[1])
                line = line[: match.start()]
            lines.append(line)
        bare[name] = "\n".join(lines)
        firsts = _first_rows(bare[name]) if codes_by_row else {}
        wanted.update(
            Expected(name, firsts.get(r, r), c) for r, codes in codes_by_row.items() for c in codes
        )
    return bare, wanted


def _first_rows(text: str) -> dict[int, int]:
    """Return by their last rows where strings of several rows begin, as far as it is Python."""
    first_rows = {}
    with suppress(SyntaxError, tokenize.TokenError):
        for token in tokenize.generate_tokens(StringIO(text).readline):
            if token.type == tokenize.STRING and token.start[0] < token.end[0]:
                first_rows[token.end[0]] = token.start[0]
    return first_rows


def reported(
    files: Mapping[str, str], config: Config, catalog: Catalog, make: Make = Session
) -> set[Expected]:
    """Return what is reported on these files, none of which is ever on the disk."""
    project = {name: text.encode() for name, text in files.items()}
    diagnostics = make(config, catalog, project=project).run().diagnostics
    return {
        Expected(Path(d.filename).relative_to(config.root).as_posix(), d.span.start.row, d.code)
        for d in diagnostics
    }


def problems(
    rule: Rule, catalog: Catalog, make: Make = Session, *, alone: bool = False
) -> Iterator[tuple[int, str]]:
    """Return what is wrong with the examples of a rule, each with the example's number, from 1.

    They are judged by the default rules and this one; `alone` by this one and those whose codes
    they mark.
    """
    for number, example in enumerate(rule.examples, start=1):
        if bool(example.bad) == bool(example.good) and rule.family != "linter":
            yield number, "expected either `bad` or `good`"
            continue
        files, wanted = expected(split(example.bad or example.good))
        if example.bad and not any(item.code == rule.code for item in wanted):
            yield number, f"no line of `bad` says `# error: {rule.code}`"
        if example.good and wanted:
            yield number, "`good` must be silent, but a line says `# error:`"
        strange = [name for name in files if not _is_within(name)]
        for name in strange:
            expects = "expected a path below the project, such as shop/orders.py"
            yield number, f"# file: {name}: {expects}"
        if strange:
            continue
        options = {rule.name: dict(example.options)} if example.options else {}
        codes = tuple(sorted({rule.code, *(item.code for item in wanted)}))
        selection = {"select": codes} if alone else {"extend_select": (rule.code,)}
        config = Config(root=_ROOT, rule=options, **selection)
        reported_lines = reported(files, config, catalog, make)
        for item in sorted(wanted - reported_lines):
            yield number, f"{item.file}:{item.row} should be {item.code}, and is not"
        for item in sorted(reported_lines - wanted):
            yield number, f"{item.file}:{item.row} should not be {item.code}, and is"
        if example.fixed:
            config = Config(root=_ROOT, rule=options, **selection)
            after = _fixed(files, rule, config, catalog, make)
            for problem in _different({**files, **split(example.fixed)}, after):
                yield number, problem


def _fixed(
    files: Mapping[str, str], rule: Rule, config: Config, catalog: Catalog, make: Make
) -> dict[str, str]:
    """Return files in which all that a rule reports is fixed, as often as anything changes."""
    after = dict(files)
    for _ in range(_MOST_ROUNDS):
        project = {name: text.encode() for name, text in after.items()}
        session = make(config, catalog, project=project)
        diagnostics = [d for d in session.run().diagnostics if d.code == rule.code and d.fix]
        before = dict(after)
        for name, text in before.items():
            of_file = [d for d in diagnostics if d.filename == str(config.root / name)]
            after[name] = fixed(text, name, of_file, session.rules).text
        if after == before:
            break
    return after


def _different(wanted: Mapping[str, str], files: Mapping[str, str]) -> Iterator[str]:
    """Return where files first differ from those that are wanted."""
    for name, text in wanted.items():
        pairs = zip_longest(text.split("\n"), files.get(name, "").split("\n"))
        rows = enumerate(pairs, start=1)
        differing = next(((row, line) for row, (right, line) in rows if line != right), None)
        if differing is not None:
            row, line = differing
            yield f"{name}:{row} is fixed to {line!r}, unlike in `fixed`"


def _is_within(name: str) -> bool:
    """Return whether a name is that of a file below any folder, on any system."""
    parts = name.split("/")
    return _STRANGE.isdisjoint(name) and not any(part in ("", ".", "..") for part in parts)


def check_own(config: Config, catalog: Catalog, cache: Cache) -> None:
    """Run the examples of the team's own rules. Raises CatalogError for those that do not hold.

    That they hold is kept in the cache, which is for these rules and this configuration alone.
    """
    own = _own(config, catalog)
    if not own or _are_known(cache):
        return
    wrong = [
        f"{rule.file}:{_line_of(Path(rule.file), number)}: example {number}: {problem}"
        for rule in own
        for number, problem in problems(rule, catalog, alone=True)
    ]
    if wrong:
        raise CatalogError(wrong)
    cache.set_row(Row(_KIND, _HOLD, _HOLD.encode()))


def _own(config: Config, catalog: Catalog) -> list[Rule]:
    folders = [folder.resolve() for folder in config.rules]
    return [
        rule
        for rule in catalog.rules.values()
        if any(folder in Path(rule.file).resolve().parents for folder in folders)
    ]


def _are_known(cache: Cache) -> bool:
    try:
        return _HOLD in cache.rows(_KIND)
    except Unusable:
        return False


def _line_of(path: Path, number: int) -> int:
    text = read(path, MAX_SETTINGS)[0].decode()
    starts = [match.start() for match in _EXAMPLE.finditer(text)]
    return text.count("\n", 0, starts[number - 1]) + 1 if number <= len(starts) else 1
