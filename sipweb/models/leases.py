"""Who uses which account now."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base
from .utc_datetime import UTCDateTime


class Lease(Base):
    """Who uses which live account now: one agent an account, one account an agent.

    The row is deleted when the lease ends. `account_id` and `number` are those of the live account, without a foreign
    key, because the saved one may be deleted or renumbered meanwhile. `token_digest` is a digest. `session_epoch` is
    the agent's at the login: a new password ends the lease. `secret` is the encrypted password of a built-in phone, ""
    if the lease has none of its own. `issued` is the fingerprint of the credential that the agent's phone got last.
    """

    __tablename__ = "lease"
    __table_args__ = ({"sqlite_autoincrement": True},)  # the newest id shows whether the leases are still the same
    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), unique=True)
    number: Mapped[int]
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    session_epoch: Mapped[int]
    secret: Mapped[str] = mapped_column(Text, default="")
    issued: Mapped[str] = mapped_column(String(64), default="")
    acquired_at: Mapped[datetime] = mapped_column(UTCDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UTCDateTime)
