"""Place orders."""

from sqlalchemy.orm import Session

from shop import audit, rates
from shop.models import Order


def calculate_total(session: Session, order: Order) -> int:
    total = sum(line.price * line.quantity for line in order.lines)
    audit.note(session, order, "total", total)
    return total


def place(session: Session, order: Order, currency: str) -> int:
    total = calculate_total(session, order)
    if currency != "EUR":
        total = rates.convert(total, currency)
    try:
        session.add(order)
        session.commit()
    except Exception:
        return 0
    return total
