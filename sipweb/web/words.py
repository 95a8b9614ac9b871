"""The words of the screen that do not stand in templates, and the language they are said in."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from flask import current_app, g, request, session
from flask_babel import format_datetime, format_time, gettext, ngettext, to_user_timezone
from flask_babel import lazy_gettext as _l

from ..core.errors import SipwebError
from ..core.plan import Plan
from ..core.routing import opened, stranded
from ..core.snapshot import Rule
from ..services.agents import HELD, INACTIVE, Freed, Offer
from ..services.site import now

NAMES = 12  # names of rules in one sentence
FIELDS = {
    "number": _l("Internal number"), "secret": _l("Password"), "user": _l("User"), "phone": _l("Hardware phone"),
    "active": _l("Account active"), "recording": _l("Call recording"), "level": _l("Permission level"),
    "realm": _l("SIP realm"), "reason": _l("Reason"), "emergency": _l("Emergency numbers"), "role": _l("Role"), "name": _l("Name"), "login": _l("Login"), "work_mode": _l("Work mode"),
    "external_phone": _l("External phone"), "host": _l("Host"), "port": _l("Port"), "transport": _l("Transport"),
    "caller": _l("Caller number"), "register": _l("Register"), "pattern": _l("Pattern"), "trunk_id": _l("Trunk"),
    "strip": _l("Digits to strip"), "prepend": _l("Digits to prepend"), "position": _l("Order"),
    "file": _l("File"), "count": _l("Count"),
}  # fmt: skip
OTHERWISE = {  # what a field is called where it is no account's
    ("user", "active"): _l("Active"), ("trunk", "active"): _l("Active"), ("trunk", "realm"): _l("Realm"),
    ("rule", "active"): _l("Rule active"), ("rule", "level"): _l("Lowest level"), ("rule", "emergency"): _l("Emergency calls"),
}  # fmt: skip
ACTIONS = {
    "login": _l("Logged in"), "login.failed": _l("Failed login"), "logout": _l("Logged out"),
    "account.add": _l("Account added"), "account.edit": _l("Account changed"), "account.delete": _l("Account deleted"),
    "account.undo": _l("Deletion undone"), "account.reveal": _l("Password revealed"),
    "account.secret": _l("New password made"), "user.add": _l("User added"), "user.edit": _l("User changed"), "user.password": _l("Password set"),
    "generation.verified": _l("Configuration generated"), "generation.written": _l("Configuration written"),
    "generation.refused": _l("Generation refused"), "generation.interrupted": _l("Generation interrupted"),
    "trunk.add": _l("Trunk added"), "trunk.edit": _l("Trunk changed"), "trunk.delete": _l("Trunk deleted"),
    "rule.add": _l("Rule added"), "rule.edit": _l("Rule changed"), "rule.delete": _l("Rule deleted"),
    "rule.move": _l("Rule moved"),
    "agent.login": _l("Number taken"), "agent.logout": _l("Number given back"), "agent.refused": _l("Number refused"),
    "agent.release": _l("Number taken away"), "agent.expired": _l("Agent fell silent"),
    "agent.ended": _l("Use ended by a generation"),
    "recording.listen": _l("Recording listened to"), "recording.download": _l("Recording downloaded"),
    "recording.expired": _l("Old recordings deleted"),
}  # fmt: skip
STATES = {
    "running": _l("running"), "written": _l("written, not verified"), "verified": _l("verified"),
    "refused": _l("refused"), "interrupted": _l("interrupted"),
}  # fmt: skip
REGISTRATIONS = {
    "Registered": _l("registered"), "Unregistered": _l("not registered"), "Rejected": _l("registration refused"),
    "Stopped": _l("not registered"),
}  # fmt: skip
STEPS = {"rendered": _l("Rendered"), "written": _l("Written"), "reloaded": _l("Reloaded"), "verified": _l("Verified")}


def for_programs() -> bool:
    """Whether the agent application's interface is asked: JSON, and Polish unless it wishes otherwise."""
    return request.path.startswith("/api/")


def language() -> str:
    """The person's choice, this browser session's, the setting's, or what the browser prefers."""
    if for_programs():
        return request.accept_languages.best_match(["pl", "en"], "pl")
    who = g.get("actor")
    chosen = (who and who.language) or session.get("language") or current_app.config["SETTINGS"].language
    return chosen or request.accept_languages.best_match(["en", "pl"], "en")


def say(error: SipwebError) -> str:
    """An error's sentence in the page's language."""
    return gettext(error.message, **error.values) if error.values else gettext(error.message)


def phone_name(phone: str) -> str:
    """A phone's name on the screen; the built-in one's is a setting."""
    return str(current_app.config["SETTINGS"].softphone_name) if phone == "builtin" else gettext("Other softphone")


CHOICES: dict[str, dict[str, Any]] = {
    "role": {"administrator": _l("Administrator"), "agent": _l("Agent")},
    "work_mode": {"automatic": _l("automatic"), "manual": _l("manual")},
}
REASONS = {
    "unknown": _l("no account has this number"), "not_active": _l("the account is inactive"),
    "not_generated": _l("the account is not generated yet"), "foreign": _l("it belongs to somebody else"),
    "busy": _l("another agent uses it"), "own_busy": _l("all own accounts are in use"),
    "pool_empty": _l("there is no automatic account"), "pool_busy": _l("all automatic accounts are in use"),
    "manual": _l("no number was given, and none comes by itself"),
    "other_number": _l("the agent uses another number already"),
    "must_change": _l("the agent must choose a password first"),
}  # fmt: skip

