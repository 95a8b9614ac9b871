"""Hostile values against the real Asterisk: read back unchanged, or refused in a sentence."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sipweb.core.asterisk.conf import ConfWriter, Section
from sipweb.core.errors import Invalid
from sipweb.core.secrets import check_secret
from sipweb.pbx.ami import Ami
from sipweb.services import accounts, generations, users, ways
from sipweb.services.site import Actor
from sipweb.services.state import state
from tests.core.test_conf import HOSTILE, values

WHO = Actor(None, "test")
SLOW = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def refused(work, *args):
    try:
        work(*args)
    except Invalid as error:
        return str(error)


@SLOW
@given(st.lists(values, min_size=1, max_size=60))
def test_asterisks_own_parser_reads_every_written_value_back(live, given_values):
    place = live.config["SETTINGS"]
    pairs = [(f"v{i}", value) for i, value in enumerate([*HOSTILE, *given_values])]
    written = [pair for pair in pairs if not refused(ConfWriter("c").section, Section("s", (pair,)))]
    writer = ConfWriter("test")
    writer.section(Section("s", tuple(written)))
    (place.asterisk_dir / "hostile.conf").write_text(writer.text())
    with Ami.connect("127.0.0.1", place.ami_port, "reader", "reader") as asked:
        answer = asked.action("GetConfig", Filename="hostile.conf")
    lines = [value for key, value in answer.items() if key.startswith("Line-")]
    assert lines == [f"{key}={value}".strip() for key, value in written]


def test_hostile_names_and_secrets_are_refused_or_run_unchanged(live):
    site = live.extensions["sipweb"]
    wanted = {}
    for place, value in enumerate([*HOSTILE, "Zażółć O'Neil (2)", "#include <x>", "a=>b, ${SHELL(id)}", "%n 100%"]):
        login, number = f"u{place}", 300 + place
        try:
            person = users.create_user(WHO, login, value, "a long password", "agent")
        except Invalid:
            continue
        accounts.add(site, WHO, accounts.Draft(number, person, "other", True, False, 10))
        wanted[number] = state(site).accounts[-1].user
    assert len(wanted) > 10
    done = generations.generate(site, WHO)
    assert (done.state, done.differences) == ("verified", [])
    with site.link.open() as asked:
        for number, name in wanted.items():
            detail = asked.events("PJSIPShowEndpoint", Endpoint=str(number))[0]
            assert detail["Callerid"] == f'"{name}" <{number}>'


def test_a_trunks_user_and_password_run_as_they_were_typed(live):
    site = live.extensions["sipweb"]
    for place, secret in enumerate((">begins=>so", "a;b;--c", '"quoted"', "#include x", "pa55word")):
        draft = ways.TrunkDraft(f"T{place}", "127.0.0.1", 9, "udp", "me@example.org", "", "", True, True, secret)
        ways.save_trunk(site, WHO, None, 0, draft)
    done = generations.generate(site, WHO)
    assert (done.state, done.differences) == ("verified", [])


@given(values)
def test_a_secret_is_printable_ascii_or_refused(value):
    sentence = refused(check_secret, value)
    assert sentence or (value.isascii() and value.isprintable() and 12 <= len(value) <= 64)
    assert sentence is None or len(value) < 4 or value not in sentence
