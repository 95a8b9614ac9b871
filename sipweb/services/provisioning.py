"""Phones that fetch their settings: who may, from where, and what they get.

See docs/decisions/068-phones-fetch-their-settings.md.
"""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ..core.accounts import OTHER
from ..core.errors import N_, Invalid, NotFound, OperationRefused
from ..core.provisioning import VENDORS, PhoneSettings, clean_mac
from ..core.rights import Right
from ..core.snapshot import Account
from ..crypto import token_digest
from ..db import db, transaction
from ..logs import acting_user, security_event
from ..models import Account as AccountRow
from ..models import ProvisionedPhone
from . import audit
from .context import SYSTEM_ACTOR, Actor, ServiceContext, utc_now
from .sip_servers import sip_servers
from .state import current_state
from .throttling import add_attempt, check_wait, of_provisioning

USE_INTERVAL = timedelta(minutes=1)  # the last fetch, and a refusal that repeats, are stored at most this often


@dataclass(frozen=True, slots=True)
class PhoneView:
    """The phone of an account. `mac` is "" for a vendor without one; addresses are "" where there is none."""

    account_id: int
    vendor: str
    mac: str
    created_at: datetime
    allowed_address: str
    first_fetched_at: datetime | None
    last_fetched_at: datetime | None
    user_agent: str
    refused_address: str
    refused_at: datetime | None


@dataclass(frozen=True, slots=True)
class ProvisioningFile:
    """What a phone gets."""

    text: str
    content_type: str


def find(account_id: int) -> PhoneView | None:
    """Return the phone of an account, if it has one that fetches its settings."""
    row = db.session.get(ProvisionedPhone, account_id, populate_existing=True)
    if row is None:
        return None
    return PhoneView(
        row.account_id, row.vendor, row.mac or "", row.created_at, row.allowed_address, row.first_fetched_at,
        row.last_fetched_at, row.user_agent, row.refused_address, row.refused_at,
    )  # fmt: skip


def set_up(actor: Actor, account_id: int, vendor: str, mac: str) -> str:
    """Let the phone of an account fetch its settings; return the secret part of the new address, which is not stored.

    An earlier address of the account ends.

    Raises:
        Invalid: vendor or MAC address; nothing was saved.
        NotFound, OperationRefused: there is no such account, or it is one of the built-in phone.
    """
    actor.require(Right.SHOW_PASSWORDS)
    if vendor not in VENDORS:
        raise Invalid(N_("Select the phone's vendor."), "vendor")
    stored_mac = clean_mac(mac) if VENDORS[vendor].has_mac else None
    token = secrets.token_urlsafe(24)
    try:
        with transaction() as session:
            account = _account(session, account_id)
            if account.phone != OTHER:
                raise OperationRefused(N_("Only accounts for another phone have a phone to set up."))
            if stored_mac:
                is_orphan = ProvisionedPhone.account_id.not_in(select(AccountRow.id))
                session.execute(delete(ProvisionedPhone).where(ProvisionedPhone.mac == stored_mac, is_orphan))
            session.execute(delete(ProvisionedPhone).where(ProvisionedPhone.account_id == account_id))
            session.add(
                ProvisionedPhone(
                    account_id=account_id, vendor=vendor, mac=stored_mac, token_digest=token_digest(token),
                    created_at=utc_now(),
                )
            )  # fmt: skip
            changes = {"vendor": [None, vendor]} | ({"mac": [None, stored_mac]} if stored_mac else {})
            audit.record(session, actor, "provisioning.set_up", account.number, account_id=account_id, changes=changes)
    except IntegrityError:
        raise Invalid(
            N_("The phone with this MAC address belongs to %(number)s."), "mac", number=_number_of(stored_mac)
        ) from None
    security_event("authn_token_created", acting_user(), "provisioning", account.number)
    return token


def remove(actor: Actor, account_id: int) -> None:
    """End the address of an account's phone.

    Raises:
        NotFound: it has none.
    """
    actor.require(Right.EDIT)
    with transaction() as session:
        row, number = _phone(session, account_id)
        session.delete(row)
        audit.record(session, actor, "provisioning.remove", number, account_id=account_id)
    security_event("authn_token_revoked", acting_user(), "provisioning", number)


def allow(actor: Actor, account_id: int, address: str) -> None:
    """Let the phone fetch its settings from the address at which it was refused, and no longer from the earlier one.

    Raises:
        NotFound, OperationRefused: there is no such phone, or it was not refused there.
    """
    actor.require(Right.SHOW_PASSWORDS)
    with transaction() as session:
        row, number = _phone(session, account_id)
        if not address or row.refused_address != address:
            raise OperationRefused(N_("The phone has asked from another address since. Look at it again."))
        changes = {"ip_address": [row.allowed_address, address]}
        row.allowed_address, row.refused_address, row.refused_at = address, "", None
        audit.record(session, actor, "provisioning.allow", number, account_id=account_id, changes=changes)


def remove_orphaned_phones(session: Session) -> None:
    """After a generation, remove the phones of accounts that were deleted: these can't be restored any more."""
    session.execute(delete(ProvisionedPhone).where(ProvisionedPhone.account_id.not_in(select(AccountRow.id))))


