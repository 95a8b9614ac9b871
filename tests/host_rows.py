"""PBX hosts as their monitors report them, without monitors."""

from sqlalchemy import func, text, update

from sipweb.db import transaction
from sipweb.models import Host

NOW = func.timezone("UTC", func.clock_timestamp())


def add_host(name, **values):
    """Add a host that was heard of just now."""
    row = {
        "machine_id": name, "sip_host": f"{name}.example.org", "sip_port": 5060, "sip_transport": "udp",
        "websocket": f"wss://{name}.example.org/ws", "web_address": "", "version": "1", "renderer_version": 1,
        "seen_at": NOW, "present_since": NOW - text("interval '1 hour'"), "started_at": NOW,
    }  # fmt: skip
    with transaction() as session:
        session.add(Host(name=name, **row | values))


def set_present(name, is_present):
    """Let a host be heard of just now, or not for a while, in which the others were."""
    with transaction(bump_revision=False) as session:
        seen_at = NOW if is_present else NOW - text("interval '1 minute'")
        session.execute(update(Host).where(Host.name == name).values(seen_at=seen_at))
        session.execute(update(Host).values(present_since=NOW - text("interval '1 hour'")))
