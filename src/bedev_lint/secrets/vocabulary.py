"""The words and forms of secrets: options of the rules about them, read once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from bedev_lint.linear import Pattern
from bedev_lint.model import Options
from bedev_lint.options import compiled, patterns, remembered, texts

__all__ = ["SecretNames", "SecretValues", "secret_names", "secret_values"]

_NAMES = (
    "secret-words", "key-owners", "other-keys", "glued-names", "other-passes", "public-words",
    "refused-words", "stand-in-words", "other-tokens", "parsed-tokens", "action-words",
    "sample-words", "secret-names",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class SecretNames:
    """The words of secret-like names, options of the rule, which says more.

    `clearing` are words that make a name one of something else wherever they stand, `beginning`
    where they stand first; `endings` are those that a project adds, written like `pin_code`.
    """

    words: frozenset[str]
    key_owners: frozenset[str]
    other_keys: frozenset[str]
    glued: tuple[Pattern, ...]
    other_passes: frozenset[str]
    other_tokens: frozenset[str]
    parsed_tokens: frozenset[str]
    clearing: frozenset[str]
    beginning: frozenset[str]
    endings: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class SecretValues:
    """The words and forms of what is bound to a secret-like name, options of the rule.

    `placeholders` match whole values that mark the place of a secret, or are no secret; `refused`
    are words in the name of a list of those that anybody guesses.
    """

    names: SecretNames
    kinds: frozenset[str]
    shared: frozenset[str]
    issued: frozenset[str]
    held: frozenset[str]
    settings: frozenset[str]
    stand_ins: frozenset[str]
    published: frozenset[str]
    absent: frozenset[str]
    nothing: frozenset[str]
    about: frozenset[str]
    phrase: frozenset[str]
    weak: frozenset[str]
    refused: frozenset[str]
    placeholders: tuple[Pattern, ...]
    connection_secrets: tuple[str, ...]
    connection_settings: tuple[str, ...]


def secret_names(options: Options) -> SecretNames:
    """Return the words of secret-like names by these options; the same for equal ones."""
    return _names(options, "secret-words")


def secret_values(options: Options) -> SecretValues:
    """Return the words and forms of secrets by these options."""
    return _values(options, "weak-secrets")


@remembered
def _names(options: Options, _key: str) -> SecretNames:
    return _made(tuple(texts(options, key) for key in _NAMES))


@lru_cache(maxsize=16)
def _made(lists: tuple[tuple[str, ...], ...]) -> SecretNames:
    texts_of = dict(zip(_NAMES, lists, strict=True))

    def listed(*keys: str) -> frozenset[str]:
        return frozenset(text for key in keys for text in texts_of[key])

    return SecretNames(
        listed("secret-words"),
        listed("key-owners"),
        listed("other-keys"),
        tuple(map(compiled, texts_of["glued-names"])),
        listed("other-passes"),
        listed("other-tokens"),
        listed("parsed-tokens"),
        listed("public-words", "refused-words", "stand-in-words"),
        listed("action-words", "sample-words"),
        texts_of["secret-names"],
    )


@remembered
def _values(options: Options, _key: str) -> SecretValues:
    def listed(key: str) -> frozenset[str]:
        return frozenset(texts(options, key))

    blank = ("placeholder-phrases", "placeholders", "publishable")
    return SecretValues(
        secret_names(options),
        listed("secret-kinds"),
        listed("shared-secrets"),
        listed("issued-secrets"),
        listed("held-secrets"),
        listed("setting-words"),
        listed("default-secrets"),
        listed("published-keys"),
        listed("absent-words"),
        listed("no-secrets"),
        listed("secret-attributes"),
        listed("phrase-words"),
        listed("weak-secrets"),
        listed("refused-list-words"),
        tuple(pattern for key in blank for pattern in patterns(options, key)),
        texts(options, "connection-secrets"),
        texts(options, "connection-settings"),
    )
