"""What the files of rules say in their comments."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from bedev_lint import filesystem
from bedev_lint.catalog.reading import builtin_rules
from bedev_lint.catalog.rules import Rule
from bedev_lint.tables import BadTable, comments, decoded

__all__ = ["comments_on_options"]


def comments_on_options(rule: Rule) -> dict[str, str]:
    """Return the comment above each option of a rule, "" for one without.

    Options that it shares with others are described in the vocabulary that comes with bedev-lint.
    """
    described = dict.fromkeys(rule.options, "")
    for name in rule.option_sets:
        for text in _shared():
            if f"[option-set.{name}]" in text:
                described.update(comments(text, ("option-set", name)))
    own = comments(_text(Path(rule.file)), ("options",))
    return described | {key: comment for key, comment in own.items() if comment}


@cache
def _shared() -> list[str]:
    """Return the texts of the vocabulary that have options which several rules share."""
    paths = sorted((builtin_rules() / "vocabulary").rglob("*.toml"))
    return [text for text in map(_text, paths) if "[option-set." in text]


def _text(path: Path) -> str:
    """Return the text of a file of TOML, "" of one that is no more as it was when it was read."""
    try:
        return decoded(filesystem.read(path, filesystem.MAX_SETTINGS)[0])[0]
    except (OSError, BadTable):
        return ""
