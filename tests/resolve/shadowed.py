# A name that is bound again is not what was imported
import requests
from requests import get

def load(url, requests):
    requests.get(url)

def other(url):
    get = dict().get
    get(url)

def third(url):
    get(url)  # calls requests.get
