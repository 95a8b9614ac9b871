"""Migrations in both directions, on both databases."""

import sqlite3
from contextlib import closing

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import inspect, select, text
from sqlalchemy.exc import IntegrityError

from sipweb import create_app
from sipweb.config import ROOT, load
from sipweb.db import Base, db, transaction
from sipweb.models import AuditEntry, Generation, Lease, OutboundRoute, Trunk, User
from sipweb.services.context import utc_now
from tests.builders import make_user
from tests.conftest import on_both_databases
from tests.upgrades.test_a402b08 import DUMP


@pytest.fixture
def migrate_to():
    """Return a function that migrates the application's database up or down."""

    def run(revision):
        db.session.remove()
        config = Config()
        config.set_main_option("script_location", str(ROOT / "migrations"))
        with db.engine.connect() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
        (command.upgrade if (current or "") < revision else command.downgrade)(config, revision)
        db.engine.dispose()

    return run


def add_route(position):
    """Add a route and return its id."""
    with transaction() as session:
        trunk_id = session.scalar(select(Trunk.id))
        route = OutboundRoute(position=position, name="R", pattern="1", level=1, trunk_id=trunk_id, strip_digits=2)
        session.add(route)
        session.flush()
        return route.id


def add_lease():
    """Add a lease and return its id."""
    with transaction() as session:
        values = {"account_id": 1, "user_id": session.scalar(select(User.id)), "number": 200, "session_epoch": 0}
        lease = Lease(token_digest="digest", acquired_at=utc_now(), last_seen_at=utc_now(), **values)
        session.add(lease)
        session.flush()
        return lease.id


def delete_newest(table):
    """Delete the row with the highest id."""
    with transaction() as session:
        session.delete(session.scalars(select(table).order_by(table.id.desc())).first())


@on_both_databases
def test_ids_are_not_reused_after_a_migration(app, migrate_to):
    with transaction() as session:
        session.add(Trunk(name="T", host="h"))
    assert [add_route(position) for position in (1, 2)] == [1, 2]
    assert add_lease() == 1
    delete_newest(OutboundRoute)
    delete_newest(Lease)
    migrate_to("0004")
    migrate_to("head")
    assert add_lease() == 2
    assert add_route(3) == 3
    assert [route.strip_digits for route in db.session.scalars(select(OutboundRoute))] == [2, 2]


@on_both_databases
def test_stored_names_are_translated_in_both_directions(app, migrate_to):
    changes = {"username": [None, "u"], "caller_id": ["", "1"], "strip_digits": [0, 1], "secret": []}
    entry = {"created_at": utc_now(), "actor_name": "a", "ip_address": "", "subject": "s", "changes": changes}
    with transaction() as session:
        session.add(AuditEntry(action="trunk.edit", trunk_id=7, **entry))
        session.add(AuditEntry(action="route.move", route_id=8, **entry))
        session.add(AuditEntry(action="lease.revoke", account_id=9, **entry))
        session.get_one(Generation, 1).differences = [{"name": "n", "field": "f", "expected": "1", "actual": "2"}]
    migrate_to("0004")
    query = text("SELECT action, way_id, changes FROM audit ORDER BY id DESC LIMIT 3")
    with db.engine.connect() as connection:
        rows = [(action, record_id, str(old)) for action, record_id, old in connection.execute(query)]
        differences = str(connection.scalar(text("SELECT differences FROM generation WHERE number = 1")))
    assert [row[:2] for row in rows] == [("agent.release", None), ("rule.move", 8), ("trunk.edit", 7)]
    assert "username" in rows[0][2]  # of neither a trunk nor a route
    assert ["strip_digits" in row[2] for row in rows] == [True, False, True]
    assert "caller_id" not in rows[2][2]
    assert "expected" not in differences
    assert "wanted" in differences
    migrate_to("head")
    entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(3)).all()
    assert [(e.action, e.trunk_id, e.route_id) for e in entries] == [
        ("lease.revoke", None, None), ("route.move", None, 8), ("trunk.edit", 7, None),
    ]  # fmt: skip
    assert [e.changes for e in entries] == [changes] * 3
    assert db.session.get_one(Generation, 1).differences[0]["actual"] == "2"


@on_both_databases
def test_roles_that_the_earlier_version_lacks_become_agents(app, migrate_to):
    make_user("ewa", "Ewa", "editor")
    make_user("adam", "Adam", "auditor")
    add_lease()
    migrate_to("0016")
    with db.engine.begin() as connection:
        roles = connection.execute(text('SELECT login, role FROM "user" ORDER BY id')).all()
        assert [tuple(row) for row in roles] == [("admin", "administrator"), ("ewa", "agent"), ("adam", "agent")]
        with pytest.raises(IntegrityError):
            connection.execute(text("UPDATE \"user\" SET role = 'editor'"))
    migrate_to("head")
    assert make_user("olga", "Olga", "editor") == 4
    with pytest.raises(IntegrityError), transaction() as session:
        session.get_one(User, 4).role = "king"
    assert [lease.user_id for lease in db.session.scalars(select(Lease))] == [1]


@on_both_databases
def test_constraints_and_indexes_have_the_names_of_the_convention(app, migrate_to):
    for revision in ("0004", "head"):
        migrate_to(revision)
    with db.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
        inspector = inspect(connection)
        for table in Base.metadata.sorted_tables:
            primary_key = inspector.get_pk_constraint(table.name)["name"]
            assert primary_key in (None, table.primary_key.name)  # SQLite has no name for one with AUTOINCREMENT
            items = [
                *inspector.get_indexes(table.name),
                *inspector.get_unique_constraints(table.name),
                *inspector.get_check_constraints(table.name),
                *inspector.get_foreign_keys(table.name),
            ]
            expected = {str(item.name) for item in (*table.constraints, *table.indexes)} - {table.primary_key.name}
            assert {item["name"] for item in items} == expected, table.name


def test_a_downgrade_gives_back_the_same_rows(tmp_path, migrate_to):
    def rows(path):
        with closing(sqlite3.connect(path)) as connection:
            connection.row_factory = sqlite3.Row
            tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            queries = {name: f'SELECT * FROM "{name}" ORDER BY 1' for name in tables}  # noqa: S608  # our own names
            return {name: [dict(row) for row in connection.execute(query)] for name, query in queries.items()}

    path = tmp_path / "sipweb.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(DUMP)
    before = rows(path)
    (tmp_path / "keys.json").write_bytes((ROOT / "tests/upgrades/a402b08/keys.json").read_bytes())
    with create_app(load({"SIPWEB_INSTANCE": str(tmp_path), "SIPWEB_PBX": "files"})).app_context():
        migrate_to("head")
        assert {"outbound_route", "acknowledgement"} <= rows(path).keys()
        migrate_to("0004")
    after = rows(path)
    assert after == before
    assert len(after["rule"]) > 0
