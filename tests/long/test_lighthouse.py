"""Lighthouse: what an administrator with a slow phone waits for (simulated slow 4G), accessibility, best practices."""

import json
import os
import shutil
import statistics
import subprocess
from pathlib import Path

import pytest

from sipweb.services import accounts
from sipweb.services.context import Actor
from tests.servers import serving

pytestmark = [pytest.mark.long, pytest.mark.timed]
WHO = Actor(None, "test")
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sipweb" / "lighthouse"
FLAGS = "--headless=new --host-resolver-rules='MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost'"
RUNS = 5


@pytest.fixture
def lighthouse():
    """Lighthouse's command."""
    command = CACHE / "node_modules" / ".bin" / "lighthouse"
    if shutil.which("chromium") is None or not command.is_file():
        pytest.skip("no Lighthouse or no chromium: run scripts/get-tools long")
    return command


def audited(command, url, cookie, folder, categories="performance"):
    """Lighthouse's report on one load of the page, signed in."""
    headers, report = folder / "headers.json", folder / "report.json"
    headers.write_text(json.dumps({"Cookie": cookie}))
    flags = FLAGS + (" --no-sandbox" if os.getuid() == 0 else "")
    subprocess.run(
        [command, url, "--quiet", f"--only-categories={categories}", f"--extra-headers={headers}", "--output=json",
         f"--output-path={report}", f"--chrome-flags={flags}", "--no-enable-error-reporting"],
        env={**os.environ, "CHROME_PATH": shutil.which("chromium")}, check=True, timeout=180,
    )  # fmt: skip
    return json.loads(report.read_text())


def test_list_of_900_accounts_loads_quickly_on_a_phone(ctx, admin, instance, tmp_path, lighthouse):
    for number in {*range(100, 1000)} - {*range(200, 220)}:
        accounts.create(ctx, WHO, accounts.AccountInput(number=number))
    cookie = f"session={admin._client.get_cookie('session').value}"
    with serving(instance, pbx="files") as address:
        reports = [audited(lighthouse, f"{address}/accounts", cookie, tmp_path) for _ in range(RUNS)]
    for report in reports:
        assert report["finalDisplayedUrl"].endswith("/accounts")  # not the login
        assert report["configSettings"]["formFactor"] == "mobile"
        assert report["configSettings"]["throttlingMethod"] == "simulate"
    paints = [report["audits"]["first-contentful-paint"]["numericValue"] for report in reports]  # in ms
    scores = [report["categories"]["performance"]["score"] * 100 for report in reports]
    assert statistics.median(paints) <= 1500, paints
    assert statistics.median(scores) >= 95, scores


@pytest.mark.parametrize("path", ["/login", "/accounts", "/users", "/routes", "/trunks", "/generation", "/audit"])
def test_page_has_full_marks_for_accessibility_and_best_practices(admin, instance, tmp_path, lighthouse, path):
    cookie = "" if path == "/login" else f"session={admin._client.get_cookie('session').value}"
    with serving(instance, pbx="files") as address:
        report = audited(lighthouse, f"{address}{path}", cookie, tmp_path, "accessibility,best-practices")
    assert report["finalDisplayedUrl"].endswith(path)
    failed = [name for name, audit in report["audits"].items() if audit["score"] is not None and audit["score"] < 1]
    scores = {name: category["score"] for name, category in report["categories"].items()}
    assert scores == {"accessibility": 1, "best-practices": 1}, failed
