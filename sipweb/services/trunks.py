"""Trunks: list, create, update, delete."""

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from operator import attrgetter
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from ..core.asterisk.conf import escape
from ..core.errors import N_, Invalid, OperationRefused
from ..core.passwords import check_sip_password
from ..core.rights import Right
from ..core.search import Search
from ..core.search_filters import CHANGED, ON_OFF, TEXT, ChoiceValue, Filter, Term, on_off
from ..core.text import clean_display_name, search_key
from ..db import db, transaction
from ..models import OutboundRoute, Trunk
from . import audit, records
from .context import Actor, ServiceContext
from .edits import Replaced, replaced
from .errors import StaleEdit
from .list_search import matching

HOST_PATTERN = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,253}[A-Za-z0-9])?")
CALLER_ID_PATTERN = re.compile(r"(\+?[0-9*#]{1,31})?")
USER_PATTERN = re.compile(r"[A-Za-z0-9._+@-]{0,80}")
NAME_TAKEN = N_("A trunk with this name already exists.")


@dataclass(frozen=True, slots=True)
class TrunkView:
    """A trunk as saved. `has_secret` tells whether a password is saved; the password itself is not shown."""

    id: int
    name: str
    host: str
    port: int
    transport: str
    username: str
    caller_id: str
    from_user: str
    from_domain: str
    send_pai: bool
    dtmf_mode: str
    realm: str
    register: bool
    active: bool
    version: int
    has_secret: bool = False


@dataclass(frozen=True, slots=True)
class TrunkInput:
    """A trunk as it shall be saved. An empty `secret` keeps the old one."""

    name: str
    host: str
    port: int
    transport: str
    username: str
    caller_id: str
    realm: str
    register: bool
    active: bool
    secret: str = ""
    from_user: str = ""
    from_domain: str = ""
    send_pai: bool = False
    dtmf_mode: str = "auto"


def list_trunks() -> tuple[TrunkView, ...]:
    """Return all trunks, the oldest first: emergency calls without a route take the first active one."""
    return tuple(_view(trunk) for trunk in db.session.scalars(select(Trunk).order_by(Trunk.id)))


FILTERS = (
    Filter(Term("host", "host"), TEXT, N_("Host"), ("example.org",)),
    Filter(
        Term("transport", "transport"),
        ChoiceValue({name: Term(name, name) for name in ("udp", "tcp", "tls")}),
        N_("Transport"),
    ),
    Filter(Term("active", "aktywny", ("aktywne",)), ChoiceValue(ON_OFF), N_("Active")),
    CHANGED,
)
SORTS: Mapping[str, Callable[[TrunkView], Any]] = {
    "name": lambda trunk: search_key(trunk.name),
    **{name: attrgetter(name) for name in ("host", "port", "transport", "username", "caller_id")},
    "active": lambda trunk: not trunk.active,
}
_SEARCHED: Mapping[str, Callable[[TrunkView], Any]] = {
    "host": attrgetter("host"),
    "transport": lambda trunk: (trunk.transport,),
    "active": lambda trunk: on_off(trunk.active),
}


def select_trunks(search: Search, sort: str = "") -> list[TrunkView]:
    """Return the trunks that a search shows; words are looked for in name, host, user and caller ID.

    `sort` is one of SORTS, "-host" sorts in reverse; any other keeps the order of list_trunks().
    """
    trunks = matching(list_trunks(), search, kind="trunk", text=_search_text, values=_SEARCHED)
    if key := SORTS.get(sort.removeprefix("-")):
        trunks.sort(key=key, reverse=sort.startswith("-"))
    return trunks


def _search_text(trunk: TrunkView) -> str:
    return search_key(f"{trunk.name} {trunk.host} {trunk.username} {trunk.caller_id}")


def create_trunk(ctx: ServiceContext, actor: Actor, values: TrunkInput) -> int:
    """Save a new trunk and return its id. Raises Invalid."""
    actor.require(Right.EDIT)
    try:
        with transaction() as session:
            columns = _checked_columns(ctx, values)
            trunk = Trunk(**columns)
            session.add(trunk)
            session.flush()
            changes = _without_secret({name: [None, value] for name, value in columns.items()})
            audit.record(session, actor, "trunk.add", trunk.name, trunk_id=trunk.id, changes=changes)
            return trunk.id
    except IntegrityError:
        raise Invalid(NAME_TAKEN, "name") from None


