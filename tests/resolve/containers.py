# Elements of lists, dictionaries and tuples are known by what they hold
import requests

SESSIONS = {"a": requests.Session(), "b": requests.Session()}

def load(url, sessions: list[requests.Session], pairs: dict[str, requests.Session]):
    SESSIONS["a"].get(url)  # calls requests.Session.get
    for each in sessions:
        each.get(url)  # calls requests.Session.get
    for name, each in pairs.items():
        each.get(url)  # calls requests.Session.get
    first, second = requests.Session(), None
    first.get(url)  # calls requests.Session.get
    [each.get(url) for each in sessions]  # calls requests.Session.get
