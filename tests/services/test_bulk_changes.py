"""Changes of many accounts at once, as the services make them."""

import random

import pytest
from sqlalchemy import event, func, insert, select

from sipweb.core.bulk_changes import Action, BulkChange, seen_versions
from sipweb.core.errors import Invalid
from sipweb.db import db, transaction
from sipweb.models import Account, AuditEntry
from sipweb.services import account_secrets, accounts, audit, audit_subjects, bulk_changes, generations, history
from sipweb.services.account_updates import changes_since, current_stamp
from sipweb.services.accounts import COLUMNS
from sipweb.services.bulk_changes import ChangedSinceEdit
from sipweb.services.context import Actor
from sipweb.services.errors import ChangedSincePreview
from sipweb.services.state import current_state
from tests.builders import WHO, acquire, edit_account, edit_user, make_account
from tests.conftest import on_both_databases

OTHER = Actor(None, "Other")
DELETE, SECRETS = BulkChange(Action.DELETE), BulkChange(Action.SECRETS)


def edit(**values):
    return BulkChange(Action.EDIT, values)


def preview(ctx, ids, change):
    return bulk_changes.preview(ctx, ids, change)


def run(ctx, ids, change):
    """Preview the change, and make it."""
    return bulk_changes.change_accounts(ctx, WHO, change, seen_versions(preview(ctx, ids, change)))


def saved(ctx):
    """All saved accounts, without what the plan says of them."""
    return {one.id: {name: getattr(one, name) for name in COLUMNS} for one in current_state(ctx).by_id.values()}


def new_entries(since):
    return [(one.action, one.subject, dict(one.changes)) for one in audit.entries() if one.id > since]


def newest_entry():
    return db.session.scalar(select(func.max(AuditEntry.id)))


@on_both_databases
def test_edit_of_many_is_one_entry_that_each_history_shows_and_is_undone_as_one(ctx, anna):
    make_account(ctx, 300, level=70)
    ids = [1, 2, 3, 21]
    before, since, seen = saved(ctx), newest_entry(), current_stamp(ctx)
    edit_account(ctx, 3, level=50, user_id=anna)
    since += 1
    change = edit(level=50, user_id=anna)
    assert [line.outcome for line in preview(ctx, ids, change)] == ["changed", "changed", "unchanged", "changed"]
    result = run(ctx, ids, change)
    assert result.ids == [1, 2, 21]
    assert {(saved(ctx)[one]["level"], saved(ctx)[one]["user_id"]) for one in ids} == {(50, anna)}
    assert current_state(ctx).by_id[1].version == 2
    changes = {
        "level": [None, 50],
        "user": [None, "Anna Nowak"],
        "count": [None, 3],
        "accounts": [None, "200-201, 300"],
    }
    assert new_entries(since) == [("account.bulk_edit", "200-201, 300", changes)]
    [item] = [item for item in history.history(("account", 21), 300)[0] if item.what == "account.bulk_edit"]
    assert item.changes == {"level": [70, 50], "user": ["Automat Automat", "Anna Nowak"]}
    assert {1, 2, 21} <= changes_since(ctx, seen).accounts
    assert audit_subjects.last_change("account", 1).action == "account.bulk_edit"
    bulk_changes.undo(ctx, WHO, result.undo)
    after = saved(ctx)
    assert {one: after[one] for one in (1, 2, 21)} == {one: before[one] for one in (1, 2, 21)}
    assert after[3]["level"] == 50
    assert len(new_entries(since)) == 2
    assert new_entries(since)[0][2]["count"] == [None, 3]