def update_trunk(ctx: ServiceContext, actor: Actor, trunk_id: int, version: int, values: TrunkInput) -> Replaced | None:
    """Save a trunk's form. Returns what can be undone. Raises Invalid, StaleEdit or NotFound."""
    actor.require(Right.EDIT)
    try:
        with transaction() as session:
            columns = _checked_columns(ctx, values)
            trunk = records.get_or_raise(session, Trunk, trunk_id)
            if trunk.version != version:
                raise StaleEdit(_view(trunk))
            changes = _without_secret(records.update(trunk, columns))
            if changes:
                audit.record(session, actor, "trunk.edit", trunk.name, trunk_id=trunk.id, changes=changes)
            return replaced(trunk.id, trunk.version, changes)
    except IntegrityError:
        raise Invalid(NAME_TAKEN, "name") from None


def undo(ctx: ServiceContext, actor: Actor, edit: Replaced) -> None:
    """Restore the values that an edit replaced.

    Raises:
        StaleEdit, Invalid, NotFound: nothing was restored. StaleEdit: the trunk was changed since.
    """
    trunk = records.get_or_raise(db.session(), Trunk, edit.id)
    values = {field.name: getattr(trunk, field.name) for field in fields(TrunkInput) if field.name != "secret"}
    update_trunk(ctx, actor, edit.id, edit.version, TrunkInput(**values | dict(edit.values)))


def delete_trunk(actor: Actor, trunk_id: int) -> None:
    """Delete a trunk that no route uses. Raises Refused, which names the routes, or NotFound."""
    actor.require(Right.EDIT)
    with transaction() as session:
        trunk = records.get_or_raise(session, Trunk, trunk_id)
        if names := session.scalars(
            select(OutboundRoute.name).where(OutboundRoute.trunk_id == trunk_id).order_by(OutboundRoute.position)
        ).all():
            raise OperationRefused(
                N_("Can't delete %(name)s: it is used by %(rules)s."), name=trunk.name, rules=", ".join(names)
            )
        session.delete(trunk)
        audit.record(session, actor, "trunk.delete", trunk.name, trunk_id=trunk_id)


def _checked_columns(ctx: ServiceContext, values: TrunkInput) -> dict[str, Any]:
    """Return the columns to save, within the caller's transaction (see SecretCipher.encrypt). Raises Invalid."""
    values = replace(
        values, name=clean_display_name(values.name), host=values.host.strip(), caller_id=values.caller_id.strip()
    )  # fmt: skip
    _check(HOST_PATTERN, values.host, "host", N_("Enter a host name or IP address."))
    _check(USER_PATTERN, values.username, "username", N_("Use only letters, digits and . _ + @ -"))
    _check(USER_PATTERN, values.from_user, "from_user", N_("Use only letters, digits and . _ + @ -"))
    if values.from_domain:
        _check(HOST_PATTERN, values.from_domain, "from_domain", N_("Enter a host name or IP address."))
    _check(USER_PATTERN, values.realm, "realm", N_("Use only letters, digits and . _ + @ -"))
    _check(
        CALLER_ID_PATTERN, values.caller_id, "caller_id", N_("Use only digits, * and #, with an optional leading +.")
    )
    columns = asdict(values)
    if secret := columns.pop("secret"):
        _check_secret(secret)
        columns |= {"secret": ctx.cipher.encrypt(secret), "fingerprint": ctx.cipher.fingerprint(secret)}
    if values.register and not values.username:
        raise Invalid(N_("Enter a username to use registration."), "username")
    return columns


def _check(pattern: re.Pattern[str], text: str, field: str, message: str) -> None:
    if not pattern.fullmatch(text):
        raise Invalid(message, field)


def _check_secret(secret: str) -> None:
    """Check the provider's password, which may be short. Raises Invalid where it cannot stand in Asterisk's file."""
    check_sip_password(secret, shortest=1)
    try:
        escape(secret, "", "")
    except Invalid:
        raise Invalid(
            N_("The password can't end with a backslash or contain a backslash before a semicolon."), "secret"
        ) from None


def _without_secret(changes: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """Return the changes as the audit log keeps them: that the password changed, but no value of it."""
    return {name: [] if name == "secret" else pair for name, pair in changes.items() if name != "fingerprint"}


def _view(trunk: Trunk) -> TrunkView:
    return TrunkView(
        id=trunk.id,
        name=trunk.name,
        host=trunk.host,
        port=trunk.port,
        transport=trunk.transport,
        username=trunk.username,
        caller_id=trunk.caller_id,
        from_user=trunk.from_user,
        from_domain=trunk.from_domain,
        send_pai=trunk.send_pai,
        dtmf_mode=trunk.dtmf_mode,
        realm=trunk.realm,
        register=trunk.register,
        active=trunk.active,
        version=trunk.version,
        has_secret=bool(trunk.secret),
    )
