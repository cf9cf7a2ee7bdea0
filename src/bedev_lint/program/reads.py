"""What a result was computed from: it is computed anew when that has changed, and only then."""

from __future__ import annotations

from bedev_lint.program.values import ClassRef, FunctionRef

__all__ = ["Reads"]


class Reads:
    """What of a program has been looked at; or what of it has changed.

    `functions`, `classes`: their facts. `attributes`: what the methods of a class bind to their
    object. `bound`, `sites`: what a name of a module stands for, and what its own code does at a
    site; that code as a whole changes with every new function. `calls`, `methods`, `named`: who
    calls something of a name, which classes have a method or are called so. `above`, `below`:
    the classes above and below one. `effects`, `callers`, `reaching`: what a function does
    itself, who calls it, and which effects it comes to. `later`: whether it is called some other
    time. `silenced`: the suppressions of a module.
    """

    def __init__(self) -> None:
        self.functions: set[FunctionRef] = set()
        self.classes: set[ClassRef] = set()
        self.attributes: set[ClassRef] = set()
        self.bound: set[tuple[int, str]] = set()
        self.sites: set[tuple[int, int]] = set()
        self.calls: set[str] = set()
        self.methods: set[str] = set()
        self.named: set[str] = set()
        self.above: set[ClassRef] = set()
        self.below: set[ClassRef] = set()
        self.effects: set[FunctionRef] = set()
        self.callers: set[FunctionRef] = set()
        self.reaching: set[FunctionRef] = set()
        self.later: set[FunctionRef] = set()
        self.silenced: set[int] = set()

    def tokens(self) -> set[str]:
        """Return all of it in short words without commas."""
        found = set()
        for kind, those in vars(self).items():
            for one in those:
                what = ".".join(map(str, one)) if isinstance(one, tuple) else one
                found.add(f"{kind}:{what}")
        return found
