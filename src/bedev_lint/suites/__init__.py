"""What tests do with the code, and what they leave out: checks of a linked program as a whole."""

from __future__ import annotations

from bedev_lint.suites.checks import lacking
from bedev_lint.suites.coverage import Coverage, Expected
from bedev_lint.suites.untested import place_of

__all__ = ["Coverage", "Expected", "lacking", "place_of"]
