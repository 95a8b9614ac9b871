"""Accounts from CSV files, as the services import them."""

import time
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from sipweb.core.csv_files import read_table, read_text, write_rows
from sipweb.core.search import parse
from sipweb.core.search_criteria import Period
from sipweb.db import db
from sipweb.models import Account, AuditEntry
from sipweb.services import account_import, account_secrets, accounts, audit, audit_subjects, history, user_list
from sipweb.services.account_updates import changes_since, current_stamp
from sipweb.services.context import utc_now
from sipweb.services.errors import ChangedSincePreview
from sipweb.services.imports import LinesRefused
from sipweb.services.state import current_state
from tests.builders import WHO, edit_account, edit_user, make_account, make_user
from tests.conftest import on_both_databases

PHONE = "Thulium Softphone"


def preview(ctx, text):
    return account_import.preview(ctx, read_table(text), PHONE)


def outcomes(ctx, text):
    """Each line's number, outcome and changes."""
    return [
        (line.line, line.key, line.outcome, {change.field: (change.old, change.new) for change in line.changes})
        for line in preview(ctx, text).lines
    ]


def refusals(ctx, text):
    """The refused lines, with the field and the sentence."""
    lines = [line for line in preview(ctx, text).lines if line.outcome == "refused"]
    return {line.line: (line.refusal.field, str(line.refusal)) for line in lines}


def run(ctx, text, **values):
    values = {"name": "list.csv", "skip_refused": False} | values
    return account_import.import_accounts(ctx, WHO, read_table(text), PHONE, **values)


def account(ctx, number):
    return next(one for one in current_state(ctx).accounts if one.number == number)


def exported(ctx, language="en"):
    state = current_state(ctx)
    rows = account_import.export(state, state.accounts, language, PHONE)
    return "".join(write_rows(rows, ";" if language == "pl" else ","))


@on_both_databases
def test_import_adds_and_changes_with_one_audit_entry_that_each_history_shows(ctx, anna):
    before = db.session.scalar(select(func.max(AuditEntry.id)))
    text = (
        "Internal number,User,Hardware phone,Account active,Call recording,Permission level,Password\n"
        "200,anna,other,no,yes,70,a long password\n300,Anna Nowak (anna),other,yes,no,5,\n301,,,,,,\n201,,,,,,\n"
    )
    assert outcomes(ctx, text)[0] == (
        2, "200", "changed",
        {"user": ("Automat Automat", "Anna Nowak (anna)"), "phone": ("builtin", "other"), "active": (True, False),
         "recording": (False, True), "level": (10, 70), "secret": (None, None)},
    )  # fmt: skip
    assert [line[2] for line in outcomes(ctx, text)] == ["changed", "added", "added", "unchanged"]
    done = run(ctx, text)
    assert (done.added, done.changed) == (2, 1)
    saved = account(ctx, 200)
    assert (saved.user, saved.phone, saved.active, saved.recording, saved.level) == (
        "Anna Nowak", "other", False, True, 70,
    )  # fmt: skip
    assert saved.version == 2
    assert account_secrets.reveal(ctx, WHO, saved.id).text == "a long password"
    assert len(account_secrets.reveal(ctx, WHO, account(ctx, 300).id).text) == 20
    assert account(ctx, 301).phone == "builtin"
    entries = [entry for entry in audit.entries() if entry.id > before and entry.action != "account.reveal"]
    assert [(one.action, one.subject, dict(one.changes)) for one in entries] == [
        ("account.import", "list.csv", {"added": [None, "300-301"], "changed": [None, "200"]})
    ]
    items, _ = history.history(("account", saved.id), 200)
    item = next(item for item in items if item.what == "account.import")
    assert item.changes["level"] == [10, 70]
    assert item.changes["secret"] == []
    search = parse("account:301", audit.FILTERS, utc_now())
    assert [entry.action for entry in audit.entries(search)] == ["account.import"]
    last_hour = Period(utc_now() - timedelta(hours=1), None)
    assert {saved.id, account(ctx, 301).id} <= audit_subjects.changed_between("account", last_hour)
    assert history.last_known_name(("account", account(ctx, 301).id)) == "301"


