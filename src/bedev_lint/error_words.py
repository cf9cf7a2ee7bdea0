"""Which words of names and texts tell of an error: options of the rule, read once."""

from __future__ import annotations

from dataclasses import dataclass

from bedev_lint.linear import Pattern
from bedev_lint.model import Options
from bedev_lint.names import words
from bedev_lint.options import patterns, texts

__all__ = ["ErrorWords", "error_words"]


@dataclass(frozen=True)
class ErrorWords:
    """The words of names and texts that tell of an error: options of the rule, which says more.

    `modes` are texts with which a call is told what to do with errors.
    """

    words: frozenset[str]
    undoing: frozenset[str]
    success: frozenset[str]
    status: frozenset[str]
    responding: frozenset[str]
    modes: frozenset[str]
    names: tuple[Pattern, ...]
    texts: tuple[Pattern, ...]

    def undoes(self, name: str) -> bool:
        """Return whether a name says that errors are none, or no longer: `clear_errors`."""
        return not self.undoing.isdisjoint(words(name))

    def in_name(self, name: str) -> bool:
        """Return whether what has this name tells of an error: `BadRequest`, `mark_failed`."""
        parts = words(name)
        if not self.undoing.isdisjoint(parts):
            return False
        text = " ".join(parts)
        return not self.words.isdisjoint(parts) or any(p.search(text) for p in self.names)

    def in_text(self, text: str) -> bool:
        """Return whether a text tells of an error."""
        plain = text.replace("_", " ")
        return any(pattern.search(plain) for pattern in self.texts)


def error_words(options: Options) -> ErrorWords:
    """Return what tells of an error by these options."""

    def listed(key: str) -> frozenset[str]:
        return frozenset(texts(options, key))

    return ErrorWords(
        listed("error-words"),
        listed("undoing"),
        listed("success"),
        listed("status"),
        listed("responding"),
        listed("error-modes"),
        patterns(options, "error-names"),
        patterns(options, "error-texts"),
    )
