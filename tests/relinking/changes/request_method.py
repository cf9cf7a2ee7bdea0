# What a request has under a name is made by a function that the application was told
# BD202 before the change, nothing after
# file: shop/services/orders.py
def place(request):
    request.rates.get(1, timeout=10)
# file: other.py
import requests

def make(request):
    return requests.Session()  # change to: return {}

def includeme(config):
    config.add_request_method(make, name="rates", reify=True)
