"""What a function puts into a list, a set or a dictionary that it has made empty."""

from __future__ import annotations

from bedev_lint.program.resolve.protocol import Resolving
from bedev_lint.program.structure.values import FunctionRef, Object, Value, Values, union

__all__ = ["filled"]

_DICT = "builtins.dict"
_DISPLAYS = frozenset({"builtins.list", "builtins.set", _DICT})


def filled(resolver: Resolving, values: Values, name: str, ref: FunctionRef) -> Values:
    """Return the values of a name, empty displays among them as what a function makes of them."""
    return tuple(
        _filled(resolver, value, name, ref)
        if isinstance(value, Object) and value.of in _DISPLAYS and not value.args
        else value
        for value in values
    )


def _filled(resolver: Resolving, value: Object, name: str, ref: FunctionRef) -> Value:
    is_dict = value.of == _DICT
    put = resolver.project.put_into(ref, name, by_key=is_dict)
    held = union((), *(resolver.evaluate(expr, ref) for expr in put))
    if not held:
        return value
    return Object(value.of, ((), held) if is_dict else (held,))
