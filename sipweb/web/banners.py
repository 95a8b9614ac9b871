"""What stands above the content of each administration page: the pending changes, the first steps and the warnings."""

import hashlib
from urllib.parse import urlsplit

from flask import g, request, url_for

from ..core.phone_server import ServerProblem
from ..core.rights import Right
from ..services import first_steps as steps
from ..services import pbx_status, phone_server, sign_in_attempts, warnings
from ..services.first_steps import FirstStep
from ..services.host_views import HostSummary, host_summaries
from ..services.state_records import Attack, PbxProblem, State
from ..services.warnings import EmergencyWarning
from . import htmx
from .access import can, current_actor, current_context, session_fingerprint
from .labels import BLOCKING_PROBLEMS
from .messages import plan_summary


def first_steps(state: State) -> tuple[FirstStep, ...]:
    """Return the first steps that this page shows, or htmx updates: those of the account list do, where one begins."""
    return steps.first_steps(state, current_actor()) if is_account_page() and can(Right.EDIT) else ()


def emergency_warnings(state: State) -> tuple[EmergencyWarning, ...]:
    """Return the warnings about emergency calls, acknowledged ones included."""
    return warnings.emergency_warnings(current_context(), state)


def shown_warnings(state: State) -> tuple[EmergencyWarning, ...]:
    """Return the warnings that this page shows.

    Acknowledged ones are left out, and that there is no trunk where the first steps ask for one.
    """
    adds_trunk = any(step.name == "trunk" and not step.done for step in first_steps(state))
    return tuple(
        warning
        for warning in emergency_warnings(state)
        if not warning.acknowledgement and not (adds_trunk and warning.problem.reason == "no_trunk")
    )


def lacks_sorcery_lines() -> bool:
    """Return whether Asterisk does not read the credentials of leases, as far as the monitor knows."""
    return not pbx_status.current_status(current_context()).reads_leases


def pbx_problem() -> PbxProblem | None:
    """Return why Asterisk does not answer; None while it does."""
    return pbx_status.current_status(current_context()).problem


def attacks() -> tuple[Attack, ...]:
    """Return what guessing of SIP passwords is in progress."""
    return pbx_status.current_status(current_context()).attacks


def guessing_locks() -> int:
    """Return how many locks guessing of users' passwords has led to; 0 unless some is in progress."""
    if "guessing_locks" not in g:  # a page asks twice
        g.guessing_locks = sign_in_attempts.recent_locks()
    locks: int = g.guessing_locks
    return locks


def blocking_problem() -> str:
    """Return why Asterisk accepts requests from blocked addresses; "" while it does not."""
    return str(BLOCKING_PROBLEMS.get(pbx_status.current_status(current_context()).blocking_problem, ""))


def certificate_problems() -> tuple[ServerProblem, ...]:
    """Return what is wrong with the TLS certificate."""
    return phone_server.certificate_problems(current_context())


def pbx_hosts(state: State) -> tuple[HostSummary, ...]:
    """Return the PBX hosts; none if there is only one. A page asks several times, the database is asked once."""
    if "pbx_hosts" not in g:
        g.pbx_hosts = host_summaries(current_context(), state)
    hosts: tuple[HostSummary, ...] = g.pbx_hosts
    return hosts


def shows_pending() -> bool:
    """Return whether this page says that changes are pending: the page with the plan shows the changes themselves."""
    return _page_path() != url_for("generations.index")


def is_account_page() -> bool:
    """Return whether this page is the list of accounts, or one that belongs to it."""
    accounts = url_for("accounts.index")
    return _page_path() == accounts or _page_path().startswith(f"{accounts}/")


def page_address() -> str:
    """Return the address of the page that is shown, also while htmx updates it: where a form leads back to."""
    if htmx.is_htmx():
        return htmx.current_path()
    return request.full_path.rstrip("?") if request.method == "GET" else "/"


def banner_fingerprint(state: State) -> str:
    """Return a short text that is another one as soon as the page would show something else above its content.

    It changes with the session too, because then the tokens of the page must be renewed.
    """
    facts = (
        session_fingerprint(),
        len(state.plan),
        plan_summary(state),
        [(warning.problem.values, warning.acknowledgement) for warning in emergency_warnings(state)],
        len(state.free),
        state.marks.drift,
        pbx_problem(),
        lacks_sorcery_lines(),
        certificate_problems(),
        attacks(),
        guessing_locks(),
        blocking_problem(),
        *((host.name, host.state) for host in pbx_hosts(state) if host.has_warning),
        *((host.name, host.other_settings) for host in pbx_hosts(state) if host.other_settings),
    )
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:12]


def _page_path() -> str:
    return urlsplit(htmx.current_path()).path if htmx.is_htmx() else request.path
