"""PBX hosts."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base
from .utc_datetime import UTCDateTime


class Host(Base):
    """A PBX host, as its own monitor reports it every few seconds. SQLite has none: there is only one.

    `machine_id` is random, so that two hosts cannot have one name. `seen_at`, `present_since` (it was seen all the time
    since then) and `started_at` are times of the database's clock. `generation` and `digest` are what it runs,
    verified; `problem` is why it does not run what it should: message, values. `settings` are those that
    should be the same on all hosts, by their names. `status` is what its Asterisk reported, as in the status file;
    `stamp` is that of PbxStatus.
    """

    __tablename__ = "host"
    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    machine_id: Mapped[str] = mapped_column(String(32))
    sip_host: Mapped[str] = mapped_column(String(253))
    sip_port: Mapped[int]
    sip_transport: Mapped[str] = mapped_column(String(3))
    websocket: Mapped[str] = mapped_column(String(300))
    web_address: Mapped[str] = mapped_column(String(300))
    version: Mapped[str] = mapped_column(String(20))
    renderer_version: Mapped[int]
    settings: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    seen_at: Mapped[datetime] = mapped_column(UTCDateTime)
    present_since: Mapped[datetime] = mapped_column(UTCDateTime)
    started_at: Mapped[datetime] = mapped_column(UTCDateTime)
    generation: Mapped[int] = mapped_column(default=0)
    digest: Mapped[str] = mapped_column(String(16), default="")
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    stamp: Mapped[int] = mapped_column(BigInteger, default=0)
    status: Mapped[str] = mapped_column(Text, default="")
