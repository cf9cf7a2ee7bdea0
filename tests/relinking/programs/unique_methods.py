# A method of a rare name is that of the only class that has one
# file: shop/services/a.py
def place(x):
    x.synchronise_inventory()
    x.recount_everything()
# file: inventory.py
import requests

class Stock:
    def synchronise_inventory(self):
        requests.get('x')
# file: recounts.py
import requests

class Other:
    def recount_everything(self):
        requests.get('x')
