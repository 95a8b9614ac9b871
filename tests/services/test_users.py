"""Users without HTTP: who needs an automatic account, stale edits, and what the audit log keeps."""

import pytest

from sipweb.services import accounts, audit, expected_numbers, generations, users
from sipweb.services.errors import StaleEdit
from sipweb.services.state import current_state
from tests.builders import WHO, make_user

ANNA = users.UserInput("Anna Nowak", "anna", "agent", True, "automatic", "builtin")


def test_owned_account_counts_only_while_active_and_for_its_owner(ctx, anna):
    for account in current_state(ctx).accounts[2:]:
        accounts.delete(ctx, WHO, account.id)
    generations.generate(ctx, WHO, generations.ANY_NUMBER)
    for name in ("ewa", "piotr"):
        make_user(name, name)
    assert expected_numbers.pool_shortage(current_state(ctx)) == 1
    accounts.update(ctx, WHO, 1, 1, accounts.AccountInput(number=200, user_id=anna))
    assert expected_numbers.pool_shortage(current_state(ctx)) == 1  # Anna's account is in the pool no more
    accounts.set_flag(ctx, WHO, 1, 2, name="active", value=False)
    generations.generate(ctx, WHO, generations.ANY_NUMBER)
    assert expected_numbers.pool_shortage(current_state(ctx)) == 2
    accounts.set_flag(ctx, WHO, 1, 3, name="active", value=True)
    assert expected_numbers.pool_shortage(current_state(ctx)) == 1


def test_saving_without_a_change_raises_no_version_and_is_not_logged(ctx, anna):
    entries = len(audit.entries())
    assert users.update_user(ctx, WHO, anna, 1, ANNA) == users.SavedUser([], None)
    assert len(audit.entries()) == entries
    users.update_user(ctx, WHO, anna, 1, ANNA)  # the version is still 1


def test_new_password_is_logged_without_its_value(ctx, anna):
    with_password = users.UserInput(*(getattr(ANNA, name) for name in users.COLUMNS[:3]), True, "automatic", "builtin",
                                    "another long password")  # fmt: skip
    users.update_user(ctx, WHO, anna, 1, with_password)
    assert (audit.entries()[0].action, audit.entries()[0].changes) == ("user.edit", {"secret": []})
    with pytest.raises(StaleEdit) as stale:
        users.update_user(ctx, WHO, anna, 1, ANNA)
    assert (stale.value.saved.id, stale.value.saved.version) == (anna, 2)
    assert str(stale.value) == "Anna Nowak was changed by someone else. Your changes were not saved."
