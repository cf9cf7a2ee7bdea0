"""What tests do with the code, and what they leave out: checks of a linked program as a whole."""

from __future__ import annotations

from bedev_lint.testing.checks import lacking
from bedev_lint.testing.coverage import Coverage, Expected
from bedev_lint.testing.untested import place_of

__all__ = ["Coverage", "Expected", "lacking", "place_of"]
