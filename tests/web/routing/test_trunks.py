"""The list of trunks: add, change, delete, their status; passwords appear nowhere."""

from dataclasses import replace

import pytest
from bs4 import BeautifulSoup

from sipweb.db import db
from sipweb.models import Trunk
from sipweb.pbx.status import TrunkState
from sipweb.services import audit, generations, pbx_status
from sipweb.services.state import current_state
from sipweb.services.state_records import StateCache
from tests.client import partials, soup
from tests.web.routing.conftest import SECRET, TRUNK, WHO


def test_added_trunk_and_routes_are_pending_then_generated(admin, outbound_routing, ctx):
    assert len(current_state(ctx).plan.routing) == 3
    entries = [" ".join(entry.text.split()) for entry in soup(admin.get("/generation")).select(".plan > div")]
    assert "3 trunk and routing changes" in admin.get("/accounts").text
    assert "added Provider · Host sip.example.org · Port 5060 · Transport udp · User us" in entries[0]
    assert "added Warsaw · Dial pattern 22[0-9]{7} · Minimum level 10 · Trunk Provider · Prepend +48" in entries[1]
    assert ["Administrator, " in entry for entry in entries] == [True] * 3
    assert generations.generate(ctx, WHO).state == "written"
    assert len(current_state(ctx).plan) == 0


def test_added_trunk_is_shown_at_the_end_with_the_focus(admin, outbound_routing):
    answer = admin.post("/trunks", htmx=True, **TRUNK | {"name": "Second", "active": ""})
    assert answer.headers["HX-Retarget"] == "#add"
    added = soup(answer).select_one("hx-partial[hx-target='.grid'][hx-swap=beforeend]")
    assert added is not None
    assert soup(admin.get("/trunks/2/row", htmx=True)).select_one("#trunk-2")["class"] == ["trunk", "inactive"]
    assert 'id="edit-link-2"' in answer.text
    cells = [cell.get_text(strip=True) for cell in soup(admin.get("/trunks")).select("#trunk-2 :is(th, td)")]
    assert cells == ["Second", "sip.example.org", "5060", "UDP", "us", "", "Inactive", "no", "Edit"]


def test_narrow_screen_labels_the_cells_that_are_not_empty(admin, outbound_routing):
    labels = [cell["data-label"] for cell in soup(admin.get("/trunks")).select("#trunk-1 td[data-label]")]
    assert labels == ["Port", "User", "Caller ID", "Active"]


def test_trunk_password_is_never_shown_and_an_empty_one_keeps_it(admin, outbound_routing, ctx):
    admin.post("/trunks/1", **{**TRUNK, "secret": ""}, version="1")
    row = db.session.scalar(db.select(Trunk))
    assert ctx.cipher.decrypt(row.secret) == SECRET
    generations.generate(ctx, WHO)
    pages = ("/trunks", "/trunks?edit=1", "/generation", "/generation/2", "/audit")
    assert all(SECRET not in admin.get(url).text for url in pages)
    assert SECRET not in str(audit.entries())
    assert soup(admin.get("/trunks/1/edit", htmx=True)).select_one("#edit-1-secret")["placeholder"] == "Unchanged"


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("name", ""), ("name", "Provider"), ("host", "a b"), ("host", "x;y"), ("port", "0"), ("port", "65536"),
        ("transport", "ws"), ("user", 'a"b'), ("caller", "12a"), ("secret", "ends with \\"), ("secret", "half\\;"),
        ("secret", "ż"), ("secret", "x" * 65), ("realm", "a b"), ("version", "x"),
        ("from_user", "a b"), ("from_domain", "x;y"), ("dtmf", "morse"),
    ],
)  # fmt: skip
def test_invalid_values_are_field_errors_and_keep_what_is_typed(admin, outbound_routing, field, text):
    values = TRUNK | {"name": "Other"} | {field: text}
    for htmx in (True, False):
        answer = admin.post("/trunks", htmx=htmx, **values)
        assert answer.status_code == 422
        page = soup(answer)
        assert page.select_one(f"#add-form-{field}-error.err")
        kept = "name" if field == "host" else "host"
        assert page.select_one(f"#add-form-{kept}")["value"] == values[kept]


