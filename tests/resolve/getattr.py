# A member that is picked by a constant name is that member, by any other name one of them
import requests

def load(url, method):
    getattr(requests, "get")(url)  # calls requests.get
    http = requests.Session()
    getattr(http, "get")(url)  # calls requests.Session.get
