"""Pages that need nothing else, not even a network: a file of HTML that lies here, with data."""

from __future__ import annotations

import base64
import hashlib
import json
from importlib import resources
from typing import Any

__all__ = ["filled"]


def filled(name: str, data: dict[str, Any]) -> str:
    """Return the page of this name; `{data}` in its script becomes the data, as JSON.

    Nothing but that script may run in it: `{script}` becomes the digest that says so.
    """
    page = resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
    script = page.partition("<script>")[2].partition("</script>")[0]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    before, after = page.replace("{script}", f"'sha256-{digest}'").split("{data}")
    return before + _embedded(data) + after


def _embedded(data: dict[str, Any]) -> str:
    """Return JSON that can stand in a script element: no character of it ends that."""
    text = json.dumps(data, separators=(",", ":"))
    for char in "<>&#":  # `#` for who reads it in the log of a CI
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text
