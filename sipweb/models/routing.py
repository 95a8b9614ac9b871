"""The routing of outbound calls: trunks and routes."""

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base
from .revision import CURRENT_REVISION


class Trunk(Base):
    """A saved trunk. `secret` is encrypted, "" if the provider needs none."""

    __tablename__ = "trunk"
    __table_args__ = (
        CheckConstraint("port BETWEEN 1 AND 65535", name="port"),
        CheckConstraint("transport IN ('udp', 'tcp', 'tls')", name="transport"),
        CheckConstraint("dtmf_mode IN ('auto', 'rfc4733', 'info', 'auto_info', 'inband')", name="dtmf_mode"),
        {"sqlite_autoincrement": True},
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    host: Mapped[str] = mapped_column(String(255))
    port: Mapped[int] = mapped_column(default=5060)
    transport: Mapped[str] = mapped_column(String(3), default="udp")
    username: Mapped[str] = mapped_column(String(80), default="")
    caller_id: Mapped[str] = mapped_column(String(32), default="")
    from_user: Mapped[str] = mapped_column(String(80), default="")
    from_domain: Mapped[str] = mapped_column(String(255), default="")
    send_pai: Mapped[bool] = mapped_column(default=False)
    dtmf_mode: Mapped[str] = mapped_column(String(9), default="auto")
    realm: Mapped[str] = mapped_column(String(80), default="")
    register: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)
    secret: Mapped[str] = mapped_column(Text, default="")
    fingerprint: Mapped[str] = mapped_column(String(64), default="")
    version: Mapped[int] = mapped_column(default=1)
    revision: Mapped[int] = mapped_column(default=CURRENT_REVISION, onupdate=CURRENT_REVISION, index=True)


class OutboundRoute(Base):
    """A saved route; positions give the order."""

    __tablename__ = "outbound_route"
    __table_args__ = (
        CheckConstraint("level BETWEEN 0 AND 100", name="level"),
        CheckConstraint("strip_digits BETWEEN 0 AND 32", name="strip_digits"),
        {"sqlite_autoincrement": True},
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(80))
    pattern: Mapped[str] = mapped_column(String(200))
    level: Mapped[int]
    trunk_id: Mapped[int] = mapped_column(ForeignKey("trunk.id"), index=True)
    strip_digits: Mapped[int] = mapped_column(default=0)
    prepend_digits: Mapped[str] = mapped_column(String(32), default="")
    emergency: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)
    revision: Mapped[int] = mapped_column(default=CURRENT_REVISION, onupdate=CURRENT_REVISION, index=True)
