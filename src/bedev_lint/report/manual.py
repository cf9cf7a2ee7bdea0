"""What the rules and the configuration say of themselves: `explain`, `rules`, `config`."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import fields

from bedev_lint.catalog import Example, Rule
from bedev_lint.escaping import escape
from bedev_lint.report.json import as_text

__all__ = [
    "as_toml",
    "explain",
    "heading",
    "most_telling",
    "options_as_toml",
    "rules_as_json",
    "suppression",
    "table",
    "when",
]


_COLUMNS = 84
# The examples that are shown of each kind, unless all are asked for.
_MOST_EXAMPLES = 3


def explain(rule: Rule, comments: Mapping[str, str], *, all_examples: bool = False) -> str:
    """Return the documentation of one rule: what, why, what to do, examples, options.

    `comments` are those on its options. Most rules have more examples than anybody wants to read:
    all of them are only shown if `all_examples` says so.
    """
    examples = rule.examples if all_examples else most_telling(rule)
    left = len(rule.examples) - len(examples)
    heading = escape(f"{rule.code} {rule.name}: {rule.title}")
    parts = [
        f"{heading}\n{'=' * len(heading)}",
        f"Severity: {rule.severity.value}. {when(rule).capitalize()}.",
        f"House rule: {escape(rule.rule)}." if rule.rule else "",
        f"Why\n{_indented(_wrapped(rule.why))}" if rule.why else "",
        f"What to do\n{_indented(_wrapped(rule.help))}" if rule.help else "",
        "" if rule.always else f"How to suppress it\n{_indented(suppression(rule))}",
        *_examples(examples),
        f"More examples ({left}): bedev-lint explain --all-examples {rule.code}" if left else "",
        "\n".join(_calls(rule)),
        "" if rule.always else f"Options\n{_indented(options_as_toml(rule, comments))}",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def suppression(rule: Rule) -> str:
    """Return the comment that suppresses a rule at the end of a reported line, with its reason."""
    return f"...  # bedev: ignore[{rule.code}] -- why it is right here"


def most_telling(rule: Rule) -> list[Example]:
    """Return the first examples of each kind that need no options, in the order of their file."""
    plain = [example for example in rule.examples if not example.options]
    bad = [example for example in plain if example.bad][:_MOST_EXAMPLES]
    good = [example for example in plain if example.good][:_MOST_EXAMPLES]
    return [example for example in plain if example in bad or example in good]


def when(rule: Rule) -> str:
    """Return whether a rule is on by default, in words."""
    if rule.always:
        return "always on"
    return "on by default" if rule.default else "off by default; turn it on with extend-select"


def _calls(rule: Rule) -> Iterator[str]:
    """Return which calls a rule speaks of, in the words of its TOML."""
    for number, call in enumerate(rule.calls):
        yield "Reports a call that matches" if number == 0 else "  or"
        yield _indented("".join(_entry(*pair) for pair in _stated(call).items()))


def _stated(table: Struct) -> dict[str, Any]:
    """Return what a table says beyond its defaults, by the keys of TOML."""
    return {
        info.encode_name: _plain(value)
        for info in fields(table)
        if (value := getattr(table, info.name)) not in (info.default, {}, ())
    }


def _plain(value: Any) -> Any:
    """Return a value of a table as TOML has it."""
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return _stated(value) if isinstance(value, Struct) else value


def options_as_toml(rule: Rule, comments: Mapping[str, str]) -> str:
    """Return the options of a rule with their defaults, each below what a comment says of it.

    Those that switch something stand before the lists of names and words.
    """
    lines = [f"[tool.bedev-lint.rule.{rule.name}]\nseverity = {_value(rule.severity)}\n"]
    last = ""
    for key in sorted(rule.options, key=lambda key: isinstance(rule.options[key], (list, dict))):
        comment = comments.get(key, "")
        if comment and comment != last:
            lines.append(f"\n{heading(comment.splitlines())}")
        lines.append(_entry(key, rule.options[key]))
        last = comment
    return "".join(lines)


def _entry(key: str, value: Any) -> str:
    """Return a key with its value, a long list on several lines."""
    line = as_toml({key: value})
    if len(line) <= _COLUMNS or not isinstance(value, list):
        return line
    rows = [""]
    for item in map(_value, value):
        if rows[-1] and len(rows[-1]) + len(item) + 2 > _COLUMNS - 4:
            rows.append("")
        rows[-1] += f" {item}," if rows[-1] else f"{item},"
    return "\n".join([f"{_key(key)} = [", *(f"    {row}" for row in rows), "]\n"])


def _examples(examples: Iterable[Example]) -> Iterator[str]:
    for example in examples:
        options = f" (with {', '.join(as_toml(example.options).splitlines())})"
        for title, code in (
            ("Reported", example.bad),
            ("After the fix", example.fixed),
            ("Clean", example.good),
        ):
            if code:
                yield f"{title}{options if example.options else ''}\n{_indented(code)}"


def _wrapped(text: str) -> str:
    return "\n".join(textwrap.fill(line, _COLUMNS) for line in text.strip().splitlines())


def _indented(text: str) -> str:
    lines = (escape(line.rstrip()) for line in text.strip("\n").splitlines())
    return "\n".join(f"    {line}".rstrip() for line in lines)


def table(rules: Iterable[Rule]) -> str:
    """Return a line for each rule: code, name, severity, whether it is on, family, title."""
    lines = [("CODE", "NAME", "SEVERITY", "DEFAULT", "FAMILY", "REPORTS")]
    lines += [
        (
            rule.code,
            rule.name,
            rule.severity.value,
            _default(rule),
            escape(rule.family),
            escape(rule.title),
        )
        for rule in rules
    ]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "".join(
        "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        + "\n"
        for row in lines
    )


def _default(rule: Rule) -> str:
    return "always" if rule.always else "yes" if rule.default else "no"


def rules_as_json(rules: Iterable[Rule]) -> str:
    """Return an array with an object for each rule."""
    objects = [
        {
            "code": rule.code,
            "name": rule.name,
            "family": rule.family,
            "title": rule.title,
            "severity": rule.severity.value,
            "default": _default(rule),
            "options": rule.options,
        }
        for rule in rules
    ]
    return json.dumps(objects, indent=2, default=str) + "\n"


def heading(lines: Iterable[str]) -> str:
    """Return lines as comments of TOML."""
    return "".join(f"# {escape(line)}\n" for line in lines)


def as_toml(values: Mapping[str, Any]) -> str:
    """Return a table as TOML, a key a line, tables within it inline."""
    return "".join(f"{_key(key)} = {_value(value)}\n" for key, value in values.items())


def _key(key: str) -> str:
    plain = key.isascii() and key.replace("-", "").replace("_", "").isalnum()
    return key if plain else _value(key)


def _value(value: Any) -> str:
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        pairs = ", ".join(f"{_key(key)} = {_value(item)}" for key, item in value.items())
        return f"{{ {pairs} }}" if pairs else "{}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, (str, Path)):
        # TOML's basic strings are JSON's, save that surrogates are no characters.
        quoted = json.dumps(as_text(str(value)), ensure_ascii=False)
        return "".join(char if char.isprintable() else _code(char) for char in quoted)
    return str(value)


def _code(char: str) -> str:
    number = ord(char)
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
