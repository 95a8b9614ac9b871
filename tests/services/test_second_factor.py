"""Second factors without HTTP: what completes a sign-in, what ends sessions, and what stays secret."""

import os
import subprocess
import sys
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from sipweb.config import ROOT
from sipweb.core.errors import Invalid, NotFound, OperationRefused, Throttled
from sipweb.db import db, transaction
from sipweb.models import AuditEntry, LoginThrottle, PasskeyChallenge, RecoveryCode, Totp, User
from sipweb.services import (
    agent_sign_in,
    audit,
    authentication,
    passkeys,
    pending_sign_in,
    retention,
    second_factor,
    sessions,
    throttling,
    totp,
)
from sipweb.services.context import Actor, utc_now
from sipweb.services.passkeys import Site
from sipweb.services.pending_sign_in import SecondFactorRequired, SignInExpired, WrongSecondFactor
from tests.builders import AGENT_PASSWORD, WHO, add_totp, audit_entries, code_of, edit_user
from tests.conftest import on_both_databases

HERE = "192.0.2.1"
SITE = Site("localhost", "http://localhost:8000")


def begin(login="anna"):
    """Give the right password; return the sign-in that waits for the second factor."""
    with pytest.raises(SecondFactorRequired) as required:
        authentication.authenticate(login, AGENT_PASSWORD, HERE)
    return required.value.pending


def complete(ctx, code, pending=None):
    return pending_sign_in.complete_with_code(ctx, pending or begin(), code, HERE)


def fail(ctx, code="000000", times=1):
    for _ in range(times):
        with pytest.raises(WrongSecondFactor, match=r"^Incorrect code\.$"):
            complete(ctx, code)


def actions():
    return [entry.action for entry in reversed(audit.entries())]


@on_both_databases
def test_password_and_a_code_sign_in_and_are_recorded_once(ctx, anna):
    key, _codes = add_totp(ctx, anna)
    before = actions()
    pending = begin()
    assert actions() == before  # nobody has signed in yet
    assert complete(ctx, code_of(key, later=1), pending) == "totp"
    [entry] = audit_entries("login")
    assert (entry.subject, entry.address, entry.changes) == ("anna", HERE, {"second_factor": [None, "totp"]})


@on_both_databases
def test_code_works_once_and_not_earlier_ones_after_it(ctx, anna):
    key, _codes = add_totp(ctx, anna)
    fail(ctx, code_of(key))  # it has confirmed the app
    later = code_of(key, later=1)
    complete(ctx, later)
    fail(ctx, later)
    fail(ctx, code_of(key))


def test_codes_of_one_step_before_and_after_are_accepted(ctx, anna):
    key, _codes = add_totp(ctx, anna)
    if time.time() % 30 > 27:
        time.sleep(4)  # the steps must not change in between
    with transaction() as session:
        session.get_one(Totp, anna).last_step = 0
    for later, accepted in ((-2, False), (2, False), (-1, True), (0, True), (1, True)):
        code = code_of(key, later)
        if accepted:
            complete(ctx, f"{code[:3]} {code[3:]}")  # as apps show it
        else:
            fail(ctx, code)


def test_code_that_was_used_while_the_clock_was_ahead_locks_nobody_out(ctx, anna):
    key, _codes = add_totp(ctx, anna)
    with transaction() as session:
        session.get_one(Totp, anna).last_step += 120
    complete(ctx, code_of(key))


def test_recovery_code_works_once_and_in_any_spelling(ctx, anna):
    _key, codes = add_totp(ctx, anna)
    assert len(set(codes)) == second_factor.RECOVERY_CODES
    assert complete(ctx, codes[0]) == "recovery_code"
    fail(ctx, codes[0])
    assert complete(ctx, codes[1].upper().replace("-", " ")) == "recovery_code"
    assert second_factor.recovery_codes_left(anna) == 8


def test_new_recovery_codes_replace_all_earlier_ones(ctx, anna):
    _key, codes = add_totp(ctx, anna)
    new = second_factor.replace_recovery_codes(Actor(anna, "Anna Nowak"))
    fail(ctx, codes[0])
    complete(ctx, new[0])
    assert len(new) == second_factor.RECOVERY_CODES


