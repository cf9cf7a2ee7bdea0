# The settings of a deployment give a constant of those that they begin with, or no longer do
# nothing before the change, BD301 after
# file: shop/settings/base.py
SEARCH_URL = "http://localhost:9200"
# file: shop/settings/production.py
from os import environ
from shop.settings.base import *

SEARCH_URL = environ["SEARCH"]  # change to: MAIL_URL = environ["MAIL"]
