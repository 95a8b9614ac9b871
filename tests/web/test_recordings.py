"""The page of recordings, without an Asterisk: files as it would have left them."""

import re
import struct
from datetime import timedelta

import pytest

from sipweb.config import load
from sipweb.core.errors import Invalid
from sipweb.services import audit, recordings
from sipweb.services.site import now

START = 1795491214  # 2026-11-24 03:33:34 UTC


def put(site, caller="205", called="221234560", at=START, *, seconds=3, day="2026-11-24", uid="12"):
    """A recording of noise; its key."""
    folder = site.recordings / day
    folder.mkdir(parents=True, exist_ok=True)
    sound = bytes(range(256)) * (16000 * seconds // 256)
    header = (
        b"RIFF"
        + struct.pack("<I", 36 + len(sound))
        + b"WAVEfmt "
        + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 16000, 2, 16)
    )
    key = f"{at}-{at}.{uid}"
    (folder / f"033334_{caller}_{called}_{key}.wav").write_bytes(
        header + b"data" + struct.pack("<I", len(sound)) + sound
    )
    return key


def rows(page):
    """(caller, called) of the listed recordings."""
    return re.findall(r'<td class="num">(.*?)</td><td class="num">(.*?)</td>', page.text)


def player(page):
    return re.search(r'<audio [^>]*src="([^"]+)"', page.text)[1].replace("&amp;", "&")


def test_without_any_recording_the_page_says_why(admin):
    page = admin.get("/recordings")
    assert "Nothing was recorded yet." in page.text
    assert "cannot be read" in page.text  # PBX=files: no Asterisk made the folder


def test_the_newest_stand_first_and_are_found_by_number_and_day(site, admin):
    put(site)
    put(site, "206", "112", START + 60)
    put(site, "207", "205", START - 86400, day="2026-11-23")
    put(site, "", "208", START - 2 * 86400, day="2026-11-22")
    every = [("206", "112"), ("205", "221234560"), ("207", "205"), ("withheld", "208")]
    assert rows(admin.get("/recordings")) == every
    assert rows(admin.get("/recordings?number=205")) == [every[1], every[2]]
    assert rows(admin.get("/recordings?number=22 123-45")) == [every[1]]
    assert rows(admin.get("/recordings?from=2026-11-24")) == every[:2]
    assert rows(admin.get("/recordings?to=2026-11-23")) == every[2:]
    assert rows(admin.get("/recordings?from=2026-11-23&to=2026-11-23")) == every[2:3]
    assert "No recording matches." in admin.get("/recordings?number=999").text


@pytest.mark.parametrize("asked", ["from=24.11.2026", "to=2026-02-31", "from=../..", "to=2026-11-24x"])
def test_what_is_no_date_is_answered_with_a_sentence(admin, asked):
    answer = admin.get(f"/recordings?{asked}")
    assert answer.status_code == 422
    assert "Enter a date as year-month-day" in answer.text


def test_a_long_list_is_read_page_by_page_each_recording_once(site, admin):
    for number in range(250):
        put(
            site,
            str(100 + number),
            "22",
            START + number // 2,
            seconds=1,
            day=f"2026-11-{24 - number % 3}",
            uid=str(number),
        )
    url, seen = "/recordings?number=22", []
    while url:
        page = admin.get(url)
        seen += rows(page)
        older = re.search(r'href="(/recordings\?before=[^"]+)"', page.text)
        url = older[1].replace("&amp;", "&") if older else ""
    assert len(seen) == len(set(seen)) == 250


def test_other_files_are_not_listed(site, admin):
    put(site)
    day = site.recordings / "2026-11-24"
    (day / "notes.txt").write_text("x")
    (day / "033334_205_<b>_1-1.wav").write_text("x")
    (day / "033334_205_22_9-9.wav").symlink_to("/etc/passwd")
    (site.recordings / "other").mkdir()
    (site.recordings / "2026-11-25").write_text("a file")
    assert rows(admin.get("/recordings")) == [("205", "221234560")]