def test_recovery_codes_are_no_second_factor(ctx, anna):
    with pytest.raises(OperationRefused):
        second_factor.replace_recovery_codes(Actor(anna, "Anna Nowak"))
    add_totp(ctx, anna)
    second_factor.remove_totp(Actor(anna, "Anna Nowak"))
    assert second_factor.recovery_codes_left(anna) == 0
    assert authentication.authenticate("anna", AGENT_PASSWORD, HERE).user_id == anna


def test_secrets_are_stored_unreadable(ctx, anna):
    key, codes = add_totp(ctx, anna)
    assert key not in db.session.get_one(Totp, anna).secret
    stored = set(db.session.scalars(select(RecoveryCode.digest)))
    assert not {code.replace("-", "") for code in codes} & stored
    log = repr([(entry.subject, entry.changes) for entry in audit.entries()])
    assert key not in log
    assert codes[0] not in log
    assert key not in repr(totp.SetUp(key, key))


def test_wrong_codes_make_the_user_wait_at_most_300_seconds(ctx, anna):
    key, codes = add_totp(ctx, anna)
    free = throttling.of_second_factor(anna).free
    fail(ctx, times=free)
    for code in (code_of(key, later=1), codes[0]):  # a right one, too, without a look at it
        with pytest.raises(Throttled) as refusal:
            complete(ctx, code)
        assert 1 <= refusal.value.seconds <= 2
    assert actions().count("login.failed.second_factor") == free
    assert actions().count("login.locked.second_factor") == 1
    with transaction(bump_revision=False) as session:
        session.execute(update(LoginThrottle).values(failures=20, locked_until=None))
    fail(ctx)
    with pytest.raises(Throttled) as refusal:
        complete(ctx, codes[0])
    assert 250 < refusal.value.seconds <= throttling.MAX_DELAY


def test_success_resets_the_count_but_a_right_password_does_not(ctx, anna):
    key, codes = add_totp(ctx, anna)
    fail(ctx, times=4)  # each time with the right password
    complete(ctx, code_of(key, later=1))
    fail(ctx, times=4)
    complete(ctx, codes[0])


@pytest.mark.parametrize("change", [{"active": False}, {"password": "another long password"}], ids=str)
def test_pending_sign_in_ends_when_the_user_changes(ctx, anna, change):
    key, _codes = add_totp(ctx, anna)
    pending = begin()
    edit_user(ctx, anna, **change)
    with pytest.raises(SignInExpired):
        complete(ctx, code_of(key, later=1), pending)


@pytest.mark.parametrize("seconds", [-400, 301])
def test_pending_sign_in_ends_after_5_minutes(ctx, anna, seconds):
    key, _codes = add_totp(ctx, anna)
    pending = begin()
    with pytest.raises(SignInExpired):
        complete(ctx, code_of(key, later=1), replace(pending, started_at=time.time() - seconds))
    complete(ctx, code_of(key, later=1), replace(pending, started_at=time.time() - 290))


def test_code_of_another_user_is_wrong(ctx, anna, piotr):
    add_totp(ctx, anna)
    key, codes = add_totp(ctx, piotr)
    fail(ctx, code_of(key, later=1))
    fail(ctx, codes[0])


def test_second_factor_that_is_added_or_removed_ends_all_sessions(ctx, anna):
    for change in (lambda: add_totp(ctx, anna), lambda: second_factor.remove_totp(Actor(anna, ""))):
        token = sessions.start(anna, HERE, "Firefox")
        assert sessions.load(ctx, token, HERE)
        change()
        assert sessions.load(ctx, token, HERE) is None


def test_app_counts_only_when_a_code_has_confirmed_it(ctx, anna):
    who = Actor(anna, "Anna Nowak")
    totp.begin_set_up(ctx, who)
    with pytest.raises(Invalid) as refusal:
        totp.confirm(ctx, who, "12345")
    assert refusal.value.field == "code"
    assert authentication.authenticate("anna", AGENT_PASSWORD, HERE).user_id == anna
    with transaction() as session:
        session.get_one(Totp, anna).created_at = utc_now() - timedelta(days=2)
    retention.delete_expired(ctx)
    assert totp.get_set_up(ctx, who, "") is None
    with pytest.raises(OperationRefused):
        totp.confirm(ctx, who, "123456")
    add_totp(ctx, anna)
    with pytest.raises(OperationRefused):
        totp.begin_set_up(ctx, who)


