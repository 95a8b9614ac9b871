"""`flask hosts` and `flask remove-host`."""

import sys

import click
from flask.cli import with_appcontext

from ..core.errors import OperationRefused
from ..services import hosts as service
from ..services.host_views import HostState, HostSummary, host_summaries
from ..services.state import current_state
from .common import cli_actor, exit_on_error, get_context, requires_setup

STATES = {
    HostState.RUNNING: "runs it", HostState.CATCHING_UP: "catching up", HostState.BEHIND: "catching up",
    HostState.ASTERISK_DOWN: "Asterisk doesn't respond",
}  # fmt: skip


@click.command("hosts")
@with_appcontext
@exit_on_error
@requires_setup
def hosts() -> None:
    """List the PBX hosts. Exits with 1 if one is away, doesn't run the live version, or has other settings."""
    ctx = get_context()
    state = current_state(ctx)
    summaries = host_summaries(ctx, state)
    if not summaries and not ctx.pbx.writes_files:
        raise OperationRefused("There is no PBX host.")
    if not summaries:
        click.echo("There is only one PBX host.")
        return
    for host in summaries:
        view = host.view
        facts = f"{host.sip_address}  version {view.generation}  sipweb {view.version}"
        click.echo(f"{host.name}  {facts}  {_state(host)}{_other_settings(host)}")
    if any(host.has_warning or host.differences or host.other_settings for host in summaries):
        sys.exit(1)


@click.command("remove-host")
@click.argument("name")
@with_appcontext
@exit_on_error
@requires_setup
def remove_host(name: str) -> None:
    """Remove a PBX host that was switched off for good."""
    service.remove(get_context(), cli_actor(), name)
    click.echo(f"Removed PBX host {name}. Generate the configuration so that the others forget it.")


def _state(host: HostSummary) -> str:
    """Return what the page of the generations says about a host."""
    problem = host.view.problem
    if host.state == HostState.AWAY:
        return f"away since {host.view.seen_at.isoformat(timespec='seconds')}"
    if host.state == HostState.DIFFERS and problem:
        values = problem.get("values")
        return f"differs: {problem['message'] % values if values else problem['message']}"
    if host.state == HostState.DIFFERS:
        return f"differs: {host.differences} differences"
    return STATES[host.state]


def _other_settings(host: HostSummary) -> str:
    names = ", ".join(host.other_settings)
    return f"; other settings than {host.compared_with}: {names}" if names else ""
