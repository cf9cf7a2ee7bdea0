# What a service calls is an object that another module makes
# file: clients.py
import requests
CLIENT = requests.Session()
OTHER = requests.Session()
# file: shop/services/a.py
from clients import CLIENT

def place(x):
    CLIENT.get(x)
