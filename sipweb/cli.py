"""The commands: the same services as the pages'."""

import getpass
import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import Any

import click
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask

from .config import ROOT, Settings, public
from .core.errors import SipwebError
from .core.plan import FieldChange
from .db import migrate
from .services import generations, history, setup, users
from .services.site import Actor
from .services.state import state
from .vault import make_keys

PRIVATE = 0o027  # whatever a command leaves in the instance is nobody else's business


def init_app(app: Flask, settings: Settings) -> None:
    """All commands; each turns a refusal into a sentence and exit code 1."""

    def command(name: str) -> Callable[[Callable[..., Any]], Any]:
        def register(work: Callable[..., Any]) -> Any:
            return app.cli.command(name)(_sentences(work))

        return register

    @command("setup")
    def set_up() -> None:
        """Migrate, make keys, the first administrator, the 20 accounts and their generation. Idempotent."""
        from . import KEYS, create_app

        compile_languages()
        os.umask(PRIVATE)
        settings.instance.mkdir(parents=True, exist_ok=True)
        make_keys(settings.instance / KEYS)
        ready = create_app(replace(settings, secret_key=""))
        with ready.app_context():
            migrate(ROOT / "migrations")
            setup.begin()
            password = setup.administrator(settings.admin_password)
            if password and not settings.admin_password:
                click.echo(f"Administrator: login admin, one-time password {password}")
            made = setup.first_accounts(_quiet(ready))
            click.echo("The 20 accounts 200-219 are ready." if made else "sipweb is set up.")

    @command("create-user")
    @click.option("--login", "name_", required=True)
    @click.option("--name", required=True)
    @click.option("--role", type=click.Choice(["administrator", "agent"]), required=True)
    @click.option("--work-mode", type=click.Choice(["automatic", "manual"]), default="automatic")
    @click.option("--external-phone", type=click.Choice(["builtin", "other"]), default="builtin")
    @click.option("--password-stdin", is_flag=True)
    def create_user(
        name_: str, name: str, role: str, *, work_mode: str, external_phone: str, password_stdin: bool
    ) -> None:
        """Add a user; the password is asked for, or read from standard input."""
        password = _password(password_stdin)
        users.create_user(_who(), name_, name, password, role, work_mode=work_mode, external_phone=external_phone)
        click.echo(f"{name} can log in as {name_}.")

    @command("set-password")
    @click.argument("name")
    @click.option("--password-stdin", is_flag=True)
    def set_password(name: str, password_stdin: bool) -> None:
        """Give a user a new password and end all their sessions."""
        users.set_password(_who(), name, _password(password_stdin))
        click.echo("The password was set.")

    @command("plan")
    def plan() -> None:
        """What generating would change."""
        _same_as_server(settings)
        _print_plan(state(_site(app)).plan)

    @command("generate")
    def generate() -> None:
        """Generate the configuration, as the button does."""
        _same_as_server(settings)
        _report(generations.generate(_site(app), _who()))

    @command("rollback")
    @click.argument("number", type=int)
    def rollback(number: int) -> None:
        """Put an earlier generation back; saved edits become pending again."""
        _same_as_server(settings)
        _report(generations.restore(_site(app), _who(), number))

    @command("tend")
    def tend() -> None:
        """The background process; `flask serve` starts it."""
        from . import tend as work

        work.forever(_site(app))

    @command("serve")
    def serve() -> None:
        """The web server, the local Asterisk and the background process."""
        from .serve import serve as work

        os.umask(PRIVATE)
        work(settings)


def _sentences(work: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(work)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return work(*args, **kwargs)
        except SipwebError as error:
            click.echo(str(error), err=True)
            sys.exit(1)

    return run


def _site(app: Flask) -> Any:
    if "sipweb" not in app.extensions:
        click.echo("Run flask setup first.", err=True)
        sys.exit(1)
    return app.extensions["sipweb"]


def _report(done: history.GenerationView | None) -> None:
    """How a generation ended; exit code 1 when it was refused."""
    if done is None:
        click.echo("There is nothing to do.")
        return
    click.echo(f"Generation {done.number}: {done.state}.")
    if done.state == "refused":
        click.echo(done.message % done.values if done.values else done.message, err=True)
        sys.exit(1)


def _quiet(app: Flask) -> Any:
    """The site for the set-up's generation: Asterisk is not up yet, so it is written only."""
    site = app.extensions["sipweb"]
    site.link = replace(site.link, mode="files")
    return site


def _who() -> Actor:
    return Actor(None, f"{getpass.getuser()} (command line)", address="terminal")


def _password(stdin: bool) -> str:
    return (
        sys.stdin.readline().rstrip("\n")
        if stdin
        else click.prompt("Password", hide_input=True, confirmation_prompt=True)
    )


def _same_as_server(settings: Settings) -> None:
    """Refuse settings other than the running server's: what is generated would not be what it serves."""
    import json

    path = settings.instance / "run" / "server.json"
    if not path.is_file():
        return
    running = json.loads(path.read_text())
    if not Path(f"/proc/{running['pid']}").exists():
        return
    for name, value in public(settings).items():
        if running["settings"].get(name) != value:
            raise SipwebError("SIPWEB_%(name)s is not what the running server was started with.", name=name.upper())


def _print_plan(plan: Any) -> None:
    if not len(plan):
        click.echo("There is nothing to do.")
    for account in plan.added:
        click.echo(f"+ {account.number}")
    for change in plan.changed:
        click.echo(f"~ {change.old.number}  {', '.join(_parts(change.fields))}")
    for account in plan.removed:
        click.echo(f"- {account.number}")
    for way in plan.ways:
        sign = "~" if way.old and way.new else ("+" if way.new else "-")
        parts = _parts(way.fields) if way.old else [f"{f.field}: {f.new}" for f in way.fields if f.field != "name"]
        click.echo(f"{sign} {way.kind} {way.name}  {', '.join(parts)}".rstrip())
    if plan.upgraded:
        click.echo("~ sipweb upgraded")
    if plan.settings:
        click.echo(f"~ settings  {', '.join(_parts(plan.settings))}")


def _parts(fields: Iterable[FieldChange]) -> list[str]:
    return [f.field if f.field == "secret" else f"{f.field}: {f.old} → {f.new}" for f in fields]


def compile_languages() -> None:
    """Catalogues are compiled where they are used; the repository holds their sources only."""
    for source in (ROOT / "translations").glob("*/LC_MESSAGES/messages.po"):
        draft = source.with_suffix(f".{os.getpid()}")
        with source.open("rb") as text, draft.open("wb") as compiled:
            write_mo(compiled, read_po(text))
        draft.replace(source.with_suffix(".mo"))
