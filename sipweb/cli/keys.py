"""`flask rotate-keys`."""

import os

import click
from flask.cli import with_appcontext

from ..config import load
from ..core.errors import SipwebError
from ..crypto import KEYS_FILE
from ..services import key_rotation
from ..services.hosts import all_hosts
from .common import check_knows_everything, cli_actor, exit_on_error, get_context, get_settings, requires_setup


@click.command("rotate-keys")
@click.option("--sessions", is_flag=True, help="Renew SECRET_KEY too: at the next start everybody must sign in again.")
@with_appcontext
@exit_on_error
@requires_setup
def rotate_keys(sessions: bool) -> None:
    """Encrypt all SIP passwords again with a new key. sipweb may run meanwhile."""
    check_knows_everything()
    ctx, settings = get_context(), get_settings()
    given = load({**os.environ, "SIPWEB_INSTANCE": str(settings.instance)})  # without those of keys.json
    if sessions and given.secret_key:
        raise SipwebError("SIPWEB_SECRET_KEY is a setting. Change it there and restart sipweb.")
    if given.secrets_keys:
        count = key_rotation.encrypt_with_first_key(ctx, cli_actor())
        click.echo(f"{count} secrets encrypted with the first key of SIPWEB_SECRETS_KEYS.")
        if len(given.secrets_keys) > 1:
            click.echo("Now remove the other keys from the setting and restart sipweb.")
        else:
            click.echo("For a new key: put it before this one, restart sipweb and run this command again.")
        return
    count = key_rotation.rotate_keys(ctx, cli_actor(), settings.instance / KEYS_FILE, sessions=sessions)
    click.echo(f"{count} secrets encrypted with a new key. Make a new backup: earlier ones need their own keys.json.")
    if others := [host.name for host in all_hosts() if host.name != ctx.host]:
        click.echo(
            f"Now copy keys.json to all other machines (PBX hosts: {', '.join(others)}). Until then they can't read "
            "the passwords, and nobody may save new ones there."
        )
    if sessions:
        click.echo("Restart sipweb. Everybody must sign in again.")
