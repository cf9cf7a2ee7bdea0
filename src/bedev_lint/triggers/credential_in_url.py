"""Texts in which a password may end."""

from __future__ import annotations

from collections.abc import Iterator

from bedev_lint.model import Options
from bedev_lint.source import Landmarks, Rows


def where(landmarks: Landmarks, _options: Options) -> Iterator[Rows]:
    return (text.rows for text in landmarks.texts if "@" in text.value and not text.is_statement)
