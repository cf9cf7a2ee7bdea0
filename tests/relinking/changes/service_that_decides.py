# What only asked others comes to read rows: it was a client of whoever called it
# nothing before the change, BD202 after
# file: shop/services/orders.py
from other import load

def place(order):
    return load(order.page)
# file: other.py
# A module of services by its name.
from shop.services.pages import load
# file: shop/services/pages.py
import requests
from models import Page

def load(page):
    return requests.get(page, timeout=10).url

def known(number):
    return number  # change to: return Page.objects.get(pk=number)
# file: models.py
from django.db import models

class Page(models.Model):
    text = models.TextField()
