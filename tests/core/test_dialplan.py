"""The generated dialplan, without an Asterisk."""

import re

from sipweb.core.asterisk.dialplan import dialplan_contexts
from sipweb.core.snapshot import Account, PbxSettings, Route, Snapshot, Trunk

JUMP = re.compile(r"(?:Goto|Gosub)(?:If)?\((?:.*\?)?([^?]+)\)")
DIAL_SUBROUTINE = re.compile(r"[bU]\(([a-z-]+)\^")  # a context that an option of Dial runs


def test_every_jump_has_its_target():
    snapshot = Snapshot.build(
        [Account(id=1, number=201, user="Automat Automat", recording=True, secret="", fingerprint="")],
        PbxSettings(echo_test="*43", pickup="*8", withhold_prefix="*67"),
        [Trunk(1, "One", "provider.example", 5060, "udp", "", "", "", False, "", "")],
        [Route(1, 1, "Any", "[0-9]+", 10, 1)],
    )
    contexts, labels, jumps = {}, set(), []
    for section in dialplan_contexts(snapshot):
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