GRANTS = {
    "own": _l("the lowest own account that is free"), "pool": _l("the lowest free automatic account"),
    "asked_own": _l("the own account that was asked for"), "asked_pool": _l("the automatic account that was asked for"),
}  # fmt: skip


def label(field: str, kind: str = "") -> str:
    """What the screen calls a field of a user, trunk, rule, or else of an account or the settings."""
    return str(OTHERWISE.get((kind, field)) or FIELDS.get(field, field))


def value(field: str, content: Any) -> str:
    """A field's value as the screen says it."""
    if field in CHOICES:
        return str(CHOICES[field].get(content, content))
    if field in ("phone", "external_phone"):
        return phone_name(content) if content else ""
    if field == "reason":
        return str(REASONS.get(content, content))
    if isinstance(content, bool):
        return gettext("yes") if content else gettext("no")
    if isinstance(content, (list, tuple)):
        return ", ".join(str(item) for item in content)
    return "" if content is None else str(content)


def length(seconds: int) -> str:
    """1:05, or 1:00:05."""
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def offered(offer: Offer) -> str:
    """What an agent would get now, and why, in a sentence."""
    if offer.why == INACTIVE:
        return gettext("%(name)s is inactive and cannot log in.", name=offer.name)
    if offer.why == HELD:
        return gettext("%(name)s uses %(number)s now.", name=offer.name, number=offer.number)
    if offer.number is None:
        return gettext("%(name)s would get no number: %(why)s.", name=offer.name, why=value("reason", offer.why))
    why = GRANTS[offer.why]
    return gettext("%(name)s would get %(number)s: %(why)s.", name=offer.name, number=offer.number, why=why)


def free_again(freed: Freed) -> str:
    """What a taken-back number means, in a sentence or two."""
    sentence = gettext("%(number)s is free again.", number=freed.number)
    if not freed.replaced:
        return sentence
    warning = gettext("Its old password, which the agent's phone knows, works until the next generation.")
    return f"{sentence} {warning}"


def opens(rules: Sequence[Rule], level: int | None, was: int | None = None) -> str:
    """Which rules a level opens, and what is other than with the level that the account has. Nothing for no level.

    `rules` are those in effect: an inactive one, or one whose trunk is, opens nothing.
    """
    if level is None or level > 100:
        return ""
    if not rules:
        return gettext("No routing rule is in effect: calls do not leave the house at any level.")
    now, before = opened(level, rules), opened(level if was is None else was, rules)
    parts = [gettext("Opens %(rules)s.", rules=_names(now)) if now else gettext("Opens no routing rule.")]
    if more := [rule for rule in now if rule not in before]:
        parts.append(gettext("New: %(rules)s.", rules=_names(more)))
    if less := [rule for rule in before if rule not in now]:
        parts.append(gettext("No longer: %(rules)s.", rules=_names(less)))
    return " ".join(parts)


def _names(rules: Sequence[Rule]) -> str:
    names = ", ".join(rule.name for rule in rules[:NAMES])
    more = len(rules) - NAMES
    return (
        ngettext("%(names)s and %(num)s more", "%(names)s and %(num)s more", more, names=names) if more > 0 else names
    )


def ago(moment: datetime) -> str:
    """How long ago, in words; the exact time belongs beside it."""
    past = now() - moment
    if past < timedelta(minutes=1):
        return gettext("just now")
    if past < timedelta(hours=1):
        return gettext("%(count)s min ago", count=int(past.total_seconds() // 60))
    return format_datetime(moment, "short")


def clock(moment: datetime) -> str:
    """The time of the day, and the date when that is not today."""
    today = to_user_timezone(moment).date() == to_user_timezone(now()).date()
    return format_time(moment, "short") if today else format_datetime(moment, "short")


def parts(plan: Plan) -> list[str]:
    """What a plan is made of, in a few words."""
    found = []
    if plan.changed:
        found.append(gettext("%(count)s changed", count=len(plan.changed)))
    if plan.added:
        found.append(gettext("%(count)s added", count=len(plan.added)))
    if plan.removed:
        found.append(gettext("%(count)s removed", count=len(plan.removed)))
    if plan.ways:
        found.append(ngettext("%(num)s way out", "%(num)s ways out", len(plan.ways)))
    if plan.settings:
        found.append(gettext("Settings"))
    if plan.upgraded:
        found.append(gettext("sipweb upgraded"))
    return found


GLOBALS = {
    "label": label, "actions": ACTIONS, "states": STATES, "steps": STEPS, "phone_name": phone_name, "value": value,
    "ago": ago, "parts": parts, "offered": offered, "length": length, "stranded": stranded, "clock": clock, "moment": lambda when: format_datetime(when, "medium"), "language": language, "ngettext_": ngettext,
    "sentence": lambda message, values: gettext(message, **values) if values else gettext(message),
}  # fmt: skip
