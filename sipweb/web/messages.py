"""Sentences of the screen that are made from records."""

from collections.abc import Sequence
from datetime import UTC, datetime

from flask_babel import gettext, ngettext

from ..core.assignment import Reason
from ..core.outbound_routing import IMPOSSIBLE, INACTIVE, LEVEL, allowed_routes, refused_forwards
from ..core.plan import ChangeCounts
from ..core.snapshot import Route, Snapshot
from ..services.assignment import AssignmentPreview
from ..services.generation_history import Step
from ..services.host_views import HostState, HostSummary
from ..services.lease_end import ReleasedNumber
from ..services.state_records import AccountView, Attack, DriftView, State
from .formatting import format_value, short_time
from .labels import ASSIGNMENT_REASONS, DIFFERENCE_FIELDS, DIFFERENCE_VALUES, HOST_STATES, SPARED_REASONS
from .locale import translate_message

MAX_NAMES = 12  # most names of routes in one message


def preview_message(preview: AssignmentPreview) -> str:
    """Return a sentence about what an agent would get now, and why."""
    name, number = preview.name, preview.number
    if preview.reason == Reason.INACTIVE:
        return gettext("%(name)s is inactive and can't sign in.", name=name)
    if preview.reason == Reason.ALREADY_ASSIGNED:
        return gettext("%(name)s is currently using %(number)s.", name=name, number=number)
    if number is None:
        reason = format_value("reason", preview.reason)
        return gettext("%(name)s would not be assigned a number: %(why)s.", name=name, why=reason)
    reason = ASSIGNMENT_REASONS[preview.reason]
    return gettext("%(name)s would be assigned %(number)s (%(why)s).", name=name, number=number, why=reason)


def released_message(released: ReleasedNumber) -> str:
    """Return a message about a revoked number."""
    message = gettext("%(number)s released.", number=released.number)
    if released.keeps_working:
        warning = gettext(
            "The phone keeps working with the account's password. To stop it, generate a new password and then the "
            "configuration."
        )
        return f"{message} {warning}"
    if not released.replaced:
        return message
    warning = gettext(
        "The agent's phone can keep registering with the old password until the configuration is generated."
    )
    return f"{message} {warning}"


def added_message(name: str, *, is_pending: bool) -> str:
    """Return the message for a new trunk or route."""
    added = gettext("%(name)s added.", name=name)
    return " ".join([added, gettext("Pending: the PBX doesn't have it yet.")]) if is_pending else added


def saved_message(name: str, *, is_pending: bool) -> str:
    """Return the message for a saved trunk or route."""
    saved = gettext("%(name)s saved.", name=name)
    pending = gettext("Pending: the PBX works as before until the configuration is generated.")
    return " ".join([saved, pending]) if is_pending else saved


def drift_text(number: int, differences: Sequence[DriftView], hosts: Sequence[HostSummary] = ()) -> str:
    """Say that the PBX, or only its files, differ from the live generation; of several hosts also which ones."""
    if hosts:
        names = ", ".join(sorted({difference.host for difference in differences}))
        return f"{names}: {drift_text(number, differences)}"
    count = len(differences)
    if all(difference.field == "file" for difference in differences):
        return ngettext(
            "The files of configuration version %(number)s were changed: %(num)s difference.",
            "The files of configuration version %(number)s were changed: %(num)s differences.",
            count, number=number,
        )  # fmt: skip
    return ngettext(
        "Asterisk is not running configuration version %(number)s: %(num)s difference.",
        "Asterisk is not running configuration version %(number)s: %(num)s differences.",
        count, number=number,
    )  # fmt: skip


def host_state(host: HostSummary) -> str:
    """Return whether a PBX host runs the live generation, as on the page of the generations."""
    problem = host.view.problem
    if host.state == HostState.AWAY:
        return gettext("away since %(time)s", time=short_time(host.view.seen_at))
    if host.state == HostState.BEHIND:
        return gettext("catching up since %(time)s", time=short_time(host.since))
    if host.state == HostState.DIFFERS and problem:
        why = translate_message(problem["message"], problem.get("values", {}))
        return gettext("differs: %(why)s", why=why.removesuffix("."))
    if host.state == HostState.DIFFERS:
        return ngettext("differs: %(num)s difference", "differs: %(num)s differences", host.differences)
    return str(HOST_STATES[host.state])


def host_warning(number: int, hosts: Sequence[HostSummary]) -> str:
    """Say which hosts are away, do not run the live generation, or have other settings; "" if none."""
    names = [f"{host.name} ({host_state(host)})" for host in hosts if host.has_warning]
    others = [host for host in hosts if host.other_settings]
    sentences = []
    if names:
        sentences.append(gettext(
            "Not all PBX hosts run configuration version %(number)s: %(names)s.", number=number, names=", ".join(names)
        ))  # fmt: skip
    if others:
        sentences.append(gettext(
            "PBX hosts with other settings than %(name)s: %(hosts)s. They should be the same on all hosts.",
            name=others[0].compared_with,
            hosts=", ".join(f"{host.name} ({', '.join(host.other_settings)})" for host in others),
        ))  # fmt: skip
    return " ".join(sentences)


def difference_field(field: str) -> str:
    """Return what differs: an account's field by its label, anything else as Asterisk names it."""
    return str(DIFFERENCE_FIELDS.get(field, field))


