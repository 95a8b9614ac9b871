"""Which passwords are refused as too easy to guess, and that no others are."""

import secrets
import string

import pytest

from sipweb.core.errors import Invalid
from sipweb.core.weak_passwords import check_not_weak, words_of
from tests.client import PASSWORD

COMMON = {"unbelievable"}
WORDS = words_of("piotr", "Piotr Żak-Lis", "pbx.contact-centre.example")


def refusal(password):
    """Return the message of the refusal, or "" if the password is accepted."""
    try:
        check_not_weak(password, WORDS, COMMON, "new")
    except Invalid as error:
        return f"{error.field}: {error}"
    return ""


@pytest.mark.parametrize(
    "password",
    [
        "aaaaaaaaaaaa", "!!!!!!!!!!!!", "            ", "aaaabbbbcccc", "abcabcabcabc", "passwordpassword",
        "123456789012", "987654321098", "1234-5678-9012", "qwertyuiop12", "QWERTYuiop!@#$", "abcdefghijkl",
        "zaq12wsxZAQ1", "1qaz2wsx3edc", "poiuytrewqlk",
    ],
)  # fmt: skip
def test_repetitions_and_sequences_are_refused(password):
    assert "repetitions or of sequences" in refusal(password)


@pytest.mark.parametrize(
    "password",
    [
        "piotr-piotr-1", "PIOTR.ZAK.LIS", "Piotr Żak-Lis", "piotr123456789", "zak-piotr-1984", "sipweb sipweb",
        "thulium-asterisk", "Asterisk2026!", "contact-centre", "contact.centre.pbx",
        "administrator-1", "Agent-Editor-12",
    ],
)  # fmt: skip
def test_login_name_host_and_product_are_refused(password):
    assert "the login, the name or words like “sipweb”" in refusal(password)


@pytest.mark.parametrize("password", ["unbelievable", "Unbelievable", "ünbelievable"])
def test_common_passwords_are_refused_in_any_case(password):
    assert "among the most common" in refusal(password)


@pytest.mark.parametrize(
    "password",
    [
        PASSWORD, "a long password", "correct-horse-battery", "first-password-1", "piotr lubi placki",
        "unbelievable!", "asterisk w ogrodzie", "7219-4408-3561", "🐘🦒🐒🐢🐍🐓🦉🐄🐖🐑🐎🐈", "ąćęłńóśźż-2719",
    ],
)  # fmt: skip
def test_other_passwords_are_accepted(password):
    assert refusal(password) == ""


@pytest.mark.parametrize("characters", [string.ascii_letters + string.digits, string.printable[:94]])
@pytest.mark.parametrize("length", [16, 20])
def test_random_passwords_are_accepted(characters, length):
    for _ in range(1000):
        password = "".join(secrets.choice(characters) for _ in range(length))
        assert refusal(password) == "", password
