# A method that a project class does not have is that of its base
import requests

class Session(requests.Session):
    def post(self, url):
        return None

class Deeper(Session):
    def load(self, url):
        self.get(url)  # calls requests.Session.get
        self.post(url)
        super().get(url)  # calls requests.Session.get

def load(url):
    Deeper().get(url)  # calls requests.Session.get
