"""`contextlib.suppress` with `Exception` or wider: every error of the block is lost."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from bedev_lint.model import Options
from bedev_lint.source import BROAD
from bedev_lint.syntax import Finding, Module, visits
from bedev_lint.syntax.handlers import expand


@visits(cst.Call)
def check(call: cst.Call, module: Module, options: Options) -> Iterator[Finding]:
    if module.qualified(call.func) != "contextlib.suppress":
        return
    broad = [name for arg in call.args for name in expand(arg.value, module) if name in BROAD]
    if broad:
        yield Finding(call, fields={"suppressed": broad[0]})
