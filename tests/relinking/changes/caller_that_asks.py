# An error is turned into None, which the only caller asks for, or does not
# nothing before the change, BD101 after
# file: card.py
def owner(card):
    try:
        return card.read()
    except CardError:
        return None
# file: till.py
from card import owner

def pay(card):
    if owner(card) is None:  # change to: if owner(card).pay():
        raise ValueError(card)
