# Modules that import each other, and functions that call themselves, come to an end
# file: shop/__init__.py
# file: shop/a.py
from shop.b import http

def made(n):
    return made(n - 1) if n else http

def load(url):
    made(3).get(url)  # calls requests.Session.get
# file: shop/b.py
import requests
from shop import a
http = requests.Session()