def test_change_of_many_equals_the_same_changes_one_by_one(ctx, anna, piotr):
    chance = random.Random(7)
    values = {
        "level": range(0, 101, 10), "user_id": [None, anna, piotr], "phone": ["builtin", "other"],
        "active": [True, False], "recording": [True, False],
    }  # fmt: skip
    for _ in range(30):
        chosen = chance.sample(sorted(values), chance.randint(1, 3))
        change = edit(**{name: chance.choice(values[name]) for name in chosen})
        ids = chance.sample(range(1, 21), chance.randint(1, 20))
        before, secrets = saved(ctx), fingerprints(ctx)
        expected = before | {one: before[one] | change.values for one in ids}
        result = run(ctx, ids, change)
        assert saved(ctx) == expected
        at_once = versions(ctx)
        bulk_changes.undo(ctx, WHO, result.undo) if result.undo else None
        assert saved(ctx) == before
        for one in ids:  # one by one
            edit_account(ctx, one, **change.values)
        assert saved(ctx) == expected
        changed = {one for one in ids if before[one] != expected[one]}
        assert set(result.ids) == changed
        assert {one: version + (2 if one in changed else 0) for one, version in at_once.items()} == versions(ctx)
        assert fingerprints(ctx) == secrets


def versions(ctx):
    return {one.id: one.version for one in current_state(ctx).by_id.values()}


def fingerprints(ctx):
    return {one.id: one.fingerprint for one in current_state(ctx).by_id.values()}


@on_both_databases
@pytest.mark.parametrize("change", [edit(level=50), SECRETS, DELETE])
def test_row_edited_or_deleted_since_the_preview_is_named_and_nothing_is_changed(ctx, change):
    seen = seen_versions(preview(ctx, [1, 2, 3, 4], change))
    accounts.set_flag(ctx, OTHER, 2, 1, name="recording", value=True)
    make_account(ctx, 301)
    accounts.delete(ctx, OTHER, 3)
    before, count = saved(ctx), newest_entry()
    with pytest.raises(ChangedSincePreview, match=r"Changed since the preview: 201, 202\. Nothing was changed"):
        bulk_changes.change_accounts(ctx, WHO, change, seen)
    assert (saved(ctx), newest_entry()) == (before, count)
    bulk_changes.change_accounts(ctx, WHO, change, seen_versions(preview(ctx, [1, 2, 4], change)))
    assert newest_entry() == count + 1


def test_account_taken_into_use_since_the_preview_of_its_deletion_is_named(ctx, anna):
    generations.generate(ctx, WHO)
    seen = seen_versions(preview(ctx, [1, 2], DELETE))
    acquire(ctx)
    with pytest.raises(ChangedSincePreview, match="preview: 200"):
        bulk_changes.change_accounts(ctx, WHO, DELETE, seen)
    [refused, deleted] = preview(ctx, [1, 2], DELETE)
    assert (str(refused.refusal), deleted.outcome) == ("in use by Anna Nowak", "changed")
    assert run(ctx, [1, 2], DELETE).ids == [2]


@on_both_databases
def test_undo_names_the_rows_that_were_changed_since_and_restores_nothing(ctx):
    result = run(ctx, [1, 2, 3, 4], edit(level=50))
    accounts.set_flag(ctx, OTHER, 2, 2, name="active", value=False)
    accounts.delete(ctx, OTHER, 4)
    with pytest.raises(ChangedSinceEdit, match=r"Changed since: 201, 203\. Nothing was undone\."):
        bulk_changes.undo(ctx, WHO, result.undo)
    assert {one.level for one in current_state(ctx).by_id.values() if one.id < 4} == {50}
    bulk_changes.undo(ctx, WHO, [one for one in result.undo if one.id in (1, 3)])
    with pytest.raises(ChangedSinceEdit):
        bulk_changes.undo(ctx, WHO, [one for one in result.undo if one.id in (1, 3)])


@on_both_databases
def test_deletion_of_live_accounts_is_undone_with_their_secrets(ctx):
    before, secrets = saved(ctx), fingerprints(ctx)
    result = run(ctx, [1, 2, 3], DELETE)
    assert saved(ctx).keys().isdisjoint({1, 2, 3})
    assert all(current_state(ctx).account(one).deleted for one in (1, 2, 3))
    bulk_changes.undo(ctx, WHO, result.undo)
    assert (saved(ctx), fingerprints(ctx), len(current_state(ctx).plan)) == (before, secrets, 0)
    assert new_entries(0)[0][:2] == ("account.bulk_restore", "200-202")
    with pytest.raises(ChangedSinceEdit):
        bulk_changes.undo(ctx, WHO, result.undo)


