"""What the formats share: safe text, names of files, counts, colour."""

from __future__ import annotations

import os
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bedev_lint.catalog import Rule
from bedev_lint.escaping import STYLES, escape, link_to, visible
from bedev_lint.model import Confidence, Diagnostic, Hop, Severity

__all__ = [
    "Page",
    "by_cause",
    "by_severity",
    "cells",
    "counted",
    "fenced",
    "how_often",
    "implementing",
    "left_out",
    "marked",
    "paint",
    "painted_rule",
    "repository_path",
    "rule_url",
    "shown_path",
    "statistics",
    "tally",
]

_TAB = 4


@dataclass(frozen=True)
class Page:
    """What a report is made for: where from, how, and what was seen besides the diagnostics.

    File names are shown to people relative to `base`, and to CI systems relative to `root`, the
    root of the repository. `rules` are all rules by code. `files` were checked, `left_out` were not
    since they are no production code but something else, by the name of its context; `unchecked`
    could not be. `outside` counts links that lead out of the project and were not followed. The
    baseline has so many findings (`in_baseline`) and so many others that are `gone`; as many are
    `elsewhere` than on changed lines. `links` says that a terminal shows it, which knows links.
    `unsafe_fixes` counts them as fixes that `--fix` makes; it has made them if it `is_fixed`.
    """

    base: str
    root: str = ""
    rules: Mapping[str, Rule] = field(default_factory=dict)
    files: int = 0
    left_out: Mapping[str, int] = field(default_factory=dict)
    unchecked: int = 0
    outside: int = 0
    in_baseline: int = 0
    gone: int = 0
    elsewhere: int = 0
    colour: bool = False
    links: bool = False
    quiet: bool = False
    statistics: bool = False
    unsafe_fixes: bool = False
    is_fixed: bool = False


def cells(line: str) -> list[tuple[str, int]]:
    """Return each character of a source line as it is shown, with the columns that it takes."""
    shown: list[tuple[str, int]] = []
    column = 0
    for char in line:
        if char == "\t":
            width = _TAB - column % _TAB
            text = " " * width
        else:
            text = visible(char)
            width = len(text) if text != char else _width(char)
        shown.append((text, width))
        column += width
    return shown


