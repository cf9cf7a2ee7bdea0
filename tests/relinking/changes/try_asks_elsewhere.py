# A try that only makes something of the input, until code of another file asks a service for it
# nothing before the change, BD111 BD112 after
# file: shop/search.py
from fastapi import APIRouter, HTTPException

from shop.filters import wanted_of

router = APIRouter()


@router.post("/search")
def search(sample, shop) -> dict:
    try:
        wanted = wanted_of(sample)
    except Exception as error:
        raise HTTPException(400, detail=str(error))
    return shop.find(wanted)


# file: shop/filters.py
import requests


def wanted_of(sample):
    return sample.words  # change to: return requests.get(sample.words, timeout=5)
