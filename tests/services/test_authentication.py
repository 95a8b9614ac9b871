"""Authentication without HTTP: who must wait after wrong passwords, and who need not."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from sipweb.core.errors import Throttled
from sipweb.db import db, transaction
from sipweb.models import AuditEntry, LoginThrottle, User
from sipweb.services import audit, authentication, throttling, users
from sipweb.services.authentication import Device, PasswordExpired, WrongPassword, authenticate
from sipweb.services.context import Actor, utc_now

ACTOR = Actor(None, "test")
PASSWORD = "a long password"
HERE, ELSEWHERE = "192.0.2.1", "192.0.2.99"
FREE = throttling.of_login("", "").free
FREE_AT_ADDRESS = throttling.of_address("").free


@pytest.fixture
def anna(app):
    """An agent's id."""
    return users.create_user(ACTOR, "anna", "Anna Nowak", PASSWORD, "agent")


def fail(login, address=HERE, devices=(), times=1):
    for _ in range(times):
        with pytest.raises(WrongPassword):
            authenticate(login, "wrong", address, devices)


def pass_time(past):
    """Have all attempts been made so much earlier."""
    with transaction(bump_revision=False) as session:
        session.execute(update(LoginThrottle).values(last_attempt_at=utc_now() - past, locked_until=None))


def epoch(user_id):
    return db.session.scalar(db.select(User.session_epoch).where(User.id == user_id))


def test_login_must_wait_after_5_failures_at_an_address_but_not_elsewhere(anna):
    fail("anna", times=FREE)
    with pytest.raises(Throttled) as refusal:
        authenticate("anna", PASSWORD, HERE)
    assert 1 <= refusal.value.seconds <= 2
    assert authenticate("anna", PASSWORD, ELSEWHERE).user_id == anna


def test_address_must_wait_after_20_failures_with_any_login(anna):
    for number in range(FREE_AT_ADDRESS):
        fail(f"nobody{number}")
    with pytest.raises(Throttled):
        authenticate("anna", PASSWORD, HERE)
    assert authenticate("anna", PASSWORD, ELSEWHERE).user_id == anna


def test_addresses_of_one_ipv6_subnet_count_as_one(anna):
    for number in range(FREE):
        fail("anna", f"2001:db8:0:7::{number + 1:x}")
    with pytest.raises(Throttled):
        authenticate("anna", PASSWORD, "2001:db8:0:7:ffff:ffff:ffff:ffff")
    for number in range(FREE_AT_ADDRESS - FREE):
        fail(f"nobody{number}", f"2001:db8:0:7:{number:x}::")
    with pytest.raises(Throttled):
        authenticate("nobody", PASSWORD, "2001:db8:0:7::1")
    for address in ("2001:db8:0:8::1", "2001:db8::1"):
        assert authenticate("anna", PASSWORD, address).user_id == anna


def test_ipv4_address_written_as_ipv6_counts_as_the_same(anna):
    fail("anna", "::ffff:192.0.2.1", times=FREE)
    with pytest.raises(Throttled):
        authenticate("anna", PASSWORD, HERE)
    assert authenticate("anna", PASSWORD, "::ffff:192.0.2.99").user_id == anna


def test_own_success_resets_the_login_but_not_the_address(anna):
    rounds = FREE_AT_ADDRESS // (FREE - 1)
    for number in range(1, rounds + 1):
        fail("anna", times=FREE - 1)
        if number < rounds:
            assert authenticate("anna", PASSWORD, HERE).user_id == anna
    with pytest.raises(Throttled):
        authenticate("anna", PASSWORD, HERE)


def test_browser_in_which_the_user_signed_in_before_is_not_locked_out_by_others(anna):
    known = [Device(anna, "random", epoch(anna))]
    for number in range(FREE_AT_ADDRESS - FREE):
        fail(f"nobody{number}")
    fail("anna", times=FREE)
    assert authenticate("anna", PASSWORD, HERE, known).user_id == anna
    fail("anna", devices=known, times=FREE)
    with pytest.raises(Throttled):
        authenticate("anna", PASSWORD, HERE, known)