def test_open_pages_and_the_plan_learn_of_an_import(ctx):
    seen = current_stamp(ctx)
    run(ctx, "number,level\n200,50\n310,10\n")
    assert changes_since(ctx, seen).accounts == {account(ctx, 200).id, account(ctx, 310).id}
    authors = audit_subjects.pending_authors(current_state(ctx).plan)
    assert authors.keys() == {("account", account(ctx, 200).id), ("account", account(ctx, 310).id)}
    assert {entry.action for entry in authors.values()} == {"account.import"}
    assert audit_subjects.last_change("account", account(ctx, 200).id).action == "account.import"


@pytest.mark.parametrize("language", ["en", "pl"])
def test_exported_file_is_imported_unchanged(ctx, anna, piotr, language):
    make_user("formula", "=1+1 'x'")
    make_user("quoted", "'=2+2")
    make_account(ctx, 300, user_id=anna, phone="other", level=100, recording=True, max_contacts=4, pickup_group=63)
    make_account(ctx, 301, active=False, forward_always="*43#", forward_busy="112233", forward_no_answer="200")
    for number, login in ((302, "formula"), (303, "quoted"), (304, "piotr")):
        make_account(ctx, number, user_id=next(user.id for user in user_list.list_users(ctx) if user.login == login))
    edit_user(ctx, piotr, active=False)
    text = exported(ctx, language)
    assert "'=1+1" in text
    assert {line[2] for line in outcomes(ctx, read_text(text.encode()))} == {"unchanged"}
    accounts.delete(ctx, WHO, account(ctx, 300).id)
    assert [line[1:3] for line in outcomes(ctx, text) if line[2] != "unchanged"] == [("300", "added")]


def test_deleted_accounts_are_not_exported(ctx):
    accounts.delete(ctx, WHO, 1)
    assert [account.number for account in current_state(ctx).accounts if account.deleted] == [200]
    assert "200" not in exported(ctx)


def test_each_refused_line_has_its_reason(ctx, anna):
    make_user("second", "Anna Nowak")
    edit_user(ctx, make_user("gone", "Jan Gone"), active=False)
    text = (
        "number,user,phone,active,level,max_contacts,forward_always,secret\n"
        "1001,,,,,,,\n,,,,1,,,\n300,nobody,,,,,,\n301,Anna Nowak,,,,,,\n302,gone,,,,,,\n303,,fax,,,,,\n"
        "304,,,perhaps,,,,\n305,,,,101,,,\n306,,,,,2,,\n307,,,,,,307,\n308,,,,,,,short\n309,,,,,,112,\n"
        "310,,,,,,,żółta-łódka-12\n200,,,,,,,ab\n311,,,,,,,,,x\n312,,,,,,,\n312,,,,,,,\n"
    )
    found = refusals(ctx, text)
    assert found == {
        2: ("number", "Enter a three-digit number from 100 to 999."),
        3: ("number", "Enter a three-digit number from 100 to 999."),
        4: ("user", "No active user matches 'nobody'. Enter a name or a login."),
        5: ("user", "'Anna Nowak' matches more than one user: Anna Nowak (anna), Anna Nowak (second)."),
        6: ("user", "No active user matches 'gone'. Enter a name or a login."),
        7: ("phone", "Enter one of: Thulium Softphone, Other softphone."),
        8: ("active", "Enter yes or no."),
        9: ("level", "Enter a whole number from 0 to 100."),
        10: ("max_contacts", "Only accounts for another phone may have more than one."),
        11: ("forward_always", "An account can't forward calls to its own number."),
        12: ("secret", "Use at least 12 characters."),
        13: ("forward_always", "Calls can't be forwarded to an emergency number."),
        14: (
            "secret",
            "Use only printable ASCII characters (no accented letters), with no spaces at the start or end.",
        ),
        15: ("secret", "Use at least 12 characters."),
        16: (None, "The line has 10 cells, but the header only 8."),
        17: (None, "This is also on line 18."),
        18: (None, "This is also on line 17."),
    }
    with pytest.raises(LinesRefused, match="line 2 and 16 more are refused"):
        run(ctx, text)


