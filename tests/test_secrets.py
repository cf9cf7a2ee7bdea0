"""What is a secret-like name, and what value may be a secret."""

from __future__ import annotations

import pytest

from bedev_lint import catalog
from bedev_lint.names import words
from bedev_lint.secrets import (
    is_credential,
    is_placeholder,
    is_secret_name,
    secret_names,
    secret_values,
)

OPTIONS = catalog.load([catalog.builtin_rules()]).rules["BD302"].options
NAMES, VALUES = secret_names(OPTIONS), secret_values(OPTIONS)


def test_words_are_split_at_case_and_separators() -> None:
    assert words("X-Api-Key") == ("x", "api", "key")
    assert words("myAPIKey2") == ("my", "api", "key", "2")


@pytest.mark.parametrize(
    "name",
    "password DB_PASSWORD password2 userPwd x-api-key secretKey AWS_SECRET_ACCESS_KEY auth_token "
    "clientSecret credentials passphrase apikey signing_key".split(),
)
def test_secret_names(name: str) -> None:
    assert is_secret_name(name, NAMES)


@pytest.mark.parametrize(
    "name",
    "passed_msg NextToken split_token public_key publishable_api_key client_id salt token_url "
    "password_field api_key_header primary_key cache_key password_hash has_password key".split(),
)
def test_other_names(name: str) -> None:
    assert not is_secret_name(name, NAMES)


def test_a_team_can_add_endings_of_names() -> None:
    assert not is_secret_name("door_pin_code", NAMES)
    names = secret_names({**OPTIONS, "secret-names": ["pin_code"]})
    assert is_secret_name("doorPinCode", names)


def test_a_team_can_change_the_words() -> None:
    assert is_credential("wagtail22", "shop_kennwort", VALUES)
    assert not is_secret_name("shop_kennwort", NAMES)
    assert is_secret_name("shop_kennwort", secret_names({**OPTIONS, "secret-words": ["kennwort"]}))


@pytest.mark.parametrize(
    "value",
    [
        "",
        "  ",
        "<password>",
        "xxx",
        "${X}",
        "{{ x }}",
        "your-api-key",
        "aaaa",
        "********",
        "sk-...",
    ],
)
def test_placeholders(value: str) -> None:
    assert is_placeholder(value, VALUES)


@pytest.mark.parametrize("value", ["changeme", "hunter2", "correct horse battery", "admin"])
def test_no_placeholders(value: str) -> None:
    assert not is_placeholder(value, VALUES)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("password", "changeme"),
        ("password", "p4ssw0rd"),
        ("password", "secret"),
        ("SECRET_KEY", "this is a very secret phrase"),
        ("token", "0a1b2c3d"),
    ],
)
def test_credentials(name: str, value: str) -> None:
    assert is_credential(value, name, VALUES)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DB_PASSWORD", "password"),
        ("DB_PASSWORD", "DB-PASSWORD"),
        ("api_token", "github.token"),
        ("password", "Enter your password"),
        ("password", r"\d{8}"),
        ("private_key", "/etc/key.pem"),
        ("token", "AND"),
    ],
)
def test_no_credentials(name: str, value: str) -> None:
    assert not is_credential(value, name, VALUES)
