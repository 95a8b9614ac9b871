"""The tables, their constraints and relationships. Rules are in core and services."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    DateTime,
    Float,
    ForeignKey,
    Index,
    String,
    Text,
    TypeDecorator,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column

from .db import Base


class UTCDateTime(TypeDecorator[datetime]):
    """A time, aware and in UTC; SQLite itself would drop the time zone."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Convert to naive UTC for the column."""
        return value.astimezone(UTC).replace(tzinfo=None) if value else None

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Convert to aware UTC."""
        return value.replace(tzinfo=UTC) if value else None

    def result_processor(self, dialect: Any, coltype: Any) -> Callable[[Any], datetime | None] | None:
        """Return the conversion; in one step for SQLite's text, since a month of usage has 9,000 times."""
        return _time_of_text if dialect.name == "sqlite" else super().result_processor(dialect, coltype)


def _time_of_text(text: str | None) -> datetime | None:
    return datetime.fromisoformat(f"{text}+00:00") if text else None


class Revision(Base):
    """One row; every transaction raises it (see db.transaction)."""

    __tablename__ = "revision"
    id: Mapped[int] = mapped_column(primary_key=True)
    value: Mapped[int] = mapped_column(default=0)


# The revision in which a row was last written. A cache of revision N reads only rows with a higher one.
_REVISION = select(Revision.value).scalar_subquery()


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
    revision: Mapped[int] = mapped_column(default=_REVISION, onupdate=_REVISION, index=True)


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
    revision: Mapped[int] = mapped_column(default=_REVISION, onupdate=_REVISION, index=True)


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


class Host(Base):
    """A PBX host, as its own monitor reports it every few seconds. SQLite has none: there is only one.

    `machine_id` is random, so that two hosts cannot have one name. `seen_at`, `present_since` (it was seen all the time
    since then) and `started_at` are times of the database's clock. `generation` and `digest` are what it runs,
    verified; `problem` is why it does not run what it should: message, values. `settings` are those that reach
    Asterisk, by their names. `status` is what its Asterisk reported, as in the status file; `stamp` is that of
    PbxStatus.
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


class AuditEntry(Base):
    """Who did what, when and from where.

    `changes` is {field: [old, new]}, without secrets.
    """

    __tablename__ = "audit"
    __table_args__ = ({"sqlite_autoincrement": True},)
    id: Mapped[int] = mapped_column(primary_key=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    actor_name: Mapped[str] = mapped_column(String(80))
    ip_address: Mapped[str] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(40))
    account_id: Mapped[int | None] = mapped_column(index=True)
    user_id: Mapped[int | None] = mapped_column(index=True)
    trunk_id: Mapped[int | None] = mapped_column(index=True)
    route_id: Mapped[int | None] = mapped_column(index=True)
    subject: Mapped[str] = mapped_column(String(80))
    changes: Mapped[dict[str, list[Any]]] = mapped_column(JSON, default=dict)


class AuditSubject(Base):
    """One of the accounts or users that an audit entry is about, if they are many; `changes` are its own."""

    __tablename__ = "audit_subject"
    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("audit.id", ondelete="CASCADE"), index=True)
    account_id: Mapped[int | None] = mapped_column(index=True)
    user_id: Mapped[int | None] = mapped_column(index=True)
    subject: Mapped[str] = mapped_column(String(80))
    changes: Mapped[dict[str, list[Any]]] = mapped_column(JSON, default=dict)


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


class Totp(Base):
    """The authenticator app of a user. `secret` is its encrypted key, which counts when a code has confirmed it.

    `last_step` is the 30-second step of the code that was used last: each code works once.
    """

    __tablename__ = "totp"
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True, autoincrement=False)
    secret: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_step: Mapped[int] = mapped_column(BigInteger, default=0)


class Passkey(Base):
    """A passkey of a user, for the host name `rp_id`. Credential id and public key are base64url."""

    __tablename__ = "passkey"
    __table_args__ = ({"sqlite_autoincrement": True},)
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    rp_id: Mapped[str] = mapped_column(String(253))
    credential_id: Mapped[str] = mapped_column(String(1400), unique=True)
    public_key: Mapped[str] = mapped_column(Text)
    sign_count: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class PasskeyChallenge(Base):
    """A challenge that a user's passkey may sign once. The row is deleted when an answer comes, or by the monitor."""

    __tablename__ = "passkey_challenge"
    challenge: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)


class RecoveryCode(Base):
    """A recovery code of a user, as a digest. The row is deleted when the code is used."""

    __tablename__ = "recovery_code"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    digest: Mapped[str] = mapped_column(String(64))


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
    revision: Mapped[int] = mapped_column(default=_REVISION, onupdate=_REVISION, index=True)


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
    revision: Mapped[int] = mapped_column(default=_REVISION, onupdate=_REVISION, index=True)


class Acknowledgement(Base):
    """A message that administrators have acknowledged: no page shows it again while its facts are the same.

    `subject` is "first_steps", or why emergency calls can't be placed. `fingerprint` is a digest of the facts.
    """

    __tablename__ = "acknowledgement"
    __table_args__ = ({"sqlite_autoincrement": True},)  # the newest id shows whether the rows are still the same
    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(String(20))
    fingerprint: Mapped[str] = mapped_column(String(64), unique=True)
    actor_name: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Drift(Base):
    """A difference between the live generation and what a PBX runs or has as files, seen by two checks in a row.

    `host` is the PBX. `name` and `field` are those of pbx.verification.Difference.
    """

    __tablename__ = "drift"
    __table_args__ = ({"sqlite_autoincrement": True},)  # the newest id shows whether the rows are still the same
    id: Mapped[int] = mapped_column(primary_key=True)
    host: Mapped[str] = mapped_column(String(80))
    name: Mapped[str] = mapped_column(String(255))
    field: Mapped[str] = mapped_column(String(80))
    expected: Mapped[str] = mapped_column(Text, default="")
    actual: Mapped[str] = mapped_column(Text, default="")
    first_seen_at: Mapped[datetime] = mapped_column(UTCDateTime)


class DriftCheck(Base):
    """The last comparison of a PBX with the live generation."""

    __tablename__ = "drift_check"
    host: Mapped[str] = mapped_column(String(80), primary_key=True)
    generation: Mapped[int]
    checked_at: Mapped[datetime] = mapped_column(UTCDateTime)


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


class AddressBlock(Base):
    """An address from which Asterisk accepts no SIP request, because too many passwords were wrong.

    `address` is an IPv4 address or the /64 of an IPv6 one; `attempts` is how many passwords were wrong. The row is kept
    when the block has ended: the next one of the address lasts longer, unless somebody ended it (`unblocked_by`).
    """

    __tablename__ = "address_block"
    __table_args__ = ({"sqlite_autoincrement": True},)
    id: Mapped[int] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(String(64), index=True)
    begun_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ends_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    attempts: Mapped[int]
    unblocked_by: Mapped[str] = mapped_column(String(80), default="")


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