def test_refused_lines_are_left_out_only_if_somebody_says_so(ctx):
    text = "number\n1001\n300\n"
    with pytest.raises(LinesRefused, match="Nothing was imported: line 2 is refused"):
        run(ctx, text)
    assert not [one for one in current_state(ctx).accounts if one.number == 300]
    assert run(ctx, text, skip_refused=True).added == 1


@pytest.mark.parametrize("lines", ["300,abc\n300,5\n", "300,5\n300,abc\n"])
def test_repeated_number_is_refused_although_one_of_its_lines_is_refused_for_another_reason(ctx, lines):
    text = f"number,level\n{lines}"
    assert sorted(refusals(ctx, text).values(), key=str) == [
        ("level", "Enter a whole number from 0 to 100."),
        (None, f"This is also on line {2 if lines.startswith('300,abc') else 3}."),
    ]
    assert run(ctx, text, skip_refused=True).added == 0


@pytest.mark.parametrize("edit", ["change", "delete", "add", "deactivate the owner"])
def test_what_was_edited_since_the_preview_is_named_and_nothing_is_imported(ctx, anna, edit):
    text = "number,user,level\n200,,50\n201,,50\n300,anna,50\n"
    seen = preview(ctx, text).seen
    if edit == "change":
        edit_account(ctx, 1, recording=True)
    elif edit == "delete":
        accounts.delete(ctx, WHO, 1)
    elif edit == "add":
        make_account(ctx, 300)
    else:
        edit_user(ctx, anna, active=False)
    number = "200" if edit in ("change", "delete") else "300"
    with pytest.raises(ChangedSincePreview, match=rf"Changed since the preview: {number}\. Nothing was imported"):
        run(ctx, text, seen=seen, skip_refused=True)
    assert account(ctx, 201).level == 10
    run(ctx, text, seen=preview(ctx, text).seen, skip_refused=True)
    assert account(ctx, 201).level == 50


def test_failure_in_the_middle_imports_nothing(ctx, monkeypatch):
    before = db.session.scalar(select(func.count(Account.id)))

    def fail(*_values, **_names):
        raise RuntimeError

    monkeypatch.setattr(audit, "record_many", fail)
    with pytest.raises(RuntimeError):
        run(ctx, "number,level\n300,5\n200,5\n")
    assert db.session.scalar(select(func.count(Account.id))) == before
    assert account(ctx, 200).level == 10


def test_password_that_the_account_has_already_is_no_change(ctx):
    secret = account_secrets.reveal(ctx, WHO, 1).text
    assert outcomes(ctx, f"number,secret\n200,{secret}\n")[0][2] == "unchanged"


def test_import_of_nothing_writes_nothing(ctx):
    before = db.session.scalar(select(func.max(AuditEntry.id)))
    done = run(ctx, exported(ctx))
    assert (done.added, done.changed) == (0, 0)
    assert db.session.scalar(select(func.max(AuditEntry.id))) == before


def test_900_accounts_are_previewed_and_imported_fast(ctx):
    for n in range(40):
        make_user(f"user{n}", f"User {n}")
    text = "number,user,phone,level\n" + "".join(f"{n},user{n % 40},other,{n % 100}\n" for n in range(100, 1000))
    began = time.perf_counter()
    seen = preview(ctx, read_text(text.encode())).seen
    done = run(ctx, text, seen=seen)
    assert (done.added, done.changed) == (880, 20)
    assert time.perf_counter() - began < 1.5
