"""The owner of an account as text."""

import pytest

from sipweb.core.errors import Invalid
from sipweb.services.account_owners import find_owner, offered_owners, owner_text
from sipweb.services.state import current_state
from tests.builders import edit_account, edit_user, make_user


@pytest.fixture
def kowalska(ctx):
    user_id = make_user("anna.k", "Anna Kowalska")
    edit_account(ctx, 3, user_id=user_id)
    edit_account(ctx, 5, user_id=user_id)
    return user_id


def test_offered_texts_name_login_and_numbers(ctx, kowalska):
    make_user("jan", "Jan Nowak")
    edit_user(ctx, make_user("gone", "Gone"), active=False)
    assert offered_owners(current_state(ctx)) == [
        "Administrator (admin)", "Anna Kowalska (anna.k) · 202, 204", "Jan Nowak (jan)",
    ]  # fmt: skip
    assert owner_text(current_state(ctx), None) == ""


@pytest.mark.parametrize(
    "text",
    ["Anna Kowalska (anna.k) · 202, 204", "Anna Kowalska (anna.k) · 999", "anna kowalska", "ANNA.K", "204", "kowal"],
)
def test_user_is_found_by_what_a_person_types(ctx, kowalska, text):
    make_user("jan", "Jan Nowak")
    assert find_owner(current_state(ctx), f" {text} ") == kowalska


def test_user_is_found_by_id_and_the_pool_by_its_name_or_nothing(ctx, kowalska):
    state = current_state(ctx)
    assert find_owner(state, str(kowalska)) == kowalska
    assert [find_owner(state, text) for text in ("", " ", "Automat Automat", "automat  automat", "automat")] == [
        None
    ] * 5
    with pytest.raises(Invalid):
        find_owner(state, "autom")
    user_id = make_user("jan", "Jan Automat")
    assert find_owner(current_state(ctx), "automat") == user_id


def test_offered_text_is_found_whatever_the_name_has(ctx):
    user_id = make_user("ab", "A · B 7")
    edit_account(ctx, 3, user_id=user_id)
    state = current_state(ctx)
    assert find_owner(state, owner_text(state, user_id)) == user_id


def test_ambiguous_text_names_the_users(ctx, kowalska):
    make_user("anna.2", "Anna Kowalska")
    with pytest.raises(Invalid) as error:
        find_owner(current_state(ctx), "kowalska anna")
    assert str(error.value) == (
        "'kowalska anna' matches more than one user: Anna Kowalska (anna.k) · 202, 204, Anna Kowalska (anna.2)."
    )
    make_user("204", "Piotr Zając")  # the login of one is the number of another
    with pytest.raises(Invalid):
        find_owner(current_state(ctx), "204")


def test_inactive_user_is_found_only_as_the_present_owner(ctx, kowalska):
    edit_user(ctx, kowalska, active=False)
    state = current_state(ctx)
    assert find_owner(state, owner_text(state, kowalska), kowalska) == kowalska
    with pytest.raises(Invalid):
        find_owner(state, "Anna Kowalska")
