"""Generations on a real Asterisk: verified, or rolled back."""

import threading
import time
from contextlib import ExitStack
from dataclasses import replace

import pytest

from sipweb.core.asterisk.pjsip import ha1
from sipweb.core.errors import OperationRefused
from sipweb.core.snapshot import RENDERER_VERSION, Route
from sipweb.db import transaction
from sipweb.models import Generation
from sipweb.pbx import ami, control, verification
from sipweb.services import account_secrets, accounts, generation_history, generations
from sipweb.services.context import Actor
from sipweb.services.generation_lock import generation_lock
from sipweb.services.state import current_state, live_generation

WHO = Actor(None, "test")


def draft(number, **changes):
    return accounts.AccountInput(number=number, phone="other", **changes)


def running(ctx):
    with ctx.pbx.open() as ami:
        return {item["ObjectName"]: item for item in ami.events("PJSIPShowAuths")}


def test_first_generation_is_verified_when_asterisk_is_up(live_app):
    ctx = live_app.extensions["sipweb"]
    assert generation_history.recent_generations()[0].state == "written"
    attempts = (generations.reconcile(ctx) or time.sleep(0.5) for _ in range(20))
    assert any(attempts)
    assert generation_history.recent_generations()[0].state == "verified"


def test_generation_applies_changed_added_and_removed_accounts(live_app):
    ctx = live_app.extensions["sipweb"]
    accounts.create(ctx, WHO, draft(300, secret="a secret of 300"))
    accounts.update(ctx, WHO, 1, 1, draft(400, recording=True, level=55))
    accounts.delete(ctx, WHO, 2)
    before = running(ctx)
    assert "200" in before
    assert "300" not in before
    done = generations.generate(ctx, WHO)
    assert (done.state, done.differences) == ("verified", [])
    after = running(ctx)
    assert "200" not in after
    assert "201" not in after
    account = next(account for account in live_generation(ctx)[1].accounts if account.number == 300)
    assert ha1(account, "sipweb", ctx.cipher.decrypt) in after["300"].values()
    assert len(current_state(ctx).plan) == 0
    assert generations.generate(ctx, WHO) is None


def reloaded(caplog):
    """Return what was reloaded since the last call."""
    found = [message for message in caplog.messages if message.startswith("Reloading")]
    caplog.clear()
    return found


def change_level(ctx):
    account = current_state(ctx).by_id[1]
    accounts.update(ctx, WHO, 1, account.version, draft(200, level=account.level + 1))


def test_accounts_are_reloaded_only_if_they_changed(live_app, caplog):
    caplog.set_level("INFO")
    ctx = live_app.extensions["sipweb"]
    accounts.update(ctx, WHO, 1, 1, draft(200))
    assert generations.generate(ctx, WHO).state == "verified"
    assert reloaded(caplog) == ["Reloading res_pjsip.so and pbx_config.so"]
    change_level(ctx)
    assert generations.generate(ctx, WHO).state == "verified"
    assert reloaded(caplog) == ["Reloading pbx_config.so"]
    account_secrets.renew_secret(ctx, WHO, 1)
    assert generations.generate(ctx, WHO).state == "verified"
    assert reloaded(caplog) == ["Reloading res_pjsip.so and pbx_config.so"]


@pytest.mark.parametrize("is_file_left", [True, False])
def test_change_of_a_level_undoes_what_was_changed_by_hand(live_app, caplog, is_file_left):
    caplog.set_level("INFO")
    ctx = live_app.extensions["sipweb"]
    accounts.update(ctx, WHO, 1, 1, draft(200))
    assert generations.generate(ctx, WHO).state == "verified"
    file = ctx.generation_files.path(2) / "pjsip.conf"
    text = file.read_text()
    start, end = text.index("[205]"), text.index("[206]")
    file.write_text(text[:start] + text[end:])
    with ctx.pbx.open() as connection:
        control.reload(connection)
    assert "205" not in running(ctx)
    if not is_file_left:
        file.write_text(text)
    reloaded(caplog)
    change_level(ctx)
    assert generations.generate(ctx, WHO).state == "verified"
    assert "205" in running(ctx)
    both = "Reloading res_pjsip.so and pbx_config.so"
    assert reloaded(caplog) == ([both] if is_file_left else ["Reloading pbx_config.so", both])


