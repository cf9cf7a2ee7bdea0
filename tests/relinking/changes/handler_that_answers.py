# The status by which a handler in another module answers an error.
# BD112 before the change, nothing after
# file: app.py
from fastapi import FastAPI
from fastapi.responses import JSONResponse

from errors import ShopError

app = FastAPI()

@app.exception_handler(ShopError)
async def shop_error(request, error):
    return JSONResponse(status_code=400, content={"detail": "no"})  # change to: return JSONResponse(status_code=HTTP_502_BAD_GATEWAY, content={"detail": "no"})
# file: errors.py
class ShopError(Exception):
    pass
# file: rates.py
import requests
from fastapi import APIRouter

from errors import ShopError

router = APIRouter()

@router.get("/rates")
def rates(address: str) -> dict:
    try:
        answer = requests.get(address, timeout=3)
        answer.raise_for_status()
    except requests.RequestException:
        raise ShopError("no rates")
    return answer.json()
