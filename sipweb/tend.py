"""The one background process: who is registered, and setting the record straight when Asterisk comes up."""

import os
import signal
import time

from .core.errors import Refused
from .db import db
from .pbx import state as pbx_state
from .services import agents, generations, presence
from .services.site import Site

PAUSE = 3.0  # seconds between two looks; 900 contacts cost Asterisk about 40 ms


def forever(site: Site) -> None:
    """Until the parent is gone or says so."""
    parent, settled, pause = os.getppid(), False, 0.5
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    while os.getppid() == parent:
        settled = look(site, settled)
        db.session.remove()
        pause = PAUSE if settled else min(pause * 2, 30.0)
        time.sleep(pause)


def look(site: Site, settled: bool) -> bool:
    """One look; whether what runs is as generated. Asked anew whenever Asterisk was away."""
    try:
        agents.expire()
        settled = settled or generations.settle(site)
        if site.link.asks:
            with site.link.open() as ami:
                presence.store(site, pbx_state.registered(ami))
        return settled
    except Refused:
        return False