def test_deletion_is_not_undone_when_another_account_has_the_number_or_one_was_not_live(ctx):
    result = run(ctx, [1, 2], DELETE)
    new = make_account(ctx, 200)
    with pytest.raises(ChangedSinceEdit, match="Changed since: 200"):
        bulk_changes.undo(ctx, WHO, result.undo)
    assert [one.id for one in run(ctx, [3, new], DELETE).undo] == [3]


def test_undo_gives_accounts_back_to_an_inactive_user(ctx, anna):
    for one in (1, 2):
        edit_account(ctx, one, user_id=anna)
    edit_user(ctx, anna, active=False)
    result = run(ctx, [1, 2], edit(user_id=None))
    bulk_changes.undo(ctx, WHO, result.undo)
    assert {saved(ctx)[one]["user_id"] for one in (1, 2)} == {anna}
    accounts.undo(ctx, WHO, run(ctx, [1], edit(user_id=None)).undo[0])
    assert saved(ctx)[1]["user_id"] == anna


def test_new_passwords_differ_and_cannot_be_undone(ctx):
    old = fingerprints(ctx)
    since = newest_entry()
    result = run(ctx, [1, 2, 3], SECRETS)
    assert result.undo == ()
    changes = {"secret": [], "count": [None, 3], "accounts": [None, "200-202"]}
    assert new_entries(since) == [("account.bulk_secret", "200-202", changes)]
    new = fingerprints(ctx)
    assert {one for one in old if old[one] != new[one]} == {1, 2, 3}
    texts = {account_secrets.reveal(ctx, WHO, one).text for one in (1, 2, 3)}
    assert len(texts) == 3
    assert {len(text) for text in texts} == {20}


def test_inactive_or_unknown_user_is_refused_at_preview_and_change(ctx, anna):
    edit_user(ctx, anna, active=False)
    with pytest.raises(Invalid, match="active user"):
        preview(ctx, [1], edit(user_id=anna))
    with pytest.raises(Invalid, match="active user"):
        bulk_changes.change_accounts(ctx, WHO, edit(user_id=99), {1: 3})
    assert current_state(ctx).by_id[1].user_id is None


def test_nothing_to_change_writes_nothing(ctx):
    since = newest_entry()
    assert run(ctx, [1, 2], edit(level=10)).ids == ()
    assert newest_entry() == since
    assert preview(ctx, [999], DELETE) == []


def test_long_list_of_numbers_is_shortened_in_the_subject_and_whole_in_the_changes_of_the_audit_log(ctx):
    for number in range(301, 360, 2):
        make_account(ctx, number)
    run(ctx, list(range(1, 51)), edit(level=3))
    _, subject, changes = new_entries(0)[0]
    assert len(subject) <= 80
    assert subject.startswith("200-219, 301, 303")
    assert subject.endswith(" …")
    assert changes["count"] == [None, 50]
    assert changes["accounts"] == [None, f"200-219, {', '.join(map(str, range(301, 360, 2)))}"]


@on_both_databases
def test_900_accounts_are_changed_and_undone_with_few_statements(ctx):
    fields = {"phone": "builtin", "active": True, "recording": False, "level": 10}
    rows = [
        {"number": number, **fields, **account_secrets.secret_columns(ctx, "a long password")}
        for number in {*range(100, 1000)} - {*range(200, 220)}
    ]
    with transaction() as session:
        session.execute(insert(Account), rows)
    ids, statements = list(current_state(ctx).by_id), []
    event.listen(db.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    for change in (edit(level=50, recording=True), SECRETS, DELETE):
        lines = preview(ctx, ids, change)
        statements.clear()
        result = bulk_changes.change_accounts(ctx, WHO, change, seen_versions(lines))
        assert len(result.ids) == 900
        assert len(statements) <= 10, statements
        if change.action is Action.EDIT:
            statements.clear()
            bulk_changes.undo(ctx, WHO, result.undo)
            assert len(statements) <= 10, statements
            assert len({one.level for one in current_state(ctx).by_id.values()}) == 1
