"""What value may be a secret, and what only marks the place of one."""

from __future__ import annotations

import re

from bedev_lint.names import words
from bedev_lint.secrets.names import is_key_of_api, is_secret_name, own_word, without_numbers
from bedev_lint.secrets.vocabulary import SecretValues

__all__ = [
    "folded",
    "is_credential",
    "is_made_of_words",
    "is_numbered",
    "is_placeholder",
    "is_random",
    "is_variable",
]

_PLACEHOLDER = re.compile(
    r"""
      <[^<>]*>                                          # <password>
    | \$\{[^{}]*\} | \$\([^()]*\) | \$[A-Za-z_]\w*      # ${X}, $(x), $X
    | \(\([\w./:-]+\)\)                                 # ((x)), of a pipeline
    | \{\{.*\}\} | \{%.*%\} | \{[\w.!:\[\]'"]*\}        # {{ x }}, {x}
    | %\([^()]*\)[sdr] | %[sdr] | %[A-Z_]{3,}%          # %(x)s, %X%
    | \[[A-Za-z _-]+\] | @[A-Za-z_-]+@ | __[A-Z_]+__    # [password], @password@, __PASSWORD__
    | .*(?:x{4,}|\*{3,}|\.{3}|…|•).*                     # sk-xxxx, ****, abc...
    | (?:[a-z]{2,8}[-_]){0,3}(?:xxx?[-_ ]?)+            # xxx, tok_live_xxx
    | (?P<mark>[^\w\s]+)(?-i:[A-Z_ ]+)(?P=mark)             # //NONE//, --UNSET--
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_TEMPLATE = re.compile(
    r"\{\{|\{%|\{[A-Za-z_][\w.]*\}|\$\{|%\(\w+\)|%s|<[a-z][\w -]*>", re.IGNORECASE
)
_REGEX = re.compile(
    r"\\[dwsbDWSB.]|\(\?|\[\^|\.[*+]|\[[A-Za-z0-9]-[A-Za-z0-9]|^\^.*\$$"
    r"|\[[^\[\]\s]{1,99}(?:a-z|A-Z|a-f|A-F|0-9)[^\[\]\s]{0,99}\]"
)
_PATH = re.compile(
    r"(?:~|\.{1,2}|[A-Za-z]:)?[\\/][\w. -]+(?:[\\/][\w. -]*)*"
    r"|[a-z0-9_.-]+(?:/[a-z0-9_.*-]+)+/?"
    r"|[\w./ -]+\.(?:json|pem|key|crt|txt|ya?ml|toml|ini|env|html?|py|js|p12|pfx|jks)"
)
# `eip155:1/erc20:0x8f3c…`, `acct:shop/orders`: what something is called, wherever it is.
_REFERENCE = re.compile(r"[a-z][a-z0-9+.-]*:[^\s/:]+/\S+")
_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z_]*(?:[-.:/][A-Za-z_]+)*")
# `OAUTH2_CLIENT_ID`: digits are part of a word, as in the name of a variable.
_VARIABLE = re.compile(r"[A-Z]+[0-9]{0,2}(?:_[A-Z]*[0-9]{0,2})+")
_OBJECT = re.compile(r"[a-z]+(?:-[a-z]+){2,}")
_HOLDER = re.compile(r"[a-z][a-z0-9]{2,}(?:-[a-z0-9]+){0,8}")
_NUMBERED = re.compile(r"[A-Za-z]{3,}[-_]?[0-9]{1,3}")
# What must be so for something: `provider=bank`.
_CONDITION = re.compile(r"[a-z]+(?:_[a-z]+)*=[a-z]+(?:_[a-z]+)*")
# What people choose may be shorter than what is made.
_SHORTEST, _SHORTEST_PASSWORD = 4, 3
_SPELLINGS = ("password", "passwd", "pwd", "pass")
_PASSWORDS = (*_SPELLINGS, "passphrase")
_WORDS_ONLY = re.compile(r"[A-Za-z]+(?:[-_ ][A-Za-z]+)*")
# Credentials are two things: of one text of words it is told which ones, `shop-reader`.
_WHICH = re.compile(r"[A-Za-z]+(?:[-_][A-Za-z]+)+")


def folded(text: str) -> str:
    """Return only the letters and digits of a text, in lower case."""
    return "".join(character for character in text.lower() if character.isalnum())


def is_placeholder(value: str, values: SecretValues) -> bool:
    """Return whether a value only marks the place of a secret: empty, `<x>`, `xxx`, `****`."""
    text = value.strip()
    plain = folded(text)
    if not plain or len(set(text)) == 1 or plain in values.nothing:
        return True
    if _PLACEHOLDER.fullmatch(text) or "\0" in text:
        return True
    return any(pattern.fullmatch(text) for pattern in values.placeholders)


def is_credential(
    value: str,
    name: str,
    values: SecretValues,
    *,
    compared: bool = False,
    looked_up: bool = False,
) -> bool:
    """Return whether a value bound to a secret-like name is a secret that somebody could use.

    `compared` says that it is only compared with what has the name, `looked_up` that it is used
    where what has the name is not set.
    """
    text = value.strip()
    shortest = _SHORTEST_PASSWORD if own_word(name).endswith(_PASSWORDS) else _SHORTEST
    if len(text) < shortest or is_placeholder(text, values):
        return False
    if folded(text) in values.about or _is_foreign(text):
        return False
    if "://" in text or _TEMPLATE.search(text) or _REGEX.search(text) or _PATH.fullmatch(text):
        return False
    if (
        _spells(text, name)
        or _tells_of_none(text, name, values)
        or _names_something(text, name, values)
        or _speaks_of(text, name, values)
    ):
        return False
    parts = without_numbers(words(name))
    if parts[-1:] and parts[-1].endswith("token") and not "".join(parts).endswith("authtoken"):
        return not _REFERENCE.fullmatch(text) and (
            _is_shaped(text, values)
            or _is_sentence(text, values)
            or (looked_up and _is_agreed(text, name, values))
        )
    # Nobody chooses the key of a provider's API: a word is only told to who wants one for form.
    if is_key_of_api(parts) and (
        text in values.published
        or not (text.isdigit() or _is_shaped(text, values) or _is_chosen(text, values))
    ):
        return False
    # `if api_key == "disabled"` asks for a state, `== "letmein"` opens a back door.
    return not compared or _looks_random(text, values) or " " in text


def is_variable(text: str) -> bool:
    """Return whether a text has the form of the name of a variable: `DB_PASSWORD`, `PGUSER`."""
    return text.isupper() and (
        _VARIABLE.fullmatch(text) is not None or _IDENTIFIER.fullmatch(text) is not None
    )


def is_numbered(text: str) -> bool:
    """Return whether a text is a word with a number, as the names of methods are: `sha-256`."""
    return _NUMBERED.fullmatch(text) is not None


def is_random(value: str, values: SecretValues) -> bool:
    """Return whether a value is a secret by its looks alone, whatever its name."""
    return _looks_random(value.strip(), values)


def is_made_of_words(value: str) -> bool:
    """Return whether a value is of letters alone: `secret`, `admin-secret`."""
    return _WORDS_ONLY.fullmatch(value.strip()) is not None


def _is_shaped(text: str, values: SecretValues) -> bool:
    """Return whether a text has the shape of a token."""
    if len(text) < 8 or any(character.isspace() for character in text):
        return False
    has_digit = any(character.isdigit() for character in text)
    letters = sum(character.isalpha() for character in text)
    if has_digit and letters:
        return True
    is_one = letters == len(text) or not values.phrase.isdisjoint(words(text))
    return (letters >= 20 and is_one) or (len(text) >= 20 and not letters)


def _is_phrase(text: str, values: SecretValues) -> bool:
    return folded(text) in values.weak or not values.phrase.isdisjoint(words(text))


def _is_chosen(text: str, values: SecretValues) -> bool:
    """Return whether somebody has made up a text for a key: more than the one word `local`."""
    return folded(text) in values.weak or (len(words(text)) > 1 and _is_phrase(text, values))


def _is_sentence(text: str, values: SecretValues) -> bool:
    """Return whether a text consists of words that only a phrase has: `this-is-my-dev-secret`."""
    return sum(word in values.phrase for word in words(text)) > 2


def _is_agreed(text: str, name: str, values: SecretValues) -> bool:
    """Return whether a text is a phrase that both sides have for a token: `some-shared-phrase`.

    What says that it is none or names itself, `not-a-token`, only stands where one belongs.
    """
    parts = words(text)
    return (
        len(parts) > 2
        and " " not in text
        and {"no", "not", own_word(name)}.isdisjoint(parts)
        and _is_phrase(text, values)
    )


def _is_foreign(text: str) -> bool:
    """Return whether a text has letters that secrets do not have, and labels do."""
    return not text.isascii() and any(one.isalpha() and not one.isascii() for one in text)


def _spells(text: str, name: str) -> bool:
    """Return whether a value spells the name that it is bound to, or its last words.

    `secret_key = "SECRET-KEY"`, `db_pass = "password"`, `secret_api_key = "secret-key"`; in a
    namespace too, `access_token = "OAUTH1:access_token"`; or what a key is for:
    `user_signing_key = "user_signing"`, `user_secret_key = "_user_secret"`.
    """
    within = text.rpartition(":")[2]
    text = within if within.isidentifier() else text
    plain = folded(text)
    parts = words(name)
    own = {"".join(parts[start:]).removesuffix("s") for start in range(len(parts))}
    spelled = words(text)
    if plain in _SPELLINGS and parts[-1:] and parts[-1].endswith(_SPELLINGS):
        return True
    if spelled[-1:] == parts[-1:] and "".join(spelled) == plain and set(spelled) <= set(parts):
        return True
    is_for = parts[-1:] == ("key",) and len(parts) > 2 and spelled == parts[:-1]
    return plain.removesuffix("s") in own or (
        is_for and ("secret" not in spelled or text.startswith("_"))
    )


def _tells_of_none(text: str, name: str, values: SecretValues) -> bool:
    """Return whether a value says of its own name, or its last words, that there is none.

    `MISSING_SHOP_SECRET`, `secret-key-unset`.
    """
    parts = words(text)
    split = ((parts[:1], parts[1:]), (parts[-1:], parts[:-1]))
    return any(
        own and not values.absent.isdisjoint(word) and _spells("_".join(own), name)
        for word, own in split
    )


def _names_something(text: str, name: str, values: SecretValues) -> bool:
    """`api_token = "github.token"`, `PASSWORD = "password_reset"`: a key, not what it opens."""
    if is_variable(text) and is_secret_name(text, values.names) and not _is_sentence(text, values):
        return True  # PGPASSWORD, SHOP_OAUTH2_CLIENT_SECRET
    if _VARIABLE.fullmatch(text) and values.phrase.isdisjoint(words(text)):
        if words(text)[-1] in values.settings:
            return True  # SHOP_ACCOUNT_ID
    if _names_holder(text, words(name), values) or _stands_for(text, words(name), values):
        return True
    if own_word(name) == "credential" and _WHICH.fullmatch(text) and not _is_phrase(text, values):
        return True
    if _CONDITION.fullmatch(text):
        return True
    if text.isidentifier() and _holds_name(words(text), words(name), values):
        return True
    if not _IDENTIFIER.fullmatch(text):
        return False
    parts = words(text)
    if text.islower() and {"_", "."} <= set(text) and {"-", ":", "/"}.isdisjoint(text):
        return True  # a permission, a setting, a task: `orders.change_price`
    if len(parts) < 2:
        return False
    if is_secret_name(text, values.names) and ("." in text or text.startswith(("X-", "x-"))):
        return True
    if len(re.findall(r"[.:]", text)) >= (1 if words(name)[-1:] == ("token",) else 2):
        return True
    if _is_issued_for(parts, words(name), values):
        return True
    own = own_word(name)
    # An object of a cluster is called `shop-database-secret`.
    is_object = (
        _OBJECT.fullmatch(text) is not None
        and parts[-1].removesuffix("s") == own
        and values.shared.isdisjoint(words(name))
    )
    others = set(parts) - {own} if is_object else parts
    return own in folded(text) and values.phrase.isdisjoint(others)


def _holds_name(text: tuple[str, ...], name: tuple[str, ...], values: SecretValues) -> bool:
    """Return whether a value is a name of three words or more with others put in, or left out.

    `SHOP_TOKEN_SECRET = "shop_personal_token_secret"`, `SHOP_SECRET_ACCESS_KEY =
    "shop_access_secret"`: a key.
    """
    if len(text) > 2 and set(text) <= set(name):
        return True
    others = set(text).difference(name)
    return (
        len(name) > 2
        and text[-1:] == name[-1:]
        and len(text) == len(others) + len(name)
        and values.phrase.isdisjoint(others)
    )


def _names_holder(text: str, name: tuple[str, ...], values: SecretValues) -> bool:
    """Return whether a value is that of an object of a cluster: `tls_secret = "shop-tls"`."""
    return (
        name[-1:] == ("secret",)
        and not values.held.isdisjoint(name)
        and _HOLDER.fullmatch(text) is not None
        and sum(character.isdigit() for character in text) < 4
    )


def _stands_for(text: str, name: tuple[str, ...], values: SecretValues) -> bool:
    """Return whether a value is its own name behind a word such as `default`.

    Of a token, or a key of an API: `shop_token = "default_shop_token"` lets nobody in, nor does
    `token = "default_token_for_orders"`, though a password `default_password` does.
    """
    parts = words(text)
    if not (name[-1:] == ("token",) or is_key_of_api(name)) or parts[0] not in values.stand_ins:
        return False
    own, behind = parts[1 : len(name) + 1], parts[len(name) + 1 :]
    return own == name and (behind[:1] == ("for",) or (len(name) > 1 and not behind))


def _is_issued_for(text: tuple[str, ...], name: tuple[str, ...], values: SecretValues) -> bool:
    """Return whether a value ends as its name does, in `client_secret`, behind who issues that.

    A provider does not let anybody in with `bank_client_secret`, though it looks like a phrase.
    """
    start = next((at for at in reversed(range(len(name))) if name[at] in values.issued), len(name))
    own = name[start:]
    issuer = text[: -len(own)]
    return text[-len(own) :] == own and len(issuer) == 1 and values.phrase.isdisjoint(issuer)


def _speaks_of(text: str, name: str, values: SecretValues) -> bool:
    """`"Enter your password"`, `"Passwords do not match."`: shown to people."""
    if " " not in text:
        return False
    parts = words(text)
    if len(parts) < 2:
        return False
    if text[-1] in ".!?:" and len(parts) > 2 and text[0].isupper():
        return True
    # "Access token from Settings > Accounts": a sentence that names what belongs here.
    if text[0].isupper() and len(parts) > 2 and not values.kinds.isdisjoint(parts):
        return True
    own = own_word(name)
    return (
        (own in parts or own + "s" in parts)
        and (text[0].isupper() or values.phrase.isdisjoint(parts))
        and _WORDS_ONLY.fullmatch(text.rstrip(".!?:")) is not None
    )


def _looks_random(text: str, values: SecretValues) -> bool:
    if folded(text) in values.weak:
        return True
    if " " in text:
        return False
    has_digit = any(character.isdigit() for character in text)
    has_letter = any(character.isalpha() for character in text)
    if has_digit and has_letter and len(text) >= 6:
        return True
    if has_digit and not has_letter:
        return text.isdigit() or len(folded(text)) >= 8
    return len(text) >= 12 and (
        not _IDENTIFIER.fullmatch(text) or not values.phrase.isdisjoint(words(text))
    )
