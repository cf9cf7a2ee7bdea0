"""Module → ModuleFacts: what linking needs, with no vocabulary and no text of any literal."""

from bedev_lint.facts.extract import Extracted, Landmarks, Text, extract

__all__ = ["Extracted", "Landmarks", "Text", "extract"]
