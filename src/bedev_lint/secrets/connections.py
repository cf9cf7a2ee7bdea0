"""Secrets among the settings of a connection: `host=db password=…`."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from bedev_lint.secrets.values import is_credential
from bedev_lint.secrets.vocabulary import SecretValues

__all__ = ["Setting", "in_connection"]


# What code of another language calls: `password = getItem("password")`. A value ends at a quotation
# mark.
_CALL = re.compile(r"[A-Za-z_$][\w$.]*\((?:[\w$.,]*\)(?:[.)][\w$.()]*)?)?")


class Setting(NamedTuple):
    """A secret among the settings of a connection."""

    name: str
    value: str


def in_connection(text: str, values: SecretValues) -> Setting | None:
    """Return the secret that stands in a connection string: `host=db password=…`."""
    if "=" not in text or not values.connection_secrets:
        return None
    match = _secret(values.connection_secrets).search(text)
    if match is None or ("://" in text and not text.startswith("jdbc:") and ";" not in text):
        return None
    secret = Setting(match["name"], match["value"].strip("'\""))
    if any(mark in secret.value for mark in "{}%<>$\0") or _CALL.fullmatch(secret.value):
        return None
    if not is_credential(secret.value, secret.name, values):
        return None
    # Another setting shows that it is a connection.
    return secret if _setting(values.connection_settings).search(text) else None


@lru_cache(maxsize=8)
def _secret(names: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(
        rf"(?:\A|[;\s?&])(?P<name>{_any(names)})"
        r"[ \t]{0,4}=[ \t]{0,4}(?P<value>'[^'\n]{0,99}'|[^;\s&'\"{]{1,99})",
        re.IGNORECASE,
    )


@lru_cache(maxsize=8)
def _setting(names: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?:\A|[;\s?&:/])(?:{_any(names)})[ \t]{{0,4}}=", re.IGNORECASE)


def _any(names: tuple[str, ...]) -> str:
    return "|".join(map(re.escape, names))
