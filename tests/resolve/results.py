# A function without an annotation gives what it returns
import requests

def session():
    made = requests.Session()
    made.headers["a"] = "b"
    return made

def either(flag):
    return session() if flag else requests.Session()

def load(url):
    session().get(url)  # calls requests.Session.get
    either(url).get(url)  # calls requests.Session.get

from typing import Any

def anything() -> Any:
    return requests.Session()

def given(client: Any):
    client.get("/")  # calls requests.Session.get

def load_anything(url):
    anything().get(url)  # calls requests.Session.get
    given(anything())
