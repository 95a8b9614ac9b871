"""Accounts and users as files: export, upload, preview and import."""

import csv
import io
import json
import re
import shutil
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, update

from sipweb import create_app
from sipweb.config import load
from sipweb.core.csv_files import MAX_BYTES
from sipweb.core.errors import NotFound
from sipweb.db import db, transaction
from sipweb.models import ImportUpload, WebSession
from sipweb.services import account_secrets, imports, retention, sessions, user_list
from sipweb.services.context import utc_now
from sipweb.services.state import current_state
from tests.builders import AGENT_PASSWORD, WHO, age_sign_ins, edit_account, make_account, make_user
from tests.client import PASSWORD, Client, reset_request_globals, soup, text_of
from tests.conftest import on_both_databases
from tests.faults import read_only

ACCOUNTS = "Internal number,Permission level\n200,50\n300,5\n"


def upload(client, text, kind="accounts", name="list.csv"):
    data = text if isinstance(text, bytes) else text.encode()
    return client.post(f"/{kind}/import", file=(io.BytesIO(data), name))


def preview(client, text, kind="accounts", name="list.csv"):
    """Upload a file and return its preview."""
    answer = upload(client, text, kind, name)
    assert answer.status_code == 303
    return client.get(answer.location)


def fields(answer, **values):
    """Return what the form that imports sends."""
    form = soup(answer).select_one(".import-actions")
    return {field["name"]: field["value"] for field in form.select("input[type=hidden]")} | values


def run(client, answer, kind="accounts", **values):
    return client.post(f"/{kind}/import/preview", **fields(answer, **values))


def stored():
    """Return the encrypted contents of all uploads."""
    db.session.rollback()
    return db.session.scalars(select(ImportUpload.content)).all()


def saved(ctx, number):
    return next((one for one in current_state(ctx).accounts if one.number == number), None)


def rows(answer):
    assert answer.status_code == 200
    text = answer.data.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text), delimiter=";" if ";" in text.splitlines()[0] else ","))


def test_export_has_the_rows_and_the_order_of_the_view(admin, ctx, anna):
    make_account(ctx, 300, user_id=anna, phone="other", level=50)
    make_account(ctx, 301, user_id=anna, active=False)
    for query in ("", "?q=anna", "?show=inactive", "?sort=-level", "?show=pending&sort=-number", "?q=nothing"):
        shown = [row.text for row in soup(admin.get(f"/accounts{query}")).select("tbody.account th")]
        page = soup(admin.get(f"/accounts{query}"))
        exported = rows(admin.get(page.select_one("#export")["href"]))
        assert [row[0] for row in exported[1:]] == [text.split()[0] for text in shown], query
    [header, *_, row] = rows(admin.get("/accounts/export?q=300"))
    assert dict(zip(header, row, strict=True)) == {
        "Internal number": "300", "User": "Anna Nowak (anna)", "Hardware phone": "Other softphone",
        "Account active": "yes", "Call recording": "no", "Permission level": "50", "Number of phones": "1",
        "Pickup group": "0", "Forward always": "", "Forward when busy": "", "Forward when no answer": "",
    }  # fmt: skip


def test_export_is_one_click_away_in_both_lists(admin):
    for kind in ("accounts", "users"):
        link = soup(admin.get(f"/{kind}")).select_one("#export")
        answer = admin.get(link["href"])
        assert answer.headers["Content-Disposition"] == f"attachment; filename={kind}.csv"
        assert answer.mimetype == "text/csv"


def test_export_follows_the_language_and_may_be_without_the_mark(admin):
    assert admin.get("/accounts/export").data.startswith(b"\xef\xbb\xbfInternal number,User,")
    assert admin.get("/accounts/export?bom=no").data.startswith(b"Internal number,User,")
    admin.post("/language", language="pl")
    answer = admin.get("/accounts/export")
    assert answer.data.decode("utf-8-sig").startswith("Numer wewnętrzny;Użytkownik;")
    assert rows(answer)[1][:5] == ["200", "Automat Automat", "Thulium Softphone", "tak", "nie"]
    assert admin.get("/users/export").data.decode("utf-8-sig").startswith("Imię i nazwisko;Login;Rola;")


def test_export_contains_no_password_and_no_formula(admin, ctx):
    make_account(ctx, 300, user_id=make_user("sum", "=SUM(A1)"), secret="a secret password")
    for kind in ("accounts", "users"):
        text = admin.get(f"/{kind}/export").text
        assert "'=SUM(A1)" in text
        assert "a secret password" not in text
        assert "Password" not in text


