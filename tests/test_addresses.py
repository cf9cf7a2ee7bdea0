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
        self.own = f"https://www.bank.io/{account}"
        url = "https://rates.bank.io"

    @property
    def rates(self):
        \"\"\"Where the rates are.\"\"\"
        if self.is_paid:
            return "https://paid.bank.io"
        return "https://rates.bank.io"

    def token(self):
        return Endpoint("https://login.bank.io")

    def inner(self):
        return "http://rates:8000"

    def current(self):
        return get("https://rates.bank.io")

    def of(self, day):
        return "https://rates.bank.io"


def set_up(config, oauth):
    config.add_link("terms", "https://www.bank.io/terms")
    oauth.register(name="bank", url="https://login.bank.io")
    config.add_link("https://www.bank.io/terms")
"""
    found = lint(write(tmp_path, {"app.py": code}))
    rows = {finding["location"]["row"]: finding["severity"] for finding in found}
    assert rows == {
        3: "warning",
        4: "warning",
        5: "error",
        6: "error",
        12: "warning",
        13: "warning",
        16: "warning",
        19: "error",
        22: "error",
        25: "error",
        29: "warning",
        30: "warning",
        31: "error",
    }


def test_what_is_only_compared_with_and_what_has_moved_for_good_are_warnings(
    tmp_path: Path,
) -> None:
    code = """\
from django.http import HttpResponsePermanentRedirect
from django.shortcuts import redirect
from shop.standards import Standard

ORIGINS = ["https://tea.shop.io", "http://pots:8000"]
STANDARD = Standard(alias="orders-1.0", spec="https://standards.io/1.0/openapi.yaml")
client = Client(url="https://rates.bank.io")
CALLED = ["http://cups:8000"]


def check(request):
    if request.host in ["http://shop.local"]:
        return call(CALLED, STANDARD)
    if any(request.origin.startswith(one) for one in ORIGINS):
        return redirect("https://shop.io/new")
    if request.old:
        return HttpResponsePermanentRedirect("https://shop.io/old")
    if request.older:
        return redirect("http://shop.local/older", permanent=True)
    return redirect("https://shop.io/newer", permanent=True)
"""
    found = lint(write(tmp_path, {"app.py": code}))
    rows = [(one["location"]["row"], one["severity"]) for one in found if one["code"] == "BD301"]
    assert rows == [
        (5, "warning"),
        (5, "warning"),
        (6, "warning"),
        (7, "error"),
        (8, "error"),
        (12, "error"),
        (15, "error"),
        (17, "warning"),
        (19, "error"),
        (20, "warning"),
    ]


def test_an_address_that_no_environment_changes_for_sure_is_a_warning(tmp_path: Path) -> None:
    code = """\
def connect(url="http://localhost:9200", hosts=("10.0.0.7",)):
    url = url or "redis://127.0.0.1/0"
    return url, hosts


def raw(repository, github_user, region, standard_books_id):
    matched = repository.match()
    if "bankhub.com" in repository:
        return "https://raw.bankhubcontent.com/" + matched
    if repository.kind == "teahub":
        return f"https://api.teahub.org/{matched}"
    yield f"https://github.com/{github_user}"
    yield "https://standardbooks.org/books/{}".format(standard_books_id)
    yield f"https://queue.{region}.cloud.com"
    yield "https://queue." + region + ".cloud.com/orders"
    yield {"web": {"client_id": region, "token_uri": "https://oauth.bank.com/token"}}


class Queue(ConfigSection):
    def __init__(self):
        self.broker = "redis://127.0.0.1:6379/0"


class Kettle:
    def __init__(self, config):
        self.broker = "redis://127.0.0.1:6379/0"
        self.read = config.get("http://10.0.0.7")


def own(repository, pit_user, tea):
    if "tea" in repository:
        return "https://teahub.org/" + tea
    else:
        yield "https://bankhub.com/" + repository
    yield f"https://git.io/{pit_user}"
    yield {"client": repository, "token_uri": "https://oauth.bank.com/token"}
    yield f"http://github:8000/{repository.github_user}"
"""
    found = lint(write(tmp_path, {"app.py": code}))
    rows = {finding["location"]["row"]: finding["severity"] for finding in found}
    warnings = dict.fromkeys((1, 2, 9, 11, 12, 13, 14, 15, 16, 21), "warning")
    assert rows == warnings | dict.fromkeys((26, 27, 32, 34, 35, 36, 37), "error")
