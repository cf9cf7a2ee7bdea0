"""`run` gets `check=True`; `call` becomes `check_call`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bedev_lint.deferred import cst
from bedev_lint.deferred.editing import replacing
from bedev_lint.fixer import on_nodes
from bedev_lint.model import Diagnostic, Options

if TYPE_CHECKING:
    from bedev_lint.syntax import Module

_RUN, _CALL = "subprocess.run", "subprocess.call"


def _can_check(diagnostic: Diagnostic, _options: Options) -> bool:
    return f"`{_RUN}`" in diagnostic.message or f"`{_CALL}`" in diagnostic.message


@on_nodes("Call", message="Raise an error unless the exit status is 0", offers=_can_check)
def fix(call: cst.Call, module: Module, _options: Options) -> cst.Module | None:
    called = module.qualified(call.func)
    if called == _CALL and isinstance(call.func, cst.Attribute):
        checking = call.func.with_changes(attr=cst.Name("check_call"))
        return replacing.replaced(module, call.func, checking)
    checked = replacing.with_keyword(call, "check", cst.Name("True")) if called == _RUN else None
    return replacing.replaced(module, call, checked) if checked is not None else None
