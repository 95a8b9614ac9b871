"""Where what the PBX hosts run differs from the live generation."""

from datetime import datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base
from .utc_datetime import UTCDateTime


class Drift(Base):
    """A difference between the live generation and what a PBX runs or has as files, seen by two checks in a row.

    `host` is the PBX. `name` and `field` are those of pbx.verification.Difference.
    """

    __tablename__ = "drift"
    __table_args__ = ({"sqlite_autoincrement": True},)  # the newest id shows whether the rows are still the same
    id: Mapped[int] = mapped_column(primary_key=True)
    host: Mapped[str] = mapped_column(String(80))
    name: Mapped[str] = mapped_column(String(255))
    field: Mapped[str] = mapped_column(String(80))
    expected: Mapped[str] = mapped_column(Text, default="")
    actual: Mapped[str] = mapped_column(Text, default="")
    first_seen_at: Mapped[datetime] = mapped_column(UTCDateTime)


class DriftCheck(Base):
    """The last comparison of a PBX with the live generation."""

    __tablename__ = "drift_check"
    host: Mapped[str] = mapped_column(String(80), primary_key=True)
    generation: Mapped[int]
    checked_at: Mapped[datetime] = mapped_column(UTCDateTime)
