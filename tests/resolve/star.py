# A star import brings what the other module has, or what its __all__ says
# file: shop/__init__.py
# file: shop/web.py
from requests import get, post
__all__ = ["get"]
# file: shop/load.py
from shop.web import *

def load(url):
    get(url)  # calls requests.get
    post(url)
