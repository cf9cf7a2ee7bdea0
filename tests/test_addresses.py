"""How grave an address in the code is: what belongs to one environment, and what all share."""

from __future__ import annotations

from pathlib import Path

from scratch import lint, write


def test_a_constant_with_a_public_host_is_a_warning_and_all_else_an_error(tmp_path: Path) -> None:
    code = """\
RATES = "https://rates.bank.io/v1"
SERVERS = {"eu": ["https://eu.bank.io"]}
STAGING = "https://api-staging.bank.io"
BY_PORT = "https://rates.bank.io:8443"
QUEUE = "amqp://queue"
FILES = "s3://shop-invoices"


class Client:
    url = "https://web.dev"
    inner = "https://rates.bank.internal"

    def get(self, session):
        return session.get("https://rates.bank.io")


OPEN = Client().get("https://rates.bank.io")
"""
    found = lint(write(tmp_path, {"app.py": code}))
    rows = {finding["location"]["row"]: finding["severity"] for finding in found}
    assert rows == {
        1: "warning",
        2: "warning",
        3: "error",
        4: "error",
        5: "error",
        6: "error",
        10: "warning",
        11: "error",
        14: "error",
        17: "error",
    }


def test_what_serves_as_a_constant_is_a_warning(tmp_path: Path) -> None:
    code = """\
class Bank:
    def __init__(self, account):
        self.url = "https://rates.bank.io"
        self.page: str = "https://www.bank.io"
        self.own = f"https://rates.bank.io/{account}"
        url = "https://rates.bank.io"
        self.inner = "http://rates:8000"


STANDARD = Standard(alias="orders-1.0", spec="https://standards.io/1.0/openapi.yaml")
client = Client(url="https://rates.bank.io")
_BANKS: list[Bank] = [
    Bank(host="https://graph.bank.io"),
    Bank(host="https://graph.bank.us"),
]


class Provider(Base):
    spec = Spec(name="bank", flow=Flow(token_url="https://login.bank.io/token"))
    read = get(Bank(host="https://graph.bank.io"))
"""
    found = lint(write(tmp_path, {"app.py": code}))
    rows = {finding["location"]["row"]: finding["severity"] for finding in found}
    assert rows == {
        3: "warning",
        4: "warning",
        5: "error",
        6: "error",
        7: "error",
        10: "warning",
        11: "error",
        13: "warning",
        19: "warning",
        20: "error",
    }


def test_what_is_given_returned_or_compared_is_an_error(tmp_path: Path) -> None:
    code = """\
from django.http import HttpResponsePermanentRedirect

ORIGINS = ["https://tea.shop.io", "http://pots:8000"]


class Bank:
    @property
    def rates(self):
        return "https://rates.bank.io"

    def token(self):
        return Endpoint("https://login.bank.io")


def set_up(config, request, account, bank_account, region):
    config.add_link("rates", "https://www.bank.io/rates")
    if request.host in ["https://tea.shop.io"]:
        return HttpResponsePermanentRedirect("https://shop.io/old")
    if request.origin in ORIGINS or account.issuer == "https://accounts.bank.io":
        return f"https://bank.io/{bank_account}"
    if "bank" in account:
        return "https://bank.io/" + account
    return f"https://queue.{region}.cloud.com"
"""
    found = lint(write(tmp_path, {"app.py": code}))
    rows = [(one["location"]["row"], one["severity"]) for one in found if one["code"] == "BD301"]
    assert rows == [
        (3, "warning"),
        (3, "error"),
        *((row, "error") for row in (9, 12, 16, 17, 18, 19, 20, 22, 23)),
    ]


def test_what_a_caller_can_set_belongs_to_one_environment_all_the_same(tmp_path: Path) -> None:
    code = """\
def connect(url="http://localhost:9200", hosts=("10.0.0.7",), rates="https://rates.bank.io"):
    url = url or "redis://127.0.0.1/0"
    return url, hosts, rates
"""
    found = lint(write(tmp_path, {"app.py": code}))
    rows = [(finding["location"]["row"], finding["severity"]) for finding in found]
    assert rows == [(1, "error"), (2, "error")]
