# A Protocol stands for the classes of the project that have its methods
from typing import Protocol
import requests

class Source(Protocol):
    def fetch(self, url: str) -> str: ...

class Web:
    def __init__(self, http: requests.Session):
        self._http = http

    def fetch(self, url: str) -> str:
        return self._http.get(url).text  # calls requests.Session.get

def load(source: Source, url):
    return source.fetch(url)  # calls app.Source.fetch
