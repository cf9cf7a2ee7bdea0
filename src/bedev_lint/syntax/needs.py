"""What the program must show of a piece of syntax."""

from __future__ import annotations

from typing import NamedTuple

import libcst as cst

from bedev_lint.model import Proof

__all__ = ["Needed"]


class Needed(NamedTuple):
    """What the program must show for a finding to be told: see `Need`.

    `option` names the option of the rule that lists what is asked for. `within` are the statements
    of which a site must come to such an effect, `names` are the dotted names one of which must
    stand for such a function or class, where the finding is.
    """

    proof: Proof
    option: str
    within: tuple[cst.CSTNode, ...] = ()
    names: tuple[str, ...] = ()
