"""Administration → Configuration generation: the plan, its button, and the generations so far."""

import hashlib
from collections.abc import Sequence
from urllib.parse import parse_qsl, urlsplit

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from jinja2_fragments.flask import render_block

from ..core.errors import NotFound, SipwebError
from ..core.plan import diff
from ..core.rights import Right
from ..core.rollout import FAILED
from ..services import drift, generation_history, host_reports
from ..services import generations as service
from ..services.apply_again import Applied, apply_again
from ..services.database_clock import can_have_several
from ..services.generation_history import GenerationView
from ..services.host_reports import HostReportView
from ..services.host_views import host_figures
from ..services.state import SnapshotDeleted, current_state
from ..services.state_records import State
from . import htmx
from .access import background, current_actor, current_context, requires
from .banners import banner_fingerprint, pbx_hosts
from .errors import status_of
from .forms import parse_id
from .locale import translate
from .messages import host_state
from .plan_view import PlanView, pending_changes, plan_view, saved_records

bp = Blueprint("generations", __name__)


@bp.get("/generation")
def index() -> ResponseReturnValue:
    """Show the plan, its button and the generations so far."""
    return _index()


@bp.post("/generation")
@requires(Right.GENERATE)
def generate() -> ResponseReturnValue:
    """Bring the pending changes to the PBX."""
    try:
        generation = service.generate(current_context(), current_actor(), _confirmed())
    except service.ConfirmationRequired as error:
        return _index(confirm_error=translate(error), status=status_of(error))
    except SipwebError as error:
        return _index(translate(error), status_of(error))
    _flash_outcome(generation)
    return redirect(url_for(".index", _anchor="outcome"), 303)


@bp.post("/generation/apply")
@requires(Right.GENERATE)
def apply() -> ResponseReturnValue:
    """Write the files of the live generation again, reload Asterisk and compare everything."""
    try:
        applied = apply_again(current_context(), current_actor())
    except SipwebError as error:
        return _index(translate(error), status_of(error))
    flash(_applied_text(applied))
    return redirect(url_for(".index", _anchor="running-configuration"), 303)


@bp.post("/generation/check")
@requires(Right.EDIT)
def check() -> ResponseReturnValue:
    """Compare Asterisk and the files with the live generation now."""
    try:
        found = drift.check_now(current_context())
    except SipwebError as error:
        return _index(translate(error), status_of(error))
    none = gettext("No differences found.")
    flash(ngettext("%(num)s difference found.", "%(num)s differences found.", len(found)) if found else none)
    return redirect(url_for(".index", _anchor="running-configuration"), 303)


@bp.post("/generation/<int:number>/restore")
@requires(Right.GENERATE)
def restore(number: int) -> ResponseReturnValue:
    """Generate the configuration of an earlier version again; saved edits become pending."""
    try:
        generation = service.restore(current_context(), current_actor(), number, _confirmed())
    except NotFound:
        abort(404)
    except service.ConfirmationRequired as error:
        return _detail(number, confirm_error=translate(error), status=status_of(error))
    except SipwebError as error:
        return _detail(number, translate(error), status_of(error))
    _flash_outcome(generation, restored=number)
    return redirect(url_for(".index", _anchor="outcome"), 303)


@bp.get("/generation/updates")
@background
def updates() -> ResponseReturnValue:
    """Send the plan and the generations again when somebody changed something; 204 otherwise."""
    if not htmx.is_htmx():
        return redirect(url_for(".index"))
    current = current_state(current_context())
    if request.args.get("seen") == _fingerprint(current):
        values = _host_values(current)
        if request.args.get("hosts") == values["hosts_fingerprint"]:
            return "", 204
        values |= {"state": current, "fingerprint": _fingerprint(current), "changed": False, "hosts_changed": True}
        return render_block("generations/index.html", "updates", **values)
    query = dict(parse_qsl(urlsplit(htmx.current_path()).query))
    return render_block(
        "generations/index.html", "updates", **_values(current, query.get("before")), confirm_error="", changed=True
    )


@bp.get("/generation/<int:number>")
def show(number: int) -> ResponseReturnValue:
    """Show what one generation changed, how it ended, and its files with secrets and digests hidden."""
    return _detail(number)


def _confirmed() -> int | None:
    """Return the number that was entered to confirm the removal of accounts."""
    return parse_id(request.form.get("confirm", "").strip())


def _detail(number: int, problem: str = "", status: int = 200, confirm_error: str = "") -> ResponseReturnValue:
    generation = generation_history.get_generation(number)
    if generation is None:
        abort(404)
    current = current_state(current_context())
    saved = saved_records(current)
    previous, following = generation_history.neighbours(number)
    plan = generation_history.generation_plan(generation)
    page = render_template(
        "generations/detail.html",
        generation=generation,
        origin=_origins([generation]).get(number, ""),
        reports=_reports(current, number),
        changes=PlanView(plan, saved) if plan is not None else None,
        restore_changes=_restore_changes(current, number),
        confirm_error=confirm_error,
        state=current,
        problem=problem,
        files=generation_history.files(current_context(), number),
        previous=previous,
        following=following,
    )
    return page, status


