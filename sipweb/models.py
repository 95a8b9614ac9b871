"""The tables, their constraints and relationships. No rules: those are in core and services."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, DateTime, ForeignKey, String, Text, TypeDecorator, select
from sqlalchemy.orm import Mapped, mapped_column

from .db import Base


class Moment(TypeDecorator[datetime]):
    """A moment, aware and in UTC on both sides; SQLite itself would forget the zone."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        """To naive UTC, for the column."""
        return value.astimezone(UTC).replace(tzinfo=None) if value else None

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        """To aware UTC, for everybody else."""
        return value.replace(tzinfo=UTC) if value else None


class Revision(Base):
    """One row; every transaction raises it (see db.transaction)."""

    __tablename__ = "revision"
    id: Mapped[int] = mapped_column(primary_key=True)
    value: Mapped[int] = mapped_column(default=0)


# The revision in which a row was last written: who knows the state of an earlier one reads only what is newer.
_REVISION = select(Revision.value).scalar_subquery()


class User(Base):
    """A person who may log in. `epoch` is raised to end all sessions; `version` guards against stale edits."""

    __tablename__ = "user"
    __table_args__ = (
        CheckConstraint("role IN ('administrator', 'agent')", name="role"),
        CheckConstraint("work_mode IN ('automatic', 'manual')", name="work_mode"),
        CheckConstraint("external_phone IN ('builtin', 'other')", name="external_phone"),
        {"sqlite_autoincrement": True},
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    password_hash: Mapped[str] = mapped_column(String(200))
    must_change: Mapped[bool] = mapped_column(default=False)
    role: Mapped[str] = mapped_column(String(20))
    active: Mapped[bool] = mapped_column(default=True)
    work_mode: Mapped[str] = mapped_column(String(20), default="automatic")
    external_phone: Mapped[str] = mapped_column(String(20), default="builtin")
    language: Mapped[str | None] = mapped_column(String(2))
    epoch: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)
    revision: Mapped[int] = mapped_column(default=_REVISION, onupdate=_REVISION, index=True)


class Account(Base):
    """A SIP account as saved. Without a user it belongs to Automat Automat. `secret` is encrypted."""

    __tablename__ = "account"
    __table_args__ = (
        CheckConstraint("number BETWEEN 100 AND 999", name="number"),
        CheckConstraint("level BETWEEN 0 AND 100", name="level"),
        CheckConstraint("phone IN ('builtin', 'other')", name="phone"),
        {"sqlite_autoincrement": True},  # an id is never reused: live and saved accounts are matched by it
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(unique=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    phone: Mapped[str] = mapped_column(String(20))
    active: Mapped[bool]
    recording: Mapped[bool]
    level: Mapped[int]
    secret: Mapped[str] = mapped_column(Text)
    fingerprint: Mapped[str] = mapped_column(String(64))
    version: Mapped[int] = mapped_column(default=1)
    revision: Mapped[int] = mapped_column(default=_REVISION, onupdate=_REVISION, index=True)


class Generation(Base):
    """One attempt to make the PBX run a snapshot. `state`: running, written, verified, refused or interrupted."""

    __tablename__ = "generation"
    __table_args__ = (
        CheckConstraint("state IN ('running', 'written', 'verified', 'refused', 'interrupted')", name="state"),
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    state: Mapped[str] = mapped_column(String(20), index=True)
    started: Mapped[datetime] = mapped_column(Moment)
    finished: Mapped[datetime | None] = mapped_column(Moment)
    by: Mapped[str] = mapped_column(String(80))
    digest: Mapped[str] = mapped_column(String(16))
    snapshot: Mapped[str] = mapped_column(Text)
    base: Mapped[int | None]  # the generation that was live when this one was claimed
    steps: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    message: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    differences: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)


class AuditEntry(Base):
    """Who did what, when, from where. `changes` is {field: [old, new]}; a secret is never in it."""

    __tablename__ = "audit"
    __table_args__ = ({"sqlite_autoincrement": True},)
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment, index=True)
    by: Mapped[str] = mapped_column(String(80))
    address: Mapped[str] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(40))
    account_id: Mapped[int | None] = mapped_column(index=True)
    user_id: Mapped[int | None] = mapped_column(index=True)
    way_id: Mapped[int | None] = mapped_column(index=True)  # a trunk's or a rule's, as the action says
    subject: Mapped[str] = mapped_column(String(80))
    changes: Mapped[dict[str, list[Any]]] = mapped_column(JSON, default=dict)


class Throttle(Base):
    """Failed logins in a row by login name (known or not, so that nothing can be told apart)."""

    __tablename__ = "throttle"
    login: Mapped[str] = mapped_column(String(80), primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None] = mapped_column(Moment)


class Lease(Base):
    """Who uses which live account now. The row goes when the lease ends; one an account, one an agent.

    `account_id` and `number` are the live account's, without a foreign key: it may be deleted or renumbered meanwhile.
    `token` is a digest. `epoch` is the agent's at the login: another password ends it.
    """

    __tablename__ = "lease"
    __table_args__ = ({"sqlite_autoincrement": True},)  # the newest id tells whether the leases are still the same
    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), unique=True)
    number: Mapped[int]
    token: Mapped[str] = mapped_column(String(64), unique=True)
    epoch: Mapped[int]
    since: Mapped[datetime] = mapped_column(Moment)
    seen: Mapped[datetime] = mapped_column(Moment)


class Trunk(Base):
    """A way out as saved. `secret` is encrypted, "" where the provider asks for none."""

    __tablename__ = "trunk"
    __table_args__ = (
        CheckConstraint("port BETWEEN 1 AND 65535", name="port"),
        CheckConstraint("transport IN ('udp', 'tcp', 'tls')", name="transport"),
        {"sqlite_autoincrement": True},
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    host: Mapped[str] = mapped_column(String(255))
    port: Mapped[int] = mapped_column(default=5060)
    transport: Mapped[str] = mapped_column(String(3), default="udp")
    user: Mapped[str] = mapped_column(String(80), default="")
    caller: Mapped[str] = mapped_column(String(32), default="")
    realm: Mapped[str] = mapped_column(String(80), default="")
    register: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)
    secret: Mapped[str] = mapped_column(Text, default="")
    fingerprint: Mapped[str] = mapped_column(String(64), default="")
    version: Mapped[int] = mapped_column(default=1)
    revision: Mapped[int] = mapped_column(default=_REVISION, onupdate=_REVISION, index=True)


class Rule(Base):
    """A routing rule as saved; the positions order them."""

    __tablename__ = "rule"
    __table_args__ = (
        CheckConstraint("level BETWEEN 0 AND 100", name="level"),
        CheckConstraint("strip BETWEEN 0 AND 32", name="strip"),
        {"sqlite_autoincrement": True},
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(80))
    pattern: Mapped[str] = mapped_column(String(200))
    level: Mapped[int]
    trunk_id: Mapped[int] = mapped_column(ForeignKey("trunk.id"), index=True)
    strip: Mapped[int] = mapped_column(default=0)
    prepend: Mapped[str] = mapped_column(String(32), default="")
    emergency: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)
    revision: Mapped[int] = mapped_column(default=_REVISION, onupdate=_REVISION, index=True)
