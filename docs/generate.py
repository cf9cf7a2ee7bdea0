"""Writes what is made of rules, code and README: `python docs/generate.py`.

That is a page for each rule and the list of them, the list in the README, the first page of the
site, and the schemas. The tests fail if one of them is not what this would write.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

from bedev_lint import catalog as catalogs
from bedev_lint import schema
from bedev_lint.catalog import Rule, comments_on_options
from bedev_lint.report.manual import most_telling, options_as_toml, suppression, when
from bedev_lint.report.text import fenced

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
PAGES = ROOT / "docs/rules"
_LIST = re.compile(r"(?<=<!-- rules -->\n).*?(?=<!-- end of rules -->)", re.S)
_LINK = re.compile(r"\[((?:[^\]`]|`[^`]*`)+)\]\(([^)\s]+)\)")


def generated() -> dict[Path, str]:
    """Return the text of each file, by its path."""
    catalog = catalogs.load([catalogs.builtin_rules()])
    rules = list(catalog.rules.values())
    readme = _LIST.sub(lambda _: "\n" + table(rules, "docs/rules/") + "\n", _read(README))
    return {
        README: readme,
        ROOT / "docs/index.md": site(readme),
        PAGES / "index.md": f"# Rules\n\n{table(rules, '')}",
        **{PAGES / f"{rule.code}.md": page(rule) for rule in rules},
        ROOT / "schemas/bedev-lint.json": schema.as_json(schema.of_settings(catalog)),
        ROOT / "schemas/bedev-lint-rule.json": schema.as_json(schema.of_rules()),
    }


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


# ------------------------------------------------------------------ lists


def table(rules: Iterable[Rule], folder: str) -> str:
    """Return a table of the rules, by the house rule that they enforce, with links to a folder."""
    lines = ["| rule | reports | severity | default |", "|---|---|---|---|"]
    first = {rule.rule: rule.code for rule in reversed(list(rules))}
    ordered = sorted(rules, key=lambda rule: (first[rule.rule], rule.code))
    for house_rule, those in groupby(ordered, key=lambda rule: rule.rule):
        lines.append(f"| **{house_rule}** | | | |")
        for rule in those:
            link = f"[{rule.code} {rule.name}]({folder}{rule.code}.md)"
            default = "always on" if rule.always else "on" if rule.default else "off"
            lines.append(f"| {link} | {rule.title} | {rule.severity.value} | {default} |")
    return "".join(f"{line}\n" for line in lines)


# ------------------------------------------------------------------ pages


def page(rule: Rule) -> str:
    """Return the page of a rule."""
    parts = [
        f"# {rule.code} {rule.name}",
        f"**{rule.title}.** Severity: {rule.severity.value}; {when(rule)}.",
        f"House rule: *{rule.rule}*.",
        "\n\n".join(["## Why", *rule.why.strip().splitlines()]),
        f"## What to do\n\n{rule.help.strip()}",
        *_examples(rule),
        *_configuration(rule),
    ]
    return "\n\n".join(parts) + "\n"


def _examples(rule: Rule) -> Iterator[str]:
    for title, kind in (("Reported", "bad"), ("Clean", "good")):
        codes = [code for each in most_telling(rule) if (code := getattr(each, kind))]
        if codes:
            yield "\n\n".join([f"## {title}", *map(fenced, codes)])


def _configuration(rule: Rule) -> Iterator[str]:
    if not rule.always:
        yield "## How to suppress it"
        yield fenced(suppression(rule))
        yield "## Options"
        yield "With their defaults; a list that is given takes the place of the default one."
        yield fenced(options_as_toml(rule, comments_on_options(rule)), "toml")


def site(readme: str) -> str:
    """Return the README as the first page of the site; what is not part of it is no link there."""

    def link(found: re.Match[str]) -> str:
        text, target = found.groups()
        if target.startswith(("http", "#")):
            return found[0]
        if target.startswith("docs/"):
            return f"[{text}]({target.removeprefix('docs/')})"
        return text

    return _LINK.sub(link, readme)


def main() -> None:
    """Write all files, and remove pages of rules that are no more."""
    files = generated()
    for path in set(PAGES.glob("*.md")).difference(files):
        path.unlink()
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