def test_known_browser_of_one_user_is_unknown_for_another(anna):
    piotr = users.create_user(ACTOR, "piotr", "Piotr Lis", PASSWORD, "agent")
    fail("anna", devices=[Device(piotr, "random", epoch(piotr))], times=FREE)
    with pytest.raises(Throttled):
        authenticate("anna", PASSWORD, HERE, [Device(piotr, "another", epoch(piotr))])


def test_failures_are_forgotten_with_time(anna):
    fail("anna", times=FREE - 1)
    pass_time(2 * throttling.of_login("", "").forget)
    fail("anna", times=2)
    assert authenticate("anna", PASSWORD, HERE).user_id == anna


def test_clock_that_is_set_back_makes_nobody_wait_longer(anna):
    fail("anna", times=FREE)
    with transaction(bump_revision=False) as session:
        later = utc_now() + timedelta(hours=2)
        session.execute(update(LoginThrottle).values(last_attempt_at=later, locked_until=later))
    assert authenticate("anna", PASSWORD, HERE).user_id == anna


def test_new_password_ends_the_wait_everywhere(anna):
    for address in (HERE, ELSEWHERE):
        fail("anna", address, times=FREE)
    users.set_password(ACTOR, "anna", "another long password")
    for address in (HERE, ELSEWHERE):
        assert authenticate("anna", "another long password", address).user_id == anna


def test_wait_has_a_limit_and_is_in_the_audit_log(anna):
    for _ in range(12):
        with transaction(bump_revision=False) as session:
            session.execute(update(LoginThrottle).values(locked_until=None))
        fail("anna")
    with pytest.raises(Throttled) as refusal:
        authenticate("anna", PASSWORD, HERE)
    assert 250 < refusal.value.seconds <= throttling.MAX_DELAY
    locks = db.session.scalars(db.select(AuditEntry.subject).where(AuditEntry.action == "login.locked.login")).all()
    assert locks == ["anna"] * (12 - FREE + 1)


def test_who_fails_to_sign_in_is_not_known(anna):
    fail("anna", times=FREE)
    entries = [entry for entry in audit.entries() if entry.action.startswith("login.")]
    assert {(entry.by, entry.subject, entry.address) for entry in entries} == {("", "anna", HERE)}
    assert {entry.action for entry in entries} == {"login.failed", "login.locked.login"}


def test_wrong_present_password_makes_wait_too(anna, caplog):
    actor = Actor(anna, "Anna Nowak", address=HERE)
    for new in ("too short", PASSWORD, PASSWORD):  # what is wrong with the new one is no attempt at the present one
        with pytest.raises(authentication.Invalid):
            authentication.change_password(actor, PASSWORD, new)
    for _ in range(FREE):
        with pytest.raises(authentication.Invalid):
            authentication.change_password(actor, "wrong", "another long password")
    with pytest.raises(Throttled):
        authentication.change_password(actor, PASSWORD, "another long password")
    entries = [(entry.action, entry.subject, entry.address) for entry in reversed(audit.entries())][-FREE - 1 :]
    failed = ("user.password_failed", "anna", HERE)
    assert entries == [failed] * FREE + [("login.locked.password", "anna", HERE)]
    assert "authn_login_lock:anna,password" in caplog.text


def test_one_time_password_expires_after_a_week_and_says_so_only_to_who_has_it(anna):
    users.set_password(ACTOR, "anna", "a one-time password", must_change=True)
    assert authenticate("anna", "a one-time password", HERE).user_id == anna
    with transaction(bump_revision=False) as session:
        session.get_one(User, anna).password_expires_at = utc_now() - timedelta(seconds=1)
    with pytest.raises(PasswordExpired, match="has expired"):
        authenticate("anna", "a one-time password", HERE)
    with pytest.raises(WrongPassword, match="Incorrect"):
        authenticate("anna", "another password", HERE)
    users.set_password(ACTOR, "anna", "the operator's own")
    assert db.session.scalar(db.select(User.password_expires_at).where(User.id == anna)) is None
