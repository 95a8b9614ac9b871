"""The running Asterisk learns who works with an account at once, without a generation: it decides what is recorded.

Each lease is told with the moment at which it would end in silence. So when sipweb dies, or Asterisk cannot be reached
for that long, nobody is believed to be at work any more, and calls are recorded by the accounts' switches.
"""

from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from ..core.errors import Refused
from ..db import db
from ..models import Lease
from ..pbx import leases as pbx_leases
from ..pbx.ami import Ami
from .site import Site, now

SILENCE = timedelta(seconds=90)  # without a heartbeat a lease ends
PATIENCE = 1.0  # seconds; an Asterisk that hangs keeps nobody from work: the background process tells it later


def tell(site: Site, numbers: Iterable[int]) -> None:
    """Tell Asterisk how these numbers stand. To be called after the transaction that changed their leases."""
    numbers = set(numbers)
    if not (numbers and site.link.asks):
        return
    current = _current()
    with suppress(Refused), replace(site.link, timeout=PATIENCE).open() as ami:
        pbx_leases.tell(ami, {number: current.get(number) for number in numbers})


def tell_all(ami: Ami) -> None:
    """Make what Asterisk believes what is so, after a restart or a lost connection too."""
    current, known = _current(), pbx_leases.known(ami)
    pbx_leases.tell(ami, {n: current.get(n) for n in current.keys() | known.keys() if current.get(n) != known.get(n)})


def numbers() -> Collection[int]:
    """Of the accounts in use."""
    return _current().keys()


def _current() -> dict[int, int]:
    rows = db.session.execute(select(Lease.number, Lease.seen).where(Lease.seen >= now() - SILENCE))
    return {number: int((seen + SILENCE).timestamp()) for number, seen in rows}
