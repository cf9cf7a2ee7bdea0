"""What an editor shows of a diagnostic: in its list of problems, and where the pointer rests."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from lsprotocol import types
from pygls import uris

from bedev_lint.catalog import Rule
from bedev_lint.escaping import escape
from bedev_lint.model import Diagnostic, Hop, Severity
from bedev_lint.server.analysis import Checked
from bedev_lint.server.positions import Places

__all__ = ["as_diagnostic", "as_hover"]

_SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.INFO: types.DiagnosticSeverity.Information,
}
_CODE = re.compile(r"(`[^`]*`)")
_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|!])")


def as_diagnostic(diagnostic: Diagnostic, rule: Rule, places: Places) -> types.Diagnostic:
    """Return a diagnostic of the protocol, with a link to each hop of its path."""
    return types.Diagnostic(
        range=places.first_row(diagnostic.filename, diagnostic.span),
        message=f"{diagnostic.message}\n{diagnostic.help}".strip(),
        severity=_SEVERITIES[diagnostic.severity],
        code=diagnostic.code,
        code_description=types.CodeDescription(rule.url) if rule.url else None,
        source="bedev-lint",
        tags=[types.DiagnosticTag.Unnecessary] if rule.name == "unused-suppression" else None,
        related_information=list(_related(diagnostic, places)) or None,
    )


def _related(
    diagnostic: Diagnostic, places: Places
) -> Iterator[types.DiagnosticRelatedInformation]:
    own = diagnostic.filename
    related = [
        *((hop.filename, hop.location, hop.function) for hop in diagnostic.path),
        *((own, location, "also here") for location in diagnostic.also_at),
        *(
            (hop.filename, hop.location, f"reached from {hop.function}")
            for hop in diagnostic.reached_from
        ),
    ]
    for path, location, message in related:
        target = types.Location(_uri(path), places.point(path, location))
        yield types.DiagnosticRelatedInformation(target, message)


# ------------------------------------------------------------------ hovers


def as_hover(diagnostics: Iterable[Diagnostic], checked: Checked) -> types.Hover:
    """Return what explains diagnostics of a document that has been checked."""
    explained = ("\n\n".join(_explained(each, checked)) for each in diagnostics)
    text = "\n\n---\n\n".join(explained)
    return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, text))


def _explained(diagnostic: Diagnostic, checked: Checked) -> Iterator[str]:
    rule = checked.rules[diagnostic.code]
    name = f"{rule.code} {rule.name}"
    yield f"**{f'[{name}]({rule.url})' if rule.url else name}**: {_plain(diagnostic.message)}"
    if diagnostic.path:
        yield "\n".join(
            f"{number}. {_code(hop.function)} in {_link(hop, checked.root)}"
            for number, hop in enumerate(diagnostic.path, start=1)
        )
    if rule.why:
        yield rule.why.strip()
    if diagnostic.help:
        yield f"*{_plain(diagnostic.help)}*"


def _link(hop: Hop, root: Path) -> str:
    path = Path(hop.filename)
    shown = path.relative_to(root) if root in path.parents else path
    row = hop.location.row
    return f"[{_plain(f'{shown.as_posix()}:{row}')}]({_uri(hop.filename)}#L{row})"


def _uri(path: str) -> str:
    return uris.from_fs_path(os.fspath(path)) or ""


def _code(text: str) -> str:
    return f"`{escape(text).replace('`', '')}`"


def _plain(text: str) -> str:
    """Return Markdown that shows a message: code in backticks stays code, all else is text."""
    return "".join(
        part if _CODE.fullmatch(part) else _MARKUP.sub(r"\\\1", part)
        for part in _CODE.split(escape(text))
    )
