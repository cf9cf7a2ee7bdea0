# An attribute is what the methods of its class assign to it
import requests

class Base:
    def __init__(self):
        self._http = requests.Session()

class Rates(Base):
    other = requests.Session()

    def load(self, url):
        self._http.get(url)  # calls requests.Session.get
        self.other.get(url)  # calls requests.Session.get
        self.unknown.get(url)

def outside(rates: Rates, url):
    rates._http.get(url)  # calls requests.Session.get
