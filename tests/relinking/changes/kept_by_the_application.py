# What is kept on the application where it starts is used through a request
# BD202 before the change, nothing after
# file: shop/services/orders.py
from starlette.requests import Request

def place(request: Request):
    request.app.state.rates.get(1, timeout=10)
# file: other.py
import requests
from starlette.applications import Starlette

def start(app: Starlette):
    app.state.rates = requests.Session()  # change to: app.state.rates = {}
