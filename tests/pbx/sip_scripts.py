"""What sipp sends and expects: one script a kind of dialog."""

REFUSALS = (401, 403, 404, 410, 480, 484, 486, 488, 503, 603)


def _message(*lines, body=()):
    """Build a message of a script; sipp fills in its brackets."""
    kind = ["Content-Type: application/sdp"] if body else []
    text = "\n".join([*lines, *kind, "Content-Length: [len]", "", *body, ""])
    retrans = ' retrans="500"' if not lines[0].startswith(("ACK", "SIP/2.0 1")) else ""
    return f"<send{retrans}><![CDATA[\n{text}]]></send>"


def _request(method, cseq, *more, uri="sip:[field2]@[remote_ip]:[remote_port]", tag="", body=()):
    """Build a request with a false display name, which must never be shown."""
    return _message(
        f"{method} {uri} SIP/2.0",
        "Via: SIP/2.0/[transport] [local_ip]:[local_port]"
        f";branch=z9hG4bK-[call_id]-{cseq}{method if uri == NEXT else ''}",
        "Max-Forwards: 70",
        'From: "Somebody Else" <sip:[field0]@[remote_ip]>;tag=[call_number]',
        f"To: <sip:[field2]@[remote_ip]>{tag}",
        "Call-ID: [call_id]",
        f"CSeq: {cseq} {'INVITE' if method == 'ACK' else method}",
        "Contact: <sip:[field0]@[local_ip]:[local_port]>",
        *more,
        body=body,
    )


def _answer(status, *, tag=";tag=[call_number]", body=()):
    copied = "[last_Via:]", "[last_From:]", f"[last_To:]{tag}", "[last_Call-ID:]", "[last_CSeq:]"
    return _message(f"SIP/2.0 {status}", *copied, "Contact: <sip:[local_ip]:[local_port]>", body=body)


def _answer_once(status, **more):
    """Build an answer that is not sent again, although no ACK follows it."""
    return _answer(status, **more).replace(' retrans="500"', "")


def _hear(what, **attributes):
    """Build a step that waits for a request or a status."""
    kind = "response" if isinstance(what, int) else "request"
    return "".join(["<recv", *(f' {name}="{value}"' for name, value in {kind: what, **attributes}.items()), "/>"])


def _maybe(*statuses, **attributes):
    return "".join(_hear(status, optional="true", **attributes) for status in statuses)


def _maybe_request(method, **attributes):
    return _hear(method, optional="true", **attributes)


def _script(*steps):
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="phone">{"".join(steps)}<label id="end"/></scenario>'
    )


PBX, NEXT, FAR = "sip:[remote_ip]:[remote_port]", "[next_url]", "[peer_tag_param]"


CHALLENGE = _hear(401, auth="true")


PCMA = "m=audio [media] RTP/AVP 8 101\na=rtpmap:8 PCMA/8000"
WATCH = ("Event: dialog", "Accept: application/dialog-info+xml", "Expires: 300")
SDP = (
    "v=0", "o=phone 1 1 IN IP4 [local_ip]", "s=-", "c=IN IP4 [local_ip]", "t=0 0", PCMA,
    "a=rtpmap:101 telephone-event/8000",
)  # fmt: skip


REGISTER = _script(
    _request("REGISTER", 1, "Expires: 300", uri=PBX), CHALLENGE,
    _request("REGISTER", 2, "Expires: 300", "User-Agent: Test phone/1.0", "[field1]", uri=PBX),
    _maybe(*REFUSALS, next="end"), _hear(200),
)  # fmt: skip


CALL = _script(
    _request("INVITE", 1, body=SDP), CHALLENGE, _request("ACK", 1, tag=FAR),
    _request("INVITE", 2, "[field1]", body=SDP), _maybe(100, 180, 181, 183), _maybe(*REFUSALS, next="refused"),
    _hear(200, rrs="true"), _request("ACK", 2, uri=NEXT, tag=FAR),
    _hear("HOOK"), _request("BYE", 3, uri=NEXT, tag=FAR), _hear(200, next="end"),
    '<label id="refused"/>', _request("ACK", 2, tag=FAR),
)  # fmt: skip


