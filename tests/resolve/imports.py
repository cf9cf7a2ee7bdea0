# Imports under other names, from a package, relative, and through a module that hands them on
# file: shop/__init__.py
# file: shop/web.py
from requests import get as fetch, Session
# file: shop/rates.py
import requests as http
from . import web
from .web import fetch
from shop.web import Session as S

def load(url):
    http.get(url)  # calls requests.get
    fetch(url)  # calls requests.get
    web.fetch(url)  # calls requests.get
    S().get(url)  # calls requests.Session.get
