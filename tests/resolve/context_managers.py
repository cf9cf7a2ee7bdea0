# What `with` binds is what is entered
from contextlib import contextmanager
import requests

@contextmanager
def session():
    with requests.Session() as made:
        yield made

class Own:
    def __enter__(self):
        return requests.Session()

    def __exit__(self, *error): ...

def load(url):
    with session() as one, Own() as two:
        one.get(url)  # calls requests.Session.get
        two.get(url)  # calls requests.Session.get
