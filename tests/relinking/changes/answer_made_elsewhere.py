# A function of the project makes a response of what it is given, or no longer does
# BD111 before the change, nothing after
# file: shop/answers.py
from fastapi.responses import JSONResponse


def failed(text):
    return JSONResponse({"error": text}, status_code=500)  # change to: return len(text)
# file: shop/views.py
from fastapi import APIRouter
from shop.answers import failed

router = APIRouter()


@router.post("/orders")
def place(order, shop) -> dict:
    try:
        shop.place(order)
    except Exception as error:
        return failed(f"not placed: {error}")
