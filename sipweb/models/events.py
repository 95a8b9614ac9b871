"""Events of accounts, trunks and routes on a PBX."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base
from .utc_datetime import UTCDateTime


class Event(Base):
    """What happened to an account, a trunk or a route on a PBX.

    `kind`: it registered, moved to another address or unregistered; a sign-in failed; a generation changed it.
    `reason` says more. `count` is how many equal reports this row stands for. `account_id` is None for a number that no
    live account has.
    """

    __tablename__ = "event"
    __table_args__ = (
        Index("ix_event_kind_id", "kind", "id"),
        CheckConstraint("kind IN ('registered', 'moved', 'unregistered', 'auth_failed', 'generated')", name="kind"),
        {"sqlite_autoincrement": True},
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    host: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    kind: Mapped[str] = mapped_column(String(20))
    account_id: Mapped[int | None] = mapped_column(index=True)
    trunk_id: Mapped[int | None] = mapped_column(index=True)
    route_id: Mapped[int | None] = mapped_column(index=True)
    generation: Mapped[int | None]
    number: Mapped[int | None]
    address: Mapped[str] = mapped_column(String(80), default="")
    reason: Mapped[str] = mapped_column(String(80), default="")
    count: Mapped[int] = mapped_column(default=1)