# A call that is hung up as soon as it is answered.
DIAL = _script(
    _request("INVITE", 1, body=SDP), CHALLENGE, _request("ACK", 1, tag=FAR),
    _request("INVITE", 2, "[field1]", body=SDP), _maybe(100, 180, 181, 183), _maybe(*REFUSALS, next="refused"),
    _hear(200, rrs="true"), _request("ACK", 2, uri=NEXT, tag=FAR),
    _request("BYE", 3, uri=NEXT, tag=FAR), _hear(200, next="end"),
    '<label id="refused"/>', _request("ACK", 2, tag=FAR),
)  # fmt: skip


HOLD = _script(
    _request("INVITE", 1, body=SDP), CHALLENGE, _request("ACK", 1, tag=FAR),
    _request("INVITE", 2, "[field1]", body=SDP), _maybe(100, 180, 183), _hear(200, rrs="true"),
    _request("ACK", 2, uri=NEXT, tag=FAR), _hear("HOOK"),
    _request("INVITE", 3, uri=NEXT, tag=FAR, body=(*SDP, "a=sendonly")), _maybe(100), _hear(200),
    _request("ACK", 3, uri=NEXT, tag=FAR), _hear("HOOK"),
    _request("BYE", 4, uri=NEXT, tag=FAR), _hear(200),
)  # fmt: skip


ANSWER = _script(
    _hear("INVITE"), _answer("180 Ringing"), _answer("200 OK", body=SDP), _hear("ACK"),
    _hear("BYE"), _answer("200 OK", tag=""),
)  # fmt: skip


TRANSFER = _script(
    _request("INVITE", 1, body=SDP), CHALLENGE, _request("ACK", 1, tag=FAR),
    _request("INVITE", 2, "[field1]", body=SDP), _maybe(100, 180, 183), _hear(200, rrs="true"),
    _request("ACK", 2, uri=NEXT, tag=FAR), _hear("HOOK"),
    _request("REFER", 3, "Refer-To: <sip:TARGET>", uri=NEXT, tag=FAR), _hear(202),
    _hear("NOTIFY"), _answer("200 OK", tag=""),
)  # fmt: skip


DIVERT = _script(
    _hear("INVITE"),
    _message(
        "SIP/2.0 302 Moved Temporarily", "[last_Via:]", "[last_From:]", "[last_To:];tag=[call_number]",
        "[last_Call-ID:]", "[last_CSeq:]", "Contact: <sip:[field2]@[remote_ip]:[remote_port]>",
    ),
    _hear("ACK"),
)  # fmt: skip


ANSWER_SLOWLY = ANSWER.replace("<send", '<pause milliseconds="500"/><send', 2)


# It rings until the caller hangs up or somebody else answers.
RING = _script(_hear("INVITE"), _answer("180 Ringing"), _hear("CANCEL"), _answer("200 OK", tag=""))


SUBSCRIBE = _script(
    _request("SUBSCRIBE", 1, *WATCH), CHALLENGE, _request("SUBSCRIBE", 2, *WATCH, "[field1]"),
    _maybe(*REFUSALS, 489, next="end"), _hear(200),
    *[_maybe_request("HOOK", next="end") + _hear("NOTIFY") + _answer_once("200 OK", tag="")] * 8,
)  # fmt: skip


BUSY = _script(_hear("INVITE"), _answer("486 Busy Here"), _hear("ACK"))


UNAVAILABLE = _script(_hear("INVITE"), _answer("480 Temporarily Unavailable"), _hear("ACK"))


DECLINE = _script(_hear("INVITE"), _answer("180 Ringing"), _answer("603 Decline"), _hear("ACK"))
