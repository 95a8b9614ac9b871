"""Hostile values and a real Asterisk: read back unchanged, or rejected with a message."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sipweb.core.asterisk.conf import ConfWriter, Section
from sipweb.core.errors import Invalid
from sipweb.core.passwords import check_sip_password
from sipweb.pbx.ami import AmiClient
from sipweb.services import accounts, generations, trunks, users
from sipweb.services.context import Actor
from sipweb.services.state import current_state
from tests.core.test_conf import HOSTILE, values

WHO = Actor(None, "test")
SLOW = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def rejection(work, *args):
    """Call the function and return the message of its Invalid, if any."""
    try:
        work(*args)
    except Invalid as error:
        return str(error)


@SLOW
@given(st.lists(values, min_size=1, max_size=60))
def test_asterisk_reads_every_written_value_back(live_app, given_values):
    app_settings = live_app.config["SETTINGS"]
    pairs = [(f"v{i}", value) for i, value in enumerate([*HOSTILE, *given_values])]
    written = [pair for pair in pairs if not rejection(ConfWriter("c").section, Section("s", (pair,)))]
    writer = ConfWriter("test")
    writer.section(Section("s", tuple(written)))
    (app_settings.asterisk_dir / "hostile.conf").write_text(writer.text())
    with AmiClient.connect("127.0.0.1", app_settings.ami_port, "reader", "reader") as ami:
        answer = ami.action("GetConfig", Filename="hostile.conf")
    lines = [value for key, value in answer.items() if key.startswith("Line-")]
    assert lines == [f"{key}={value}".strip() for key, value in written]


def test_hostile_values_are_rejected_or_round_trip(live_app):
    ctx = live_app.extensions["sipweb"]
    expected = {}
    for index, value in enumerate([*HOSTILE, "Zażółć O'Neil (2)", "#include <x>", "a=>b, ${SHELL(id)}", "%n 100%"]):
        login, number = f"u{index}", 300 + index
        try:
            user_id = users.create_user(WHO, login, value, "a long password", "agent")
        except Invalid:
            continue
        accounts.create(ctx, WHO, accounts.AccountInput(number=number, user_id=user_id, phone="other"))
        expected[number] = current_state(ctx).accounts[-1].user
    assert len(expected) > 10
    done = generations.generate(ctx, WHO)
    assert (done.state, done.differences) == ("verified", [])
    with ctx.pbx.open() as ami:
        for number, name in expected.items():
            detail = ami.events("PJSIPShowEndpoint", Endpoint=str(number))[0]
            assert detail["Callerid"] == f'"{name}" <{number}>'


def test_trunk_credentials_reach_asterisk_unchanged(live_app):
    ctx = live_app.extensions["sipweb"]
    for index, secret in enumerate((">begins=>so", "a;b;--c", '"quoted"', "#include x", "pa55word")):
        draft = trunks.TrunkInput(f"T{index}", "127.0.0.1", 9, "udp", "me@example.org", "", "", True, True, secret)
        trunks.create_trunk(ctx, WHO, draft)
    done = generations.generate(ctx, WHO)
    assert (done.state, done.differences) == ("verified", [])


@given(values)
def test_secret_is_printable_ascii_or_rejected(value):
    message = rejection(check_sip_password, value)
    assert message or (value.isascii() and value.isprintable() and 12 <= len(value) <= 64)
    assert message is None or len(value) < 4 or value not in message
