"""Under what names literals stand, as far as Python's own trees tell, before there are others.

What `syntax.literals` and `syntax.environment` say of LibCST's, or more than that, but never less.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import lru_cache, partial
from itertools import chain, groupby, islice
from operator import attrgetter

from bedev_lint.model import Options
from bedev_lint.prefilter.index import MANY, PrefilterIndex
from bedev_lint.search import naming
from bedev_lint.secrets import SecretNames, may_name_secret, may_name_secrets, secret_names
from bedev_lint.source import Rows, below, constant_text, parted, rows_of, words_in

__all__ = ["DEFAULTS", "where_bound", "where_default"]

# What a default is called where it is given.
DEFAULTS = frozenset({"default", "default_factory", "default_value", "fallback", "factory"})

Names = tuple[str, ...]
Holds = Callable[[str, str], bool]
# Under what names the nodes in a node stand that stands under some; None if under the same.
Inner = Callable[[ast.AST, Names], list[tuple[ast.AST, Names]] | None]
# The names that expressions end in, as far as they may matter.
NamesOf = Callable[..., Names]


def where_bound(index: PrefilterIndex, options: Options, holds: Holds) -> Iterator[Rows]:
    """Return where `bound_to` may give a literal a name so that it `holds(name, text)`."""
    secrets = secret_names(options)
    inner = partial(_bound, names_of=partial(_names_of, secrets=secrets))
    return _where(index, secrets, (), inner, holds)


def where_default(index: PrefilterIndex, options: Options, holds: Holds) -> Iterator[Rows]:
    """Return where `default_of` may give a literal a name so that it `holds(name, text)`."""
    secrets = secret_names(options)
    names_of = partial(_names_of, secrets=secrets)
    looked_up = index.known_as(lambda value: _read(value, names_of, {}), _spine)
    inner = partial(_default, names_of=names_of, looked_up=looked_up)
    return _where(index, secrets, looked_up, inner, holds)


def _where(
    index: PrefilterIndex,
    secrets: SecretNames,
    aliases: Collection[str],
    inner: Inner,
    holds: Holds,
) -> Iterator[Rows]:
    statements, texts, speaking = _statements(index, secrets)
    for number in sorted(speaking | naming(texts, aliases)):
        node, rows = statements[number]
        if any(_may_hold(names, text, holds) for text, names in _under(node, inner)):
            # What comes of a comparison is said in the body.
            yield rows_of(node) if isinstance(node, ast.If) else rows


def _may_hold(names: Names, text: str, holds: Holds) -> bool:
    return len(names) > MANY or any(holds(name, text) for name in names)


def _few(*names: Iterable[str]) -> Names:
    """Return all of these names, or as many as tell that they are many."""
    return tuple(islice(chain(*names), MANY + 1))


@lru_cache(maxsize=1)  # two rules ask the same of a module
def _statements(
    index: PrefilterIndex, secrets: SecretNames
) -> tuple[list[tuple[ast.AST, Rows]], list[str], set[int]]:
    """Return the statements with literals, their texts, and which of them may name a secret."""
    with_strings: list[tuple[ast.AST, Rows]] = []
    texts: list[str] = []
    for node, group in groupby(index.texts, attrgetter("node")):
        strings = list(group)
        if not strings[0].is_statement:
            with_strings.append((node, strings[0].rows))
            # Also as Python reads it, where it is put together.
            texts.append("\n".join([index.written(strings[0].rows), *(t.value for t in strings)]))
    return with_strings, texts, may_name_secrets(texts, secrets)


def _under(statement: ast.AST, inner: Inner) -> Iterator[tuple[str, Names]]:
    """Return the texts of a statement itself, each with the names that it stands under."""
    stack = inner(statement, ()) or [(node, ()) for node in parted(statement)[1]]
    while stack:
        node, names = stack.pop()
        text = constant_text(node)
        if text is not None:
            yield text, names
        else:
            stack += inner(node, names) or ((child, names) for child in below(node))


# ---------------------------------------------------------------- bound


def _bound(node: ast.AST, names: Names, *, names_of: NamesOf) -> list[tuple[ast.AST, Names]] | None:
    if isinstance(node, ast.Assign):
        return [(node.value, names_of(*node.targets))]
    if isinstance(node, (ast.AnnAssign, ast.AugAssign, ast.NamedExpr)):
        return [(child, names_of(node.target)) for child in below(node)]
    if isinstance(node, ast.keyword):
        return [(node.value, (node.arg,) if node.arg else ())]
    if isinstance(node, ast.Dict):
        return [
            *((key, ()) for key in node.keys if key),
            *zip(node.values, map(names_of, node.keys), strict=True),
        ]
    if isinstance(node, ast.arguments):
        return [*((arg, ()) for arg in below(node)), *_defaults(node)]
    if isinstance(node, ast.Compare):
        compared = names_of(node.left, *node.comparators)
        return [(child, compared) for child in (node.left, *node.comparators)]
    if isinstance(node, (ast.BoolOp, ast.IfExp)):
        around = _few(names, names_of(*below(node)))
        return [(child, around) for child in below(node)]
    if isinstance(node, ast.Call):  # what it is called with may be compared there
        others = names_of(*node.args, *(keyword.value for keyword in node.keywords))
        under = _few(names, others)
        return [
            *((arg, under) for arg in node.args),
            *((child, names) for child in (node.func, *node.keywords)),
        ]
    return None


def _defaults(node: ast.arguments) -> Iterator[tuple[ast.AST, Names]]:
    plain = [*node.posonlyargs, *node.args]
    for arg, default in [
        *zip(reversed(plain), reversed(node.defaults), strict=False),
        *zip(node.kwonlyargs, node.kw_defaults, strict=True),
    ]:
        if default is not None:
            yield default, (arg.arg,)


def _names_of(*nodes: ast.AST | None, secrets: SecretNames) -> Names:
    """Return the names that expressions end in, by `last_name`; of tuples those of their parts.

    Only those that may name a secret.
    """
    names: list[str] = []
    stack: list[ast.AST | None] = [*nodes]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Name):
            names.append(node.id)
        elif isinstance(node, ast.Attribute):
            names.append(node.attr)
        elif isinstance(node, ast.Subscript):
            stack.append(node.slice)
        elif isinstance(node, (ast.Tuple, ast.List)):
            stack += node.elts
        elif isinstance(node, (ast.Starred, ast.FormattedValue)):
            stack.append(node.value)
        elif isinstance(node, ast.JoinedStr):
            stack += node.values
        elif node is not None:
            text = constant_text(node)
            names += [] if text is None else [text]
    return _few({name for name in names if may_name_secret(name, secrets)})


# ---------------------------------------------------------------- a default


def _default(
    node: ast.AST, names: Names, *, names_of: NamesOf, looked_up: dict[str, set[str]]
) -> list[tuple[ast.AST, Names]] | None:
    if isinstance(node, (ast.Assign, ast.AnnAssign)):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return [(child, names_of(*targets)) for child in below(node)]
    if isinstance(node, ast.Call):
        keywords = [keyword.value for keyword in node.keywords]
        variables = _few(names, names_of(*keywords))
        every = _few(variables, names_of(*node.args))
        return [
            (node.func, names),
            *((arg, variables) for arg in node.args[:1]),
            *((arg, every) for arg in node.args[1:]),
            *((word.value, _few(every, [word.arg or ""])) for word in node.keywords),
        ]
    if isinstance(node, (ast.BoolOp, ast.IfExp)):
        under = _few(names, _read(node, names_of, looked_up))
        return [(child, under) for child in below(node)]
    if isinstance(node, ast.Dict) and any(
        key and not DEFAULTS.isdisjoint(words_in(key)) for key in node.keys
    ):
        under = _few(names, *(_read(value, names_of, looked_up) for value in node.values))
        return [(child, under) for child in below(node)]
    return None


def _read(node: ast.AST, names_of: NamesOf, looked_up: dict[str, set[str]]) -> Iterator[str]:
    """Return the names that an expression may look up."""
    if isinstance(node, ast.Name):
        yield from looked_up.get(node.id, ())
    elif isinstance(node, (ast.Subscript, ast.Attribute)):
        yield from names_of(node)
    elif isinstance(node, (ast.BoolOp, ast.IfExp)):
        yield from chain(*(_read(value, names_of, looked_up) for value in below(node)))
    elif isinstance(node, ast.Call):
        yield from names_of(*node.args[:2], *(word.value for word in node.keywords))
        if isinstance(node.func, ast.Attribute):
            yield from _read(node.func.value, names_of, looked_up)


def _spine(node: ast.AST) -> Iterable[str]:
    """Return the names of which a value is one, with methods called on it."""
    if isinstance(node, ast.Name):
        return [node.id]
    if isinstance(node, ast.BoolOp):
        return chain(*map(_spine, node.values))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return _spine(node.func.value)
    return []
