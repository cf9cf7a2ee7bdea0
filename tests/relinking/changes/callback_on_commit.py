# A helper of the project waits for the end of a transaction, or no longer does
# nothing before the change, BD206 after
# file: shop/later.py
from django.db import connection, transaction


def after_commit(callback):
    if not connection.in_atomic_block:
        callback()
    else:
        transaction.on_commit(callback)  # change to: callback()
# file: shop/orders.py
from django.db import transaction
from shop.clients import announce
from shop.later import after_commit


def ship(order):
    with transaction.atomic():
        order.save()
        after_commit(lambda: announce(order))
# file: shop/clients.py
import requests


def announce(order):
    requests.post(order.callback_url, timeout=10).raise_for_status()
