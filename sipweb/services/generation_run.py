"""Try a generation on this host: render, write, activate, reload, verify, report.

Roll back on failure.
"""

import logging
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from types import MappingProxyType

from sqlalchemy import select

from ..core.asterisk import Configuration
from ..core.errors import N_, OperationRefused, SipwebError
from ..core.plan import Plan, diff
from ..core.snapshot import RENDERER_VERSION, Snapshot
from ..db import db, transaction
from ..models import Generation
from ..pbx import astdb, control, verification
from ..pbx.ami import AmiClient
from ..pbx.generation_files import file_digests
from ..pbx.verification import Difference
from . import host_reports, hosts, lease_sync
from .context import Actor, ServiceContext
from .drift import stored_drift
from .errors import DatabaseFailure, failure_reason, storage_failed
from .generation_close import Known, close_if_complete
from .generation_history import Outcome, Rollback, Step, outcome_to_json
from .generation_recovery import OtherVersion, roll_back, stale_registrations, write_failed
from .state import LIVE_STATES, live_generation, load_snapshot

MAX_DIFFERENCES = 200  # stored of one generation
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class GenerationRun:
    """A claimed generation: what becomes live, and what was live before it (number 0: nothing).

    `previous_digests` are those of that one's files as this host wrote them: the database may be away when they are
    restored. `restored` is the number of the generation that it restores.
    """

    number: int
    configuration: Configuration
    previous_number: int
    previous: Snapshot
    previous_digests: Mapping[str, str]
    plan: Plan
    restored: int | None = None
    steps: list[Step] = field(default_factory=list)
    digests: dict[str, str] = field(default_factory=dict)  # of the written files, by name

    @property
    def snapshot(self) -> Snapshot:
        """What becomes live."""
        return self.configuration.snapshot

    @contextmanager
    def step(self, name: str, count: int) -> Iterator[None]:
        """Measure a step, even if it fails."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.steps.append(Step(name, round((time.perf_counter() - start) * 1000), count))


def load_run(ctx: ServiceContext, number: int) -> GenerationRun:
    """Return a running generation that another host has claimed.

    Raises:
        OperationRefused: it was claimed by another version of sipweb.
    """
    configuration = _load_configuration(ctx, number)
    ctx.cache.next = None
    previous_number, previous = live_generation(ctx)
    outcome = db.session.scalar(select(Generation.outcome).where(Generation.number == number)) or {}
    plan, digests = diff(previous, configuration.snapshot), host_reports.written_digests(ctx, previous_number)
    return GenerationRun(number, configuration, previous_number, previous, digests, plan, outcome.get("restored"))


def prepare_run(ctx: ServiceContext, number: int) -> None:
    """Render a running generation while another host tries it, so that this host can begin as soon as it is due."""
    keys = ctx.cipher.keys_version()
    with suppress(SipwebError):  # this host reports it when it is its turn
        configuration = _load_configuration(ctx, number)
        ctx.cache.next = number, keys, configuration
        _ = configuration.files


def _load_configuration(ctx: ServiceContext, number: int) -> Configuration:
    digest = db.session.scalar(select(Generation.digest).where(Generation.number == number))
    prepared = ctx.cache.next
    if prepared and (*prepared[:2], prepared[2].snapshot.digest) == (number, ctx.cipher.keys_version(), digest):
        return prepared[2]
    snapshot = load_snapshot(number)
    if snapshot.renderer_version != RENDERER_VERSION:
        raise OtherVersion(ctx)
    return Configuration(snapshot, ctx.renderer)


def check_conflicts(ami: AmiClient | None, snapshot: Snapshot, live: Configuration) -> None:
    """Refuse accounts whose numbers this host's Asterisk has as sections of its own."""
    if ami and (names := verification.conflicts(ami, snapshot, live.marker)):
        raise OperationRefused(
            N_("Asterisk already has sections named %(names)s outside sipweb's files. Rename or remove them first."),
            names=", ".join(names),
        )


def try_generation(ctx: ServiceContext, run: GenerationRun, ami: AmiClient | None, actor: Actor | None = None) -> None:
    """Make this host run the generation, verify and report it. The caller holds the lock."""
    outcome, differences = _apply_or_roll_back(ctx, run, ami)
    outcome = replace(outcome, restored=run.restored)
    if outcome.state in LIVE_STATES:
        outcome = _prune(ctx, outcome)
    try:
        _record(ctx, run, actor, outcome, differences)
    except DatabaseFailure as error:
        if outcome.state in LIVE_STATES:
            _roll_back(ctx, run, N_("The result couldn't be stored."))
        logger.error("The result of generation %d couldn't be stored: %s", run.number, failure_reason(error))
        raise storage_failed(error) from None
    if outcome.state in LIVE_STATES:
        ctx.cache.live = run.number, ctx.cipher.keys_version(), run.snapshot
    hosts.notify("generation")
    milliseconds = sum(step.ms for step in run.steps)
    logger.info("Generation %d ended: %s after %d ms", run.number, outcome.state, milliseconds)
    if ami and outcome.state == "verified":
        with suppress(OperationRefused):  # the monitor repeats it
            lease_sync.sync_all_leases(ctx, ami)


