"""The region of warnings, acknowledging them, the first steps, and the menu."""

import pytest

from sipweb.pbx.ami import AmiUnavailable
from sipweb.pbx.connection import PbxConnection
from sipweb.pbx.status import TrunkState
from sipweb.services import accounts, generations, pbx_status
from tests.builders import WHO, make_trunk, make_user
from tests.client import Client, partials, soup, text_of
from tests.servers import free_port

NO_TRUNK = "Emergency calls (112, 997, 998, 999) can't be placed: no trunk is configured."
PAGES = ("/users", "/routes", "/trunks", "/recordings", "/calls", "/generation", "/audit")
TRUNK = {"name": "Provider", "host": "sip.example.org", "port": "5060", "transport": "udp"}


def region(answer):
    """The region of warnings in a page or in an answer to htmx."""
    return soup(answer).select_one("#warnings")


def acknowledge(client, page="/trunks"):
    """Send the form of the first warning of a page."""
    form = region(client.get(page)).form
    fields = {field["name"]: field["value"] for field in form.select("input[type=hidden]")}
    return client.post(form["action"], **fields)


def test_each_administration_page_warns_in_a_region_of_its_own(admin):
    for url in PAGES:
        section = region(admin.get(url))
        assert (section.name, section["aria-label"]) == ("section", "Warnings")
        assert text_of(section) == f"{NO_TRUNK} Add a trunk Acknowledge", url
        assert section.a["href"] == "/trunks?add=1"
        assert section.find_parent(id="pending") is None
    for url in ("/account", "/agent"):
        assert region(admin.get(url)) is None, url


def test_each_warning_links_to_what_ends_it(admin, ctx):
    answer = admin.post("/trunks", htmx=True, **TRUNK, active="y")
    assert "can't be placed until the configuration is generated." in region(answer).text
    assert region(answer).a["href"] == "/generation"
    generations.generate(ctx, WHO)
    assert region(admin.get("/users")).has_attr("hidden")
    assert text_of(region(admin.get("/users"))) == ""
    admin.post("/trunks/1", **TRUNK, version="1")
    assert "After the configuration is generated, emergency calls (112" in region(admin.get("/generation")).text
    generations.generate(ctx, WHO)
    section = region(admin.get("/users"))
    assert "can't be placed: no trunk is active." in section.text
    assert section.a["href"] == "/trunks"


def test_unreachable_trunk_is_named_also_on_an_open_list_of_trunks(admin, ctx):
    make_trunk(ctx)
    generations.generate(ctx, WHO)
    poll = soup(admin.get("/trunks")).select_one("#poll")["hx-get"]
    pbx_status.write_status(ctx, {}, {1: TrunkState(reachable=False)})
    section = region(admin.get(poll, htmx=True))
    assert "can't be placed now: no trunk is reachable (Provider)." in section.text
    assert section.a["href"] == "/trunks"


def test_each_page_and_each_poll_tells_that_asterisk_does_not_answer(admin, ctx):
    pages = ("/accounts", "/users", "/trunks", "/generation")
    polls = [soup(admin.get(url)).select_one("#poll")["hx-get"] for url in pages]
    with pytest.raises(AmiUnavailable) as error, PbxConnection("ami", port=free_port()).open():
        pass
    pbx_status.write_problem(ctx, error.value)
    for answer in [admin.get(url) for url in ("/accounts", *PAGES)] + [admin.get(poll, htmx=True) for poll in polls]:
        text = text_of(region(answer).select_one("#pbx-problem"))
        assert text.startswith("Can't connect to Asterisk at 127.0.0.1:")
        assert text.endswith("Until Asterisk responds, registered phones, calls and differences are unknown.")
    pbx_status.write_status(ctx, {})
    assert region(admin.get("/users")).select_one("#pbx-problem") is None


def test_each_page_and_healthz_tell_that_sorcery_conf_lacks_lines(admin, ctx):
    poll = soup(admin.get("/users")).select_one("#poll")["hx-get"]
    pbx_status.write_status(ctx, {}, reads_leases=False)
    for answer in (admin.get("/accounts"), admin.get("/users"), admin.get(poll, htmx=True)):
        text = text_of(region(answer).select_one("#sorcery-warning"))
        assert text.startswith("sorcery.conf lacks sipweb's lines")
    assert [problem[:12] for problem in admin.get("/healthz").json["problems"]] == ["sorcery.conf"]
    pbx_status.write_status(ctx, {})
    assert region(admin.get("/users")).select_one("#sorcery-warning") is None


def test_acknowledged_warning_leaves_all_pages_and_stays_on_trunks_and_in_the_plan(app, admin):
    make_user("ewa", "Ewa Lis", "administrator")
    ewa = Client(app)
    ewa.login("ewa", "a long password")
    answer = acknowledge(ewa, "/trunks?add=1")
    assert (answer.status_code, answer.location) == (303, "/trunks?add=1")
    for url in PAGES:
        assert region(admin.get(url)).has_attr("hidden"), url
    for url in ("/trunks", "/generation"):
        line = soup(admin.get(url)).select_one("#acknowledged-warnings p")
        assert text_of(line) == f"{NO_TRUNK} Acknowledged by Ewa Lis, just now.", url
    entry = [cell.get_text(strip=True) for cell in soup(admin.get("/audit")).select("tbody tr:first-child td")]
    assert [entry[1], *entry[3:]] == ["Ewa Lis", "Warning acknowledged", "", "Emergency calls:no trunk is configured"]
    answer = admin.post("/trunks", htmx=True, **TRUNK, active="y")
    assert "until the configuration is generated" in region(answer).text
    assert len(partials(soup(answer), "#acknowledged-warnings")) == 1
    assert soup(admin.get("/trunks")).select_one("#acknowledged-warnings p") is None


