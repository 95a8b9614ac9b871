"""Trunks and routing rules: the ways out. One shape for both: list, add, change, delete; rules have an order too."""

import re
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ..core.asterisk.conf import escape
from ..core.errors import N_, Invalid, NotFound, Refused, SipwebError
from ..core.names import check_name
from ..core.patterns import parse
from ..core.secrets import check_secret
from ..db import db, transaction
from ..models import Rule, Trunk
from . import audit
from .site import Actor, Site

HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,253}[A-Za-z0-9])?")
NUMBER = re.compile(r"\+?[0-9*#]{0,31}")
CALLER = re.compile(r"(\+?[0-9*#]{1,31})?")
USER = re.compile(r"[A-Za-z0-9._+@-]{0,80}")


@dataclass(frozen=True, slots=True)
class TrunkView:
    """A trunk as saved; the secret is known by `has_secret` only."""

    id: int
    name: str
    host: str
    port: int
    transport: str
    user: str
    caller: str
    realm: str
    register: bool
    active: bool
    version: int
    has_secret: bool = False


@dataclass(frozen=True, slots=True)
class TrunkDraft:
    """A trunk as somebody wants it. An empty `secret` keeps the old one."""

    name: str
    host: str
    port: int
    transport: str
    user: str
    caller: str
    realm: str
    register: bool
    active: bool
    secret: str = ""


@dataclass(frozen=True, slots=True)
class RuleDraft:
    """A rule as somebody wants it."""

    name: str
    pattern: str
    level: int
    trunk_id: int
    strip: int
    prepend: str
    emergency: bool
    active: bool


@dataclass(frozen=True, slots=True)
class RuleView(RuleDraft):
    """A rule as saved, in its order; `trunk` is the trunk's name, and an inactive one lets nothing out."""

    id: int = 0
    position: int = 0
    version: int = 0
    trunk: str = ""
    trunk_active: bool = True


class StaleWay(SipwebError):
    """Somebody else saved it meanwhile: `theirs` is what stands there now."""

    def __init__(self, theirs: TrunkView | RuleView) -> None:
        super().__init__(N_("%(name)s was changed by somebody else meanwhile."), name=theirs.name)
        self.theirs = theirs


def trunks() -> tuple[TrunkView, ...]:
    """All trunks, the oldest first: emergency calls without a rule take the first active one."""
    return tuple(_trunk(row) for row in db.session.scalars(select(Trunk).order_by(Trunk.id)))


def rules() -> tuple[RuleView, ...]:
    """All rules in their order."""
    rows = db.session.execute(select(Rule, Trunk).join(Trunk, Trunk.id == Rule.trunk_id).order_by(Rule.position))
    return tuple(_rule(rule, trunk) for rule, trunk in rows)


def save_trunk(site: Site, who: Actor, trunk_id: int | None, version: int, draft: TrunkDraft) -> int:
    """Add a trunk (`trunk_id` None), or change one; its id. Raises Invalid, StaleWay or NotFound."""
    draft = replace(draft, name=check_name(draft.name), host=draft.host.strip(), caller=draft.caller.strip())
    _check(HOST, draft.host, "host", N_("Enter a host name or an address."))
    _check(USER, draft.user, "user", N_("Letters, digits and . _ + @ - only."))
    _check(USER, draft.realm, "realm", N_("Letters, digits and . _ + @ - only."))
    _check(CALLER, draft.caller, "caller", N_("Digits, star and hash only, a plus only as the first."))
    values = asdict(draft)
    if secret := values.pop("secret"):
        _check_secret(secret)
        values |= {"secret": site.vault.encrypt(secret), "fingerprint": site.vault.fingerprint(secret)}
    if draft.register and not draft.user:
        raise Invalid(N_("Registering needs a user."), "user")
    try:
        with transaction() as session:
            return _store(session, who, Trunk, trunk_id, version, values=values)
    except IntegrityError:
        raise Invalid(N_("There is a trunk of this name already."), "name") from None


def save_rule(who: Actor, rule_id: int | None, version: int, draft: RuleDraft) -> int:
    """Add a rule at the end (`rule_id` None), or change one; its id. Raises Invalid, StaleWay or NotFound."""
    draft = replace(draft, name=check_name(draft.name), pattern=draft.pattern.strip(), prepend=draft.prepend.strip())
    parse(draft.pattern)
    _check(NUMBER, draft.prepend, "prepend", N_("Digits, star and hash only, a plus only as the first."))
    with transaction() as session:
        if session.get(Trunk, draft.trunk_id) is None:
            raise Invalid(N_("Choose a trunk."), "trunk_id")
        values = asdict(draft)
        if rule_id is None:
            values["position"] = (session.scalar(select(func.max(Rule.position))) or 0) + 1
        return _store(session, who, Rule, rule_id, version, values=values)


