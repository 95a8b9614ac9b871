"""The one background process: who is registered, and setting the record straight when Asterisk comes up."""

import os
import signal
import time
from contextlib import suppress

from .core.errors import Refused
from .db import db
from .pbx import state as pbx_state
from .services import agents, generations, leases, presence, recordings
from .services.site import Site
from .services.state import live

PAUSE = 3.0  # seconds between two looks; 900 contacts cost Asterisk about 40 ms
PATIENCE = 30.0  # seconds, at the most, between two tries to set the record straight: each may reload Asterisk
TIDY = 3600.0  # seconds between two looks for recordings whose time is over


def forever(site: Site) -> None:
    """Until the parent is gone or says so."""
    parent, settled, wait, due, tidied = os.getppid(), False, 0.5, 0.0, 0.0
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    while os.getppid() == parent:
        if settled or time.monotonic() >= due:
            settled = look(site, settled)
            wait = PAUSE if settled else min(wait * 2, PATIENCE)
            due = time.monotonic() + wait
        else:
            watch(site)
        if time.monotonic() - tidied > TIDY:
            tidied = time.monotonic()
            with suppress(OSError):  # the page of recordings says so
                recordings.expire(site)
        db.session.remove()
        time.sleep(min(wait, PAUSE))


def look(site: Site, settled: bool) -> bool:
    """Set the record straight unless it is, and watch; whether what runs is as generated. Asked anew whenever Asterisk was away."""
    try:
        settled = (settled and not generations.broken_off(site)) or generations.settle(site)
    except Refused:
        settled = False
    return watch(site) and settled


def watch(site: Site) -> bool:
    """Whose time is over, who is registered, how the trunks stand, what is recorded; whether Asterisk could be asked."""
    agents.expire()
    if not site.link.asks:
        return True
    unheard = recordings.silent(site)
    try:
        with site.link.open() as ami:
            trunks = pbx_state.trunks(ami) if live(site)[1].trunks else {}
            presence.store(site, pbx_state.registered(ami), trunks)
            leases.tell_all(ami)
            recordings.end_strays(ami, leases.numbers(), [account.number for account in live(site)[1].accounts])
            if unheard:
                recordings.forget(unheard, pbx_state.calls(ami))
            return True
    except Refused:
        return False