def difference_value(value: str) -> str:
    """Return an expected or found value."""
    return str(DIFFERENCE_VALUES.get(value, value or "–"))


def attack_message(attack: Attack) -> str:
    """Say who guesses SIP passwords, and whether the address is blocked."""
    guessing = ngettext(
        "SIP passwords are being guessed: %(num)s wrong password from %(address)s in the last 5 minutes.",
        "SIP passwords are being guessed: %(num)s wrong passwords from %(address)s in the last 5 minutes.",
        attack.attempts, address=attack.address,
    )  # fmt: skip
    if not attack.blocked_until:
        return f"{guessing} {SPARED_REASONS[attack.spared]}"
    until = short_time(datetime.fromtimestamp(attack.blocked_until, UTC))
    return " ".join([guessing, gettext("Blocked until %(time)s.", time=until)])


def more_attacks_message(count: int) -> str:
    """Say from how many further addresses SIP passwords are guessed; "" without any."""
    if count <= 0:
        return ""
    return ngettext("The same from %(num)s more address.", "The same from %(num)s more addresses.", count)


def emergency_number_message(number: object) -> str:
    """Return a warning for an account that has an emergency number."""
    warning = gettext("%(number)s is an emergency number: calls to it always go to emergency services.", number=number)
    return " ".join([warning, gettext("This account cannot be called.")])


def forwarding_message(account: AccountView, snapshot: Snapshot) -> str:
    """Return a warning about numbers to which an account's calls can't be forwarded, or ""."""
    if not (account.forwards and account.active):
        return ""
    if not (refused := refused_forwards(account, snapshot)):
        return ""
    reasons = "; ".join(_why_refused(account.level, target, reason) for target, reason in refused)
    return gettext("Forwarding: %(reasons)s.", reasons=reasons)


def _why_refused(level: int, target: str, reason: str) -> str:
    if reason == LEVEL:
        return gettext("level %(level)s doesn't allow %(number)s", level=level, number=target)
    if reason == INACTIVE:
        return gettext("account %(number)s is inactive", number=target)
    if reason == IMPOSSIBLE:
        return gettext("%(number)s is an emergency number or a feature code", number=target)
    return gettext("no account or rule for %(number)s", number=target)


def allowed_routes_message(routes: Sequence[Route], level: int | None, saved_level: int | None = None) -> str:
    """Return which routes a level allows, and what differs from the saved level.

    "" without a level. `routes` are the active ones with an active trunk.
    """
    if level is None or level > 100:
        return ""
    if not routes:
        return gettext("No routing rules yet – outbound calls aren't possible at any level.")
    new = allowed_routes(level, routes)
    old = allowed_routes(level if saved_level is None else saved_level, routes)
    parts = [gettext("Allows: %(rules)s.", rules=_route_names(new)) if new else gettext("Allows no routing rules.")]
    if added := [route for route in new if route not in old]:
        parts.append(gettext("Adds: %(rules)s.", rules=_route_names(added)))
    if removed := [route for route in old if route not in new]:
        parts.append(gettext("Removes: %(rules)s.", rules=_route_names(removed)))
    return " ".join(parts)


def _route_names(routes: Sequence[Route]) -> str:
    names = ", ".join(route.name for route in routes[:MAX_NAMES])
    more = len(routes) - MAX_NAMES
    if more <= 0:
        return names
    return ngettext("%(names)s and %(num)s more", "%(names)s and %(num)s more", more, names=names)


def step_details(step: Step) -> str:
    """Return how long a step of a generation took, and how many accounts or files it handled."""
    parts = [f"{step.ms} ms"]
    if step.count and step.name == "written":
        parts.append(ngettext("%(num)s file", "%(num)s files", step.count))
    elif step.count:
        parts.append(ngettext("%(num)s account", "%(num)s accounts", step.count))
    return " · ".join(parts)


def plan_summary(state: State) -> list[str]:
    """Return a short summary of the pending changes, with what is deleted and what is deactivated apart."""
    deactivated = sum(account.id in state.by_id for account in state.plan.removed)
    return counts_summary(state.plan.counts, deactivated)


def counts_summary(counts: ChangeCounts, deactivated: int | None = None) -> list[str]:
    """Return how many changes of each kind there are, without the kinds that have none.

    `deactivated` is how many of the removed accounts still exist; None when nobody knows that any more.
    """
    parts = []
    if counts.changed:
        parts.append(gettext("%(count)s changed", count=counts.changed))
    if counts.added:
        parts.append(gettext("%(count)s added", count=counts.added))
    if counts.removed and deactivated is None:
        parts.append(gettext("%(count)s removed", count=counts.removed))
    if deactivated is not None and counts.removed > deactivated:
        parts.append(gettext("%(count)s deleted", count=counts.removed - deactivated))
    if deactivated:
        parts.append(gettext("%(count)s deactivated", count=deactivated))
    if counts.routing:
        parts.append(ngettext("%(num)s trunk or routing change", "%(num)s trunk and routing changes", counts.routing))
    if counts.inactive:
        parts.append(gettext("Numbers of inactive accounts"))
    if counts.settings:
        parts.append(gettext("Settings"))
    if counts.upgraded:
        parts.append(gettext("sipweb update"))
    return parts