def test_address_in_the_qr_code_names_user_and_server(ctx, anna):
    totp.begin_set_up(ctx, Actor(anna, ""))
    set_up = totp.get_set_up(ctx, Actor(anna, ""), "pbx.example.org")
    assert set_up.uri == f"otpauth://totp/sipweb:anna%40pbx.example.org?secret={set_up.key}&issuer=sipweb"


def test_administrator_removes_what_a_user_has_lost(ctx, anna):
    add_totp(ctx, anna)
    token = sessions.start(anna, HERE, "Firefox")
    fail(ctx, times=5)
    assert second_factor.reset(WHO, anna) == "Anna Nowak"
    assert sessions.load(ctx, token, HERE) is None
    assert authentication.authenticate("anna", AGENT_PASSWORD, HERE).user_id == anna
    assert actions().count("second_factor.reset") == 1
    for user_id in (anna, 999):
        with pytest.raises(NotFound):
            second_factor.reset(WHO, user_id)
    add_totp(ctx, anna)
    assert len(throttled_keys()) == 0


def throttled_keys():
    return db.session.scalars(select(LoginThrottle.key).where(LoginThrottle.key.startswith("second-factor"))).all()


def test_nobody_removes_what_belongs_to_others(ctx, anna, piotr):
    add_totp(ctx, anna)
    with pytest.raises(NotFound):
        second_factor.remove_totp(Actor(piotr, ""))
    with pytest.raises(NotFound):
        second_factor.remove_passkey(Actor(piotr, ""), 1)


def test_agents_program_needs_a_code_where_the_agent_has_set_one_up(ctx, anna):
    key, codes = add_totp(ctx, anna)
    with pytest.raises(SecondFactorRequired):
        agent_sign_in.login_and_acquire(ctx, "anna", AGENT_PASSWORD, None, HERE)
    with pytest.raises(WrongSecondFactor):
        agent_sign_in.login_and_acquire(ctx, "anna", AGENT_PASSWORD, None, HERE, code="000000")
    for code in (code_of(key, later=1), codes[0]):
        assert agent_sign_in.login_and_acquire(ctx, "anna", AGENT_PASSWORD, None, HERE, code=code).number == 200


def test_everybody_but_agents_must_set_up_a_second_factor_where_it_is_required(ctx, anna):
    strict = replace(ctx, require_two_factor=True)
    admin = db.session.scalar(select(User.id).where(User.role == "administrator"))

    def must_set_up(context, user_id):
        return sessions.load(context, sessions.start(user_id, HERE, ""), HERE).actor.must_set_up_second_factor

    assert [must_set_up(ctx, admin), must_set_up(strict, admin), must_set_up(strict, anna)] == [False, True, False]
    add_totp(ctx, admin)
    assert not must_set_up(strict, admin)


@on_both_databases
@pytest.mark.parametrize(
    "answer",
    ["", "[]", "null", "[" * 9000, "x" * 30_000, '{"response": {"clientDataJSON": "e30"}}', '{"id": "\\u0000"}'],
)
def test_made_up_answers_of_browsers_are_refused(ctx, anna, answer):
    add_totp(ctx, anna)
    passkeys.add_options(Actor(anna, ""), SITE)
    with pytest.raises(Invalid):
        passkeys.add(Actor(anna, ""), SITE, "Key", answer)
    with pytest.raises(WrongSecondFactor, match="passkey was not accepted"):
        pending_sign_in.complete_with_passkey(begin(), SITE, answer, HERE)
    assert not second_factor.of_user(anna).passkeys


def test_challenges_that_nobody_answered_are_deleted(ctx, anna):
    passkeys.add_options(Actor(anna, ""), SITE)
    retention.delete_expired(ctx)
    assert db.session.scalar(select(PasskeyChallenge.challenge))
    with transaction(bump_revision=False) as session:
        session.execute(update(PasskeyChallenge).values(expires_at=utc_now() - timedelta(seconds=1)))
    retention.delete_expired(ctx)
    assert db.session.scalar(select(PasskeyChallenge.challenge)) is None


def test_library_of_passkeys_is_imported_only_where_it_is_used(environ):
    code = "import sys, wsgi; sys.exit('webauthn' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=os.environ | environ, check=False).returncode == 0


def test_lock_is_in_the_audit_log_once_for_each_user(ctx, anna):
    add_totp(ctx, anna)
    fail(ctx, times=5)
    [locked] = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "login.locked.second_factor"))
    assert (locked.user_id, locked.subject) == (anna, "anna")
