"""Users, the browsers in which they are signed in, and failed logins."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
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


class WebSession(Base):
    """A browser in which a user is signed in.

    The row is deleted at sign-out. `token_digest` is a digest of the identifier that the browser's cookie has.
    `session_epoch` is the user's at the sign-in: a new password ends the session. `confirmed_at` is when the user last
    entered the password in it.
    """

    __tablename__ = "web_session"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    session_epoch: Mapped[int]
    started_at: Mapped[datetime] = mapped_column(UTCDateTime)
    confirmed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    last_used_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ip_address: Mapped[str] = mapped_column(String(64))
    user_agent: Mapped[str] = mapped_column(String(200))


class LoginThrottle(Base):
    """Failed logins in a row.

    Unknown login names are counted too, so that a response does not tell which ones exist. The monitor deletes rows a
    day after the last attempt.
    """

    __tablename__ = "login_throttle"
    key: Mapped[str] = mapped_column(String(80), primary_key=True)  # see services.throttling
    failures: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_attempt_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # None: before there was this column