def test_users_are_exported_as_shown(admin, anna, piotr):
    assert [row[1] for row in rows(admin.get("/users/export?q=anna"))] == ["Login", "anna"]
    assert rows(admin.get("/users/export"))[2][:3] == ["Anna Nowak", "anna", "Agent"]


def test_file_is_previewed_and_imported(admin, ctx):
    page = soup(preview(admin, ACCOUNTS))
    assert text_of(page.select_one(".subtitle")) == "list.csv · 1 added · 1 changed"
    assert text_of(page.select_one("[aria-labelledby=changed-heading] tbody")) == "2 200 Permission level: 10 50"
    assert text_of(page.select_one("[aria-labelledby=added-heading] tbody")) == "3 300 Permission level: 5"
    assert saved(ctx, 300) is None
    answer = run(admin, preview(admin, ACCOUNTS))
    assert (answer.status_code, answer.location) == (303, "/accounts")
    assert saved(ctx, 200).level == 50
    assert "list.csv imported: 1 added, 1 changed." in text_of(soup(admin.get("/accounts")).select_one("#announce"))
    entry = soup(admin.get("/audit")).select_one(".audit-table tbody tr")
    assert "SIP accounts imported list.csv Added: 300 · Changed: 200".replace(" · ", " ") in text_of(entry)
    history = soup(admin.get(f"/accounts/{saved(ctx, 200).id}/history")).select_one(".history tbody tr")
    assert "SIP accounts imported Permission level: 10 50" in text_of(history)


def test_nothing_to_import_offers_no_button(admin):
    page = soup(preview(admin, admin.get("/accounts/export").data))
    assert text_of(page.select_one(".subtitle")) == "list.csv · 20 unchanged"
    assert not page.select(".import-actions .primary")
    assert "Everything is already as in the file." in page.text


def test_columns_can_be_corrected(admin, ctx):
    answer = preview(admin, "Nr,What,Level\n300,x,7\n")
    assert answer.status_code == 422
    page = soup(answer)
    assert page.select_one("#import-error").text == (
        "Choose the column of the header (line 1) that says which record each line is about."
    )
    assert page.select_one(".import-columns").has_attr("open")
    token = page.select_one("[name=upload]")["value"]
    chosen = admin.get(f"/accounts/import/preview?upload={token}&column-number=0&column-level=2&column-user=99")
    assert [text_of(option) for option in soup(chosen).select("select option[selected]")] == ["Nr", "Level"]
    assert run(admin, chosen).status_code == 303
    assert saved(ctx, 300).level == 7


def test_refused_lines_must_be_left_out_knowingly(admin, ctx):
    answer = preview(admin, "number,level\n1001,5\n300,200\n301,5\n")
    lines = [text_of(row) for row in soup(answer).select("[aria-labelledby=refused-heading] tbody tr")]
    assert lines == [
        "2 1001 Internal number '1001': Enter a three-digit number from 100 to 999.",
        "3 300 Permission level '200': Enter a whole number from 0 to 100.",
    ]
    refused = run(admin, answer)
    assert refused.status_code == 422
    assert soup(refused).select_one("#import-error").text == ("Nothing was imported: line 2 and 1 more are refused.")
    assert saved(ctx, 301) is None
    assert run(admin, answer, skip="y").status_code == 303
    assert saved(ctx, 301).level == 5


def test_account_that_was_edited_since_the_preview_is_named_and_the_preview_is_shown_again(admin, ctx):
    answer = preview(admin, ACCOUNTS)
    edit_account(ctx, 1, level=20)
    stale = run(admin, answer)
    assert stale.status_code == 409
    assert "Changed since the preview: 200." in soup(stale).select_one("#import-error").text
    assert saved(ctx, 300) is None
    assert "Permission level: 20 50" in text_of(soup(stale).select_one("[aria-labelledby=changed-heading]"))
    assert run(admin, stale).status_code == 303
    assert saved(ctx, 200).level == 50


