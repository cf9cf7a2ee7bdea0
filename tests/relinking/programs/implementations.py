# What a port does depends on the classes that implement it, and on what their bases set
# file: shop/services/a.py
from ports import Port

def place(port: Port):
    for x in port.all():
        port.send(x)
# file: ports.py
from abc import ABC, abstractmethod

class Port(ABC):
    @abstractmethod
    def send(self, x): ...
    @abstractmethod
    def all(self): ...

def set(port):
    port.client = 1
# file: ports_http.py
import requests
from ports import Port
from remote import Base

class Http(Base, Port):
    def send(self, x):
        self.client.get(x)
# file: remote.py
import requests

class Base:
    def all(self):
        return self.client.get('x')
    def fill(self):
        self.client = requests.Session()
        self.full = 1