@pytest.mark.parametrize("htmx", [True, False])
def test_listening_is_noted_and_the_sound_can_be_sought_in(site, admin, htmx):
    key = put(site)
    admin.get("/recordings")
    page = admin.post(f"/recordings/2026-11-24/{key}/listen", htmx=htmx)
    assert page.status_code == 200
    (entry,) = audit.entries(action="recording.listen")
    assert (entry.by, entry.subject) == ("Administrator", "205 → 221234560")
    assert entry.changes["file"][1].endswith(f"{key}.wav")
    whole = admin.get(player(page), buffered=True)
    assert (whole.status_code, whole.mimetype, len(whole.data)) == (200, "audio/wav", 44 + 48000 // 256 * 256)
    part = admin._client.get(player(page), headers={"Range": "bytes=100-199"}, buffered=True)
    assert (part.status_code, part.data) == (206, whole.data[100:200])
    assert len(audit.entries(action="recording.listen")) == 1
    assert "recording.listen" in {entry.action for entry in audit.entries()}
    assert "Recording listened to" in admin.get("/audit").text


def test_downloading_is_noted_and_names_the_file(site, admin):
    key = put(site)
    admin.get("/recordings")
    answer = admin.post(f"/recordings/2026-11-24/{key}/download")
    assert answer.status_code == 303
    file = admin.get(answer.headers["Location"], buffered=True)
    assert "attachment" in file.headers["Content-Disposition"]
    assert f"2026-11-24_033334_205_221234560_{key}.wav" in file.headers["Content-Disposition"]
    assert len(audit.entries(action="recording.download")) == 1


def test_no_sound_without_the_note(site, admin, stranger):
    key, other = put(site), put(site, at=START + 1)
    admin.get("/recordings")
    url = player(admin.post(f"/recordings/2026-11-24/{key}/listen"))
    for address in (
        f"/recordings/2026-11-24/{key}.wav", url.replace(key, other), url[:-1], url + "x", url.partition("?")[0] + "?ticket=",
    ):  # fmt: skip
        assert admin.get(address).status_code == 403, address
    assert stranger.get(url).status_code == 302


@pytest.mark.parametrize("day", ["2026-11-25", "..", "2026-11-24%2f..", "%2e%2e"])
@pytest.mark.parametrize("key", ["1-1", "..", "12-12.12", "%2e%2e%2fkeys"])
def test_what_is_not_there_is_answered_with_a_sentence(site, admin, day, key):
    put(site)
    admin.get("/recordings")
    for action in ("listen", "download"):
        assert admin.post(f"/recordings/{day}/{key}/{action}").status_code == 404
    assert audit.entries(action="recording.listen") == ()


def test_an_older_page_plays_without_javascript_too(site, admin):
    keys = [put(site, at=START - i) for i in range(101)]
    link = re.search(r'href="(/recordings\?before=[^"]+)"', admin.get("/recordings").text)[1].replace("&amp;", "&")
    older = admin.get(link).text
    address = re.search(r'action="(/recordings/2026-11-24/[^"]+/listen[^"]*)"', older)[1].replace("&amp;", "&")
    assert keys[100] in address
    assert keys[100] in player(admin.post(address))


def test_recordings_go_when_their_time_is_over_and_only_they(site):
    today = now().date()
    old, new = (today - timedelta(days=91)).isoformat(), (today - timedelta(days=90)).isoformat()
    put(site, day=old)
    put(site, day=new)
    put(site, day="2020-01-01")
    (site.recordings / "2020-01-01" / "notes.txt").write_text("kept")
    (site.recordings / "2020-02-31").mkdir()
    put(site, day="2020-01-02", seconds=0)  # of a call that nobody answered, while sipweb was away
    assert recordings.expire(site) == 3
    assert {path.name for path in site.recordings.iterdir()} == {new, "2020-01-01", "2020-02-31"}
    assert audit.entries()[0].action == "recording.expired"
    assert recordings.expire(site) == 0
    site.recording_days = 0
    assert recordings.expire(site) == 0


@pytest.mark.parametrize("text", ["-1", "x", "1.5", "36501"])
def test_nonsense_for_the_days_is_refused_at_the_start(text):
    with pytest.raises(Invalid, match="RECORDING_DAYS"):
        load({"SIPWEB_RECORDING_DAYS": text})
