"""Rows on which `suppress` stands, or a name that the module gives to it."""

from __future__ import annotations

from collections.abc import Iterator

from bedev_lint.model import Options
from bedev_lint.source import Landmarks, Rows


def where(landmarks: Landmarks, _options: Options) -> Iterator[Rows]:
    return landmarks.rows_with("suppress")
