# Type parameters are what a subclass or an annotation puts in their place
from typing import Generic, TypeVar
import requests

T = TypeVar("T")

class Box(Generic[T]):
    def __init__(self, value: T):
        self.value = value

    def open(self) -> T:
        return self.value

class Sessions(Box[requests.Session]):
    pass

def load(url, box: Box[requests.Session], more: Sessions):
    box.open().get(url)  # calls requests.Session.get
    more.open().get(url)  # calls requests.Session.get
    more.value.get(url)  # calls requests.Session.get
