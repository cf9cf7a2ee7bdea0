"""Texts that begin as a URL does."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bedev_lint.model import Options
from bedev_lint.source import Landmarks, Rows

_BEGIN = re.compile("[a-z][a-z0-9+.-]*://", re.IGNORECASE)


def where(landmarks: Landmarks, _options: Options) -> Iterator[Rows]:
    texts = (text for text in landmarks.texts if "://" in text.value and not text.is_statement)
    return (text.rows for text in texts if _BEGIN.match(text.value))
