# An attribute of a module that another one assigns is known there too
# file: shop/__init__.py
# file: shop/state.py
import requests
http = requests.Session()
# file: shop/load.py
from shop import state
import shop.state as also

def load(url):
    state.http.get(url)  # calls requests.Session.get
    also.http.get(url)  # calls requests.Session.get
