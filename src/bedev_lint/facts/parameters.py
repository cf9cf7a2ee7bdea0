"""The parameters of functions: `ast` → `model.Param`."""

from __future__ import annotations

import ast

from bedev_lint.facts.annotations import Reader, read_type
from bedev_lint.facts.constant_tags import sentinel, tag
from bedev_lint.facts.recorder import Recorder
from bedev_lint.model import Param, ParamKind

__all__ = ["parameters"]


def parameters(args: ast.arguments, record: Recorder, read: Reader) -> tuple[Param, ...]:
    """Return the parameters of a function, whose defaults run where it is defined."""
    plain = [*args.posonlyargs, *args.args]
    defaults = [None] * (len(plain) - len(args.defaults)) + args.defaults
    params = [
        _parameter(param, "positional", default, record, read)
        for param, default in zip(plain, defaults, strict=True)
    ]
    if args.vararg is not None:
        params.append(_parameter(args.vararg, "args", None, record, read))
    params += [
        _parameter(param, "keyword", default, record, read)
        for param, default in zip(args.kwonlyargs, args.kw_defaults, strict=True)
    ]
    if args.kwarg is not None:
        params.append(_parameter(args.kwarg, "kwargs", None, record, read))
    return tuple(params)


def _parameter(
    param: ast.arg, kind: ParamKind, default: ast.expr | None, record: Recorder, read: Reader
) -> Param:
    return Param(
        param.arg,
        kind,
        None if param.annotation is None else read_type(param.annotation, record, read),
        None if default is None else read(default, record),
        tag(default, record.key) or sentinel(default, record.key),
    )
