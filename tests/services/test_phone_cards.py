"""Which accounts have a card to hand out, and what is recorded about it."""

from sipweb.services import account_secrets, accounts, audit, audit_subjects, generations, history, phone_cards
from sipweb.services.account_updates import changes_since, current_stamp
from sipweb.services.audit_subjects import last_change, pending_authors
from sipweb.services.state import current_state
from tests.builders import WHO, edit_account, make_account
from tests.conftest import on_both_databases


def numbers(handed_out):
    return [account.number for account, _secret in handed_out.secrets]


@on_both_databases
def test_cards_of_live_other_phones_in_the_order_of_the_selection_and_one_entry(ctx):
    for account_id in (2, 3, 6):
        edit_account(ctx, account_id, phone="other")
    generations.generate(ctx, WHO)
    entries = len(audit.entries())
    found = phone_cards.hand_out(ctx, WHO, [6, 2, 3])
    assert numbers(found) == [205, 201, 202]
    assert (found.refused, found.changed) == ({}, [])
    [entry] = audit.entries()[: len(audit.entries()) - entries]
    changes = {"count": [None, 3], "accounts": [None, "201-202, 205"]}
    assert (entry.action, entry.subject, entry.changes) == ("account.cards", "201-202, 205", changes)
    assert audit_subjects.accounts_of([entry.id]) == {2, 3, 6}
    items, _cursor = history.history(("account", 6), 205)
    assert items[0].what == "account.cards"
    for account, secret in found.secrets:
        assert secret == account_secrets.reveal(ctx, WHO, account.id)
        assert secret.text not in str(entry)


def test_accounts_without_a_card_are_named_with_the_reason(ctx):
    for account_id in (2, 4, 5, 6):
        edit_account(ctx, account_id, phone="other")
    generations.generate(ctx, WHO)
    edit_account(ctx, 4, active=False)
    accounts.delete(ctx, WHO, 5)
    edit_account(ctx, 6, phone="builtin")
    edit_account(ctx, 7, phone="other")
    never_live = make_account(ctx, 300, phone="other")
    gone = make_account(ctx, 301, phone="other")
    accounts.delete(ctx, WHO, gone)
    found = phone_cards.hand_out(ctx, WHO, [1, 2, 4, 5, 6, 7, never_live, gone, 99999])
    assert numbers(found) == [201]
    assert found.refused == {
        "builtin": [200, 205], "not_live": [206, 300], "inactive": [203], "deleted": [204, 301],
    }  # fmt: skip


def test_nothing_is_recorded_when_no_account_has_a_card(ctx):
    entries = len(audit.entries())
    assert phone_cards.hand_out(ctx, WHO, [1, 2]).secrets == []
    assert phone_cards.hand_out(ctx, WHO, []).secrets == []
    assert len(audit.entries()) == entries


def test_cards_show_what_works_now_and_name_what_is_pending(ctx):
    for account_id in (2, 3, 4):
        edit_account(ctx, account_id, phone="other")
    generations.generate(ctx, WHO)
    old = account_secrets.reveal(ctx, WHO, 2).text
    account_secrets.renew_secret(ctx, WHO, 2)
    edit_account(ctx, 3, number=400)
    edit_account(ctx, 4, level=50)
    found = phone_cards.hand_out(ctx, WHO, [2, 3, 4])
    assert found.secrets[0][1].usable == old
    assert found.changed == [201, 202]


def test_cards_are_no_change_of_the_accounts(ctx):
    edit_account(ctx, 2, phone="other")
    generations.generate(ctx, WHO)
    edit_account(ctx, 2, level=50)
    edit, stamp = audit.entries()[0], current_stamp(ctx)
    phone_cards.hand_out(ctx, WHO, [2])
    assert pending_authors(current_state(ctx).plan)["account", 2] == edit
    assert last_change("account", 2) == edit
    assert changes_since(ctx, stamp) is None


def test_long_list_of_numbers_is_cut_in_the_log_but_each_account_is_a_part(ctx):
    ids = [make_account(ctx, number, phone="other") for number in range(301, 399, 2)]
    generations.generate(ctx, WHO)
    phone_cards.hand_out(ctx, WHO, ids)
    entry = audit.entries()[0]
    assert len(entry.subject) <= 80
    assert entry.subject.startswith("301, 303, ")
    assert entry.subject.endswith(" …")
    assert audit_subjects.accounts_of([entry.id]) == set(ids)
