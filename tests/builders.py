"""Users, accounts, trunks, routes and leases that many tests need, made by the services; recordings."""

import struct
import time
from dataclasses import replace
from datetime import timedelta

import pyotp
from sqlalchemy import func, insert, update

from sipweb.core.snapshot import RENDERER_VERSION
from sipweb.db import db, transaction
from sipweb.models import Host, Lease, WebSession
from sipweb.services import (
    account_secrets,
    accounts,
    agent_sign_in,
    audit,
    generations,
    routes,
    totp,
    trunks,
    user_list,
    users,
)
from sipweb.services.accounts import COLUMNS
from sipweb.services.context import Actor, utc_now
from sipweb.services.machine_id import make_machine_id
from sipweb.services.state import current_state
from sipweb.version import VERSION

WHO = Actor(None, "test")
RECORDED_AT = 1795491214  # 2026-11-24 03:33:34 UTC
AGENT_PASSWORD = "a long password"
TRUNK = trunks.TrunkInput("Provider", "sip.example.org", 5060, "udp", "", "", "", False, True)
ROUTE = routes.RouteInput("Warsaw", "22.*", 10, 1, 0, "", False, True)


def make_user(login, name, role="agent", **values):
    """Create a user with the agents' password and return the id."""
    return users.create_user(WHO, login, name, AGENT_PASSWORD, role, **values)


def edit_user(ctx, user_id, **changes):
    """Save a user with some fields changed."""
    user = next(user for user in user_list.list_users(ctx) if user.id == user_id)
    saved = users.UserInput(user.name, user.login, user.role, user.active, user.work_mode, user.external_phone)
    users.update_user(ctx, WHO, user_id, user.version, replace(saved, **changes))


def make_account(ctx, number, **values):
    """Create an account of the automatic pool, or another one by its values, and return the id."""
    return accounts.create(ctx, WHO, accounts.AccountInput(number=number, **values))


def edit_account(ctx, account_id, **changes):
    """Save an account with some fields changed."""
    account = current_state(ctx).account(account_id)
    saved = {name: getattr(account, name) for name in COLUMNS}
    accounts.update(ctx, WHO, account_id, account.version, accounts.AccountInput(**saved | changes))


def make_900_sip_accounts(ctx):
    """Give each number an account for a SIP phone and generate; return number → password."""
    for number in {*range(100, 1000)} - {account.number for account in current_state(ctx).accounts}:
        make_account(ctx, number, phone="other")
    for account in current_state(ctx).accounts:
        if account.phone != "other":
            edit_account(ctx, account.id, phone="other")
    assert generations.generate(ctx, WHO).state == "verified"
    return {
        account.number: account_secrets.reveal(ctx, WHO, account.id).text for account in current_state(ctx).accounts
    }


def make_trunk(ctx, **values):
    """Create a trunk and return the id."""
    return trunks.create_trunk(ctx, WHO, replace(TRUNK, **values))


def make_host(ctx, name, seen=0, started=3600, **values):
    """Add a PBX host that runs the live generation, `seen` and `started` so many seconds ago, by the database's clock.

    It is on this machine, so that a context with its name is that host. On PostgreSQL only.
    """
    state = current_state(ctx)
    row = {
        "name": name, "machine_id": make_machine_id(ctx), "sip_host": "192.0.2.1", "sip_port": 5060,
        "sip_transport": "udp", "websocket": "", "web_address": "", "version": VERSION,
        "renderer_version": RENDERER_VERSION, "generation": state.generation, "digest": state.live.digest,
        "stamp": 0, "status": "",
    } | values  # fmt: skip
    now = func.timezone("UTC", func.clock_timestamp())
    times = {"seen_at": now - timedelta(seconds=seen)}
    times |= dict.fromkeys(("present_since", "started_at"), now - timedelta(seconds=started))
    with transaction() as session:
        session.execute(insert(Host).values(**row, **times))


def make_route(trunk_id, **values):
    """Create a route over a trunk and return the id."""
    return routes.create_route(WHO, replace(ROUTE, trunk_id=trunk_id, **values))


def add_totp(ctx, user_id):
    """Set up an authenticator app for a user; return its key and the recovery codes."""
    who = Actor(user_id, "", address="192.0.2.1")
    totp.begin_set_up(ctx, who)
    key = totp.get_set_up(ctx, who, "localhost").key
    return key, totp.confirm(ctx, who, code_of(key))


def code_of(key, later=0):
    """Return the code that an app shows now, or so many steps later; those of 0 and 1 are accepted for 30 seconds."""
    return pyotp.TOTP(key).at(time.time(), counter_offset=later)


def acquire(ctx, login="anna", number=None):
    """Log an agent in as the agents' program does, and return the lease."""
    return agent_sign_in.login_and_acquire(ctx, login, AGENT_PASSWORD, number, "")


def age_sign_ins(past=timedelta(minutes=6)):
    """Have all users entered their passwords so long ago."""
    with transaction(bump_revision=False) as session:
        session.execute(update(WebSession).values(confirmed_at=utc_now() - past))


def set_heartbeat_age(seconds):
    """Set the time since the last heartbeat of each lease; a lease ends after 90 seconds."""
    db.session.execute(update(Lease).values(last_seen_at=utc_now() - timedelta(seconds=seconds)))
    db.session.commit()


def make_recording(ctx, caller="205", called="221234560", at=RECORDED_AT, *, seconds=3, day="2026-11-24", uid="12"):
    """Write a recording of noise, and return its key."""
    folder = ctx.recordings_dir / day
    folder.mkdir(parents=True, exist_ok=True)
    sound = bytes(range(256)) * (16000 * seconds // 256)
    header = (
        b"RIFF"
        + struct.pack("<I", 36 + len(sound))
        + b"WAVEfmt "
        + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 16000, 2, 16)
    )
    key = f"{at}-{at}.{uid}"
    (folder / f"033334_{caller}_{called}_{key}.wav").write_bytes(
        header + b"data" + struct.pack("<I", len(sound)) + sound
    )
    return key


def audit_entries(action):
    """Return the newest audit entries of one action."""
    return [entry for entry in audit.entries() if entry.action == action]
