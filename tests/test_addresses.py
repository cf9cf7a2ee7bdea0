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
