"""The administrators' acknowledgements of messages."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base
from .utc_datetime import UTCDateTime


class Acknowledgement(Base):
    """A message that administrators have acknowledged: no page shows it again while its facts are the same.

    `subject` is "first_steps", or why emergency calls can't be placed. `fingerprint` is a digest of the facts.
    """

    __tablename__ = "acknowledgement"
    __table_args__ = ({"sqlite_autoincrement": True},)  # the newest id shows whether the rows are still the same
    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(String(20))
    fingerprint: Mapped[str] = mapped_column(String(64), unique=True)
    actor_name: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
