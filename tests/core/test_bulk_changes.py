"""What a change of many accounts does with each of them."""

from dataclasses import dataclass

import pytest

from sipweb.core.accounts import AccountFields
from sipweb.core.bulk_changes import Action, BulkChange, bulk_line, changed_since, seen_versions
from sipweb.core.snapshot import PbxSettings

SETTINGS = PbxSettings(emergency_numbers=("112",))


@dataclass(frozen=True, kw_only=True)
class Saved(AccountFields):
    """An account as saved."""

    id: int = 1
    version: int = 1
    active: bool = True


def outcome(change, account=Saved(number=200), used_by=""):
    line = bulk_line(account, change, used_by, SETTINGS)
    return line.outcome, dict(line.changes), str(line.refusal or "")


@pytest.mark.parametrize(
    ("values", "account", "expected"),
    [
        ({"level": 50}, {}, ("changed", {"level": [10, 50]}, "")),
        ({"level": 10}, {}, ("unchanged", {}, "")),
        ({"level": 10, "recording": True}, {}, ("changed", {"recording": [False, True]}, "")),
        ({"user_id": None, "phone": "other"}, {"user_id": 3},
         ("changed", {"user_id": [3, None], "phone": ["builtin", "other"]}, "")),
        ({"phone": "builtin"}, {"phone": "other", "max_contacts": 3},
         ("refused", {}, "Only accounts for another phone may have more than one.")),
        ({"phone": "other"}, {"phone": "other", "max_contacts": 3}, ("unchanged", {}, "")),
        ({"level": 50}, {"forward_busy": "112"}, ("refused", {}, "Calls can't be forwarded to an emergency number.")),
        ({"active": False}, {"forward_busy": "112"}, ("changed", {"active": [True, False]}, "")),
    ],
)  # fmt: skip
def test_edit_changes_what_differs_and_refuses_what_a_form_would(values, account, expected):
    assert outcome(BulkChange(Action.EDIT, values), Saved(number=200, **account)) == expected


def test_only_the_deletion_of_an_account_in_use_is_refused():
    assert outcome(BulkChange(Action.DELETE), used_by="Anna") == ("refused", {}, "in use by Anna")
    assert outcome(BulkChange(Action.DELETE))[0] == "changed"
    assert outcome(BulkChange(Action.SECRETS), used_by="Anna")[0] == "changed"
    assert outcome(BulkChange(Action.EDIT, {"level": 3}), used_by="Anna")[0] == "changed"


def test_accounts_that_were_edited_deleted_or_refused_since_are_found():
    change = BulkChange(Action.DELETE)
    accounts = [Saved(number=200 + one, id=one) for one in range(4)]
    seen = seen_versions([bulk_line(account, change, "", SETTINGS) for account in accounts])
    assert seen == {0: 1, 1: 1, 2: 1, 3: 1}
    now = [
        bulk_line(accounts[0], change, "", SETTINGS),
        bulk_line(Saved(number=201, id=1, version=2), change, "", SETTINGS),
        bulk_line(accounts[2], change, "Anna", SETTINGS),
    ]
    assert list(changed_since(now, seen)) == [1, 2, 3]
