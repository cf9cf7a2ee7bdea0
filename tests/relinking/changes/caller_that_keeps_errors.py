# The only caller lets an error of the project through, or keeps it
# BD111 before the change, nothing after
# file: shop/errors.py
class CacheError(Exception):
    pass
# file: shop/cache.py
from shop.errors import CacheError


def kept(key, store):
    try:
        return store.fetch(key)
    except Exception as error:
        raise CacheError(f"no cache: {error}") from error
# file: shop/app.py
import logging

from fastapi import FastAPI
from fastapi.responses import JSONResponse
from shop.cache import kept
from shop.errors import CacheError

log = logging.getLogger(__name__)
app = FastAPI()


@app.exception_handler(CacheError)
def tell(request, error):
    return JSONResponse({"detail": str(error)}, status_code=500)


@app.get("/orders/{key}")
def get(key: str, store) -> dict:
    try:
        return kept(key, store)
    except KeyError:  # change to: except CacheError:
        log.warning("no order", exc_info=True)
    return {}
