"""The users' list and its headline."""

import pytest

from sipweb.services import accounts, generations
from sipweb.services.state import current_state
from tests.builders import AGENT_PASSWORD, WHO, acquire, edit_account, edit_user, make_user
from tests.client import reset_request_globals, soup, text_of
from tests.web.users.values import ANNA


def summary(answer):
    """The headline of the page, or of an answer that renews it."""
    return " ".join(soup(answer).select_one("#summary").get_text().split())


def test_list_shows_users_with_their_accounts_and_no_password(admin, ctx, anna):
    edit_account(ctx, 1, user_id=anna)
    answer = admin.get("/users")
    cells = [cell.get_text(strip=True) for cell in soup(answer).select(f"#user-{anna} :is(th, td)")]
    assert cells[:2] == ["Anna Nowak", "anna"]
    assert cells[5] == "200"
    assert "argon2" not in answer.text


def test_inactive_users_are_marked(admin, anna):
    assert soup(admin.get("/users")).select_one(f"#user-{anna}")["class"] == ["user"]
    answer = admin.post(f"/users/{anna}", htmx=True, **ANNA | {"active": ""})
    assert soup(answer).select_one(f"#user-{anna}")["class"] == ["user", "inactive"]


def test_headline_counts_users_and_warns_after_every_change(admin, ctx):
    for account in current_state(ctx).accounts:
        accounts.delete(ctx, WHO, account.id)
    generations.generate(ctx, WHO, generations.ANY_NUMBER)
    missing = (
        "2 users · 1 agent without a number · Not enough automatic accounts: 1 more needed if all agents work at once."
    )
    assert summary(admin.get("/users")) == "1 user"
    assert summary(admin.post("/users", htmx=True, **ANNA, password=AGENT_PASSWORD)) == missing
    assert summary(admin.get("/users")) == missing
    assert summary(admin.post("/users/2", htmx=True, **ANNA | {"active": ""})) == "2 users"


def test_requests_without_htmx_get_pages_and_unknown_users_404(admin, anna):
    assert admin.get(f"/users/{anna}/edit").location == f"/users?edit={anna}#user-{anna}"
    assert admin.get("/users/new").location == "/users?add=1"
    assert admin.get("/users/new/cancel").location == "/users"
    assert soup(admin.get(f"/users?edit={anna}")).select_one(f"#edit-{anna}")
    assert soup(admin.get("/users?add=1")).select_one("#add-form")
    assert admin.post("/users/99", htmx=True, **ANNA).status_code == 404
    assert admin.get("/users/99/row", htmx=True).status_code == 404


def test_closed_row_returns_the_focus_to_its_edit_link(admin, anna):
    assert soup(admin.get(f"/users/{anna}/edit", htmx=True)).select_one(f"#edit-{anna}-name").has_attr("autofocus")
    row = soup(admin.get(f"/users/{anna}/row", htmx=True)).select_one(f"#user-{anna}")
    assert row.select_one(f"#edit-link-{anna}").has_attr("autofocus")
    assert soup(admin.get("/users/new", htmx=True)).select_one("#add #add-form-name").has_attr("autofocus")
    assert soup(admin.get("/users/new/cancel", htmx=True)).select_one("#add").get_text(strip=True) == ""


def gets(answer, user_id):
    """What the row says that the user would get."""
    return text_of(soup(answer).select_one(f"#user-{user_id} td[data-label=Gets]"))


def test_list_shows_the_number_of_each_user_at_sign_in(admin, ctx, anna, piotr):
    ewa, adam = make_user("ewa", "Ewa Lis", work_mode="manual"), make_user("adam", "Adam Sikora")
    edit_account(ctx, 1, user_id=piotr)
    generations.generate(ctx, WHO, generations.ANY_NUMBER)
    edit_account(ctx, 2, user_id=ewa)
    edit_user(ctx, adam, active=False)
    page = admin.get("/users")
    assert gets(page, anna) == "automatic"
    assert gets(page, piotr) == "200"
    assert gets(page, ewa) == "none (Work mode: manual) pending: 201"
    assert gets(page, adam) == "none (inactive user)"
    acquire(ctx, number="205")
    assert gets(admin.get("/users"), anna) == "205 (in use now)"
    answer = admin.post(f"/users/{piotr}", htmx=True, **ANNA | {"name": "Piotr Lis", "login": "p", "active": ""})
    assert gets(answer, piotr) == "none (inactive user)"


