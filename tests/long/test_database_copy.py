"""A history of a million calls is copied to PostgreSQL without being held in memory."""

import os
import re
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from sipweb.config import ROOT
from tests import postgres

CALLS = 1_000_000
MEGABYTES = 160  # at most; 117 measured, of which 95 are there with an empty history


@pytest.mark.long
def test_million_calls_are_copied_in_batches(instance, postgresql, tmp_path):
    with closing(sqlite3.connect(instance / "sipweb.db")) as connection:
        names = [row[1] for row in connection.execute("PRAGMA table_info(call)") if row[3] and row[1] != "id"]
        times = {"started_at": "'2026-11-01 10:00:00.123456'", "ended_at": "'2026-11-01 10:01:00'"}
        values = ", ".join(times.get(name, f"'{name} ' || number") for name in names)
        numbers = "SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < ?"
        insert = f"INSERT INTO call ({', '.join(names)}) SELECT {values} FROM numbers"  # noqa: S608  # names of columns
        connection.execute(f"WITH RECURSIVE numbers(number) AS ({numbers}) {insert}", (CALLS,))
        connection.commit()
    with postgres.copied(postgresql, "million") as url, (tmp_path / "output").open("w+") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "flask", "--app", "wsgi", "copy-database", str(url)],
            cwd=ROOT, env={**os.environ, "SIPWEB_INSTANCE": str(instance)}, stdout=output, stderr=output,
        )  # fmt: skip
        peak = 0.0
        while process.poll() is None:
            peak = peak_memory(process.pid) or peak
            time.sleep(0.1)
        output.seek(0)
        text = output.read()
        assert process.returncode == 0, text
    assert f"\ncall: {CALLS}\n" in text
    for step in ("copied", "compared"):
        assert f"call: 100000 rows {step} …\n" in text
    assert 50 < peak < MEGABYTES


def peak_memory(pid):
    """The most memory that a process had since it began its program, in MB. getrusage() counts the time before, too."""
    text = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", text)  # not there any more when it ends
    return int(found[1]) / 1024 if found else 0
