# What a function does in a loop depends on its callers, and on what type they say the elements are
# file: shop/services/a.py
def save(session, row):
    session.add(row)

def total(box):
    for row in box:
        row.fetch()
# file: orders.py
from sqlalchemy.orm import Session
from shop.services.a import save, total
import requests

class Row:
    def fetch(self):
        requests.get('x')

def run(s: Session, rows):
    for row in rows:
        save(s, row)
        s.flush()

def other(rows: list[Row]):
    total(rows)
    return 1
