"""Users from CSV files, as the services import them."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from sipweb.core import user_file
from sipweb.core.csv_files import read_table, write_rows
from sipweb.db import db
from sipweb.models import AuditEntry, User
from sipweb.services import audit, user_import, user_list
from sipweb.services.authentication import authenticate
from sipweb.services.errors import ChangedSincePreview
from sipweb.services.imports import LinesRefused
from tests.builders import WHO, acquire, edit_user, make_user

PHONE = "Thulium Softphone"


def lines(ctx, text, actor=WHO):
    return user_import.preview(ctx, actor, read_table(text), PHONE).lines


def run(ctx, text, **values):
    values = {"name": "users.csv", "skip_refused": False} | values
    return user_import.import_users(ctx, WHO, read_table(text), PHONE, **values)


def user(ctx, login):
    return next(user for user in user_list.list_users(ctx) if user.login == login)


def test_import_adds_and_changes_users_with_one_audit_entry(ctx, anna):
    before = db.session.scalar(select(func.max(AuditEntry.id)))
    text = "login;name;role;work_mode;active;password\nanna;Anna Lis;;manual;;\nnew;New One;administrator;;yes;\n"
    done = run(ctx, f"{text}typed;Typed;;;;a typed password\n")
    assert (done.added, done.changed) == (2, 1)
    assert [(one.name, one.login) for one in done.passwords] == [("New One", "new")]
    assert (user(ctx, "anna").name, user(ctx, "anna").work_mode, user(ctx, "anna").version) == ("Anna Lis", "manual", 2)
    assert user(ctx, "new").role == "administrator"
    [entry] = [entry for entry in audit.entries() if entry.id > before]
    assert (entry.action, entry.subject, dict(entry.changes)) == (
        "user.import", "users.csv", {"added": [None, "new, typed"], "changed": [None, "anna"]},
    )  # fmt: skip
    for login, password in (("new", done.passwords[0].password), ("typed", "a typed password")):
        authenticate(login, password, "127.0.0.1")
        row = db.session.scalar(select(User).where(User.login == login))
        assert row.must_change_password
        assert row.password_expires_at


@pytest.mark.parametrize("language", ["en", "pl"])
def test_exported_users_are_imported_unchanged(ctx, anna, language):
    make_user("formula", "=1+1", work_mode="manual", external_phone="other")
    edit_user(ctx, anna, active=False)
    rows = user_file.export_rows(user_list.list_users(ctx), language, "Our phone")
    table = read_table("".join(write_rows(rows)).removeprefix("\ufeff"))
    found = user_import.preview(ctx, WHO, table, "Our phone").lines
    assert {line.outcome for line in found} == {"unchanged"}
    assert len(found) == 3


def test_each_refused_line_has_its_reason(ctx, anna):
    admin = replace(WHO, id=user(ctx, "admin").id)
    text = (
        "login,name,role,active,password\nżółw,A,,,\nb,,,,\nc,Automat  Automat,,,\nd,D,boss,,\ne,E,,,short\n"
        "admin,,,,a long password\nanna,,,,\nanna,,,,\n"
    )
    assert {line.line: str(line.refusal) for line in lines(ctx, text, admin) if line.refusal} == {
        2: "Use only letters, digits, dots, hyphens, underscores and @.",
        3: "Enter the full name.",
        4: "This name is reserved for automatic accounts.",
        5: "Enter one of: Agent, Auditor (read-only), Editor (can't generate), Administrator.",
        6: "Use at least 12 characters.",
        7: "Your password can't be imported. Change it with Change password.",
        8: "This is also on line 9.",
        9: "This is also on line 8.",
    }
    with pytest.raises(LinesRefused):
        run(ctx, text)


def test_an_administrator_remains(ctx, anna):
    text = "login,role,active\nadmin,agent,\nanna,,no\n"
    assert {line.key: str(line.refusal) for line in lines(ctx, text) if line.refusal} == {
        "admin": "At least one active administrator is required."
    }
    assert not [line for line in lines(ctx, text.replace("anna,,no", "anna,administrator,")) if line.refusal]


def test_what_was_edited_since_the_preview_is_named(ctx, anna):
    text = "login,work_mode\nanna,manual\n"
    seen = user_import.preview(ctx, WHO, read_table(text), PHONE).seen
    edit_user(ctx, anna, name="Anna Lis")
    with pytest.raises(ChangedSincePreview, match="Changed since the preview: anna"):
        run(ctx, text, seen=seen)
    assert user(ctx, "anna").work_mode == "automatic"


def test_deactivated_user_loses_the_number(ctx, anna):
    acquire(ctx)
    done = run(ctx, "login,active\nanna,no\n")
    assert [released.number for released in done.released] == [200]


def test_too_many_passwords_are_refused(ctx, monkeypatch):
    monkeypatch.setattr(user_import, "MAX_PASSWORDS", 1)
    with pytest.raises(user_import.Invalid, match="can set 1 passwords at most"):
        run(ctx, "login,name\na,A\nb,B\n")


def test_editor_imports_agents_and_nobody_with_rights(ctx, anna):
    editor = replace(WHO, role="editor")
    text = "login,name,role,active\nadmin,,administrator,\nnew,New,,\nboss,Boss,auditor,\nanna,,editor,\n"
    found = lines(ctx, text, editor)
    assert [line.outcome for line in found] == ["unchanged", "added", "refused", "refused"]
    assert str(found[2].refusal) == "Only an administrator can do this."
    assert lines(ctx, "login,active\nadmin,no\n", editor)[0].outcome == "refused"
    assert {line.outcome for line in lines(ctx, text)} == {"unchanged", "added", "changed"}


def test_new_login_that_differs_from_one_only_by_case_is_refused(ctx, anna):
    [line] = lines(ctx, "login,name\nAnna,Anna Nowak\n")
    assert str(line.refusal) == "The user anna exists: this login differs only in upper and lower case."
    assert [line.outcome for line in lines(ctx, "login,name\nanna,Anna Lis\n")] == ["changed"]
