# Of two imports under one name either may be what is called
try:
    from requests import get
except ImportError:
    from httpx import get

def load(url):
    get(url)  # calls requests.get # calls httpx.get
