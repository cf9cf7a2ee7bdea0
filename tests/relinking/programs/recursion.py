# Functions of three files that call each other in a circle
# file: a.py
import time
from b import two

def one():
    two()
    time.sleep(1)

async def start():
    one()
# file: b.py
import requests
from a import one
from c import three

def two():
    three()
    requests.get('x')
    other()

def other():
    one()
# file: c.py
from a import one
from b import two

def three():
    one()
    two()

async def end():
    three()
