"""`flask version`."""

import platform

import click
from flask.cli import with_appcontext
from sqlalchemy.exc import SQLAlchemyError

from ..db import stored_schema
from ..version import VERSION, schemas
from .common import exit_on_error


@click.command("version")
@with_appcontext
@exit_on_error
def version() -> None:
    """Show the versions of sipweb, of the database's schema and of Python."""
    newest = schemas()[-1]
    try:
        stored = stored_schema()
    except SQLAlchemyError:
        stored = "not readable"
    click.echo(f"sipweb {VERSION}")
    click.echo(f"schema {newest}" + (f" (database: {stored or 'none'})" if stored != newest else ""))
    click.echo(f"Python {platform.python_version()}")
