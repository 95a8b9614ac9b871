"""Users."""

from datetime import datetime

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base
from .revision import CURRENT_REVISION
from .utc_datetime import UTCDateTime


class User(Base):
    """A user, who may log in.

    `session_epoch` is raised to end all sessions; `version` is for optimistic locking.
    """

    __tablename__ = "user"
    __table_args__ = (
        CheckConstraint("role IN ('agent', 'auditor', 'editor', 'administrator')", name="role"),
        CheckConstraint("work_mode IN ('automatic', 'manual')", name="work_mode"),
        CheckConstraint("external_phone IN ('builtin', 'other')", name="external_phone"),
        {"sqlite_autoincrement": True},
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    password_hash: Mapped[str] = mapped_column(String(200))
    must_change_password: Mapped[bool] = mapped_column(default=False)
    password_expires_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # of one that must be changed
    role: Mapped[str] = mapped_column(String(20))
    active: Mapped[bool] = mapped_column(default=True)
    work_mode: Mapped[str] = mapped_column(String(20), default="automatic")
    external_phone: Mapped[str] = mapped_column(String(20), default="builtin")
    language: Mapped[str | None] = mapped_column(String(2))
    session_epoch: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)
    revision: Mapped[int] = mapped_column(default=CURRENT_REVISION, onupdate=CURRENT_REVISION, index=True)
