# Another module begins with all names of settings, or no longer does
# nothing before the change, BD301 after
# file: shop/settings/base.py
SEARCH_URL = "http://localhost:9200"
# file: shop/settings/production.py
from os import environ
from shop.settings.base import *  # change to: from shop.settings.other import *

SEARCH_URL = environ["SEARCH"]
# file: shop/settings/other.py
DEBUG = False