@pytest.mark.parametrize("kind", ["accounts", "users"])
@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"number,login\n200,\0\n", "Line 2 contains a NUL character."),
        ("number,login\n200,ż\n".encode("cp1250"), "Line 2 isn't UTF-8 text."),
        (b"<a/>", "Line 1: this is XML, not CSV."),
        (b'[{"number": 1}]', "Line 1: this is JSON, not CSV."),
        (b"number\n" * 10_001, "The file has more than 10000 lines."),
        (b"number,login\n" + b"x" * (MAX_BYTES + 1), "The file is larger than 5 MB."),
        (b"number,login\n" + b"x" * (MAX_BYTES * 2), "The file is larger than 5 MB."),
        (b"", "The file is empty."),
    ],
)
def test_file_that_cannot_be_read_is_refused_with_a_sentence(admin, kind, data, message):
    answer = upload(admin, data, kind)
    assert answer.status_code in (413, 422)
    assert message in soup(answer).text
    assert stored() == []


def test_form_without_a_file_says_so(admin):
    answer = admin.post("/accounts/import", file=(io.BytesIO(b""), ""))
    assert answer.status_code == 422
    field = soup(answer).select_one("#file")
    assert field["aria-invalid"] == "true"
    assert "Choose a file." in soup(answer).select_one("#file-error").text


def test_large_requests_are_refused_elsewhere_and_without_a_session(admin, anonymous):
    data = b"number\n" + b" " * 2 * 1024 * 1024
    answer = admin.post("/accounts", file=(io.BytesIO(data), "x.csv"))
    assert (answer.status_code, "The request is too large." in answer.text) == (413, True)
    anonymous.get("/login")
    assert upload(anonymous, data).status_code in (302, 413)


def test_upload_is_encrypted_private_and_deleted_after_the_import(admin, ctx):
    answer = preview(admin, "number,secret\n300,a secret password\n")
    assert "a secret password" not in answer.text
    [content] = stored()
    assert json.loads(ctx.cipher.decrypt(content))["text"] == "number,secret\n300,a secret password\n"
    assert run(admin, answer).status_code == 303
    assert stored() == []
    assert account_secrets.reveal(ctx, WHO, saved(ctx, 300).id).text == "a secret password"


