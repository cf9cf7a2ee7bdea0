"""Steps of migrations that delete all rows of a table by the code that they run."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from bedev_lint.model import Options
from bedev_lint.options import table, texts
from bedev_lint.syntax.handling.handlers import called_name, statements
from bedev_lint.syntax.module import Module

__all__ = ["is_emptied_before"]


def is_emptied_before(step: cst.Call, model: str, module: Module, options: Options) -> bool:
    """Return whether a step before this one deletes all rows of its table.

    `model` is the name of its model in lower case.
    """
    run = set(_run_before(step, module, options))
    return bool(run) and any(
        model in _emptied(function, module, options)
        for function in statements(module.tree)
        if isinstance(function, cst.FunctionDef) and function.name.value in run
    )


def _run_before(step: cst.Call, module: Module, options: Options) -> Iterator[str]:
    """Return the names of the functions that earlier steps run going forwards."""
    running = dict(table(options, "running"))
    for call in module.nodes(cst.Call):
        if call is step:
            return
        keyword = running.get(called_name(call))
        for place, arg in enumerate(call.args if keyword is not None else ()):
            forwards = place == 0 if arg.keyword is None else arg.keyword.value == keyword
            if forwards and isinstance(arg.value, cst.Name):
                yield arg.value.value


def _emptied(function: cst.FunctionDef, module: Module, options: Options) -> Iterator[str]:
    """Return the models of which a function deletes all rows, whatever it finds."""
    for call in module.below(function.body, cst.Call):
        if called_name(call) in texts(options, "deleting") and not _is_conditional(call, module):
            model = _whole(call, options)
            binders = module.bindings(model) if isinstance(model, cst.Name) else ()
            if len(binders) == 1 and isinstance(binders[0], cst.Assign):
                model = binders[0].value
            if isinstance(model, cst.Call):
                yield _looked_up(model, module, options)


def _is_conditional(call: cst.Call, module: Module) -> bool:
    return any(isinstance(above, (cst.If, cst.IfExp)) for above in module.ancestors(call))


def _whole(delete: cst.Call, options: Options) -> cst.BaseExpression | None:
    """Return the model of `Model.objects.all().delete()`, None if some rows are left."""
    rows = delete.func.value if isinstance(delete.func, cst.Attribute) else None
    while isinstance(rows, cst.Call) and called_name(rows) in texts(options, "whole"):
        rows = rows.func.value if isinstance(rows.func, cst.Attribute) else None
    return rows.value if isinstance(rows, cst.Attribute) else None


def _looked_up(call: cst.Call, module: Module, options: Options) -> str:
    """Return the name of a model that is asked for: `apps.get_model("shop", "Order")`."""
    if called_name(call) not in texts(options, "looking-up") or not call.args:
        return ""
    return (module.string(call.args[-1].value) or "").rpartition(".")[2].lower()
