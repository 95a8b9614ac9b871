"""A range of accounts added at once: preview, all or nothing, one audit entry, and Undo."""

import time

import pytest

from sipweb.core.csv_files import read_table
from sipweb.core.errors import Invalid, NotFound, OperationRefused
from sipweb.services import (
    account_addition,
    account_import,
    account_secrets,
    accounts,
    audit,
    audit_subjects,
    generations,
    history,
)
from sipweb.services.account_updates import changes_since, current_stamp
from sipweb.services.accounts import AccountInput
from sipweb.services.errors import ChangedSincePreview
from sipweb.services.state import current_state
from tests.builders import WHO, edit_account, edit_user, make_account
from tests.conftest import on_both_databases

RANGE = tuple(range(215, 230))  # 215-219 exist
VALUES = AccountInput(number=0, phone="other", recording=True, level=30)


def add(ctx, numbers=RANGE, seen=None, **values):
    values = VALUES if not values else AccountInput(**{"number": 0} | values)
    seen = account_addition.preview_range(ctx, values, numbers).new if seen is None else seen
    return account_addition.add_range(ctx, WHO, values, numbers, seen)


def saved(ctx):
    return {account.number: account for account in current_state(ctx).by_id.values()}


def test_preview_shows_what_exists_inactive_and_deleted_accounts_too(ctx, pbx):
    generations.generate(ctx, WHO)
    edit_account(ctx, saved(ctx)[216].id, active=False)
    accounts.delete(ctx, WHO, saved(ctx)[217].id)
    preview = account_addition.preview_range(ctx, VALUES, (112, *RANGE))
    assert preview.new == [112, 217, *range(220, 230)]
    assert (preview.active, preview.inactive, preview.deleted) == ([215, 218, 219], [216], [217])
    assert preview.emergency == [112]
    add(ctx)
    assert [account.number for account in current_state(ctx).accounts if account.deleted] == [217]
    assert saved(ctx)[217].phone == "other"


@on_both_databases
def test_range_is_added_with_one_audit_entry_that_names_all(ctx):
    before, stamp = saved(ctx), current_stamp(ctx)
    added = add(ctx, user_id=None, phone="other", recording=True, level=30)
    assert added.numbers == list(range(220, 230))
    new = saved(ctx)
    assert {number: new[number] for number in before} == before
    assert new.keys() - before.keys() == set(range(220, 230))
    assert {(a.phone, a.recording, a.level, a.active, a.version) for n, a in new.items() if n >= 220} == {
        ("other", True, 30, True, 1)
    }
    assert len({account_secrets.reveal(ctx, WHO, new[number].id).text for number in (220, 221)}) == 2
    entry = next(entry for entry in audit.entries() if entry.action != "account.reveal")
    assert (entry.id, entry.action, entry.subject) == (added.entry_id, "account.bulk_add", "220-229")
    assert entry.changes["added"] == [None, "220-229"]
    assert entry.changes["level"] == [None, 30]
    assert audit_subjects.accounts_of([entry.id]) == {new[number].id for number in added.numbers}
    items, _more = history.history(("account", new[225].id), 225)
    assert items[-1].changes["user"] == [None, "Automat Automat"]
    assert {new[number].id for number in added.numbers} == changes_since(ctx, stamp).accounts


@on_both_databases
def test_number_taken_since_the_preview_refuses_all(ctx):
    seen = account_addition.preview_range(ctx, VALUES, RANGE).new
    make_account(ctx, 223)
    with pytest.raises(ChangedSincePreview, match="the preview, 223 changed"):
        add(ctx, seen=seen)
    assert 220 not in saved(ctx)
    accounts.delete(ctx, WHO, saved(ctx)[219].id)
    with pytest.raises(ChangedSincePreview, match="219, 223"):
        add(ctx, seen=seen)


def test_values_that_can_not_be_saved_name_their_field(ctx, anna):
    edit_user(ctx, 2, active=False)
    for field, values in [
        ("number", {"numbers": (200, 201)}), ("secret", {"secret": "a long password"}), ("user_id", {"user_id": 2}),
        ("forward_always", {"forward_always": "225", "phone": "other"}), ("max_contacts", {"max_contacts": 2}),
    ]:  # fmt: skip
        with pytest.raises(Invalid) as refused:
            add(ctx, **values, seen=())
        assert refused.value.field == field
    assert 220 not in saved(ctx)


@on_both_databases
def test_undo_deletes_what_was_added_unless_one_was_changed_since(ctx):
    before, added = saved(ctx), add(ctx)
    edit_account(ctx, saved(ctx)[221].id, level=50)
    with pytest.raises(OperationRefused, match=r"^Changed since they were added: 221\. Nothing was deleted\.$"):
        account_addition.undo_addition(ctx, WHO, added.entry_id)
    accounts.delete(ctx, WHO, saved(ctx)[221].id)
    again = add(ctx, (221, 300, 301))
    assert account_addition.undo_addition(ctx, WHO, again.entry_id) == 3
    assert saved(ctx).keys() == before.keys() | set(added.numbers) - {221}
    assert (audit.entries()[0].action, audit.entries()[0].subject) == ("account.bulk_add_undo", "221, 300-301")
    for entry_id in (again.entry_id, 0, audit.entries()[0].id):
        with pytest.raises((NotFound, OperationRefused)):
            account_addition.undo_addition(ctx, WHO, entry_id)


def test_accounts_that_the_pbx_has_are_not_undone(ctx, pbx):
    added = add(ctx)
    generations.generate(ctx, WHO)
    with pytest.raises(OperationRefused, match=r"^The PBX has these accounts already: 220-229\."):
        account_addition.undo_addition(ctx, WHO, added.entry_id)


def test_import_that_only_added_accounts_can_be_undone(ctx):
    def run(text):
        table = read_table(text)
        return account_import.import_accounts(ctx, WHO, table, "", name="list.csv", skip_refused=False)

    before = saved(ctx)
    assert account_addition.undo_addition(ctx, WHO, run("number\n300\n301\n").entry_id) == 2
    assert saved(ctx) == before
    assert run("number,level\n300,5\n200,5\n").entry_id == 0
    with pytest.raises(NotFound):
        account_addition.undo_addition(ctx, WHO, audit.entries()[0].id)


def test_all_numbers_are_added_at_once(ctx):
    start = time.process_time()  # other programs may share the processor
    added = add(ctx, tuple(range(100, 1000)))
    assert time.process_time() - start < 1
    assert len(added.numbers) == 880
    assert len(saved(ctx)) == 900
