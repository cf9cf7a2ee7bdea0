# Classes that inherit from each other in a circle, and those that use them
# file: a.py
from b import B

class A(B):
    def one(self): pass
# file: b.py
from c import C
import requests

class B(C):
    def two(self):
        requests.get('x')
# file: c.py
from a import A

class C(A):
    def three(self): pass
# file: 0.py
from a import A

def use():
    A().two()
# file: services/d.py
from c import C

def place():
    C().two()
