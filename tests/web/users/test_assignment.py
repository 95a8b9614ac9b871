"""The assignment preview: which number an agent would get now."""

from sipweb.db import db
from sipweb.models import Lease
from tests.builders import AGENT_PASSWORD, acquire, edit_account, edit_user
from tests.client import partials, soup, text_of


def test_assignment_preview_works_with_and_without_htmx(admin, ctx, anna):
    address = f"/users/{anna}/assignment"
    [link] = soup(admin.get("/users")).select(f"#user-{anna} a[href='{address}']")
    assert link["title"] == "Check number assignment"
    assert (link["aria-label"], link.text) == ("Number Anna Nowak: automatic", "automatic")
    page = soup(admin.get(link["href"]))
    assert text_of(page.select_one("#assignment-result")) == (
        "Anna Nowak would be assigned 200 (lowest-numbered free automatic account)."
    )
    page = soup(admin.get(f"{address}?number=205"))
    assert page.select_one("#assignment-number")["value"] == "205"
    assert text_of(page.select_one("#assignment-result")) == (
        "Anna Nowak would be assigned 205 (requested automatic account)."
    )
    fragment = soup(admin.get(f"{address}?number=299", htmx=True))
    message = "Anna Nowak would not be assigned a number: no account has this number."
    assert fragment.body.find("p", recursive=False).text == message
    assert [announced.p.text for announced in partials(fragment, "#announce")] == [message]
    assert not fragment.select("h1")
    assert db.session.scalar(db.select(db.func.count(Lease.id))) == 0


def test_assignment_preview_of_an_unknown_user_is_404(admin, ctx):
    for htmx in (True, False):
        assert admin.get("/users/999/assignment", htmx=htmx).status_code == 404


def test_assignment_preview_is_for_administrators_only(anonymous, anna):
    address = f"/users/{anna}/assignment"
    assert anonymous.get(address).location.startswith("/login")
    anonymous.get("/login")
    anonymous.post("/login", login="anna", password=AGENT_PASSWORD)
    assert anonymous.get(address).status_code == 403


def test_assignment_preview_is_refreshed(admin, ctx, anna, piotr):
    address = f"/users/{anna}/assignment"
    acquire(ctx, "piotr")
    assert "Anna Nowak would be assigned 201" in soup(admin.get(address)).select_one("#assignment-result").text
    acquire(ctx)
    assert "Anna Nowak is currently using 201." in soup(admin.get(address)).select_one("#assignment-result").text


def test_inactive_agent_cannot_log_in_and_owned_accounts_are_marked(admin, ctx, anna):
    edit_account(ctx, 5, user_id=anna)
    edit_user(ctx, anna, active=False)
    result = soup(admin.get(f"/users/{anna}/assignment")).select_one("#assignment-result")
    assert text_of(result) == "Anna Nowak is inactive and can't sign in."
    page = soup(admin.get("/accounts"))
    assert [row["id"] for row in page.select("tbody.account:has(td.owner-inactive)")] == ["account-5"]
