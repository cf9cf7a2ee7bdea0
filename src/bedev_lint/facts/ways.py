"""The two ways of an `if`, and what is called on both of them."""

from __future__ import annotations

from typing import Protocol

from msgspec.structs import replace

from bedev_lint.model import Expr, Name, Site

__all__ = ["Ways"]


class _Function(Protocol):
    """A function that is being read, as far as its ways are concerned."""

    sites: list[Site]
    depths: list[int]
    conditions: int
    left: bool


class Ways:
    """The two ways of an `if`: what is called on both of them is called always."""

    __slots__ = ("_began", "_function", "_left", "_other")

    def __init__(self, function: _Function) -> None:
        self._function, self._left = function, function.left
        self._began = self._other = len(function.sites)

    def turn(self) -> None:
        """Say that the second way is read from now on, on which the first has not returned."""
        function = self._function
        self._other = len(function.sites)
        function.left, self._left = self._left, function.left

    def join(self) -> None:
        """Say that both ways have been read; the first call stands for that on the other one."""
        function = self._function
        function.left = function.left or self._left
        depth, depths, sites = function.conditions, function.depths, function.sites
        for index in self._alike():
            depths[index] = depth
            if depth == 0:
                sites[index] = replace(sites[index], always=True)

    def _alike(self) -> list[int]:
        """Return the calls that surely come on the first way, if the same come on the second."""
        first, other = self._calls(self._began, self._other), {}
        if first:
            other = self._calls(self._other, len(self._function.sites))
        return [index for func, index in first.items() if func in other]

    def _calls(self, start: int, end: int) -> dict[Expr, int]:
        """Return the calls of a way that hang on nothing but its condition, by the name called.

        Calls of methods may be of other objects: `db.execute(update)` and `db.execute(insert)`.
        """
        function, depth = self._function, self._function.conditions + 1
        return {
            function.sites[index].func: index
            for index in range(start, end)
            if function.depths[index] == depth
            and function.sites[index].kind == "call"
            and isinstance(function.sites[index].func, Name)
        }
