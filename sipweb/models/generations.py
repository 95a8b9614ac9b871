"""Generations, and what became of them on each PBX host."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base
from .utc_datetime import UTCDateTime

DELETED_SNAPSHOT = "{}"


class Generation(Base):
    """One attempt to make the PBX run a snapshot.

    `state` is running, written, verified, refused or interrupted. `snapshot` is DELETED_SNAPSHOT when it is no longer
    kept (services.retention).
    """

    __tablename__ = "generation"
    __table_args__ = (
        CheckConstraint("state IN ('running', 'written', 'verified', 'refused', 'interrupted')", name="state"),
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    state: Mapped[str] = mapped_column(String(20), index=True)
    started_at: Mapped[datetime] = mapped_column(UTCDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_by: Mapped[str] = mapped_column(String(80))
    ip_address: Mapped[str] = mapped_column(String(64), default="")  # for the host that closes it
    digest: Mapped[str] = mapped_column(String(16))
    snapshot: Mapped[str] = mapped_column(Text)
    previous_number: Mapped[int | None]  # the live generation when this one was claimed
    steps: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    outcome: Mapped[dict[str, Any] | None] = mapped_column(JSON)  # of a refused one: message, values, back; restored
    differences: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)


class HostReport(Base):
    """What became of a generation on one PBX host.

    `state` is working, written, verified, refused or interrupted. `outcome` is as in Generation. `files` has the
    digests of the files as they were written there: name → SHA-256.
    """

    __tablename__ = "host_report"
    __table_args__ = (
        CheckConstraint("state IN ('working', 'written', 'verified', 'refused', 'interrupted')", name="state"),
    )
    number: Mapped[int] = mapped_column(ForeignKey("generation.number", ondelete="CASCADE"), primary_key=True)
    host: Mapped[str] = mapped_column(String(80), primary_key=True)
    state: Mapped[str] = mapped_column(String(20))
    reported_at: Mapped[datetime] = mapped_column(UTCDateTime)
    outcome: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    files: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))
