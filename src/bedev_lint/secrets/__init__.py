"""What a secret-like name is, and what value may be a secret.

The words, in English, are an option set that the rules about secrets share; here is no word.
"""

from __future__ import annotations

from bedev_lint.secrets.connections import Setting, in_connection
from bedev_lint.secrets.names import is_secret_name, may_name_secret, may_name_secrets, own_word
from bedev_lint.secrets.values import (
    folded,
    is_credential,
    is_made_of_words,
    is_numbered,
    is_placeholder,
    is_random,
    is_variable,
)
from bedev_lint.secrets.vocabulary import SecretNames, SecretValues, secret_names, secret_values

__all__ = [
    "SecretNames",
    "SecretValues",
    "Setting",
    "folded",
    "in_connection",
    "is_credential",
    "is_made_of_words",
    "is_numbered",
    "is_placeholder",
    "is_random",
    "is_secret_name",
    "is_variable",
    "may_name_secret",
    "may_name_secrets",
    "own_word",
    "secret_names",
    "secret_values",
]
