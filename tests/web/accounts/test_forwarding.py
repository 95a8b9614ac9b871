"""Call forwarding in the form and in the row of an account."""

import pytest

from sipweb.services import generations
from sipweb.services.state import current_state
from tests.builders import WHO, edit_account, make_account, make_route, make_trunk
from tests.client import soup, text_of

ROW = {"number": "200", "phone": "other", "active": "y", "level": "10", "max_contacts": "1", "pickup_group": "0"}


@pytest.fixture
def routes(ctx):
    trunk = make_trunk(ctx)
    make_route(trunk, pattern="22.*", level=10)
    make_route(trunk, name="Abroad", pattern="00.*", level=50)


def save(admin, **values):
    return admin.post("/accounts/1", htmx=True, **ROW | {"version": "1"} | values)


def shown(page, selector):
    return [text_of(element) for element in page.select(f"#account-1 {selector}")]


def test_forwarding_is_saved_shown_and_pending(admin, ctx, routes):
    edit_account(ctx, 1, phone="other")
    generations.generate(ctx, WHO)
    assert shown(soup(admin.get("/accounts")), "small.forwarding") == []
    save(admin, version="2", forward_always=" (22) 123-45 67", forward_busy="201", forward_no_answer="2 0 2")
    account = current_state(ctx).account(1)
    assert (account.forward_always, account.forward_busy, account.forward_no_answer) == ("221234567", "201", "202")
    page = soup(admin.get("/accounts?edit=2"))
    assert shown(page, "small.forwarding") == ["forwards always: 221234567 · when busy: 201 · no answer: 202"]
    assert shown(page, ".live-value") == [
        "now: always: –",
        "now: when busy: –",
        "now: no answer: –",
    ]
    assert soup(admin.get("/accounts?edit=1")).select_one(".more").has_attr("open")
    plan = " ".join(soup(admin.get("/generation")).select_one(".plan").get_text().split())
    assert "Forward always → 221234567" in plan
    assert "Forward when no answer → 202" in plan
    save(admin, version="3", forward_always="", forward_busy="", forward_no_answer="")
    assert shown(soup(admin.get("/accounts")), ".live-value") == []


@pytest.mark.parametrize(
    ("number", "message"),
    [
        ("200", "An account can't forward calls to its own number."),
        ("1 1-2", "Calls can't be forwarded to an emergency number."),
        ("*43", "Calls can't be forwarded to a feature code."),
        ("*67 22", "Calls can't be forwarded to a feature code."),
        ("22 12a", "Enter a phone number of up to 32 digits, * or #, or nothing."),
        ("Local/112@sipweb-internal", "Enter a phone number of up to 32 digits, * or #, or nothing."),
        ("1" * 33, "Enter a phone number of up to 32 digits, * or #, or nothing."),
    ],
)
@pytest.mark.parametrize("name", ["forward_always", "forward_busy", "forward_no_answer"])
def test_a_refused_target_stays_in_its_field(admin, ctx, name, number, message):
    answer = save(admin, **{name: number})
    assert answer.status_code == 422
    page = soup(answer)
    assert text_of(page.select_one(".err")).endswith(f": {message}")
    field = page.select_one(f"#edit-1-{name}")
    assert field["value"] == number
    assert field["aria-invalid"] == "true"
    assert page.select_one(".more").has_attr("open")
    assert current_state(ctx).account(1).version == 1


@pytest.mark.parametrize(
    ("target", "warning"),
    [
        ("0044123", "Forwarding: level 10 doesn't allow 0044123."),
        ("98765", "Forwarding: no account or rule for 98765."),
        ("300", "Forwarding: account 300 is inactive."),
        ("22123", ""),
        ("201", ""),
    ],
)
def test_row_and_form_warn_of_a_target_that_is_refused(admin, ctx, routes, target, warning):
    make_account(ctx, 300, active=False)
    answer = save(admin, forward_busy=target)
    assert answer.status_code == 200
    assert (warning in answer.text.replace("&#39;", "'")) is True
    expected = [warning] if warning else []
    assert shown(soup(admin.get("/accounts")), "small.warn") == expected
    form = soup(admin.get("/accounts/1/edit", htmx=True))
    assert [text_of(one) for one in form.select("p.warn")] == expected
    edit_account(ctx, 1, active=False)
    assert shown(soup(admin.get("/accounts")), "small.warn") == []


def test_warning_follows_the_rules_in_an_open_page(admin, ctx, routes):
    save(admin, forward_always="0044123")
    page = soup(admin.get("/accounts"))
    address = page.select_one("[hx-get^='/accounts/updates']")["hx-get"]
    admin.post("/routes/2", name="Abroad", pattern="00.*", level="5", trunk_id="1", strip_digits="0", active="y",
               version="1")  # fmt: skip
    updates = admin.get(address, htmx=True).text
    assert "account-1" in updates
    assert "doesn" not in updates


def test_dial_test_tells_about_forwarding(admin, ctx, routes):
    make_account(ctx, 300, phone="other", level=10, forward_busy="0044123", forward_no_answer="301")
    make_account(ctx, 301, phone="other", level=10, forward_always="22123")
    generations.generate(ctx, WHO)

    def verdict(number):
        answer = admin.get("/routes/dial-test", htmx=True, query_string={"account": "200", "number": number})
        return " ".join(soup(answer).get_text().split())

    text = verdict("300")
    assert "Allowed. 300 is an internal number" in text
    assert "When busy, 300 forwards calls to 0044123. Not allowed. Account 300 has permission level 10, but" in text
    assert "When nobody answers, 300 forwards calls to 301. 301 is an internal number" in text
    assert "301 forwards all calls to 22123. Account 301 has permission level 10. Rule Warsaw" in text
    assert "After the configuration is generated" not in text
    edit_account(ctx, current_state(ctx).accounts[-1].id, level=9)
    now, after = verdict("301").split("After the configuration is generated:")
    assert "Allowed. 301 is an internal number" in now
    assert "Not allowed. 301 is an internal number" in after
    assert "301 forwards all calls to 22123. Not allowed. Account 301 has permission level 9, but" in after


def test_added_account_shows_its_forwarding_in_the_plan(admin, ctx):
    generations.generate(ctx, WHO)
    make_account(ctx, 300, forward_busy="201")
    assert "Forward when busy 201" in " ".join(soup(admin.get("/generation")).select_one(".plan").get_text().split())