def _reports(current: State, number: int) -> tuple[HostReportView, ...]:
    """Return what became of a generation on each PBX host; nothing where only one ever had it."""
    if not can_have_several():
        return ()
    reports = host_reports.reports(number)
    return reports if pbx_hosts(current) or len(reports) > 1 else ()


def _flash_outcome(generation: GenerationView | None, restored: int | None = None) -> None:
    """Say how a generation ended; `restored` is the version that was to be restored."""
    if generation is None:
        flash(gettext("No changes to generate."))
        return
    number = generation.number
    if generation.state == "running":
        text = gettext(
            "Configuration version %(number)s is being generated: not all PBX hosts have reported yet.", number=number
        )
    elif generation.state in FAILED:
        text = gettext("Configuration version %(number)s failed. The previous version is still running.", number=number)
    elif restored:
        text = gettext(
            "Version %(restored)s restored as configuration version %(number)s. Saved edits are kept and pending.",
            restored=restored, number=number,
        )  # fmt: skip
    else:
        text = gettext("Configuration version %(number)s generated.", number=number)
    flash(text)


def _applied_text(applied: Applied) -> str:
    """Say that a version was applied again, what still differs, and which files were kept."""
    number, count = applied.number, len(applied.differences)
    if count:
        text = ngettext(
            "Configuration version %(number)s applied again, but %(num)s difference remains.",
            "Configuration version %(number)s applied again, but %(num)s differences remain.",
            count, number=number,
        )  # fmt: skip
    else:
        text = gettext("Configuration version %(number)s applied again.", number=number)
    if applied.kept:
        text += " " + gettext("Changed files were kept: %(names)s.", names=", ".join(applied.kept))
    return text


def _restore_changes(current: State, number: int) -> PlanView | str:
    """Return what restoring a version would change, or why it can't be restored any more."""
    try:
        snapshot = generation_history.load_restorable(number)
    except SnapshotDeleted as error:
        return translate(error)
    return plan_view(current, snapshot, diff(current.live, snapshot))


def _index(problem: str = "", status: int = 200, confirm_error: str = "") -> ResponseReturnValue:
    values = _values(current_state(current_context()), request.args.get("before"))
    return render_template(
        "generations/index.html", **values, problem=problem, confirm_error=confirm_error, changed=False,
        hosts_changed=False,
    ), status  # fmt: skip


def _values(current: State, before: str | None) -> dict[str, object]:
    """Return what the page shows; `before` is the number before which its history begins, as in its address."""
    number = parse_id(before)
    history = generation_history.recent_generations(number)
    return {
        "state": current,
        "fingerprint": _fingerprint(current),
        "live": generation_history.get_generation(current.generation),
        "changes": pending_changes(current),
        "history": history,
        "is_newest": number is None,
        "more": len(history) == generation_history.PAGE and history[-1].number > 1,
        "last_check": _last_check(current),
        "counts": generation_history.change_counts(current_context(), history),
        "origins": _origins(history),
        **_host_values(current),
    }


def _host_values(current: State) -> dict[str, object]:
    """Return what the page shows of the PBX hosts if there are several.

    `here` is the one of this server. `hosts_fingerprint` is another one as soon as the table is; None without hosts.
    """
    hosts, ctx = pbx_hosts(current), current_context()
    figures = {host.name: host_figures(host.view) for host in hosts}
    facts = [(host_state(host), host.view.generation, host.view.version, host.sip_address) for host in hosts]
    facts_text = repr((facts, figures))
    return {
        "hosts": hosts,
        "figures": figures,
        "all_run": not any(host.has_warning for host in hosts),
        "here": ctx.host if hosts and ctx.pbx.writes_files else "",
        "hosts_fingerprint": hashlib.sha256(facts_text.encode()).hexdigest()[:12] if hosts else None,
    }


def _last_check(current: State) -> drift.DriftCheckView | None:
    """Return the last check; of several hosts the oldest one of those that answer."""
    hosts = pbx_hosts(current)
    if not hosts:
        return drift.last_check(current_context())
    checks = drift.last_checks()
    of_hosts = [checks[host.name] for host in hosts if host.view.is_present and host.name in checks]
    return min(of_hosts, key=lambda check: check.at, default=None)


def _fingerprint(current: State) -> str:
    """Return a short text that is another one as soon as the plan, the generations or the banners are."""
    marks = current.marks
    pending = [(account.id, account.version) for account in current.accounts if account.pending]
    names = [host.name for host in pbx_hosts(current)]
    facts = (marks.routing, marks.user_revision, pending, generation_history.newest_generation(), names)
    return hashlib.sha256(f"{facts}{banner_fingerprint(current)}".encode()).hexdigest()[:12]


def _origins(generations: Sequence[GenerationView]) -> dict[int, str]:
    """Return by number which earlier version a generation repeats, as text."""
    equal = generation_history.equal_generations(generations)
    texts = {number: gettext("same as version %(number)s", number=other) for number, other in equal.items()}
    for generation in generations:
        if generation.restored:
            texts[generation.number] = gettext("restored from version %(number)s", number=generation.restored)
    return texts
