"""How a fix describes itself: how safe it is, what it does, and to which nodes.

Nothing here imports LibCST: whether there is a fix is asked in every run.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from bedev_lint.model import Applicability, Diagnostic, Fix, Options, Span

if TYPE_CHECKING:
    import libcst as cst

    from bedev_lint.syntax import Module, Positions
    from bedev_lint.syntax.editing.regenerating import Regenerator

__all__ = ["Fixer", "Source", "on_nodes", "on_text"]

Rewrite = Callable[["Source", Diagnostic, Options], "str | None"]
Offers = Callable[[Diagnostic, Options], bool]


@dataclass(frozen=True)
class Fixer:
    """Fixes the findings of a rule.

    `rewrite` returns the text of the file with one finding fixed, None if it cannot be. `offers`
    decides by the finding alone whether a fix is likely to be possible.
    """

    fix: Fix
    rewrite: Rewrite
    offers: Offers


class Source:
    """A file to fix: its text, and its tree where one is needed.

    `path` is relative to the project, `codes` are those of all rules. `module` raises Unparsable,
    and Limit for what is too deep.
    """

    def __init__(self, text: str, path: str, codes: Collection[str] = ()) -> None:
        self.text, self.path, self.codes = text, path, codes
        self._spans: dict[tuple[str, ...], list[tuple[Span, cst.CSTNode]]] = {}

    @cached_property
    def module(self) -> Module:
        """The module of the text, whole."""
        from bedev_lint.syntax import Module, parse, trusted_parser

        with trusted_parser():
            tree = parse(self.text)
        return Module(tree, self.text, self.path, "", ast.parse(self.text))

    def node(self, span: Span, *kinds: str) -> cst.CSTNode | None:
        """Return the node of one of these kinds with this span, else one that begins there."""
        starting = [item for item in self._spans_of(kinds) if item[0].start == span.start]
        exact = [node for node_span, node in starting if node_span == span]
        return next((node for node in (*exact, *(node for _, node in starting))), None)

    def code(self, tree: cst.Module) -> str | None:
        """Return the text of a tree that has been changed; None where LibCST loses some of it."""
        return self._regenerator.code(tree)

    @cached_property
    def _regenerator(self) -> Regenerator:
        from bedev_lint.syntax.editing.regenerating import Regenerator

        return Regenerator(self.module)

    def _spans_of(self, kinds: tuple[str, ...]) -> list[tuple[Span, cst.CSTNode]]:
        import libcst as cst

        if kinds not in self._spans:
            nodes = list(self.module.nodes(*(getattr(cst, name) for name in kinds)))
            spans = self._positions.spans(nodes)
            self._spans[kinds] = [(spans[node], node) for node in nodes]
        return self._spans[kinds]

    @cached_property
    def _positions(self) -> Positions:
        from bedev_lint.syntax import Positions

        return Positions(self.module)


def _always(_diagnostic: Diagnostic, _options: Options) -> bool:
    return True


def on_text(message: str, *, is_safe: bool) -> Callable[[Rewrite], Fixer]:
    """Make a fixer of a function that changes the text of a file."""
    applicability = Applicability.SAFE if is_safe else Applicability.UNSAFE
    return lambda rewrite: Fixer(Fix(applicability, message), rewrite, _always)


def on_nodes(
    *kinds: str, message: str, offers: Offers = _always
) -> Callable[[Callable[..., cst.Module | None]], Fixer]:
    """Make an unsafe fixer of a function that changes the tree: `fix(node, module, options)`.

    The function is called with the node of one of these kinds that was reported, and returns the
    new tree, None if it cannot fix it.
    """

    def fixer(change: Callable[..., cst.Module | None]) -> Fixer:
        def rewrite(source: Source, diagnostic: Diagnostic, options: Options) -> str | None:
            node = source.node(diagnostic.span, *kinds)
            tree = None if node is None else change(node, source.module, options)
            return None if tree is None else source.code(tree)

        return Fixer(Fix(Applicability.UNSAFE, message), rewrite, offers)

    return fixer
