"""The page of recordings, without an Asterisk: the tests write the files that it would have written."""

import pytest
from itsdangerous import TimestampSigner, URLSafeTimedSerializer

from sipweb.config import load
from sipweb.core.errors import Invalid
from sipweb.services import audit
from tests.builders import RECORDED_AT, audit_entries, make_recording
from tests.client import reset_request_globals, soup


def rows(page):
    """(caller, called) of the listed recordings."""
    numbers_by_row = [
        [cell.text for cell in row.select("td.number")] for row in soup(page).select(".recordings tbody tr")
    ]
    return [tuple(numbers) for numbers in numbers_by_row if numbers]


def player(page):
    """The address of the sound that the page plays."""
    return soup(page).select_one("audio")["src"]


def older(page):
    """The address of the link to older recordings, or an empty text."""
    link = soup(page).select_one("a[href^='/recordings?before=']")
    return link["href"] if link else ""


def test_empty_page_explains_why(admin):
    page = soup(admin.get("/recordings"))
    assert page.table is None
    assert "No recordings yet." in page.select_one(".empty").text
    assert page.select_one(".empty a")["href"] == "/accounts"
    # PBX=files: no Asterisk made the folder
    assert "read the recordings folder" in page.select_one(".head + .warn").text


def test_newest_recordings_come_first_and_are_found_by_number_and_day(ctx, admin):
    make_recording(ctx)
    make_recording(ctx, "206", "112", RECORDED_AT + 60)
    make_recording(ctx, "207", "205", RECORDED_AT - 86400, day="2026-11-23")
    make_recording(ctx, "", "208", RECORDED_AT - 2 * 86400, day="2026-11-22")
    every = [("206", "112"), ("205", "221234560"), ("207", "205"), ("anonymous", "208")]
    assert rows(admin.get("/recordings")) == every
    assert rows(admin.get("/recordings?q=205")) == [every[1], every[2]]
    assert rows(admin.get("/recordings?q=22 123-45")) == [every[1]]
    assert rows(admin.get("/recordings?from=2026-11-24")) == every[:2]
    assert rows(admin.get("/recordings?to=2026-11-23")) == every[2:]
    assert rows(admin.get("/recordings?from=2026-11-23&to=2026-11-23")) == every[2:3]
    page = soup(admin.get("/recordings?q=999"))
    assert page.select_one(".empty p").text == "No recordings match your search."
    assert (page.select_one(".empty a").text, page.select_one(".empty a")["href"]) == ("Clear", "/recordings")
    assert page.select_one("#q")["value"] == "999"


@pytest.mark.parametrize("query", ["from=24.11.2026", "to=2026-02-31", "from=../..", "to=2026-11-24x"])
def test_invalid_date_is_rejected_with_a_message(admin, query):
    answer = admin.get(f"/recordings?{query}")
    assert answer.status_code == 422
    assert "Enter the date as YYYY-MM-DD" in answer.text


def test_long_list_has_pages_with_each_recording_once(ctx, admin):
    for number in range(250):
        make_recording(
            ctx,
            str(100 + number),
            "22",
            RECORDED_AT + number // 2,
            seconds=1,
            day=f"2026-11-{24 - number % 3}",
            uid=str(number),
        )
    url, seen = "/recordings?q=22", []
    while url:
        page = admin.get(url)
        seen += rows(page)
        url = older(page)
    assert len(seen) == len(set(seen)) == 250


@pytest.mark.parametrize("key", ["9" * 5000, "٣", "x", "../../1", ""], ids=["huge", "arabic", "letter", "path", "none"])
def test_page_after_something_that_is_no_recording(ctx, admin, key):
    make_recording(ctx)
    assert admin.get("/recordings", query_string={"before": f"2026-11-24/{key}"}).status_code == 200


def test_other_files_are_not_listed(ctx, admin):
    make_recording(ctx)
    day = ctx.recordings_dir / "2026-11-24"
    (day / "notes.txt").write_text("x")
    (day / "033334_205_<b>_1-1.wav").write_text("x")
    (day / "033334_205_22_9-9.wav").symlink_to("/etc/passwd")
    (ctx.recordings_dir / "other").mkdir()
    (ctx.recordings_dir / "2026-11-25").write_text("a file")
    assert rows(admin.get("/recordings")) == [("205", "221234560")]


