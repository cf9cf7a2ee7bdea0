# The only implementation of a port comes to use the network, or no longer does
# BD202 before the change, nothing after
# file: shop/services/orders.py
from ports import Rates

def place(rates: Rates):
    rates.fetch(1)
# file: ports.py
from abc import ABC, abstractmethod

class Rates(ABC):
    @abstractmethod
    def fetch(self, code): ...
# file: other.py
import requests
from ports import Rates

class WebRates(Rates):
    def fetch(self, code):
        requests.get(code, timeout=10)  # change to: return code
