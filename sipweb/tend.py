"""The one background process: who is registered, and setting the record straight when Asterisk comes up."""

import os
import signal
import time

from .core.errors import Refused
from .db import db
from .pbx import state as pbx_state
from .services import generations, presence
from .services.site import Site

PAUSE = 3.0  # seconds between two looks; 900 contacts cost Asterisk about 40 ms


def forever(site: Site) -> None:
    """Until the parent is gone or says so."""
    parent, up = os.getppid(), False
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    while os.getppid() == parent:
        up = look(site, up)
        db.session.remove()
        time.sleep(PAUSE if up else 0.5)


def look(site: Site, up: bool) -> bool:
    """One look; whether Asterisk answered. When it comes up, what it runs is compared with the live generation."""
    try:
        if not site.link.asks:
            generations.settle(site)
            return True
        if not up:
            generations.settle(site)
        with site.link.open() as ami:
            presence.store(site, pbx_state.registered(ami))
        return True
    except Refused:
        return False
