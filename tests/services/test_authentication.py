"""Authentication without HTTP: throttling by login and by address, and the end of sessions."""

import pytest

from sipweb.core.errors import Throttled
from sipweb.services import users
from sipweb.services.authentication import FREE_ADDRESS_ATTEMPTS, FREE_LOGIN_ATTEMPTS, WrongPassword, authenticate
from sipweb.services.context import Actor

ACTOR = Actor(None, "test")
PASSWORD = "a long password"


@pytest.fixture
def anna(app):
    """An agent's id."""
    return users.create_user(ACTOR, "anna", "Anna Nowak", PASSWORD, "agent")


def fail(login, address="192.0.2.1"):
    with pytest.raises(WrongPassword):
        authenticate(login, "wrong", address)


def test_login_must_wait_after_5_failures_from_any_address(anna):
    for number in range(FREE_LOGIN_ATTEMPTS):
        fail("anna", f"192.0.2.{number}")
    with pytest.raises(Throttled) as refusal:
        authenticate("anna", PASSWORD, "192.0.2.99")
    assert 1 <= refusal.value.seconds <= 2


def test_address_must_wait_after_20_failures_with_any_login(anna):
    for number in range(FREE_ADDRESS_ATTEMPTS):
        fail(f"nobody{number}")
    with pytest.raises(Throttled):
        authenticate("anna", PASSWORD, "192.0.2.1")
    authenticate("anna", PASSWORD, "192.0.2.2")


def test_successful_login_resets_the_failures(anna):
    for _ in range(2):
        for _ in range(FREE_LOGIN_ATTEMPTS - 1):
            fail("anna")
        authenticate("anna", PASSWORD, "192.0.2.1")
