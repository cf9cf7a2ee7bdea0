"""Which statuses of responses an expression may be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http import HTTPStatus

from bedev_lint.model import Attr, Either, Expr, Literal, TupleOf, last_name

__all__ = ["statuses_in"]

_STATUS = re.compile(r"(?:HTTP_)?([1-5]\d\d)(?:_[A-Z_]+)?")
_BY_NAME = {status.name: status.value for status in HTTPStatus}


def statuses_in(expr: Expr) -> Iterator[int]:
    """Return the numbers in an expression that are statuses of responses."""
    if isinstance(expr, Literal):
        if expr.kind == "int" and expr.form.isdigit():
            yield int(expr.form)
        for item in expr.items:
            yield from statuses_in(item)
    elif isinstance(expr, TupleOf):
        for item in expr.items:
            yield from statuses_in(item)
    elif isinstance(expr, Either):
        for option in expr.options:
            yield from statuses_in(option)
    elif isinstance(expr, Attr):
        match = _STATUS.fullmatch(expr.name)
        if match is not None:
            yield int(match[1])
        elif last_name(expr.base) in ("HTTPStatus", "codes"):
            status = _BY_NAME.get(expr.name.upper())
            if status is not None:
                yield status
