"""Administration → Configuration generation: the plan, its button, and the generations so far."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from operator import attrgetter
from urllib.parse import parse_qsl, urlsplit

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from jinja2_fragments.flask import render_block

from ..core.errors import NotFound, SipwebError
from ..core.plan import Plan
from ..core.plan_groups import AccountEntry, AccountGroup, group_accounts
from ..services import audit, drift, generation_history, pbx_status, routes, trunks
from ..services import generations as service
from ..services.apply_again import Applied
from ..services.apply_again import apply_again as service_apply_again
from ..services.audit import Entry, Subject
from ..services.generation_history import GenerationView
from ..services.state import current_state
from ..services.state_records import State
from . import htmx
from .auth import current_actor, current_context
from .banners import banner_fingerprint
from .errors import status_of
from .forms import parse_id
from .locale import translate

bp = Blueprint("generations", __name__)


@bp.get("/generation")
def index() -> ResponseReturnValue:
    """Show the plan, its button and the generations so far."""
    return _index()


@bp.post("/generation")
def generate() -> ResponseReturnValue:
    """Bring the pending changes to the PBX."""
    try:
        generation = service.generate(current_context(), current_actor())
    except SipwebError as error:
        return _index(translate(error), status_of(error))
    _flash_outcome(generation)
    return redirect(url_for(".index", _anchor="outcome"), 303)


@bp.post("/generation/apply")
def apply_again() -> ResponseReturnValue:
    """Write the files of the live generation again, reload Asterisk and compare everything."""
    try:
        applied = service_apply_again(current_context(), current_actor())
    except SipwebError as error:
        return _index(translate(error), status_of(error))
    flash(_applied_text(applied))
    return redirect(url_for(".index", _anchor="running-configuration"), 303)


@bp.post("/generation/check")
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
def restore(number: int) -> ResponseReturnValue:
    """Generate the configuration of an earlier version again; saved edits become pending."""
    try:
        generation = service.restore(current_context(), current_actor(), number)
    except NotFound:
        abort(404)
    except SipwebError as error:
        return _detail(number, translate(error), status_of(error))
    _flash_outcome(generation, restored=number)
    return redirect(url_for(".index", _anchor="outcome"), 303)


@bp.get("/generation/updates")
def updates() -> ResponseReturnValue:
    """Send the plan and the generations again when somebody changed something; 204 otherwise."""
    if not htmx.is_htmx():
        return redirect(url_for(".index"))
    current = current_state(current_context())
    if request.args.get("seen") == _fingerprint(current):
        return "", 204
    query = dict(parse_qsl(urlsplit(htmx.current_path()).query))
    return render_block("generations/index.html", "updates", **_values(current, query.get("before")), changed=True)


@bp.get("/generation/<int:number>")
def show(number: int) -> ResponseReturnValue:
    """Show what one generation changed, how it ended, and its files with secrets and digests hidden."""
    return _detail(number)


def _detail(number: int, problem: str = "", status: int = 200) -> ResponseReturnValue:
    generation = generation_history.get_generation(number)
    if generation is None:
        abort(404)
    current = current_state(current_context())
    saved = _saved_records(current)
    previous, following = generation_history.neighbours(number)
    page = render_template(
        "generations/detail.html",
        generation=generation,
        origin=_origins([generation]).get(number, ""),
        changes=PlanView(generation_history.generation_plan(generation), saved),
        restore_changes=PlanView(generation_history.restore_plan(current, number), saved),
        state=current,
        problem=problem,
        files=generation_history.files(current_context(), number),
        previous=previous,
        following=following,
    )
    return page, status


def _flash_outcome(generation: GenerationView | None, restored: int | None = None) -> None:
    """Say how a generation ended; `restored` is the version that was to be restored."""
    if generation is None:
        flash(gettext("No changes to generate."))
        return
    number = generation.number
    if generation.state == "refused":
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


def _index(problem: str = "", status: int = 200) -> ResponseReturnValue:
    values = _values(current_state(current_context()), request.args.get("before"))
    return render_template("generations/index.html", **values, problem=problem, changed=False), status


def _values(current: State, before: str | None) -> dict[str, object]:
    """Return what the page shows; `before` is the number before which its history begins, as in its address."""
    number = parse_id(before)
    history = generation_history.recent_generations(number)
    return {
        "state": current,
        "fingerprint": _fingerprint(current),
        "live": generation_history.get_generation(current.generation),
        "changes": _pending_changes(current),
        "history": history,
        "is_newest": number is None,
        "more": len(history) == generation_history.PAGE and history[-1].number > 1,
        "last_check": drift.last_check(),
        "counts": generation_history.change_counts(current_context(), history),
        "origins": _origins(history),
    }


def _fingerprint(current: State) -> str:
    """Return a short text that is another one as soon as the plan, the generations or the banners are."""
    marks = current.marks
    pending = [(account.id, account.version) for account in current.accounts if account.pending]
    facts = (marks.routing, marks.user_revision, pending, generation_history.newest_generation())
    return hashlib.sha256(f"{facts}{banner_fingerprint(current)}".encode()).hexdigest()[:12]


@dataclass(frozen=True)
class PlanView:
    """A plan, and what the page shows with each change.

    `saved`: kind and id of what still exists, and is removed from the PBX because it is inactive; `authors`: by kind
    and id the audit entry that made it pending; `on_call`: numbers of accounts in a call; `agents`: by account the
    agent who uses it; `is_pending`: the plan is what would be generated now.
    """

    plan: Plan
    saved: Collection[Subject] = ()
    authors: Mapping[Subject, Entry] = field(default_factory=dict)
    on_call: Collection[int] = ()
    agents: Mapping[int, str] = field(default_factory=dict)
    is_pending: bool = False

    @cached_property
    def accounts(self) -> tuple[tuple[AccountGroup, ...], tuple[AccountEntry, ...]]:
        """The groups of accounts, and the accounts that are in none of them."""
        return group_accounts(self.plan, {key for kind, key in self.saved if kind == "account"})

    def author(self, entry: AccountEntry) -> Entry | None:
        """Return the audit entry that made an account's change pending."""
        return self.authors.get(("account", entry.account.id))

    def group_author(self, group: AccountGroup) -> Entry | None:
        """Return the newest audit entry of a group, or None if its changes are by different users."""
        entries = [author for entry in group.entries if (author := self.author(entry))]
        is_by_one = len({entry.by for entry in entries}) == 1
        return max(entries, key=attrgetter("id")) if is_by_one else None

    def is_on_call(self, entry: AccountEntry) -> bool:
        """Return whether an account is in a call."""
        return entry.account.number in self.on_call

    def on_call_count(self, group: AccountGroup) -> int:
        """Return how many accounts of a group are in a call."""
        return sum(self.is_on_call(entry) for entry in group.entries)

    def in_use_count(self, group: AccountGroup) -> int:
        """Return how many accounts of a group are taken from the agents who use them."""
        return sum(bool(self.agent(entry)) for entry in group.entries)

    def agent(self, entry: AccountEntry) -> str:
        """Return the agent who uses the account and loses it with this change; "" if nobody does."""
        return self.agents.get(entry.account.id, "") if entry.ends_use else ""


def _pending_changes(current: State) -> PlanView:
    return PlanView(
        current.plan,
        saved=_saved_records(current),
        authors=audit.pending_authors(current.plan),
        on_call=pbx_status.numbers_on_call(current_context()),
        agents={account_id: lease.name for account_id, lease in current.leases.items()},
        is_pending=True,
    )


def _origins(generations: Sequence[GenerationView]) -> dict[int, str]:
    """Return by number which earlier version a generation repeats, as text."""
    equal = generation_history.equal_generations(generations)
    texts = {number: gettext("same as version %(number)s", number=other) for number, other in equal.items()}
    for generation in generations:
        if generation.restored:
            texts[generation.number] = gettext("restored from version %(number)s", number=generation.restored)
    return texts


def _saved_records(current: State) -> set[Subject]:
    """Return kind and id of all accounts, trunks and routes that are not deleted."""
    records = {("account", account.id) for account in current.accounts if not account.deleted}
    records |= {("trunk", trunk.id) for trunk in trunks.list_trunks()}
    records |= {("route", route.id) for route in routes.list_routes()}
    return records
