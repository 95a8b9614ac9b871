"""SIP accounts, who uses them now, the phones that set themselves up for them, and how many were in use."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base
from .revision import CURRENT_REVISION
from .utc_datetime import UTCDateTime


class Account(Base):
    """A saved SIP account.

    Without a user it belongs to Automat Automat. `secret` is encrypted.
    """

    __tablename__ = "account"
    __table_args__ = (
        CheckConstraint("number BETWEEN 100 AND 999", name="number"),
        CheckConstraint("level BETWEEN 0 AND 100", name="level"),
        CheckConstraint("phone IN ('builtin', 'other')", name="phone"),
        CheckConstraint("max_contacts BETWEEN 1 AND 10", name="max_contacts"),
        CheckConstraint("pickup_group BETWEEN 0 AND 63", name="pickup_group"),
        {"sqlite_autoincrement": True},  # ids are never reused, because live and saved accounts are matched by id
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(unique=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    phone: Mapped[str] = mapped_column(String(20))
    active: Mapped[bool]
    recording: Mapped[bool]
    level: Mapped[int]
    max_contacts: Mapped[int] = mapped_column(default=1)
    pickup_group: Mapped[int] = mapped_column(default=0)
    forward_always: Mapped[str] = mapped_column(String(32), default="")
    forward_busy: Mapped[str] = mapped_column(String(32), default="")
    forward_no_answer: Mapped[str] = mapped_column(String(32), default="")
    secret: Mapped[str] = mapped_column(Text)
    fingerprint: Mapped[str] = mapped_column(String(64))
    version: Mapped[int] = mapped_column(default=1)
    revision: Mapped[int] = mapped_column(default=CURRENT_REVISION, onupdate=CURRENT_REVISION, index=True)


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


class ProvisionedPhone(Base):
    """The phone that fetches its settings for an account, from an address that contains a secret of its own.

    Without a foreign key: a deleted account that is restored still has its phone. `mac` is None where the vendor's file
    has a fixed name. `token_digest` is a digest. `allowed_address` is where the phone may ask from, "" before it asked;
    `refused_address` where it was refused last.
    """

    __tablename__ = "provisioned_phone"
    __table_args__ = (
        CheckConstraint("vendor IN ('yealink', 'grandstream', 'snom', 'fanvil', 'linphone')", name="vendor"),
    )
    account_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    vendor: Mapped[str] = mapped_column(String(20))
    mac: Mapped[str | None] = mapped_column(String(12), unique=True)
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    allowed_address: Mapped[str] = mapped_column(String(64), default="")
    first_fetched_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_fetched_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    user_agent: Mapped[str] = mapped_column(String(200), default="")
    refused_address: Mapped[str] = mapped_column(String(64), default="")
    refused_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


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
