"""The call history."""

from datetime import datetime

from sqlalchemy import Float, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base
from .utc_datetime import UTCDateTime


class Call(Base):
    """A call that ended: one party called another, once. A transfer begins another call, and so does forwarding.

    Numbers and names are those at the time of the call. `number` was dialled; `callee` is who was reached. `result` is
    one of services.calls.RESULTS, `cause` the Q.850 one. `trunks` are the names of those tried, a line each; `trunk`
    is that of the one used. `recording` is day and key of the recording. `search` holds the names without case and
    accents.
    """

    __tablename__ = "call"
    __table_args__ = (
        Index("ix_call_started_at_id", "started_at", "id"),
        Index("ix_call_caller_id_started_at_id", "caller_id", "started_at", "id"),
        Index("ix_call_callee_id_started_at_id", "callee_id", "started_at", "id"),
        Index("ix_call_forwarded_by_id_started_at_id", "forwarded_by_id", "started_at", "id"),
        {"sqlite_autoincrement": True},
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    host: Mapped[str] = mapped_column(String(80))
    unique_id: Mapped[str] = mapped_column(String(80))
    linked_id: Mapped[str] = mapped_column(String(80), default="")
    started_at: Mapped[datetime] = mapped_column(UTCDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime] = mapped_column(UTCDateTime)
    caller: Mapped[str] = mapped_column(String(32), default="")
    caller_id: Mapped[int | None]
    caller_name: Mapped[str] = mapped_column(String(80), default="")
    number: Mapped[str] = mapped_column(String(32), default="")
    callee: Mapped[str] = mapped_column(String(32), default="")
    callee_id: Mapped[int | None]
    callee_name: Mapped[str] = mapped_column(String(80), default="")
    transferred_by: Mapped[str] = mapped_column(String(32), default="")
    forwarded_by: Mapped[str] = mapped_column(String(32), default="")
    forwarded_by_id: Mapped[int | None]
    result: Mapped[str] = mapped_column(String(20))
    cause: Mapped[int | None]
    sip_status: Mapped[int | None]
    trunk: Mapped[str] = mapped_column(String(80), default="")
    trunks: Mapped[str] = mapped_column(Text, default="")
    recording: Mapped[str] = mapped_column(String(60), default="")
    loss: Mapped[float | None] = mapped_column(Float)
    jitter: Mapped[float | None] = mapped_column(Float)
    round_trip: Mapped[float | None] = mapped_column(Float)
    search: Mapped[str] = mapped_column(String(330), default="")
