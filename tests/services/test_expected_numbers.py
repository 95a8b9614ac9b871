"""What every user would get at sign-in, now and after the next generation, for all users at once."""

from contextlib import contextmanager

from sqlalchemy import event

from sipweb.core.assignment import Reason
from sipweb.db import db
from sipweb.services import generations, user_list
from sipweb.services.assignment import preview_assignment
from sipweb.services.expected_numbers import expected_numbers, without_number
from tests.builders import WHO, acquire, edit_account, edit_user, make_user


def expected(ctx):
    """By login."""
    rows = user_list.list_users(ctx)
    numbers = expected_numbers(ctx, rows)
    return {user.login: numbers[user.id] for user in rows}


def number(assignment):
    return assignment.account.number if assignment.account else None


@contextmanager
def counted_queries():
    """Count the statements that are executed inside."""
    statements = []
    listener = lambda *arguments: statements.append(arguments[2])  # noqa: E731
    event.listen(db.engine, "before_cursor_execute", listener)
    yield statements
    event.remove(db.engine, "before_cursor_execute", listener)


def test_expected_numbers_equal_the_preview_of_each_user(ctx, anna, piotr):
    make_user("manual", "Manual", work_mode="manual")
    make_user("other", "Other", external_phone="other")
    edit_user(ctx, make_user("gone", "Gone"), active=False)
    edit_account(ctx, 3, user_id=piotr)
    generations.generate(ctx, WHO)
    acquire(ctx, number="210")
    make_user("new", "New")
    rows = user_list.list_users(ctx)
    numbers = expected_numbers(ctx, rows)
    reasons = set()
    for user in rows:
        preview = preview_assignment(ctx, user.id, "")
        now = numbers[user.id].now
        assert (number(now), now.reason) == (preview.number, preview.reason)
        reasons.add(now.reason)
    assert reasons == {Reason.OWN, Reason.POOL, Reason.NUMBER_REQUIRED, Reason.INACTIVE, Reason.ALREADY_ASSIGNED}


def test_expected_numbers_need_no_query_per_user(ctx, anna):
    def count():
        expected(ctx)
        with counted_queries() as statements:
            expected(ctx)
        return len(statements)

    few = count()
    for index in range(20):
        make_user(f"agent-{index}", f"Agent {index}")
    assert count() == few


def test_saved_account_is_pending_until_it_is_generated(ctx, anna):
    edit_account(ctx, 5, user_id=anna)
    result = expected(ctx)["anna"]
    assert (result.now.reason, number(result.next), result.is_pending) == (Reason.POOL, 204, True)
    generations.generate(ctx, WHO)
    result = expected(ctx)["anna"]
    assert (number(result.now), result.is_pending) == (204, False)


def test_another_automatic_account_is_no_pending_change(ctx, anna):
    edit_account(ctx, 1, active=False)
    assert number(expected(ctx)["anna"].now) == 200
    assert not expected(ctx)["anna"].is_pending


def test_only_active_agents_count_as_without_a_number(ctx, anna):
    make_user("manual", "Manual", work_mode="manual")
    make_user("boss", "Boss", "administrator", work_mode="manual")
    edit_user(ctx, make_user("gone", "Gone"), active=False)
    rows = user_list.list_users(ctx)
    assert [user.login for user in without_number(rows, expected_numbers(ctx, rows))] == ["manual"]
