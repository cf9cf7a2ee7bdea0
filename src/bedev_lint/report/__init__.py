"""What is printed: one file per output format, each a pure `render(diagnostics, page) -> str`."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bedev_lint.model import Diagnostic
    from bedev_lint.report.text import Page

__all__ = ["FORMATS", "Format", "Render", "renderer"]


class Format(NamedTuple):
    """What else there is to know of a format: who reads it.

    `counts` says that it holds the counts of `--statistics`, `is_obeyed` that a CI obeys commands
    in it, `is_page` that it is for a browser and not for a terminal, and `has_edits` that it says
    what a fix changes.
    """

    counts: bool = False
    is_obeyed: bool = False
    is_page: bool = False
    has_edits: bool = False


class Render(Protocol):
    """Makes the text of a report: a function of nothing but what it is given."""

    def __call__(self, diagnostics: Sequence[Diagnostic], page: Page) -> str: ...


# A format is the module of its name, which has a function `render`.
FORMATS = {
    "full": Format(counts=True),
    "concise": Format(counts=True),
    "json": Format(counts=True, has_edits=True),
    "jsonl": Format(has_edits=True),
    "sarif": Format(has_edits=True),
    "github": Format(is_obeyed=True),
    "gitlab": Format(),
    "junit": Format(),
    "rdjson": Format(),
    "markdown": Format(),
    "html": Format(is_page=True),
}


def renderer(name: str) -> Render:
    """Return what makes a report of a format. Raises KeyError for an unknown one."""
    if name not in FORMATS:
        raise KeyError(name)
    return cast("Render", import_module(f"{__name__}.{name}").render)
