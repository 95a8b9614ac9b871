"""How many automatic accounts were in use."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base
from .utc_datetime import UTCDateTime


class AccountUsage(Base):
    """A minute in which the use of the automatic accounts changed, as core.account_usage.UsageMinute has it.

    `audit_id` is the newest entry of the audit log that was counted.
    """

    __tablename__ = "account_usage"
    minute: Mapped[datetime] = mapped_column(UTCDateTime, primary_key=True)
    total: Mapped[int]
    in_use: Mapped[int]
    peak: Mapped[int]
    needed: Mapped[int]
    refused: Mapped[int]
    audit_id: Mapped[int]
