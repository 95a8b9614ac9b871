"""Phones that fetch their settings: which of them get something, and what is stored."""

import secrets
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event, select, update

from sipweb.core.errors import Invalid, NotFound, OperationRefused, Throttled
from sipweb.core.phone_server import PhoneServer
from sipweb.db import db, transaction
from sipweb.models import AuditEntry, LoginThrottle, ProvisionedPhone
from sipweb.services import account_secrets, accounts, generations, history, provisioning
from sipweb.services.context import utc_now
from sipweb.services.state import current_state
from tests.builders import WHO, edit_account, edit_user
from tests.conftest import on_both_databases
from tests.host_rows import add_host

MAC, FILE = "001565abcdef", "001565abcdef.cfg"
HERE, ELSEWHERE = "192.0.2.5", "192.0.2.7"


@pytest.fixture
def ctx(ctx):
    """200 is a live account for another phone, 201 is not."""
    edit_account(ctx, 1, phone="other")
    generations.generate(ctx, WHO)
    return replace(ctx, phone_server=PhoneServer("pbx.example.org", ports={"tls": 5061, "udp": 5060}))


@pytest.fixture
def token(ctx):
    """The secret of the address at which the phone of 200 fetches its settings."""
    return provisioning.set_up(WHO, 1, "yealink", MAC)


def fetch(ctx, token, name=FILE, address=HERE, **values):
    return provisioning.fetch(ctx, token, name, address, **values).text


def refused(ctx, token, name=FILE, address=HERE):
    """Whether a request is refused, in the one way there is."""
    with pytest.raises(NotFound) as error:
        fetch(ctx, token, name, address)
    assert (error.value.message, error.value.values) == ("There is no page at this address.", {})
    return True


def history_of(account_id=1):
    items, _ = history.history(("account", account_id), 200)
    return [(item.what, item.address) for item in items if item.what.startswith("provisioning.")]


@on_both_databases
def test_phone_gets_what_is_live_over_the_preferred_transport(ctx, token):
    secret = account_secrets.reveal(ctx, WHO, 1).text
    account_secrets.renew_secret(ctx, WHO, 1)  # pending
    text = fetch(ctx, token, user_agent="Yealink SIP-T54W 96.86.0.20 00:15:65:ab:cd:ef\n", language="pl")
    for line in (
        "user_name = 200", f"password = {secret}", "address = pbx.example.org", "port = 5061", "transport_type = 2",
        "display_name = Automat Automat", "lang.gui = Polish",
    ):  # fmt: skip
        assert f"{line}\n" in text
    generations.generate(ctx, WHO)
    assert f"password = {account_secrets.reveal(ctx, WHO, 1).text}\n" in fetch(ctx, token)
    phone = provisioning.find(1)
    assert (phone.vendor, phone.mac, phone.allowed_address, phone.refused_address) == ("yealink", MAC, HERE, "")
    assert phone.user_agent == "Yealink SIP-T54W 96.86.0.20 00:15:65:ab:cd:ef"


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_phone_gets_both_servers_where_there_are_several_hosts(ctx, token):
    add_host("krakow")
    add_host("warsaw", sip_port=5080)
    text = fetch(ctx, token)
    for line in (
        "1.address = krakow.example.org", "1.port = 5060", "2.address = warsaw.example.org", "2.port = 5080",
    ):  # fmt: skip
        assert f"account.1.sip_server.{line}\n" in text


def test_only_a_digest_of_the_secret_is_stored(ctx, token):
    assert len(token) >= 22  # 128 bits
    rows = db.session.execute(select(ProvisionedPhone.__table__)).all()
    assert token not in str(rows)
    assert token not in str(db.session.execute(select(AuditEntry.__table__)).all())


