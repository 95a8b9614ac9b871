"""900 real phones that renew their registrations for ten minutes add no event."""

import os
import socket
import time

import pytest
from sqlalchemy import func, select

from sipweb.db import db
from sipweb.models import Event
from sipweb.services import pbx_status
from tests.builders import make_900_sip_accounts
from tests.pbx.phones import PhoneLine, register_all
from tests.servers import app_of_server, free_port, health, serving, wait_for

DURATION = float(os.environ.get("TEST_SECONDS", "600"))
RENEWED_EVERY = 30.0  # seconds


def events():
    """Return kind → rows of what phones have caused."""
    query = select(Event.kind, func.count(Event.id)).where(Event.kind != "generated").group_by(Event.kind)
    return dict(db.session.execute(query).all())


@pytest.mark.long
def test_900_phones_that_renew_for_ten_minutes_add_no_event(instance, tmp_path):
    sip_port = str(free_port(socket.SOCK_DGRAM))
    line = PhoneLine(int(sip_port))
    with serving(instance, pbx="local", sip_port=sip_port) as address:
        wait_for(lambda: b'"asterisk":"ok"' in health(address), "Asterisk answers")
        app = app_of_server(instance)
        with app.app_context():
            ctx = app.extensions["sipweb"]
            secrets = make_900_sip_accounts(ctx)
            rounds, end = 0, time.monotonic() + DURATION
            while time.monotonic() < end:
                started = time.monotonic()
                assert register_all(tmp_path, int(sip_port), secrets, line) >= 900
                rounds += 1
                time.sleep(max(0.0, RENEWED_EVERY - (time.monotonic() - started)))
                db.session.rollback()
                if rounds == 1:
                    begun = events()
                    assert begun.keys() == {"registered"}
                assert events() == begun
                assert len(pbx_status.registered_phones(ctx)) == 900
            assert all(contact.reachable for contact in pbx_status.registered_phones(ctx).values())
            db.session.remove()
            db.engine.dispose()
    line.close()
    assert rounds > DURATION / RENEWED_EVERY / 2