def fetch(
    ctx: ServiceContext, token: str, file_name: str, address: str, *, user_agent: str = "", language: str = ""
) -> ProvisioningFile:
    """Return the file that a phone asks for, with what is live. The first one to ask decides about the address.

    Who is refused never learns why: it takes the same steps and raises the same error.

    Raises:
        NotFound: refused, or the phone has no such file.
        Throttled: too many were refused at this address.
    """
    check_wait(of_provisioning(address))
    digest = token_digest(token)
    phone = db.session.scalar(select(ProvisionedPhone).where(ProvisionedPhone.token_digest == digest))
    account = _usable_account(ctx, phone.account_id if phone else 0)
    if phone is None or account is None:
        raise _refused(digest, "account" if phone else "token", address)
    vendor, mac = VENDORS[phone.vendor], phone.mac or ""
    requested = vendor.requested_mac(file_name)
    if requested is None:  # phones ask for files that all of a model share before their own: that is no attack
        raise _not_found()
    if requested != mac:
        raise _refused(digest, "mac", address)
    if not _record_fetch(phone, account, address, user_agent):
        raise _refused(digest, "address", address)
    return ProvisioningFile(vendor.render(_settings(ctx, account, language)), vendor.content_type)


def _usable_account(ctx: ServiceContext, account_id: int) -> Account | None:
    """Return the live account for a phone; None unless it is also saved as an active one, of an active user."""
    current = current_state(ctx)
    saved, live = current.by_id.get(account_id), current.live.by_id.get(account_id)
    if saved is None or live is None or not (saved.active and saved.owner_active):
        return None
    return live if saved.phone == live.phone == OTHER else None


def _record_fetch(phone: ProvisionedPhone, account: Account, address: str, user_agent: str) -> bool:
    """Store that the phone asked, unless it did so a moment ago; return whether it may ask from this address."""
    now, is_first = utc_now(), not phone.allowed_address
    if phone.allowed_address not in ("", address):
        return False
    if not is_first and phone.last_fetched_at and timedelta() <= now - phone.last_fetched_at < USE_INTERVAL:
        return True
    account_id, digest, first_at = phone.account_id, phone.token_digest, phone.first_fetched_at or now
    with transaction(bump_revision=False) as session:
        stored = session.scalar(
            update(ProvisionedPhone)
            .where(
                ProvisionedPhone.token_digest == digest,
                or_(ProvisionedPhone.allowed_address == "", ProvisionedPhone.allowed_address == address),
            )
            .values(
                allowed_address=address, first_fetched_at=first_at, last_fetched_at=now, user_agent=_visible(user_agent)
            )
            .returning(ProvisionedPhone.account_id)
        )
        if stored is None:  # another one was first, a moment ago
            return False
        if is_first:
            who = replace(SYSTEM_ACTOR, address=address)
            audit.record(session, who, "provisioning.first_fetch", account.number, account_id=account_id)
    return True


def _refused(digest: str, reason: str, address: str) -> NotFound:
    """Count, store and log a refusal; return the error. A wrong token takes the same steps as a right one.

    Raises:
        Throttled: too many were refused at this address.
    """
    wait, number = add_attempt(of_provisioning(address)), "-"
    with transaction(bump_revision=False) as session:
        phone = session.scalar(select(ProvisionedPhone).where(ProvisionedPhone.token_digest == digest))
        account = session.get(AccountRow, phone.account_id if phone else 0)
        if phone and account:
            number = str(account.number)
            _record_refusal(session, phone, number, reason, address)
    security_event("authz_fail", number, "provisioning", reason=reason)
    if wait:
        security_event("excess_rate_limit_exceeded", "provisioning", of_provisioning(address).free, wait=wait)
    return _not_found()


def _record_refusal(session: Session, phone: ProvisionedPhone, number: str, reason: str, address: str) -> None:
    """Record in the account's history that a phone was refused because of its address or MAC address."""
    now = utc_now()
    if reason == "account":
        return
    is_repeated = phone.refused_at and timedelta() <= now - phone.refused_at < USE_INTERVAL
    if reason == "address":
        is_repeated = is_repeated and phone.refused_address == address
        phone.refused_address = address
    if is_repeated:
        return
    phone.refused_at = now
    who, changes = replace(SYSTEM_ACTOR, address=address), {"reason": [None, f"other_{reason}"]}
    audit.record(session, who, "provisioning.refused", number, account_id=phone.account_id, changes=changes)


def _not_found() -> NotFound:
    return NotFound(N_("There is no page at this address."))


def _settings(ctx: ServiceContext, account: Account, language: str) -> PhoneSettings:
    current = current_state(ctx)
    settings = current.live.settings
    first, *others = sip_servers(ctx)
    return PhoneSettings(
        number=account.number, name=account.user, secret=ctx.cipher.decrypt(account.secret), realm=settings.realm,
        server=first.address, second=others[0].address if others else None, codecs=settings.codecs,
        srtp=settings.srtp, language=language, generation=current.generation,
    )  # fmt: skip


def _phone(session: Session, account_id: int) -> tuple[ProvisionedPhone, int]:
    """Return the phone of an account, and the account's number."""
    account, row = _account(session, account_id), session.get(ProvisionedPhone, account_id)
    if row is None:
        raise NotFound(N_("This account has no phone that fetches its settings."))
    return row, account.number


def _account(session: Session, account_id: int) -> AccountRow:
    account = session.get(AccountRow, account_id)
    if account is None:
        raise NotFound(N_("This account no longer exists."))
    return account


def _number_of(mac: str | None) -> int | str:
    query = select(AccountRow.number).join(ProvisionedPhone, ProvisionedPhone.account_id == AccountRow.id)
    return db.session.scalar(query.where(ProvisionedPhone.mac == mac)) or "–"


def _visible(user_agent: str) -> str:
    return "".join(char for char in user_agent if char.isprintable())[:200]
