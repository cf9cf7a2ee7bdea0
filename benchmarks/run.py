"""How fast bedev-lint is beside other linters, on trees that anyone can get.

    python benchmarks/run.py                the whole table
    python benchmarks/run.py --quick        the small tree, one round, no slow peers
    python benchmarks/run.py --only ours,ruff --tree middle --rounds 5

Everything goes into one folder (`--folder`, by default `build/benchmarks`): the trees, from the
package index by pinned version; an environment of the pinned peers; and one with bedev-lint
itself. What is there already is not fetched or installed again. All run in turn on the same
files, and the figures are medians of wall time; memory is the most that all processes of one
run have held together.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tarfile
import threading
import time
import venv
import zipfile
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
PEERS = (
    "bandit==1.9.1",
    "fixit==2.1.0",
    "flake8==7.3.0",
    "flake8-bugbear==25.11.29",
    "pylint==4.0.4",
    "ruff==0.14.8",
    "semgrep==1.145.0",
)
# Sdists hold the tests too; a wheel is taken where there is no other.
TREES = {
    "small": ("plain", ("open-webui==0.6.41",)),
    "middle": ("sdist", ("zulip==0.9.0", "django==5.2.9")),
    "large": ("sdist", ("apache-airflow==2.11.0", "mlflow==3.7.0", "django==5.2.9", "sqlalchemy==2.0.45")),
}
SEMGREP_RULES = """\
rules:
- {id: swallowed, languages: [python], severity: ERROR, message: swallowed, patterns: [{pattern: "try: ...\\nexcept Exception: pass"}]}
- {id: raw-http, languages: [python], severity: ERROR, message: http, pattern: "requests.$F(...)"}
- {id: url, languages: [python], severity: ERROR, message: url, pattern-regex: "https?://[a-z]"}
- {id: secret, languages: [python], severity: ERROR, message: secret, pattern: "password = '...'"}
- {id: sleep, languages: [python], severity: ERROR, message: sleep, pattern: "time.sleep(...)"}
- {id: loop, languages: [python], severity: ERROR, message: loop, pattern: "for $X in $Y: ...\\n"}
"""
"""What the peers that must be told are told to look for: much the same as our default rules."""
