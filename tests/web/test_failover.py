"""Two PostgreSQL servers in the URL: the second answers after the first was lost, and its data are what pages show."""

import pytest

from sipweb import create_app
from sipweb.config import load
from sipweb.db import db
from sipweb.services.state import current_state
from tests import postgres
from tests.builders import edit_account, make_account
from tests.client import Client
from tests.conftest import set_up
from tests.servers import free_port


@pytest.fixture
def servers():
    """Return two clusters."""
    clusters = [postgres.Cluster(free_port()) for _ in range(2)]
    yield clusters
    for cluster in clusters:
        cluster.remove()


def test_no_page_shows_what_a_failover_lost(servers, tmp_path):
    first, second = servers
    instance = tmp_path / "a" / "i"
    instance.mkdir(parents=True)
    hosts = "&".join(f"host=127.0.0.1:{server.url.port}" for server in servers)
    url = f"postgresql://sipweb@/postgres?{hosts}&target_session_attrs=read-write"
    (instance / "sipweb.env").write_text(f"DATABASE_URL={url}\n")
    first.create()
    first.start()
    set_up(instance)
    first.kill()
    second.copy(first)
    first.start()
    app = create_app(load({"SIPWEB_INSTANCE": str(instance), "SIPWEB_PBX": "files"}))
    with app.app_context():
        ctx, admin = app.extensions["sipweb"], Client(app)
        admin.login()
        make_account(ctx, 555)
        lost = current_state(ctx).marks.revision
        assert "555" in admin.get("/accounts").text
        db.session.remove()
        first.kill()
        second.start()
        postgres.run(second.url, "UPDATE revision SET value = :value", value=lost)  # other edits meanwhile
        assert "555" not in admin.get("/accounts").text
        edit_account(ctx, 1, level=77)
        assert current_state(ctx).by_id[1].level == 77
        db.session.remove()
        db.engine.dispose()
