"""Text that neither a terminal nor a CI obeys, whatever the linted project has put into it."""

from __future__ import annotations

import re
import unicodedata

from bedev_lint import DOCS_URL

__all__ = ["STYLES", "escape", "harmless", "link_to", "visible"]

# Controls, formats (bidirectional overrides among them), surrogates, private, line separators.
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})

# The styles of our own output, by name: what stands between `ESC [` and `m`.
STYLES = {
    "error": "1;31",
    "warning": "1;33",
    "info": "1;34",
    "strong": "1",
    "faint": "2",
    "help": "1;36",
}
# Links (OSC 8) lead to our own pages only.
_LINK = rf"\x1b\]8;;(?:{re.escape(DOCS_URL)}[\w/-]*)?\x1b\\"
# What a terminal or a CI obeys; our own colours are looked for first. GitHub takes a command at the
# beginning of a line, whatever space is before it, and both it and Azure `##[` anywhere.
_COLOUR = rf"\x1b\[(?:{'|'.join([*STYLES.values(), '0'])})m"
_ANNOTATION = r"(?m:^)(?P<annotation>::(?:error|warning|notice) (?:file|title)=)"
_COMMAND = rf"(?m:^)(?P<lead>(?:[^\S\n]|{_COLOUR})*)::|#(?P<mark>#)(?=\w*\[)"
_HARMFUL = re.compile(rf"{_ANNOTATION}|{_COMMAND}|(?P<colour>{_COLOUR}|{_LINK})|[^\n\t -~]")


def escape(text: str) -> str:
    """Return text in which nothing can move a cursor, set a colour or end a line."""
    return text if text.isascii() and text.isprintable() else "".join(map(visible, text))


def harmless(text: str, colour: bool = False, annotations: bool = False) -> str:
    """Return lines that neither a terminal nor a CI obeys, whatever is in them.

    Nothing but our own `colour`, with links, and `annotations` is left of what could be: who
    writes these sees to it that no other line can begin like one. What is written instead means the
    same in JSON and TOML. A line that must not become two has to be escaped before.
    """

    def shown(match: re.Match[str]) -> str:
        if match["annotation"] is not None:
            return match[0] if annotations else f"\\u003a{match[0][1:]}"
        if match["lead"] is not None:
            return _HARMFUL.sub(shown, match["lead"]) + "\\u003a:"
        if match["mark"] is not None:
            return "#\\u0023"
        if match["colour"] is not None and colour:
            return match[0]
        return "".join(map(visible, match[0]))

    return _HARMFUL.sub(shown, text)


def link_to(url: str) -> str:
    """Return what begins a link to a page of ours in a terminal, or ends one, given no page."""
    return f"\x1b]8;;{url}\x1b\\"


def visible(char: str) -> str:
    """Return a character, or an escape for one that is not shown as itself."""
    if unicodedata.category(char) not in _UNSAFE:
        return char
    if char in "\n\r\t":
        return {"\n": "\\n", "\r": "\\r", "\t": "\\t"}[char]
    number = ord(char)
    if 0xDC80 <= number <= 0xDCFF:
        # A byte of a file name that is not UTF-8.
        return f"\\x{number - 0xDC00:02x}"
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
