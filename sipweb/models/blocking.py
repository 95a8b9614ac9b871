"""Addresses that are blocked because SIP passwords were guessed from there."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base
from .utc_datetime import UTCDateTime


class AddressBlock(Base):
    """An address from which Asterisk accepts no SIP request, because too many passwords were wrong.

    `address` is an IPv4 address or the /64 of an IPv6 one; `attempts` is how many passwords were wrong. The row is kept
    when the block has ended: the next one of the address lasts longer, unless somebody ended it (`unblocked_by`).
    """

    __tablename__ = "address_block"
    __table_args__ = ({"sqlite_autoincrement": True},)
    id: Mapped[int] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(String(64), index=True)
    begun_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ends_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    attempts: Mapped[int]
    unblocked_by: Mapped[str] = mapped_column(String(80), default="")
