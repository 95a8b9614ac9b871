"""Accounts of a plan that change in the same way are one group."""

from dataclasses import replace

from sipweb.core.plan import FieldChange, diff
from sipweb.core.plan_groups import MIN_EQUAL, MIN_SAME_FIELDS, group_accounts
from sipweb.core.snapshot import Account, PbxSettings, Snapshot


def account(number, **values):
    fields = {"user": "Automat Automat", "secret": "token", "fingerprint": "print"} | values
    return Account(id=number, number=number, **fields)


def snapshot(accounts):
    return Snapshot.build(accounts, PbxSettings())


def grouped(before, after, deactivated=()):
    """Return the groups as (action, fields, numbers), and the numbers of the other accounts."""
    groups, single = group_accounts(diff(snapshot(before), snapshot(after)), deactivated)
    found = [(group.action, group.fields, [e.account.number for e in group.entries]) for group in groups]
    return found, [entry.account.number for entry in single]


def test_three_equal_changes_are_a_group_and_two_are_not():
    before = [account(number) for number in range(200, 205)]
    after = [replace(a, level=50 if a.number < 203 else 20) for a in before]
    level = (FieldChange("level", 10, 50),)
    assert grouped(before, after) == ([("changed", level, [200, 201, 202])], [203, 204])
    assert MIN_EQUAL == 3


def test_an_account_with_a_further_change_is_not_in_the_group():
    before = [account(number) for number in range(200, 204)]
    after = [replace(a, level=50, recording=a.number == 201) for a in before]
    assert grouped(before, after) == ([("changed", (FieldChange("level", 10, 50),), [200, 202, 203])], [201])


def test_added_deleted_and_deactivated_accounts_are_groups_of_their_own():
    old, new = [account(number) for number in range(200, 206)], [account(number) for number in range(300, 303)]
    assert grouped(old, new, deactivated={201, 203, 205}) == (
        [("added", (), [300, 301, 302]), ("deleted", (), [200, 202, 204]), ("deactivated", (), [201, 203, 205])],
        [],
    )


def test_many_accounts_with_other_values_of_the_same_field_are_a_group_that_shows_no_values():
    before = [account(number) for number in range(200, 200 + MIN_SAME_FIELDS)]
    after = [replace(a, user_id=a.number, user=f"User {a.number}") for a in before]
    [group], single = group_accounts(diff(snapshot(before), snapshot(after)), ())
    assert (group.fields, len(group.entries), group.has_equal_values) == (
        (FieldChange("user"),),
        MIN_SAME_FIELDS,
        False,
    )
    assert single == ()
    assert grouped(before[1:], after[1:]) == ([], list(range(201, 200 + MIN_SAME_FIELDS)))


def test_a_changed_password_is_a_group_without_its_values():
    before = [account(number) for number in range(200, 203)]
    [group], _ = group_accounts(diff(snapshot(before), snapshot([replace(a, fingerprint="x") for a in before])), ())
    assert (group.fields, group.has_equal_values) == ((FieldChange("secret"),), True)


def test_every_account_of_the_plan_is_shown_once():
    before = [account(number, level=number % 7) for number in range(100, 1000)]
    after = [replace(a, level=50 + a.number % 3, recording=a.number % 5 == 0) for a in before if a.number % 11]
    groups, single = group_accounts(diff(snapshot(before), snapshot(after)), range(100, 500))
    shown = [entry.account.number for group in groups for entry in group.entries]
    shown += [entry.account.number for entry in single]
    assert sorted(shown) == list(range(100, 1000))
    assert len(groups) + len(single) < 60


def test_an_agent_loses_an_account_that_is_removed_or_gets_another_number():
    before = [account(200), account(201), account(202)]
    after = [replace(before[0], number=300), replace(before[1], level=50)]
    _, single = group_accounts(diff(snapshot(before), snapshot(after)), ())
    assert {entry.account.number: entry.ends_use for entry in single} == {200: True, 201: False, 202: True}
