"""Keep track of who did what."""

from sqlalchemy.orm import Session

from shop.models import Entry


def note(session: Session, subject: object, what: str, value: object) -> None:
    session.add(Entry(subject=repr(subject), what=what, value=repr(value)))