def delete_trunk(who: Actor, trunk_id: int) -> None:
    """Delete a trunk that no rule uses. Raises Refused naming the rules, or NotFound."""
    with transaction() as session:
        trunk = _get(session, Trunk, trunk_id)
        if names := session.scalars(select(Rule.name).where(Rule.trunk_id == trunk_id).order_by(Rule.position)).all():
            raise Refused(N_("%(name)s is used by: %(rules)s."), name=trunk.name, rules=", ".join(names))
        session.delete(trunk)
        audit.record(session, who, "trunk.delete", trunk.name, way_id=trunk_id)


def delete_rule(who: Actor, rule_id: int) -> None:
    """Delete a rule; the others move up. Raises NotFound."""
    with transaction() as session:
        rule = _get(session, Rule, rule_id)
        session.delete(rule)
        session.flush()
        _number(_ordered(session))
        audit.record(session, who, "rule.delete", rule.name, way_id=rule_id)


def move(who: Actor, rule_id: int, to: int) -> int | None:
    """Move a rule to this place (1 is the first; beyond the ends means the end): the id of the rule that stands before it
    then, None for the first. Raises NotFound."""
    with transaction() as session:
        rule, rows = _get(session, Rule, rule_id), _ordered(session)
        before = rows.index(rule)
        after = min(max(to - 1, 0), len(rows) - 1)
        rows.insert(after, rows.pop(before))
        _number(rows)
        if before != after:
            changes = {"position": [before + 1, after + 1]}
            audit.record(session, who, "rule.move", rule.name, way_id=rule_id, changes=changes)
        return rows[after - 1].id if after else None


def _ordered(session: Session) -> list[Rule]:
    return list(session.scalars(select(Rule).order_by(Rule.position, Rule.id)))


def _number(rows: list[Rule]) -> None:
    """Versions stay: the place is in no form, and whoever edits a row is not disturbed by its neighbours."""
    for position, row in enumerate(rows, 1):
        row.position = position


def _store(
    session: Session, who: Actor, table: type[Trunk] | type[Rule], key: int | None, version: int,
    *, values: dict[str, Any],
) -> int:  # fmt: skip
    """One row from the form's values; the audit log never sees a secret."""
    kind = "trunk" if table is Trunk else "rule"
    if key is None:
        row: Trunk | Rule = table(**values)
        session.add(row)
        session.flush()
        changes = {name: [None, value] for name, value in values.items()}
        audit.record(session, who, f"{kind}.add", row.name, way_id=row.id, changes=_shown(session, changes))
        return row.id
    row = _get(session, table, key)
    if row.version != version:
        raise StaleWay(_trunk(row) if isinstance(row, Trunk) else _rule(row, session.get_one(Trunk, row.trunk_id)))
    changes = {name: [getattr(row, name), value] for name, value in values.items() if getattr(row, name) != value}
    for name, (_old, new) in changes.items():
        setattr(row, name, new)
    if changes:
        row.version += 1
        audit.record(session, who, f"{kind}.edit", row.name, way_id=row.id, changes=_shown(session, changes))
    return row.id


def _shown(session: Session, changes: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """As the log keeps them: a secret without its values, a trunk by its name."""
    shown = {name: [] if name == "secret" else pair for name, pair in changes.items() if name != "fingerprint"}
    if "trunk_id" in shown:
        shown["trunk_id"] = [key and session.get_one(Trunk, key).name for key in shown["trunk_id"]]
    return shown


def _get(session: Session, table: type[Any], key: int) -> Any:
    row = session.get(table, key)
    if row is None:
        raise NotFound(N_("This does not exist any more."))
    return row


def _check(shape: re.Pattern[str], text: str, field: str, message: str) -> None:
    if not shape.fullmatch(text):
        raise Invalid(message, field)


def _check_secret(secret: str) -> None:
    """As long as the provider made it; but it may have to stand in Asterisk's file as it is."""
    check_secret(secret, shortest=1)
    try:
        escape(secret, "", "")
    except Invalid:
        raise Invalid(N_("A password cannot have a backslash at its end or before a semicolon."), "secret") from None


def _trunk(row: Trunk) -> TrunkView:
    return TrunkView(
        row.id, row.name, row.host, row.port, row.transport, row.user, row.caller, row.realm, row.register, row.active,
        row.version, bool(row.secret),
    )  # fmt: skip


def _rule(row: Rule, trunk: Trunk) -> RuleView:
    return RuleView(
        row.name, row.pattern, row.level, row.trunk_id, row.strip, row.prepend, row.emergency, row.active,
        row.id, row.position, row.version, trunk.name, trunk.active,
    )  # fmt: skip