def test_warning_that_changed_is_not_acknowledged(admin, ctx):
    answer = admin.post("/warnings/acknowledge", warning="of another time", next="/users")
    assert answer.status_code == 409
    assert "This warning no longer applies." in answer.text
    assert not region(admin.get("/users")).has_attr("hidden")
    assert admin.get("/warnings/acknowledge").status_code == 405


@pytest.mark.parametrize(
    ("action", "data"), [("/warnings/acknowledge", {"warning": "x"}), ("/first-steps/dismiss", {})]
)
def test_these_actions_lead_to_no_other_site(admin, action, data):
    answer = admin.post(action, **data, next="https://evil.example")
    assert answer.location in (None, "/")


def steps(answer):
    """The texts of the first steps; none when they are not shown."""
    section = soup(answer).select_one("#first-steps")
    return [text_of(item) for item in section.select("li")] if section else []


def test_fresh_system_shows_the_first_steps_in_place_of_the_warning(admin):
    page = admin.get("/accounts")
    section = soup(page).select_one("#first-steps")
    assert section["aria-label"] == "Getting started"
    assert steps(page) == ["Change your password ✓ done", "Add a trunk for outbound and emergency calls", "Add users"]
    assert [link["href"] for link in section.select("a")] == ["/trunks?add=1", "/users?add=1"]
    assert region(page).has_attr("hidden")
    assert steps(admin.get("/users")) == []
    admin.post("/language", language="pl")
    page = admin.get("/accounts")
    assert soup(page).select_one("#first-steps")["aria-label"] == "Pierwsze kroki"
    assert steps(page)[0] == "Zmień swoje hasło ✓ gotowe"


def test_first_steps_leave_when_they_are_done(admin, ctx):
    admin.post("/trunks", **TRUNK, active="y")
    page = admin.get("/accounts")
    assert steps(page)[1] == "Add a trunk for outbound and emergency calls ✓ done"
    assert "until the configuration is generated" in region(page).text  # no step says so
    make_user("anna", "Anna Nowak")
    page = admin.get("/accounts")
    assert steps(page) == []
    assert soup(page).select_one("#first-steps").has_attr("hidden")


def test_dismissed_first_steps_are_replaced_by_the_warning(admin):
    form = soup(admin.get("/accounts?show=free")).select_one("#first-steps form")
    answer = admin.post(form["action"], next=form.select_one("[name=next]")["value"])
    assert (answer.status_code, answer.location) == (303, "/accounts?show=free")
    page = admin.get("/accounts")
    assert steps(page) == []
    assert NO_TRUNK in region(page).text


def renewed(answer):
    """What stands above the page and an answer to htmx renews."""
    return [target for target in ("#pending", "#warnings", "#first-steps") if partials(soup(answer), target)]


def test_edit_of_an_account_renews_the_banner_and_the_next_poll_the_rest(admin):
    poll = soup(admin.get("/accounts")).select_one("#poll")["hx-get"]
    assert renewed(admin.post("/accounts/3/recording", htmx=True, value="on", version="1")) == ["#pending"]
    answer = admin.get(poll, htmx=True)
    assert renewed(answer) == ["#pending", "#warnings", "#first-steps"]
    assert len(steps(answer)) == 3


def test_acknowledged_warning_leaves_an_open_page_with_a_message(admin):
    form = region(admin.get("/routes")).form
    fields = {field["name"]: field["value"] for field in form.select("input[type=hidden]")}
    answer = admin.post(form["hx-post"], htmx=True, **fields)
    assert region(answer).has_attr("hidden")
    [message] = partials(soup(answer), "#announce")
    assert "Warning acknowledged." in message.text


def test_dismissed_first_steps_leave_an_open_list_of_accounts(admin):
    answer = admin.post("/first-steps/dismiss", htmx=True)
    assert steps(answer) == []
    assert NO_TRUNK in region(answer).text


@pytest.mark.parametrize("url", [*PAGES, "/accounts/1/delete", "/generation/1"])
def test_open_page_asks_for_what_others_change(admin, ctx, url):
    [poll] = soup(admin.get(url)).select("[data-background]")
    assert admin.get(poll["hx-get"], htmx=True).status_code == 204
    accounts.set_flag(ctx, WHO, 3, 1, name="recording", value=True)
    answer = admin.get(poll["hx-get"], htmx=True)
    assert "1 pending change" in soup(answer).select_one("#pending").text
    poll = soup(answer).select_one("#poll")["hx-get"]
    assert admin.get(poll, htmx=True).status_code == 204
    acknowledge(admin)
    assert region(admin.get(poll, htmx=True)).has_attr("hidden")


def test_new_session_renews_the_tokens_of_an_open_page(admin):
    poll = soup(admin.get("/users")).select_one("#poll")["hx-get"]
    admin.post("/logout")
    admin.login()
    assert partials(soup(admin.get(poll, htmx=True)), "[name=csrf_token]")


def test_page_with_the_plan_has_no_banner(admin, ctx):
    accounts.set_flag(ctx, WHO, 3, 1, name="recording", value=True)
    banner = soup(admin.get("/generation")).select_one("#pending")
    assert banner.has_attr("hidden")
    assert text_of(banner) == ""
    assert not soup(admin.get("/users")).select_one("#pending").has_attr("hidden")


def test_menu_names_what_the_user_can_do_with_the_own_account(admin):
    group = soup(admin.get("/accounts")).select_one(".menu [role=group]")
    assert group["aria-label"] == "Your account"
    assert text_of(group) == "Administrator Change password Agent workspace Polski Sign out"
    assert soup(admin.get("/account")).select_one(".menu [aria-current]").get_text() == "Change password"
