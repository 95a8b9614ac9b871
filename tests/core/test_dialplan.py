"""The generated dialplan, without an Asterisk."""

import hashlib
import re
from dataclasses import replace

import pytest

from sipweb.core.asterisk import Renderer, render
from sipweb.core.asterisk.dialplan import dialplan_contexts
from sipweb.core.asterisk.dialplan.recording import host_suffix
from sipweb.core.snapshot import RENDERER_VERSION, Account, HostAddress, PbxSettings, Route, Snapshot, Trunk

JUMP = re.compile(r"(?:Goto|Gosub)(?:If)?\((?:.*\?)?([^?]+)\)")
DIAL_SUBROUTINE = re.compile(r"[bU]\(([a-z-]+)\^")  # a context that an option of Dial runs

SNAPSHOT = Snapshot.build(
    [
        Account(id=1, number=201, user="Automat Automat", recording=True, secret="one", fingerprint=""),
        Account(
            id=2, number=202, user="Anna", phone="other", max_contacts=3, pickup_group=2, forward_always="201",
            secret="two", fingerprint="",
        ),
    ],
    PbxSettings(echo_test="*43", pickup="*8", withhold_prefix="*67"),
    [Trunk(1, "One", "provider.example", 5060, "udp", "user", "", "", True, "three", "")],
    [Route(1, 1, "Any", "[0-9]+", 10, 1)],
)  # fmt: skip
HOSTS = HostAddress("a", "10.0.0.1", 5060), HostAddress("b", "2001:db8::1", 5061, "tls")
AT_TWO_HOSTS = replace(SNAPSHOT, settings=replace(SNAPSHOT.settings, hosts=HOSTS))


@pytest.mark.parametrize("snapshot", [SNAPSHOT, AT_TWO_HOSTS])
def test_every_jump_has_its_target(snapshot):
    contexts, labels, jumps = {}, set(), []
    for section in dialplan_contexts(snapshot, "a"):
        contexts[section.name] = set()
        for key, value in section.options:
            if key == "exten":
                extension, priority, application = value.split(",", 2)
                contexts[section.name].add(extension)
                labels.add((section.name, extension, priority.partition("(")[2].rstrip(")")))
                if jump := JUMP.fullmatch(application):
                    jumps.append((section.name, extension, re.sub(r"\(.*", "", jump[1]).split(",")))
                jumps += [(section.name, extension, [name, "s", "1"]) for name in DIAL_SUBROUTINE.findall(application)]
    assert len(jumps) > 50
    for context, extension, target in jumps:
        if len(target) == 1:
            assert (context, extension, target[0]) in labels
        elif len(target) == 2:
            assert target[0] in contexts[context]
        else:
            assert target[1] in contexts[target[0]] or re.search(r"\d|\$", target[1]), target


def files(snapshot, host):
    return render(snapshot, Renderer(lambda secret: secret, host, "hosts' secret"))


def test_files_of_a_renderer_version_are_always_the_same():
    """A snapshot that renders to other bytes needs another RENDERER_VERSION; here it is written with its digest."""
    text = "".join(files(SNAPSHOT, "pbx").values())
    assert (RENDERER_VERSION, hashlib.sha256(text.encode()).hexdigest()[:16]) == (14, "f400626c921ec547")


def test_only_hosts_that_know_each_other_have_sections_of_each_other():
    a, b = files(AT_TWO_HOSTS, "a"), files(AT_TWO_HOSTS, "b")
    assert "\n[sipweb-host-b]\ntype=endpoint\n" in a["pjsip.conf"]
    assert "\n[sipweb-host-a]\ntype=endpoint\n" not in a["pjsip.conf"]
    assert "\ncontact=sip:[2001:db8::1]:5061\\;transport=tls\n" in a["pjsip.conf"]
    assert "\ncontact=sip:10.0.0.1:5060\\;transport=udp\n" in b["pjsip.conf"]
    digests = [{*re.findall("password_digest=(.*)", one["pjsip.conf"])[1:]} for one in (a, b)]  # without the marker's
    assert digests[0] == digests[1]
    settings = replace(AT_TWO_HOSTS.settings, phone_networks=("192.0.2.0/24",))
    restricted = files(replace(AT_TWO_HOSTS, settings=settings), "a")["pjsip.conf"]
    assert restricted.count("permit=192.0.2.0/24") == 1  # only that of the SIP phone
    assert "hosts' secret" not in "".join((*a.values(), *b.values()))
    not_known_yet = files(AT_TWO_HOSTS, "c")
    alone = files(SNAPSHOT, "a")["extensions.conf"]
    assert not_known_yet["extensions.conf"] == alone.replace(SNAPSHOT.digest, AT_TWO_HOSTS.digest)
    assert "sipweb-host-" not in not_known_yet["pjsip.conf"] + alone


def test_key_of_a_recording_names_the_host_only_if_there_are_several():
    keys = [re.findall("RECORDING_KEY=(.*)", files(AT_TWO_HOSTS, host)["extensions.conf"]) for host in ("a", "b", "c")]
    unique_id = "${EPOCH}-${FILTER(0-9.,${UNIQUEID})}"
    assert keys == [[f"{unique_id}{suffix})"] for suffix in (host_suffix("a"), host_suffix("b"), "")]
    assert re.fullmatch(r"\.[0-9]{1,10}", host_suffix("a"))