def _width(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def shown_path(filename: str, base: str) -> str:
    """Return a file name as it is shown: relative to the base, if it lies below it."""
    return escape(_below(filename, base))


def repository_path(filename: str, page: Page) -> str:
    """Return a file name as CI systems know it: relative to the repository, if it lies in it."""
    return _below(filename, page.root or page.base).replace(os.sep, "/")


def _below(filename: str, base: str) -> str:
    below = base.rstrip(os.sep) + os.sep
    return filename[len(below) :] if filename.startswith(below) else filename


def by_severity(diagnostics: Sequence[Diagnostic]) -> list[Diagnostic]:
    """Return the most severe first, the certain before the likely, else in the order given."""
    order = [Severity.ERROR, Severity.WARNING, Severity.INFO]
    return sorted(
        diagnostics,
        key=lambda one: (order.index(one.severity), one.confidence is Confidence.LIKELY),
    )


def implementing(hop: Hop) -> Iterator[str]:
    """Return the line below a hop that names what implements it, if that is more than one."""
    if len(hop.implementations) > 1:
        yield f"      implemented by {', '.join(map(escape, hop.implementations))}"


def paint(text: str, style: str | Severity, colour: bool) -> str:
    """Return the text in a style or the colour of a severity; unchanged without colour."""
    name = style.value if isinstance(style, Severity) else style
    return f"\x1b[{STYLES[name]}m{text}\x1b[0m" if colour else text


def rule_url(diagnostic: Diagnostic, page: Page) -> str:
    """Return the page of a rule in the documentation, "" if it has none."""
    rule = page.rules.get(diagnostic.code)
    return rule.url if rule is not None else ""


def painted_rule(text: str, diagnostic: Diagnostic, page: Page) -> str:
    """Return what names a rule in the colour of the diagnostic, as a link where one can be."""
    painted = paint(text, diagnostic.severity, page.colour)
    url = rule_url(diagnostic, page) if page.links else ""
    return f"{link_to(url)}{painted}{link_to('')}" if url else painted


def fenced(code: str, language: str = "python") -> str:
    """Return code as a block of Markdown, whatever backticks are in it."""
    longest = max(map(len, re.findall("`+", code)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{code.strip()}\n{fence}"


def counted(number: int, noun: str) -> str:
    """Return `1 file`, `2,000 files`."""
    plural = "es" if noun.endswith("x") else "s"
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}{plural}"


def by_cause(diagnostics: Sequence[Diagnostic]) -> list[list[Diagnostic]]:
    """Return the diagnostics of each cause together, each group where its first one stands.

    Projects that know nothing of each other may hold the same text, and yet share no path.
    """
    groups: dict[object, list[Diagnostic]] = {}
    for diagnostic in diagnostics:
        end = diagnostic.path[-1].filename if diagnostic.path else ""
        groups.setdefault(
            (diagnostic.cause, end) if end and diagnostic.cause else id(diagnostic), []
        ).append(diagnostic)
    return list(groups.values())


def left_out(counts: Mapping[str, int]) -> str:
    """Return how many files were left out, and as what: `3 left out: 2 tests, 1 migration`."""
    causes = ", ".join(_counted_as(number, what) for what, number in counts.items())
    return f"{sum(counts.values()):,} left out: {causes}"


def _counted_as(number: int, what: str) -> str:
    # The name of a context is that of a thing (a test) or not (generated, tooling).
    return f"{number:,} {what}" if what.endswith(("ed", "ing")) else counted(number, what)


def tally(diagnostics: Sequence[Diagnostic], page: Page) -> str:
    """Return the closing summary: what was found, in how much, and what was not looked at."""
    files = counted(page.files, "file")
    if diagnostics:
        causes = len(by_cause(diagnostics))
        problems = counted(len(diagnostics), "problem")
        if causes < len(diagnostics):
            problems += f" with {counted(causes, 'cause')}"
        first = f"Found {problems} in {files}"
    elif page.unchecked:
        first = f"No problems found in {files}"
    elif page.files and (page.in_baseline or page.elsewhere):
        first = f"Nothing new in {files}"
    elif page.files:
        first = f"All clean: {files}"
    else:
        first = "No Python files to check"
    if page.left_out:
        first += f", {left_out(page.left_out)}"
        first += "; --include-tests checks tests" * ("test" in page.left_out and not page.files)
    lines = [first]
    lines += _fixable(diagnostics, page)
    if page.in_baseline:
        lines.append(f"{counted(page.in_baseline, 'problem')} known from the baseline")
    if page.elsewhere:
        lines.append(f"{counted(page.elsewhere, 'problem')} not on changed lines")
    if page.gone:
        is_gone = "is gone" if page.gone == 1 else "are gone"
        lines.append(
            f"{counted(page.gone, 'problem')} of the baseline {is_gone}: "
            "shorten it with `bedev-lint baseline --prune`"
        )
    if page.unchecked:
        lines.append(f"{counted(page.unchecked, 'file')} could not be checked")
    if page.outside:
        lines.append(
            f"{counted(page.outside, 'link')} out of the project not followed; -v lists them"
        )
    return "\n".join(lines)


def _fixable(diagnostics: Sequence[Diagnostic], page: Page) -> Iterator[str]:
    """Return how many problems can be fixed, those that are marked, and how many more."""
    fixes = [diagnostic.fix for diagnostic in diagnostics if diagnostic.fix is not None]
    hidden = 0 if page.unsafe_fixes else sum(fix.is_unsafe for fix in fixes)
    shown = 0 if page.is_fixed else len(fixes) - hidden
    more = f"({counted(hidden, 'hidden fix')} with `--unsafe-fixes`)" if hidden else ""
    if shown:
        mark = paint("[*]", "help", page.colour)
        yield f"{mark} {shown:,} fixable with `--fix` {more}".rstrip()
    elif hidden:
        yield f"No fixes available {more}"


def marked(diagnostic: Diagnostic, page: Page) -> str:
    """Return ` [*]` for a problem that `--fix` fixes, with the other options of the run."""
    fix = diagnostic.fix
    if fix is None or page.is_fixed or (fix.is_unsafe and not page.unsafe_fixes):
        return ""
    return f" {paint('[*]', 'help', page.colour)}"


def how_often(diagnostics: Sequence[Diagnostic]) -> list[tuple[str, str, int]]:
    """Return code and name of each rule that was broken, and how often, the most frequent first."""
    counts = Counter((diagnostic.code, diagnostic.name) for diagnostic in diagnostics)
    ranking = sorted(counts.items(), key=lambda row: (-row[1], row[0]))
    return [(code, name, count) for (code, name), count in ranking]


def statistics(diagnostics: Sequence[Diagnostic]) -> str:
    """Return a line for each rule that was broken: count, code and name; the commonest first."""
    ranking = how_often(diagnostics)
    return "".join(f"{count:>6}  {code}  {name}\n" for code, name, count in ranking)
