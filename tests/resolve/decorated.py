# A decorator that hands the function on leaves it what it is
import functools
import requests

def retried(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)
    return wrapper

@retried
def session() -> requests.Session:
    return requests.Session()

def load(url):
    session().get(url)  # calls requests.Session.get
