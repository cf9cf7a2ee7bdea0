# A comment silences a rule, or another one, and then nothing
# nothing before the change, BD002 BD202 after
# file: shop/services/orders.py
import requests

def place():
    requests.get("x", timeout=10)  # bedev: ignore[BD202] why  # change to: requests.get("x", timeout=10)  # bedev: ignore[BD201] why
