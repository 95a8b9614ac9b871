"""SIP accounts."""

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base
from .revision import CURRENT_REVISION


class Account(Base):
    """A saved SIP account.

    Without a user it belongs to Automat Automat. `secret` is encrypted.
    """

    __tablename__ = "account"
    __table_args__ = (
        CheckConstraint("number BETWEEN 100 AND 999", name="number"),
        CheckConstraint("level BETWEEN 0 AND 100", name="level"),
        CheckConstraint("phone IN ('builtin', 'other')", name="phone"),
        CheckConstraint("max_contacts BETWEEN 1 AND 10", name="max_contacts"),
        CheckConstraint("pickup_group BETWEEN 0 AND 63", name="pickup_group"),
        {"sqlite_autoincrement": True},  # ids are never reused, because live and saved accounts are matched by id
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(unique=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    phone: Mapped[str] = mapped_column(String(20))
    active: Mapped[bool]
    recording: Mapped[bool]
    level: Mapped[int]
    max_contacts: Mapped[int] = mapped_column(default=1)
    pickup_group: Mapped[int] = mapped_column(default=0)
    forward_always: Mapped[str] = mapped_column(String(32), default="")
    forward_busy: Mapped[str] = mapped_column(String(32), default="")
    forward_no_answer: Mapped[str] = mapped_column(String(32), default="")
    secret: Mapped[str] = mapped_column(Text)
    fingerprint: Mapped[str] = mapped_column(String(64))
    version: Mapped[int] = mapped_column(default=1)
    revision: Mapped[int] = mapped_column(default=CURRENT_REVISION, onupdate=CURRENT_REVISION, index=True)
