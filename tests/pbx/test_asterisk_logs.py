"""The log files of a real local Asterisk: rotated, bounded in size, with the refused registrations for fail2ban."""

import re

from sipweb.monitor import Monitor
from sipweb.pbx import asterisk_logs
from tests.pbx.phones import Phone
from tests.servers import wait_for


def test_refused_registration_is_in_the_security_log_with_its_address_and_the_time_zone(live_app, tmp_path):
    settings = live_app.config["SETTINGS"]
    phone = Phone(tmp_path, settings.sip_port, 205, "a wrong password")
    try:
        assert phone.register() == 401
    finally:
        phone.close()
    log = settings.instance / "asterisk-state/log/security.log"
    line = re.compile(
        r"\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}[+-]\d{4}\] SECURITY\[\d+\] res_security_log\.c: "
        r'SecurityEvent="(ChallengeResponseFailed|InvalidPassword)",.*RemoteAddress="IPV4/UDP/127\.0\.0\.1/\d+"'
    )
    wait_for(lambda: any(map(line.match, log.read_text().splitlines())), "the refusal is logged")


def test_large_log_is_rotated_and_the_oldest_files_are_deleted(live_app, monkeypatch):
    ctx = live_app.extensions["sipweb"]
    log = ctx.asterisk_logs
    monkeypatch.setattr(asterisk_logs, "MAX_BYTES", 50_000)
    monkeypatch.setattr(asterisk_logs, "MAX_ROTATED_BYTES", 130_000)
    monitor = Monitor(ctx)
    monitor.tick()
    assert not (log / "messages.log.0").exists()
    for generation in range(4):
        with (log / "messages.log").open("a") as file:
            file.write(f"generation {generation}\n" * 4500)  # more than MAX_BYTES
        monitor.poll()
        assert (log / "messages.log").stat().st_size < 1000
        assert f"generation {generation}\n" in (log / "messages.log.0").read_text()
    assert sorted(path.name for path in log.glob("messages.log*")) == [
        "messages.log",
        "messages.log.0",
        "messages.log.1",
    ]
    assert len([*log.glob("security.log*")]) == 5  # small ones are kept
    with ctx.pbx.open() as ami:
        ami.action("Ping")
    wait_for(lambda: "SuccessfulAuth" in (log / "security.log").read_text(), "Asterisk writes into the new file")
