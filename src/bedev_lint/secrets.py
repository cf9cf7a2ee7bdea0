"""What a secret-like name is, and what value may be a secret. English words only, no syntax.

Two rules and more share these lists, so that they cannot come to mean different things.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from bedev_lint.linear import Pattern
from bedev_lint.names import words
from bedev_lint.search import holding

__all__ = [
    "folded",
    "in_connection",
    "is_credential",
    "is_placeholder",
    "is_random",
    "is_secret_name",
    "may_name_secret",
    "may_name_secrets",
]

# What a secret is called in a sentence about it.
_KINDS = frozenset("password passphrase secret token key credential credentials".split())

Patterns = tuple[Pattern, ...]

# A name is secret-like if it ends in one of these, or in `pass` after another word, …
_SECRET_WORDS = frozenset(
    "password passwd pwd passphrase secret token credential credentials".split()
)
# … or in `key` after one of these, also where nobody split the words.
_KEY_OWNERS = frozenset("api secret private access signing encryption".split())
# … unless a word between the two says that it is the key of a table or a store.
_OTHER_KEYS = frozenset(
    "cache sort lookup primary foreign partition route routing group dict session index id name "
    "field map hash object storage s3 sorting order column redis registry config context".split()
)
# Also where nobody split the words.
_RUN_TOGETHER = re.compile(
    r".*(?:password|passwd|passphrase|(?:api|secret|private|access|signing|encryption)key"
    r"|(?:auth|access|api|bot|refresh|secret)token|(?:client|app|api|jwt|shared|consumer|webhook)secret"
    r"|(?:user|db|pg|sql|my|root|admin|smtp|mail|ftp|redis|mongo|ldap)pwd)"
    r"|(?:db|pg|my|mysql|sql|mssql|postgres|smtp|imap|mail|email|ftp|sftp|redis|mongo|rabbit|rabbitmq|amqp"
    r"|admin|user|root|http|proxy|ldap|ssh|sudo|auth|login|svn|git|database|sudo)pass"
)
# A pass that is gone through, or one to get in somewhere with.
_OTHER_PASSES = frozenset(
    "initial second third fourth last next previous run single two three multi one final first "
    "main render compile compiler optimizer forward backward low high band boarding bus season day "
    "guest ski by com sur tres under over tests all full each every test can did does to".split()
)
# What makes it the name of something else: published keys, tokens of a text, of a listing or
# of a model, and names that say what is done with a secret or what is wrong with it.
_PUBLIC = frozenset("public publishable".split())
_OTHER_TOKENS = frozenset(
    "next prev previous page pagination continuation cursor sync split start end stop begin bos "
    "eos pad padding unk unknown mask sep separator cls current first last special delimiter text "
    "word char operator op open close left right expected image video audio cancel cancellation "
    "design marker sentinel keyword literal comment string number".split()
)
# Tokens of parsers and language models, wherever in the name one of these words stands.
_PARSED = frozenset(
    "eos bos pad unk mask stop end termination terminator terminate separator final done boundary "
    "placeholder newline tool toolcall indent dedent lexer parser vocab prompt turn eot eom".split()
)
_ACTIONS = frozenset(
    "reset forgot forget forgotten change changed check has have is requires require required "
    "verify validate use show hide missing invalid expired no not wrong bad incorrect generate "
    "create get revoke renew rotate delete remove enable disable ignore skip weak without "
    "unusable compromised with".split()
)
# What has one of these words in its name stands for a secret that is not there yet.
_STANDING_IN = frozenset("placeholder placeholders sentinel sentinels".split())
# What such a name begins with is made up, for tests.
_MADE_UP = frozenset("test dummy fake mock sample example".split())
# The secret of one of these is what they show each other; of something else, such as a database,
# it may also be the name of an object of a cluster that holds one.
_SHARED = frozenset(
    "oauth oauth1 oauth2 oidc sso client consumer jwt session cookie hmac signing webhook app "
    "application shared api auth".split()
)
# A constant of such a name is compared with, to refuse it.
_REFUSED = frozenset(
    "insecure unsafe weak bad known banned blocked forbidden denied denylist blacklist blacklisted "
    "leaked compromised rejected disallowed".split()
)

_CLEARED = _PUBLIC | _REFUSED | _STANDING_IN

# Whole values that stand for no secret at all.
_NOTHING = frozenset(
    "none null nil undefined empty todo tbd fixme na notset unset notneeded notrequired unused "
    "notactive inactive notconfigured unconfigured notavailable unavailable notprovided "
    "noneeded nokey nokeyneeded nokeyrequired notused notapplicable placeholder dummy fake example "
    "sample redacted hidden masked filtered removed sanitized sensitive obfuscated encrypted "
    "replaceme insertme fillme fillmein fillthisin fillin".split()
)
# Values that say something about a secret: its type, its state, the method it belongs to.
_ABOUT = frozenset(
    "string str text char varchar bytes binary int integer number bool boolean object array "
    "required optional invalid missing expired wrong incorrect revoked unknown present absent "
    "denied permissiondenied accessdenied unauthorized forbidden "
    "true false yes no on off auto always never ignore enabled disabled include sameorigin omit "
    "read write readwrite readonly basic bearer jwt oauth oauth2 digest plain plaintext hmac "
    "cookie header query body form field input username name id email token credentials".split()
)
# A value made of words is a phrase, and so the secret itself, if one of these is among them;
# without them a value that holds its own name is the name of something: `github_token`.
_PHRASE = frozenset(
    "my your our super very dev development insecure unsafe default change changeme demo local "
    "top temp some strong please test testing secret prod production staging this the not a "
    "admin root long random".split()
)
# What people write for a secret until somebody finds out.
_WEAK = frozenset(
    "changeme secret supersecret topsecret mysecret letmein mytoken admin root guest swordfish "
    "qwerty welcome opensesame trustno dragon".split()
)

_PLACEHOLDER = re.compile(
    r"""
      <[^<>]*>                                          # <password>
    | \$\{[^{}]*\} | \$\([^()]*\) | \$[A-Za-z_]\w*      # ${X}, $(x), $X
    | \{\{.*\}\} | \{%.*%\} | \{[\w.!:\[\]'"]*\}        # {{ x }}, {x}
    | %\([^()]*\)[sdr] | %[sdr] | %[A-Z_]{3,}%          # %(x)s, %X%
    | \[[A-Za-z _-]+\] | @[A-Za-z_-]+@ | __[A-Z_]+__    # [password], @password@, __PASSWORD__
    | (?:.*[^a-z])?(?:your|insert|enter|paste|fill)[-_ .]?(?:own|real|actual|api|secret|access|auth
      |private|token|key|pass\w*|client|\w{1,30}[-_ ](?:key|token|secret|password|here))\b.*
    | .*[-_ ](?:goes[-_ ])?here
    | (?:please[-_ ])?(?:replace|insert|fill|set)[-_ ]?(?:me|this|with|in)(?![a-z]).*
    | (?:.*[-_ ])?(?:to[-_ ]be|please)[-_ ](?:replaced|set|filled|provided|replace|fill)(?![a-z]).*
    | .*(?:x{4,}|\*{3,}|\.{3}|…|•).*                     # sk-xxxx, ****, abc...
    | (?:xxx?[-_ ]?)+
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
_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z_]*(?:[-.:/][A-Za-z_]+)*")
_OBJECT = re.compile(r"[a-z]+(?:-[a-z]+){2,}")
_SHORTEST = 4
_WORDS_ONLY = re.compile(r"[A-Za-z]+(?:[-_ ][A-Za-z]+)*")


# A secret among the settings of a connection, and another one that shows that it is one.
_CONNECTION = re.compile(
    r"(?:\A|[;\s?&])(?P<name>password|passwd|pwd|accountkey|sharedaccesskey|sharedsecret)"
    r"[ \t]{0,4}=[ \t]{0,4}(?P<value>'[^'\n]{0,99}'|[^;\s&'\"{]{1,99})",
    re.IGNORECASE,
)
_SETTING = re.compile(
    r"(?:\A|[;\s?&:/])(?:host|hostaddr|server|data source|address|addr|user|uid|user id|dbname|db"
    r"|database|initial catalog|driver|port|endpoint|accountname|defaultendpointsprotocol"
    r"|sharedaccesskeyname|hostname|service|username)[ \t]{0,4}=",
    re.IGNORECASE,
)


def folded(text: str) -> str:
    """Return only the letters and digits of a text, in lower case."""
    return "".join(character for character in text.lower() if character.isalnum())


@lru_cache(maxsize=65536)
def may_name_secret(text: str, extra: tuple[str, ...] = ()) -> bool:
    """Return False for a text that can hold no secret-like name: a glance, much faster."""
    return bool(may_name_secrets([text], extra))


def may_name_secrets(texts: Sequence[str], extra: tuple[str, ...] = ()) -> set[int]:
    """Return the indices of the texts that may hold a secret-like name, and perhaps of others."""
    lower = [text.lower() for text in texts]
    ends = (parts[-1] for name in extra if (parts := words(name)))
    indices = holding(lower, (*_SECRET_WORDS, "authorization", "pass", *ends))
    with_key = holding(lower, ["key"]) - indices
    return indices.union(
        index for index in with_key if any(owner in lower[index] for owner in _KEY_OWNERS)
    )


@lru_cache(maxsize=8192)
def is_secret_name(name: str, extra: tuple[str, ...] = ()) -> bool:
    """Return whether what has this name should be a secret.

    `extra` are further endings of such a name, written like `pin_code`.
    """
    parts = _without_numbers(words(name))
    if not parts:
        return False
    joined = "_" + "_".join(parts)
    if any(joined.endswith(f"_{ending}") for ending in extra):
        return True
    if parts[0] in _ACTIONS | _MADE_UP or not _CLEARED.isdisjoint(parts):
        return False
    last, before = parts[-1], parts[:-1]
    if last == "key":
        return not _KEY_OWNERS.isdisjoint(before) and _OTHER_KEYS.isdisjoint(before)
    if last == "pass":
        return _OTHER_PASSES.isdisjoint(before) and bool(before or name.lower() == "pass")
    if last == "token" and (
        (before[-1:] and before[-1] in _OTHER_TOKENS) or not _PARSED.isdisjoint(before)
    ):
        return False
    return last in _SECRET_WORDS or _RUN_TOGETHER.fullmatch(last) is not None


def is_placeholder(value: str, extra: Patterns = ()) -> bool:
    """Return whether a value only marks the place of a secret: empty, `<x>`, `xxx`, `****`."""
    text = value.strip()
    plain = folded(text)
    if not plain or len(set(text)) == 1 or plain in _NOTHING or "placeholder" in plain:
        return True
    if _PLACEHOLDER.fullmatch(text) or "\0" in text:
        return True
    return any(pattern.fullmatch(text) for pattern in extra)


def is_credential(value: str, name: str, *, compared: bool = False, extra: Patterns = ()) -> bool:
    """Return whether a value bound to a secret-like name is a secret that somebody could use.

    `compared` says that it is only compared with what has the name.
    """
    text = value.strip()
    if len(text) < _SHORTEST or is_placeholder(text, extra):
        return False
    if folded(text) in _ABOUT or _is_foreign(text):
        return False
    if "://" in text or _TEMPLATE.search(text) or _REGEX.search(text) or _PATH.fullmatch(text):
        return False
    if _spells(text, name) or _names_something(text, name) or _speaks_of(text, name):
        return False
    parts = _without_numbers(words(name))
    if parts[-1:] == ("token",) and parts[-2:] != ("auth", "token"):
        return _is_shaped(text) or _is_sentence(text)
    # Nobody chooses the key of a provider's API: a word is only told to who wants one for form.
    if _is_of_api(parts) and not _is_shaped(text) and not _is_chosen(text):
        return False
    # `if api_key == "disabled"` asks for a state, `== "letmein"` opens a back door.
    return not compared or _looks_random(text) or " " in text


def in_connection(text: str, extra: Patterns = ()) -> str | None:
    """Return the name of a secret that stands in a connection string: `host=db password=…`."""
    match = _CONNECTION.search(text) if "=" in text else None
    if match is None or ("://" in text and not text.startswith("jdbc:") and ";" not in text):
        return None
    value = match["value"]
    name = match["name"]
    if any(mark in value for mark in "{}%<>$\0") or not is_credential(
        value.strip("'\""), name, extra=extra
    ):
        return None
    return name if _SETTING.search(text) else None


def is_random(value: str) -> bool:
    """Return whether a value is a secret by its looks alone, whatever its name."""
    return _looks_random(value.strip())


def _is_shaped(text: str) -> bool:
    """Return whether a text has the shape of a token."""
    if len(text) < 8 or any(character.isspace() for character in text):
        return False
    has_digit = any(character.isdigit() for character in text)
    letters = sum(character.isalpha() for character in text)
    if has_digit and letters:
        return True
    is_one = letters == len(text) or not _PHRASE.isdisjoint(words(text))
    return (letters >= 20 and is_one) or (len(text) >= 20 and not letters)


def _is_of_api(parts: tuple[str, ...]) -> bool:
    """Return whether a name is that of a key of an API."""
    return (parts[-1:] == ("key",) and "api" in parts) or parts[-1:] == ("apikey",)


def _is_phrase(text: str) -> bool:
    return folded(text) in _WEAK or not _PHRASE.isdisjoint(words(text))


def _is_chosen(text: str) -> bool:
    """Return whether somebody has made up a text for a key: more than the one word `local`."""
    return folded(text) in _WEAK or (len(words(text)) > 1 and _is_phrase(text))


def _is_sentence(text: str) -> bool:
    """Return whether a text consists of words that only a phrase has: `this-is-my-dev-secret`."""
    return sum(word in _PHRASE for word in words(text)) > 2


def _without_numbers(parts: tuple[str, ...]) -> tuple[str, ...]:
    while parts and parts[-1].isdigit():
        parts = parts[:-1]
    return parts


def _is_foreign(text: str) -> bool:
    """Return whether a text has letters that secrets do not have, and labels do."""
    return not text.isascii() and any(one.isalpha() and not one.isascii() for one in text)


def _spells(text: str, name: str) -> bool:
    """`secret_key = "SECRET-KEY"`, `db_password = "password"`, `secret_api_key = "secret-key"`."""
    plain = folded(text)
    parts = words(name)
    own = {"".join(parts[start:]).removesuffix("s") for start in range(len(parts))}
    text_words = words(text)
    if (
        text_words[-1:] == parts[-1:]
        and "".join(text_words) == plain
        and set(text_words) <= set(parts)
    ):
        return True
    return plain.removesuffix("s") in own


def _names_something(text: str, name: str) -> bool:
    """`api_token = "github.token"`, `PASSWORD = "password_reset"`: a key, not what it opens."""
    if not _IDENTIFIER.fullmatch(text):
        return False
    parts = words(text)
    if text.isupper() and is_secret_name(text) and not _is_sentence(text):
        return True  # the name of a variable: PGPASSWORD
    if len(parts) < 2:
        return False
    if is_secret_name(text) and ("." in text or text.startswith(("X-", "x-"))):
        return True
    if len(re.findall(r"[.:]", text)) >= (1 if words(name)[-1:] == ("token",) else 2):
        return True
    own = _own_word(name)
    # An object of a cluster is called `shop-database-secret`.
    is_object = (
        _OBJECT.fullmatch(text) is not None
        and parts[-1].removesuffix("s") == own
        and _SHARED.isdisjoint(words(name))
    )
    telling_words = set(parts) - {own} if is_object else parts
    return own in folded(text) and _PHRASE.isdisjoint(telling_words)


def _speaks_of(text: str, name: str) -> bool:
    """`"Enter your password"`, `"Passwords do not match."`: shown to people."""
    if " " not in text:
        return False
    parts = words(text)
    if len(parts) < 2:
        return False
    if text[-1] in ".!?:" and len(parts) > 2 and text[0].isupper():
        return True
    # "Access token from Settings > Accounts": a sentence that names what belongs here.
    if text[0].isupper() and len(parts) > 2 and not _KINDS.isdisjoint(parts):
        return True
    own = _own_word(name)
    return (
        (own in parts or own + "s" in parts)
        and (text[0].isupper() or _PHRASE.isdisjoint(parts))
        and _WORDS_ONLY.fullmatch(text.rstrip(".!?:")) is not None
    )


def _own_word(name: str) -> str:
    """Return the last word of a secret-like name, in the singular."""
    parts = _without_numbers(words(name))
    return parts[-1].removesuffix("s") if parts else ""


def _looks_random(text: str) -> bool:
    if folded(text) in _WEAK:
        return True
    if " " in text:
        return False
    has_digit = any(character.isdigit() for character in text)
    has_letter = any(character.isalpha() for character in text)
    if has_digit and has_letter and len(text) >= 6:
        return True
    if has_digit and not has_letter:
        return len(folded(text)) >= 8
    return len(text) >= 12 and (
        not _IDENTIFIER.fullmatch(text) or not _PHRASE.isdisjoint(words(text))
    )
