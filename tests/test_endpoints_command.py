"""`bedev-lint endpoints`, and when tests are read at all: from the outside."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scratch import run, write

SHOP = {
    "shop/__init__.py": "",
    "shop/orders.py": (
        "import requests\n"
        "from fastapi import APIRouter\n\n"
        'router = APIRouter(prefix="/orders")\n\n\n'
        '@router.get("/{number}")\n'
        "def show(number: int) -> dict:\n"
        '    return requests.get("x", timeout=10)\n\n\n'
        '@router.delete("/{number}")\n'
        "def cancel(number: int) -> dict:\n"
        "    return {}\n"
    ),
    "shop/app.py": (
        "from fastapi import FastAPI\n"
        "from shop.orders import router\n\n"
        "app = FastAPI()\n"
        'app.include_router(router, prefix="/api")\n'
    ),
    "tests/test_orders.py": (
        "def test_show(client):\n"
        '    assert client.get("/api/orders/1").status_code == 200\n\n\n'
        "def test_missing(client):\n"
        '    assert client.get("/api/orders/11").status_code == 404\n\n\n'
        "def test_idle(client):\n"
        "    client\n"
    ),
}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return write(tmp_path, SHOP)


def endpoints(root: Path, *arguments: str) -> list[dict[str, Any]]:
    result = run(root, "endpoints", *arguments, "--output-format", "json", "--no-cache")
    assert result.exit_code == 0, result.output
    listed: list[dict[str, Any]] = json.loads(result.stdout)
    return listed


def test_an_endpoint_is_listed_with_what_it_does_and_its_tests(shop: Path) -> None:
    show, cancel = endpoints(shop)
    assert (show["methods"], show["path"]) == (["GET"], "/api/orders/{}")
    assert show["function"] == "shop.orders.show"
    assert show["location"] == {"row": 8, "column": 5}
    assert "http.call" in show["effects"]
    assert show["tests"] == ["tests.test_orders.test_show", "tests.test_orders.test_missing"]
    assert show["statuses"] == [200, 404]
    assert (cancel["methods"], cancel["tests"], cancel["statuses"]) == (["DELETE"], [], [])


def test_the_root_is_asked_for_by_itself_alone(tmp_path: Path) -> None:
    app = (
        "from flask import Flask\n\n"
        "app = Flask(__name__)\n\n\n"
        '@app.route("/")\n'
        "def index():\n"
        '    return "shop"\n'
    )
    asked = 'def test_index(client):\n    assert client.get("/").data == b"shop"\n\n\n'
    other = 'def test_other(client, order):\n    assert client.get(order.url).data == b""\n'
    root = write(tmp_path, {"app.py": app, "tests/test_app.py": asked + other})
    (index,) = endpoints(root)
    assert index["tests"] == ["tests.test_app.test_index"]


def test_keys_are_those_that_are_described(shop: Path) -> None:
    from bedev_lint.report import endpoints as report

    assert report.__doc__ is not None
    described = [line.split()[0] for line in report.__doc__.splitlines() if line[:4] == "    "]
    assert set(endpoints(shop)[0]) <= set(described)


def test_only_the_files_that_are_asked_for(shop: Path) -> None:
    assert endpoints(shop, "shop/app.py") == []


def test_a_person_reads_a_line_for_each(shop: Path) -> None:
    text = run(shop, "endpoints", "--no-cache").stdout
    assert "GET /api/orders/{}  shop.orders.show  shop/orders.py:8:5" in text
    assert "2 tests, which expect 200, 404" in text
    assert text.endswith("2 endpoints, 1 without a test\n")


def test_tests_are_read_only_for_a_rule_that_is_about_them(shop: Path) -> None:
    (shop / "tests/test_broken.py").write_text("def (")
    assert run(shop, "shop", "tests", "--no-cache").exit_code == 0
    assert run(shop, "--select", "BD603", "--no-cache").exit_code == 2


def test_where_there_are_no_tests_nothing_is_said_but_once(shop: Path) -> None:
    (shop / "tests/test_orders.py").unlink()
    result = run(shop, "--select", "BD603,BD604", "-v", "--no-cache")
    assert result.exit_code == 0
    assert result.output.count("nothing by BD603, BD604") == 1


def test_a_test_of_data_is_a_test(shop: Path) -> None:
    (shop / "tests/test_orders.py").rename(shop / "tests/test_data_orders.py")
    assert len(endpoints(shop)[0]["tests"]) == 2


def test_the_second_run_says_the_same(shop: Path) -> None:
    first = run(shop, "--select", "BD603,BD604,BD901", "--output-format", "json")
    again = run(shop, "--select", "BD603,BD604,BD901", "--output-format", "json")
    assert first.exit_code == 1
    assert first.stdout == again.stdout
    assert {"BD603", "BD901"} == {one["code"] for one in json.loads(first.stdout)}


def test_each_action_of_a_class_is_an_endpoint(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "shop/urls.py": (
                "from django.urls import include, path\n"
                "from rest_framework.routers import DefaultRouter\n"
                "from shop.views import OrderViewSet\n\n"
                "router = DefaultRouter()\n"
                'router.register("orders", OrderViewSet, basename="order")\n'
                'urlpatterns = [path("api/", include(router.urls))]\n'
            ),
            "shop/views.py": (
                "from rest_framework import mixins, viewsets\n"
                "from rest_framework.decorators import action\n"
                "from shop.models import Order\n\n\n"
                "class OrderViewSet(mixins.ListModelMixin, viewsets.GenericViewSet):\n"
                "    def destroy(self, request, pk):\n"
                "        Order.objects.filter(pk=pk).delete()\n\n"
                '    @action(detail=True, methods=["post", "put"], url_path="send-out")\n'
                "    def send(self, request, pk):\n"
                "        return pk\n"
            ),
            "shop/models.py": (
                "from django.db import models\n\n\nclass Order(models.Model):\n    pass\n"
            ),
            "tests/test_orders.py": (
                "def test_cancelled(client):\n"
                '    assert client.delete("/api/orders/1/").status_code == 204\n'
            ),
        },
    )
    listed = {one["function"].rpartition(".")[2]: one for one in endpoints(tmp_path)}
    assert {name: (one["methods"], one["path"]) for name, one in listed.items()} == {
        "list": (["GET"], "/api/orders"),
        "destroy": (["DELETE"], "/api/orders/{}"),
        "send": (["POST", "PUT"], "/api/orders/{}/send-out"),
    }
    assert listed["destroy"]["tests"] == ["tests.test_orders.test_cancelled"]
    assert listed["destroy"]["location"] == {"row": 7, "column": 9}
    assert "db.write" in listed["destroy"]["effects"]
    assert listed["list"]["tests"] == listed["send"]["tests"] == []
    assert listed["list"]["location"] == {"row": 6, "column": 7}


def test_an_action_that_is_inherited_stands_where_its_code_does(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "shop/urls.py": (
                "from rest_framework.routers import DefaultRouter\n"
                "from shop.views import OrderViewSet\n\n"
                "router = DefaultRouter()\n"
                'router.register("orders", OrderViewSet, basename="order")\n'
            ),
            "shop/views.py": (
                "from rest_framework import viewsets\n"
                "from shop.cancelling import Cancelling\n\n\n"
                "class OrderViewSet(Cancelling, viewsets.GenericViewSet):\n    pass\n"
            ),
            "shop/cancelling.py": (
                "\n" * 30 + "class Cancelling:\n"
                "    def destroy(self, request, pk):\n        return pk\n"
            ),
        },
    )
    (cancel,) = endpoints(tmp_path)
    assert cancel["function"] == "shop.views.OrderViewSet.destroy"
    assert cancel["filename"].endswith("cancelling.py")
    assert cancel["location"] == {"row": 32, "column": 9}
