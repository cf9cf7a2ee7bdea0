# Properties, cached or made by a call, are what they return
from functools import cached_property as cached
import requests

def _make(self):
    return requests.Session()

class Rates:
    @property
    def plain(self):
        return requests.Session()

    @cached
    def kept(self):
        return requests.Session()

    made = property(_make)

    def load(self, url):
        self.plain.get(url)  # calls requests.Session.get
        self.kept.get(url)  # calls requests.Session.get
        self.made.get(url)  # calls requests.Session.get
