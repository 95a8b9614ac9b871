"""Failed logins, which are limited."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base
from .utc_datetime import UTCDateTime


class LoginThrottle(Base):
    """Failed logins in a row.

    Unknown login names are counted too, so that a response does not tell which ones exist. The monitor deletes rows a
    day after the last attempt.
    """

    __tablename__ = "login_throttle"
    key: Mapped[str] = mapped_column(String(80), primary_key=True)  # see services.throttling
    failures: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_attempt_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # None: before there was this column
