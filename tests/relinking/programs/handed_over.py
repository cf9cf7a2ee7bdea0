# A function that another returns is run when the process ends, by a name imported from elsewhere
# file: late.py
from atexit import register as run_late
# file: ending.py
from late import run_late
from shop.services.m import place
run_late(place())
# file: ending_too.py
from late import run_late
from shop.services.m import place
run_late(place())
# file: shop/services/m.py
import requests

def place():
    def send():
        requests.get('x')
    return send