@pytest.mark.parametrize("htmx", [True, False])
def test_listening_is_audited_and_the_sound_can_be_seeked(ctx, admin, htmx):
    key = make_recording(ctx)
    admin.get("/recordings")
    page = admin.post(f"/recordings/2026-11-24/{key}/listen", htmx=htmx)
    assert page.status_code == 200
    (entry,) = audit_entries("recording.listen")
    assert (entry.by, entry.subject) == ("Administrator", "205 → 221234560")
    assert entry.changes["file"][1].endswith(f"{key}.wav")
    whole = admin.get(player(page), buffered=True)
    assert (whole.status_code, whole.mimetype, len(whole.data)) == (200, "audio/wav", 44 + 48000 // 256 * 256)
    part = admin._client.get(player(page), headers={"Range": "bytes=100-199"}, buffered=True)
    assert (part.status_code, part.data) == (206, whole.data[100:200])
    assert len(audit_entries("recording.listen")) == 1
    assert "recording.listen" in {entry.action for entry in audit.entries()}
    assert "Recording played" in admin.get("/audit").text


def test_download_is_audited_and_names_the_file(ctx, admin):
    key = make_recording(ctx)
    admin.get("/recordings")
    answer = admin.post(f"/recordings/2026-11-24/{key}/download")
    assert answer.status_code == 303
    file = admin.get(answer.headers["Location"], buffered=True)
    assert "attachment" in file.headers["Content-Disposition"]
    assert f"2026-11-24_033334_205_221234560_{key}.wav" in file.headers["Content-Disposition"]
    assert len(audit_entries("recording.download")) == 1


def test_sound_without_an_audit_entry_is_refused(ctx, admin, anonymous):
    key, other = make_recording(ctx), make_recording(ctx, at=RECORDED_AT + 1)
    admin.get("/recordings")
    url = player(admin.post(f"/recordings/2026-11-24/{key}/listen"))
    for address in (
        f"/recordings/2026-11-24/{key}.wav",
        url.replace(key, other),
        url[:-1],
        url + "x",
        url.partition("?")[0] + "?ticket=",
    ):
        assert admin.get(address).status_code == 403, address
    assert anonymous.get(url).status_code == 302


def test_ticket_of_a_recording_expires(app, ctx, admin):
    key = make_recording(ctx)
    for hours, status in ((11, 200), (13, 403)):

        class Earlier(TimestampSigner):
            def get_timestamp(self, age=hours * 3600):
                return super().get_timestamp() - age

        tickets = URLSafeTimedSerializer(app.secret_key, salt="recording", signer=Earlier)
        ticket = tickets.dumps([1, "2026-11-24", key])
        reset_request_globals()
        answer = admin.get(f"/recordings/2026-11-24/{key}.wav?ticket={ticket}", buffered=True)
        assert answer.status_code == status


@pytest.mark.parametrize("day", ["2026-11-25", "..", "2026-11-24%2f..", "%2e%2e"])
@pytest.mark.parametrize("key", ["1-1", "..", "12-12.12", "%2e%2e%2fkeys"])
def test_unknown_recording_is_not_found(ctx, admin, day, key):
    make_recording(ctx)
    admin.get("/recordings")
    for action in ("listen", "download"):
        assert admin.post(f"/recordings/{day}/{key}/{action}").status_code == 404
    assert audit_entries("recording.listen") == []


def test_older_page_plays_without_javascript(ctx, admin):
    keys = [make_recording(ctx, at=RECORDED_AT - i) for i in range(101)]
    page = admin.get(older(admin.get("/recordings")))
    address = soup(page).select_one("form[action*='/listen']")["action"]
    assert keys[100] in address
    assert keys[100] in player(admin.post(address))


@pytest.mark.parametrize("text", ["-1", "x", "1.5", "36501"])
def test_invalid_number_of_days_is_rejected_at_startup(text):
    with pytest.raises(Invalid, match="RECORDING_DAYS"):
        load({"SIPWEB_RECORDING_DAYS": text})