def test_agents_without_a_number_are_counted_and_shown_alone(admin, ctx, anna):
    assert not soup(admin.get("/users")).select("#summary a")
    ewa = make_user("ewa", "Ewa Lis", external_phone="other")
    make_user("jan", "Jan Lis", "administrator", external_phone="other")
    [link] = soup(admin.get("/users")).select("#summary a")
    assert (link["href"], text_of(link)) == ("/users?show=without-number", "1 agent without a number")
    page = soup(admin.get(link["href"]))
    assert [row["id"] for row in page.select("tbody.user")] == [f"user-{ewa}"]
    assert page.select_one("#summary a")["aria-current"] == "true"
    assert gets(admin.get(link["href"]), ewa) == "none (External phone: Other softphone)"
    edit_user(ctx, ewa, active=False)
    assert not soup(admin.get("/users")).select("#summary a")
    assert text_of(soup(admin.get(link["href"])).select_one("#empty")) == "No users match your search."


@pytest.mark.parametrize(
    ("search", "logins"),
    [
        ("kowal", ["l.kowalska", "m.kowalska"]), ("lucja", ["l.kowalska"]), ("KOWALSKA łucja", ["l.kowalska"]),
        ("l.kow", ["l.kowalska"]), ("admin", ["admin"]), ("nobody", []), (" ", ["admin", "l.kowalska", "m.kowalska"]),
    ],
)  # fmt: skip
def test_search_finds_names_and_logins_without_case_and_accents(admin, search, logins):
    make_user("l.kowalska", "Łucja Kowalska")
    make_user("m.kowalska", "Maria Kowalska")
    page = soup(admin.get("/users", query_string={"q": search}))
    assert [row.select("td")[0].text for row in page.select("tbody.user")] == logins
    hits = page.select_one("#hits")
    assert text_of(hits) == (f"{len(logins)} of 3 · Clear")
    assert hits.a["href"] == "/users"
    assert page.select_one("#q")["value"] == search
    assert bool(page.select("#empty")) == (not logins)


def test_whole_list_has_no_hits_and_a_search_keeps_the_filter(admin, anna):
    page = soup(admin.get("/users"))
    assert not page.select("#empty, [role=search] [name=show]")
    assert not text_of(page.select_one("#hits"))
    page = soup(admin.get("/users?q=anna&show=without-number"))
    assert page.select_one("[role=search] [name=show]")["value"] == "without-number"
    assert not page.select("tbody.user")


def test_edit_and_save_in_a_filtered_list_keep_the_filter(admin, anna):
    headers = {"HX-Request": "true", "HX-Current-URL": "http://localhost/users?show=without-number"}
    reset_request_globals()
    data = {"csrf_token": admin.token, **ANNA, "work_mode": "manual"}
    answer = admin._client.post(f"/users/{anna}", data=data, headers=headers)
    assert soup(answer).select_one("#summary a")["aria-current"] == "true"


def test_users_of_the_same_name_are_distinguished_by_their_logins(admin, anna, piotr):
    double = make_user("anna2", "Anna Nowak")
    page = soup(admin.get(f"/users?edit={double}"))
    assert text_of(page.select_one(f"#edit-link-{anna}")) == "Edit Anna Nowak (anna)"
    assert text_of(page.select_one(f"#edit-{double}-save")) == "Save Anna Nowak (anna2)"
    assert text_of(page.select_one(f"#edit-link-{piotr}")) == "Edit Piotr Lis"
    subtitle = soup(admin.get(f"/users/{double}/assignment")).select_one("p.subtitle")
    assert text_of(subtitle) == "Anna Nowak · anna2"
