"""Module → ModuleFacts: what linking needs, with no vocabulary.

Of literals no text is kept but the names of classes and attributes in class bodies.
"""

from bedev_lint.facts.extract import Extracted, extract

__all__ = ["Extracted", "extract"]