@pytest.mark.parametrize("caller", ["+", "48 22", "a"])
def test_caller_number_accepts_only_digits(admin, caller):
    error = soup(admin.post("/trunks", **TRUNK | {"caller": caller})).select_one("#add-form-caller-error")
    assert "Use only digits, * and #" in error.get_text()


def test_conflicting_edits_of_one_trunk_show_both_values(admin, outbound_routing):
    admin.post("/trunks/1", **TRUNK | {"port": "5070", "realm": "example"}, version="1")
    answer = admin.post("/trunks/1", htmx=True, **TRUNK | {"port": "5080", "realm": ""}, version="1")
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (409, "#trunk-1")
    saved = [line.get_text() for line in soup(answer).select(".saved-value")]
    assert saved == ["Port: now saved as 5070", "Realm: now saved as example"]
    assert "Last change: Administrator, " in soup(answer).select_one("tbody.edit .err").get_text()
    assert soup(answer).select_one("#edit-1-port")["value"] == "5080"
    assert admin.post("/trunks/1", htmx=True, **TRUNK | {"port": "5080"}, version="2").status_code == 200


def test_only_the_transports_of_the_local_asterisk_are_offered(admin, app, outbound_routing):
    def transports(url):
        return {
            option["value"]: option.has_attr("selected")
            for option in soup(admin.get(url, htmx=True)).select("[name=transport] option")
        }

    app.config["SETTINGS"] = replace(app.config["SETTINGS"], pbx="local", sip_transports=("udp", "tls"))
    for url in ("/trunks/new", "/trunks/1/edit"):
        assert [*transports(url)] == ["udp", "tls"]
    answer = admin.post("/trunks/1", htmx=True, **TRUNK | {"transport": "tcp"}, version="1")
    assert answer.status_code == 422
    error = soup(answer).select_one("#edit-1-transport-error").get_text()
    assert "The PBX supports only: UDP, TLS." in error
    assert admin.post("/trunks/1", htmx=True, **TRUNK | {"transport": "tls"}, version="1").status_code == 200
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], sip_transports=("udp",))
    assert [*transports("/trunks/new")] == ["udp"]
    assert transports("/trunks/1/edit") == {"udp": False, "tls": True}  # the trunk's own one is offered too


def status_of(answer):
    """The class and the text of the first trunk's status, in a page or in the answer to a poll."""
    cell = BeautifulSoup(answer.text, "html.parser").select_one("#status-1")  # html5lib drops a cell outside of a table
    return cell["class"][0], cell.get_text(strip=True)


def poll_address(answer):
    """The address that the page polls next."""
    return soup(answer).select_one("#poll")["hx-get"]


def test_trunk_status_is_shown_and_refreshed(admin, outbound_routing, ctx):
    page = admin.get("/trunks")
    assert status_of(page) == ("not-live", "Not live yet")
    poll = poll_address(page)
    assert poll.startswith("/trunks/status?seen=")
    assert admin.get(poll, htmx=True).status_code == 204
    generations.generate(ctx, WHO)
    answer = admin.get(poll, htmx=True)
    assert status_of(answer) == ("not-in-use", "Unknown")
    assert len(partials(soup(answer), "#status-1")) == 1
    for reported, shown in (
        (TrunkState("Registered", True), ("registered", "Reachable, registered")),
        (TrunkState("Rejected", True), ("down", "Reachable, registration refused")),
        (TrunkState("", False), ("down", "Unreachable")),
    ):
        pbx_status.write_status(ctx, {}, {1: reported})
        answer = admin.get(poll_address(answer), htmx=True)
        assert status_of(answer) == shown
    admin.post("/trunks/1", **{**TRUNK, "active": ""}, version="1")
    assert status_of(admin.get("/trunks")) == shown  # as long as the PBX runs it
    generations.generate(ctx, WHO)
    assert status_of(admin.get("/trunks")) == ("inactive", "Inactive")
    assert admin.get("/trunks/status").location == "/trunks"