@on_both_databases
def test_first_fetch_decides_about_the_address_and_is_in_the_history(ctx, token):
    fetch(ctx, token)
    fetch(ctx, token)
    assert history_of() == [("provisioning.first_fetch", HERE), ("provisioning.set_up", "")]
    assert refused(ctx, token, address=ELSEWHERE)
    assert refused(ctx, token, address=ELSEWHERE)
    assert history_of()[0] == ("provisioning.refused", ELSEWHERE)
    assert len(history_of()) == 3
    assert fetch(ctx, token)


@on_both_databases
def test_another_address_is_refused_until_it_is_allowed_instead(ctx, token):
    fetch(ctx, token)
    assert refused(ctx, token, address=ELSEWHERE)
    assert provisioning.find(1).refused_address == ELSEWHERE
    provisioning.allow(WHO, 1, ELSEWHERE)
    assert fetch(ctx, token, address=ELSEWHERE)
    assert refused(ctx, token, address=HERE)
    assert history_of()[1] == ("provisioning.allow", "")


def test_only_the_address_that_was_refused_last_can_be_allowed(ctx, token):
    fetch(ctx, token)
    assert refused(ctx, token, address=ELSEWHERE)
    for address in ("", HERE, "192.0.2.8"):
        with pytest.raises(OperationRefused):
            provisioning.allow(WHO, 1, address)
    provisioning.allow(WHO, 1, ELSEWHERE)
    with pytest.raises(OperationRefused):
        provisioning.allow(WHO, 1, ELSEWHERE)


def test_second_phone_that_was_read_as_the_first_one_is_refused(ctx, token, monkeypatch):
    """Two requests read the row before either wrote it."""
    unbound = db.session.scalar(select(ProvisionedPhone))
    db.session.expunge(unbound)
    fetch(ctx, token)
    account = current_state(ctx).live.by_id[1]
    assert not provisioning._record_fetch(unbound, account, ELSEWHERE, "")
    assert provisioning._record_fetch(unbound, account, HERE, "")


def test_other_mac_address_and_wrong_secret_are_refused_alike(ctx, token):
    assert refused(ctx, token, "001565abcde0.cfg")
    assert refused(ctx, secrets.token_urlsafe(24))
    assert refused(ctx, "")
    assert provisioning.find(1).allowed_address == ""
    assert history_of()[0] == ("provisioning.refused", HERE)


def test_file_that_no_phone_of_its_own_has_is_not_found_and_not_counted(ctx, token):
    for name in ("y000000000096.cfg", f"{MAC}.boot", f"cfg{MAC}.xml", "linphone.xml", "../x", "\0"):
        assert refused(ctx, token, name)
    assert db.session.scalars(select(LoginThrottle)).all() == []
    assert provisioning.find(1).allowed_address == ""


def deactivate_account(ctx, user_id):
    edit_account(ctx, 1, active=False)


def deactivate_owner(ctx, user_id):
    edit_account(ctx, 1, user_id=user_id)
    generations.generate(ctx, WHO)
    edit_user(ctx, user_id, active=False)


def delete_account(ctx, user_id):
    accounts.delete(ctx, WHO, 1)


def use_builtin_phone(ctx, user_id):
    edit_account(ctx, 1, phone="builtin")


def generate_builtin_phone(ctx, user_id):
    edit_account(ctx, 1, phone="builtin")
    generations.generate(ctx, WHO)
    edit_account(ctx, 1, phone="other")


@pytest.mark.parametrize(
    "change", [deactivate_account, deactivate_owner, delete_account, use_builtin_phone, generate_builtin_phone]
)
def test_phone_of_an_account_that_may_not_be_used_is_refused(ctx, token, anna, change):
    assert fetch(ctx, token)
    change(ctx, anna)
    assert refused(ctx, token)


def test_account_that_is_not_live_yet_has_nothing_to_fetch(ctx):
    edit_account(ctx, 2, phone="other")
    token = provisioning.set_up(WHO, 2, "yealink", MAC)
    assert refused(ctx, token)
    generations.generate(ctx, WHO)
    assert fetch(ctx, token)


