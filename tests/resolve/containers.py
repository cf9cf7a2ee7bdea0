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

def gather(url, names):
    made, by_name, more = [], {}, set()
    for name in names:
        made.append(requests.Session())
        by_name[name] = requests.Session()
    more.update(names)
    for session in made:
        session.get(url)  # calls requests.Session.get
    by_name["a"].get(url)  # calls requests.Session.get
    every = []
    every.extend(by_name.values())
    every[0].get(url)  # calls requests.Session.get
