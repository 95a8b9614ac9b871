"""`flask setup`."""

import os
from dataclasses import replace

import click
from flask import Flask
from flask.cli import with_appcontext

from ..config import ROOT, Settings
from ..crypto import make_keys
from ..db import migrate, stored_schema
from ..services import backup, installation
from ..services.context import ServiceContext
from ..translations import compile_translations
from ..version import schemas
from .common import UMASK, exit_on_error, get_settings


@click.command("setup")
@with_appcontext
@exit_on_error
def set_up() -> None:
    """Set up or update the database, keys, first administrator and the 20 default accounts. Safe to run again."""
    settings = get_settings()
    compile_translations()
    app = _create_app_with_keys(settings)
    with app.app_context():
        _copy_before_migration(settings)
        migrate(ROOT / "migrations")
        installation.create_revision()
        password = installation.create_administrator(settings.admin_password)
        if password and not settings.admin_password:
            click.echo("Administrator account created.")
            click.echo("  Login: admin")
            click.echo(f"  One-time password: {password} (you'll be asked to change it)")
        created = installation.create_first_accounts(_files_only(app.extensions["sipweb"]))
        click.echo("Created SIP accounts 200–219." if created else "Setup complete; nothing to do.")


def _copy_before_migration(settings: Settings) -> None:
    """Copy the database if it is going to be migrated, and say where the copy is."""
    newest = schemas(ROOT / "migrations")[-1]
    if copy := backup.copy_before_migration(settings.database_url, settings.instance, stored_schema(), newest):
        click.echo(f"Copied the database to {copy} before its migration.")


def _create_app_with_keys(settings: Settings) -> Flask:
    """Create the keys if they are missing, and the application that uses them."""
    from .. import KEYS_FILE, create_app  # imported here, because sipweb imports this package

    os.umask(UMASK)
    settings.instance.mkdir(parents=True, exist_ok=True)
    make_keys(settings.instance / KEYS_FILE)
    return create_app(replace(settings, secret_key=""))


def _files_only(ctx: ServiceContext) -> ServiceContext:
    """Return a context that only writes files: Asterisk is not running during set-up."""
    return replace(ctx, pbx=replace(ctx.pbx, mode="files"))
