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
TIDY = 3600.0  # seconds between two looks for recordings whose time is over


def forever(site: Site) -> None:
    """Until the parent is gone or says so."""
    parent, settled, pause, tidied = os.getppid(), False, 0.5, 0.0
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    while os.getppid() == parent:
        settled = look(site, settled)
        if time.monotonic() - tidied > TIDY:
            tidied = time.monotonic()
            with suppress(OSError):  # the page of recordings says so
                recordings.expire(site)
        db.session.remove()
        pause = PAUSE if settled else min(pause * 2, 30.0)
        time.sleep(pause)


def look(site: Site, settled: bool) -> bool:
    """One look; whether what runs is as generated. Asked anew whenever Asterisk was away."""
    try:
        agents.expire()
        settled = (settled and not generations.broken_off(site)) or generations.settle(site)
        if site.link.asks:
            unheard = recordings.silent(site)
            with site.link.open() as ami:
                trunks = pbx_state.trunks(ami) if live(site)[1].trunks else {}
                presence.store(site, pbx_state.registered(ami), trunks)
                leases.tell_all(ami)
                if unheard:
                    recordings.forget(unheard, pbx_state.calls(ami))
        return settled
    except Refused:
        return False
