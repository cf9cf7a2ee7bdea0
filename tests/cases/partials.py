# chained functools.partial at module level, a partial kept on an object, partialmethod
# file: shop/__init__.py
# file: shop/net.py
import functools
import requests

def call(method, url, timeout, **more):
    return requests.request(method, url, timeout=timeout, **more)

get = functools.partial(call, "GET")
get_fast = functools.partial(get, timeout=1)
# file: shop/services/__init__.py
# file: shop/services/rates.py
from functools import partial, partialmethod
import requests
from shop.net import get, get_fast

def one(url):
    return get(url, timeout=5)  # error: BD202

def two(url):
    return get_fast(url)  # error: BD202

class RateService:
    def __init__(self):
        self._fetch = partial(requests.get, timeout=5)

    def three(self, url):
        return self._fetch(url)  # error: BD202

    def _call(self, method, url):
        return requests.request(method, url, timeout=10)  # error: BD202

    fetch = partialmethod(_call, "GET")

    def four(self, url):  # told with `_call`, through which alone it gets there
        return self.fetch(url)
