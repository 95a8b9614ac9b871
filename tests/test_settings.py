"""Invalid settings are refused; the message names the variable, never a secret."""

import os
import subprocess
import sys

import pytest

from sipweb.config import ROOT, database_kind, load, public_settings
from sipweb.core.errors import Invalid


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "x"), ("PORT", "0"), ("PORT", "65536"), ("RTP_PORTS", "5"), ("RTP_PORTS", "9-5"), ("PBX", "remote"),
        ("LANGUAGE", "de"), ("SIP_REALM", "a b"), ("SIP_TRANSPORTS", "udp,ws"), ("SIP_TRANSPORTS", "tls"),
        ("EMERGENCY_NUMBERS", "112,x"), ("TIMEZONE", "Warsaw"), ("DATABASE_URL", "nonsense"), ("SECRETS_KEYS", "abc"),
        ("STUN", "a b"), ("WS_URL", "http://x"), ("WS_URL", "wss://x/;script-src *"), ("TLS_CERT", "/none"),
        ("MUSIC_ON_HOLD", "/none"), ("MUSIC_ON_HOLD", "/"),
        ("ADMIN_PASSWORD", "short"), ("SECRET_KEY", "31 characters are not enough: x"),
        ("SIP_HOST", "a;b"), ("COLOUR", "red"),
        ("ECHO_TEST", "43"), ("PICKUP", "*8x"), ("WITHHOLD_PREFIX", "*4"),
        ("METRICS_TOKEN", "too short"), ("METRICS_TOKEN", "sixteen letters ä"),
        ("TRUSTED_NETWORKS", "10.0.0.0/33"), ("PHONE_NETWORKS", "10.0.0.1/8"), ("PHONE_NETWORKS", "localhost"),
        ("CALLER_NAME_OUTSIDE", "maybe"), ("FALLBACK_CALLER_ID", "48 22"),
    ],
)  # fmt: skip
def test_invalid_setting_is_rejected_and_named(tmp_path, name, value):
    with pytest.raises(Invalid) as refusal:
        load({"SIPWEB_INSTANCE": str(tmp_path), f"SIPWEB_{name}": value})
    assert f"SIPWEB_{name}" in str(refusal.value)
    is_secret = name in ("SECRETS_KEYS", "SECRET_KEY", "ADMIN_PASSWORD", "METRICS_TOKEN")
    assert not (is_secret and value in str(refusal.value))


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", ""), ("::1", ""), ("localhost", ""), ("unix:/run/sipweb/web.sock", ""),
        ("0.0.0.0", "http://192.0.2.1:8000"), ("::", "http://192.0.2.1:8000"), ("10.0.0.1", "http://10.0.0.1:8000"),
        ("2001:db8::1", "http://[2001:db8::1]:8000"),
    ],
)  # fmt: skip
def test_other_hosts_learn_where_they_reach_the_web_server(tmp_path, host, address):
    environ = {"SIPWEB_INSTANCE": str(tmp_path), "SIPWEB_HOST": host, "SIPWEB_SIP_HOST": "192.0.2.1"}
    assert load(environ).web_address == address


def test_command_reports_an_invalid_setting_without_a_traceback(tmp_path):
    (tmp_path / "sipweb.env").write_text("# ports\nPORT=x\n")
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "plan"], cwd=ROOT, capture_output=True, text=True, check=False,
        env={**os.environ, "SIPWEB_INSTANCE": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr == "SIPWEB_PORT=x: expected a whole number from 1 to 65535.\n"


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:hunter2@host/sipweb", "postgresql:///sipweb?host=/run&password=hunter2",
        "postgresql://me:hunt/er2@host/sipweb",
    ],
)  # fmt: skip
def test_public_settings_have_no_password(tmp_path, url):
    settings = load({"SIPWEB_INSTANCE": str(tmp_path), "SIPWEB_DATABASE_URL": url})
    assert "er2" in settings.database_url
    assert "er2" not in str(public_settings(settings))
    assert database_kind(settings) == "postgresql"


@pytest.mark.parametrize(
    "line",
    [
        "DATABASE_URL=postgres://me:hunter2@host/sipweb", "DATABASE_URL=postgresql://me:hunter2",
        "DATABASE_URL=postgresql:/me:hunter2@host/sipweb", "DATABASE_URL=postgresql://me:hunter2@host:54x/sipweb",
        "DATABASE_URL=postgresql://me:tooth@hunter2@host/sipweb", "DATABASE_URL=hunter2",
        "DATABASE_URL postgresql://me:hunter2@host/sipweb?sslmode=require", "DATABASE_URL: postgresql://me:hunter2@h/s",
    ],
)  # fmt: skip
def test_mistyped_database_url_is_rejected_without_its_password(tmp_path, line):
    (tmp_path / "sipweb.env").write_text(f"{line}\n")
    with pytest.raises(Invalid) as refusal:
        load({"SIPWEB_INSTANCE": str(tmp_path)})
    assert "hunter2" not in str(refusal.value)
    assert "DATABASE_URL" in str(refusal.value) or "line 1" in str(refusal.value)


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("SECRET_KEY", "a secret key of 32 characters, or more"), ("ADMIN_PASSWORD", "orchard-lantern-7"),
        ("AMI_SECRET", "a secret"), ("METRICS_TOKEN", "0123456789abcdef"),
        ("DATABASE_URL", "postgresql://me:hunter2@host/sipweb"),
    ],
)  # fmt: skip
def test_secret_is_read_from_a_file(tmp_path, name, secret):
    file = tmp_path / "secret"
    file.write_text(f"{secret}\n")
    environ = {"SIPWEB_INSTANCE": str(tmp_path), f"SIPWEB_{name}_FILE": str(file)}
    assert getattr(load(environ), name.lower()) == secret
    (tmp_path / "sipweb.env").write_text(f"{name}={secret}\n")
    for wrong in (environ, environ | {f"SIPWEB_{name}_FILE": str(tmp_path / "none")}):
        with pytest.raises(Invalid) as refusal:
            load(wrong)
        assert f"SIPWEB_{name}_FILE" in str(refusal.value)
        assert secret not in str(refusal.value)
    (tmp_path / "sipweb.env").unlink()
    with pytest.raises(Invalid, match=f"SIPWEB_{name}_FILE: .*none can't be read"):
        load({"SIPWEB_INSTANCE": str(tmp_path), f"SIPWEB_{name}_FILE": str(tmp_path / "none")})


def test_only_secrets_are_read_from_files(tmp_path):
    with pytest.raises(Invalid, match="Unknown setting: SIPWEB_PORT_FILE"):
        load({"SIPWEB_INSTANCE": str(tmp_path), "SIPWEB_PORT_FILE": str(tmp_path)})
