"""What the pages, the monitoring and the commands show of several PBX hosts."""

from dataclasses import fields, replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import event

from sipweb.config import Settings
from sipweb.core.snapshot import HostAddress
from sipweb.db import db, transaction
from sipweb.models import Drift, Generation, HostReport
from sipweb.pbx.connection import PbxConnection
from sipweb.pbx.status import Contact, TrunkState
from sipweb.pbx.verification import Difference
from sipweb.services import context, drift, generations, hosts, pbx_status
from sipweb.services.context import SessionLimits, utc_now
from sipweb.services.host_views import host_summaries
from sipweb.services.state import current_state
from sipweb.services.state_records import PbxStatus
from sipweb.services.status_text import from_lines, to_text
from sipweb.version import VERSION
from tests.builders import WHO, audit_entries, edit_account, make_host, make_trunk
from tests.client import partials, soup, text_of
from tests.conftest import on_both_databases
from tests.web.test_metrics import figures

on_postgresql = pytest.mark.parametrize("database", ["postgresql"], indirect=True)
OLD = {"generation": 0, "digest": "0123456789abcdef"}


@pytest.fixture
def status(ctx):
    """Return what a monitor stores of two phones and a call, as text."""
    pbx_status.write_status(ctx, {200: Contact("192.0.2.7"), 201: Contact("192.0.2.8")}, calls=1)
    path = ctx.runtime_dir / "registered.json"
    text = path.read_text()
    path.unlink()
    return text


def rows(answer):
    """The table of the hosts: name → cells after it."""
    found = soup(answer).select("#hosts tbody tr")
    return {text_of(row.th): [text_of(cell) for cell in row.select("td")] for row in found}


def states(admin):
    return {name: cells[0] for name, cells in rows(admin.get("/generation")).items()}


def warning(answer):
    """What the warnings say of hosts."""
    found = soup(answer).select_one("#host-warning")
    return found and text_of(found)


@on_both_databases
def test_one_host_is_not_shown(admin, ctx, database):
    if database == "postgresql":
        make_host(ctx, "pbx", seen=60)
    page = admin.get("/generation")
    assert soup(page).select_one("#hosts") is None
    assert "PBX host" not in page.text
    assert warning(admin.get("/users")) is None
    assert "hosts" not in admin.get("/healthz").json
    assert not any(name.startswith("sipweb_host") for name, *_ in figures(admin.get("/metrics")))
    assert admin.get("/generation/hosts/other/remove").status_code == 404


