"""What expressions stand for: names, attributes, calls and annotations, across modules.

`resolver` says which question each expression is, the rooms beside it answer those: `names`,
`parameters`, `attributes`, `elements`, `calls`, and `typed` for what vocabularies say.
"""

from __future__ import annotations

from bedev_lint.program.resolve.calls import SUPER
from bedev_lint.program.resolve.resolver import Resolver

__all__ = ["SUPER", "Resolver"]