def test_900_changed_accounts_are_verified(live_app):
    ctx = live_app.extensions["sipweb"]
    for number in {*range(100, 1000)} - {*range(200, 220)}:
        accounts.create(ctx, WHO, draft(number))
    done = generations.generate(ctx, WHO)
    assert (done.state, done.differences) == ("verified", [])


def test_duplicate_section_outside_our_files_rolls_back(live_app):
    ctx = live_app.extensions["sipweb"]
    accounts.create(ctx, WHO, draft(300))
    pjsip = live_app.config["SETTINGS"].asterisk_dir / "pjsip.conf"
    pjsip.write_text(pjsip.read_text() + "\n[300]\ntype=endpoint\n")
    done = generations.generate(ctx, WHO)
    assert done.state == "refused"
    assert any(difference["name"] == "300" for difference in done.differences)
    assert ctx.generation_files.current() == 1
    assert live_generation(ctx)[0] == 1
    assert "300" not in running(ctx)
    assert len(current_state(ctx).plan) == 1


def test_option_unknown_to_asterisk_is_detected(live_app, monkeypatch):
    ctx = live_app.extensions["sipweb"]
    accounts.create(ctx, WHO, draft(300))
    original = type(ctx.generation_files).write

    def write(self, number, files):
        broken = files["pjsip.conf"].replace("[300]\ntype=endpoint", "[300]\ntype=endpoint\nno_such_option=1")
        original(self, number, files | {"pjsip.conf": broken})

    monkeypatch.setattr(type(ctx.generation_files), "write", write)
    done = generations.generate(ctx, WHO)
    assert done.state == "refused"
    assert ctx.generation_files.current() == 1


def test_generating_is_refused_while_asterisk_is_down(app, ctx):
    ctx = replace(ctx, pbx=replace(ctx.pbx, mode="ami", port=1, timeout=1.0))
    accounts.create(ctx, WHO, draft(300))
    with pytest.raises(ami.AmiUnavailable):
        generations.generate(ctx, WHO)
    assert ctx.generation_files.current() == 1
    assert len(generation_history.recent_generations()) == 1


def test_second_generation_is_refused_and_names_the_first_ones_author(app, ctx):
    accounts.create(ctx, WHO, draft(300))
    with generation_lock(ctx):
        generations._claim(ctx, Actor(None, "ewa"), generations._Target(None))
        start = time.monotonic()
        with pytest.raises(OperationRefused, match="generating") as refusal:
            generations.generate(ctx, WHO)
        assert time.monotonic() - start < 1
        assert refusal.value.values == {"who": "ewa"}


def test_generation_waits_for_the_monitors_check(app, ctx):
    accounts.create(ctx, WHO, draft(300))
    look = ExitStack()
    look.enter_context(generation_lock(ctx))
    threading.Timer(1.0, look.close).start()
    start = time.monotonic()
    assert generations.generate(ctx, WHO).state == "written"
    assert time.monotonic() - start > 0.9


def test_generating_is_refused_while_asterisk_is_still_loading(live_app, asterisk):
    ctx = live_app.extensions["sipweb"]
    accounts.create(ctx, WHO, draft(300))
    with replace(ctx.pbx, user="reader", secret="reader").open() as reader:
        reader.action("ModuleLoad", Module="pbx_config.so", LoadType="unload")
        with pytest.raises(OperationRefused, match="still starting"):
            generations.generate(ctx, WHO)
        reader.action("ModuleLoad", Module="pbx_config.so", LoadType="load")
    assert generations.generate(ctx, WHO).state == "verified"


def test_files_of_an_earlier_version_are_not_compared(live_app):
    ctx = live_app.extensions["sipweb"]
    saved = replace(live_generation(ctx)[1], routes=(Route(1, 1, "R", "1", 0, 1),))
    for renderer, is_verified in ((RENDERER_VERSION - 1, True), (RENDERER_VERSION, False)):
        with transaction() as session:
            session.get_one(Generation, 1).snapshot = replace(saved, renderer_version=renderer).to_json()
        ctx.cache.live = None
        assert generations.reconcile(ctx) is is_verified


def test_line_breaks_never_reach_asterisk(live_app):
    ctx = live_app.extensions["sipweb"]
    with ctx.pbx.open() as ami, pytest.raises(OperationRefused):
        ami.action("PJSIPShowEndpoint", Endpoint="200\r\nAction: Originate")
    assert verification.Difference("200", "x").expected == ""
