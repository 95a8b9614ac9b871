"""Several PBX hosts without Asterisk: what each one does for the others."""

from dataclasses import replace

import pytest

from sipweb.pbx.connection import PbxConnection
from sipweb.services import generations
from sipweb.services.context import Actor
from tests.builders import audit_entries, edit_account, make_host

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)
ADMIN = Actor(1, "Administrator", address="192.0.2.99")


@pytest.fixture
def web_server(ctx):
    """Return the context of a web server without a PBX."""
    return replace(ctx, pbx=PbxConnection("none"))


def test_audit_log_names_who_generated_and_from_where_whichever_host_ends_it(ctx, web_server):
    make_host(ctx, "pbx")
    edit_account(ctx, 1, level=50)
    generations._claim(web_server, ADMIN, generations._Target(None))
    assert generations.follow(ctx)
    (entry,) = [one for one in audit_entries("generation.written") if one.subject == "2"]
    assert (entry.by, entry.address) == ("Administrator", "192.0.2.99")
