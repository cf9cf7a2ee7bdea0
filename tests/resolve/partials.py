# What functools.partial has made calls the function that it was given
from functools import partial
import requests

get = partial(requests.get, timeout=3)

def load(url):
    get(url)  # calls requests.get
    partial(requests.get, url)()  # calls requests.get
