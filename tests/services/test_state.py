"""The cached state equals one that is read anew, whatever changed."""

from sqlalchemy import event

from sipweb.db import db, transaction
from sipweb.models import OutboundRoute, Trunk
from sipweb.services import accounts, generations, lease_end, leases, users
from sipweb.services.context import Actor
from sipweb.services.state import current_state, live_generation

WHO = Actor(None, "test")


def read_anew(ctx):
    """Return the state as a process without a cache reads it; the cache stays."""
    cached, ctx.cache.state = ctx.cache.state, None
    try:
        return current_state(ctx)
    finally:
        ctx.cache.state = cached


def add_route(session, name, position):
    session.add(OutboundRoute(name=name, position=position, pattern="1", level=0, trunk_id=1))


def add_trunk(session):
    session.add(Trunk(id=1, name="T", host="127.0.0.1"))
    session.flush()
    add_route(session, "R", 1)


def in_transaction(work):
    with transaction() as session:
        work(session)


def rename(ctx, user_id):
    values = users.UserInput("Anna Lis", "anna", "agent", True, "automatic", "builtin")
    users.update_user(ctx, WHO, user_id, 1, values)


def test_each_change_gives_the_state_that_is_read_anew(ctx, anna):
    steps = [
        lambda: accounts.set_flag(ctx, WHO, 3, 1, name="recording", value=True),
        lambda: accounts.set_flag(ctx, WHO, 4, 1, name="active", value=False),
        lambda: accounts.update(ctx, WHO, 5, 1, accounts.AccountInput(number=305, user_id=anna, level=50)),
        lambda: accounts.create(ctx, WHO, accounts.AccountInput(number=300)),
        lambda: accounts.delete(ctx, WHO, 6),
        lambda: accounts.restore_deleted(ctx, WHO, 6),
        lambda: leases.acquire(ctx, anna, "200", ""),
        lambda: rename(ctx, anna),
        lambda: in_transaction(add_trunk),
        lambda: in_transaction(lambda session: add_route(session, "S", 2)),
        lambda: generations.generate(ctx, WHO),
        lambda: lease_end.release_by_admin(ctx, WHO, 1),
        lambda: accounts.delete(ctx, WHO, 7),
        lambda: generations.restore(ctx, WHO, 1),
    ]
    previous = current_state(ctx)
    for number, step in enumerate(steps):
        step()
        state = current_state(ctx)
        assert state == read_anew(ctx), number
        assert state != previous, number
        previous = state


def test_an_unchanged_state_costs_one_query_and_is_the_same_object(ctx):
    state, statements = current_state(ctx), []
    event.listen(db.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    assert current_state(ctx) is state
    assert len(statements) == 1


def test_an_edit_reads_one_row_and_keeps_the_other_records(ctx):
    before = current_state(ctx)
    accounts.set_flag(ctx, WHO, 3, 1, name="recording", value=True)
    after = current_state(ctx)
    changed = [key for key in after.by_id if after.by_id[key] is not before.by_id[key]]
    assert changed == [3]
    assert after.users is before.users
    assert after.leases is before.leases


def test_a_state_read_inside_a_transaction_is_not_cached(ctx):
    before = current_state(ctx)
    with transaction() as session:
        add_trunk(session)
        assert len(current_state(ctx).plan.routing) == 2
        session.rollback()
    assert ctx.cache.state is before
    assert len(current_state(ctx).plan) == 0


def test_a_deleted_live_account_stays_in_the_list_until_a_generation(ctx):
    accounts.delete(ctx, WHO, 5)
    view = current_state(ctx).account(5)
    assert (view.deleted, view.pending, view.live, view.free) == (True, "removed", True, True)
    assert 5 not in current_state(ctx).by_id
    generations.generate(ctx, WHO)
    assert current_state(ctx).account(5) is None


def test_pending_tells_how_an_account_differs_from_the_pbx(ctx):
    new = accounts.create(ctx, WHO, accounts.AccountInput(number=300))
    inactive = accounts.create(ctx, WHO, accounts.AccountInput(number=301, active=False))
    accounts.set_flag(ctx, WHO, 1, 1, name="active", value=False)
    accounts.set_flag(ctx, WHO, 2, 1, name="recording", value=True)
    state = current_state(ctx)
    assert [state.by_id[key].pending for key in (new, inactive, 1, 2, 3)] == [
        "added",
        "inactive",
        "removed",
        "changed",
        "",
    ]


def test_the_live_generation_is_read_once(ctx):
    number, snapshot = live_generation(ctx)
    assert number == current_state(ctx).generation == 1
    assert live_generation(ctx)[1] is snapshot is current_state(ctx).live
    assert snapshot.settings == ctx.pbx_settings
