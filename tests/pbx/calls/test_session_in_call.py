"""A session that has reached its lifetime does not end during its agent's call."""

from datetime import timedelta

from sipweb.db import transaction
from sipweb.models import WebSession
from sipweb.services import retention, sessions
from sipweb.services.context import utc_now
from tests.pbx.calls.steps import count_channels, start_work
from tests.pbx.phones import conversation
from tests.servers import wait_for


def test_session_ends_after_the_call(ctx, agent_phone):
    one, two = (agent_phone(number, recording=False) for number in (201, 202))
    start_work(ctx, one)
    token = sessions.start(one.owner, "192.0.2.1", "Firefox")
    with transaction(bump_revision=False) as session:
        session.query(WebSession).update({"started_at": utc_now() - timedelta(hours=13)})
    with conversation(two, one):
        retention.delete_expired(ctx)
        session_id = sessions.load(ctx, token, "").session_id
        assert [shown.id for shown in sessions.list_sessions(ctx, one.owner)] == [session_id]
    wait_for(lambda: count_channels(ctx) == 0, "the call has ended")
    assert sessions.load(ctx, token, "") is None
    assert sessions.list_sessions(ctx, one.owner) == ()
