# Elements of lists, dictionaries and tuples are known by what they hold
import requests

SESSIONS = {"a": requests.Session(), "b": requests.Session()}

def load(url, sessions: list[requests.Session], pairs: dict[str, requests.Session]):
    SESSIONS["a"].get(url)  # calls requests.Session.get
    for session in sessions:
        session.get(url)  # calls requests.Session.get
    for name, session in pairs.items():
        session.get(url)  # calls requests.Session.get
    first, second = requests.Session(), None
    first.get(url)  # calls requests.Session.get
    [session.get(url) for session in sessions]  # calls requests.Session.get