def test_sqlite_is_not_asked_for_hosts(admin):
    statements = []
    event.listen(db.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    for url in ("/generation", "/generation/1", "/users", "/healthz", "/metrics"):
        admin.get(url)
    assert statements
    assert not any("host.name" in statement or "FROM host_report" in statement for statement in statements)


@on_postgresql
def test_table_has_what_each_host_runs_and_reports(admin, ctx, status):
    stamp = from_lines(status.split("\n")).stamp
    make_host(ctx, "pbx", stamp=stamp, status=status)
    make_host(ctx, "pbx-2", seen=60, sip_host="2001:db8::2", sip_port=5061, sip_transport="tls", version="0.1")
    page = admin.get("/generation")
    assert "Each one should run configuration version 1." in text_of(soup(page).select_one("#hosts"))
    found = rows(page)
    assert found["pbx"] == ["runs it", "1", "2", "1", "192.0.2.1:5060/udp", VERSION, ""]
    away, *others = found["pbx-2"]
    assert away.startswith("away since ")
    assert others == ["1", "–", "–", "[2001:db8::2]:5061/tls", "0.1", "Remove pbx-2"]
    assert soup(page).select_one("#remove-pbx-2")["href"] == "/generation/hosts/pbx-2/remove"


@on_postgresql
def test_states_and_the_warning_on_all_pages(admin, ctx):
    edit_account(ctx, 1, level=50)
    generations.generate(ctx, WHO)
    make_host(ctx, "a")
    make_host(ctx, "b", started=2, **OLD)
    assert states(admin) == {"a": "runs it", "b": "catching up"}
    assert warning(admin.get("/users")) is None
    with transaction() as session:  # the generation is a minute old
        session.get_one(Generation, 2).finished_at -= timedelta(seconds=60)
    assert states(admin)["b"] == "catching up"  # it has just started
    make_host(ctx, "c", **OLD)
    make_host(
        ctx, "d", problem={"message": "Couldn't write the files: %(why)s.", "values": {"why": "disk full"}}, **OLD
    )
    make_host(ctx, "e", problem={"asterisk_down": True, "message": "x", "values": {}})
    make_host(ctx, "f", seen=11)
    found = states(admin)
    assert found["c"].startswith("catching up since ")
    assert found["d"] == "differs: Couldn't write the files: disk full"
    assert found["e"] == "Asterisk doesn't respond"
    assert found["f"].startswith("away since ")
    sentence = f"Not all PBX hosts run configuration version 2: {', '.join(f'{n} ({found[n]})' for n in 'cdef')}."
    for url in ("/accounts", "/users", "/generation", "/audit"):
        assert warning(admin.get(url)) == f"{sentence} View PBX hosts"
    running(ctx)
    assert states(admin)["c"] == "catching up"  # some hosts are ahead while a generation is running


@on_postgresql
def test_clock_of_the_web_server_makes_no_host_late(admin, ctx, monkeypatch):
    class Ahead(datetime):
        @classmethod
        def now(cls, tz=None):
            return super().now(tz) + timedelta(seconds=20)

    edit_account(ctx, 1, level=50)
    generations.generate(ctx, WHO)
    make_host(ctx, "a")
    make_host(ctx, "b", **OLD)
    monkeypatch.setattr(context, "datetime", Ahead)
    assert states(admin) == {"a": "runs it", "b": "catching up"}


def running(ctx):
    """Begin a generation that does not end."""
    with transaction() as session:
        row = Generation(number=3, state="running", started_at=utc_now(), created_by="x", steps=[], differences=[])
        row.digest, row.snapshot = "x", current_state(ctx).live.to_json()
        session.add(row)


@on_postgresql
def test_open_page_renews_only_the_table_when_only_the_hosts_changed(admin, ctx, status):
    make_host(ctx, "a")
    make_host(ctx, "b")
    poll = soup(admin.get("/generation")).select_one("#poll")["hx-get"]
    assert admin.get(poll, htmx=True).status_code == 204
    with transaction(bump_revision=False) as session:
        session.execute(db.text("UPDATE host SET status = :text, seen_at = seen_at + interval '1 s'"), {"text": status})
    answer = admin.get(poll, htmx=True)
    assert [one["hx-target"] for one in soup(answer).select("hx-partial")] == ["#hosts"]
    assert rows(answer)["b"][2:4] == ["2", "1"]
    poll = soup(answer).select_one("#poll")["hx-get"]
    assert admin.get(poll, htmx=True).status_code == 204
    with transaction(bump_revision=False) as session:
        session.execute(db.text("UPDATE host SET seen_at = seen_at - interval '1 min' WHERE name = 'b'"))
    answer = admin.get(poll, htmx=True)
    assert warning(answer).startswith("Not all PBX hosts run configuration version 1: b (away since ")
    assert len(partials(soup(answer), "#plan-and-history")) == 1


@on_postgresql
def test_host_with_other_settings_is_named(admin, app, ctx):
    make_host(ctx, "a", settings={"CODECS": ["alaw"], "SIP_REALM": "sipweb", "NEW": 1})
    make_host(ctx, "b", settings={"CODECS": ["alaw"], "SIP_REALM": "sipweb"})  # of an earlier version
    page = admin.get("/users")
    assert warning(page) is None
    poll = soup(admin.get("/generation")).select_one("#poll")["hx-get"]
    assert admin.get(poll, htmx=True).status_code == 204
    make_host(ctx, "c", settings={"CODECS": ["ulaw"], "SIP_REALM": "pbx"})
    assert "other settings than" in admin.get(poll, htmx=True).text
    shown = "other settings than a: CODECS, SIP_REALM"
    assert states(admin) == {"a": "runs it", "b": "runs it", "c": f"runs it {shown}"}
    assert warning(admin.get("/users")) == (
        "PBX hosts with other settings than a: c (CODECS, SIP_REALM). They should be the same on all hosts."
        " View PBX hosts"
    )
    assert admin.get("/healthz").json["problems"] == ["PBX host c has other settings than a: CODECS, SIP_REALM."]
    result = app.test_cli_runner().invoke(args=["hosts"])
    assert (result.exit_code, result.output.splitlines()[2].endswith(f"runs it; {shown}")) == (1, True)


@on_postgresql
def test_hosts_store_their_settings_when_they_start(admin, ctx, tmp_path):
    settings = replace(ctx.pbx_settings, codecs=("ulaw",), realm="pbx", phone_networks=("192.0.2.0/24",))
    server = replace(ctx, host="zurich", pbx_settings=settings, runtime_dir=tmp_path, recordings_dir=tmp_path)
    for one in (ctx, server):
        hosts.join(one)
    found = host_summaries(ctx, current_state(ctx))
    assert [one.other_settings for one in found] == [(), ("CODECS", "PHONE_NETWORKS", "SIP_REALM")]
    assert {*found[0].view.settings} <= {one.name.upper() for one in fields(Settings)}
    hosts.join(replace(server, pbx_settings=ctx.pbx_settings, call_days=0, session_limits=SessionLimits(timedelta(1))))
    found = host_summaries(ctx, current_state(ctx))
    assert [one.other_settings for one in found] == [(), ("CALL_DAYS", "SESSION_IDLE")]
    hosts.join(replace(server, pbx_settings=ctx.pbx_settings))
    assert [one.other_settings for one in host_summaries(ctx, current_state(ctx))] == [(), ()]


@on_postgresql
def test_trunk_that_fails_at_one_host_only_names_it(admin, ctx):
    trunk_id = make_trunk(ctx)
    generations.generate(ctx, WHO)
    for host, state, shown in (
        ("b", TrunkState("Rejected", reachable=True), "Reachable, registration refused (b)"),
        ("c", TrunkState(reachable=False), "Unreachable (b, c)"),
    ):
        status = to_text(PbxStatus(stamp=1, trunks={trunk_id: state}))
        make_host(ctx, host, stamp=1, status=status)
        pbx_status.write_status(ctx, {}, {trunk_id: TrunkState("Registered", reachable=True)})
        assert text_of(soup(admin.get("/trunks")).select_one(f"#status-{trunk_id}")) == shown
    pbx_status.write_status(ctx, {}, {trunk_id: TrunkState(reachable=False)})
    assert text_of(soup(admin.get("/trunks")).select_one(f"#status-{trunk_id}")) == "Unreachable"


@on_postgresql
def test_differences_name_their_host(admin, ctx):
    make_host(ctx, "a")
    make_host(ctx, "b")
    for host, found in (("a", []), ("b", [Difference("203", "level", "10", "50")])):
        drift.store_drift(replace(ctx, host=host), found)
    page = soup(admin.get("/generation"))
    assert rows(admin.get("/generation"))["b"][0] == "differs: 1 difference"
    assert [text_of(cell) for cell in page.select(".differences tbody tr > *")][:3] == ["b", "203", "Permission level"]
    region = soup(admin.get("/users")).select_one("#warnings")
    assert "b: Asterisk is not running configuration version 1: 1 difference. View differences" in text_of(region)
    assert region.select_one("#host-warning") is None
    assert "“Check now” compares PBX host pbx only." in text_of(page)


@on_postgresql
def test_server_without_a_pbx_shows_even_a_single_host_and_no_buttons_of_its_own(admin, app, ctx):
    make_host(ctx, "a", seen=60)
    app.extensions["sipweb"] = replace(ctx, pbx=PbxConnection("none"))
    page = soup(admin.get("/generation"))
    assert list(rows(admin.get("/generation"))) == ["a"]
    assert page.select("#check, #apply") == []


@on_postgresql
def test_page_of_a_generation_shows_what_became_of_it_on_each_host(admin, ctx):
    make_host(ctx, "a")
    make_host(ctx, "b")
    with transaction() as session:
        row = Generation(number=2, state="refused", started_at=utc_now(), created_by="x", steps=[], differences=[])
        row.digest, row.snapshot, row.previous_number = "x", current_state(ctx).live.to_json(), 1
        session.add(row)
        session.flush()
        session.add(HostReport(number=2, host="a", state="verified", reported_at=utc_now()))
        outcome = {"message": "Couldn't write the files: %(why)s.", "values": {"why": "disk full"}, "back": "back"}
        row.outcome = {**outcome, "host": "b"}
        session.add(HostReport(number=2, host="b", state="refused", reported_at=utc_now(), outcome=outcome))
    found = soup(admin.get("/generation/2")).select(".host-reports tbody tr")
    cells = [[text_of(cell) for cell in row.select("th, td") if not cell.time] for row in found]
    refusal = "Couldn't write the files: disk full. The previous version has been restored."
    assert cells == [["a", "verified", ""], ["b", "failed", refusal]]
    assert text_of(soup(admin.get("/generation")).select_one("#outcome .warn")) == f"b: {refusal}"


@on_postgresql
def test_host_that_is_away_is_removed_after_a_question(admin, ctx):
    make_host(ctx, "a")
    make_host(ctx, "b", seen=60)
    with transaction() as session:
        session.add(Drift(host="b", name="x", field="file", first_seen_at=utc_now()))
    runs = admin.get("/generation/hosts/a/remove")
    assert "This PBX host is running. To remove it, stop sipweb there first." in runs.text
    assert soup(runs).select_one("#remove") is None
    refused = admin.post("/generation/hosts/a/remove")
    assert (refused.status_code, "The PBX host a still runs." in refused.text) == (409, True)
    assert soup(admin.get("/generation/hosts/b/remove")).h1.text == "Remove PBX host b?"
    answer = admin.post("/generation/hosts/b/remove")
    assert (answer.status_code, answer.location) == (303, "/generation")
    page = admin.get("/generation")
    assert "PBX host b removed. Generate the configuration so that the others forget it." in page.text
    assert soup(page).select_one("#hosts") is None
    assert [entry.subject for entry in audit_entries("host.remove")] == ["b"]
    assert "PBX host removed" in soup(admin.get("/audit")).select_one("tbody tr").text
    assert admin.post("/generation/hosts/b/remove").status_code == 404


def test_hosts_that_join_are_readable_in_the_plan(admin, app, ctx):
    hosts = (HostAddress("pbx-1", "192.0.2.1", 5060), HostAddress("pbx-2", "2001:db8::2", 5061, "tls"))
    app.extensions["sipweb"] = replace(ctx, pbx_settings=replace(ctx.pbx_settings, hosts=hosts))
    ctx.cache.clear()
    plan = text_of(soup(admin.get("/generation")).select_one(".plan"))
    assert plan == "Settings changed PBX hosts only one → pbx-1 (192.0.2.1:5060/udp), pbx-2 ([2001:db8::2]:5061/tls)"
    result = app.test_cli_runner().invoke(args=["plan"])
    assert "pbx-1 (192.0.2.1:5060/udp), pbx-2 ([2001:db8::2]:5061/tls)" in result.output


@on_postgresql
def test_healthz_and_metrics_report_each_host(admin, ctx, status):
    make_host(ctx, "a", stamp=1, status=status)
    make_host(ctx, "b", problem={"asterisk_down": True, "message": "x", "values": {}})
    make_host(ctx, "c", seen=60)
    drift.store_drift(replace(ctx, host="a"), [Difference("203", "level", "10", "50")])
    health = admin.get("/healthz").json
    assert health["hosts"] == {
        "a": {"present": True, "generation": 1, "asterisk": "ok", "drift": 1},
        "b": {"present": True, "generation": 1, "asterisk": "down", "drift": None},
        "c": {"present": False, "generation": 1, "asterisk": None, "drift": None},
    }
    first, second, third = health["problems"]
    assert first == "PBX host a differs from the live configuration: 1 differences."
    assert second == "Asterisk doesn't answer on PBX host b."
    assert third.startswith("PBX host c is away since 20")
    found = {key: value for key, value in figures(admin.get("/metrics")).items() if key[0].startswith("sipweb_host_")}
    expected = {"up": (1, 1, 0), "asterisk_up": (1, 0, 0), "generation": (1, 1, 1), "drift": (1, 0, 0)}
    assert found == {
        **{(f"sipweb_host_{name}", host): value for name, values in expected.items()
           for host, value in zip("abc", values, strict=True)},
        ("sipweb_host_registered_phones", "a"): 2, ("sipweb_host_calls", "a"): 1,
    }  # fmt: skip


@on_both_databases
def test_commands_list_and_remove_hosts(app, ctx, database):
    run = app.test_cli_runner().invoke
    assert run(args=["hosts"]).output == "There is only one PBX host.\n"
    assert run(args=["remove-host", "b"]).stderr == "There is no PBX host b.\n"
    if database == "sqlite":
        return
    make_host(ctx, "a")
    make_host(ctx, "b")
    line = f"192.0.2.1:5060/udp  version 1  sipweb {VERSION}"
    result = run(args=["hosts"])
    assert (result.exit_code, result.output) == (0, f"a  {line}  runs it\nb  {line}  runs it\n")
    refused = run(args=["remove-host", "b"])
    assert (refused.exit_code, refused.stderr) == (1, "The PBX host b still runs. Stop sipweb there first.\n")
    with transaction() as session:
        session.execute(db.text("UPDATE host SET seen_at = seen_at - interval '1 min' WHERE name = 'b'"))
    result = run(args=["hosts"])
    assert (result.exit_code, f"b  {line}  away since 20" in result.output) == (1, True)
    result = run(args=["remove-host", "b"])
    assert result.output == "Removed PBX host b. Generate the configuration so that the others forget it.\n"
