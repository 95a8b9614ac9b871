"""`flask plan`, `flask generate`, `flask rollback` and `flask drift`."""

import json
import sys
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from flask.cli import with_appcontext

from ..config import Settings, public_settings
from ..core.errors import SipwebError
from ..core.plan import FieldChange, Plan, RoutingChange
from ..pbx.verification import Difference
from ..services import generations, hosts
from ..services.apply_again import apply_again
from ..services.drift import check_now
from ..services.generation_history import GenerationView
from ..services.state import current_state
from ..services.warnings import emergency_warnings
from .common import cli_actor, exit_on_error, get_context, get_settings, requires_setup

CONFIRM = click.option("--yes", is_flag=True, help="Confirm that many accounts are removed from the PBX.")


@click.command("plan")
@with_appcontext
@exit_on_error
@requires_setup
def plan() -> None:
    """Show pending changes."""
    _check_server_settings(get_settings())
    state = current_state(get_context())
    _print_plan(state.plan, [str(warning.problem) for warning in emergency_warnings(get_context(), state)])


@click.command("generate")
@click.option("--again", is_flag=True, help="Write and reload the live configuration version again.")
@CONFIRM
@with_appcontext
@exit_on_error
@requires_setup
def generate(again: bool, yes: bool) -> None:
    """Generate and apply the configuration."""
    _check_server_settings(get_settings())
    hosts.check_name(get_context())
    if again:
        _apply_again()
        return
    with _confirmation():
        _report(generations.generate(get_context(), cli_actor(), generations.ANY_NUMBER if yes else None))


@click.command("rollback")
@click.argument("number", type=int)
@CONFIRM
@with_appcontext
@exit_on_error
@requires_setup
def rollback(number: int, yes: bool) -> None:
    """Roll back to an earlier configuration version. Saved edits become pending again."""
    _check_server_settings(get_settings())
    hosts.check_name(get_context())
    with _confirmation():
        _report(generations.restore(get_context(), cli_actor(), number, generations.ANY_NUMBER if yes else None))


@click.command("drift")
@with_appcontext
@exit_on_error
@requires_setup
def drift() -> None:
    """Compare Asterisk and the files with the live configuration version. Exits with 1 if anything differs."""
    _check_server_settings(get_settings())
    found = check_now(get_context())
    _print_differences(found)
    if found:
        sys.exit(1)
    click.echo("No differences.")


@contextmanager
def _confirmation() -> Iterator[None]:
    """Say which option confirms the removal of many accounts."""
    try:
        yield
    except generations.ConfirmationRequired as error:
        values = {name: error.values[name] for name in ("count", "live")}
        message = "This removes %(count)s of %(live)s accounts from the PBX. Confirm with --yes."
        raise SipwebError(message, None, **values) from None


def _apply_again() -> None:
    """Print what was applied and kept; exit with code 1 if Asterisk still differs."""
    applied = apply_again(get_context(), cli_actor())
    click.echo(f"Configuration version {applied.number}: applied again.")
    for name in applied.kept:
        click.echo(f"Changed file kept: {name}")
    if applied.differences:
        _print_differences(applied.differences)
        sys.exit(1)


def _print_differences(differences: Collection[Difference]) -> None:
    """Print a line for each difference; a password is only said to differ."""
    for one in sorted(differences, key=lambda one: (one.name, one.field)):
        expected, actual = one.expected or "–", one.actual or "–"
        values = "differs" if one.field == "secret" else f"expected {expected}, found {actual}"
        click.echo(f"! {one.name}  {one.field}: {values}")


def _report(generation: GenerationView | None) -> None:
    """Print how a generation ended; exit with code 1 if it was refused."""
    if generation is None:
        click.echo("No changes.")
        return
    click.echo(f"Configuration version {generation.number}: {generation.state}.")
    if generation.message and generation.state == "refused":
        click.echo(generation.message % generation.values if generation.values else generation.message, err=True)
    if generation.state == "running":
        click.echo("Not all PBX hosts have reported yet: see 'flask hosts'.", err=True)
    if generation.state in ("refused", "interrupted", "running"):
        sys.exit(1)


def _check_server_settings(settings: Settings) -> None:
    """Refuse settings that differ from the running server's."""
    path = settings.instance / "run" / "server.json"
    if not path.is_file():
        return
    server = json.loads(path.read_text())
    if not Path(f"/proc/{server['pid']}").exists():
        return
    for name, value in public_settings(settings).items():
        if server["settings"].get(name) != value:
            raise SipwebError(
                "SIPWEB_%(name)s differs from the running server's value. Restart the server or unset it.",
                name=name.upper(),
            )


def _print_plan(plan: Plan, warnings: Iterable[str]) -> None:
    """Print a line for each change and warning, then the summary, which scripts read as the last line."""
    _print_changes(plan)
    for warning in warnings:
        click.echo(f"! {warning}")
    click.echo(_counts(plan) if len(plan) else "No changes.")


def _print_changes(plan: Plan) -> None:
    for account in plan.added:
        click.echo(f"+ {account.number}  {account.user}")
    for change in plan.changed:
        click.echo(f"~ {change.old.number}  {', '.join(_changed_fields(change.fields))}")
    for account in plan.removed:
        click.echo(f"- {account.number}")
    for routing_change in plan.routing:
        click.echo(_routing_line(routing_change))
    if plan.inactive:
        click.echo(f"~ numbers of inactive accounts  {', '.join(_changed_fields(plan.inactive))}")
    if plan.upgraded:
        click.echo("~ sipweb update")
    if plan.settings:
        click.echo(f"~ settings  {', '.join(_changed_fields(plan.settings))}")


def _counts(plan: Plan) -> str:
    """Return the last line of a plan: how much it adds, changes and deletes."""
    added = len(plan.added) + sum(change.old is None for change in plan.routing)
    deleted = len(plan.removed) + sum(change.new is None for change in plan.routing)
    return f"Plan: {added} to add, {len(plan) - added - deleted} to change, {deleted} to delete."


def _routing_line(change: RoutingChange) -> str:
    if change.old is None:
        sign, parts = "+", [f"{field.field}: {field.new}" for field in change.fields if field.field != "name"]
    else:
        sign, parts = "~" if change.new else "-", _changed_fields(change.fields)
    kind = "rule" if change.kind == "route" else change.kind  # scripts read the printed word
    return f"{sign} {kind} {change.name}  {', '.join(parts)}".rstrip()


def _changed_fields(fields: Iterable[FieldChange]) -> list[str]:
    return [
        change.field if change.field == "secret" else f"{change.field}: {_text(change.old)} → {_text(change.new)}"
        for change in fields
    ]


def _text(value: object) -> str:
    return ", ".join(map(str, value)) or "–" if isinstance(value, tuple) else str(value)