def test_deleted_account_keeps_its_phone_until_it_cannot_be_restored(ctx, token):
    accounts.delete(ctx, WHO, 1)
    accounts.restore_deleted(ctx, WHO, 1)
    assert fetch(ctx, token)
    accounts.delete(ctx, WHO, 1)
    generations.generate(ctx, WHO)
    assert provisioning.find(1) is None


def test_mac_address_of_a_deleted_account_is_free(ctx, token):
    accounts.delete(ctx, WHO, 1)
    edit_account(ctx, 2, phone="other")
    provisioning.set_up(WHO, 2, "yealink", MAC)
    assert provisioning.find(1) is None


def test_new_address_ends_the_earlier_one_and_is_bound_anew(ctx, token):
    fetch(ctx, token)
    renewed = provisioning.set_up(WHO, 1, "snom", "00:04:13:A0:B1:C2")
    assert refused(ctx, token)
    assert "<user_name" in fetch(ctx, renewed, "snomD785-000413A0B1C2.htm", ELSEWHERE)
    assert provisioning.find(1).allowed_address == ELSEWHERE


def test_removed_phone_gets_nothing(ctx, token):
    provisioning.remove(WHO, 1)
    assert refused(ctx, token)
    assert history_of()[0][0] == "provisioning.remove"
    with pytest.raises(NotFound):
        provisioning.remove(WHO, 1)
    with pytest.raises(NotFound):
        provisioning.allow(WHO, 1, HERE)


@on_both_databases
@pytest.mark.parametrize(
    ("vendor", "mac", "field"), [("yealink", "nonsense", "mac"), ("cisco", MAC, "vendor"), ("", "", "vendor")]
)
def test_wrong_vendor_or_mac_address_is_named(ctx, token, vendor, mac, field):
    with pytest.raises(Invalid) as error:
        provisioning.set_up(WHO, 1, vendor, mac)
    assert error.value.field == field
    assert fetch(ctx, token)


@on_both_databases
def test_mac_address_of_another_phone_is_refused_with_its_number(ctx, token):
    edit_account(ctx, 2, phone="other")
    with pytest.raises(Invalid) as error:
        provisioning.set_up(WHO, 2, "fanvil", MAC)
    assert (error.value.field, error.value.values) == ("mac", {"number": 200})
    provisioning.set_up(WHO, 2, "linphone", "ignored")
    assert provisioning.find(2).mac == ""
    assert fetch(ctx, token)


def test_account_of_the_built_in_phone_and_a_missing_one_have_no_phone_to_set_up(ctx):
    with pytest.raises(OperationRefused):
        provisioning.set_up(WHO, 2, "yealink", MAC)
    with pytest.raises(NotFound):
        provisioning.set_up(WHO, 999, "yealink", MAC)


def test_address_from_which_too_many_were_refused_must_wait_whatever_it_asks_for(ctx, token):
    for _ in range(20):
        assert refused(ctx, secrets.token_urlsafe(24))
    with pytest.raises(Throttled):
        fetch(ctx, token)
    assert fetch(ctx, token, address=ELSEWHERE)
    with transaction() as session:
        past = utc_now() - timedelta(minutes=10)
        session.execute(update(LoginThrottle).values(locked_until=past, last_attempt_at=past))
    assert refused(ctx, token)  # 200's phone has been bound to the other address meanwhile


def test_wrong_secret_runs_the_statements_of_a_right_one_from_a_refused_address(ctx, token):
    fetch(ctx, token)
    runs = []
    assert refused(ctx, token, address=ELSEWHERE)  # the first time it is also written into the history
    for secret in (token, secrets.token_urlsafe(24)):
        run = []
        with listening(lambda *args, run=run: run.append(args[2])):
            assert refused(ctx, secret, address=ELSEWHERE)
        runs.append(run)
    assert runs[0] == runs[1]
    assert any("login_throttle" in statement for statement in runs[0])


@contextmanager
def listening(listener):
    event.listen(db.engine, "before_cursor_execute", listener)
    yield
    event.remove(db.engine, "before_cursor_execute", listener)