def _apply_or_roll_back(
    ctx: ServiceContext, run: GenerationRun, ami: AmiClient | None
) -> tuple[Outcome, tuple[Difference, ...]]:
    differences: tuple[Difference, ...] = ()
    try:
        differences = _apply(ctx, run, ami)
        if differences:
            outcome = _roll_back(
                ctx,
                run,
                N_("Verification failed: Asterisk is running a different configuration than the one generated."),
            )
        else:
            outcome = Outcome("verified" if ami else "written")
    except SipwebError as error:
        outcome = _roll_back(ctx, run, error.message, error.values)
    except OSError as error:
        outcome = _roll_back(ctx, run, *write_failed(error))
    return outcome, differences


def _apply(ctx: ServiceContext, run: GenerationRun, ami: AmiClient | None) -> tuple[Difference, ...]:
    """Write and activate the files; reload Asterisk, and return in what it differs from them."""
    accounts = run.snapshot.accounts
    with run.step("rendered", len(accounts)):
        files = run.configuration.files
    with run.step("written", len(files)):
        is_changed_by_hand = _is_changed_by_hand(ctx, run)
        run.digests.update(file_digests(files))
        ctx.generation_files.write(run.number, files)
        ctx.generation_files.activate(run.number)
    if ami is None:
        return ()
    hosts.report_still_seen(ctx)
    with run.step("reloaded", 0):
        is_complete = _reload(ami, run, is_changed_by_hand=is_changed_by_hand)
    hosts.report_still_seen(ctx)
    leased = astdb.numbers_with_auth(ami)
    with run.step("verified", len(accounts)):
        differences = _differences(ami, run, leased)
        if differences and not is_complete:  # its accounts were changed by hand
            control.reload(ami)
            differences = _differences(ami, run, leased)
    if not differences:
        control.remove_contacts(ami, stale_registrations(run.plan, leased))
    return differences


def _is_changed_by_hand(ctx: ServiceContext, run: GenerationRun) -> bool:
    """Return whether this host's files or its Asterisk differ from the generation that was live, as far as is known."""
    is_file_changed = any(ctx.generation_files.states(run.previous_number, run.previous_digests))
    return is_file_changed or bool(stored_drift(ctx))


def _reload(ami: AmiClient, run: GenerationRun, *, is_changed_by_hand: bool) -> bool:
    """Reload what changed; everything if something else did it. Return whether everything was reloaded."""
    if is_changed_by_hand:
        control.reload(ami)
        return True
    return control.reload_changed(ami, run.configuration.marker)


def _differences(ami: AmiClient, run: GenerationRun, leased: Collection[int]) -> tuple[Difference, ...]:
    changed = {account.number for account in run.plan.added} | {change.new.number for change in run.plan.changed}
    previous = [account.number for account in run.previous.accounts]
    differences = verification.differences(ami, run.configuration, changed, previous)
    return lease_sync.without_leased_auths(differences, leased)


def _roll_back(
    ctx: ServiceContext, run: GenerationRun, message: str, values: Mapping[str, object] = MappingProxyType({})
) -> Outcome:
    """Restore what was live before the run; `message` says why."""
    reason = message % values if values else message
    logger.warning("Generation %d is rolled back to %d: %s", run.number, run.previous_number, reason)
    hosts.report_still_seen(ctx)
    numbers = {account.number for account in run.snapshot.accounts}
    rollback: Rollback = "back"
    if run.previous_number:
        rollback = roll_back(ctx, run.previous_number, run.previous, run.previous_digests, numbers)
    return Outcome("refused", message, {name: str(value) for name, value in values.items()}, rollback)


def _prune(ctx: ServiceContext, outcome: Outcome) -> Outcome:
    """Remove old files; the outcome names those that can't be removed."""
    if left := ctx.generation_files.prune():
        logger.warning("Old files couldn't be removed: %s", ", ".join(left))
        message = N_("Old files couldn't be removed: %(names)s. Check their owner.")
        return replace(outcome, message=message, values={"names": ", ".join(left)})
    return outcome


def _record(
    ctx: ServiceContext, run: GenerationRun, actor: Actor | None, outcome: Outcome, differences: tuple[Difference, ...]
) -> None:
    """Report how the generation ended on this host, and close it if that completes the reports."""
    with transaction() as session:
        row = session.get(Generation, run.number)
        if row is None or row.digest != run.snapshot.digest:
            raise OperationRefused(N_("The configuration version was lost with a failover of the database."))
        if row.state != "running":
            raise OperationRefused(N_("Another PBX host has already ended this configuration version."))
        host_reports.report(session, ctx, run.number, outcome, run.digests or None)
        if not row.steps or outcome.state == "refused":  # those of the first host, or of the one that refused
            row.steps = [asdict(step) for step in run.steps]
            row.differences = [asdict(difference) for difference in differences[:MAX_DIFFERENCES]]
        if outcome.message:
            row.outcome = outcome_to_json(outcome)
        close_if_complete(session, ctx, run.number, Known(actor, run.snapshot, run.plan))
