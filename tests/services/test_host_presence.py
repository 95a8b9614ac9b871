"""Which PBX hosts count as present, also after the database was away."""

import pytest
from sqlalchemy import text, update

from sipweb.core.snapshot import RENDERER_VERSION
from sipweb.db import transaction
from sipweb.models import Host, HostReport
from sipweb.services import generations, hosts
from sipweb.services.rollout import current_rollout, is_part_due
from tests.builders import WHO, make_account
from tests.host_rows import NOW, add_host

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


@pytest.fixture
def others(ctx):
    """Hosts berlin and warsaw beside the own one, pbx; all are present, and have been for a while."""
    hosts.join(ctx)
    add_host("berlin", renderer_version=RENDERER_VERSION)
    add_host("warsaw", renderer_version=RENDERER_VERSION)
    pass_time(0, present_for=100)


def pass_time(seconds, *names, present_for=None):
    """Let the hosts, or these, be last seen so much longer ago."""
    past = text(f"interval '{seconds} seconds'")
    with transaction(bump_revision=False) as session:
        query = update(Host).where(Host.name.in_(names)) if names else update(Host)
        session.execute(query.values(seen_at=Host.seen_at - past, present_since=Host.present_since - past))
        if present_for:
            session.execute(query.values(present_since=NOW - text(f"interval '{present_for} seconds'")))


def was_seen():
    return {host.name for host in hosts.all_hosts() if host.was_seen}


@pytest.mark.usefixtures("others")
def test_host_that_was_not_seen_for_10_seconds_is_away(ctx):
    pass_time(9, "warsaw")
    assert was_seen() == {"berlin", "pbx", "warsaw"}
    pass_time(1.5, "warsaw")
    assert was_seen() == {"berlin", "pbx"}


@pytest.mark.usefixtures("others")
def test_hosts_that_were_seen_just_before_an_outage_are_present_after_it(ctx):
    pass_time(60)
    assert was_seen() == set()
    hosts.report_still_seen(ctx)
    assert was_seen() == {"berlin", "pbx", "warsaw"}
    for seconds, expected in ((4, {"berlin", "pbx", "warsaw"}), (2, {"berlin", "pbx", "warsaw"}), (2, {"pbx"})):
        pass_time(seconds)
        hosts.report_still_seen(ctx)
        assert was_seen() == expected


@pytest.mark.usefixtures("others")
def test_generation_is_not_taken_over_because_the_database_was_away(ctx):
    make_account(ctx, 300)
    run, is_tried_here = generations._claim(ctx, WHO, generations._Target(None))
    assert not is_tried_here  # berlin is the first host
    with transaction(bump_revision=False) as session:
        session.add(HostReport(number=run.number, host="berlin", state="working", reported_at=NOW))
    pass_time(30)
    hosts.report_still_seen(ctx)
    assert not is_part_due(ctx, current_rollout(ctx))
    pass_time(8, "berlin", "warsaw")
    pass_time(0, "pbx", present_for=8)
    assert is_part_due(ctx, current_rollout(ctx))