def test_trunk_in_use_is_kept_and_deletion_is_confirmed(admin, outbound_routing):
    page = soup(admin.get("/trunks/1/delete"))
    assert page.select_one("h1").get_text() == "Delete Provider?"
    assert page.select_one("main form a.button")["href"] == "/trunks#trunk-1"
    answer = admin.post("/trunks/1/delete")
    assert answer.status_code == 409
    assert "Can't delete Provider: it is used by Warsaw, Abroad." in soup(answer).get_text()
    for route in ("1", "2"):
        assert admin.post(f"/routes/{route}/delete").status_code == 303
    answer = admin.post("/trunks/1/delete")
    assert (answer.status_code, answer.location) == (303, "/trunks")
    assert soup(admin.get("/trunks")).select("#announce p")[-1].get_text() == "Provider deleted."
    assert admin.get("/trunks/1/delete").status_code == 404


def test_requests_without_htmx_get_pages(admin, outbound_routing):
    assert admin.get("/trunks/1/edit").location == "/trunks?edit=1#trunk-1"
    assert admin.get("/trunks/1/row").location == "/trunks#trunk-1"
    assert admin.get("/trunks/new").location == "/trunks?add=1"
    assert admin.get("/trunks/new/cancel").location == "/trunks"
    assert admin.get("/trunks/1/row", htmx=True).status_code == 200
    assert admin.get("/trunks?edit=9").status_code == 200


def test_empty_list_offers_to_add_the_first_trunk(admin):
    [link] = soup(admin.get("/trunks")).select("#empty a")
    assert (link.text, link["href"], link["hx-get"]) == ("Add your first trunk", "/trunks?add=1", "/trunks/new")
    assert soup(admin.get("/trunks?add=1")).select_one("#empty") is None


def test_trunk_keeps_what_its_provider_wants_to_see(admin, outbound_routing, ctx):
    wanted = {"from_user": "customer", "from_domain": "sip.example.com", "send_pai": "y", "dtmf": "info"}
    assert admin.post("/trunks/1", **TRUNK | wanted, version="1").status_code == 303
    page = soup(admin.get("/trunks/1/edit", htmx=True))
    assert [page.select_one(f"#edit-1-{name}")["value"] for name in ("from_user", "from_domain")] == [
        "customer", "sip.example.com",
    ]  # fmt: skip
    assert page.select_one("#edit-1-dtmf option[selected]")["value"] == "info"
    assert page.select_one("[name=send_pai]").has_attr("checked")
    generations.generate(ctx, WHO)
    admin.post("/trunks/1", **TRUNK | {"from_user": "", "from_domain": "", "dtmf": "auto"}, version="2")
    plan = " ".join(soup(admin.get("/generation")).select_one(".plan").get_text().split())
    for change in (
        "From user customer →",
        "Send P-Asserted-Identity yes → no",
        "DTMF SIP INFO → auto (RFC 4733 or in-band)",
    ):
        assert change in plan
    assert admin.post("/trunks/1/discard", seen="999").status_code == 303
    assert len(current_state(ctx).plan) == 0


def test_trunk_without_a_caller_id_is_warned_about(admin, outbound_routing, app, ctx):
    def warnings():
        cell = soup(admin.get("/trunks")).select_one("#trunk-1 [data-label='Caller ID']")
        plan = soup(admin.get("/generation")).select_one(".impact")
        sentence = "Without a caller ID, Provider will show providers the internal numbers of accounts."
        return cell.get_text(strip=True) if cell else "", sentence in plan.get_text()

    assert warnings() == ("internal numbers", True)
    for version, values in enumerate(({"caller": "48221"}, {"from_user": "us"}), 1):
        admin.post("/trunks/1", **TRUNK | {"caller": "", "from_user": ""} | values, version=str(version))
        assert warnings() == (values.get("caller", ""), False)
    admin.post("/trunks/1", **TRUNK | {"caller": "", "from_user": ""}, version="3")
    settings = replace(ctx.pbx_settings, fallback_caller_id="48222")
    app.extensions["sipweb"] = replace(ctx, pbx_settings=settings, cache=StateCache())
    assert warnings() == ("48222", False)
