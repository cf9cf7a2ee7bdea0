# Class methods and constructors give objects of the class that they are called on
import requests

class Session(requests.Session):
    @classmethod
    def make(cls):
        return cls()

    @staticmethod
    def plain():
        return Session()

class Deeper(Session):
    pass

def load(url):
    Session.make().get(url)  # calls requests.Session.get
    Deeper.make().get(url)  # calls requests.Session.get
    Session.plain().get(url)  # calls requests.Session.get
