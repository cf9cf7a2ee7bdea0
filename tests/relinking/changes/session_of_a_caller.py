# A session that a caller of a caller hands on is made with a timeout, or no longer is
# nothing before the change, BD501 after
# file: shop/transport.py
import requests
from requests.adapters import HTTPAdapter


class Patient(HTTPAdapter):
    def send(self, *args, **kwargs):
        kwargs["timeout"] = 5  # change to: kwargs["stream"] = True
        return super().send(*args, **kwargs)


def patient_session():
    session = requests.Session()
    session.mount("https://", Patient())
    return session
# file: shop/jobs.py
from shop.rates import rates
from shop.transport import patient_session


def load(url):
    return rates(patient_session(), url)
# file: shop/rates.py
def rates(session, url):
    answer = session.get(url)
    answer.raise_for_status()
    return answer.json()