@on_both_databases
def test_largest_file_is_kept_as_it_is(admin, ctx):
    largest = imports.Upload("ż.csv", 'ż\n"' * (MAX_BYTES // 4))
    session_id = db.session.scalar(select(WebSession.id))
    token = imports.store_upload(ctx, session_id, "accounts", largest)
    assert imports.load_upload(ctx, session_id, "accounts", token) == largest


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_any_server_answers_each_request_of_an_import(app, ctx, admin, instance, tmp_path):
    shutil.copytree(instance, tmp_path / "other", symlinks=True, ignore=shutil.ignore_patterns("run"))
    other = create_app(load({"SIPWEB_INSTANCE": str(tmp_path / "other"), "SIPWEB_PBX": "files"}))
    there = Client(other)
    there._client.set_cookie("session", admin._client.get_cookie("session").value)
    with other.app_context():
        there.get("/accounts")
    address = upload(admin, ACCOUNTS).location
    with other.app_context():
        answer = there.get(address)
        assert answer.status_code == 200
        assert run(there, answer).status_code == 303
        db.session.remove()
        db.engine.dispose()
    assert saved(ctx, 300).level == 5
    assert admin.get(address).status_code == 404


@on_both_databases
def test_simultaneous_uploads_of_a_session_replace_each_other(app, ctx, admin):
    session_id = db.session.scalar(select(WebSession.id))
    db.session.rollback()

    def store(number):
        with app.app_context():
            token = imports.store_upload(ctx, session_id, "accounts", imports.Upload(f"{number}.csv", ACCOUNTS))
            db.session.remove()
        return token

    with ThreadPoolExecutor(4) as pool:
        tokens = list(pool.map(store, range(20)))
    assert len(stored()) == 1
    found = [token for token in tokens if _is_there(ctx, session_id, token)]
    assert len(found) == 1


def _is_there(ctx, session_id, token):
    try:
        return imports.load_upload(ctx, session_id, "accounts", token)
    except NotFound:
        return None


@on_both_databases
def test_upload_ends_with_its_session(admin, ctx):
    upload(admin, ACCOUNTS)
    session_id = db.session.scalar(select(WebSession.id))
    sessions.end(session_id)
    assert stored() == []
    with pytest.raises(NotFound, match="This session has already ended"):
        imports.store_upload(ctx, session_id, "accounts", imports.Upload("x", ACCOUNTS))


def test_import_is_done_even_if_its_upload_cannot_be_deleted(admin, ctx, instance, caplog):
    upload(admin, ACCOUNTS)
    session_id = db.session.scalar(select(WebSession.id))
    with read_only(instance):
        imports.delete_upload(session_id)
    assert "The uploaded file of an import couldn't be deleted: attempt to write a readonly database" in caplog.text
    imports.delete_upload(session_id)
    assert stored() == []


def test_upload_belongs_to_its_session_and_kind_and_expires(admin, ctx, app):
    first = upload(admin, ACCOUNTS).location
    other = Client(app)
    other.login()
    assert other.get(first).status_code == 404
    assert admin.get(first.replace("/accounts/", "/users/")).status_code == 404
    assert "Choose the file again." in admin.get(re.sub("upload=.*", "upload=ł", first)).text
    second = upload(admin, ACCOUNTS).location
    assert admin.get(first).status_code == 404
    assert admin.get(second).status_code == 200
    retention.delete_expired(ctx)
    [content] = stored()
    age_uploads()
    assert admin.get(second).status_code == 404
    assert stored() == [content]
    retention.delete_expired(ctx)
    assert stored() == []


def test_next_upload_of_anybody_deletes_expired_ones(admin, app):
    upload(admin, ACCOUNTS)
    age_uploads()
    [expired] = stored()
    other = Client(app)
    other.login()
    upload(other, ACCOUNTS)
    [content] = stored()
    assert content != expired


def age_uploads():
    """Let all uploads be older than they may be."""
    with transaction(bump_revision=False) as session:
        session.execute(update(ImportUpload).values(created_at=utc_now() - imports.UPLOAD_LIFETIME))


@pytest.mark.parametrize("seen", ["", "[]", "{", "[" * 100_000, '{"200": "x"}', "1"])
def test_form_that_lost_what_it_showed_is_out_of_date(admin, ctx, seen):
    answer = run(admin, preview(admin, ACCOUNTS), seen=seen)
    assert answer.status_code == 422
    assert "This page is out of date." in answer.text
    assert saved(ctx, 300) is None


def test_file_name_is_shown_as_text(admin):
    answer = preview(admin, ACCOUNTS, name="<b>\x07" + "x" * 200 + ".csv")
    name = soup(answer).select_one(".subtitle b").text
    assert len(name) == 80
    assert name.endswith(".csv")


def test_imported_users_get_one_time_passwords_that_are_shown_once(admin, ctx):
    text = "Login,Full name,Role\nnew,New One,Agent\nother,Other One,Administrator\n"
    answer = run(admin, preview(admin, text, "users"), "users")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    lines = [line.split("\t") for line in soup(answer).select_one("#passwords").text.strip().splitlines()]
    assert [line[:2] for line in lines] == [["New One", "new"], ["Other One", "other"]]
    client = Client(admin._client.application)
    client.get("/login")
    assert client.post("/login", login="new", password=lines[0][2]).status_code == 303
    assert run(admin, MultiAnswer(answer), "users").status_code == 404
    assert lines[0][2] not in admin.get("/audit").text


class MultiAnswer:
    """An answer whose form is no longer there: what a reload sends again."""

    def __init__(self, answer):
        self.text = (
            '<html><form class="import-actions"><input type="hidden" name="upload" value="x">'
            '<input type="hidden" name="seen" value="{}"></form></html>'
        )


def test_passwords_and_users_need_a_recent_sign_in(admin, ctx, anna):
    with_password = preview(admin, "number,secret\n300,a long password\n")
    age_sign_ins()
    assert run(admin, with_password).status_code == 401
    assert saved(ctx, 300) is None
    assert run(admin, with_password, current_password=PASSWORD).status_code == 303
    form = {
        field["name"]: field.get("value", "") for field in soup(with_password).select(".import-actions input[name]")
    }
    guessed = {name: value for name, value in form.items() if not name.startswith("column-")} | {"column-secret": ""}
    age_sign_ins()
    assert admin.post("/accounts/import/preview", **guessed).status_code == 401
    users_file = preview(admin, "login,work_mode\nanna,manual\n", "users")
    age_sign_ins()
    assert run(admin, users_file, "users").status_code == 401
    assert run(admin, preview(admin, "number,level\n300,5\n")).status_code == 303


def test_changed_users_need_no_page_of_passwords(admin, ctx, anna):
    answer = run(admin, preview(admin, "login,work_mode\nanna,manual\n", "users"), "users")
    assert (answer.status_code, answer.location) == (303, "/users")
    assert next(user for user in user_list.list_users(ctx) if user.login == "anna").work_mode == "manual"


def test_refusals_and_pages_are_in_polish_too(admin):
    admin.post("/language", language="pl")
    page = soup(preview(admin, "Numer wewnętrzny;Poziom uprawnień\n1001;5\n300;x\n301;5\n"))
    assert page.h1.text == "Import kont SIP"
    assert [text_of(row) for row in page.select("[aria-labelledby=refused-heading] tbody tr")] == [
        "2 1001 Numer wewnętrzny „1001”: Podaj numer trzycyfrowy od 100 do 999.",
        "3 300 Poziom uprawnień „x”: Podaj liczbę całkowitą od 0 do 100.",
    ]
    assert "Pomiń %(num)s" not in page.text


def test_preview_of_many_lines_shows_some_of_them(admin):
    text = "number\n" + "".join(f"{n}\n" for n in range(1000, 1500))
    page = soup(preview(admin, text))
    assert len(page.select("tbody tr")) == 200
    assert "and 300 more lines" in page.text


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods_are_not_allowed(admin, method):
    for path in ("/accounts/import", "/accounts/import/preview", "/users/import"):
        assert getattr(admin._client, method)(path).status_code in (400, 405)
    assert admin.post("/accounts/export").status_code == 405


def test_agents_may_not_export_or_import(app, anna):
    client = Client(app)
    client.get("/login")
    client.post("/login", login="anna", password=AGENT_PASSWORD)
    client.get("/agent")
    for path in ("/accounts/export", "/users/export", "/accounts/import", "/accounts/import/preview", "/users/import"):
        assert client.get(path).status_code == 403


def test_import_of_900_with_preview_takes_at_most_a_second_and_a_half(admin, ctx):
    """The time of the processor, because other tests run at the same time; `make bench` measures with a clock."""
    text = "number,phone,level\n" + "".join(f"{n},other,{n % 100}\n" for n in range(100, 1000))
    token, began = {"csrf_token": admin.token}, time.process_time()
    reset_request_globals()
    sent = admin._client.post("/accounts/import", data={**token, "file": (io.BytesIO(text.encode()), "x.csv")})
    reset_request_globals()
    shown = admin._client.get(sent.location)
    took, values = time.process_time() - began, fields(shown)
    began = time.process_time()
    reset_request_globals()
    assert admin._client.post("/accounts/import/preview", data=token | values).status_code == 303
    assert took + time.process_time() - began < 1.5
    assert len(current_state(ctx).accounts) == 900


def test_import_that_only_added_accounts_can_be_undone(admin, ctx):
    run(admin, preview(admin, ACCOUNTS))
    assert not soup(admin.get("/accounts")).select(".message form")  # it changed 200, too
    run(admin, preview(admin, "number\n301\n302\n"))
    form = soup(admin.get("/accounts")).select_one(".message form")
    admin.post(form["action"], undo=form.select_one("[name=undo]")["value"])
    assert soup(admin.get("/accounts")).select_one(".message p").text == "2 SIP accounts deleted again."
    assert (saved(ctx, 300).level, saved(ctx, 301)) == (5, None)


def test_added_emergency_numbers_are_named(admin):
    answer = preview(admin, "number,level\n112,5\n998,5\n300,5\n")
    hints = [text_of(hint) for hint in soup(answer).select("main > p.hint")]
    assert hints == [
        f"{number} is an emergency number: calls to it always go to emergency services. This account cannot be called."
        for number in (112, 998)
    ]
    run(admin, answer)
    assert not soup(preview(admin, "number,level\n112,7\n")).select("main > p.hint")  # it has been added


def test_two_columns_with_one_header_are_reported(admin):
    answer = preview(admin, "number,level,Level\n200,5,7\n")
    [hint] = [text_of(hint) for hint in soup(answer).select("main > p.hint")]
    assert hint == "Several columns are called “level”. Column 2 is imported."
    assert not soup(preview(admin, "number,level,x,x\n200,5,7,8\n")).select("main > p.hint")


def test_ambiguous_names_of_another_pbx_are_reported_as_ambiguous(admin, anna):
    make_user("anna.2", "Anna Nowak")
    answer = preview(admin, "extension,name,secret,tech\n300,Anna Nowak,a long password,pjsip\n")
    hints = [text_of(hint) for hint in soup(answer).select("main > p.hint")]
    assert hints[1] == "They belong to Automat Automat: none of the names in the file is exactly one active user's."
